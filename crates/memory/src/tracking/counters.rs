//! Tracking that is on: one counter triple per tag and one for padding, written by the arena's single owner and readable
//! from any thread.

use super::TagUsage;
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
}

/// Adds without a locked instruction: there is one writer.
#[inline(always)]
fn add(counter: &AtomicUsize, amount: usize) -> usize {
    let sum = counter.load(Relaxed).wrapping_add(amount);
    counter.store(sum, Relaxed);
    sum
}

impl Counters {
    pub(crate) const fn new() -> Counters {
        Counters {
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

    #[inline(always)]
    pub(crate) fn allocated(&self, owner: Owner, size: usize, padding: usize) {
        let counter = self.counter(owner);
        Self::charge(counter, size);
        add(&counter.count, 1);
        // Known to be none where the size is known and a multiple of the alignment: two instructions less.
        if padding != 0 {
            add(&self.padding, padding);
        }
    }

    #[inline(always)]
    pub(crate) fn freed(&self, owner: Owner, size: usize, padding: usize) {
        let counter = self.counter(owner);
        add(&counter.bytes, size.wrapping_neg());
        add(&counter.count, usize::MAX);
        add(&self.padding, padding.wrapping_neg());
    }

    #[inline(always)]
    pub(crate) fn resized(&self, owner: Owner, from: usize, to: usize, padding_from: usize, padding_to: usize) {
        Self::charge(self.counter(owner), to.wrapping_sub(from));
        add(&self.padding, padding_to.wrapping_sub(padding_from));
    }

    /// Bytes that a cursor took and has not lent yet.
    pub(crate) fn held_ahead(&self, bytes: usize) {
        add(&self.padding, bytes);
    }

    /// Bytes that a cursor did not lend.
    pub(crate) fn gave_back(&self, bytes: usize) {
        add(&self.padding, bytes.wrapping_neg());
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut tags = [Held::default(); TAGS_MAX];
        for (held, counter) in tags.iter_mut().zip(&self.tags) {
            *held = Held { bytes: counter.bytes.load(Relaxed), count: counter.count.load(Relaxed) };
        }
        Snapshot { padding: self.padding.load(Relaxed), tags }
    }

    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        self.padding.store(snapshot.padding, Relaxed);
        for (held, counter) in snapshot.tags.iter().zip(&self.tags) {
            counter.bytes.store(held.bytes, Relaxed);
            counter.count.store(held.count, Relaxed);
        }
    }

    pub(crate) fn clear(&self) {
        self.padding.store(0, Relaxed);
        for counter in &self.tags {
            counter.bytes.store(0, Relaxed);
            counter.count.store(0, Relaxed);
        }
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
