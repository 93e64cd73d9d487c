//! What stands in a part of a picture: box selection.

use glam::{Mat4, Vec3, Vec4};
use voltrum_assets::Bounds;

use crate::components::is_shown;
use crate::entity::Entity;
use crate::state::SceneState;

/// Six planes around a part of space; what is inside has a distance of 0 or more from each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frustum {
    planes: [Vec4; 6],
}

/// How much of a box has to be inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Any of it.
    Touching,
    /// All of it.
    Whole,
}

impl Frustum {
    /// What a camera sees in a rectangle of its picture, from -1 (left, bottom) to 1 each way. Depth goes from 0 to 1, one
    /// way or the other (Gribb and Hartmann, "Fast extraction of viewing frustum planes", 2001).
    pub fn new(view_projection: &Mat4, corner: [f32; 2], other: [f32; 2]) -> Frustum {
        let [x, y, z, w] = [0, 1, 2, 3].map(|row| view_projection.row(row));
        let (low, high) = ([0, 1].map(|at| corner[at].min(other[at])), [0, 1].map(|at| corner[at].max(other[at])));
        Frustum { planes: [x - w * low[0], w * high[0] - x, y - w * low[1], w * high[1] - y, z, w - z] }
    }

    /// Whether a box is inside. Boxes near a corner may count as touching though they pass just outside of it.
    pub fn holds(&self, bounds: &Bounds, reach: Reach) -> bool {
        if bounds.is_empty() {
            return false;
        }
        self.planes.iter().all(|plane| {
            let normal = plane.truncate();
            let inward = normal.cmpge(Vec3::ZERO);
            // the corner farthest along the normal decides whether any of it is inside, the nearest one whether all is
            let corner = match reach {
                Reach::Touching => Vec3::select(inward, bounds.max, bounds.min),
                Reach::Whole => Vec3::select(inward, bounds.min, bounds.max),
            };
            normal.dot(corner) + plane.w >= 0.0
        })
    }
}

/// The entities that are shown and whose mesh's box, in the world's coordinates as of the last update, is inside.
pub fn entities_in<'a>(
    scene: &'a SceneState<'_>,
    frustum: &'a Frustum,
    reach: Reach,
) -> impl Iterator<Item = Entity> + 'a {
    let all = scene.meshes.entities().iter().zip(scene.meshes.derived());
    let inside = all.filter(move |(entity, bounds)| frustum.holds(bounds, reach) && is_shown(scene, **entity));
    inside.map(|(entity, _)| *entity)
}
