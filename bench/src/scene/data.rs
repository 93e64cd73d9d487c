//! What every contender is given: the same places, the same box, the same choices.

use glam::{Quat, Vec3};
use voltrum_scene::{Bounds, Transform};

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

/// Which of `count` entities the `pass`-th pass removes: scattered, each once.
pub(super) fn deleted(count: u64, pass: u64) -> impl Iterator<Item = usize> {
    let step = (count / DELETED).max(1);
    (0..DELETED).map(move |one| ((one * step + pass * 7) % count) as usize)
}
