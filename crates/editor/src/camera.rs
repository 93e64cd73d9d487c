//! The viewport's camera: it orbits a point, follows its goal smoothly, and frames what it is shown.
//!
//! # Invariants
//! 1. Every number in it is finite, whatever it is given; `distance` is above zero.
//! 2. The pitch stays short of straight up and down, so that the camera never turns over.
//! 3. How far it has moved after a time doesn't depend on how many frames that took.

use glam::{Mat4, Vec2, Vec3};
use voltrum::assets::{Bounds, Lens};
use voltrum::render::{Camera, camera};

/// The vertical field of view.
pub const FOV_Y: f32 = 40.0 * std::f32::consts::PI / 180.0;

const PITCH_MAX: f32 = 89.0 * std::f32::consts::PI / 180.0;
const DISTANCE_RANGE: [f32; 2] = [1e-5, 1e7];
const PLACE_MAX: f32 = 1e8;
/// Where it stands at first: a little to the right of +Z, where glTF models look to, and above.
const YAW_HOME: f32 = 32.0 * std::f32::consts::PI / 180.0;
const PITCH_HOME: f32 = 20.0 * std::f32::consts::PI / 180.0;
/// Room around what is framed.
const MARGIN: f32 = 1.06;
/// Half of the way to the goal takes this long.
const HALF_LIFE_SECS: f32 = 0.045;
/// Radians per pixel at scale 1.
const TURN_PER_PIXEL: f32 = 0.006;
/// One notch of the wheel changes the distance by this factor.
const ZOOM_PER_NOTCH: f32 = 0.87;
/// The near plane, as a share of the distance. Depth is reversed, so it may be close.
const NEAR_SHARE: f32 = 1.0 / 500.0;

/// A place on the sphere around a point.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Orbit {
    target: Vec3,
    yaw: f32,
    pitch: f32,
    distance: f32,
}

impl Orbit {
    const HOME: Orbit = Orbit { target: Vec3::ZERO, yaw: YAW_HOME, pitch: PITCH_HOME, distance: 5.0 };

    /// From the target to the eye, of length 1.
    fn backward(&self) -> Vec3 {
        let (sin_yaw, cos_yaw) = self.yaw.sin_cos();
        let (sin_pitch, cos_pitch) = self.pitch.sin_cos();
        Vec3::new(sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch)
    }

    fn right(&self) -> Vec3 {
        let (sin_yaw, cos_yaw) = self.yaw.sin_cos();
        Vec3::new(cos_yaw, 0.0, -sin_yaw)
    }

    fn up(&self) -> Vec3 {
        self.backward().cross(self.right())
    }

    fn eye(&self) -> Vec3 {
        self.target + self.backward() * self.distance
    }

    /// The same, with every number in its range; what is no number becomes that of `fallback`.
    fn sane(self, fallback: &Orbit) -> Orbit {
        let number = |value: f32, other: f32| if value.is_finite() { value } else { other };
        Orbit {
            target: if self.target.is_finite() {
                self.target.clamp(Vec3::splat(-PLACE_MAX), Vec3::splat(PLACE_MAX))
            } else {
                fallback.target
            },
            yaw: number(self.yaw, fallback.yaw),
            pitch: number(self.pitch, fallback.pitch).clamp(-PITCH_MAX, PITCH_MAX),
            distance: number(self.distance, fallback.distance).clamp(DISTANCE_RANGE[0], DISTANCE_RANGE[1]),
        }
    }
}

/// A camera that orbits a point. Lengths on the screen are in pixels, `[right, down]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrbitCamera {
    now: Orbit,
    goal: Orbit,
}

impl Default for OrbitCamera {
    fn default() -> OrbitCamera {
        OrbitCamera { now: Orbit::HOME, goal: Orbit::HOME }
    }
}

impl OrbitCamera {
    /// Turns around the point that it looks at. `scale` is physical pixels per unit.
    pub fn orbit(&mut self, pixels: [f32; 2], scale: f32) {
        let [right, down] = pixels;
        let turn = TURN_PER_PIXEL / scale.max(0.1);
        self.set(Orbit { yaw: self.goal.yaw - right * turn, pitch: self.goal.pitch + down * turn, ..self.goal });
    }

    /// Moves with what it looks at, so that the point under the pointer stays there. `height` is the viewport's.
    pub fn pan(&mut self, pixels: [f32; 2], height: f32) {
        let unit = 2.0 * (FOV_Y * 0.5).tan() * self.goal.distance / height.max(1.0);
        let step = self.goal.up() * (pixels[1] * unit) - self.goal.right() * (pixels[0] * unit);
        self.set(Orbit { target: self.goal.target + step, ..self.goal });
    }

    /// Moves closer by so many notches of the wheel, towards the point under the pointer. `pointer` and `size` are of the
    /// viewport.
    pub fn zoom(&mut self, notches: f32, pointer: [f32; 2], size: [f32; 2]) {
        let factor = ZOOM_PER_NOTCH.powf(notches.clamp(-50.0, 50.0));
        let distance = (self.goal.distance * factor).clamp(DISTANCE_RANGE[0], DISTANCE_RANGE[1]);
        let moved = 1.0 - distance / self.goal.distance;
        let size = Vec2::from(size).max(Vec2::ONE);
        let from_center = (Vec2::from(pointer) - size * 0.5).clamp(-size * 0.5, size * 0.5) / (size.y * 0.5);
        let reach = (FOV_Y * 0.5).tan() * self.goal.distance * moved;
        let step = (self.goal.right() * from_center.x - self.goal.up() * from_center.y) * reach;
        self.set(Orbit { target: self.goal.target + step, distance, ..self.goal });
    }

    /// Goes where all of `boxes` is in view and fills it, from the direction it has. `aspect` is width over height. Empty
    /// boxes, and those that are not finite, don't count.
    pub fn fit(&mut self, boxes: impl IntoIterator<Item = Bounds>, aspect: f32) {
        let half = (FOV_Y * 0.5).tan();
        let half = Vec2::new(half * sane_aspect(aspect), half) / MARGIN;
        let (backward, right, up) = (self.goal.backward(), self.goal.right(), self.goal.up());
        // Each side of the picture is a plane through the eye that everything has to be inside of. For the right one that
        // is x + half.x * z <= eye.x + half.x * eye.z, in the camera's axes; the largest left side says where the plane is.
        let mut sides = [f32::NEG_INFINITY; 4];
        let mut all = Bounds::EMPTY;
        for one in boxes.into_iter().filter(|one| !one.is_empty() && one.min.is_finite() && one.max.is_finite()) {
            all = all.with(one);
            for corner in corners(&one) {
                let (x, y, z) = (corner.dot(right), corner.dot(up), corner.dot(backward));
                let reaches = [x + half.x * z, half.x * z - x, y + half.y * z, half.y * z - y];
                sides = std::array::from_fn(|side| sides[side].max(reaches[side]));
            }
        }
        if all.is_empty() {
            return self.set(Orbit { target: Vec3::ZERO, distance: Orbit::HOME.distance, ..self.goal });
        }
        let eye_z = ((sides[0] + sides[1]) / (2.0 * half.x)).max((sides[2] + sides[3]) / (2.0 * half.y));
        let (x, y, z) = ((sides[0] - sides[1]) * 0.5, (sides[2] - sides[3]) * 0.5, all.center().dot(backward));
        // a point has no size; it is seen from as far away as a thing of one unit
        let distance = if eye_z > z { eye_z - z } else { 1.0 };
        self.set(Orbit { target: right * x + up * y + backward * z, distance, ..self.goal });
    }

    /// As [`OrbitCamera::fit`], from the direction that it starts with, and without a way there.
    pub fn reset(&mut self, boxes: impl IntoIterator<Item = Bounds>, aspect: f32) {
        self.goal = Orbit::HOME;
        self.fit(boxes, aspect);
        self.now = self.goal;
    }

    /// Stands where `camera` does, without a way there, and looks at a point as far away as the middle of `bounds`.
    pub fn adopt(&mut self, camera: &Camera, bounds: &Bounds) {
        let forward = -camera.view.row(2).truncate();
        let forward = forward.normalize_or(Vec3::NEG_Z);
        let ahead = (bounds.center() - camera.position).dot(forward);
        let distance = if ahead > DISTANCE_RANGE[0] { ahead } else { bounds.radius().max(1.0) };
        let backward = -forward;
        self.set(Orbit {
            target: camera.position + forward * distance,
            yaw: backward.x.atan2(backward.z),
            pitch: backward.y.clamp(-1.0, 1.0).asin(),
            distance,
        });
        self.now = self.goal;
    }

    /// Stands at `eye` and looks at `target`, without a way there.
    pub fn place(&mut self, eye: Vec3, target: Vec3) {
        let backward = eye - target;
        let distance = backward.length();
        let backward = backward.normalize_or(Vec3::Z);
        let (yaw, pitch) = (backward.x.atan2(backward.z), backward.y.clamp(-1.0, 1.0).asin());
        self.set(Orbit { target, yaw, pitch, distance });
        self.now = self.goal;
    }

    /// Where it goes to, and what it looks at from there.
    pub fn eye_and_target(&self) -> (Vec3, Vec3) {
        (self.goal.eye(), self.goal.target)
    }

    /// Follows the goal for `delta_secs`.
    pub fn update(&mut self, delta_secs: f32) {
        let share = 1.0 - 0.5f32.powf(delta_secs.max(0.0) / HALF_LIFE_SECS);
        if !share.is_finite() {
            return;
        }
        let (now, goal) = (self.now, self.goal);
        // in the logarithm, so that zooming is as even from far as from near
        let distance = (now.distance.ln() + (goal.distance.ln() - now.distance.ln()) * share).exp();
        let next = Orbit {
            target: now.target + (goal.target - now.target) * share,
            yaw: now.yaw + (goal.yaw - now.yaw) * share,
            pitch: now.pitch + (goal.pitch - now.pitch) * share,
            distance,
        };
        self.now = next.sane(&goal);
        if self.is_close() {
            self.now = goal;
        }
    }

    /// Whether it has arrived.
    pub fn is_at_rest(&self) -> bool {
        self.now == self.goal
    }

    /// What the renderer sees with. `aspect` is width over height.
    pub fn camera(&self, aspect: f32) -> Camera {
        let near = (self.now.distance * NEAR_SHARE).max(1e-7);
        // not from eye and target: far out, they round to the same place
        let position = self.now.eye();
        let view = Mat4::look_to_rh(position, -self.now.backward(), Vec3::Y);
        Camera { view, projection: camera::perspective(FOV_Y, sane_aspect(aspect), near), position }
    }

    fn set(&mut self, goal: Orbit) {
        let mut goal = goal.sane(&self.goal);
        // the same direction, in the turn nearest to zero: the way that is left stays as it is
        let turns = (goal.yaw / std::f32::consts::TAU).round() * std::f32::consts::TAU;
        goal.yaw -= turns;
        self.now.yaw -= turns;
        self.goal = goal;
    }

    fn is_close(&self) -> bool {
        let (now, goal) = (&self.now, &self.goal);
        (now.yaw - goal.yaw).abs() < 1e-4
            && (now.pitch - goal.pitch).abs() < 1e-4
            && (now.distance / goal.distance - 1.0).abs() < 1e-4
            && (now.target - goal.target).length() < goal.distance * 1e-4
    }
}

/// What a camera of a file sees from where its node stands. The picture's own `aspect` wins over the file's.
pub fn file_camera(world: &Mat4, lens: &Lens, aspect: f32) -> Camera {
    let aspect = sane_aspect(aspect);
    let (_, rotation, position) = world.to_scale_rotation_translation();
    let rotation = if rotation.is_finite() { rotation.normalize() } else { glam::Quat::IDENTITY };
    let projection = match *lens {
        Lens::Perspective { fov_y, near, .. } => camera::perspective(fov_y.clamp(0.01, 3.1), aspect, near.max(1e-6)),
        Lens::Orthographic { half_height, near, far, .. } => camera::orthographic(half_height, aspect, near, far),
    };
    Camera { view: Mat4::from_rotation_translation(rotation, position).inverse(), projection, position }
}

/// A camera at `eye` that looks at `target`, for `voltrum render --camera`.
pub fn placed_camera(eye: Vec3, target: Vec3, aspect: f32) -> Camera {
    let near = (eye.distance(target) * NEAR_SHARE).max(1e-7);
    Camera::look_at(eye, target, camera::perspective(FOV_Y, sane_aspect(aspect), near))
}

fn corners(bounds: &Bounds) -> [Vec3; 8] {
    let (min, max) = (bounds.min, bounds.max);
    std::array::from_fn(|corner| {
        let pick = |axis: usize, min: f32, max: f32| if corner >> axis & 1 == 0 { min } else { max };
        Vec3::new(pick(0, min.x, max.x), pick(1, min.y, max.y), pick(2, min.z, max.z))
    })
}

fn sane_aspect(aspect: f32) -> f32 {
    if aspect.is_finite() { aspect.clamp(1e-3, 1e3) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [f32; 2] = [800.0, 600.0];
    const ASPECT: f32 = 800.0 / 600.0;

    fn cube(half: f32) -> Bounds {
        Bounds { min: Vec3::splat(-half), max: Vec3::splat(half) }
    }

    fn settled(mut camera: OrbitCamera) -> OrbitCamera {
        (0..200).for_each(|_| camera.update(0.05));
        assert!(camera.is_at_rest());
        camera
    }

    fn on_screen(camera: &OrbitCamera, aspect: f32, point: Vec3) -> Vec3 {
        camera.camera(aspect).view_projection().project_point3(point)
    }

    #[test]
    fn everything_that_is_framed_is_in_view_and_fills_it() {
        for (bounds, aspect) in [
            (cube(1.0), ASPECT),
            (cube(1e-4), ASPECT),
            (cube(1e5), 0.4),
            (Bounds { min: Vec3::new(-50.0, 0.0, -1.0), max: Vec3::new(70.0, 2.0, 3.0) }, 2.0),
            (Bounds { min: Vec3::new(5.0, -40.0, 9.0), max: Vec3::new(6.0, 90.0, 10.0) }, 3.0),
        ] {
            let mut camera = OrbitCamera::default();
            camera.reset([bounds], aspect);
            let mut reach = 0.0f32;
            for corner in corners(&bounds) {
                let point = on_screen(&camera, aspect, corner);
                assert!(point.x.abs() < 1.0 && point.y.abs() < 1.0 && point.z > 0.0, "{bounds:?} {aspect}: {point}");
                reach = reach.max(point.x.abs()).max(point.y.abs());
            }
            assert!(reach > 0.9, "{bounds:?} {aspect}: only {reach} of the picture is used");
        }
    }

    #[test]
    fn a_point_or_nothing_can_be_framed() {
        for bounds in [Bounds::EMPTY, cube(0.0), Bounds { min: Vec3::NAN, max: Vec3::NAN }, cube(f32::MAX)] {
            let mut camera = OrbitCamera::default();
            camera.reset([bounds], ASPECT);
            assert!(camera.camera(ASPECT).view_projection().is_finite(), "{bounds:?}");
        }
    }

    #[test]
    fn no_input_turns_it_over_or_makes_it_lose_itself() {
        let mut camera = OrbitCamera::default();
        let wild = [0.0, 1e30, -1e30, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3.0];
        for a in wild {
            for b in wild {
                camera.orbit([a, b], 1.0);
                camera.orbit([a, b], b);
                camera.pan([a, b], 600.0);
                camera.pan([a, b], b);
                camera.zoom(a, [a, b], SIZE);
                camera.zoom(b, [a, b], [b, a]);
                camera.update(a);
                camera.fit([cube(a.abs())], b);
                let seen = camera.camera(a);
                assert!(seen.view.is_finite() && seen.projection.is_finite() && seen.position.is_finite(), "{a} {b}");
                assert!(seen.view.row(1).y > 0.0, "upside down after {a} {b}");
            }
        }
    }

    #[test]
    fn the_way_does_not_depend_on_the_frame_rate() {
        let start = {
            let mut camera = OrbitCamera::default();
            camera.orbit([90.0, 40.0], 1.0);
            camera.zoom(2.0, [100.0, 50.0], SIZE);
            camera.pan([10.0, -20.0], 600.0);
            camera
        };
        let (mut often, mut seldom) = (start, start);
        (0..60).for_each(|_| often.update(0.1 / 60.0));
        (0..2).for_each(|_| seldom.update(0.05));
        assert!((often.now.eye() - seldom.now.eye()).length() < 1e-3);
        assert!(!often.is_at_rest());
    }

    #[test]
    fn dragging_right_shows_the_left_side_and_dragging_down_the_top() {
        let mut camera = OrbitCamera::default();
        let before = camera.now.eye();
        camera.orbit([50.0, 50.0], 1.0);
        let camera = settled(camera);
        assert!(camera.now.eye().dot(Orbit::HOME.right()) < before.dot(Orbit::HOME.right()));
        assert!(camera.now.eye().y > before.y);
        assert_eq!(camera.now.distance, Orbit::HOME.distance);
    }

    #[test]
    fn panning_keeps_the_point_under_the_pointer() {
        let mut camera = OrbitCamera::default();
        let held = camera.now.target;
        camera.pan([80.0, -30.0], SIZE[1]);
        let at = on_screen(&settled(camera), ASPECT, held);
        let pixels = [at.x * SIZE[0] * 0.5, -at.y * SIZE[1] * 0.5];
        assert!((pixels[0] - 80.0).abs() < 0.1 && (pixels[1] + 30.0).abs() < 0.1, "{pixels:?}");
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let camera = OrbitCamera::default();
        let pointer = [650.0, 120.0];
        let (ndc_x, ndc_y) = (pointer[0] / 400.0 - 1.0, 1.0 - pointer[1] / 300.0);
        let reach = (FOV_Y * 0.5).tan() * camera.now.distance;
        let held =
            camera.now.target + camera.now.right() * (ndc_x * reach * ASPECT) + camera.now.up() * (ndc_y * reach);
        for notches in [3.0, -4.0] {
            let mut camera = camera;
            camera.zoom(notches, pointer, SIZE);
            let camera = settled(camera);
            let at = on_screen(&camera, ASPECT, held);
            assert!((at.x - ndc_x).abs() < 1e-3 && (at.y - ndc_y).abs() < 1e-3, "{at} {ndc_x} {ndc_y}");
            assert_eq!(camera.now.distance < Orbit::HOME.distance, notches > 0.0);
        }
    }

    #[test]
    fn many_turns_end_where_one_would() {
        let mut camera = OrbitCamera::default();
        let turn = std::f32::consts::TAU / TURN_PER_PIXEL;
        (0..1_000).for_each(|_| camera.orbit([turn, 0.0], 1.0));
        let eye = settled(camera).now.eye();
        assert!((eye - Orbit::HOME.eye()).length() < 0.05, "{eye}");
    }

    #[test]
    fn a_camera_of_a_file_is_taken_over_as_it_stands() {
        let world = Mat4::from_translation(Vec3::new(4.0, 3.0, 6.0))
            * Mat4::from_rotation_y(0.6)
            * Mat4::from_scale(Vec3::splat(3.0));
        let lens = Lens::Perspective { fov_y: 0.8, aspect: None, near: 0.1, far: Some(100.0) };
        let seen = file_camera(&world, &lens, ASPECT);
        assert!((seen.view.transform_point3(Vec3::new(4.0, 3.0, 6.0))).length() < 1e-5);
        assert!((seen.view.transform_vector3(world.transform_vector3(Vec3::NEG_Z)) + Vec3::Z * 3.0).length() < 1e-5);
        let mut camera = OrbitCamera::default();
        camera.adopt(&seen, &cube(1.0));
        let taken = camera.camera(ASPECT);
        assert!((taken.position - seen.position).length() < 1e-4);
        assert!((taken.view.row(2) - seen.view.row(2)).length() < 1e-4);
    }
}
