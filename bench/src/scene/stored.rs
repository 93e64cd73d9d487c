//! What a peer keeps of an entity: the bytes that our components have, with the same values.

use bevy_ecs::component::Component;
use glam::Vec3;
use voltrum_scene::{Affine, Bounds, PackedTransform, ShapeId};

use super::data::{BOX, transform};

/// Where it stands relative to what it stands below.
#[derive(Clone, Copy, Component)]
pub(super) struct Local(pub(super) PackedTransform);

/// Where it stands.
#[derive(Clone, Copy, Component)]
pub(super) struct World(pub(super) Affine);

/// What it shows.
#[derive(Clone, Copy, Component)]
pub(super) struct Mesh {
    _shape: ShapeId,
}

/// Around what it shows.
#[derive(Clone, Copy, Component)]
pub(super) struct Around {
    _bounds: Bounds,
}

/// What a peer stores of an entity, all of it known when it is made.
pub(super) fn bundle(index: u64) -> (Local, World, Mesh, Around) {
    let local = PackedTransform::from(transform(index));
    let world = local.affine();
    let center = Vec3::from_array(world.translation);
    let around = Bounds { min: center + BOX.min, max: center + BOX.max };
    (Local(local), World(world), Mesh { _shape: ShapeId::default() }, Around { _bounds: around })
}
