//! The project document as plain data: what a project says beyond the glTF files that it refers to.
//!
//! # Invariants
//! 1. Keys are used once; what a key refers to may be missing, because the file that it comes from may be.
//! 2. Nothing here has a destructor, and all of it may be sent to another thread.

use glam::Vec3;

use super::key::{EntityKey, MeshKey};
use crate::components::Camera;
use crate::light::Light;
use crate::transform::Local;

/// The schema that this version writes.
pub const SCHEMA: u64 = 2;

/// A field that this version doesn't know, kept as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownField<'s> {
    /// Its name.
    pub name: &'s str,
    /// Its value, as JSON.
    pub value: &'s str,
}

/// What a project says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Document<'s> {
    /// The glTF files that it refers to.
    pub files: &'s [FileEntry<'s>],
    /// Entities that were added, and nodes of the files that were changed.
    pub entities: &'s [EntityEntry<'s>],
    /// Nodes of the files that were removed; what stands below them has gone with them.
    pub removed: &'s [EntityKey],
    /// How it is looked at.
    pub view: View<'s>,
    /// The lowest number that no entity of the project's own has had.
    pub next_number: u32,
    /// What else the file has.
    pub unknown: &'s [UnknownField<'s>],
}

/// A reference to a glTF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEntry<'s> {
    /// Its number in the project, from 1.
    pub id: u32,
    /// Where it is, from the project's folder, with `/` between folders.
    pub path: &'s str,
    /// Which of its scenes is meant; `None` for the one that the file says.
    pub scene: Option<u32>,
    /// What else the file has.
    pub unknown: &'s [UnknownField<'s>],
}

/// An entity that was added, or what was changed about a node. What is `None` is as it was: as in the glTF file, or as in
/// an entity that has just been made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntityEntry<'s> {
    /// Which one.
    pub key: EntityKey,
    /// Its name.
    pub name: Option<&'s str>,
    /// Where in the hierarchy it stands.
    pub place: Option<Place>,
    /// Where it stands relative to its parent.
    pub local: Option<Local>,
    /// Whether it wishes to be seen.
    pub visible: Option<bool>,
    /// What looks from there; `Some(None)` where a node's camera was taken away.
    pub camera: Option<Option<Camera>>,
    /// What shines from there; `Some(None)` where it was taken away.
    pub light: Option<Option<Light>>,
    /// What it shows; `Some(None)` where a node's mesh was taken away.
    pub mesh: Option<Option<MeshKey>>,
    /// What else the file has about its camera.
    pub camera_unknown: &'s [UnknownField<'s>],
    /// What else the file has about its light.
    pub light_unknown: &'s [UnknownField<'s>],
    /// Components of the client's own.
    pub components: &'s [ComponentEntry<'s>],
    /// What else the file has.
    pub unknown: &'s [UnknownField<'s>],
}

/// A component of the client's own, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentEntry<'s> {
    /// The column, by the name it was added with.
    pub column: &'s str,
    /// The component as its [`Component`](crate::Component) writes it.
    pub bytes: &'s [u8],
}

/// A place in the hierarchy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// What it stands below; without it, it is a root.
    pub parent: Option<EntityKey>,
    /// The sibling that it stands before; without it, it is the last.
    pub before: Option<EntityKey>,
}

/// How a project is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View<'s> {
    /// Where the eye is.
    pub eye: Option<Vec3>,
    /// What it looks at.
    pub target: Option<Vec3>,
    /// The camera that is looked through.
    pub camera: Option<EntityKey>,
    /// Whether the grid is shown.
    pub grid: Option<bool>,
    /// What else the file has.
    pub unknown: &'s [UnknownField<'s>],
}

impl Document<'_> {
    /// A project that says nothing.
    pub const EMPTY: Document<'static> = Document {
        files: &[],
        entities: &[],
        removed: &[],
        view: View { eye: None, target: None, camera: None, grid: None, unknown: &[] },
        next_number: 1,
        unknown: &[],
    };
}

impl EntityEntry<'_> {
    /// Says nothing about an entity.
    pub const fn new(key: EntityKey) -> EntityEntry<'static> {
        EntityEntry {
            key,
            name: None,
            place: None,
            local: None,
            visible: None,
            camera: None,
            light: None,
            mesh: None,
            camera_unknown: &[],
            light_unknown: &[],
            components: &[],
            unknown: &[],
        }
    }
}
