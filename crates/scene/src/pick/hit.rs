//! What of a scene a ray meets first.

use super::ray::Ray;
use crate::components::is_shown;
use crate::entity::Entity;
use crate::state::SceneState;

/// Where a ray meets a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PickHit {
    /// Whom it meets.
    pub entity: Entity,
    /// How far along the ray, in lengths of its direction.
    pub distance: f32,
    /// Which triangle of its shape; `None` where the shape's triangles aren't known and its box was met.
    pub triangle: Option<u32>,
}

/// The first thing that is shown on a ray in the world's coordinates, as of the last update. Boxes are asked first, then the
/// triangles of the shapes whose boxes are met.
///
/// ```
/// # use glam::Vec3;
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_scene::{Bounds, SceneLimits, SpawnDesc, pick};
/// # let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// # let memory = arena.open();
/// # let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default())?;
/// let shape = voltrum_scene::add_shape(scene, &[], Bounds { min: Vec3::ZERO, max: Vec3::ONE })?;
/// voltrum_scene::set_triangles(scene, shape, &[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], None)?;
/// let wing = voltrum_scene::spawn(scene, &SpawnDesc { mesh: Some(shape), ..SpawnDesc::default() })?;
/// voltrum_scene::update_transforms(scene);
/// let ray = pick::Ray { origin: Vec3::new(0.2, 0.2, 5.0), direction: -Vec3::Z };
/// assert_eq!(pick::pick(scene, &ray), Some(pick::PickHit { entity: wing, distance: 5.0, triangle: Some(0) }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pick(scene: &SceneState<'_>, ray: &Ray) -> Option<PickHit> {
    let inverse = ray.direction.recip();
    let (mut best, mut nearest) = (None, f32::INFINITY);
    let all = scene.meshes.entities().iter().zip(scene.meshes.values()).zip(scene.meshes.derived());
    for ((entity, shape), bounds) in all {
        if bounds.is_empty() || ray.enters(bounds, inverse).is_none_or(|distance| distance >= nearest) {
            continue;
        }
        if !is_shown(scene, *entity) {
            continue;
        }
        let Some(shape) = scene.shapes.get(shape.index() as usize) else { continue };
        let carried = scene.carried.as_ref().and_then(|column| column.get(*entity));
        let world = carried.unwrap_or(scene.world_at(entity.index())).matrix();
        let into = world.inverse();
        // what is flattened to nothing can't be met
        if !into.is_finite() {
            continue;
        }
        let inner = ray.transformed(&into);
        let met = match shape.triangles {
            Some(triangles) => triangles.hit(&inner, nearest).map(|hit| (hit.distance, Some(hit.triangle))),
            None => inner.box_distance(&shape.bounds).map(|distance| (distance, None)),
        };
        if let Some((distance, triangle)) = met.filter(|(distance, _)| *distance < nearest) {
            nearest = distance;
            best = Some(PickHit { entity: *entity, distance, triangle });
        }
    }
    best
}
