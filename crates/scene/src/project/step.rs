//! Steps on their way into the journal: a label and the edits of one transaction, as bytes.
//!
//! Entities are written as keys and meshes as file and number, because what names them in one run names nothing in the
//! next. Numbers are little-endian, texts have their length before them.
//!
//! # Invariants
//! 1. A step is in the journal whole, or not at all.

use voltrum_assets::Lens;
use voltrum_memory::MemoryError;
use voltrum_platform::files::FileSystem;

use super::document::FileEntry;
use super::error::ProjectError;
use super::journal::Journal;
use super::key::MeshKey;
use super::keys::Keys;
use super::record::{CONTINUED, RECORD_BYTES, STEP, TAKEN_BACK};
use crate::components::Camera;
use crate::edit::Edit;
use crate::entity::Entity;
use crate::light::{Light, LightKind};
use crate::shape::ShapeId;
use crate::transform::Local;

pub(super) const SPAWN: u8 = 1;
pub(super) const DESPAWN: u8 = 2;
pub(super) const RENAME: u8 = 3;
pub(super) const MOVE: u8 = 4;
pub(super) const REPARENT: u8 = 5;
pub(super) const SHOW: u8 = 6;
pub(super) const SET_MESH: u8 = 7;
pub(super) const SET_CAMERA: u8 = 8;
pub(super) const SET_LIGHT: u8 = 9;
pub(super) const SET_COMPONENT: u8 = 10;
pub(super) const IMPORT: u8 = 11;
pub(super) const IMPORT_SCENE: u8 = 12;

/// Which step it is that the journal is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// One that it doesn't know yet.
    New,
    /// The last one that it was told of, all of it, as it stands now: a drag that goes on, or has ended.
    Again,
    /// The last one that it was told of was taken back. It has no edits.
    TakenBack,
}

/// A step on its way into the journal; nothing of it is there until [`StepWriter::finish`].
pub struct StepWriter<'j, 'scene, F: FileSystem> {
    journal: &'j mut Journal<'scene, F>,
    begin: usize,
    is_refused: bool,
    is_finished: bool,
}

impl<'scene, F: FileSystem> Journal<'scene, F> {
    /// Begins a step. What doesn't fit into memory is told by [`Journal::trouble`], not by errors: an edit that has happened
    /// isn't undone because the journal is full.
    pub fn step(&mut self, label: &str) -> StepWriter<'_, 'scene, F> {
        self.tell(label, Telling::New)
    }

    /// As [`Journal::step`], or the last step once more.
    pub fn tell(&mut self, label: &str, telling: Telling) -> StepWriter<'_, 'scene, F> {
        let kind = match telling {
            Telling::New => STEP,
            Telling::Again => CONTINUED,
            Telling::TakenBack => TAKEN_BACK,
        };
        let mut step = StepWriter { begin: self.pending.len(), journal: self, is_refused: false, is_finished: false };
        let begun = step.journal.pending.try_extend_from_slice(&[0; RECORD_BYTES]);
        let begun = begun.and_then(|()| step.put(&[kind])).and_then(|()| step.text(label));
        step.is_refused = begun.is_err();
        step
    }
}

impl<F: FileSystem> StepWriter<'_, '_, F> {
    /// Adds what was done. Entities without a key get one.
    ///
    /// # Errors
    /// When the scene arena has no room for keys; [`ProjectError::Record`] for a spawn that doesn't say who it became, or
    /// an edit of an entity that was never in the project. The step is given up then.
    pub fn add(&mut self, edit: &Edit<'_>, keys: &mut Keys<'_>) -> Result<(), ProjectError> {
        if self.is_refused {
            return Ok(());
        }
        match self.write(edit, keys) {
            // no room is the journal's trouble, not the edit's
            Err(ProjectError::Memory(_)) => {
                self.is_refused = true;
                Ok(())
            }
            done => done,
        }
    }

    /// Adds that a file became part of the project; to be followed by the spawns of its nodes, which have their keys already
    /// ([`Keys::bind`], [`Keys::bind_meshes`]).
    pub fn import(&mut self, file: &FileEntry<'_>) {
        if !self.is_refused {
            self.is_refused = self.put_import(file).is_err();
        }
    }

    fn put_import(&mut self, file: &FileEntry<'_>) -> Result<(), MemoryError> {
        self.put(&[file.scene.map_or(IMPORT, |_| IMPORT_SCENE)])?;
        self.put(&file.id.to_le_bytes())?;
        if let Some(scene) = file.scene {
            self.put(&scene.to_le_bytes())?;
        }
        self.text(file.path)
    }

    /// Hands the step to the journal and says its number; `None` when the journal takes none until the next save.
    pub fn finish(mut self, now_secs: f64, unix_secs: u64) -> Option<u64> {
        self.is_finished = true;
        if self.is_refused || !self.journal.takes(now_secs) {
            self.journal.pending.truncate(self.begin);
            self.journal.give_up(now_secs);
            return None;
        }
        Some(self.journal.seal(self.begin, now_secs, unix_secs))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), MemoryError> {
        self.journal.pending.try_extend_from_slice(bytes)
    }

    fn text(&mut self, text: &str) -> Result<(), MemoryError> {
        self.bytes(text.as_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), MemoryError> {
        self.put(&(bytes.len() as u32).to_le_bytes())?;
        self.put(bytes)
    }

    fn numbers(&mut self, numbers: &[f32]) -> Result<(), MemoryError> {
        numbers.iter().try_for_each(|number| self.put(&number.to_le_bytes()))
    }

    fn key(&mut self, entity: Option<Entity>, keys: &Keys<'_>) -> Result<(), ProjectError> {
        let key = match entity {
            None => 0,
            Some(entity) => {
                let sequence = self.journal.last() + 1;
                let reason = "it is about an entity that never was in the project";
                keys.key(entity).ok_or(ProjectError::Record { sequence, reason })?.to_bits()
            }
        };
        Ok(self.put(&key.to_le_bytes())?)
    }

    fn write(&mut self, edit: &Edit<'_>, keys: &mut Keys<'_>) -> Result<(), ProjectError> {
        match *edit {
            Edit::Spawn(spawn) => {
                let sequence = self.journal.last() + 1;
                let reason = "a spawn has to say who it became";
                let entity = spawn.entity.ok_or(ProjectError::Record { sequence, reason })?;
                keys.key_or_new(entity)?;
                self.put(&[SPAWN])?;
                self.key(Some(entity), keys)?;
                self.key(spawn.parent, keys)?;
                self.key(spawn.before, keys)?;
                self.text(spawn.name)?;
                self.local(&spawn.local)?;
                self.put(&[u8::from(spawn.hidden)])?;
                self.mesh(spawn.mesh, keys)?;
                self.camera(spawn.camera)?;
                self.light(spawn.light)?;
            }
            Edit::Despawn { entity } => {
                self.put(&[DESPAWN])?;
                self.key(Some(entity), keys)?;
            }
            Edit::Rename { entity, name } => {
                self.put(&[RENAME])?;
                self.key(Some(entity), keys)?;
                self.text(name)?;
            }
            Edit::Move { entity, local } => {
                self.put(&[MOVE])?;
                self.key(Some(entity), keys)?;
                self.local(&local)?;
            }
            Edit::Reparent { entity, parent, before } => {
                self.put(&[REPARENT])?;
                self.key(Some(entity), keys)?;
                self.key(parent, keys)?;
                self.key(before, keys)?;
            }
            Edit::Show { entity, visible } => {
                self.put(&[SHOW])?;
                self.key(Some(entity), keys)?;
                self.put(&[u8::from(visible)])?;
            }
            Edit::SetMesh { entity, mesh } => {
                self.put(&[SET_MESH])?;
                self.key(Some(entity), keys)?;
                self.mesh(mesh, keys)?;
            }
            Edit::SetCamera { entity, camera } => {
                self.put(&[SET_CAMERA])?;
                self.key(Some(entity), keys)?;
                self.camera(camera)?;
            }
            Edit::SetLight { entity, light } => {
                self.put(&[SET_LIGHT])?;
                self.key(Some(entity), keys)?;
                self.light(light)?;
            }
            Edit::SetComponent { entity, column, value } => {
                self.put(&[SET_COMPONENT])?;
                self.key(Some(entity), keys)?;
                self.text(column)?;
                self.put(&[u8::from(value.is_some())])?;
                self.bytes(value.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn local(&mut self, local: &Local) -> Result<(), MemoryError> {
        match local {
            Local::Parts(parts) => {
                self.put(&[0])?;
                self.numbers(&parts.translation.to_array())?;
                self.numbers(&parts.rotation.to_array())?;
                self.numbers(&parts.scale.to_array())
            }
            Local::Matrix(matrix) => {
                self.put(&[1])?;
                self.numbers(&matrix.to_cols_array())
            }
        }
    }

    fn mesh(&mut self, mesh: Option<ShapeId>, keys: &Keys<'_>) -> Result<(), MemoryError> {
        // a shape that came from no file of the project comes back as none
        let bits = mesh.and_then(|mesh| keys.mesh_key(mesh)).map_or(0, MeshKey::to_bits);
        self.put(&bits.to_le_bytes())
    }

    fn camera(&mut self, camera: Option<Camera>) -> Result<(), MemoryError> {
        match camera.map(|camera| camera.lens) {
            None => self.put(&[0]),
            // what isn't given is written as what no lens has
            Some(Lens::Perspective { fov_y, aspect, near, far }) => {
                self.put(&[1])?;
                self.numbers(&[fov_y, aspect.unwrap_or(f32::NAN), near, far.unwrap_or(f32::NAN)])
            }
            Some(Lens::Orthographic { half_width, half_height, near, far }) => {
                self.put(&[2])?;
                self.numbers(&[half_width, half_height, near, far])
            }
        }
    }

    fn light(&mut self, light: Option<Light>) -> Result<(), MemoryError> {
        let Some(light) = light else { return self.put(&[0]) };
        let (kind, inner, outer) = match light.kind {
            LightKind::Directional => (1, 0.0, 0.0),
            LightKind::Point => (2, 0.0, 0.0),
            LightKind::Spot { inner, outer } => (3, inner, outer),
        };
        self.put(&[kind])?;
        self.numbers(&light.color)?;
        self.numbers(&[light.intensity, light.range.unwrap_or(f32::NAN), inner, outer])
    }
}

impl<F: FileSystem> Drop for StepWriter<'_, '_, F> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.journal.pending.truncate(self.begin);
        }
    }
}
