//! The scene's picture, which the mouse works in.

use super::VIEWPORT;
use crate::editor::EditorState;
use crate::error::EditorError;
use crate::project::Project;
use crate::viewport::Viewpoint;
use voltrum::AppState;
use voltrum::assets::Bounds;
use voltrum::platform::input;
use voltrum::render::Camera;
use voltrum::render::glam::{Mat4, Vec3, Vec4};
use voltrum::scene::{self, Entity};
use voltrum::ui::{Area, Color, MouseButton, Theme, Ui, Window};

/// The largest side that the picture is made for, whatever the window's.
const SIDE_MAX: f32 = 8_192.0;
/// A click that moved no farther picks what is under it.
const CLICK_PIXELS: f32 = 3.0;

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &mut Project<'_>,
    app: &AppState<'_>,
    is_loading: bool,
    open: &mut bool,
) -> Result<(), EditorError> {
    let shift = input::modifiers(&app.input).shift;
    let drawn = ui.window(VIEWPORT, Window::new().no_padding().no_scroll().closable(open), || {
        let size = ui.available().map(|side| side.clamp(1.0, SIDE_MAX).floor());
        state.viewport.wanted = Some(size.map(|side| side as u32));
        let area = ui.image_area("scene", state.viewport.texture(), size);
        state.viewport.set_place(area.min, area.size);
        let camera = state.viewport.seen_with(project);
        overlay(ui, state, project, &area, &camera, is_loading);
        navigate(ui, state, project, &area, &camera, shift)
    });
    drawn.unwrap_or(Ok(()))
}

/// Left drag orbits, with shift it pans, as the middle button does; the wheel zooms; a click picks.
fn navigate(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &mut Project<'_>,
    area: &Area,
    camera: &Camera,
    shift: bool,
) -> Result<(), EditorError> {
    // Not the area's own account of the drag: in the frame in which the button goes down, that still has the way there.
    let held = [MouseButton::Left, MouseButton::Middle].map(|button| area.drag(button).is_some());
    let grip = held.contains(&true).then_some(area.pointer);
    let viewport = &mut state.viewport;
    let moved = match (grip, std::mem::replace(&mut viewport.grip, grip)) {
        (Some([x, y]), Some([last_x, last_y])) => [x - last_x, y - last_y],
        _ => [0.0, 0.0],
    };
    let [_, notches] = area.wheel;
    if moved != [0.0, 0.0] {
        viewport.take_over(project);
        viewport.dragged += moved[0].abs() + moved[1].abs();
        match held {
            [true, false] if !shift => viewport.camera.orbit(moved, ui.scale()),
            _ => viewport.camera.pan(moved, area.size[1]),
        }
    }
    if notches != 0.0 {
        viewport.take_over(project);
        viewport.camera.zoom(notches, area.pointer, area.size);
    }
    if area.clicked && viewport.dragged <= CLICK_PIXELS * ui.scale() {
        project.selected = pick(project, area, camera);
        if let Some(picked) = project.selected {
            project.rows.reveal(project.scene, picked)?;
        }
    }
    if grip.is_none() {
        viewport.dragged = 0.0;
    }
    state.wishes.fit_selected |= area.double_clicked && project.selected.is_some();
    Ok(())
}

/// The entity that the pointer most likely means, of those whose boxes its ray meets.
///
/// Only boxes are known here, and those of large things reach around small ones: nearness and smallness both count.
fn pick(project: &Project<'_>, area: &Area, camera: &Camera) -> Option<Entity> {
    let [x, y] = [area.pointer[0] / area.size[0] * 2.0 - 1.0, 1.0 - area.pointer[1] / area.size[1] * 2.0];
    let inverse = camera.view_projection().inverse();
    // depth is reversed: 1 is the near plane; halfway to the far one is in front of the camera as well
    let from = inverse.project_point3(Vec3::new(x, y, 1.0));
    let direction = (inverse.project_point3(Vec3::new(x, y, 0.5)) - from).normalize_or_zero();
    let bounds = scene::mesh_bounds(project.scene);
    let entities = scene::meshes(project.scene).entities();
    let shown = entities.iter().zip(bounds).filter(|(entity, _)| scene::is_shown(project.scene, **entity));
    let hits = shown.filter_map(|(entity, bounds)| Some((*entity, unlikeliness(bounds, from, direction)?)));
    hits.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(entity, _)| entity)
}

/// How little a ray seems to mean what is in a box; `None` when it misses it.
fn unlikeliness(bounds: &Bounds, from: Vec3, direction: Vec3) -> Option<f32> {
    Some(distance_to(bounds, from, direction)? + 2.0 * bounds.radius())
}

/// How far along a ray a box begins (slab method; Kay and Kajiya 1986). From inside a box its end counts, so that what is in
/// it comes first.
fn distance_to(bounds: &Bounds, from: Vec3, direction: Vec3) -> Option<f32> {
    let inverse = direction.recip();
    let (a, b) = ((bounds.min - from) * inverse, (bounds.max - from) * inverse);
    let (enter, leave) = (a.min(b).max_element(), a.max(b).min_element());
    (enter <= leave && leave >= 0.0).then_some(if enter >= 0.0 { enter } else { leave })
}

fn overlay(ui: Ui<'_>, state: &EditorState<'_>, project: &Project<'_>, area: &Area, camera: &Camera, is_loading: bool) {
    let scale = ui.scale();
    let draw = ui.draw();
    let [left, top] = area.min;
    let [width, height] = area.size;
    let (right, bottom) = (left + width, top + height);
    draw.clipped(area.min, [right, bottom], || {
        if let Some(selected) = project.selected {
            let bounds = scene::bounds_below(project.scene, selected);
            if !bounds.is_empty() {
                outline(ui, area, &camera.view_projection(), &bounds);
            }
        }
        axes(ui, [left + 38.0 * scale, bottom - 38.0 * scale], &camera.view);
        let dim = Theme::DARK.text.with_alpha(0.65);
        let at = [left + 12.0 * scale, top + 10.0 * scale];
        match state.viewport.viewpoint {
            Viewpoint::Orbit => {}
            Viewpoint::File(index) => {
                let camera = project.staged.scene.cameras.get(index);
                let name = camera.map(|camera| camera.name).filter(|name| !name.is_empty()).unwrap_or("camera");
                draw.text(at, dim, format_args!("{index}: {name}"));
            }
        }
        if project.is_empty() && !is_loading {
            invitation(ui, area);
        }
    });
}

/// What to do while nothing is open.
fn invitation(ui: Ui<'_>, area: &Area) {
    let text = "Open a scene with Ctrl+O, or drop a .gltf or .glb file here";
    let [width, height] = ui.text_size(text);
    let at = [area.min[0] + (area.size[0] - width) * 0.5, area.min[1] + (area.size[1] - height) * 0.5];
    let [x, y] = [16.0 * ui.scale(), 10.0 * ui.scale()];
    let (min, max) = ([at[0] - x, at[1] - y], [at[0] + width + x, at[1] + height + y]);
    ui.draw().rect_filled(min, max, Theme::DARK.panel.with_alpha(0.85), 4.0 * ui.scale());
    ui.draw().text(at, Theme::DARK.text, text);
}

/// A box as lines on the picture.
fn outline(ui: Ui<'_>, area: &Area, to_clip: &Mat4, bounds: &Bounds) {
    let corner = |index: usize| {
        let pick = |axis: usize, min: f32, max: f32| if index >> axis & 1 == 0 { min } else { max };
        let (min, max) = (bounds.min, bounds.max);
        *to_clip * Vec4::new(pick(0, min.x, max.x), pick(1, min.y, max.y), pick(2, min.z, max.z), 1.0)
    };
    for from in 0..8usize {
        for axis in (0..3).filter(|axis| from >> axis & 1 == 0) {
            let to = from | 1 << axis;
            if let Some([from, to]) = in_front(corner(from), corner(to)) {
                let color = Theme::DARK.accent.with_alpha(0.8);
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

    const CUBE: Bounds = Bounds { min: Vec3::NEG_ONE, max: Vec3::ONE };

    #[test]
    fn a_ray_meets_the_near_side_of_a_box() {
        let from = Vec3::new(0.2, 0.3, 5.0);
        assert_eq!(distance_to(&CUBE, from, Vec3::NEG_Z), Some(4.0));
        assert_eq!(distance_to(&CUBE, from, Vec3::Z), None);
        assert_eq!(distance_to(&CUBE, from + Vec3::X, Vec3::NEG_Z), None);
        assert_eq!(distance_to(&CUBE, Vec3::ZERO, Vec3::X), Some(1.0));
    }

    #[test]
    fn a_small_thing_inside_of_a_large_box_is_meant() {
        let room = Bounds { min: Vec3::splat(-5.0), max: Vec3::splat(5.0) };
        let from = Vec3::new(0.0, 0.0, 12.0);
        let cup = Bounds { min: Vec3::splat(-0.2), max: Vec3::splat(0.2) };
        let of = |bounds| unlikeliness(bounds, from, Vec3::NEG_Z).unwrap();
        assert!(of(&cup) < of(&room) && of(&CUBE) < of(&room));
        assert_eq!(unlikeliness(&cup, from, Vec3::Z), None);
    }

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
