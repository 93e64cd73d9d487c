//! Cameras, in the renderer's convention: right-handed, Y up, looking along -Z, depth reversed from 1 (near) to 0.

use glam::{Mat4, Vec3};

/// Where a view is seen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// From the world to the camera.
    pub view: Mat4,
    /// From the camera to clip space; made by [`perspective`] or [`orthographic`].
    pub projection: Mat4,
    /// The camera's place in the world.
    pub position: Vec3,
}

impl Default for Camera {
    /// Five units before the origin, which it looks at.
    fn default() -> Self {
        Camera::look_at(Vec3::new(0.0, 0.0, 5.0), Vec3::ZERO, perspective(0.8, 1.0, 0.05))
    }
}

impl Camera {
    /// A camera at `eye` that looks at `target`.
    ///
    /// ```
    /// use voltrum_render::camera::{self, Camera};
    /// use voltrum_render::glam::Vec3;
    ///
    /// let projection = camera::perspective(60f32.to_radians(), 16.0 / 9.0, 0.05);
    /// let camera = Camera::look_at(Vec3::new(0.0, 1.0, 5.0), Vec3::ZERO, projection);
    /// assert_eq!(camera.position.z, 5.0);
    /// ```
    pub fn look_at(eye: Vec3, target: Vec3, projection: Mat4) -> Camera {
        let forward = (target - eye).normalize_or(Vec3::NEG_Z);
        // Straight up or down, Y can't be upright.
        let up = if forward.y.abs() > 0.9999 { Vec3::NEG_Z } else { Vec3::Y };
        Camera { view: Mat4::look_to_rh(eye, forward, up), projection, position: eye }
    }

    /// From the world to clip space.
    pub fn view_projection(&self) -> Mat4 {
        self.projection * self.view
    }
}

/// Perspective without a far plane. `fov_y_radians` is the whole vertical angle, `aspect` is width over height.
pub fn perspective(fov_y_radians: f32, aspect: f32, near: f32) -> Mat4 {
    Mat4::perspective_infinite_reverse_rh(fov_y_radians, aspect, near)
}

/// Parallel projection: `half_height` units above and below the axis.
pub fn orthographic(half_height: f32, aspect: f32, near: f32, far: f32) -> Mat4 {
    let half_width = half_height * aspect;
    // Near and far change places: that is what reverses depth.
    Mat4::orthographic_rh(-half_width, half_width, -half_height, half_height, far, near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_one_and_far_is_zero() {
        let near = perspective(1.0, 1.0, 0.1).project_point3(Vec3::new(0.0, 0.0, -0.1));
        assert!((near.z - 1.0).abs() < 1e-5, "{near}");
        let far = perspective(1.0, 1.0, 0.1).project_point3(Vec3::new(0.0, 0.0, -1e6));
        assert!(far.z.abs() < 1e-5, "{far}");
        let flat = orthographic(1.0, 1.0, 1.0, 3.0);
        assert!((flat.project_point3(Vec3::new(0.0, 0.0, -1.0)).z - 1.0).abs() < 1e-5);
        assert!(flat.project_point3(Vec3::new(0.0, 0.0, -3.0)).z.abs() < 1e-5);
    }

    #[test]
    fn looking_straight_down_is_a_valid_camera() {
        let camera = Camera::look_at(Vec3::new(0.0, 5.0, 0.0), Vec3::ZERO, Mat4::IDENTITY);
        assert!(camera.view.is_finite());
        assert!((camera.view.transform_point3(Vec3::ZERO) - Vec3::new(0.0, 0.0, -5.0)).length() < 1e-5);
    }
}
