//! What is selected: in the order in which it was, the last one being the active one.

use voltrum_memory::{MemoryError, Tag, Tagged};

use crate::array::{Array, array_tagged, push};
use crate::entity::Entity;
use crate::state::SceneState;

/// A list of entities without doubles. It belongs to the history, which restores it; changing it is no step of its own.
pub struct Selection<'scene> {
    entities: Array<'scene, Entity>,
    /// By slot: the position in `entities` plus one.
    places: Array<'scene, u32>,
    version: u64,
}

impl<'scene> Selection<'scene> {
    pub(crate) fn new(memory: Tagged<'scene>, entities_max: u32) -> Result<Self, MemoryError> {
        let entities = array_tagged(&memory, Tag::UNDO, "selection", entities_max)?;
        Ok(Selection { entities, places: array_tagged(&memory, Tag::UNDO, "selected", entities_max)?, version: 0 })
    }

    /// The entities.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The one that was selected last.
    pub fn active(&self) -> Option<Entity> {
        self.entities.last().copied()
    }

    /// Whether an entity is selected.
    pub fn contains(&self, entity: Entity) -> bool {
        self.place(entity).is_some()
    }

    /// How many are.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// A number that changes whenever the selection does.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Selects an entity as well; it becomes the active one.
    ///
    /// # Errors
    /// When no page can be had.
    pub fn add(&mut self, entity: Entity) -> Result<(), MemoryError> {
        if self.active() == Some(entity) {
            return Ok(());
        }
        self.remove(entity);
        let slot = entity.index() as usize;
        while self.places.len() <= slot {
            push(&mut self.places, 0)?;
        }
        if let Some(tenant) = self.entities.get((self.places[slot] as usize).wrapping_sub(1)).copied() {
            // of a former tenant of the slot
            self.remove(tenant);
        }
        push(&mut self.entities, entity)?;
        self.places[slot] = self.entities.len() as u32;
        self.version += 1;
        Ok(())
    }

    /// Selects these and nothing else.
    ///
    /// # Errors
    /// When no page can be had; what was added before stays.
    pub fn set(&mut self, entities: impl IntoIterator<Item = Entity>) -> Result<(), MemoryError> {
        self.clear();
        entities.into_iter().try_for_each(|entity| self.add(entity))
    }

    /// Selects an entity no longer.
    pub fn remove(&mut self, entity: Entity) {
        let Some(at) = self.place(entity) else { return };
        self.places[entity.index() as usize] = 0;
        self.entities.remove(at);
        for (place, later) in self.entities.iter().enumerate().skip(at) {
            self.places[later.index() as usize] = place as u32 + 1;
        }
        self.version += 1;
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        if !self.entities.is_empty() {
            self.version += 1;
        }
        for entity in &self.entities {
            self.places[entity.index() as usize] = 0;
        }
        self.entities.clear();
    }

    /// Forgets those that are gone.
    pub fn retain_alive(&mut self, scene: &SceneState<'_>) {
        let before = self.entities.len();
        let places = &mut self.places;
        self.entities.retain(|entity| {
            let stays = scene.is_alive(*entity);
            if !stays {
                places[entity.index() as usize] = 0;
            }
            stays
        });
        for (place, entity) in self.entities.iter().enumerate() {
            self.places[entity.index() as usize] = place as u32 + 1;
        }
        self.version += u64::from(self.entities.len() != before);
    }

    fn place(&self, entity: Entity) -> Option<usize> {
        let at = (*self.places.get(entity.index() as usize)? as usize).checked_sub(1)?;
        (self.entities.get(at) == Some(&entity)).then_some(at)
    }
}
