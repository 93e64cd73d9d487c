//! Entities: names for things that may cease to be.

use core::fmt;
use core::num::NonZeroU32;

/// Names an entity. Once the entity is gone the name resolves to nothing, for ever: its slot's next tenant has another
/// generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    index: u32,
    generation: NonZeroU32,
}

impl Entity {
    /// Nobody: no scene has a slot for it.
    pub const NOBODY: Entity = Entity { index: u32::MAX, generation: NonZeroU32::MIN };

    pub(crate) const fn new(index: u32, generation: NonZeroU32) -> Entity {
        Entity { index, generation }
    }

    /// The slot, by which arrays over all slots are indexed.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// Which of the slot's tenants.
    pub const fn generation(self) -> u32 {
        self.generation.get()
    }

    /// Both as one number that is never 0, for tools that identify things by a number.
    pub const fn to_bits(self) -> u64 {
        (self.generation.get() as u64) << 32 | self.index as u64
    }

    /// The reverse of [`Entity::to_bits`]; bits that came from nowhere name nothing.
    pub const fn from_bits(bits: u64) -> Option<Entity> {
        match NonZeroU32::new((bits >> 32) as u32) {
            Some(generation) => Some(Entity { index: bits as u32, generation }),
            None => None,
        }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.index, self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_carry_an_entity_there_and_back() {
        let entity = Entity::new(7, NonZeroU32::MIN.saturating_add(2));
        assert_eq!(Entity::from_bits(entity.to_bits()), Some(entity));
        assert_eq!(Entity::from_bits(7), None);
        assert_eq!(entity.to_string(), "7.3");
    }

    #[test]
    fn an_optional_entity_takes_no_more_room() {
        assert_eq!(size_of::<Option<Entity>>(), 8);
    }
}
