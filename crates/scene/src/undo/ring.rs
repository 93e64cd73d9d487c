//! The history's memory: words in a ring, in a child arena that holds the budget and never more.
//!
//! # Invariants
//! 1. Places are counted from the beginning of time: place `p` lies at word `p % capacity`.
//! 2. `tail <= head <= tail + capacity`; what was granted between them is whole: a block never goes around the end.

use voltrum_memory::{MemoryError, Tag, Tagged};

use crate::array::{Array, array_tagged};

/// Words by which the ring grows until it has its capacity.
const STEP_WORDS: usize = 16 << 10;

pub(crate) struct Ring<'scene> {
    words: Array<'scene, u32>,
    capacity: u64,
    pub(crate) tail: u64,
    pub(crate) head: u64,
}

impl<'scene> Ring<'scene> {
    pub(crate) fn new(memory: Tagged<'scene>, bytes: usize) -> Result<Self, MemoryError> {
        let capacity = (bytes / size_of::<u32>()).clamp(64, u32::MAX as usize - 64) as u32;
        let words = array_tagged(&memory, Tag::UNDO, "history", capacity)?;
        Ok(Ring { words, capacity: u64::from(capacity), tail: 0, head: 0 })
    }

    pub(crate) fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Bytes between tail and head.
    pub(crate) fn bytes(&self) -> usize {
        (self.head - self.tail) as usize * size_of::<u32>()
    }

    /// A block of words at the head, or `None` when the tail is in the way.
    pub(crate) fn grant(&mut self, count: usize) -> Result<Option<u64>, MemoryError> {
        if self.tail == self.head {
            // empty: from the front again, where the pages are
            (self.tail, self.head) = (0, 0);
        }
        let (at, count) = (self.head % self.capacity, count as u64);
        let start = if at + count > self.capacity { self.head + (self.capacity - at) } else { self.head };
        if count > self.capacity || start + count - self.tail > self.capacity {
            return Ok(None);
        }
        self.cover((start % self.capacity + count) as usize)?;
        self.head = start + count;
        Ok(Some(start))
    }

    /// Lengthens the block that ends at the head; false when that can't be in place.
    pub(crate) fn lengthen(&mut self, count: usize) -> Result<bool, MemoryError> {
        let (at, count) = (self.head % self.capacity, count as u64);
        if at == 0 || at + count > self.capacity || self.head + count - self.tail > self.capacity {
            return Ok(false);
        }
        self.cover((at + count) as usize)?;
        self.head += count;
        Ok(true)
    }

    /// The words from a place on.
    #[inline]
    pub(crate) fn words(&self, place: u64, count: usize) -> &[u32] {
        &self.words[(place % self.capacity) as usize..][..count]
    }

    /// The words from a place on.
    #[inline]
    pub(crate) fn words_mut(&mut self, place: u64, count: usize) -> &mut [u32] {
        &mut self.words[(place % self.capacity) as usize..][..count]
    }

    #[inline]
    pub(crate) fn word(&self, place: u64) -> u32 {
        self.words[(place % self.capacity) as usize]
    }

    #[inline]
    pub(crate) fn put(&mut self, place: u64, word: u32) {
        self.words[(place % self.capacity) as usize] = word;
    }

    fn cover(&mut self, len: usize) -> Result<(), MemoryError> {
        if len <= self.words.len() {
            return Ok(());
        }
        if len > self.words.capacity() {
            let least = len - self.words.len();
            let step = least.max(STEP_WORDS).min(self.capacity as usize - self.words.len());
            self.words.try_reserve_exact(step).or_else(|_| self.words.try_reserve_exact(least))?;
        }
        self.words.try_resize(len, 0)
    }
}
