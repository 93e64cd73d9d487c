//! Boxes around what a scene shows, in the world's coordinates.

use glam::Vec3;
use voltrum_assets::Bounds;

use crate::changes::note;
use crate::components::is_shown;
use crate::entity::Entity;
use crate::pack::Affine;
use crate::state::SceneState;
use crate::walk::descendants;

/// Around every mesh of the scene that is shown, as of the last update.
pub fn bounds(scene: &SceneState<'_>) -> Bounds {
    let all = scene.meshes.entities().iter().zip(scene.meshes.derived());
    let shown = all.filter(|(owner, _)| is_shown(scene, **owner));
    shown.fold(Bounds::EMPTY, |all, (_, one)| all.with(*one))
}

/// Around the meshes of an entity and of everything below it, as of the last update; empty when it has none.
pub fn bounds_below(scene: &SceneState<'_>, entity: Entity) -> Bounds {
    descendants(scene, entity).fold(Bounds::EMPTY, |all, (one, _)| match scene.meshes.position(one) {
        Some(at) => all.with(scene.meshes.derived()[at]),
        None => all,
    })
}

/// Around each mesh, as of the last update, side by side with the values of [`meshes`](crate::meshes).
pub fn mesh_bounds<'a>(scene: &'a SceneState<'_>) -> &'a [Bounds] {
    scene.meshes.derived()
}

/// Brings the box around a slot's mesh, if it has one, to where the slot's world transform puts it. The transform comes by
/// the way: where it has just been stored it can't be read again at once.
#[inline]
pub(crate) fn place_mesh(scene: &mut SceneState<'_>, slot: u32, world: &Affine) {
    if let Some(at) = scene.meshes.living_at(slot) {
        let shape = scene.shapes.get(scene.meshes.values()[at].index() as usize);
        let inner = shape.map_or(Bounds::EMPTY, |shape| shape.bounds);
        let carried = scene.carried.as_ref().and_then(|column| Some(&column.values()[column.living_at(slot)?]));
        scene.meshes.derived_mut()[at] = placed(inner, carried.unwrap_or(world));
        note(scene, slot);
    }
}

/// The box around a box that was moved (Arvo, "Transforming axis-aligned bounding boxes", Graphics Gems, 1990).
#[inline(always)]
pub(crate) fn placed(bounds: Bounds, world: &Affine) -> Bounds {
    if bounds.is_empty() {
        return bounds;
    }
    let mut out = Bounds { min: Vec3::from_array(world.translation), max: Vec3::from_array(world.translation) };
    for (axis, from, to) in [
        (world.x_axis, bounds.min.x, bounds.max.x),
        (world.y_axis, bounds.min.y, bounds.max.y),
        (world.z_axis, bounds.min.z, bounds.max.z),
    ] {
        let axis = Vec3::from_array(axis);
        let (one, other) = (axis * from, axis * to);
        out.min += one.min(other);
        out.max += one.max(other);
    }
    out
}
