//! The difference of two reports: what grew and what shrank between them. Takes no memory of its own.
//!
//! # Invariants
//! 1. Arenas are the same where their names and their parents' are; several of one path are summed.

use super::{ArenaReport, MemoryReport, TagReport};
use crate::size::Bytes;
use core::fmt;

/// Two reports next to each other. Made by [`MemoryReport::since`].
#[derive(Clone, Copy)]
pub struct Difference<'r> {
    before: &'r MemoryReport<'r>,
    after: &'r MemoryReport<'r>,
}

/// Whose figure changed.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'r> {
    /// An arena.
    Arena(ArenaPath<'r>),
    /// The Rust heap.
    RustHeap,
    /// GPU memory.
    Gpu,
    /// The whole process.
    Process,
}

/// Which figure of it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// What a tag holds; of an arena, without its children.
    Tag(&'static str),
    /// An arena's padding, without its children's.
    Padding,
    /// All that an arena without children, or the Rust heap, or the GPU holds: where nothing is counted by tag.
    Used,
    /// An arena's committed bytes, children included.
    Committed,
    /// The process's resident bytes.
    Resident,
}

/// One figure that changed, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Change<'r> {
    /// Whose.
    pub holder: Holder<'r>,
    /// Which.
    pub quantity: Quantity,
    /// Bytes in the earlier report.
    pub before: usize,
    /// Bytes in the later one.
    pub after: usize,
    /// Allocations in the earlier report; 0 where they are not counted.
    pub count_before: usize,
    /// Allocations in the later one.
    pub count_after: usize,
}

/// An arena among those of a report: its name, after those of the arenas that it is carved from.
#[derive(Clone, Copy)]
pub struct ArenaPath<'r> {
    rows: &'r [ArenaReport<'r>],
    index: usize,
}

impl<'r> ArenaPath<'r> {
    /// The arena's own name.
    pub fn name(&self) -> &'static str {
        self.row().name
    }

    fn row(&self) -> &'r ArenaReport<'r> {
        &self.rows[self.index]
    }

    fn parent(&self) -> Option<ArenaPath<'r>> {
        let depth = self.row().depth.checked_sub(1)?;
        let index = self.rows[..self.index].iter().rposition(|row| row.depth == depth)?;
        Some(ArenaPath { index, ..*self })
    }

    fn is_same(&self, other: &ArenaPath<'_>) -> bool {
        self.row().depth == other.row().depth
            && self.name() == other.name()
            && match (self.parent(), other.parent()) {
                (Some(parent), Some(others)) => parent.is_same(&others),
                (parent, others) => parent.is_none() && others.is_none(),
            }
    }

    /// What the arena uses itself.
    fn used_here(&self) -> usize {
        let depth = self.row().depth;
        let below = self.rows[self.index + 1..].iter().take_while(|row| row.depth > depth);
        self.row().used.saturating_sub(below.filter(|row| row.depth == depth + 1).map(|row| row.used).sum())
    }

    /// The arenas of `rows` that are this one.
    fn twins<'t>(self, rows: &'t [ArenaReport<'t>]) -> impl Iterator<Item = ArenaPath<'t>> + use<'r, 't> {
        (0..rows.len()).map(|index| ArenaPath { rows, index }).filter(move |twin| self.is_same(twin))
    }
}

impl fmt::Display for ArenaPath<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent() {
            write!(out, "{parent}/")?;
        }
        out.write_str(self.name())
    }
}

impl fmt::Debug for ArenaPath<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl fmt::Display for Holder<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Arena(path) => write!(out, "{path} arena"),
            Holder::RustHeap => out.write_str("Rust heap"),
            Holder::Gpu => out.write_str("GPU"),
            Holder::Process => out.write_str("process"),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Quantity::Tag(name) => name,
            Quantity::Padding => "padding",
            Quantity::Used => "used",
            Quantity::Committed => "committed",
            Quantity::Resident => "resident",
        })
    }
}

impl Change<'_> {
    /// Bytes that it grew by; negative where it shrank.
    pub fn bytes(&self) -> isize {
        self.after.wrapping_sub(self.before).cast_signed()
    }

    /// Allocations that came; negative where more went.
    pub fn count(&self) -> isize {
        self.count_after.wrapping_sub(self.count_before).cast_signed()
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, bytes) =
            if self.after < self.before { ('-', self.before - self.after) } else { ('+', self.after - self.before) };
        let Change { quantity, before, after, .. } = self;
        write!(out, "{quantity}: {sign}{} ({} to {})", Bytes(bytes), Bytes(*before), Bytes(*after))?;
        if self.count() != 0 {
            write!(out, ", {:+} allocations", self.count())?;
        }
        Ok(())
    }
}

impl<'a> MemoryReport<'a> {
    /// What changed since an `earlier` report.
    ///
    /// ```
    /// use voltrum_memory::{Arena, MemoryReport, TRACKING, Tag};
    ///
    /// let mut scene = Arena::try_reserve("scene", 1 << 20)?;
    /// let scene = scene.open();
    /// let mut reports = Arena::try_reserve("reports", 1 << 20)?;
    /// let reports = reports.open();
    ///
    /// let before = MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[scene.view()])?;
    /// scene.tagged(Tag::SCENE).try_alloc([0u8; 2_048])?;
    /// let after = MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[scene.view()])?;
    ///
    /// let text = after.since(&before).to_string();
    /// if TRACKING {
    ///     assert_eq!(text.lines().nth(1), Some("    SCENE: +2.0 KiB (0 B to 2.0 KiB), +1 allocations"));
    /// }
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn since<'r>(&'r self, earlier: &'r MemoryReport<'a>) -> Difference<'r> {
        Difference { before: earlier, after: self }
    }
}

fn tag_sum<'t>(lists: impl Iterator<Item = &'t [TagReport]>, name: &str) -> (usize, usize) {
    let of_tag = lists.flatten().filter(|tag| tag.name == name);
    of_tag.fold((0, 0), |(bytes, count), tag| (bytes + tag.bytes, count + tag.count))
}

/// Sends what changed to a visitor.
struct Changes<V> {
    visit: V,
}

impl<'r, V: FnMut(Change<'r>)> Changes<V> {
    fn send(&mut self, holder: Holder<'r>, quantity: Quantity, before: (usize, usize), after: (usize, usize)) {
        let ((before, count_before), (after, count_after)) = (before, after);
        if (before, count_before) != (after, count_after) {
            (self.visit)(Change { holder, quantity, before, after, count_before, count_after });
        }
    }

    fn tags<'t, B, A>(&mut self, holder: Holder<'r>, before: impl Fn() -> B, after: impl Fn() -> A)
    where
        B: Iterator<Item = &'t [TagReport]>,
        A: Iterator<Item = &'t [TagReport]>,
    {
        let names = || after().flatten().chain(before().flatten()).map(|tag| tag.name);
        for (at, name) in names().enumerate() {
            if !names().take(at).any(|earlier| earlier == name) {
                self.send(holder, Quantity::Tag(name), tag_sum(before(), name), tag_sum(after(), name));
            }
        }
    }

    fn arena(&mut self, path: ArenaPath<'r>, before: &'r [ArenaReport<'r>], after: &'r [ArenaReport<'r>]) {
        let holder = Holder::Arena(path);
        let of = |pick: fn(&ArenaPath<'_>) -> usize| {
            let sum = |rows| path.twins(rows).map(|twin| pick(&twin)).sum::<usize>();
            ((sum(before), 0), (sum(after), 0))
        };
        let mut both = path.twins(after).chain(path.twins(before));
        if both.any(|twin| twin.row().padding.is_some()) {
            let tags = |rows| move || path.twins(rows).map(|twin| twin.row().tags);
            self.tags(holder, tags(before), tags(after));
            let (before, after) = of(|twin| twin.row().padding.unwrap_or(0));
            self.send(holder, Quantity::Padding, before, after);
        } else {
            let (before, after) = of(|twin| twin.used_here());
            self.send(holder, Quantity::Used, before, after);
        }
        let (before, after) = of(|twin| twin.row().committed);
        self.send(holder, Quantity::Committed, before, after);
    }
}

impl<'r> Difference<'r> {
    /// Calls `visit` with each figure that changed: arenas in the later report's order, then those that are gone, the Rust
    /// heap, the GPU, the process.
    ///
    /// ```
    /// use voltrum_memory::{MemoryReport, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// # let mut reports = voltrum_memory::Arena::try_reserve("reports", 1 << 20)?;
    /// # let reports = reports.open();
    /// let before = MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[scope.view()])?;
    /// scope.tagged(Tag::SCENE).try_alloc([0u8; 2_048])?;
    /// let after = MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[scope.view()])?;
    /// let mut grown = 0;
    /// after.since(&before).each_change(|change| grown += change.bytes());
    /// assert_eq!(grown, 2_048);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn each_change(&self, visit: impl FnMut(Change<'r>)) {
        let mut changes = Changes { visit };
        let (before, after) = (self.before.arenas, self.after.arenas);
        let paths = |rows: &'r [ArenaReport<'r>]| {
            let all = (0..rows.len()).map(move |index| ArenaPath { rows, index });
            // Of several arenas of one path, the first speaks for all.
            all.filter(move |path| path.twins(rows).next().is_some_and(|first| first.index == path.index))
        };
        paths(after).for_each(|path| changes.arena(path, before, after));
        let gone = paths(before).filter(|path| path.twins(after).next().is_none());
        gone.for_each(|path| changes.arena(path, before, after));

        let heaps = [self.before.heap, self.after.heap].map(Option::unwrap_or_default);
        if heaps.iter().any(|heap| !heap.tags.is_empty()) {
            changes.tags(Holder::RustHeap, || [heaps[0].tags].into_iter(), || [heaps[1].tags].into_iter());
        } else {
            let [before, after] = heaps.map(|heap| (heap.live_bytes, heap.live_count));
            changes.send(Holder::RustHeap, Quantity::Used, before, after);
        }
        let gpus = [self.before.gpu, self.after.gpu].map(Option::unwrap_or_default);
        if gpus.iter().any(|gpu| !gpu.tags.is_empty()) {
            changes.tags(Holder::Gpu, || [gpus[0].tags].into_iter(), || [gpus[1].tags].into_iter());
        } else {
            changes.send(Holder::Gpu, Quantity::Used, (gpus[0].used, 0), (gpus[1].used, 0));
        }
        let [before, after] = [self.before.process, self.after.process].map(Option::unwrap_or_default);
        changes.send(Holder::Process, Quantity::Resident, (before.resident, 0), (after.resident, 0));
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        let mut is_empty = true;
        self.each_change(|_| is_empty = false);
        is_empty
    }
}

/// For people: a heading for each holder, a line for each figure.
impl fmt::Display for Difference<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(out, "nothing changed");
        }
        let mut result = Ok(());
        let mut heading: Option<Holder<'_>> = None;
        self.each_change(|change| {
            let is_new = match (heading, change.holder) {
                (Some(Holder::Arena(last)), Holder::Arena(path)) => !last.is_same(&path),
                (Some(last), holder) => core::mem::discriminant(&last) != core::mem::discriminant(&holder),
                (None, _) => true,
            };
            result = result.and_then(|()| {
                if is_new {
                    writeln!(out, "{}:", change.holder)?;
                }
                writeln!(out, "    {change}")
            });
            heading = Some(change.holder);
        });
        result
    }
}
