//! One change of a scene as plain data: what scripts ask for, what a journal keeps, what a project file replays.
//!
//! [`Transaction::apply`](crate::undo::Transaction::apply) carries an edit out;
//! [`visit_edits`](crate::undo::visit_edits) tells afterwards which ones a step, its undoing or its redoing amounted to. So
//! a journal writes what it is told, and reads it back into the same calls.
//!
//! # Invariants
//! 1. Applied in order to the scene that they were taken from, edits give the scene that they led to. Entities are the one
//!    thing that differs in another run: whoever replays keeps a table from those in the record to those that
//!    [`Edit::Spawn`] made.
//! 2. An edit holds what becomes, never what was: the history keeps that.
//! 3. Small and `Copy`: text and bytes are borrowed.
//!
//! # Deliberately absent
//! Duplication and import: both are a list of spawns. Selection: it is restored by undo, but it is no part of a project.

use crate::components::Camera;
use crate::entity::Entity;
use crate::light::Light;
use crate::shape::ShapeId;
use crate::transform::Local;

/// One change.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Edit<'a> {
    /// Adds one entity.
    Spawn(SpawnEdit<'a>),
    /// Removes an entity with everything below it.
    Despawn {
        /// The topmost one.
        entity: Entity,
    },
    /// Gives an entity another name.
    Rename {
        /// Whom.
        entity: Entity,
        /// Any text; empty takes the name away.
        name: &'a str,
    },
    /// Places an entity relative to its parent.
    Move {
        /// Whom.
        entity: Entity,
        /// Where.
        local: Local,
    },
    /// Puts an entity, with everything below it, elsewhere in the hierarchy or elsewhere among its siblings. It keeps its
    /// local transform: where the world transform is to stay, an [`Edit::Move`] follows.
    Reparent {
        /// Whom.
        entity: Entity,
        /// Below whom; `None` makes it a root.
        parent: Option<Entity>,
        /// Before which of that one's children; `None` is after the last.
        before: Option<Entity>,
    },
    /// Shows or hides an entity, with everything below it.
    Show {
        /// Whom.
        entity: Entity,
        /// Whether it wishes to be seen.
        visible: bool,
    },
    /// Gives an entity a mesh, or takes it away.
    SetMesh {
        /// Whom.
        entity: Entity,
        /// What it shows.
        mesh: Option<ShapeId>,
    },
    /// Gives an entity a camera, or takes it away.
    SetCamera {
        /// Whom.
        entity: Entity,
        /// What looks from there.
        camera: Option<Camera>,
    },
    /// Gives an entity a light, or takes it away.
    SetLight {
        /// Whom.
        entity: Entity,
        /// What shines from there.
        light: Option<Light>,
    },
    /// Gives an entity a component of the client's, or takes it away.
    SetComponent {
        /// Whom.
        entity: Entity,
        /// The column, by the name it was added with.
        column: &'a str,
        /// The component as its [`Component`](crate::Component) writes it.
        value: Option<&'a [u8]>,
    },
}

/// An entity to be, and what the built-in columns say of it; a client's components follow as [`Edit::SetComponent`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpawnEdit<'a> {
    /// Who it became, where the edit tells what was done. Applying an edit ignores it: the scene chooses, and says so.
    pub entity: Option<Entity>,
    /// What it stands below; `None` is a root.
    pub parent: Option<Entity>,
    /// Before which of that one's children; `None` is after the last.
    pub before: Option<Entity>,
    /// Its name, or empty.
    pub name: &'a str,
    /// Where it stands relative to its parent.
    pub local: Local,
    /// Whether it is hidden, with everything below it.
    pub hidden: bool,
    /// What it shows.
    pub mesh: Option<ShapeId>,
    /// What looks from there.
    pub camera: Option<Camera>,
    /// What shines from there.
    pub light: Option<Light>,
}

impl Edit<'_> {
    /// Whom it concerns; of a spawn, who it became.
    pub fn entity(&self) -> Option<Entity> {
        match *self {
            Edit::Spawn(spawn) => spawn.entity,
            Edit::Despawn { entity }
            | Edit::Rename { entity, .. }
            | Edit::Move { entity, .. }
            | Edit::Reparent { entity, .. }
            | Edit::Show { entity, .. }
            | Edit::SetMesh { entity, .. }
            | Edit::SetCamera { entity, .. }
            | Edit::SetLight { entity, .. }
            | Edit::SetComponent { entity, .. } => Some(entity),
        }
    }
}
