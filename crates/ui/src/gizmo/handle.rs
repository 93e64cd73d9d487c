//! The handles: where they are in the window, and which one is under the pointer.

use super::{GizmoKind, GizmoPlace, GizmoView};
use voltrum_render::glam::{Mat4, Vec2, Vec3, Vec4};

/// Length of an arrow, at scale 1.
const LENGTH_PIXELS: f32 = 92.0;
/// How near to a line the pointer has to be, at scale 1.
const REACH_PIXELS: f32 = 7.0;
/// How near to the middle.
const MIDDLE_PIXELS: f32 = 9.0;
/// Where the square of a plane begins and ends, as shares of the length.
pub(super) const PLANE: [f32; 2] = [0.3, 0.52];
/// Where an arrow begins.
pub(super) const ARROW_FROM: f32 = 0.16;
/// The ring about the direction of view is larger than the others.
pub(super) const OUTER: f32 = 1.18;
/// Points of a ring.
pub(super) const RING: usize = 64;
/// An axis that points at the camera, or a plane that is seen from its edge, can't be dragged.
const EDGE: f32 = 0.12;

/// What can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handle {
    /// Along an axis, or about it.
    Axis(usize),
    /// Across the plane that an axis stands on.
    Plane(usize),
    /// In the middle: across the view, about its direction, or all axes alike.
    View,
}

/// How the gizmo is seen: what the handles need of a view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Projection {
    to_clip: Mat4,
    to_camera: Mat4,
    from_clip: Mat4,
    min: Vec2,
    size: Vec2,
    /// The middle, in the window.
    pub(super) center: Vec2,
    /// Length of an arrow, in the world.
    pub(super) length: f32,
    /// From the gizmo to the camera.
    pub(super) backward: Vec3,
    pub(super) right: Vec3,
    pub(super) up: Vec3,
    pub(super) scale: f32,
}

impl Projection {
    /// `None` where the gizmo can't be seen.
    pub(super) fn new(view: &GizmoView, place: &GizmoPlace, scale: f32) -> Option<Projection> {
        let from_camera = view.to_camera.inverse();
        let [right, up, behind] = [from_camera.x_axis, from_camera.y_axis, from_camera.z_axis].map(Vec4::truncate);
        let mut projection = Projection {
            to_clip: view.to_clip,
            to_camera: view.to_camera,
            from_clip: view.to_clip.inverse(),
            min: Vec2::from(view.min),
            size: Vec2::from(view.size),
            center: Vec2::ZERO,
            length: 0.0,
            backward: behind.try_normalize()?,
            right: right.try_normalize()?,
            up: up.try_normalize()?,
            scale,
        };
        projection.center = projection.seen(place.position)?.into();
        // a step to the side tells how large a unit is seen there
        let step = (from_camera.w_axis.truncate() - place.position).length().max(1e-6) * 0.01;
        let beside: Vec2 = projection.seen(place.position + projection.right * step)?.into();
        let pixels = (beside - projection.center).length() / step;
        projection.length = LENGTH_PIXELS * scale / pixels;
        let ray = projection.ray(projection.center)?;
        projection.backward = -ray.1;
        let numbers = [projection.length, projection.center.x, projection.center.y];
        (numbers.iter().all(|number| number.is_finite()) && projection.length > 0.0).then_some(projection)
    }

    /// Where a point of the world is in the window; `None` behind the camera.
    pub(super) fn seen(&self, point: Vec3) -> Option<[f32; 2]> {
        let clip = self.to_clip * point.extend(1.0);
        if clip.w.is_nan() || clip.w <= 1e-6 {
            return None;
        }
        let place = Vec2::new(clip.x / clip.w * 0.5 + 0.5, 0.5 - clip.y / clip.w * 0.5);
        let place = self.min + place * self.size;
        place.is_finite().then_some(place.into())
    }

    /// Where a line of sight begins and where it goes.
    pub(super) fn ray(&self, at: Vec2) -> Option<(Vec3, Vec3)> {
        let place = (at - self.min) / self.size;
        let (x, y) = (place.x * 2.0 - 1.0, 1.0 - place.y * 2.0);
        // depth may go either way; between the planes both ends are finite
        let ends = [0.75, 0.5].map(|depth| self.from_clip.project_point3(Vec3::new(x, y, depth)));
        let [one, other] = ends.map(|end| -self.to_camera.transform_point3(end).z);
        let [from, to] = if one < other { ends } else { [ends[1], ends[0]] };
        Some((from, (to - from).try_normalize()?)).filter(|(from, _)| from.is_finite())
    }
}

impl GizmoPlace {
    pub(super) fn axis(&self, axis: usize) -> Vec3 {
        self.axes * Vec3::AXES[axis % 3]
    }
}

/// Whether a handle can be dragged as the gizmo is seen.
pub(super) fn is_usable(kind: GizmoKind, handle: Handle, projection: &Projection, place: &GizmoPlace) -> bool {
    match (kind, handle) {
        (_, Handle::View) => true,
        (GizmoKind::Rotate, Handle::Axis(_)) => true,
        (_, Handle::Axis(axis)) => place.axis(axis).dot(projection.backward).abs() < 1.0 - EDGE * EDGE * 0.5,
        (GizmoKind::Move, Handle::Plane(axis)) => place.axis(axis).dot(projection.backward).abs() > EDGE,
        (_, Handle::Plane(_)) => false,
    }
}

/// The four corners of a plane's square.
pub(super) fn plane_corners(projection: &Projection, place: &GizmoPlace, axis: usize) -> Option<[[f32; 2]; 4]> {
    let (one, other) = (place.axis(axis + 1) * projection.length, place.axis(axis + 2) * projection.length);
    let [near, far] = PLANE;
    let mut corners = [[0.0; 2]; 4];
    for (corner, [u, v]) in corners.iter_mut().zip([[near, near], [far, near], [far, far], [near, far]]) {
        *corner = projection.seen(place.position + one * u + other * v)?;
    }
    Some(corners)
}

/// The points of a ring about an axis, and whether each is on the side that faces the camera.
pub(super) fn ring(projection: &Projection, place: &GizmoPlace, axis: usize) -> Option<[([f32; 2], bool); RING]> {
    let (one, other) = (place.axis(axis + 1), place.axis(axis + 2));
    let mut points = [([0.0; 2], false); RING];
    for (at, point) in points.iter_mut().enumerate() {
        let (sin, cos) = (at as f32 / RING as f32 * core::f32::consts::TAU).sin_cos();
        let outward = one * cos + other * sin;
        let seen = projection.seen(place.position + outward * projection.length)?;
        *point = (seen, outward.dot(projection.backward) > -0.05);
    }
    Some(points)
}

/// The handle under the pointer.
pub(super) fn under(kind: GizmoKind, projection: &Projection, place: &GizmoPlace, pointer: [f32; 2]) -> Option<Handle> {
    let (at, reach) = (Vec2::from(pointer), REACH_PIXELS * projection.scale);
    let from_center = (at - projection.center).length();
    if kind == GizmoKind::Rotate {
        let rings = (0..3).filter_map(|axis| Some((Handle::Axis(axis), ring_distance(projection, place, axis, at)?)));
        let outer = (from_center - LENGTH_PIXELS * OUTER * projection.scale).abs();
        let all = rings.chain([(Handle::View, outer)]).filter(|(_, distance)| *distance <= reach);
        return all.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(handle, _)| handle);
    }
    if from_center <= MIDDLE_PIXELS * projection.scale {
        return Some(Handle::View);
    }
    let usable = |handle: &Handle| is_usable(kind, *handle, projection, place);
    let arrows = (0..3).map(Handle::Axis).filter(usable).filter_map(|handle| {
        let Handle::Axis(axis) = handle else { return None };
        let arm = place.axis(axis) * projection.length;
        let from = projection.seen(place.position + arm * ARROW_FROM)?;
        let to = projection.seen(place.position + arm * 1.08)?;
        let distance = segment_distance(at, from.into(), to.into());
        (distance <= reach).then_some((handle, distance))
    });
    if let Some((handle, _)) = arrows.min_by(|(_, one), (_, other)| one.total_cmp(other)) {
        return Some(handle);
    }
    (0..3).map(Handle::Plane).filter(usable).find(|handle| {
        let Handle::Plane(axis) = *handle else { return false };
        plane_corners(projection, place, axis).is_some_and(|corners| is_inside(at, &corners))
    })
}

fn ring_distance(projection: &Projection, place: &GizmoPlace, axis: usize, at: Vec2) -> Option<f32> {
    let points = ring(projection, place, axis)?;
    let next = points.iter().cycle().skip(1);
    let front = points.iter().zip(next).filter(|(one, other)| one.1 && other.1);
    front.map(|(one, other)| segment_distance(at, one.0.into(), other.0.into())).min_by(f32::total_cmp)
}

/// How far a point is from a line between two others.
fn segment_distance(at: Vec2, from: Vec2, to: Vec2) -> f32 {
    let way = to - from;
    let share = ((at - from).dot(way) / way.length_squared().max(1e-6)).clamp(0.0, 1.0);
    (from + way * share - at).length()
}

/// Whether a point is inside of a polygon without dents.
fn is_inside(at: Vec2, corners: &[[f32; 2]; 4]) -> bool {
    let side = |index: usize| {
        let (from, to) = (Vec2::from(corners[index]), Vec2::from(corners[(index + 1) % 4]));
        (to - from).perp_dot(at - from)
    };
    let sides = [0, 1, 2, 3].map(side);
    sides.iter().all(|side| *side >= 0.0) || sides.iter().all(|side| *side <= 0.0)
}
