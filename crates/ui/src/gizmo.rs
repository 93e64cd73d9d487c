//! The gizmo: handles in a view of a scene that move, turn and scale what is selected.
//!
//! The caller says where it stands, how the view projects and what the pointer does; the gizmo draws itself, knows what is
//! under the pointer, and tells during a drag what has come of it since the button went down. It changes nothing itself.
//!
//! # Invariants
//! 1. All state is in [`Gizmo`]: any number of views and interfaces have one each.
//! 2. A change is told from the beginning of the drag, not from the last frame, so that nothing adds up.
//! 3. Every number that is told is finite.
//!
//! # Deliberately absent
//! ImGuizmo: its drag is a static of the process, and it takes no press while another item is hovered, as an
//! [`Area`](crate::Area) always is.

mod drag;
mod drawing;
mod handle;

use crate::Ui;
use drag::Drag;
use handle::{Handle, Projection};
use voltrum_render::glam::{Mat4, Quat, Vec3};

/// What a drag does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GizmoKind {
    /// Moves.
    #[default]
    Move,
    /// Turns.
    Rotate,
    /// Scales.
    Scale,
}

/// How a view of the scene is projected into a part of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GizmoView {
    /// Left and top of the view in the window, in physical pixels.
    pub min: [f32; 2],
    /// Width and height of the view.
    pub size: [f32; 2],
    /// From the world to clip space. Depth may go either way, and be infinite.
    pub to_clip: Mat4,
    /// From the world to the camera, which looks down its -Z.
    pub to_camera: Mat4,
}

/// Where the gizmo stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GizmoPlace {
    /// In the world.
    pub position: Vec3,
    /// Which way its axes point: the identity along the world's.
    pub axes: Quat,
}

/// What the pointer does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GizmoPointer {
    /// Where it is in the window, in physical pixels.
    pub at: [f32; 2],
    /// It is over the view, and nothing covers that.
    pub is_over: bool,
    /// The button went down over the view and is still held.
    pub is_held: bool,
    /// The drag is to be given up.
    pub is_cancelled: bool,
}

/// What has come of a drag since it began: a turn and a scale about the gizmo's place, and a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GizmoChange {
    /// In the world.
    pub translation: Vec3,
    /// In the world, about the gizmo's place.
    pub rotation: Quat,
    /// Along the axes that the gizmo had when the drag began, from its place.
    pub scale: Vec3,
}

impl GizmoChange {
    /// Nothing yet.
    pub const NONE: GizmoChange = GizmoChange { translation: Vec3::ZERO, rotation: Quat::IDENTITY, scale: Vec3::ONE };

    /// The same as a matrix of the world; `place` is where the gizmo stood when the drag began.
    pub fn matrix(&self, place: &GizmoPlace) -> Mat4 {
        let axes = Mat4::from_quat(place.axes);
        let about = Mat4::from_translation(place.position);
        let scale = axes * Mat4::from_scale(self.scale) * axes.transpose();
        let back = Mat4::from_translation(-place.position);
        Mat4::from_translation(self.translation) * about * Mat4::from_quat(self.rotation) * scale * back
    }
}

/// What happened in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GizmoEvent {
    /// Nothing.
    None,
    /// A handle was taken.
    Begun,
    /// It is being dragged.
    Dragged(GizmoChange),
    /// It was let go; what was told last stays.
    Ended,
    /// The drag was given up; nothing of it stays.
    Cancelled,
}

/// The state of one gizmo.
///
/// ```
/// # use voltrum_ui::{Area, Gizmo, GizmoEvent, GizmoKind, GizmoPlace, GizmoPointer, GizmoView, MouseButton, Ui};
/// # fn layer(ui: Ui<'_>, gizmo: &mut Gizmo, view: &GizmoView, place: &GizmoPlace, area: &Area) {
/// let pointer = GizmoPointer {
///     at: [area.min[0] + area.pointer[0], area.min[1] + area.pointer[1]],
///     is_over: area.hovered,
///     is_held: area.drag(MouseButton::Left).is_some(),
///     is_cancelled: false,
/// };
/// if let GizmoEvent::Dragged(change) = ui.gizmo(gizmo, GizmoKind::Move, view, place, pointer, None) {
///     println!("moved by {}", change.translation);
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Gizmo {
    hovered: Option<Handle>,
    drag: Option<Drag>,
    was_held: bool,
}

impl Gizmo {
    /// Whether the pointer is over a handle, or drags one: a press belongs to the gizmo then.
    pub fn is_over(&self) -> bool {
        self.hovered.is_some() || self.drag.is_some()
    }

    /// Whether a handle is being dragged.
    pub fn is_dragged(&self) -> bool {
        self.drag.is_some()
    }

    /// Forgets the drag: what was dragged is gone.
    pub fn release(&mut self) {
        (self.drag, self.hovered) = (None, None);
    }

    fn follow(
        &mut self,
        kind: GizmoKind,
        projection: &Projection,
        place: &GizmoPlace,
        pointer: GizmoPointer,
        snap: Option<f32>,
    ) -> GizmoEvent {
        let was_held = std::mem::replace(&mut self.was_held, pointer.is_held);
        let is_pressed = pointer.is_held && !was_held;
        if let Some(drag) = &mut self.drag {
            if pointer.is_cancelled {
                self.release();
                return GizmoEvent::Cancelled;
            }
            let told = *drag.told();
            let change = drag.change(projection, pointer.at, snap);
            // on a slow machine the last of the way comes with the release: it counts, and the end is told after it
            if !pointer.is_held && change == told {
                self.drag = None;
                return GizmoEvent::Ended;
            }
            return GizmoEvent::Dragged(change);
        }
        self.hovered = match pointer.is_over && (is_pressed || !pointer.is_held) {
            true => handle::under(kind, projection, place, pointer.at),
            false => None,
        };
        match self.hovered.filter(|_| is_pressed) {
            Some(handle) => {
                self.drag = Some(Drag::begin(kind, handle, projection, place, pointer.at));
                GizmoEvent::Begun
            }
            None => GizmoEvent::None,
        }
    }
}

impl Ui<'_> {
    /// Draws a gizmo over what was drawn last and follows the pointer. With `snap`, changes go in steps of so many metres,
    /// radians, or parts of the size.
    pub fn gizmo(
        &self,
        gizmo: &mut Gizmo,
        kind: GizmoKind,
        view: &GizmoView,
        place: &GizmoPlace,
        pointer: GizmoPointer,
        snap: Option<f32>,
    ) -> GizmoEvent {
        let Some(projection) = Projection::new(view, place, self.scale()) else {
            // it stands behind the camera, or nowhere
            let was_dragged = gizmo.is_dragged();
            gizmo.release();
            gizmo.was_held = pointer.is_held;
            return if was_dragged { GizmoEvent::Ended } else { GizmoEvent::None };
        };
        let event = gizmo.follow(kind, &projection, place, pointer, snap);
        let active = gizmo.drag.as_ref().map(|drag| drag.handle()).or(gizmo.hovered);
        let [left, top] = view.min;
        self.draw().clipped(view.min, [left + view.size[0], top + view.size[1]], || {
            drawing::draw(*self, kind, &projection, place, active, gizmo.drag.as_ref());
        });
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A camera at +Z 10 that looks at the origin; one unit there is 72 pixels.
    fn view() -> GizmoView {
        let to_camera = Mat4::look_at_rh(Vec3::new(0.0, 0.0, 10.0), Vec3::ZERO, Vec3::Y);
        let projection = Mat4::perspective_infinite_reverse_rh(1.0, 1.0, 0.1);
        GizmoView { min: [100.0, 50.0], size: [800.0, 800.0], to_clip: projection * to_camera, to_camera }
    }

    const PLACE: GizmoPlace = GizmoPlace { position: Vec3::ZERO, axes: Quat::IDENTITY };

    fn pointer(at: [f32; 2], is_held: bool) -> GizmoPointer {
        GizmoPointer { at, is_over: true, is_held, is_cancelled: false }
    }

    /// Takes the handle at `from`, drags it to `to`, and tells what came of it.
    fn drag(kind: GizmoKind, from: [f32; 2], to: [f32; 2], snap: Option<f32>) -> GizmoChange {
        let projection = Projection::new(&view(), &PLACE, 1.0).unwrap();
        let mut gizmo = Gizmo::default();
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(from, false), snap), GizmoEvent::None);
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(from, true), snap), GizmoEvent::Begun);
        let halfway = [(from[0] + to[0]) * 0.5, (from[1] + to[1]) * 0.5];
        gizmo.follow(kind, &projection, &PLACE, pointer(halfway, true), snap);
        let GizmoEvent::Dragged(change) = gizmo.follow(kind, &projection, &PLACE, pointer(to, true), snap) else {
            panic!("no drag")
        };
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(to, false), snap), GizmoEvent::Ended);
        change
    }

    /// A point of the world in the window.
    fn seen(point: Vec3) -> [f32; 2] {
        Projection::new(&view(), &PLACE, 1.0).unwrap().seen(point).unwrap()
    }

    /// A point on a handle, at `share` of its length.
    fn on(axis: Vec3, share: f32) -> [f32; 2] {
        let projection = Projection::new(&view(), &PLACE, 1.0).unwrap();
        seen(axis * projection.length * share)
    }

    #[test]
    fn an_arrow_moves_along_its_axis_by_what_the_pointer_goes() {
        let from = on(Vec3::X, 0.8);
        let unit = seen(Vec3::X)[0] - seen(Vec3::ZERO)[0];
        let change = drag(GizmoKind::Move, from, [from[0] + 2.0 * unit, from[1] + 55.0], None);
        assert!(change.translation.abs_diff_eq(Vec3::X * 2.0, 0.05), "{}", change.translation);
        let snapped = drag(GizmoKind::Move, from, [from[0] + 1.8 * unit, from[1]], Some(0.5));
        assert!(snapped.translation.abs_diff_eq(Vec3::X * 2.0, 1e-4), "{}", snapped.translation);
    }

    #[test]
    fn a_plane_moves_along_both_of_its_axes() {
        let projection = Projection::new(&view(), &PLACE, 1.0).unwrap();
        let middle = (Vec3::X + Vec3::Y) * projection.length * 0.4;
        let to = seen(middle + Vec3::new(1.0, -0.5, 0.0));
        let change = drag(GizmoKind::Move, seen(middle), to, None);
        assert!(change.translation.abs_diff_eq(Vec3::new(1.0, -0.5, 0.0), 1e-3), "{}", change.translation);
    }

    #[test]
    fn a_ring_turns_about_its_axis() {
        let projection = Projection::new(&view(), &PLACE, 1.0).unwrap();
        // off the axes, where the other two rings are seen from their edges
        let at = |angle: f32| seen(Quat::from_rotation_z(angle) * Vec3::X * projection.length);
        let (from, to) = (at(0.6), at(0.6 + core::f32::consts::FRAC_PI_2));
        let change = drag(GizmoKind::Rotate, from, to, None);
        let turned = change.rotation * Vec3::X;
        assert!(turned.abs_diff_eq(Vec3::Y, 1e-3), "{turned}");
        let snapped = drag(GizmoKind::Rotate, from, to, Some(1.0));
        assert!((snapped.rotation.to_axis_angle().1 - 2.0).abs() < 1e-3);
    }

    #[test]
    fn the_middle_of_a_scale_gizmo_scales_all_axes_alike() {
        let from = seen(Vec3::ZERO);
        let change = drag(GizmoKind::Scale, from, [from[0] + 100.0, from[1]], None);
        assert!(change.scale.abs_diff_eq(Vec3::splat(2.0), 1e-3), "{}", change.scale);
        let shrunk = drag(GizmoKind::Scale, from, [from[0] - 5_000.0, from[1]], None);
        assert!(shrunk.scale.min_element() > 0.0);
        let along = drag(GizmoKind::Scale, on(Vec3::Y, 1.0), on(Vec3::Y, 1.5), None);
        assert!(along.scale.abs_diff_eq(Vec3::new(1.0, 1.5, 1.0), 1e-3), "{}", along.scale);
    }

    #[test]
    fn a_change_keeps_the_gizmos_place_where_it_was_put() {
        let place = GizmoPlace { position: Vec3::new(3.0, 1.0, 2.0), axes: Quat::from_rotation_y(0.7) };
        let change =
            GizmoChange { translation: Vec3::X, rotation: Quat::from_rotation_z(0.4), scale: Vec3::new(2.0, 1.0, 0.5) };
        let moved = change.matrix(&place).transform_point3(place.position);
        assert!(moved.abs_diff_eq(place.position + Vec3::X, 1e-5));
        let still = GizmoChange::NONE.matrix(&place);
        assert!(still.abs_diff_eq(Mat4::IDENTITY, 1e-5));
    }

    #[test]
    fn a_drag_is_given_up_and_a_press_beside_the_handles_is_none() {
        let projection = Projection::new(&view(), &PLACE, 1.0).unwrap();
        let mut gizmo = Gizmo::default();
        let (kind, on) = (GizmoKind::Move, on(Vec3::X, 0.8));
        // the second drag of a gizmo, as the first
        gizmo.follow(kind, &projection, &PLACE, pointer(on, true), None);
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(on, false), None), GizmoEvent::Ended);
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(on, true), None), GizmoEvent::Begun);
        let cancelled = GizmoPointer { is_cancelled: true, ..pointer(on, true) };
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, cancelled, None), GizmoEvent::Cancelled);
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(on, true), None), GizmoEvent::None);
        gizmo.follow(kind, &projection, &PLACE, pointer([110.0, 60.0], false), None);
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer([110.0, 60.0], true), None), GizmoEvent::None);
        assert!(!gizmo.is_over());
    }

    #[test]
    fn a_drag_that_was_quicker_than_a_frame_counts() {
        let projection = Projection::new(&view(), &PLACE, 1.0).unwrap();
        let mut gizmo = Gizmo::default();
        let (from, kind) = (on(Vec3::X, 0.8), GizmoKind::Move);
        let to = [from[0] + 40.0, from[1]];
        gizmo.follow(kind, &projection, &PLACE, pointer(from, true), None);
        let dragged = gizmo.follow(kind, &projection, &PLACE, pointer(to, false), None);
        assert!(matches!(dragged, GizmoEvent::Dragged(change) if change.translation.x > 0.1), "{dragged:?}");
        assert_eq!(gizmo.follow(kind, &projection, &PLACE, pointer(to, false), None), GizmoEvent::Ended);
    }

    #[test]
    fn what_stands_behind_the_camera_has_no_gizmo() {
        let behind = GizmoPlace { position: Vec3::Z * 20.0, ..PLACE };
        assert!(Projection::new(&view(), &behind, 1.0).is_none());
        let nowhere = GizmoPlace { position: Vec3::NAN, ..PLACE };
        assert!(Projection::new(&view(), &nowhere, 1.0).is_none());
    }
}
