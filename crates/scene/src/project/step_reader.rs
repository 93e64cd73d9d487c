//! Steps from the journal: what [`StepWriter`](super::StepWriter) wrote, about the entities of this run.
//!
//! # Invariants
//! 1. What is read is checked: bytes that pass the checksum may still be another version's.

use glam::{Mat4, Quat, Vec3};
use voltrum_assets::Lens;

use super::document::FileEntry;
use super::error::ProjectError;
use super::key::{EntityKey, MeshKey};
use super::keys::Keys;
use super::record::{CONTINUED, TAKEN_BACK};
use super::step::{
    DESPAWN, IMPORT, IMPORT_SCENE, MOVE, RENAME, REPARENT, SET_CAMERA, SET_COMPONENT, SET_LIGHT, SET_MESH, SHOW, SPAWN,
    Telling,
};
use crate::components::Camera;
use crate::edit::{Edit, SpawnEdit};
use crate::entity::Entity;
use crate::light::{Light, LightKind};
use crate::shape::ShapeId;
use crate::transform::{Local, Transform};

/// A step that is read back.
#[derive(Clone, Debug)]
pub struct StepReader<'s> {
    sequence: u64,
    telling: Telling,
    label: &'s str,
    rest: &'s [u8],
}

/// An edit that is read back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Recovered<'s> {
    /// To be applied.
    Edit(Edit<'s>),
    /// To be applied; whoever it becomes gets this key by [`Keys::bind`].
    Spawn(SpawnEdit<'s>, EntityKey),
    /// A file became part of the project: its meshes have to be there before the edits behind this are read
    /// ([`Keys::bind_meshes`]); its nodes come as spawns.
    Import(FileEntry<'s>),
    /// About an entity that isn't there: the file that it comes from is missing or has changed.
    Missing(EntityKey),
}

impl<'s> StepReader<'s> {
    /// A step from a record's payload.
    pub(super) fn new(sequence: u64, payload: &'s [u8]) -> Result<StepReader<'s>, ProjectError> {
        let telling = match payload.first() {
            Some(&CONTINUED) => Telling::Again,
            Some(&TAKEN_BACK) => Telling::TakenBack,
            _ => Telling::New,
        };
        let mut reader = StepReader { sequence, telling, label: "", rest: payload.get(1..).unwrap_or_default() };
        reader.label = reader.text()?;
        Ok(reader)
    }

    /// The step's number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether it is a step of its own, or the one before it once more.
    pub fn telling(&self) -> Telling {
        self.telling
    }

    /// What the user saw it called.
    pub fn label(&self) -> &'s str {
        self.label
    }

    /// The next edit, about the entities that have its keys now; `None` behind the last.
    ///
    /// # Errors
    /// [`ProjectError::Record`] for what this version doesn't understand.
    pub fn next(&mut self, keys: &Keys<'_>) -> Result<Option<Recovered<'s>>, ProjectError> {
        self.read(Some(keys))
    }

    /// The next file that becomes part of the project. What stands before it is passed over.
    ///
    /// # Errors
    /// As [`StepReader::next`].
    pub fn next_import(&mut self) -> Result<Option<FileEntry<'s>>, ProjectError> {
        loop {
            match self.read(None)? {
                Some(Recovered::Import(file)) => return Ok(Some(file)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    fn read(&mut self, keys: Option<&Keys<'_>>) -> Result<Option<Recovered<'s>>, ProjectError> {
        let known = |key: EntityKey| keys.and_then(|keys| keys.entity(key));
        if self.rest.is_empty() {
            return Ok(None);
        }
        let kind = self.byte()?;
        if kind == IMPORT || kind == IMPORT_SCENE {
            let id = u32::from_le_bytes(self.array()?);
            let scene = if kind == IMPORT_SCENE { Some(u32::from_le_bytes(self.array()?)) } else { None };
            return Ok(Some(Recovered::Import(FileEntry { id, path: self.text()?, scene, unknown: &[] })));
        }
        let key = self.key()?.ok_or_else(|| self.wrong("an edit without an entity"))?;
        if kind == SPAWN {
            return self.spawn(key, keys).map(Some);
        }
        let missing = known(key).is_none();
        // what isn't there is read all the same, to come to the next edit
        let entity = known(key).unwrap_or(Entity::NOBODY);
        let edit = match kind {
            DESPAWN => Edit::Despawn { entity },
            RENAME => Edit::Rename { entity, name: self.text()? },
            MOVE => Edit::Move { entity, local: self.local()? },
            REPARENT => {
                let (parent, before) = (self.key()?, self.key()?);
                if let Some(gone) = parent.filter(|parent| known(*parent).is_none()) {
                    return Ok(Some(Recovered::Missing(gone)));
                }
                Edit::Reparent { entity, parent: parent.and_then(known), before: before.and_then(known) }
            }
            SHOW => Edit::Show { entity, visible: self.byte()? != 0 },
            SET_MESH => Edit::SetMesh { entity, mesh: self.mesh(keys)? },
            SET_CAMERA => Edit::SetCamera { entity, camera: self.camera()? },
            SET_LIGHT => Edit::SetLight { entity, light: self.light()? },
            SET_COMPONENT => {
                let (column, is_there, value) = (self.text()?, self.byte()? != 0, self.bytes()?);
                Edit::SetComponent { entity, column, value: is_there.then_some(value) }
            }
            _ => return Err(self.wrong("an edit of a kind that this version doesn't know")),
        };
        Ok(Some(if missing { Recovered::Missing(key) } else { Recovered::Edit(edit) }))
    }

    fn spawn(&mut self, key: EntityKey, keys: Option<&Keys<'_>>) -> Result<Recovered<'s>, ProjectError> {
        let (parent, before) = (self.key()?, self.key()?);
        let find = |key: Option<EntityKey>| key.and_then(|key| keys?.entity(key));
        let edit = SpawnEdit {
            entity: None,
            parent: find(parent),
            before: find(before),
            name: self.text()?,
            local: self.local()?,
            hidden: self.byte()? != 0,
            mesh: self.mesh(keys)?,
            camera: self.camera()?,
            light: self.light()?,
        };
        Ok(Recovered::Spawn(edit, key))
    }

    fn wrong(&self, reason: &'static str) -> ProjectError {
        ProjectError::Record { sequence: self.sequence, reason }
    }

    fn take(&mut self, len: usize) -> Result<&'s [u8], ProjectError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.wrong("an edit that is cut off"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProjectError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn byte(&mut self) -> Result<u8, ProjectError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn bytes(&mut self) -> Result<&'s [u8], ProjectError> {
        let len = u32::from_le_bytes(self.array()?);
        self.take(len as usize)
    }

    fn text(&mut self) -> Result<&'s str, ProjectError> {
        let bytes = self.bytes()?;
        core::str::from_utf8(bytes).map_err(|_| self.wrong("a name that is no UTF-8"))
    }

    fn key(&mut self) -> Result<Option<EntityKey>, ProjectError> {
        Ok(EntityKey::from_bits(u64::from_le_bytes(self.array()?)))
    }

    fn numbers<const N: usize>(&mut self) -> Result<[f32; N], ProjectError> {
        let mut out = [0.0; N];
        for number in &mut out {
            *number = f32::from_le_bytes(self.array()?);
        }
        Ok(out)
    }

    fn local(&mut self) -> Result<Local, ProjectError> {
        let local = match self.byte()? {
            0 => Local::Parts(Transform {
                translation: Vec3::from(self.numbers::<3>()?),
                rotation: Quat::from_array(self.numbers::<4>()?),
                scale: Vec3::from(self.numbers::<3>()?),
            }),
            1 => Local::Matrix(Mat4::from_cols_array(&self.numbers::<16>()?)),
            _ => return Err(self.wrong("a transform of a kind that this version doesn't know")),
        };
        Ok(local)
    }

    fn mesh(&mut self, keys: Option<&Keys<'_>>) -> Result<Option<ShapeId>, ProjectError> {
        let mesh = MeshKey::from_bits(u64::from_le_bytes(self.array()?));
        Ok(mesh.and_then(|mesh| keys?.shape(mesh)))
    }

    fn camera(&mut self) -> Result<Option<Camera>, ProjectError> {
        let given = |number: f32| Some(number).filter(|number| !number.is_nan());
        let lens = match self.byte()? {
            0 => return Ok(None),
            1 => {
                let [fov_y, aspect, near, far] = self.numbers()?;
                Lens::Perspective { fov_y, aspect: given(aspect), near, far: given(far) }
            }
            2 => {
                let [half_width, half_height, near, far] = self.numbers()?;
                Lens::Orthographic { half_width, half_height, near, far }
            }
            _ => return Err(self.wrong("a camera of a kind that this version doesn't know")),
        };
        Ok(Some(Camera { lens }))
    }

    fn light(&mut self) -> Result<Option<Light>, ProjectError> {
        let kind = self.byte()?;
        if kind == 0 {
            return Ok(None);
        }
        let color = self.numbers()?;
        let [intensity, range, inner, outer] = self.numbers()?;
        let kind = match kind {
            1 => LightKind::Directional,
            2 => LightKind::Point,
            3 => LightKind::Spot { inner, outer },
            _ => return Err(self.wrong("a light of a kind that this version doesn't know")),
        };
        Ok(Some(Light { kind, color, intensity, range: Some(range).filter(|range| !range.is_nan()) }))
    }
}
