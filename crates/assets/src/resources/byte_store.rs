//! Bytes of many lengths in one growing array: taken, given back, taken again.
//!
//! # Invariants
//! 1. Ranges that are taken never overlap, and a range that was given back is in the list of gaps once.
//! 2. Gaps are sorted and never touch: neighbours are joined, and one at the end is cut off the array.
//! 3. There is at most one gap more than there are ranges, so the list of gaps never grows past its first capacity.
//!
//! # Deliberately absent
//! Moving ranges together: bytes that are lent stay where they are.

use core::ops::Range;

use voltrum_memory::{ArenaVec, MemoryError, Tagged};

/// Every range begins at a multiple of this.
const ALIGNMENT: usize = 16;

/// The array and its gaps.
pub(crate) struct ByteStore<'a> {
    bytes: ArenaVec<'a, u8>,
    gaps: ArenaVec<'a, (usize, usize)>,
}

impl<'a> ByteStore<'a> {
    /// A store that grows in `bytes`, an arena of its own, and holds at most `ranges_max` ranges.
    pub(crate) fn try_new_in(bytes: Tagged<'a>, gaps: Tagged<'a>, ranges_max: usize) -> Result<Self, MemoryError> {
        Ok(Self { bytes: ArenaVec::new_in(bytes), gaps: ArenaVec::try_with_capacity_in(ranges_max + 2, gaps)? })
    }

    /// Takes `length` bytes: the first gap that fits, or the end.
    pub(crate) fn take(&mut self, length: usize) -> Result<Range<usize>, MemoryError> {
        let size = length.max(1).checked_next_multiple_of(ALIGNMENT).unwrap_or(usize::MAX);
        let fitting = self.gaps.iter().position(|(start, end)| end - start >= size);
        if let Some(at) = fitting
            && let Some(gap) = self.gaps.as_mut_slice().get_mut(at)
        {
            let start = gap.0;
            gap.0 += size;
            if gap.0 == gap.1 {
                self.gaps.remove(at);
            }
            return Ok(start..start + length);
        }
        let start = self.bytes.len();
        let end = start.saturating_add(size);
        self.bytes.try_reserve(end - start)?;
        self.bytes.try_resize(end, 0)?;
        Ok(start..start + length)
    }

    /// Gives a range back that `take` gave.
    pub(crate) fn give(&mut self, range: Range<usize>) -> Result<(), MemoryError> {
        let mut start = range.start;
        let mut end = start + (range.end - range.start).max(1).next_multiple_of(ALIGNMENT);
        let mut at = self.gaps.iter().position(|gap| gap.0 > start).unwrap_or(self.gaps.len());
        if let Some(&(next_start, next_end)) = self.gaps.get(at)
            && next_start == end
        {
            end = next_end;
            self.gaps.remove(at);
        }
        if let Some(before) = at.checked_sub(1)
            && let Some(&(before_start, before_end)) = self.gaps.get(before)
            && before_end == start
        {
            start = before_start;
            self.gaps.remove(before);
            at = before;
        }
        if end == self.bytes.len() {
            self.bytes.truncate(start);
            return Ok(());
        }
        self.gaps.try_insert(at, (start, end))
    }

    /// The bytes of a range.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// The bytes of a range, to be written.
    pub(crate) fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        self.bytes.as_mut_slice().get_mut(range).unwrap_or_default()
    }

    /// Bytes between the start and the last taken one, gaps included.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum_memory::{Arena, Tag};

    #[test]
    fn ranges_are_reused_joined_and_never_overlap() {
        let mut arena = Arena::try_reserve("test", 4 << 20).unwrap();
        let scope = arena.open();
        let memory = scope.tagged(Tag::RESOURCES);
        let bytes = memory.try_child("bytes", 1 << 20).unwrap().into_tagged(Tag::RESOURCES);
        let mut store = ByteStore::try_new_in(bytes, memory, 64).unwrap();
        let mut taken: Vec<(Range<usize>, u8)> = Vec::new();
        let mut number = 1_u32;
        for round in 0..4_000_u32 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let pick = number >> 8;
            if taken.len() < 64 && (taken.is_empty() || pick.is_multiple_of(2)) {
                let range = store.take(pick as usize % 500).unwrap();
                store.bytes_mut(range.clone()).fill(round as u8);
                taken.push((range, round as u8));
            } else {
                let (range, value) = taken.swap_remove(pick as usize % taken.len());
                assert!(store.bytes(range.clone()).iter().all(|byte| *byte == value));
                store.give(range).unwrap();
            }
        }
        assert!(store.len() < 64 * 512 * 2);
        for (range, _) in taken {
            store.give(range).unwrap();
        }
        assert_eq!((store.len(), store.gaps.len()), (0, 0));
    }
}
