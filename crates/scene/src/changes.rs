//! Which slots look different since somebody looked last: for whoever keeps a copy of what is shown, on a GPU say.
//!
//! # Invariants
//! 1. While nobody watches nothing is noted; a scene that is watched takes a bit per slot.
//! 2. Bit `i` of `words` is set where word `i` of `slots` isn't 0. No word below `first` has a bit set.

use voltrum_memory::{MemoryError, Sole};

use crate::array::{Array, array};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::shape::ShapeId;
use crate::state::SceneState;

/// See the module.
pub(crate) struct Changes<'scene> {
    slots: Array<'scene, u64>,
    words: Array<'scene, u64>,
    first: usize,
}

impl<'scene> Changes<'scene> {
    fn new(memory: &Sole<'scene>, slots_max: u32) -> Result<Changes<'scene>, MemoryError> {
        let count = slots_max.div_ceil(64);
        let mut slots = array(memory, "changed slots", count)?;
        let mut words = array(memory, "changed words", count.div_ceil(64))?;
        slots.try_resize(count as usize, 0)?;
        words.try_resize(count.div_ceil(64) as usize, 0)?;
        Ok(Changes { slots, words, first: 0 })
    }

    /// Notes a slot.
    pub(crate) fn mark(&mut self, slot: u32) {
        let at = slot as usize / 64;
        if let Some(word) = self.slots.get_mut(at) {
            *word |= 1 << (slot % 64);
            self.words[at / 64] |= 1 << (at % 64);
            self.first = self.first.min(at / 64);
        }
    }

    /// The lowest slot that is noted.
    fn lowest(&mut self) -> Option<u32> {
        while let Some(word) = self.words.get(self.first) {
            if *word != 0 {
                let at = self.first * 64 + word.trailing_zeros() as usize;
                return Some(at as u32 * 64 + self.slots[at].trailing_zeros());
            }
            self.first += 1;
        }
        None
    }

    fn clear(&mut self, slot: u32) {
        let at = slot as usize / 64;
        self.slots[at] &= !(1 << (slot % 64));
        if self.slots[at] == 0 {
            self.words[at / 64] &= !(1 << (at % 64));
        }
    }
}

/// From now on the scene notes whose looks change: who has a mesh and was moved, shown, hidden, spawned or removed, or got
/// another mesh. All that has a mesh now counts as changed, also where the scene was watched before. It takes a bit for each
/// entity that the scene can hold.
///
/// # Errors
/// [`SceneError::Memory`].
pub fn watch(scene: &mut SceneState<'_>) -> Result<(), SceneError> {
    if scene.changes.is_none() {
        scene.changes = Some(Changes::new(&scene.memory, scene.entities_max)?);
    }
    if let Some(changes) = &mut scene.changes {
        scene.meshes.entities().iter().for_each(|entity| changes.mark(entity.index()));
    }
    Ok(())
}

/// Tells each slot ([`Entity::index`]) whose looks have changed since the last call, once, from the lowest on; [`shown_at`]
/// says what is there now. Costs nothing when nothing has changed. To be called after
/// [`update_transforms`](crate::update_transforms).
///
/// # Errors
/// What `follow` says; that slot and those after it are told again by the next call.
pub fn follow_changes<'scene, E>(
    scene: &mut SceneState<'scene>,
    mut follow: impl FnMut(&SceneState<'scene>, u32) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(slot) = scene.changes.as_mut().and_then(Changes::lowest) {
        follow(scene, slot)?;
        if let Some(changes) = &mut scene.changes {
            changes.clear(slot);
        }
    }
    Ok(())
}

/// Notes a slot, if somebody watches.
#[inline]
pub(crate) fn note(scene: &mut SceneState<'_>, slot: u32) {
    if let Some(changes) = &mut scene.changes {
        changes.mark(slot);
    }
}

/// Who is shown at a slot, and with which shape, as of the last update.
pub fn shown_at(scene: &SceneState<'_>, slot: u32) -> Option<(Entity, ShapeId)> {
    let node = scene.nodes.get(slot as usize).filter(|node| node.is_alive() && node.is_shown())?;
    let at = scene.meshes.living_at(slot)?;
    Some((Entity::new(slot, node.generation), scene.meshes.values()[at]))
}
