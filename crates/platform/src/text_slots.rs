//! Text slots: a fixed number of short texts, each with a generation, for events and messages that carry a path.
//!
//! # Invariants
//! 1. A slot is on the free list or live, never both.
//! 2. Giving a slot back raises its generation, so an old [`TextId`] finds nothing.

use voltrum_memory::{MemoryError, Tagged};

use crate::events::{EventError, TextId};

/// Bytes that one text can have: the longest path of Linux.
pub(crate) const TEXT_BYTES_MAX: usize = 4096;

const END: u16 = u16::MAX;

pub(crate) struct TextSlots<'app> {
    bytes: &'app mut [u8],
    slots: &'app mut [Slot],
    free: u16,
}

struct Slot {
    len: u16,
    live: bool,
    generation: u32,
    next_free: u16,
}

impl<'app> TextSlots<'app> {
    pub(crate) fn try_new_in(memory: Tagged<'app>, capacity: u16) -> Result<Self, MemoryError> {
        let bytes = memory.try_alloc_zeroed(usize::from(capacity) * TEXT_BYTES_MAX)?;
        let slots = memory.try_alloc_slice_fill_with(usize::from(capacity), |index| {
            let next = index + 1;
            let next_free = if next < usize::from(capacity) { next as u16 } else { END };
            Slot { len: 0, live: false, generation: 0, next_free }
        })?;
        Ok(Self { bytes, slots, free: if capacity == 0 { END } else { 0 } })
    }

    pub(crate) fn insert(&mut self, text: &str) -> Result<TextId, EventError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(EventError::TextTooLong { bytes: text.len(), limit: TEXT_BYTES_MAX });
        }
        let index = self.free;
        let capacity = self.slots.len();
        let slot = self.slots.get_mut(usize::from(index)).ok_or(EventError::TextsFull { capacity })?;
        self.free = slot.next_free;
        slot.live = true;
        slot.len = text.len() as u16;
        let start = usize::from(index) * TEXT_BYTES_MAX;
        self.bytes[start..start + text.len()].copy_from_slice(text.as_bytes());
        Ok(TextId { slot: index, generation: slot.generation })
    }

    pub(crate) fn get(&self, id: TextId) -> Option<&str> {
        let slot = self.slots.get(usize::from(id.slot))?;
        if !slot.live || slot.generation != id.generation {
            return None;
        }
        let start = usize::from(id.slot) * TEXT_BYTES_MAX;
        std::str::from_utf8(&self.bytes[start..start + usize::from(slot.len)]).ok()
    }

    /// Gives the slot back. A stale id does nothing.
    pub(crate) fn remove(&mut self, id: TextId) {
        let Some(slot) = self.slots.get_mut(usize::from(id.slot)) else { return };
        if slot.live && slot.generation == id.generation {
            slot.live = false;
            slot.generation = slot.generation.wrapping_add(1);
            slot.next_free = self.free;
            self.free = id.slot;
        }
    }
}
