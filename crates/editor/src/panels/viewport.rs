//! The scene's picture, which the mouse works in.

use super::legend;
use super::{VIEWPORT, playback, toolbar};
use crate::editor_state::EditorState;
use crate::look::Mode;
use crate::project::Project;
use crate::transform_drag::TransformDrag;
use crate::viewport::Viewpoint;
use crate::wishes::{PickHow, Wish};
use voltrum::assets::Bounds;
use voltrum::platform::input::{self, Key, Modifiers};
use voltrum::render::Camera;
use voltrum::render::glam::{Mat4, Vec2, Vec3, Vec4};
use voltrum::scene::pick::Ray;
use voltrum::scene::{self, Entity};
use voltrum::ui::{Area, Color, GizmoEvent, GizmoPointer, GizmoView, MouseButton, Theme, Ui, Window};
use voltrum::{AppState, Frame};

/// The largest side that the picture is made for, whatever the window's.
const SIDE_MAX: f32 = 8_192.0;
/// A click that moved no farther picks what is under it.
const CLICK_PIXELS: f32 = 3.0;
/// How near to the sign of a light or a camera a click has to be, at scale 1.
const SIGN_PIXELS: f32 = 9.0;
/// More outlines than these are no help; the rest is picked all the same.
const OUTLINES_MAX: usize = 200;

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &mut Project<'_>,
    app: &AppState<'_>,
    frame: &Frame<'_>,
    open: &mut bool,
) {
    let is_loading = frame.loading.is_some();
    let modifiers = input::modifiers(&app.input);
    // once the other panels are there: the last one that appears has the keyboard
    let focuses = frame.index > 3 && std::mem::take(&mut state.focuses_viewport);
    ui.window(VIEWPORT, Window::new().no_padding().no_scroll().closable(open).focus(focuses), || {
        toolbar::draw(ui, state, project);
        playback::draw(ui, state, project);
        let size = ui.available().map(|side| side.clamp(1.0, SIDE_MAX).floor());
        state.viewport.wanted = Some(size.map(|side| side as u32));
        let area = ui.image_area("scene", state.viewport.texture(), size);
        state.viewport.set_place(area.min, area.size);
        let camera = state.viewport.seen_with(project);
        overlay(ui, state, project, &area, &camera, is_loading);
        if state.viewport.look.mode == Mode::Memory {
            memory(ui, state, project, &area, &camera);
        }
        let is_cancelled = input::was_key_pressed(&app.input, Key::Escape);
        if !gizmo(ui, state, project, &area, &camera, modifiers, is_cancelled) {
            navigate(ui, state, project, &area, &camera, modifiers);
        }
    });
}

/// What the colours stand for, and what is held by what the pointer is on.
fn memory(ui: Ui<'_>, state: &EditorState<'_>, project: &Project<'_>, area: &Area, camera: &Camera) {
    let holdings = project.holdings();
    legend::draw(ui, area, holdings);
    if !area.hovered || state.viewport.grip.is_some() {
        return;
    }
    if let Some(entity) = pick(project, area, camera, ui.scale())
        && let Some(held) = holdings.of(project.scene, entity)
    {
        legend::told(ui, scene::name(project.scene, entity).unwrap_or_default(), held);
    }
}

/// Draws the gizmo where something is picked; whether the mouse is its own.
fn gizmo(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &Project<'_>,
    area: &Area,
    camera: &Camera,
    modifiers: Modifiers,
    is_cancelled: bool,
) -> bool {
    let tools = &mut state.tools;
    let picked = project.selection().entities();
    let Some(place) = TransformDrag::place(project.scene, picked, tools.uses_local_axes()) else {
        if tools.gizmo.is_dragged() {
            state.wishes.push(Wish::Gizmo(GizmoEvent::Ended));
        }
        tools.gizmo.release();
        return false;
    };
    if !tools.gizmo.is_dragged() {
        tools.place = Some(place);
        let at = camera.view_projection().project_point3(place.position);
        let share = [at.x * 0.5 + 0.5, 0.5 - at.y * 0.5];
        state.places.note_gizmo([0, 1].map(|axis| area.min[axis] + share[axis] * area.size[axis]));
    }
    let view = GizmoView { min: area.min, size: area.size, to_clip: camera.view_projection(), to_camera: camera.view };
    let pointer = GizmoPointer {
        at: [area.min[0] + area.pointer[0], area.min[1] + area.pointer[1]],
        is_over: area.hovered,
        is_held: area.drag(MouseButton::Left).is_some(),
        is_cancelled,
    };
    let snap = tools.step(&state.store.settings.snap, modifiers.control);
    let event = ui.gizmo(&mut tools.gizmo, tools.kind, &view, &place, pointer, snap);
    state.wishes.push_if(event != GizmoEvent::None, Wish::Gizmo(event));
    let owns = event != GizmoEvent::None || tools.gizmo.is_dragged() || (tools.gizmo.is_over() && !pointer.is_held);
    if owns {
        let zoom = area.wheel[1];
        if zoom != 0.0 {
            state.viewport.take_over(project);
            state.viewport.camera.zoom(zoom, area.pointer, area.size);
        }
        // the release of a handle is no click
        state.viewport.dragged = f32::INFINITY;
        state.viewport.grip = None;
    }
    owns
}

/// Left drag orbits, with shift it pans, as the middle button does, with Ctrl it picks what is in a rectangle; the wheel
/// zooms; a click picks.
fn navigate(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &Project<'_>,
    area: &Area,
    camera: &Camera,
    modifiers: Modifiers,
) {
    // Not the area's own account of the drag: in the frame in which the button goes down, that still has the way there.
    let held = [MouseButton::Left, MouseButton::Middle].map(|button| area.drag(button).is_some());
    let grip = held.contains(&true).then_some(area.pointer);
    let viewport = &mut state.viewport;
    let moved = match (grip, std::mem::replace(&mut viewport.grip, grip)) {
        (Some([x, y]), Some([last_x, last_y])) => [x - last_x, y - last_y],
        // on a slow machine the last of the way comes with the release
        (None, Some([last_x, last_y])) => [area.pointer[0] - last_x, area.pointer[1] - last_y],
        (Some(_), None) => {
            viewport.dragged = 0.0;
            viewport.box_from = (held[0] && modifiers.control).then_some(area.pointer);
            [0.0, 0.0]
        }
        (None, None) => [0.0, 0.0],
    };
    if grip.is_some() {
        viewport.pans = !held[0] || held[1] || modifiers.shift;
    }
    let [_, notches] = area.wheel;
    if moved != [0.0, 0.0] {
        viewport.dragged += moved[0].abs() + moved[1].abs();
        if viewport.box_from.is_none() {
            viewport.take_over(project);
            if viewport.pans {
                viewport.camera.pan(moved, area.size[1]);
            } else {
                viewport.camera.orbit(moved, ui.scale());
            }
        }
    }
    if notches != 0.0 {
        viewport.take_over(project);
        viewport.camera.zoom(notches, area.pointer, area.size);
    }
    let is_click = viewport.dragged <= CLICK_PIXELS * ui.scale();
    if let Some(from) = viewport.box_from {
        if grip.is_none() {
            viewport.box_from = None;
            let [from, to] = [from, area.pointer].map(|at| in_picture(area, at));
            state.wishes.push_if(!is_click, Wish::PickIn { from, to, adds: modifiers.shift });
        } else if !is_click {
            rectangle(ui, area, from);
        }
    }
    if area.clicked && is_click {
        let how = if modifiers.control || modifiers.shift { PickHow::Toggle } else { PickHow::Only };
        match pick(project, area, camera, ui.scale()) {
            Some(entity) => state.wishes.push(Wish::PickInView(entity, how)),
            None => state.wishes.push_if(how == PickHow::Only, Wish::PickNone),
        }
    }
    if grip.is_none() {
        state.viewport.dragged = 0.0;
    }
    state.wishes.push_if(area.double_clicked, Wish::FitPicked);
}

/// A place in the area as one of the picture, from -1 to 1 each way, y upwards.
fn in_picture(area: &Area, [x, y]: [f32; 2]) -> [f32; 2] {
    [x / area.size[0] * 2.0 - 1.0, 1.0 - y / area.size[1] * 2.0].map(|part| part.clamp(-1.0, 1.0))
}

/// The rectangle that is being drawn.
fn rectangle(ui: Ui<'_>, area: &Area, from: [f32; 2]) {
    let at = |[x, y]: [f32; 2]| [area.min[0] + x.clamp(0.0, area.size[0]), area.min[1] + y.clamp(0.0, area.size[1])];
    let (one, other) = (at(from), at(area.pointer));
    let min = [one[0].min(other[0]), one[1].min(other[1])];
    let max = [one[0].max(other[0]), one[1].max(other[1])];
    ui.draw().rect_filled(min, max, Theme::DARK.accent.with_alpha(0.12), 0.0);
    ui.draw().rect(min, max, Theme::DARK.accent, 0.0, ui.scale());
}

/// What is under the pointer: the sign of a light or a camera, or what has triangles there, or a box where these aren't
/// known.
fn pick(project: &Project<'_>, area: &Area, camera: &Camera, scale: f32) -> Option<Entity> {
    let to_clip = camera.view_projection();
    let pointer = Vec2::new(area.min[0] + area.pointer[0], area.min[1] + area.pointer[1]);
    let signs = scene::lights(project.scene).entities().iter().chain(scene::cameras(project.scene).entities());
    let near = signs.filter_map(|entity| {
        let distance = (Vec2::from(sign_place(project, area, &to_clip, *entity)?) - pointer).length();
        (distance <= SIGN_PIXELS * scale).then_some((*entity, distance))
    });
    if let Some((entity, _)) = near.min_by(|(_, one), (_, other)| one.total_cmp(other)) {
        return Some(entity);
    }
    let [x, y] = in_picture(area, area.pointer);
    let ray = Ray::through(&camera.view_projection().inverse(), x, y, 1.0, 0.0)?;
    project.pick(&ray).map(|hit| hit.entity)
}

fn overlay(ui: Ui<'_>, state: &EditorState<'_>, project: &Project<'_>, area: &Area, camera: &Camera, is_loading: bool) {
    let scale = ui.scale();
    let draw = ui.draw();
    let [left, top] = area.min;
    let [width, height] = area.size;
    let (right, bottom) = (left + width, top + height);
    draw.clipped(area.min, [right, bottom], || {
        let to_clip = camera.view_projection();
        let active = project.selection().active();
        for entity in project.selection().entities().iter().rev().take(OUTLINES_MAX) {
            let alpha = if Some(*entity) == active { 0.8 } else { 0.45 };
            let bounds = scene::bounds_below(project.scene, *entity);
            if !bounds.is_empty() {
                outline(ui, area, &to_clip, &bounds, Theme::DARK.accent.with_alpha(alpha));
            }
        }
        signs(ui, project, area, &to_clip);
        axes(ui, [left + 38.0 * scale, bottom - 38.0 * scale], &camera.view);
        let dim = Theme::DARK.text.with_alpha(0.65);
        let at = [left + 12.0 * scale, top + 10.0 * scale];
        match state.viewport.viewpoint {
            Viewpoint::Orbit => {}
            Viewpoint::Scene(entity) => {
                let name = scene::name(project.scene, entity).filter(|name| !name.is_empty()).unwrap_or("camera");
                draw.text(at, dim, name);
            }
        }
        if project.is_empty() && !is_loading {
            invitation(ui, area);
        }
    });
}

/// Where lights and cameras are, which have no shape of their own.
fn signs(ui: Ui<'_>, project: &Project<'_>, area: &Area, to_clip: &Mat4) {
    let picked = project.selection();
    let at = |entity: Entity| sign_place(project, area, to_clip, entity);
    let color = |entity: Entity, color: Color| if picked.contains(entity) { Theme::DARK.accent } else { color };
    let scale = ui.scale();
    for entity in scene::lights(project.scene).entities().iter().copied() {
        if let Some(at) = at(entity) {
            let color = color(entity, Theme::DARK.warning);
            ui.draw().circle_filled(at, 4.0 * scale, color);
            for turn in 0..8 {
                let (sin, cos) = (turn as f32 * std::f32::consts::FRAC_PI_4).sin_cos();
                let ray = |length: f32| [at[0] + cos * length * scale, at[1] + sin * length * scale];
                ui.draw().line(ray(6.5), ray(9.5), color, 1.3 * scale);
            }
        }
    }
    for entity in scene::cameras(project.scene).entities().iter().copied() {
        if let Some([x, y]) = at(entity) {
            let color = color(entity, Theme::SERIES[2]);
            let (half, low) = (6.0 * scale, 4.0 * scale);
            ui.draw().rect_filled([x - half, y - low], [x + half * 0.4, y + low], color, 1.5 * scale);
            ui.draw().triangle_filled([[x + half * 0.4, y], [x + half, y - low], [x + half, y + low]], color);
        }
    }
}

/// Where in the window the sign of an entity is.
fn sign_place(project: &Project<'_>, area: &Area, to_clip: &Mat4, entity: Entity) -> Option<[f32; 2]> {
    let clip = *to_clip * scene::world(project.scene, entity)?.w_axis;
    (scene::is_shown(project.scene, entity) && clip.w > 1e-4).then(|| on_picture(area, clip))
}

/// What to do while nothing is open.
fn invitation(ui: Ui<'_>, area: &Area) {
    let text = "Open a project or a scene with Ctrl+O, or drop a file here";
    let [width, height] = ui.text_size(text);
    let at = [area.min[0] + (area.size[0] - width) * 0.5, area.min[1] + (area.size[1] - height) * 0.5];
    let [x, y] = [16.0 * ui.scale(), 10.0 * ui.scale()];
    let (min, max) = ([at[0] - x, at[1] - y], [at[0] + width + x, at[1] + height + y]);
    ui.draw().rect_filled(min, max, Theme::DARK.panel.with_alpha(0.85), 4.0 * ui.scale());
    ui.draw().text(at, Theme::DARK.text, text);
}

/// A box as lines on the picture.
fn outline(ui: Ui<'_>, area: &Area, to_clip: &Mat4, bounds: &Bounds, color: Color) {
    let corner = |index: usize| {
        let pick = |axis: usize, min: f32, max: f32| if index >> axis & 1 == 0 { min } else { max };
        let (min, max) = (bounds.min, bounds.max);
        *to_clip * Vec4::new(pick(0, min.x, max.x), pick(1, min.y, max.y), pick(2, min.z, max.z), 1.0)
    };
    for from in 0..8usize {
        for axis in (0..3).filter(|axis| from >> axis & 1 == 0) {
            let to = from | 1 << axis;
            if let Some([from, to]) = in_front(corner(from), corner(to)) {
                ui.draw().line(on_picture(area, from), on_picture(area, to), color, ui.scale() * 1.25);
            }
        }
    }
}

/// The part of a line that is in front of the camera, in clip space.
fn in_front(from: Vec4, to: Vec4) -> Option<[Vec4; 2]> {
    const NEAREST: f32 = 1e-4;
    match (from.w > NEAREST, to.w > NEAREST) {
        (true, true) => Some([from, to]),
        (false, false) => None,
        (is_from_in_front, _) => {
            let cut = from + (to - from) * ((NEAREST - from.w) / (to.w - from.w));
            Some(if is_from_in_front { [from, cut] } else { [cut, to] })
        }
    }
}

fn on_picture(area: &Area, clip: Vec4) -> [f32; 2] {
    let (x, y) = (clip.x / clip.w, clip.y / clip.w);
    [area.min[0] + (x * 0.5 + 0.5) * area.size[0], area.min[1] + (0.5 - y * 0.5) * area.size[1]]
}

/// Which way is which, in a corner.
fn axes(ui: Ui<'_>, [x, y]: [f32; 2], view: &Mat4) {
    let scale = ui.scale();
    let length = 24.0 * scale;
    let axes = [(Vec3::X, Theme::SERIES[4], "X"), (Vec3::Y, Theme::SERIES[2], "Y"), (Vec3::Z, Theme::SERIES[5], "Z")];
    for (axis, color, name) in axes {
        let seen = view.transform_vector3(axis);
        // what points away is fainter
        let color: Color = color.with_alpha(if seen.z < -0.2 { 0.45 } else { 1.0 });
        let tip = [x + seen.x * length, y - seen.y * length];
        ui.draw().line([x, y], tip, color, scale * 2.0);
        let [width, height] = ui.text_size(name);
        let at = [x + seen.x * length * 1.38 - width * 0.5, y - seen.y * length * 1.38 - height * 0.5];
        ui.draw().text(at, color, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_it_passes_the_camera() {
        let (front, behind) = (Vec4::new(0.0, 0.0, 0.0, 2.0), Vec4::new(4.0, 0.0, 0.0, -2.0));
        let [from, to] = in_front(front, behind).unwrap();
        assert_eq!(from, front);
        assert!(to.w > 0.0 && (to.x - 2.0).abs() < 1e-3);
        assert_eq!(in_front(behind, behind), None);
        assert_eq!(in_front(behind, front).unwrap()[1], front);
    }
}
