//! A drag: from where the pointer went to what that means.

use super::handle::{Handle, Projection};
use super::{GizmoChange, GizmoKind, GizmoPlace};
use voltrum_render::glam::{Quat, Vec2, Vec3};

/// The least factor of a scale: nothing is flattened, nothing turned inside out.
const FACTOR_MIN: f32 = 1e-3;
/// The farthest that one drag goes, in lengths of an arrow: a line of sight along the horizon meets no plane.
const WAY_MAX: f32 = 1e4;
/// Pixels that double the size, at scale 1.
const DOUBLE_PIXELS: f32 = 100.0;
/// A plane that is seen from its edge is met too far away to be of use.
const EDGE: f32 = 0.12;

/// A drag of one handle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    kind: GizmoKind,
    handle: Handle,
    /// Where the gizmo stood.
    place: GizmoPlace,
    from: Vec2,
    /// How it was seen: the camera stays where it is during a drag.
    length: f32,
    /// The last angle, to count turns.
    angle: f32,
    turned: f32,
    told_angle: f32,
    /// What was told last.
    change: GizmoChange,
}

impl Drag {
    pub(super) fn begin(
        kind: GizmoKind,
        handle: Handle,
        projection: &Projection,
        place: &GizmoPlace,
        from: [f32; 2],
    ) -> Drag {
        let mut drag = Drag {
            kind,
            handle,
            place: *place,
            from: Vec2::from(from),
            length: projection.length,
            angle: 0.0,
            turned: 0.0,
            told_angle: 0.0,
            change: GizmoChange::NONE,
        };
        drag.angle = drag.angle_at(projection, drag.from).unwrap_or(0.0);
        drag
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle
    }

    /// What was told last.
    pub(super) fn told(&self) -> &GizmoChange {
        &self.change
    }

    /// How far it has turned, in radians, as it was told.
    pub(super) fn angle_told(&self) -> f32 {
        self.told_angle
    }

    /// What has come of it with the pointer there. What can't be told stays as it was.
    pub(super) fn change(&mut self, projection: &Projection, at: [f32; 2], snap: Option<f32>) -> GizmoChange {
        let at = Vec2::from(at);
        let change = match self.kind {
            GizmoKind::Move => {
                self.way(projection, at, snap).map(|translation| GizmoChange { translation, ..GizmoChange::NONE })
            }
            GizmoKind::Rotate => {
                self.turn(projection, at, snap).map(|rotation| GizmoChange { rotation, ..GizmoChange::NONE })
            }
            GizmoKind::Scale => {
                self.factors(projection, at, snap).map(|scale| GizmoChange { scale, ..GizmoChange::NONE })
            }
        };
        let is_sane = |change: &GizmoChange| {
            change.translation.is_finite() && change.rotation.is_finite() && change.scale.is_finite()
        };
        self.change = change.filter(is_sane).unwrap_or(self.change);
        self.change
    }

    fn way(&self, projection: &Projection, at: Vec2, snap: Option<f32>) -> Option<Vec3> {
        let way = match self.handle {
            Handle::Axis(axis) => {
                let axis = self.place.axis(axis);
                let [from, to] = [self.from, at].map(|at| self.along(projection, axis, at));
                axis * stepped(to? - from?, snap)
            }
            Handle::Plane(axis) => {
                let way = self.across(projection, self.place.axis(axis), at)?;
                let (one, other) = (self.place.axis(axis + 1), self.place.axis(axis + 2));
                one * stepped(way.dot(one), snap) + other * stepped(way.dot(other), snap)
            }
            Handle::View => {
                let way = self.across(projection, projection.backward, at)?;
                match snap {
                    None => way,
                    Some(_) => {
                        (0..3).map(|axis| self.place.axis(axis)).map(|axis| axis * stepped(way.dot(axis), snap)).sum()
                    }
                }
            }
        };
        Some(way.clamp_length_max(self.length * WAY_MAX))
    }

    /// How far along an axis a line of sight comes nearest to it.
    fn along(&self, projection: &Projection, axis: Vec3, at: Vec2) -> Option<f32> {
        let (origin, direction) = projection.ray(at)?;
        let apart = self.place.position - origin;
        let cosine = axis.dot(direction);
        let divisor = 1.0 - cosine * cosine;
        if divisor < 1e-6 {
            return None;
        }
        let way = (cosine * direction.dot(apart) - axis.dot(apart)) / divisor;
        Some(way.clamp(-self.length * WAY_MAX, self.length * WAY_MAX))
    }

    /// From where the drag began to where it is now, on a plane through the gizmo.
    fn across(&self, projection: &Projection, normal: Vec3, at: Vec2) -> Option<Vec3> {
        Some(self.meets(projection, normal, at)? - self.meets(projection, normal, self.from)?)
    }

    fn meets(&self, projection: &Projection, normal: Vec3, at: Vec2) -> Option<Vec3> {
        let (origin, direction) = projection.ray(at)?;
        let distance = normal.dot(self.place.position - origin) / normal.dot(direction);
        (distance.is_finite() && distance > 0.0).then(|| origin + direction * distance)
    }

    fn turn(&mut self, projection: &Projection, at: Vec2, snap: Option<f32>) -> Option<Quat> {
        let angle = self.angle_at(projection, at)?;
        let step =
            (angle - self.angle + core::f32::consts::PI).rem_euclid(core::f32::consts::TAU) - core::f32::consts::PI;
        self.angle = angle;
        self.turned += step;
        let axis = match self.handle {
            Handle::Axis(axis) | Handle::Plane(axis) => self.place.axis(axis),
            Handle::View => projection.backward,
        };
        self.told_angle = stepped(self.turned, snap);
        Some(Quat::from_axis_angle(axis, self.told_angle))
    }

    /// Where the pointer is around the axis, in radians.
    fn angle_at(&self, projection: &Projection, at: Vec2) -> Option<f32> {
        let from_center = at - projection.center;
        let (axis, normal) = match self.handle {
            Handle::Axis(axis) | Handle::Plane(axis) => (axis, self.place.axis(axis)),
            // the window's y goes down
            Handle::View => return Some((-from_center.y).atan2(from_center.x)),
        };
        if normal.dot(projection.backward).abs() > EDGE {
            let out = self.meets(projection, normal, at)? - self.place.position;
            let (one, other) = (self.place.axis(axis + 1), self.place.axis(axis + 2));
            return Some(out.dot(other).atan2(out.dot(one)));
        }
        // seen from its edge the ring is a line: the way along it counts
        let tangent = normal.cross(projection.backward);
        let along = Vec2::new(tangent.dot(projection.right), -tangent.dot(projection.up)).try_normalize()?;
        Some(from_center.dot(along) / (DOUBLE_PIXELS * projection.scale))
    }

    fn factors(&self, projection: &Projection, at: Vec2, snap: Option<f32>) -> Option<Vec3> {
        let factor = |factor: f32| (1.0 + stepped(factor - 1.0, snap)).clamp(FACTOR_MIN, WAY_MAX);
        match self.handle {
            Handle::Axis(axis) => {
                let direction = self.place.axis(axis);
                let [from, to] = [self.from, at].map(|at| self.along(projection, direction, at));
                let from = from.filter(|from| from.abs() > self.length * 1e-3)?;
                let mut factors = Vec3::ONE;
                factors[axis] = factor(to? / from);
                Some(factors)
            }
            Handle::Plane(_) | Handle::View => {
                let way = at - self.from;
                Some(Vec3::splat(factor(1.0 + (way.x - way.y) / (DOUBLE_PIXELS * projection.scale))))
            }
        }
    }
}

/// In whole steps, where there are some.
fn stepped(value: f32, step: Option<f32>) -> f32 {
    match step {
        Some(step) if step > 0.0 => (value / step).round() * step,
        _ => value,
    }
}
