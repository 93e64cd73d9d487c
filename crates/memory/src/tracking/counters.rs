//! Tracking that is on: one counter triple per tag and one for padding, written by the arena's single owner and readable
//! from any thread.

#[cfg(feature = "allocation-log")]
use super::log::{Log, LogMark};
#[cfg(not(feature = "allocation-log"))]
use super::no_log::{Log, LogMark};
use super::{LoggedHere, Site, TagUsage};
use crate::allocation::{Allocation, LogUsage};
use crate::tag::{TAGS_MAX, Tag};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Whom an allocation is charged to.
#[derive(Clone, Copy)]
pub(crate) struct Owner(u8);

impl Owner {
    #[inline(always)]
    pub(crate) const fn of(tag: Tag) -> Owner {
        Owner(tag.index() as u8)
    }

    #[cfg(feature = "allocation-log")]
    #[inline(always)]
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn name(self, own: &'static [Tag]) -> Option<&'static str> {
        Some(Tag::at(usize::from(self.0), own).name())
    }
}

#[derive(Clone, Copy, Default)]
struct Held {
    bytes: usize,
    count: usize,
}

/// What a scope restores when it ends.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot {
    log: LogMark,
    padding: usize,
    tags: [Held; TAGS_MAX],
}

struct Counter {
    bytes: AtomicUsize,
    count: AtomicUsize,
    peak: AtomicUsize,
}

/// An arena's counters.
pub(crate) struct Counters {
    padding: AtomicUsize,
    tags: [Counter; TAGS_MAX],
    log: Log,
}

/// Adds without a locked instruction: there is one writer.
#[inline(always)]
fn add(counter: &AtomicUsize, amount: usize) -> usize {
    let sum = counter.load(Relaxed).wrapping_add(amount);
    counter.store(sum, Relaxed);
    sum
}

impl Counters {
    pub(crate) const fn new(log_max: usize) -> Counters {
        Counters {
            log: Log::new(log_max),
            padding: AtomicUsize::new(0),
            tags: [const { Counter { bytes: AtomicUsize::new(0), count: AtomicUsize::new(0), peak: AtomicUsize::new(0) } };
                TAGS_MAX],
        }
    }

    #[inline(always)]
    fn counter(&self, owner: Owner) -> &Counter {
        // A tag's index is below TAGS_MAX, a power of two: the mask spares the bounds check.
        &self.tags[usize::from(owner.0) & (TAGS_MAX - 1)]
    }

    #[inline(always)]
    fn charge(counter: &Counter, bytes: usize) {
        let held = add(&counter.bytes, bytes);
        if held > counter.peak.load(Relaxed) {
            counter.peak.store(held, Relaxed);
        }
    }

    /// A block of `size` bytes at `block`, after and before which `padding` bytes in all are lost.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn allocated(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        let counter = self.counter(owner);
        Self::charge(counter, size);
        add(&counter.count, 1);
        // Known to be none where the size is known and a multiple of the alignment: two instructions less.
        if padding != 0 {
            add(&self.padding, padding);
        }
        self.log.allocated(owner, block, size, padding);
    }

    /// As `allocated`, of what a cursor held ahead: of what counted as padding so far, only the block's own stays.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn lent(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        let counter = self.counter(owner);
        Self::charge(counter, size);
        add(&counter.count, 1);
        add(&self.padding, size.wrapping_neg());
        self.log.lent(owner, block, size, padding);
    }

    #[inline(always)]
    pub(crate) fn freed(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        let counter = self.counter(owner);
        add(&counter.bytes, size.wrapping_neg());
        add(&counter.count, usize::MAX);
        add(&self.padding, padding.wrapping_neg());
        self.log.freed(block, size, padding);
    }

    /// The block was and is of so many bytes, with so much padding after it.
    #[inline(always)]
    pub(crate) fn resized(&self, owner: Owner, block: *mut u8, from: [usize; 2], to: [usize; 2]) {
        Self::charge(self.counter(owner), to[0].wrapping_sub(from[0]));
        add(&self.padding, to[1].wrapping_sub(from[1]));
        self.log.resized(block, from, to);
    }

    /// The line that the block, the last that was granted or grown, is logged for: one that [`Counters::logged_here`]
    /// named, else `known`.
    #[inline(always)]
    pub(crate) fn log_site(&self, block: *mut u8, known: Site) {
        self.log.site(block, known);
    }

    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn logged_here(&self) -> LoggedHere<'_> {
        self.log.logged_here()
    }

    /// Bytes that a cursor took and has not lent yet.
    pub(crate) fn held_ahead(&self, bytes: usize) {
        add(&self.padding, bytes);
        self.log.held_ahead(bytes);
    }

    /// Bytes that a cursor did not lend.
    pub(crate) fn gave_back(&self, bytes: usize) {
        add(&self.padding, bytes.wrapping_neg());
        self.log.gave_back(bytes);
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut tags = [Held::default(); TAGS_MAX];
        for (held, counter) in tags.iter_mut().zip(&self.tags) {
            *held = Held { bytes: counter.bytes.load(Relaxed), count: counter.count.load(Relaxed) };
        }
        Snapshot { log: self.log.mark(), padding: self.padding.load(Relaxed), tags }
    }

    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        self.log.restore(snapshot.log);
        self.padding.store(snapshot.padding, Relaxed);
        for (held, counter) in snapshot.tags.iter().zip(&self.tags) {
            counter.bytes.store(held.bytes, Relaxed);
            counter.count.store(held.count, Relaxed);
        }
    }

    pub(crate) fn clear(&self) {
        self.log.clear();
        self.padding.store(0, Relaxed);
        for counter in &self.tags {
            counter.bytes.store(0, Relaxed);
            counter.count.store(0, Relaxed);
        }
    }

    pub(crate) fn allocations(
        &self,
        start: *mut u8,
        own: &'static [Tag],
    ) -> impl Iterator<Item = Allocation> + Clone + use<'_> {
        self.log.allocations(start, own)
    }

    pub(crate) fn log_usage(&self) -> Option<LogUsage> {
        self.log.usage()
    }

    pub(crate) fn padding(&self) -> Option<usize> {
        Some(self.padding.load(Relaxed))
    }

    pub(crate) fn tag(&self, index: usize) -> TagUsage {
        let counter = &self.tags[index];
        TagUsage {
            bytes: counter.bytes.load(Relaxed),
            peak: counter.peak.load(Relaxed),
            count: counter.count.load(Relaxed),
        }
    }
}
