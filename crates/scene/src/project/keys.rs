//! Which entity has which key, in this run.
//!
//! # Invariants
//! 1. A key that was given to an entity is never given to another one's, but by [`Keys::bind`].
//! 2. Entities that are gone keep their keys until their slot's next tenant has one, so that the journal can still name
//!    them.

use voltrum_memory::{ArenaMap, Tag};

use super::error::ProjectError;
use super::key::{EntityKey, MeshKey};
use crate::array::{Array, Map, array_tagged};
use crate::entity::Entity;
use crate::shape::ShapeId;
use crate::state::SceneState;

/// See the module.
pub struct Keys<'scene> {
    slots: Array<'scene, Option<SlotKey>>,
    entities: Map<'scene, EntityKey, Entity>,
    meshes: Array<'scene, FileMeshes>,
    next_number: u32,
}

/// Files whose meshes have become shapes, those that were imported and undone included.
const FILES_MAX: u32 = 1 << 16;

/// The key of a slot's latest tenant that has one.
#[derive(Clone, Copy, Debug)]
struct SlotKey {
    entity: Entity,
    key: EntityKey,
}

/// The shapes that a file's meshes became.
#[derive(Clone, Copy, Debug)]
struct FileMeshes {
    file: u32,
    first: u32,
    count: u32,
}

impl<'scene> Keys<'scene> {
    /// A table without entries. Numbers of the project's own begin at `next_number`.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn try_new(scene: &SceneState<'scene>, next_number: u32) -> Result<Self, ProjectError> {
        let memory = scene.memory();
        let entities = memory.try_child("entities by key", memory.tagged().left() / 4)?;
        Ok(Keys {
            slots: array_tagged(memory, Tag::PROJECT, "keys", scene.entities_max())?,
            entities: ArenaMap::new_in(entities.into_sole(Tag::PROJECT)),
            meshes: array_tagged(memory, Tag::PROJECT, "meshes of files", FILES_MAX)?,
            next_number: next_number.max(1),
        })
    }

    /// The lowest number that no entity of the project's own has had.
    pub fn next_number(&self) -> u32 {
        self.next_number
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, additional: usize) -> Result<(), ProjectError> {
        Ok(self.entities.try_reserve(additional)?)
    }

    /// Gives an entity a key; both may have had others.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn bind(&mut self, entity: Entity, key: EntityKey) -> Result<(), ProjectError> {
        let slot = entity.index() as usize;
        if slot >= self.slots.len() {
            self.slots.try_resize(slot + 1, None)?;
        }
        self.entities.try_insert(key, entity)?;
        self.slots[slot] = Some(SlotKey { entity, key });
        if key.file().is_none() {
            self.next_number = self.next_number.max(key.number().saturating_add(1));
        }
        Ok(())
    }

    /// Says that the meshes of a file became `count` shapes from `first` on.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn bind_meshes(&mut self, file: u32, first: ShapeId, count: u32) -> Result<(), ProjectError> {
        Ok(self.meshes.try_push(FileMeshes { file, first: first.index(), count })?)
    }

    /// Whether a file's meshes have become shapes.
    pub fn has_meshes(&self, file: u32) -> bool {
        self.meshes.iter().any(|meshes| meshes.file == file)
    }

    /// An entity's key.
    pub fn key(&self, entity: Entity) -> Option<EntityKey> {
        let slot = self.slots.get(entity.index() as usize)?.as_ref();
        slot.filter(|slot| slot.entity == entity).map(|slot| slot.key)
    }

    /// An entity's key; one that has none becomes the project's own.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn key_or_new(&mut self, entity: Entity) -> Result<EntityKey, ProjectError> {
        match self.key(entity) {
            Some(key) => Ok(key),
            None => {
                let key = EntityKey::own(self.next_number);
                self.bind(entity, key)?;
                Ok(key)
            }
        }
    }

    /// Who has a key; it may be gone.
    pub fn entity(&self, key: EntityKey) -> Option<Entity> {
        self.entities.get(&key).copied()
    }

    /// The mesh that became a shape.
    pub fn mesh_key(&self, shape: ShapeId) -> Option<MeshKey> {
        let index = shape.index();
        let meshes = self.meshes.iter().find(|meshes| index.wrapping_sub(meshes.first) < meshes.count)?;
        Some(MeshKey { file: meshes.file, mesh: index - meshes.first })
    }

    /// The shape that a mesh became.
    pub fn shape(&self, mesh: MeshKey) -> Option<ShapeId> {
        let meshes = self.meshes.iter().find(|meshes| meshes.file == mesh.file && mesh.mesh < meshes.count)?;
        Some(ShapeId::from_index(meshes.first + mesh.mesh))
    }
}
