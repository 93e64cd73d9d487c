//! The edits of a transaction. Each notes what it replaces, once per step, and then calls the scene's plain function.

use super::history::HistoryState;
use super::record::{Kind, MANY, Record, TRANSFORM};
use super::step::Step;
use super::transaction::Transaction;
use super::words::Words;
use crate::columns::ColumnRef;
use crate::component::{COMPONENT_BYTES_MAX, Component};
use crate::components::{self, Camera};
use crate::edit::Edit;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::{self, SpawnDesc};
use crate::light::Light;
use crate::node::NONE;
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::transform::Local;
use crate::walk::{next_below, next_sibling, parent};
use crate::world::{local_of, set_local};

/// Bits of what a step has recorded of an entity.
const TRANSFORM_KNOWN: u32 = 1;
const LOCAL_KNOWN: u32 = 2;
const VISIBLE_KNOWN: u32 = 4;
const NAME_KNOWN: u32 = 8;
const MESH_KNOWN: u32 = 16;
const CAMERA_KNOWN: u32 = 32;
const LIGHT_KNOWN: u32 = 64;
/// Of the first column; those past the last bit are recorded each time.
const COLUMN_KNOWN: u32 = 128;

/// Entities in one list of what was removed.
const LISTED: usize = 128;

impl<'scene> Transaction<'_, 'scene> {
    /// Adds an entity.
    ///
    /// # Errors
    /// As [`spawn`](crate::spawn); nothing is added then. Where the scene is full of what undo could bring back, the oldest
    /// steps are given up.
    pub fn spawn(&mut self, desc: &SpawnDesc<'_>) -> Result<Entity, SceneError> {
        finite(&desc.local)?;
        let entity = loop {
            match hierarchy::spawn(self.scene, desc) {
                Err(SceneError::Full { column, .. })
                    if self.scene.keeps_parked(column) && self.history.give_up_oldest(self.scene) => {}
                other => break other?,
            }
        };
        if let Err(error) = record_spawn(self.history, self.scene, self.label, entity) {
            hierarchy::despawn(self.scene, entity)?;
            return Err(error);
        }
        self.edits += 1;
        Ok(entity)
    }

    /// Removes an entity with everything below it, and says how many that were. Undo brings them back under the same
    /// handles.
    ///
    /// # Errors
    /// [`SceneError::Stale`] when it is gone; [`SceneError::Memory`].
    pub fn despawn(&mut self, entity: Entity) -> Result<u32, SceneError> {
        let root = self.scene.require(entity)? as u32;
        let place = [Some(entity), parent(self.scene, entity), next_sibling(self.scene, entity)];
        let (mut slot, mut lists, mut is_kept) = (root, 0, true);
        while slot != NONE && is_kept {
            let mut payload = [0; 1 + 3 * LISTED];
            let mut count = 0;
            while count < LISTED && slot != NONE {
                let node = &self.scene.nodes[slot as usize];
                payload[1 + 3 * count..][..3].copy_from_slice(&[slot, node.generation.get(), node.parent]);
                count += 1;
                slot = next_below(self.scene, slot, root);
            }
            payload[0] = count as u32;
            is_kept = self.record(Kind::List, &payload[..1 + 3 * count])?;
            lists += 1;
        }
        let [a, b, c, d, e, f] = join(place);
        is_kept = is_kept && self.record(Kind::Despawn, &[a, b, c, d, e, f, lists])?;
        let count = match is_kept {
            true => hierarchy::park(self.scene, root),
            false => hierarchy::despawn(self.scene, entity)?,
        };
        self.has_removed = true;
        self.edits += 1;
        Ok(count)
    }

    /// Places an entity relative to its parent.
    ///
    /// # Errors
    /// [`SceneError::Stale`]; [`SceneError::NotFinite`]; [`SceneError::Memory`].
    pub fn set_local(&mut self, entity: Entity, local: impl Into<Local>) -> Result<(), SceneError> {
        let local = local.into();
        let at = self.scene.require(entity)?;
        finite(&local)?;
        self.record_local(entity, at, matches!(local, Local::Matrix(_)))?;
        set_local(self.scene, entity, local)?;
        self.edits += 1;
        Ok(())
    }

    fn record_local(&mut self, entity: Entity, at: usize, needs_matrix: bool) -> Result<(), SceneError> {
        if self.is_lost() {
            return Ok(());
        }
        let slot = entity.index();
        if needs_matrix || self.scene.nodes[at].has_matrix() {
            if !self.history.is_recorded(slot, LOCAL_KNOWN, LOCAL_KNOWN)? {
                let mut payload = [slot, entity.generation(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
                payload[2..].copy_from_slice(&local_of(self.scene, at).to_words());
                self.record(Kind::Local, &payload)?;
            }
            return Ok(());
        }
        if self.history.is_recorded(slot, LOCAL_KNOWN | TRANSFORM_KNOWN, TRANSFORM_KNOWN)? {
            return Ok(());
        }
        let words = self.scene.locals[at].words();
        if self.lengthen(entity, &words)? {
            return Ok(());
        }
        let mut payload = [slot, entity.generation(), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        payload[3..].copy_from_slice(&words);
        self.record(Kind::Transforms, &payload)?;
        Ok(())
    }

    /// Adds a transform to the last record, where that is of the neighbouring slot.
    fn lengthen(&mut self, entity: Entity, words: &[u32; TRANSFORM]) -> Result<bool, SceneError> {
        let Some(step) = self.history.open.and_then(|open| open.step).map(Step) else { return Ok(false) };
        let ring = &mut self.history.ring;
        let Some(record) = step.last(ring).map(Record) else { return Ok(false) };
        if record.kind(ring) != Kind::Transforms {
            return Ok(false);
        }
        let [first, generation, count] = [0, 1, 2].map(|index| record.at(ring, index));
        let end = record.payload() + record.words(ring) as u64;
        let limit = MANY.min(ring.capacity() as usize / (4 * TRANSFORM));
        let joins = first.checked_add(count) == Some(entity.index()) && generation == entity.generation();
        if !joins || count as usize >= limit || end != ring.head || !ring.lengthen(TRANSFORM)? {
            return Ok(false);
        }
        ring.words_mut(end, TRANSFORM).copy_from_slice(words);
        ring.put(record.payload() + 2, count + 1);
        ring.put(record.0 + 3, (record_words(count + 1)) as u32);
        Ok(true)
    }

    /// Notes a value before it changes, once per step.
    fn record_value(&mut self, entity: Entity, known: u32, kind: Kind, value: &[u32]) -> Result<(), SceneError> {
        if self.is_lost() || known != 0 && self.history.is_recorded(entity.index(), known, known)? {
            return Ok(());
        }
        let mut payload = [0; 4 + COMPONENT_BYTES_MAX / 4];
        (payload[0], payload[1]) = (entity.index(), entity.generation());
        payload[2..2 + value.len()].copy_from_slice(value);
        self.record(kind, &payload[..2 + value.len()])?;
        Ok(())
    }

    /// Renames an entity.
    ///
    /// # Errors
    /// [`SceneError::Stale`]; [`SceneError::Memory`].
    pub fn set_name(&mut self, entity: Entity, name: &str) -> Result<(), SceneError> {
        let at = self.scene.require(entity)?;
        let number = self.scene.names.number(at);
        if self.scene.names.text(number) != name {
            self.record_value(entity, NAME_KNOWN, Kind::Name, &[number])?;
            components::set_name(self.scene, entity, name)?;
            self.edits += 1;
        }
        Ok(())
    }

    /// Shows or hides an entity, with everything below it.
    ///
    /// # Errors
    /// [`SceneError::Stale`]; [`SceneError::Memory`].
    pub fn set_visible(&mut self, entity: Entity, visible: bool) -> Result<(), SceneError> {
        let at = self.scene.require(entity)?;
        let was = self.scene.nodes[at].is_visible();
        if was != visible {
            self.record_value(entity, VISIBLE_KNOWN, Kind::Visible, &[u32::from(was)])?;
            components::set_visible(self.scene, entity, visible)?;
            self.edits += 1;
        }
        Ok(())
    }

    /// Gives an entity what it shows, or takes it away.
    ///
    /// # Errors
    /// As [`set_mesh`](crate::set_mesh).
    pub fn set_mesh(&mut self, entity: Entity, mesh: Option<ShapeId>) -> Result<(), SceneError> {
        self.scene.require(entity)?;
        let was = self.scene.meshes.get(entity).map_or([0, 0], |shape| [1, shape.index()]);
        self.record_value(entity, MESH_KNOWN, Kind::Mesh, &was)?;
        components::set_mesh(self.scene, entity, mesh)?;
        self.edits += 1;
        Ok(())
    }

    /// Gives an entity a camera, or takes it away.
    ///
    /// # Errors
    /// As [`set_camera`](crate::set_camera).
    pub fn set_camera(&mut self, entity: Entity, camera: Option<Camera>) -> Result<(), SceneError> {
        self.scene.require(entity)?;
        let mut was = [0; 9];
        if let Some(camera) = self.scene.cameras.get(entity) {
            was[0] = 1;
            was[1..].copy_from_slice(&camera.to_words());
        }
        self.record_value(entity, CAMERA_KNOWN, Kind::Camera, &was)?;
        components::set_camera(self.scene, entity, camera)?;
        self.edits += 1;
        Ok(())
    }

    /// Gives an entity a light, or takes it away.
    ///
    /// # Errors
    /// As [`set_light`](crate::set_light).
    pub fn set_light(&mut self, entity: Entity, light: Option<Light>) -> Result<(), SceneError> {
        self.scene.require(entity)?;
        let mut was = [0; 10];
        if let Some(light) = self.scene.lights.get(entity) {
            was[0] = 1;
            was[1..].copy_from_slice(&light.to_words());
        }
        self.record_value(entity, LIGHT_KNOWN, Kind::Light, &was)?;
        components::set_light(self.scene, entity, light)?;
        self.edits += 1;
        Ok(())
    }

    /// Gives an entity a component of the client's, or takes it away.
    ///
    /// # Errors
    /// [`SceneError::Stale`]; [`SceneError::Full`]; [`SceneError::Memory`].
    pub fn set_component<T: Component>(
        &mut self,
        column: ColumnRef<'scene, T>,
        entity: Entity,
        value: Option<T>,
    ) -> Result<(), SceneError> {
        let mut bytes = [0; COMPONENT_BYTES_MAX];
        if let Some(value) = &value {
            value.write(&mut bytes[..T::BYTES]);
        }
        self.set_bytes(column.index() as usize, entity, value.is_some().then_some(&bytes[..T::BYTES]))
    }

    fn set_bytes(&mut self, index: usize, entity: Entity, value: Option<&[u8]>) -> Result<(), SceneError> {
        self.scene.require(entity)?;
        let column = *self.scene.columns.get(index).ok_or(SceneError::NoColumn)?;
        let mut bytes = [0; COMPONENT_BYTES_MAX];
        let has = column.write(entity, &mut bytes).is_some();
        let mut was = [0u32; 2 + COMPONENT_BYTES_MAX / 4];
        (was[0], was[1]) = (index as u32, u32::from(has));
        bytemuck::cast_slice_mut::<u32, u8>(&mut was[2..]).copy_from_slice(&bytes);
        let known = u32::try_from(index).ok().and_then(|index| COLUMN_KNOWN.checked_shl(index)).unwrap_or(0);
        self.record_value(entity, known, Kind::Component, &was[..2 + column.bytes().div_ceil(4)])?;
        column.read(entity, value)?;
        self.edits += 1;
        Ok(())
    }

    /// Moves an entity with everything below it under another parent (none: to the roots), before one of its children or to
    /// the end. It keeps its local transform.
    ///
    /// # Errors
    /// As [`reparent`](crate::reparent).
    pub fn reparent(
        &mut self,
        entity: Entity,
        under: Option<Entity>,
        before: Option<Entity>,
    ) -> Result<(), SceneError> {
        let was = [parent(self.scene, entity), next_sibling(self.scene, entity)];
        hierarchy::reparent(self.scene, entity, under, before)?;
        let is = [parent(self.scene, entity), next_sibling(self.scene, entity)];
        if was != is {
            let payload: [u32; 10] = join([Some(entity), was[0], was[1], is[0], is[1]]);
            if let Err(error) = self.record(Kind::Link, &payload) {
                hierarchy::reparent(self.scene, entity, was[0], was[1])?;
                return Err(error);
            }
            self.edits += 1;
        }
        Ok(())
    }

    /// Does what an edit says, and says whom it concerned: of a spawn, who it became.
    ///
    /// # Errors
    /// What the methods for it say; [`SceneError::NoColumn`]; [`SceneError::Component`].
    pub fn apply(&mut self, edit: &Edit<'_>) -> Result<Entity, SceneError> {
        match *edit {
            Edit::Spawn(new) => {
                let (name, parent, before) = (new.name, new.parent, new.before);
                let (local, hidden) = (new.local, new.hidden);
                let (mesh, camera, light) = (new.mesh, new.camera, new.light);
                return self.spawn(&SpawnDesc { name, parent, before, local, hidden, mesh, camera, light });
            }
            Edit::Despawn { entity } => self.despawn(entity).map(drop)?,
            Edit::Rename { entity, name } => self.set_name(entity, name)?,
            Edit::Move { entity, local } => self.set_local(entity, local)?,
            Edit::Reparent { entity, parent, before } => self.reparent(entity, parent, before)?,
            Edit::Show { entity, visible } => self.set_visible(entity, visible)?,
            Edit::SetMesh { entity, mesh } => self.set_mesh(entity, mesh)?,
            Edit::SetCamera { entity, camera } => self.set_camera(entity, camera)?,
            Edit::SetLight { entity, light } => self.set_light(entity, light)?,
            Edit::SetComponent { entity, column, value } => {
                let index = self.scene.columns.iter().position(|one| one.name() == column);
                self.set_bytes(index.ok_or(SceneError::NoColumn)?, entity, value)?;
            }
        }
        edit.entity().ok_or(SceneError::NoColumn)
    }
}

/// Notes that an entity is new.
pub(crate) fn record_spawn(
    history: &mut HistoryState<'_>,
    scene: &mut SceneState<'_>,
    label: &str,
    entity: Entity,
) -> Result<(), SceneError> {
    let payload: [u32; 6] = join([Some(entity), parent(scene, entity), next_sibling(scene, entity)]);
    history.record(scene, label, Kind::Spawn, &payload).map(drop)
}

/// Payload words of a record of so many transforms.
fn record_words(count: u32) -> usize {
    3 + count as usize * TRANSFORM
}

/// The words of several entities.
fn join<const N: usize, const M: usize>(entities: [Option<Entity>; N]) -> [u32; M] {
    const { assert!(M == 2 * N) }
    let mut words = [0; M];
    for (at, entity) in entities.iter().enumerate() {
        words[2 * at..][..2].copy_from_slice(&entity.to_words());
    }
    words
}

fn finite(local: &Local) -> Result<(), SceneError> {
    let is_finite = match local {
        Local::Parts(parts) => parts.translation.is_finite() && parts.rotation.is_finite() && parts.scale.is_finite(),
        Local::Matrix(matrix) => matrix.is_finite(),
    };
    if is_finite { Ok(()) } else { Err(SceneError::NotFinite) }
}
