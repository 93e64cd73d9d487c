//! The texts of names: each stands in the arena once, and entities keep its number.
//!
//! # Invariants
//! 1. Number 0 is the empty text.
//! 2. A text never leaves: histories name it by its number. Renaming there and back takes no room.

use voltrum_memory::{ArenaMap, ArenaVec, MemoryError, Sole, Tag};

use crate::array::{Array, Map, push};
use crate::error::SceneError;

/// See the module.
pub(crate) struct Names<'scene> {
    texts: Array<'scene, &'scene str>,
    numbers: Map<'scene, &'scene str, u32>,
    /// By slot, as far as any entity has a name.
    of_slots: Array<'scene, u32>,
}

impl<'scene> Names<'scene> {
    /// `memory` is where texts will be copied to: a share of it is for the lists of them.
    pub(crate) fn new(memory: &Sole<'scene>, of_slots: Array<'scene, u32>) -> Result<Self, MemoryError> {
        let left = memory.tagged().left();
        let part = |name, bytes| Ok::<_, MemoryError>(memory.try_child(name, bytes)?.into_sole(Tag::SCENE));
        let texts = ArenaVec::new_in(part("texts", left / 8)?);
        Ok(Names { texts, numbers: ArenaMap::new_in(part("texts by name", left / 4)?), of_slots })
    }

    /// The number of a text; it is copied unless it is there already.
    pub(crate) fn intern(&mut self, text: &str, memory: &Sole<'scene>) -> Result<u32, SceneError> {
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        self.numbers.try_reserve(1)?;
        self.texts.try_reserve(1)?;
        let text: &'scene str = memory.try_alloc_str(text)?;
        let number = self.adopt(text)?;
        self.numbers.try_insert(text, number)?;
        Ok(number)
    }

    /// A number for a text that lives as long as the scene.
    pub(crate) fn adopt(&mut self, text: &'scene str) -> Result<u32, SceneError> {
        if text.is_empty() {
            return Ok(0);
        }
        self.texts.try_push(text)?;
        Ok(self.texts.len() as u32)
    }

    /// Names a slot's tenant.
    pub(crate) fn set(&mut self, slot: usize, number: u32) -> Result<(), SceneError> {
        if number == 0 && slot >= self.of_slots.len() {
            return Ok(());
        }
        while self.of_slots.len() <= slot {
            push(&mut self.of_slots, 0)?;
        }
        self.of_slots[slot] = number;
        Ok(())
    }

    /// Takes a slot's name away.
    pub(crate) fn clear(&mut self, slot: usize) {
        if let Some(number) = self.of_slots.get_mut(slot) {
            *number = 0;
        }
    }

    pub(crate) fn number(&self, slot: usize) -> u32 {
        self.of_slots.get(slot).copied().unwrap_or(0)
    }

    pub(crate) fn text(&self, number: u32) -> &'scene str {
        (number as usize).checked_sub(1).and_then(|at| self.texts.get(at)).copied().unwrap_or("")
    }
}
