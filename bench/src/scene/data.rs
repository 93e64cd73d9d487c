//! What every contender keeps of an entity: the same bytes, with the same values.

#[cfg(feature = "bevy")]
use bevy_ecs::component::Component;
use glam::{Quat, Vec3};
use voltrum_scene::{Affine, Bounds, PackedTransform, ShapeId, Transform};

/// Where it stands relative to what it stands below.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub(super) struct Local(pub(super) PackedTransform);

/// Where it stands.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub(super) struct World(pub(super) Affine);

/// What it shows.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub(super) struct Mesh {
    _shape: ShapeId,
}

/// Around what it shows.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub(super) struct Around {
    _bounds: Bounds,
}

/// Passes of a work that ends in a moment.
pub(super) const PASSES: u64 = 11;
/// Passes of [`Create`](crate::work::SceneWork::Create). One that doesn't count comes first: virtual machines give a page to
/// their guest when it is first touched, which takes many times what is measured.
pub(super) const CREATIONS: u64 = 3;
/// Entities that are removed in a pass of [`DeleteOne`](crate::work::SceneWork::DeleteOne).
pub(super) const DELETED: u64 = 100;

/// Around the one mesh that all show.
pub(super) const BOX: Bounds = Bounds { min: Vec3::NEG_ONE, max: Vec3::ONE };

/// Where an entity stands: turned, so that no product is trivial.
pub(super) fn transform(index: u64) -> Transform {
    let at = Vec3::new((index % 1_000) as f32, (index / 1_000) as f32, 0.5);
    Transform { rotation: TURN, ..Transform::at(at) }
}

const TURN: Quat = Quat::from_xyzw(0.0, 0.6, 0.0, 0.8);

/// What a peer stores of an entity, all of it known when it is made.
pub(super) fn bundle(index: u64) -> (Local, World, Mesh, Around) {
    let local = PackedTransform::from(transform(index));
    let world = local.affine();
    let center = Vec3::from_array(world.translation);
    let around = Bounds { min: center + BOX.min, max: center + BOX.max };
    (Local(local), World(world), Mesh { _shape: ShapeId::default() }, Around { _bounds: around })
}

/// Which of `count` entities the `pass`-th pass removes: scattered, each once.
pub(super) fn deleted(count: u64, pass: u64) -> impl Iterator<Item = usize> {
    let step = (count / DELETED).max(1);
    (0..DELETED).map(move |one| ((one * step + pass * 7) % count) as usize)
}
