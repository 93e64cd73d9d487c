//! The built-in components: names, visibility, meshes, cameras, lights.

use voltrum_assets::{Bounds, Lens};
use voltrum_render::Draw;

use crate::bounds::place_mesh;
use crate::changes::note;
use crate::column::Column;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::light::Light;
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::world::mark_changed;

/// What looks from an entity, down its -Z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What it sees.
    pub lens: Lens,
}

/// An entity's name, or empty; `None` when the entity is gone.
pub fn name<'scene>(scene: &SceneState<'scene>, entity: Entity) -> Option<&'scene str> {
    scene.find(entity).map(|at| scene.names.text(scene.names.number(at)))
}

/// Renames an entity. Each text that was ever a name stays with the arena once, until the scene closes.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Memory`].
pub fn set_name(scene: &mut SceneState<'_>, entity: Entity, name: &str) -> Result<(), SceneError> {
    let at = scene.require(entity)?;
    let number = scene.names.intern(name, &scene.memory)?;
    scene.names.set(at, number)
}

/// Whether an entity wishes to be seen.
pub fn is_visible(scene: &SceneState<'_>, entity: Entity) -> bool {
    scene.find(entity).is_some_and(|at| scene.nodes[at].is_visible())
}

/// Whether an entity and all above it wish to be seen, as of the last update.
pub fn is_shown(scene: &SceneState<'_>, entity: Entity) -> bool {
    scene.find(entity).is_some_and(|at| scene.nodes[at].is_shown())
}

/// Shows or hides an entity, with everything below it. [`update_transforms`](crate::update_transforms) makes it so.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone.
pub fn set_visible(scene: &mut SceneState<'_>, entity: Entity, visible: bool) -> Result<(), SceneError> {
    let at = scene.require(entity)?;
    if scene.nodes[at].is_visible() != visible {
        scene.nodes[at].set_visible(visible);
        mark_changed(scene, entity.index());
    }
    Ok(())
}

/// What the entities that show something show.
pub fn meshes<'a, 'scene>(scene: &'a SceneState<'scene>) -> &'a Column<'scene, ShapeId, Bounds> {
    &scene.meshes
}

/// Gives an entity what it shows, or takes it away.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Full`]; [`SceneError::Memory`].
pub fn set_mesh(scene: &mut SceneState<'_>, entity: Entity, mesh: Option<ShapeId>) -> Result<(), SceneError> {
    scene.require(entity)?;
    match mesh {
        Some(mesh) => {
            scene.meshes.put(entity, mesh, Bounds::EMPTY)?;
            let world = *scene.world_at(entity.index());
            place_mesh(scene, entity.index(), &world);
        }
        None => {
            scene.meshes.remove(entity);
            note(scene, entity.index());
        }
    }
    Ok(())
}

/// The cameras of all entities that have one.
pub fn cameras<'a, 'scene>(scene: &'a SceneState<'scene>) -> &'a Column<'scene, Camera> {
    &scene.cameras
}

/// Gives an entity a camera, or takes it away.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Full`]; [`SceneError::Memory`].
pub fn set_camera(scene: &mut SceneState<'_>, entity: Entity, camera: Option<Camera>) -> Result<(), SceneError> {
    scene.require(entity)?;
    set(&mut scene.cameras, entity, camera)
}

/// The lights of all entities that have one.
pub fn lights<'a, 'scene>(scene: &'a SceneState<'scene>) -> &'a Column<'scene, Light> {
    &scene.lights
}

/// Gives an entity a light, or takes it away.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Full`]; [`SceneError::Memory`].
pub fn set_light(scene: &mut SceneState<'_>, entity: Entity, light: Option<Light>) -> Result<(), SceneError> {
    scene.require(entity)?;
    set(&mut scene.lights, entity, light)
}

/// Gives an entity a component, or takes it away.
pub(crate) fn set<T>(column: &mut Column<'_, T>, entity: Entity, value: Option<T>) -> Result<(), SceneError> {
    match value {
        Some(value) => column.insert(entity, value).map(drop),
        None => {
            column.remove(entity);
            Ok(())
        }
    }
}

/// What is to be drawn, as of the last update: a draw per part of every mesh that is shown.
pub fn draws<'a>(scene: &'a SceneState<'_>) -> impl Iterator<Item = Draw> + 'a {
    scene.meshes.iter().filter(|(entity, _)| is_shown(scene, *entity)).flat_map(|(entity, shape)| {
        let world = scene.world_at(entity.index()).matrix();
        let parts = scene.shapes.get(shape.index() as usize).map_or(&[][..], |shape| shape.parts);
        parts.iter().map(move |part| Draw { mesh: part.mesh, material: part.material, world, ..Draw::default() })
    })
}
