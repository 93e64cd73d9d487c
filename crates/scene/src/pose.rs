//! Poses: where an animation shows entities while it lasts, and where their meshes are carried by skins. None of it is part of
//! what [`local`](crate::local) says, so nothing of it is edited, undone or saved.

use crate::bounds::place_mesh;
use crate::column::Column;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::pack::{Affine, PackedTransform};
use crate::state::SceneState;
use crate::transform::Transform;
use crate::world::mark_changed;

/// Shows an entity, with everything below it, as if it stood at `at` relative to its parent, until [`unpose`].
/// [`update_transforms`](crate::update_transforms) makes it so.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::NotFinite`]; [`SceneError::Memory`].
pub fn pose(scene: &mut SceneState<'_>, entity: Entity, at: Transform) -> Result<(), SceneError> {
    let slot = scene.require(entity)?;
    if !(at.translation.is_finite() && at.rotation.is_finite() && at.scale.is_finite()) {
        return Err(SceneError::NotFinite);
    }
    let at = PackedTransform::from(at);
    if scene.poses.is_none() {
        scene.poses = Some(Column::fitting(&scene.memory, "poses", scene.entities_max, scene.entities_max)?);
    }
    match &mut scene.poses {
        Some(poses) if poses.get(entity) != Some(&at) => drop(poses.insert(entity, at)?),
        _ => return Ok(()),
    }
    scene.nodes[slot].set_posed(true);
    mark_changed(scene, entity.index());
    Ok(())
}

/// Shows everything where it stands again, to the last bit.
pub fn unpose(scene: &mut SceneState<'_>) {
    while let Some(entity) = scene.poses.as_ref().and_then(|poses| poses.entities().last().copied()) {
        scene.poses.as_mut().and_then(|poses| poses.remove(entity));
        let node = &mut scene.nodes[entity.index() as usize];
        node.set_posed(false);
        // one that is out of the scene is placed when it comes back
        if node.is_alive() {
            mark_changed(scene, entity.index());
        }
    }
}

/// Whether something is shown elsewhere than where it stands.
pub fn is_posed(scene: &SceneState<'_>) -> bool {
    scene.poses.as_ref().is_some_and(|poses| !poses.is_empty())
}

/// Says where an entity's mesh is, from the mesh's coordinates to the world's, because a skin carries it there and not the
/// entity: for bounds and rays. `None` is where the entity is.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Memory`].
pub fn carry(scene: &mut SceneState<'_>, entity: Entity, mesh_world: Option<Affine>) -> Result<(), SceneError> {
    scene.require(entity)?;
    if scene.carried.is_none() && mesh_world.is_some() {
        let slots = scene.entities_max;
        scene.carried = Some(Column::fitting(&scene.memory, "carried meshes", slots, slots)?);
    }
    match (&mut scene.carried, mesh_world) {
        (Some(carried), Some(world)) => drop(carried.insert(entity, world)?),
        (Some(carried), None) => drop(carried.remove(entity)),
        (None, _) => return Ok(()),
    }
    let world = *scene.world_at(entity.index());
    place_mesh(scene, entity.index(), &world);
    Ok(())
}
