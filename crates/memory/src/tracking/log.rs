//! The log: each live block of an arena, in an arena of the log's own.
//!
//! # Invariants
//! 1. Entries lie in a row, oldest first, in a reservation that grows in place and is given back with the arena; `next` is
//!    one past the last. Those of blocks with bytes rise by address.
//! 2. One writer, as the arena has; its stores are relaxed atomics, and that of `next` is a release, so that a report on
//!    another thread reads entries that were written (of a block that comes or goes meanwhile, parts of two).
//! 3. A log that is full, or that the system refuses memory, counts what it can't list: it fails no allocation. It asks again
//!    when the arena's life begins anew.

use super::Owner;
use crate::allocation::{Allocation, LogUsage};
use crate::arena::{Arena, ArenaConfig};
use crate::backing::PagePolicy;
use crate::header::Header;
use crate::tag::Tag;
use core::alloc::Layout;
use core::panic::Location;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};

/// Entries that are taken from the log's arena at once.
const CHUNK: usize = 1_024;
/// How many low bits of `Entry::padding_and_tag` are the tag.
const TAG_BITS: u32 = 8;

/// A line of the caller's.
#[derive(Clone, Copy)]
pub(crate) struct Site(&'static Location<'static>);

impl Site {
    #[inline(always)]
    #[track_caller]
    pub(crate) fn here() -> Site {
        Site(Location::caller())
    }
}

/// A live block.
pub(crate) struct Entry {
    address: AtomicUsize,
    size: AtomicUsize,
    padding_and_tag: AtomicUsize,
    site: AtomicPtr<Location<'static>>,
}

impl Entry {
    pub(crate) fn address(&self) -> usize {
        self.address.load(Relaxed)
    }
    pub(crate) fn size(&self) -> usize {
        self.size.load(Relaxed)
    }
    pub(crate) fn padding(&self) -> usize {
        self.padding_and_tag.load(Relaxed) >> TAG_BITS
    }
    pub(crate) fn tag(&self) -> usize {
        self.padding_and_tag.load(Relaxed) & ((1 << TAG_BITS) - 1)
    }
    pub(crate) fn site(&self) -> Option<&'static Location<'static>> {
        // SAFETY:
        // - null (memory as the system gave it), or stored from a reference for ever.
        unsafe { self.site.load(Relaxed).as_ref() }
    }

    #[inline(always)]
    fn set_padding(&self, padding: usize, tag: usize) {
        self.padding_and_tag.store(padding << TAG_BITS | tag, Relaxed);
    }

    fn copy_from(&self, other: &Entry) {
        self.address.store(other.address(), Relaxed);
        self.size.store(other.size(), Relaxed);
        self.padding_and_tag.store(other.padding_and_tag.load(Relaxed), Relaxed);
        self.site.store(other.site.load(Relaxed), Relaxed);
    }
}

/// What a scope restores when it ends.
#[derive(Clone, Copy)]
pub(crate) struct LogMark {
    /// In bytes, so that no division is needed to find it.
    entries_bytes: usize,
    unowned: usize,
    missed_count: usize,
    missed_bytes: usize,
}

/// An arena's log.
pub(crate) struct Log {
    next: AtomicPtr<Entry>,
    /// One past the last entry that there is room for so far.
    end: AtomicPtr<Entry>,
    first: AtomicPtr<Entry>,
    /// Bytes in use that belong to no block: what cursors hold ahead or were forgotten with, and gaps in front of blocks
    /// that were given back.
    unowned: AtomicUsize,
    /// Blocks, and their bytes with padding, that the log had no room for.
    missed_count: AtomicUsize,
    missed_bytes: AtomicUsize,
    /// The line that collections allocate for, while one is named.
    site: AtomicPtr<Location<'static>>,
    entries_max: usize,
    /// The log's own arena; null until the first block.
    arena: AtomicPtr<Header>,
    is_refused: AtomicBool,
}

#[inline(always)]
fn add(counter: &AtomicUsize, amount: usize) {
    counter.store(counter.load(Relaxed).wrapping_add(amount), Relaxed);
}

impl Log {
    pub(crate) const fn new(entries_max: usize) -> Log {
        Log {
            next: AtomicPtr::new(ptr::null_mut()),
            end: AtomicPtr::new(ptr::null_mut()),
            first: AtomicPtr::new(ptr::null_mut()),
            unowned: AtomicUsize::new(0),
            missed_count: AtomicUsize::new(0),
            missed_bytes: AtomicUsize::new(0),
            site: AtomicPtr::new(ptr::null_mut()),
            entries_max,
            arena: AtomicPtr::new(ptr::null_mut()),
            is_refused: AtomicBool::new(false),
        }
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn allocated(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        let mut next = self.next.load(Relaxed);
        if next == self.end.load(Relaxed) {
            if !self.grow() {
                return self.missed(1, size + padding);
            }
            next = self.next.load(Relaxed);
        }
        // SAFETY:
        // - below `end`, so inside the log's arena, aligned, and zeroed or written: a valid entry.
        let entry = unsafe { &*next };
        entry.address.store(block.addr(), Relaxed);
        entry.size.store(size, Relaxed);
        entry.set_padding(padding, owner.index());
        entry.site.store(ptr::from_ref(Location::caller()).cast_mut(), Relaxed);
        self.next.store(next.wrapping_add(1), Release);
    }

    /// As `allocated`, of what a cursor held ahead.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn lent(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        add(&self.unowned, (size + padding).wrapping_neg());
        self.allocated(owner, block, size, padding);
    }

    #[cold]
    fn missed(&self, count: usize, bytes: usize) {
        add(&self.missed_count, count);
        add(&self.missed_bytes, bytes);
    }

    /// Makes room for more entries; `false` where there is none to be had.
    #[cold]
    #[inline(never)]
    fn grow(&self) -> bool {
        if self.is_refused.load(Relaxed) {
            return false;
        }
        #[cfg(feature = "faults")]
        let grown = crate::faults::for_log(|| self.try_grow());
        #[cfg(not(feature = "faults"))]
        let grown = self.try_grow();
        self.is_refused.store(!grown, Relaxed);
        grown
    }

    fn try_grow(&self) -> bool {
        let len = self.len();
        let more = CHUNK.min(self.entries_max.saturating_sub(len));
        if more == 0 {
            return false;
        }
        let Some(header) = NonNull::new(self.arena.load(Relaxed)).or_else(|| self.open()) else { return false };
        let Ok(layout) = Layout::array::<Entry>(more) else { return false };
        // SAFETY:
        // - the log's arena lives until the log is dropped, and only the log's one writer allocates there.
        let Ok(chunk) = unsafe { header.as_ref() }.claim(layout, Owner::of(Tag::REPORT)) else {
            return false;
        };
        let chunk = chunk.cast::<Entry>().as_ptr();
        if self.first.load(Relaxed).is_null() {
            self.next.store(chunk, Relaxed);
            self.first.store(chunk, Release);
        }
        // Chunks follow one another: nothing else is in that arena, and their size is a multiple of its alignment.
        self.end.store(chunk.wrapping_add(more), Relaxed);
        true
    }

    /// Reserves the log's arena, smaller where the system has less.
    fn open(&self) -> Option<NonNull<Header>> {
        let bytes = self.entries_max.checked_mul(size_of::<Entry>())?;
        let config = ArenaConfig {
            reserve_bytes_min: bytes.min(CHUNK * size_of::<Entry>()),
            pages: PagePolicy::Small,
            log_max: 0,
            ..ArenaConfig::new("allocation log", bytes)
        };
        let header = Arena::try_reserve_with(&config).ok()?.into_header();
        self.arena.store(header.as_ptr(), Release);
        Some(header)
    }

    /// How many entries there are.
    fn len(&self) -> usize {
        (self.next.load(Relaxed).addr() - self.first.load(Relaxed).addr()) / size_of::<Entry>()
    }

    /// The live blocks that are listed, oldest first. For any thread.
    pub(crate) fn entries(&self) -> &[Entry] {
        let Some(first) = NonNull::new(self.first.load(Acquire)) else { return &[] };
        let end = self.next.load(Acquire).addr();
        // SAFETY:
        // - `[first, next)` lies inside the log's arena, which is never trimmed and lives as long as the log (invariant 1);
        // - all fields are atomics, and their bytes are initialised: by the writer or as zeros by the system.
        unsafe { core::slice::from_raw_parts(first.as_ptr(), (end - first.addr().get()) / size_of::<Entry>()) }
    }

    /// The same for the crate's users; `start` is where the arena's offsets count from.
    pub(crate) fn allocations(
        &self,
        start: *mut u8,
        own: &'static [Tag],
    ) -> impl Iterator<Item = Allocation> + Clone + use<'_> {
        self.entries().iter().map(move |entry| Allocation {
            offset: entry.address().wrapping_sub(start.addr()),
            size: entry.size(),
            padding: entry.padding(),
            tag: Tag::at(entry.tag(), own),
            file: entry.site().map_or("", Location::file),
            line: entry.site().map_or(0, Location::line),
        })
    }

    pub(crate) fn usage(&self) -> Option<LogUsage> {
        // SAFETY:
        // - as in `try_grow`.
        let committed =
            NonNull::new(self.arena.load(Acquire)).map_or(0, |header| unsafe { header.as_ref() }.committed());
        Some(LogUsage {
            listed: self.entries().len(),
            missed: self.missed_count.load(Relaxed),
            missed_bytes: self.missed_bytes.load(Relaxed),
            unowned_bytes: self.unowned.load(Relaxed),
            committed,
        })
    }

    /// The entry of a live block; `None` where the log had no room for it.
    #[inline]
    fn find(&self, block: *mut u8, size: usize) -> Option<usize> {
        let entries = self.entries();
        let is_it = |entry: &Entry| entry.address() == block.addr() && entry.size() == size;
        match entries.last() {
            Some(last) if is_it(last) => Some(entries.len() - 1),
            _ => Self::search(entries, block, size, is_it),
        }
    }

    #[cold]
    fn search(entries: &[Entry], block: *mut u8, size: usize, is_it: impl Fn(&Entry) -> bool) -> Option<usize> {
        // Blocks with bytes rise by address (invariant 1), so those that lie lower are older than this one.
        let is_older = |entry: &Entry| size > 0 && entry.size() > 0 && entry.address() < block.addr();
        entries
            .iter()
            .enumerate()
            .rev()
            .take_while(|(_, entry)| !is_older(entry))
            .find(|(_, e)| is_it(e))
            .map(|(i, _)| i)
    }

    /// The block was given back; `padding` is what lay after it.
    pub(crate) fn freed(&self, block: *mut u8, size: usize, padding: usize) {
        let Some(at) = self.find(block, size) else {
            return self.missed(usize::MAX, (size + padding).wrapping_neg());
        };
        let entries = self.entries();
        // What lay in front of it, for its alignment, stays behind.
        add(&self.unowned, entries[at].padding() - padding);
        for index in at + 1..entries.len() {
            entries[index - 1].copy_from(&entries[index]);
        }
        self.next.store(self.next.load(Relaxed).wrapping_sub(1), Release);
    }

    /// The block was and is of so many bytes, with so much padding after it.
    pub(crate) fn resized(&self, block: *mut u8, [size, padding]: [usize; 2], [new_size, new_padding]: [usize; 2]) {
        let Some(at) = self.find(block, size) else {
            return self.missed(0, (new_size + new_padding).wrapping_sub(size + padding));
        };
        let entry = &self.entries()[at];
        entry.size.store(new_size, Relaxed);
        entry.set_padding(entry.padding() - padding + new_padding, entry.tag());
    }

    pub(crate) fn held_ahead(&self, bytes: usize) {
        add(&self.unowned, bytes);
    }

    pub(crate) fn gave_back(&self, bytes: usize) {
        add(&self.unowned, bytes.wrapping_neg());
    }

    #[inline]
    pub(crate) fn mark(&self) -> LogMark {
        LogMark {
            entries_bytes: self.next.load(Relaxed).addr() - self.first.load(Relaxed).addr(),
            unowned: self.unowned.load(Relaxed),
            missed_count: self.missed_count.load(Relaxed),
            missed_bytes: self.missed_bytes.load(Relaxed),
        }
    }

    #[inline]
    pub(crate) fn restore(&self, mark: LogMark) {
        let first = self.first.load(Relaxed);
        if !first.is_null() {
            let next = first.wrapping_byte_add(mark.entries_bytes);
            self.next.store(next.min(self.next.load(Relaxed)), Release);
        }
        self.unowned.store(mark.unowned, Relaxed);
        self.missed_count.store(mark.missed_count, Relaxed);
        self.missed_bytes.store(mark.missed_bytes, Relaxed);
    }

    pub(crate) fn clear(&self) {
        self.restore(LogMark { entries_bytes: 0, unowned: 0, missed_count: 0, missed_bytes: 0 });
        self.is_refused.store(false, Relaxed);
    }

    /// Sets the line of the block, the last that was granted or grown.
    #[inline]
    pub(crate) fn site(&self, block: *mut u8, known: Site) {
        let named = self.site.load(Relaxed);
        let site = if named.is_null() { ptr::from_ref(known.0).cast_mut() } else { named };
        if let Some(last) = self.entries().last().filter(|last| last.address() == block.addr()) {
            last.site.store(site, Relaxed);
        }
    }

    #[inline]
    #[track_caller]
    pub(crate) fn logged_here(&self) -> LoggedHere<'_> {
        let is_outermost = self.site.load(Relaxed).is_null();
        if is_outermost {
            self.site.store(ptr::from_ref(Location::caller()).cast_mut(), Relaxed);
        }
        LoggedHere { log: self, is_outermost }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(header) = NonNull::new(*self.arena.get_mut()) {
            drop(Arena::owning(header));
        }
    }
}

/// Names the line that collections allocate for, unless one around it does already.
pub(crate) struct LoggedHere<'l> {
    log: &'l Log,
    is_outermost: bool,
}

impl Drop for LoggedHere<'_> {
    fn drop(&mut self) {
        if self.is_outermost {
            self.log.site.store(ptr::null_mut(), Relaxed);
        }
    }
}
