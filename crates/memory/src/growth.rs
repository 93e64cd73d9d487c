//! Growth checks: whether a piece of work left memory behind, and where it was asked for. For tests.

use crate::arena::{Arena, ArenaConfig};
use crate::backing::PagePolicy;
use crate::counting_heap::heap_usage;
use crate::error::MemoryError;
use crate::map::ArenaMap;
use crate::scope::Scope;
use crate::size::Bytes;
use crate::tag::{TAGS_MAX, Tag};
use crate::tagged::Tagged;
use crate::tracking::{TRACKING, TagUsage};
use crate::vec::ArenaVec;
use crate::view::ArenaView;
use core::fmt;
use core::ptr::NonNull;

/// Address space for the figures of a check.
const RESERVE_BYTES: usize = 1 << 30;

/// Runs work and compares what arenas hold before and after.
///
/// ```
/// use voltrum_memory::{Arena, GrowthCheck, GrowthError, Tag};
///
/// let mut arena = Arena::try_reserve("scene", 1 << 20)?;
/// let mut scope = arena.open();
/// let views = [scope.view()];
/// let check = GrowthCheck::of(&views);
///
/// let sum = check.run(|| scope.temp().alloc_iter(0..10).iter().sum::<i32>()); // gone with the temp
/// assert_eq!(sum.ok(), Some(45));
///
/// let leak = check.run(|| scope.tagged(Tag::SCENE).alloc([0u8; 64]).len());
/// let Err(GrowthError::Grew(growth)) = leak else { panic!("64 bytes stayed") };
/// assert_eq!((growth.rows()[0].arena, growth.rows()[0].bytes), ("scene", 64));
/// println!("{growth}"); // with feature `allocation-log`: file and line
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// Bytes by tag must not rise, nor padding (but where it is what a block left that shrank), in any arena of the views and any child; what was taken and given back in between
/// is no growth. Work that fills caches runs once before it is checked. Where tracking is off, each arena's use counts.
#[derive(Clone, Copy)]
pub struct GrowthCheck<'v> {
    views: &'v [ArenaView<'v>],
    has_heap: bool,
}

/// Why a check did not pass.
#[derive(Debug)]
pub enum GrowthError {
    /// Memory grew.
    Grew(Growth),
    /// The check itself could not get memory for its figures.
    Memory(MemoryError),
}

/// What grew.
pub struct Growth {
    rows: NonNull<[Grown<'static>]>,
    /// The rows lie here.
    _arena: Arena<'static>,
}

/// A tag, in one arena, that holds more than before.
#[derive(Clone, Copy, Debug)]
pub struct Grown<'g> {
    /// The arena's name, after those of the arenas that it is carved from: `scene/decoder`; `Rust heap`.
    pub arena: &'g str,
    /// The tag's name, or `padding`; `bytes` where tracking is off.
    pub tag: &'static str,
    /// Bytes more than before.
    pub bytes: usize,
    /// Allocations more than before; negative where more went.
    pub count: isize,
    /// Where they were asked for, the most bytes first; empty without feature `allocation-log`.
    pub sites: &'g [GrownAt],
}

/// A line that holds more than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrownAt {
    /// The file.
    pub file: &'static str,
    /// The line in it, from 1.
    pub line: u32,
    /// Bytes more than before.
    pub bytes: usize,
    /// Allocations more than before; negative where more went.
    pub count: isize,
}

// SAFETY:
// - the rows are plain data in an arena that the value owns; nobody writes them.
unsafe impl Send for Growth {}
// SAFETY:
// - as above.
unsafe impl Sync for Growth {}

impl Growth {
    /// What grew: arenas in the order of the views, tags by index.
    pub fn rows(&self) -> &[Grown<'_>] {
        // SAFETY:
        // - the rows and what they name lie in the arena, which this value owns and never opens again; they are given out
        //   for a borrow of this value only.
        unsafe { self.rows.as_ref() }
    }

    /// Bytes that were added in all.
    pub fn bytes(&self) -> usize {
        self.rows().iter().map(|row| row.bytes).sum()
    }
}

impl fmt::Debug for Growth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.rows()).finish()
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "memory grew by {}; free it in the work, or run the work once before the check",
            Bytes(self.bytes())
        )?;
        for row in self.rows() {
            write!(out, "\n    {}: {} +{}, {:+} allocations", row.arena, row.tag, Bytes(row.bytes), row.count)?;
            for at in row.sites {
                write!(out, "\n        {}:{}: +{}, {:+} allocations", at.file, at.line, Bytes(at.bytes), at.count)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for GrowthError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GrowthError::Grew(growth) => growth.fmt(out),
            GrowthError::Memory(error) => write!(out, "memory could not be checked for growth: {error}"),
        }
    }
}

impl core::error::Error for GrowthError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            GrowthError::Grew(_) => None,
            GrowthError::Memory(error) => Some(error),
        }
    }
}

impl From<MemoryError> for GrowthError {
    fn from(error: MemoryError) -> GrowthError {
        GrowthError::Memory(error)
    }
}

/// Runs `work` and gives its result; see [`GrowthCheck`].
///
/// ```
/// # let mut arena = voltrum_memory::Arena::try_reserve("frame", 1 << 20)?;
/// let mut frame = arena.open();
/// let views = [frame.view()];
/// for _ in 0..3 {
///     voltrum_memory::assert_no_growth(&views, || frame.temp().alloc([0u8; 4_096]).len());
/// }
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// # Panics
/// When the arenas behind `views` hold more after the work: with the growth's text.
#[track_caller]
pub fn assert_no_growth<R>(views: &[ArenaView<'_>], work: impl FnOnce() -> R) -> R {
    match GrowthCheck::of(views).run(work) {
        Ok(result) => result,
        Err(error) => fail(&error),
    }
}

#[cold]
#[track_caller]
#[allow(clippy::panic, reason = "the documented behaviour of an assertion")]
fn fail(error: &GrowthError) -> ! {
    panic!("{error}")
}

impl<'v> GrowthCheck<'v> {
    /// Checks the arenas behind `views` and their children. Views stay usable while an open arena is used:
    /// [`Scope::view`], [`Arena::watched`].
    pub fn of(views: &'v [ArenaView<'v>]) -> GrowthCheck<'v> {
        GrowthCheck { views, has_heap: false }
    }

    /// Checks the Rust heap too, where a [`crate::CountingHeap`] is installed. It is the whole process's: other threads'
    /// growth counts.
    ///
    /// ```
    /// use voltrum_memory::GrowthCheck;
    ///
    /// let outcome = GrowthCheck::of(&[]).with_heap().run(|| drop(vec![0u8; 1_000]));
    /// assert!(outcome.is_ok());
    /// ```
    #[must_use]
    pub fn with_heap(self) -> GrowthCheck<'v> {
        GrowthCheck { has_heap: true, ..self }
    }

    /// Runs `work`; its result where nothing grew.
    ///
    /// # Errors
    /// [`GrowthError::Grew`] with what grew; [`GrowthError::Memory`] where there is no memory for the figures.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> Result<R, GrowthError> {
        let config = ArenaConfig {
            reserve_bytes_min: 1 << 20,
            pages: PagePolicy::Small,
            log_max: 0,
            ..ArenaConfig::new("growth check", RESERVE_BYTES)
        };
        let mut arena = Arena::try_reserve_with(&config)?;
        let scope = arena.open();
        let mut figures = Figures::new_in(&scope);
        figures.read(self, 0)?;
        let result = work();
        figures.read(self, 1)?;
        let rows = figures.try_rows(scope.tagged(Tag::REPORT))?;
        if rows.is_empty() {
            return Ok(result);
        }
        // The rows lose their lifetime here and get that of the growth's borrow in `Growth::rows`.
        let len = rows.len();
        let rows = NonNull::slice_from_raw_parts(NonNull::from(rows).cast(), len);
        drop(scope);
        Err(GrowthError::Grew(Growth { rows, _arena: arena }))
    }
}

/// Bytes and count, before and after.
#[derive(Clone, Copy, Default)]
struct Sum {
    bytes: [usize; 2],
    count: [usize; 2],
}

impl Sum {
    fn add(&mut self, at: usize, bytes: usize, count: usize) {
        self.bytes[at] += bytes;
        self.count[at] += count;
    }

    /// Bytes and allocations more than before, where there are more bytes.
    fn grown(&self) -> Option<(usize, isize)> {
        let bytes = self.bytes[1].checked_sub(self.bytes[0]).filter(|bytes| *bytes > 0)?;
        Some((bytes, self.count[1].wrapping_sub(self.count[0]).cast_signed()))
    }
}

/// An arena among those that were read: several of one path are one.
#[derive(Clone, Copy)]
struct Place {
    parent: Option<usize>,
    name: &'static str,
}

/// In place of a tag's index.
const PADDING: usize = TAGS_MAX;
const USED: usize = TAGS_MAX + 1;

/// A place's index and a tag's.
type Key = (usize, usize);

struct Figures<'s> {
    places: ArenaVec<'s, Place>,
    sums: ArenaMap<'s, Key, (&'static str, Sum)>,
    sites: ArenaMap<'s, (Key, &'static str, u32), Sum>,
}

impl<'s> Figures<'s> {
    fn new_in(scope: &'s Scope<'_>) -> Figures<'s> {
        let memory = scope.tagged(Tag::REPORT);
        Figures { places: ArenaVec::new_in(memory), sums: ArenaMap::new_in(memory), sites: ArenaMap::new_in(memory) }
    }

    /// Reads all figures: `at` is 0 before the work, 1 after it.
    fn read(&mut self, check: &GrowthCheck<'_>, at: usize) -> Result<(), MemoryError> {
        for view in check.views {
            self.read_arena(view, None, at)?;
        }
        if let Some(heap) = heap_usage().filter(|_| check.has_heap) {
            let place = self.place(None, "Rust heap")?;
            let mut result = Ok(());
            heap.each_tag(|tag, usage| {
                if result.is_ok() {
                    result = self.add_tag(place, tag, usage, at);
                }
            });
            result?;
        }
        Ok(())
    }

    fn read_arena(&mut self, view: &ArenaView<'_>, parent: Option<usize>, at: usize) -> Result<(), MemoryError> {
        let place = self.place(parent, view.name())?;
        let mut result = Ok(());
        view.each_tag(|tag, usage| {
            if result.is_ok() {
                result = self.add_tag(place, tag, usage, at);
            }
        });
        result?;
        self.add((place, USED), "bytes", view.used_here(), 0, at)?;
        self.add((place, PADDING), "padding", view.padding().unwrap_or(0), 0, at)?;
        for block in view.allocations() {
            let key = ((place, block.tag.index()), block.file, block.line);
            self.sites.try_get_or_insert_with(key, Sum::default)?.add(at, block.size, 1);
        }
        let mut result = Ok(());
        view.each_child(|child| {
            if result.is_ok() {
                result = self.read_arena(&child, Some(place), at);
            }
        });
        result
    }

    fn place(&mut self, parent: Option<usize>, name: &'static str) -> Result<usize, MemoryError> {
        if let Some(known) = self.places.iter().position(|place| place.parent == parent && place.name == name) {
            return Ok(known);
        }
        self.places.try_push(Place { parent, name })?;
        Ok(self.places.len() - 1)
    }

    fn add_tag(&mut self, place: usize, tag: Tag, usage: TagUsage, at: usize) -> Result<(), MemoryError> {
        self.add((place, tag.index()), tag.name(), usage.bytes, usage.count, at)
    }

    fn add(&mut self, key: Key, name: &'static str, bytes: usize, count: usize, at: usize) -> Result<(), MemoryError> {
        self.sums.try_get_or_insert_with(key, || (name, Sum::default()))?.1.add(at, bytes, count);
        Ok(())
    }

    fn path<'g>(&self, place: usize, memory: Tagged<'g>) -> Result<&'g str, MemoryError> {
        let Place { parent, name } = self.places[place];
        match parent {
            None => Ok(name),
            Some(parent) => Ok(memory.try_alloc_fmt(format_args!("{}/{name}", self.path(parent, memory)?))?),
        }
    }

    fn sites_of<'g>(&self, key: Key, memory: Tagged<'g>) -> Result<&'g [GrownAt], MemoryError> {
        let mut sites = ArenaVec::new_in(memory);
        for ((of, file, line), sum) in &self.sites {
            if let Some((bytes, count)) = sum.grown().filter(|_| *of == key) {
                sites.try_push(GrownAt { file, line: *line, bytes, count })?;
            }
        }
        sites.sort_unstable_by_key(|at| (usize::MAX - at.bytes, at.file, at.line));
        Ok(sites.into_slice())
    }

    /// Whether a figure is growth of its own. Padding may rise where a block shrinks: it counts where the arena's use rose.
    fn counts(&self, key: Key) -> bool {
        let grew = |key| self.sums.get(&key).is_some_and(|(_, sum)| sum.grown().is_some());
        match key {
            (_, USED) => !TRACKING && grew(key),
            (place, PADDING) => grew(key) && grew((place, USED)),
            key => grew(key),
        }
    }

    fn try_rows<'g>(&self, memory: Tagged<'g>) -> Result<&'g mut [Grown<'g>], MemoryError> {
        let mut keys = ArenaVec::new_in(memory);
        keys.try_extend(self.sums.keys().copied().filter(|key| self.counts(*key)))?;
        keys.sort_unstable();
        let mut rows = ArenaVec::try_with_capacity_in(keys.len(), memory)?;
        for key in &*keys {
            let Some((tag, sum)) = self.sums.get(key) else { continue };
            let Some((bytes, count)) = sum.grown() else { continue };
            let (arena, sites) = (self.path(key.0, memory)?, self.sites_of(*key, memory)?);
            rows.try_push(Grown { arena, tag, bytes, count, sites })?;
        }
        Ok(rows.into_slice())
    }
}
