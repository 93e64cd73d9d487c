//! Columns: components of one type, in slices without gaps, found by entity.
//!
//! A column is a sparse set: `values` and `entities` stand side by side, `slots` says for each entity slot where in them
//! its component is. Each of the three lies in a child arena of its own, so it grows in place.
//!
//! # Invariants
//! 1. `entities` and `values` are of one length, at most `max`.
//! 2. `slots[entities[i].index()] == i` for every `i`; all other slots are [`NOWHERE`].
//! 3. No element ever moves but by removal, which puts the last one into the gap.
//!
//! # Deliberately absent
//! No registry of columns: a client holds its own, typed, and asks it to forget the dead ([`Column::retain_alive`]).

use voltrum_memory::{ArenaVec, Tag, Tagged};

use crate::entity::Entity;
use crate::error::SceneError;
use crate::limits::{array_bytes, fit, footprint};
use crate::state::SceneState;

/// A slot without a component.
const NOWHERE: u32 = u32::MAX;

/// Components of one type. Made by [`add_column`](crate::add_column); it has no destructor, so it may itself lie in the
/// scene arena.
pub struct Column<'scene, T> {
    name: &'static str,
    limit: &'static str,
    max: u32,
    slots: ArenaVec<'scene, u32>,
    entities: ArenaVec<'scene, Entity>,
    values: ArenaVec<'scene, T>,
}

/// An array in a child arena of its own.
pub(crate) fn array<'scene, T>(
    memory: Tagged<'scene>,
    name: &'static str,
    max: u32,
) -> Result<ArenaVec<'scene, T>, SceneError> {
    let child = memory.try_child(name, array_bytes(max, size_of::<T>()))?;
    Ok(ArenaVec::new_in(child.into_tagged(Tag::SCENE)))
}

impl<'scene, T> Column<'scene, T> {
    /// Address space that a column takes.
    pub(crate) fn bytes(max: u32, slots_max: u32) -> usize {
        footprint(max, size_of::<T>()) + footprint(max, size_of::<Entity>()) + footprint(slots_max, size_of::<u32>())
    }

    /// A column whose room is known to be there.
    pub(crate) fn exact(
        memory: Tagged<'scene>,
        name: &'static str,
        limit: &'static str,
        max: u32,
        slots_max: u32,
    ) -> Result<Self, SceneError> {
        let (slots, entities) = (array(memory, name, slots_max)?, array(memory, name, max)?);
        Ok(Column { name, limit, max, slots, entities, values: array(memory, name, max)? })
    }

    /// A column of up to `max` components, fewer where the scene arena can't give that much.
    pub(crate) fn fitting(
        memory: Tagged<'scene>,
        name: &'static str,
        max: u32,
        slots_max: u32,
    ) -> Result<Self, SceneError> {
        let max = fit(memory, max, max.min(64), |max| Self::bytes(max, slots_max))?;
        Self::exact(memory, name, "components_max", max, slots_max)
    }

    /// Gives an entity its component; the former one comes back.
    ///
    /// # Errors
    /// [`SceneError::Full`]; [`SceneError::Stale`] when the slot's component belongs to a later tenant;
    /// [`SceneError::Memory`] when no page can be had. The column is as it was.
    pub fn insert(&mut self, entity: Entity, value: T) -> Result<Option<T>, SceneError> {
        let slot = entity.index() as usize;
        if let Some(at) = self.slot(slot) {
            if self.entities[at].generation() > entity.generation() {
                return Err(SceneError::Stale(entity));
            }
            let same = self.entities[at] == entity;
            self.entities[at] = entity;
            let former = core::mem::replace(&mut self.values[at], value);
            return Ok(same.then_some(former));
        }
        self.reserve_one()?;
        if slot >= self.slots.len() {
            self.slots.try_resize(slot + 1, NOWHERE)?;
        }
        self.slots[slot] = self.values.len() as u32;
        self.entities.try_push(entity)?;
        self.values.try_push(value)?;
        Ok(None)
    }

    /// Takes an entity's component away.
    pub fn remove(&mut self, entity: Entity) -> Option<T> {
        let at = self.position(entity)?;
        self.slots[entity.index() as usize] = NOWHERE;
        self.entities.swap_remove(at);
        let value = self.values.swap_remove(at);
        if let Some(moved) = self.entities.get(at) {
            self.slots[moved.index() as usize] = at as u32;
        }
        Some(value)
    }

    /// An entity's component.
    pub fn get(&self, entity: Entity) -> Option<&T> {
        self.position(entity).map(|at| &self.values[at])
    }

    /// An entity's component.
    pub fn get_mut(&mut self, entity: Entity) -> Option<&mut T> {
        self.position(entity).map(|at| &mut self.values[at])
    }

    /// Whether an entity has a component here.
    pub fn contains(&self, entity: Entity) -> bool {
        self.position(entity).is_some()
    }

    /// Where in [`Column::values`] an entity's component stands.
    pub fn position(&self, entity: Entity) -> Option<usize> {
        self.slot(entity.index() as usize).filter(|at| self.entities[*at] == entity)
    }

    /// Whose components these are, in the order of [`Column::values`].
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The components, without gaps, in no lasting order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The components.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Entities and their components.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Entity, &T)> {
        self.entities.iter().copied().zip(self.values.iter())
    }

    /// Entities and their components.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (Entity, &mut T)> {
        self.entities.iter().copied().zip(self.values.iter_mut())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many fit.
    pub fn max(&self) -> u32 {
        self.max
    }

    /// Forgets the components of entities that are gone.
    pub fn retain_alive(&mut self, scene: &SceneState<'_>) {
        // from the back: what takes a gap's place has been looked at
        for at in (0..self.entities.len()).rev() {
            if !scene.is_alive(self.entities[at]) {
                self.remove(self.entities[at]);
            }
        }
    }

    fn slot(&self, slot: usize) -> Option<usize> {
        self.slots.get(slot).filter(|at| **at != NOWHERE).map(|at| *at as usize)
    }

    /// Room for one more in both arrays, so that adding to them can't fail half-way.
    fn reserve_one(&mut self) -> Result<(), SceneError> {
        if self.values.len() >= self.max as usize {
            let (column, limit, max) = (self.name, self.limit, self.max);
            return Err(SceneError::Full { column, limit, asked: 1, left: 0, max });
        }
        self.entities.try_reserve(1)?;
        self.values.try_reserve(1)?;
        Ok(())
    }
}
