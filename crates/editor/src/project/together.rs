//! Edits of the active entity that are meant for all that are selected: what was changed about it is changed about each.
//!
//! # Invariants
//! 1. What the active one keeps, the others keep: a new X leaves everybody's Y, a new colour everybody's intensity.
//! 2. An entity that isn't selected is edited alone.

use super::Project;
use super::edits::{Label, check_name, label};
use crate::error::EditorError;
use std::num::NonZeroU64;
use voltrum::scene::undo::Transaction;
use voltrum::scene::{self, Camera, Entity, Light, LightKind, Local, SceneError};

/// In what those that are selected differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mixed {
    /// Their names.
    pub name: bool,
    /// Whether they wish to be seen.
    pub visible: bool,
    /// Where they stand, along X, Y and Z.
    pub position: [bool; 3],
    /// How they are turned.
    pub rotation: bool,
    /// Their size, along X, Y and Z.
    pub scale: [bool; 3],
    /// Their lights, of those that have one.
    pub light: bool,
    /// Their cameras, of those that have one.
    pub camera: bool,
}

impl<'scene> Project<'scene> {
    /// In what those that are selected differ from the active one.
    pub fn mixed(&self) -> Mixed {
        let mut mixed = Mixed::default();
        let scene = &*self.scene;
        let Some(active) = self.selection().active() else { return mixed };
        let (own, light) = (scene::local(scene, active), scene::lights(scene).get(active));
        for other in self.selection().entities().iter().copied().filter(|other| scene.is_alive(*other)) {
            mixed.name |= scene::name(scene, other) != scene::name(scene, active);
            mixed.visible |= scene::is_visible(scene, other) != scene::is_visible(scene, active);
            if let (Some(Local::Parts(own)), Some(Local::Parts(other))) = (own, scene::local(scene, other)) {
                for axis in 0..3 {
                    mixed.position[axis] |= own.translation[axis] != other.translation[axis];
                    mixed.scale[axis] |= own.scale[axis] != other.scale[axis];
                }
                mixed.rotation |= own.rotation != other.rotation;
            }
            let differs = |other: &Light| light.is_some_and(|light| light != other);
            mixed.light |= scene::lights(scene).get(other).is_some_and(differs);
            let camera = scene::cameras(scene).get(active);
            mixed.camera |=
                scene::cameras(scene).get(other).is_some_and(|other| camera.is_some_and(|own| own != other));
        }
        mixed
    }

    /// One frame of a drag of an entity's place, rotation or scale, and of those selected with it.
    ///
    /// # Errors
    /// As [`Project::drag`].
    pub fn drag_local(&mut self, what: &str, key: NonZeroU64, entity: Entity, local: Local) -> Result<(), EditorError> {
        let label = label(what, self.meant_with(entity));
        self.drag(label.as_str(), key, |edit| {
            let old = scene::local(edit.scene(), entity).unwrap_or(local);
            on_all(edit, entity, |edit, one| {
                let theirs = scene::local(edit.scene(), one).unwrap_or_default();
                edit.set_local(one, if one == entity { local } else { local_with(old, local, theirs) })
            })
        })
    }

    /// One frame of a drag of an entity's light, and of the lights selected with it. One that had none gets it, and so do
    /// the others; with `None` all lose theirs.
    ///
    /// # Errors
    /// As [`Project::drag`].
    pub fn drag_light(&mut self, key: NonZeroU64, entity: Entity, light: Option<Light>) -> Result<(), EditorError> {
        let old = scene::lights(self.scene).get(entity).copied();
        let label = component_label("light", old.is_some(), light.is_some(), self.meant_with(entity));
        self.drag(label.as_str(), key, |edit| {
            on_all(edit, entity, |edit, one| {
                let theirs = scene::lights(edit.scene()).get(one).copied();
                edit.set_light(one, with_component(old, light, theirs, light_with))
            })
        })
    }

    /// As [`Project::drag_light`], for cameras.
    ///
    /// # Errors
    /// As [`Project::drag`].
    pub fn drag_camera(&mut self, key: NonZeroU64, entity: Entity, camera: Option<Camera>) -> Result<(), EditorError> {
        let old = scene::cameras(self.scene).get(entity).copied();
        let label = component_label("camera", old.is_some(), camera.is_some(), self.meant_with(entity));
        self.drag(label.as_str(), key, |edit| {
            on_all(edit, entity, |edit, one| {
                let theirs = scene::cameras(edit.scene()).get(one).copied();
                edit.set_camera(one, with_component(old, camera, theirs, |_, new, _| new))
            })
        })
    }

    /// Shows or hides an entity and those selected with it, with everything below each.
    ///
    /// # Errors
    /// As [`Project::edit`].
    pub fn set_visible(&mut self, entity: Entity, visible: bool) -> Result<(), EditorError> {
        let label = label(if visible { "Show" } else { "Hide" }, self.meant_with(entity));
        self.edit(label.as_str(), |edit| on_all(edit, entity, |edit, one| edit.set_visible(one, visible)))
    }

    /// Gives an entity and those selected with it a name.
    ///
    /// # Errors
    /// As [`Project::edit`]; [`EditorError::NameTooLong`].
    pub fn rename_all(&mut self, entity: Entity, name: &str) -> Result<(), EditorError> {
        check_name(name)?;
        let label = label("Rename", self.meant_with(entity));
        self.edit(label.as_str(), |edit| on_all(edit, entity, |edit, one| edit.set_name(one, name)))
    }

    /// How many an edit of an entity is meant for.
    fn meant_with(&self, entity: Entity) -> usize {
        if self.selection().contains(entity) { self.selection().len() } else { 1 }
    }
}

/// Changes an entity and those selected with it.
fn on_all<'scene>(
    edit: &mut Transaction<'_, 'scene>,
    entity: Entity,
    mut change: impl FnMut(&mut Transaction<'_, 'scene>, Entity) -> Result<(), SceneError>,
) -> Result<(), SceneError> {
    if !edit.selection().contains(entity) {
        return change(edit, entity);
    }
    let mut at = 0;
    while let Some(one) = edit.selection().entities().get(at).copied() {
        at += 1;
        if edit.scene().is_alive(one) {
            change(edit, one)?;
        }
    }
    Ok(())
}

/// Another one's place with what has changed from `old` to `new`.
fn local_with(old: Local, new: Local, other: Local) -> Local {
    let (Local::Parts(old), Local::Parts(new), Local::Parts(mut other)) = (old, new, other) else { return other };
    for axis in 0..3 {
        if old.translation[axis] != new.translation[axis] {
            other.translation[axis] = new.translation[axis];
        }
        if old.scale[axis] != new.scale[axis] {
            other.scale[axis] = new.scale[axis];
        }
    }
    if old.rotation != new.rotation {
        other.rotation = new.rotation;
    }
    Local::Parts(other)
}

/// Another one's light with what has changed from `old` to `new`.
fn light_with(old: Light, new: Light, other: Light) -> Light {
    let same_kind = |one: &LightKind, two: &LightKind| std::mem::discriminant(one) == std::mem::discriminant(two);
    let kind = match (old.kind == new.kind, same_kind(&old.kind, &new.kind)) {
        (true, _) => other.kind,
        // a cone is only for those that have one
        (false, true) if !same_kind(&new.kind, &other.kind) => other.kind,
        _ => new.kind,
    };
    Light {
        kind,
        color: if old.color == new.color { other.color } else { new.color },
        intensity: if old.intensity == new.intensity { other.intensity } else { new.intensity },
        range: if old.range == new.range { other.range } else { new.range },
    }
}

/// What becomes of another one's component.
fn with_component<C>(old: Option<C>, new: Option<C>, other: Option<C>, join: impl Fn(C, C, C) -> C) -> Option<C> {
    match (old, new, other) {
        (Some(old), Some(new), Some(other)) => Some(join(old, new, other)),
        // who has none is not meant by a change, and who has one not by an addition
        (Some(_), Some(_), None) => None,
        (None, new, other) => other.or(new),
        (_, None, _) => None,
    }
}

/// `Add light`, `Edit lights`.
fn component_label(what: &str, had: bool, has: bool, count: usize) -> Label {
    let deed = match (had, has) {
        (false, true) => "Add ",
        (_, true) => "Edit ",
        (_, false) => "Remove ",
    };
    let mut label = Label::new();
    label.set_parts(&[deed, what, if count > 1 { "s" } else { "" }]);
    label
}
