//! Frustum culling: whether a box can be seen at all.

use glam::{Mat4, Vec4};

use crate::vertex::Bounds;

/// Whether some of `bounds` may be inside the picture. `to_clip` goes from the box's space to clip space.
///
/// Planes from the rows of the matrix (Gribb and Hartmann, 2001); depth is reversed and the far plane may be
/// infinitely far, so it is not tested.
pub(crate) fn may_be_visible(bounds: &Bounds, to_clip: &Mat4) -> bool {
    if !bounds.is_finite() {
        return true;
    }
    planes(to_clip).into_iter().all(|plane| is_in_front(bounds, plane))
}

/// Left, right, lower, upper and near plane; what is seen is in front of all.
pub(crate) fn planes(to_clip: &Mat4) -> [Vec4; 5] {
    let (x, y, z, w) = (to_clip.row(0), to_clip.row(1), to_clip.row(2), to_clip.row(3));
    [w + x, w - x, w + y, w - y, w - z]
}

fn is_in_front(bounds: &Bounds, plane: Vec4) -> bool {
    // The corner that is farthest along the plane's normal.
    let farthest = |axis: usize| if plane[axis] >= 0.0 { bounds.max[axis] } else { bounds.min[axis] };
    let distance = plane.x * farthest(0) + plane.y * farthest(1) + plane.z * farthest(2) + plane.w;
    // A matrix that is not finite culls nothing.
    distance >= 0.0 || distance.is_nan()
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::camera;

    const BOX: Bounds = Bounds { min: [-1.0; 3], max: [1.0; 3] };

    fn seen_at(x: f32, y: f32, z: f32) -> bool {
        let projection = camera::perspective(1.0, 1.0, 0.1);
        may_be_visible(&BOX, &(projection * Mat4::from_translation(Vec3::new(x, y, z))))
    }

    #[test]
    fn boxes_before_the_camera_are_seen_and_others_are_not() {
        assert!(seen_at(0.0, 0.0, -5.0));
        assert!(seen_at(0.0, 0.0, 0.0), "the camera is inside");
        assert!(seen_at(0.0, 0.0, -100_000.0), "there is no far plane");
        assert!(!seen_at(0.0, 0.0, 5.0), "behind");
        assert!(!seen_at(50.0, 0.0, -5.0), "to the right");
        assert!(!seen_at(0.0, -50.0, -5.0), "below");
    }

    #[test]
    fn a_box_without_bounds_is_never_culled() {
        let behind = Mat4::from_translation(Vec3::new(0.0, 0.0, 50.0));
        assert!(may_be_visible(&Bounds::EVERYTHING, &behind));
    }
}
