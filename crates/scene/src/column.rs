//! Columns: components of one type, in slices without gaps, found by entity.
//!
//! A column is a sparse set: `values` and `entities` stand side by side, `slots` says for each entity slot where in them
//! its component is. Each lies in a child arena of its own, so it grows in place. Components of entities that undo may
//! bring back stand behind the living ones: out of every slice that is handed out, and back with one exchange.
//!
//! # Invariants
//! 1. `entities`, `values` and `derived` are of one length, at most `max`; the first `living` belong to living entities.
//! 2. `slots[entities[i].index()] == i` for every `i`; all other slots are [`NOWHERE`].
//! 3. An array never moves; within it elements change places when one of them leaves, is parked or comes back.

use voltrum_memory::{Lender, Sole};

use crate::array::{Array, array, reserve_for, reserve_one};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::limits::{fit, footprint};

/// A slot without a component.
const NOWHERE: u32 = u32::MAX;

/// Components of one type. `D` is what a scene derives from each, side by side with it. It has no destructor, so it lies in
/// the scene arena.
pub struct Column<'scene, T, D = ()> {
    name: &'static str,
    limit: &'static str,
    max: u32,
    living: u32,
    /// Components that all arrays have room for.
    room: u32,
    slots: Array<'scene, u32>,
    entities: Array<'scene, Entity>,
    values: Array<'scene, T>,
    derived: Array<'scene, D>,
}

impl<'scene, T, D> Column<'scene, T, D> {
    /// Address space that a column takes.
    pub(crate) fn bytes(max: u32, slots_max: u32) -> usize {
        footprint(max, size_of::<T>())
            + footprint(max, size_of::<D>())
            + footprint(max, size_of::<Entity>())
            + footprint(slots_max, size_of::<u32>())
    }

    /// A column whose room is known to be there.
    pub(crate) fn exact(
        memory: &impl Lender<'scene>,
        name: &'static str,
        limit: &'static str,
        max: u32,
        slots_max: u32,
    ) -> Result<Self, SceneError> {
        let (slots, entities) = (array(memory, name, slots_max)?, array(memory, name, max)?);
        let (values, derived) = (array(memory, name, max)?, array(memory, name, max)?);
        Ok(Column { name, limit, max, living: 0, room: 0, slots, entities, values, derived })
    }

    /// A column of up to `max` components, fewer where the scene arena can't give that much.
    pub(crate) fn fitting(
        memory: &Sole<'scene>,
        name: &'static str,
        max: u32,
        slots_max: u32,
    ) -> Result<Self, SceneError> {
        let max = fit(memory.tagged(), max, max.min(64), |max| Self::bytes(max, slots_max))?;
        Self::exact(memory, name, "components_max", max, slots_max)
    }

    /// Gives an entity its component, and what is derived from it; the former one comes back.
    pub(crate) fn put(&mut self, entity: Entity, value: T, derived: D) -> Result<Option<T>, SceneError> {
        let slot = entity.index() as usize;
        if let Some(at) = self.slot(slot) {
            if self.entities[at].generation() > entity.generation() || at >= self.living as usize {
                return Err(SceneError::Stale(entity));
            }
            let same = self.entities[at] == entity;
            self.entities[at] = entity;
            self.derived[at] = derived;
            let former = core::mem::replace(&mut self.values[at], value);
            return Ok(same.then_some(former));
        }
        if slot >= self.slots.len() || self.values.len() == self.room as usize {
            self.reserve(slot)?;
        }
        let at = self.values.len() as u32;
        self.slots[slot] = at;
        self.entities.try_push(entity)?;
        self.values.try_push(value)?;
        self.derived.try_push(derived)?;
        if at != self.living {
            self.swap(at, self.living);
        }
        self.living += 1;
        Ok(None)
    }

    /// Takes an entity's component away.
    pub fn remove(&mut self, entity: Entity) -> Option<T> {
        self.park(entity);
        self.forget(entity)
    }

    /// Puts an entity's component behind those of the living; says whether it had one.
    pub(crate) fn park(&mut self, entity: Entity) -> bool {
        let Some(at) = self.position(entity) else { return false };
        self.living -= 1;
        self.swap(at as u32, self.living);
        true
    }

    /// Brings a parked component back.
    pub(crate) fn unpark(&mut self, entity: Entity) {
        if let Some(at) = self.parked(entity) {
            self.swap(at as u32, self.living);
            self.living += 1;
        }
    }

    /// Takes a parked component away for ever.
    pub(crate) fn forget(&mut self, entity: Entity) -> Option<T> {
        let at = self.parked(entity)?;
        self.slots[entity.index() as usize] = NOWHERE;
        self.entities.swap_remove(at);
        self.derived.swap_remove(at);
        let value = self.values.swap_remove(at);
        if let Some(moved) = self.entities.get(at) {
            self.slots[moved.index() as usize] = at as u32;
        }
        Some(value)
    }

    /// Whether it holds components of entities that may come back.
    pub(crate) fn has_parked(&self) -> bool {
        self.entities.len() > self.living as usize
    }

    /// An entity's component, parked or not.
    pub(crate) fn kept(&self, entity: Entity) -> Option<&T> {
        self.place(entity).map(|at| &self.values[at])
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
        self.place(entity).filter(|at| *at < self.living as usize)
    }

    /// Whose components these are, in the order of [`Column::values`].
    pub fn entities(&self) -> &[Entity] {
        &self.entities[..self.living as usize]
    }

    /// The components, without gaps, in no lasting order.
    pub fn values(&self) -> &[T] {
        &self.values[..self.living as usize]
    }

    /// The components.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values[..self.living as usize]
    }

    /// What the scene derives from each, in the order of [`Column::values`].
    pub fn derived(&self) -> &[D] {
        &self.derived[..self.living as usize]
    }

    pub(crate) fn derived_mut(&mut self) -> &mut [D] {
        &mut self.derived[..self.living as usize]
    }

    /// Entities and their components.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Entity, &T)> {
        self.entities().iter().copied().zip(self.values())
    }

    /// Entities and their components.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (Entity, &mut T)> {
        let living = self.living as usize;
        self.entities[..living].iter().copied().zip(&mut self.values[..living])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.living as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.living == 0
    }

    /// How many fit, those that undo may bring back included.
    pub fn max(&self) -> u32 {
        self.max
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where the component of a slot's living tenant stands, if it has one.
    #[inline]
    pub(crate) fn living_at(&self, slot: u32) -> Option<usize> {
        self.slot(slot as usize).filter(|at| *at < self.living as usize)
    }

    #[inline]
    fn slot(&self, slot: usize) -> Option<usize> {
        self.slots.get(slot).filter(|at| **at != NOWHERE).map(|at| *at as usize)
    }

    fn place(&self, entity: Entity) -> Option<usize> {
        self.slot(entity.index() as usize).filter(|at| self.entities[*at] == entity)
    }

    fn parked(&self, entity: Entity) -> Option<usize> {
        self.place(entity).filter(|at| *at >= self.living as usize)
    }

    fn swap(&mut self, a: u32, b: u32) {
        if a == b {
            return;
        }
        let (at, other) = (a as usize, b as usize);
        self.entities.swap(at, other);
        self.values.swap(at, other);
        self.derived.swap(at, other);
        self.slots[self.entities[at].index() as usize] = a;
        self.slots[self.entities[other].index() as usize] = b;
    }

    /// Room for one more in all arrays, so that adding to them can't fail half-way.
    #[inline(never)]
    fn reserve(&mut self, slot: usize) -> Result<(), SceneError> {
        if self.values.len() >= self.max as usize {
            let (column, limit, max) = (self.name, self.limit, self.max);
            return Err(SceneError::Full { column, limit, asked: 1, left: 0, max });
        }
        if slot >= self.slots.len() {
            reserve_for(&mut self.slots, slot + 1)?;
            // all that there is room for, so that this is rare
            let room = self.slots.capacity();
            self.slots.try_resize(room, NOWHERE)?;
        }
        reserve_one(&mut self.entities)?;
        reserve_one(&mut self.values)?;
        reserve_one(&mut self.derived)?;
        let room = self.entities.capacity().min(self.values.capacity()).min(self.derived.capacity());
        self.room = self.max.min(u32::try_from(room).unwrap_or(self.max));
        Ok(())
    }
}

impl<T> Column<'_, T> {
    /// Gives an entity its component; the former one comes back.
    ///
    /// # Errors
    /// [`SceneError::Full`]; [`SceneError::Stale`] when the slot's component belongs to a later tenant, or to one that undo
    /// may bring back; [`SceneError::Memory`] when no page can be had. The column is as it was.
    pub fn insert(&mut self, entity: Entity, value: T) -> Result<Option<T>, SceneError> {
        self.put(entity, value, ())
    }
}
