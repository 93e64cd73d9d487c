//! What the gizmo looks like.

use super::drag::Drag;
use super::handle::{self, ARROW_FROM, Handle, OUTER, Projection, RING};
use super::{GizmoKind, GizmoPlace};
use crate::{Color, Theme, Ui};
use core::fmt;
use voltrum_render::glam::Vec2;

const AXES: [Color; 3] = [Color::hex(0xE5534B), Color::hex(0x6CC24A), Color::hex(0x4C8DFF)];
const ACTIVE: Color = Color::hex(0xFFD24D);
const VIEW: Color = Color::hex(0xD5DAE2);

pub(super) fn draw(
    ui: Ui<'_>,
    kind: GizmoKind,
    projection: &Projection,
    place: &GizmoPlace,
    active: Option<Handle>,
    drag: Option<&Drag>,
) {
    let painter = Painter { ui, kind, projection, place, active, is_dragged: drag.is_some() };
    match kind {
        GizmoKind::Rotate => painter.rings(),
        GizmoKind::Move | GizmoKind::Scale => painter.arrows(),
    }
    if let Some(drag) = drag {
        painter.told(drag);
    }
}

struct Painter<'p> {
    ui: Ui<'p>,
    kind: GizmoKind,
    projection: &'p Projection,
    place: &'p GizmoPlace,
    active: Option<Handle>,
    is_dragged: bool,
}

impl Painter<'_> {
    /// The colour of a handle; what isn't dragged fades meanwhile.
    fn color(&self, handle: Handle, color: Color) -> Color {
        if self.active == Some(handle) {
            ACTIVE
        } else if self.is_dragged {
            color.with_alpha(0.3)
        } else {
            color
        }
    }

    fn arrows(&self) {
        let (draw, scale) = (self.ui.draw(), self.projection.scale);
        for (axis, color) in AXES.into_iter().enumerate() {
            let handle = Handle::Plane(axis);
            if handle::is_usable(self.kind, handle, self.projection, self.place)
                && let Some(corners) = handle::plane_corners(self.projection, self.place, axis)
            {
                let color = self.color(handle, color);
                draw.polygon_filled(&corners, color.with_alpha(if color == ACTIVE { 0.5 } else { 0.25 }));
                draw.polygon(&corners, color, scale);
            }
        }
        // those that point away first
        let mut order = [0, 1, 2];
        order.sort_unstable_by(|one, other| self.depth(*one).total_cmp(&self.depth(*other)));
        for axis in order {
            let handle = Handle::Axis(axis);
            if handle::is_usable(self.kind, handle, self.projection, self.place) {
                self.arrow(axis, self.color(handle, AXES[axis]));
            }
        }
        let (center, color) = (self.projection.center.into(), self.color(Handle::View, VIEW));
        match self.kind {
            GizmoKind::Scale => self.square(center, 5.5 * scale, color),
            _ => {
                draw.circle_filled(center, 5.5 * scale, Theme::DARK.background.with_alpha(0.6));
                draw.circle_filled(center, 4.0 * scale, color);
            }
        }
    }

    fn depth(&self, axis: usize) -> f32 {
        self.place.axis(axis).dot(self.projection.backward)
    }

    fn arrow(&self, axis: usize, color: Color) {
        let (draw, scale) = (self.ui.draw(), self.projection.scale);
        let arm = self.place.axis(axis) * self.projection.length;
        let at = |share: f32| self.projection.seen(self.place.position + arm * share);
        let (Some(from), Some(to)) = (at(ARROW_FROM), at(1.0)) else { return };
        draw.line(from, to, color, 3.0 * scale);
        let (from, to) = (Vec2::from(from), Vec2::from(to));
        let Some(along) = (to - from).try_normalize() else { return };
        match self.kind {
            GizmoKind::Scale => self.square(to.into(), 5.0 * scale, color),
            _ => {
                let (tip, side) = (to + along * 11.0 * scale, along.perp() * 5.5 * scale);
                draw.triangle_filled([tip, to - side, to + side].map(Into::into), color);
            }
        }
    }

    fn square(&self, [x, y]: [f32; 2], half: f32, color: Color) {
        self.ui.draw().rect_filled([x - half, y - half], [x + half, y + half], color, self.projection.scale);
    }

    fn rings(&self) {
        let (draw, scale) = (self.ui.draw(), self.projection.scale);
        for (axis, color) in AXES.into_iter().enumerate() {
            let Some(points) = handle::ring(self.projection, self.place, axis) else { continue };
            let color = self.color(Handle::Axis(axis), color);
            let next = points.iter().cycle().skip(1);
            for (one, other) in points.iter().zip(next) {
                let is_front = one.1 && other.1;
                let (color, width) = if is_front { (color, 2.5) } else { (color.with_alpha(0.18), 1.0) };
                draw.line(one.0, other.0, color, width * scale);
            }
        }
        let mut circle = [[0.0; 2]; RING];
        let radius = self.radius() * OUTER;
        for (at, point) in circle.iter_mut().enumerate() {
            let (sin, cos) = (at as f32 / RING as f32 * core::f32::consts::TAU).sin_cos();
            *point = (self.projection.center + Vec2::new(cos, sin) * radius).into();
        }
        draw.polygon(&circle, self.color(Handle::View, VIEW.with_alpha(0.7)), 1.5 * scale);
    }

    /// Length of an arrow across the view, in pixels.
    fn radius(&self) -> f32 {
        let beside = self.place.position + self.projection.right * self.projection.length;
        let beside = self.projection.seen(beside).map_or(self.projection.center, Vec2::from);
        (beside - self.projection.center).length()
    }

    /// The numbers of a drag, beside it.
    fn told(&self, drag: &Drag) {
        let scale = self.projection.scale;
        let text = Told { kind: self.kind, handle: drag.handle(), drag, place: self.place };
        let size = self.ui.text_size(&text);
        let at = [self.projection.center.x + 18.0 * scale, self.projection.center.y + 18.0 * scale];
        let margin = [8.0 * scale, 4.0 * scale];
        let min = [at[0] - margin[0], at[1] - margin[1]];
        let max = [at[0] + size[0] + margin[0], at[1] + size[1] + margin[1]];
        self.ui.draw().rect_filled(min, max, Theme::DARK.background.with_alpha(0.85), 4.0 * scale);
        self.ui.draw().text(at, Theme::DARK.text, &text);
    }
}

struct Told<'t> {
    kind: GizmoKind,
    handle: Handle,
    drag: &'t Drag,
    place: &'t GizmoPlace,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = self.drag.told();
        match (self.kind, self.handle) {
            (GizmoKind::Move, Handle::Axis(axis)) => {
                write!(out, "{} {:.3} m", ["X", "Y", "Z"][axis], sane(change.translation.dot(self.place.axis(axis))))
            }
            (GizmoKind::Move, _) => {
                let [x, y, z] = change.translation.to_array().map(sane);
                write!(out, "{x:.3}  {y:.3}  {z:.3} m")
            }
            (GizmoKind::Rotate, _) => write!(out, "{:.1}°", sane(self.drag.angle_told().to_degrees())),
            (GizmoKind::Scale, Handle::Axis(axis)) => write!(out, "× {:.3}", change.scale[axis]),
            (GizmoKind::Scale, _) => write!(out, "× {:.3}", change.scale.x),
        }
    }
}

/// Never minus zero.
fn sane(value: f32) -> f32 {
    if value.abs() < 5e-4 { 0.0 } else { value }
}
