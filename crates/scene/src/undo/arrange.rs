//! Edits of many: moving them elsewhere in the hierarchy, and duplicating them.

use glam::Mat4;
use voltrum_assets::StagedScene;

use super::transaction::Transaction;
use crate::build::add_node;
use crate::duplicate::duplicate_with;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::despawn;
use crate::node::NONE;
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::transform::Local;
use crate::walk::{descendants, next_sibling, parent};
use crate::world::{update_transforms, world};

/// What an entity keeps when it gets another parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Where it stands in the world.
    World,
    /// Where it stands relative to its parent, whoever that is.
    Local,
}

impl<'scene> Transaction<'_, 'scene> {
    /// Adds a staged scene's nodes as entities, its roots below `under`, and says which became which. Its meshes are shapes
    /// already, from `first_mesh` on ([`add_meshes`](crate::add_meshes)); names are not copied.
    ///
    /// # Errors
    /// As [`build`](crate::build()); [`SceneError::Stale`] when `under` is gone. Those added before stay, until it is rolled
    /// back.
    pub fn add_nodes<I, B>(
        &mut self,
        staged: &StagedScene<'scene, I, B>,
        first_mesh: ShapeId,
        under: Option<Entity>,
    ) -> Result<&'scene [Entity], SceneError> {
        let (asked, max) = (staged.nodes.len(), self.scene.entities_max());
        if asked > max as usize - self.scene.len() {
            let (asked, left) = (asked as u32, max - self.scene.len() as u32);
            return Err(SceneError::Full { column: "nodes", limit: "entities_max", asked, left, max });
        }
        // room that undo holds is only taken where that is enough
        while self.scene.len() + self.scene.parked() + asked > max as usize && self.history.give_up_oldest(self.scene) {
        }
        let built = self.scene.memory().try_alloc_slice_fill(asked, Entity::NOBODY)?;
        for at in 0..asked {
            let entity = add_node(self.scene, staged, first_mesh, &built[..at], at, under)?;
            if let Err(error) = super::edits::record_spawn(self.history, self.scene, self.label, entity) {
                despawn(self.scene, entity)?;
                return Err(error);
            }
            self.edits += 1;
            built[at] = entity;
        }
        Ok(built)
    }

    /// Moves entities, with everything below each, under another parent (none: to the roots), in their order, before one of
    /// its children or to the end. Those that stand below others of them go along with these. Where the new parent flattens
    /// space, what should keep its place in the world keeps its local transform instead.
    ///
    /// # Errors
    /// As [`Transaction::reparent`]; those before the one that was refused have moved, until it is rolled back.
    pub fn reparent_all(
        &mut self,
        entities: &[Entity],
        under: Option<Entity>,
        before: Option<Entity>,
        keep: Keep,
    ) -> Result<(), SceneError> {
        update_transforms(self.scene);
        mark(self.scene, entities, true);
        // one of those that move can't be what the others stand before
        let mut before = before;
        while let Some(sibling) = before.filter(|sibling| is_marked(self.scene, *sibling)) {
            before = next_sibling(self.scene, sibling);
        }
        let moved = entities.iter().try_for_each(|entity| {
            if is_below_marked(self.scene, *entity) {
                return Ok(());
            }
            self.reparent_one(*entity, under, before, keep)
        });
        mark(self.scene, entities, false);
        moved
    }

    fn reparent_one(
        &mut self,
        entity: Entity,
        under: Option<Entity>,
        before: Option<Entity>,
        keep: Keep,
    ) -> Result<(), SceneError> {
        let was = parent(self.scene, entity);
        self.reparent(entity, under, before)?;
        if keep == Keep::Local || was == under {
            return Ok(());
        }
        let above = under.and_then(|under| world(self.scene, under)).unwrap_or(Mat4::IDENTITY);
        let stays = world(self.scene, entity).map(|world| above.inverse() * world);
        match stays.filter(Mat4::is_finite) {
            Some(local) => self.set_local(entity, Local::from_matrix(local)),
            None => Ok(()),
        }
    }

    /// Duplicates entities, with everything below each: each copy stands behind its original. Those that stand below others
    /// of them are duplicated with these. The copies become the selection.
    ///
    /// # Errors
    /// As [`Transaction::spawn`]; [`SceneError::Stale`]. Copies made before stay, until it is rolled back.
    pub fn duplicate_all(&mut self, entities: &[Entity]) -> Result<(), SceneError> {
        mark(self.scene, entities, true);
        // the step notes the old selection with its first edit
        let mut is_first = true;
        let done = entities.iter().try_for_each(|entity| {
            if is_below_marked(self.scene, *entity) {
                return Ok(());
            }
            let (under, before) = (parent(self.scene, *entity), next_sibling(self.scene, *entity));
            let copy = self.duplicate(*entity, under, before)?;
            if core::mem::take(&mut is_first) {
                self.history.selection.clear();
            }
            Ok(self.history.selection.add(copy)?)
        });
        mark(self.scene, entities, false);
        done
    }

    /// Duplicates an entity with everything below it to a place in the hierarchy, and says what the topmost became.
    ///
    /// # Errors
    /// As [`duplicate`](crate::duplicate).
    pub fn duplicate(
        &mut self,
        entity: Entity,
        under: Option<Entity>,
        before: Option<Entity>,
    ) -> Result<Entity, SceneError> {
        let (max, count) = (self.scene.entities_max() as usize, descendants(self.scene, entity).count());
        // room that undo holds is only taken where that is enough
        while self.scene.len() + count <= max
            && self.scene.len() + self.scene.parked() + count > max
            && self.history.give_up_oldest(self.scene)
        {}
        let label = self.label;
        let mut edits = 0;
        let history = &mut *self.history;
        let copy = duplicate_with(self.scene, entity, under, before, &mut |scene, copy| {
            edits += 1;
            super::edits::record_spawn(history, scene, label, copy)
        });
        self.edits += edits;
        copy
    }
}

fn mark(scene: &mut SceneState<'_>, entities: &[Entity], on: bool) {
    for entity in entities {
        if let Some(at) = scene.find(*entity) {
            scene.nodes[at].set_marked(on);
        }
    }
}

fn is_marked(scene: &SceneState<'_>, entity: Entity) -> bool {
    scene.find(entity).is_some_and(|at| scene.nodes[at].is_marked())
}

fn is_below_marked(scene: &SceneState<'_>, entity: Entity) -> bool {
    let Some(at) = scene.find(entity) else { return false };
    let mut above = scene.nodes[at].parent;
    while above != NONE {
        if scene.nodes[above as usize].is_marked() {
            return true;
        }
        above = scene.nodes[above as usize].parent;
    }
    false
}
