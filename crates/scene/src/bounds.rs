//! Boxes around what a scene shows, in the world's coordinates.

use voltrum_assets::Bounds;

use crate::components::is_shown;
use crate::entity::Entity;
use crate::state::SceneState;
use crate::walk::descendants;

/// Around every mesh of the scene that is shown, as of the last update.
pub fn bounds(scene: &SceneState<'_>) -> Bounds {
    let shown =
        scene.meshes.entities().iter().zip(scene.mesh_bounds.iter()).filter(|(owner, _)| is_shown(scene, **owner));
    shown.fold(Bounds::EMPTY, |all, (_, one)| all.with(*one))
}

/// Around the meshes of an entity and of everything below it, as of the last update; empty when it has none.
pub fn bounds_below(scene: &SceneState<'_>, entity: Entity) -> Bounds {
    descendants(scene, entity).fold(Bounds::EMPTY, |all, (one, _)| match scene.meshes.position(one) {
        Some(at) => all.with(scene.mesh_bounds[at]),
        None => all,
    })
}

/// Around each mesh, as of the last update, side by side with the values of [`meshes`](crate::meshes).
pub fn mesh_bounds<'a>(scene: &'a SceneState<'_>) -> &'a [Bounds] {
    &scene.mesh_bounds
}

/// Brings the box around a slot's mesh, if it has one, to where the slot's world transform puts it.
pub(crate) fn place_mesh(scene: &mut SceneState<'_>, slot: u32) {
    let Some(entity) = scene.tenant(slot) else { return };
    if let Some(at) = scene.meshes.position(entity) {
        scene.mesh_bounds[at] = scene.meshes.values()[at].bounds.transformed(&scene.worlds[slot as usize]);
    }
}
