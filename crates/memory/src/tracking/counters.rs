//! Tracking that is on: one counter triple per tag and one for padding, written by the arena's single owner and readable
//! from any thread.

#[cfg(feature = "allocation-log")]
use super::log::{Log, LogMark};
#[cfg(not(feature = "allocation-log"))]
use super::no_log::{Log, LogMark};
use super::{LoggedHere, Site, TagUsage};
use crate::allocation::{Allocation, LogUsage};
use crate::tag::{TAGS_MAX, Tag};
use core::cell::Cell;
use core::mem::MaybeUninit;
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
    /// Of the tags named by these bits only are there figures: a snapshot costs as much as its arena has tags.
    in_use: u64,
    tags: [MaybeUninit<Held>; TAGS_MAX],
}

struct Counter {
    bytes: AtomicUsize,
    count: AtomicUsize,
    /// Of before `bytes` last fell: rising costs no comparison.
    peak: AtomicUsize,
}

impl Counter {
    #[inline]
    fn note_peak(&self) {
        self.peak.store(self.peak.load(Relaxed).max(self.bytes.load(Relaxed)), Relaxed);
    }

    #[inline]
    fn lower(&self, to: Held) {
        self.note_peak();
        self.bytes.store(to.bytes, Relaxed);
        self.count.store(to.count, Relaxed);
    }
}

/// An arena's counters.
pub(crate) struct Counters {
    padding: AtomicUsize,
    /// A bit for each tag that a handle was made for. The others hold nothing that a scope could have to restore. The writer's
    /// own.
    in_use: Cell<u64>,
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

const _: () = assert!(TAGS_MAX == u64::BITS as usize);

/// The indices of the bits that are set.
#[inline(always)]
fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let index = set.trailing_zeros() as usize;
        set &= set.wrapping_sub(1);
        (index < TAGS_MAX).then_some(index)
    })
}

impl Counters {
    pub(crate) const fn new(log_max: usize) -> Counters {
        Counters {
            log: Log::new(log_max),
            padding: AtomicUsize::new(0),
            in_use: Cell::new(1),
            tags: [const { Counter { bytes: AtomicUsize::new(0), count: AtomicUsize::new(0), peak: AtomicUsize::new(0) } };
                TAGS_MAX],
        }
    }

    #[inline(always)]
    fn counter(&self, owner: Owner) -> &Counter {
        // A tag's index is below TAGS_MAX, a power of two: the mask spares the bounds check.
        &self.tags[usize::from(owner.0) & (TAGS_MAX - 1)]
    }

    /// A handle charges this owner from here on.
    #[inline(always)]
    pub(crate) fn uses(&self, owner: Owner) {
        let all = self.in_use.get() | 1 << (usize::from(owner.0) & (TAGS_MAX - 1));
        if owner.0 != 0 {
            self.in_use.set(all);
        }
    }

    /// A block of `size` bytes at `block`, after and before which `padding` bytes in all are lost.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn allocated(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        let counter = self.counter(owner);
        add(&counter.bytes, size);
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
        add(&counter.bytes, size);
        add(&counter.count, 1);
        add(&self.padding, size.wrapping_neg());
        self.log.lent(owner, block, size, padding);
    }

    #[inline(always)]
    pub(crate) fn freed(&self, owner: Owner, block: *mut u8, size: usize, padding: usize) {
        let counter = self.counter(owner);
        counter.note_peak();
        add(&counter.bytes, size.wrapping_neg());
        add(&counter.count, usize::MAX);
        add(&self.padding, padding.wrapping_neg());
        self.log.freed(block, size, padding);
    }

    /// The block was and is of so many bytes, with so much padding after it.
    #[inline(always)]
    pub(crate) fn resized(&self, owner: Owner, block: *mut u8, from: [usize; 2], to: [usize; 2]) {
        let counter = self.counter(owner);
        if to[0] < from[0] {
            counter.note_peak();
        }
        add(&counter.bytes, to[0].wrapping_sub(from[0]));
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

    #[inline]
    pub(crate) fn snapshot(&self) -> Snapshot {
        let in_use = self.in_use.get();
        let mut tags = [const { MaybeUninit::uninit() }; TAGS_MAX];
        for index in bits(in_use) {
            let counter = &self.tags[index];
            tags[index].write(Held { bytes: counter.bytes.load(Relaxed), count: counter.count.load(Relaxed) });
        }
        Snapshot { log: self.log.mark(), padding: self.padding.load(Relaxed), in_use, tags }
    }

    #[inline]
    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        self.log.restore(snapshot.log);
        self.padding.store(snapshot.padding, Relaxed);
        for index in bits(self.in_use.get()) {
            let held = if snapshot.in_use & 1 << index == 0 {
                Held::default()
            } else {
                // SAFETY:
                // - `snapshot` wrote those that its `in_use` names.
                unsafe { snapshot.tags[index].assume_init() }
            };
            self.tags[index].lower(held);
        }
    }

    pub(crate) fn clear(&self) {
        self.log.clear();
        self.padding.store(0, Relaxed);
        for counter in &self.tags {
            counter.lower(Held::default());
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
        let bytes = counter.bytes.load(Relaxed);
        TagUsage { bytes, peak: counter.peak.load(Relaxed).max(bytes), count: counter.count.load(Relaxed) }
    }
}
