//! Who holds which GPU memory: bytes by lifetime and by tag, and the count of live Vulkan objects.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::usage::{GpuLifetime, GpuTag, GpuUsage};

/// Counters that any thread may move and any thread may read.
#[derive(Default)]
pub(crate) struct Account {
    lifetimes: [AtomicU64; GpuLifetime::COUNT],
    tags: [AtomicU64; GpuTag::COUNT],
    counts: [AtomicU64; GpuTag::COUNT],
    peaks: [AtomicU64; GpuTag::COUNT],
    objects: AtomicU64,
}

/// One allocation's entry in the account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    pub(crate) lifetime: GpuLifetime,
    pub(crate) tag: GpuTag,
    pub(crate) bytes: u64,
}

impl Account {
    pub(crate) fn charge(&self, charge: Charge) {
        self.lifetimes[charge.lifetime.index()].fetch_add(charge.bytes, Ordering::Relaxed);
        let held = self.tags[charge.tag.index()].fetch_add(charge.bytes, Ordering::Relaxed) + charge.bytes;
        self.peaks[charge.tag.index()].fetch_max(held, Ordering::Relaxed);
        self.counts[charge.tag.index()].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refund(&self, charge: Charge) {
        self.lifetimes[charge.lifetime.index()].fetch_sub(charge.bytes, Ordering::Relaxed);
        self.tags[charge.tag.index()].fetch_sub(charge.bytes, Ordering::Relaxed);
        self.counts[charge.tag.index()].fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn born(&self) {
        self.objects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn gone(&self) {
        self.objects.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn objects(&self) -> u64 {
        self.objects.load(Ordering::Relaxed)
    }

    /// The most bytes that a tag has held.
    pub(crate) fn peak(&self, tag: GpuTag) -> u64 {
        self.peaks[tag.index()].load(Ordering::Relaxed)
    }

    /// The sums by lifetime and tag.
    pub(crate) fn usage(&self) -> GpuUsage {
        let mut usage = GpuUsage::default();
        for (sum, counter) in usage.lifetimes.iter_mut().zip(&self.lifetimes) {
            *sum = counter.load(Ordering::Relaxed);
        }
        for (entry, (bytes, count)) in usage.tags.iter_mut().zip(self.tags.iter().zip(&self.counts)) {
            entry.bytes = bytes.load(Ordering::Relaxed);
            entry.count = count.load(Ordering::Relaxed);
        }
        usage.used_bytes = usage.lifetimes.iter().sum();
        usage
    }
}
