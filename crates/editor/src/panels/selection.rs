//! What is picked: its name, its place, its light and camera, to be edited; its mesh and materials, to be looked at.

use super::SELECTION;
use super::status_bar::Grouped;
use crate::editor_state::EditorState;
use crate::inspector::Inspector;
use crate::project::{Access, Project};
use crate::wishes::Wish;
use voltrum::AppState;
use voltrum::assets::{Lens, materials, textures};
use voltrum::memory::Bytes;
use voltrum::render::glam::{EulerRot, Quat, Vec3};
use voltrum::scene::{self, Camera, Entity, Light, LightKind, Local};
use voltrum::ui::{Color, Edited, Number, Ui, Unit, Window};

/// Where values begin, at scale 1.
const VALUES_AT: f32 = 88.0;
/// The farthest that a place may be, in metres.
const PLACE_MAX: f32 = 1e6;

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &Project<'_>,
    app: &AppState<'_>,
    open: &mut bool,
) {
    ui.window(SELECTION, Window::new().closable(open), || {
        let picked = project.selection().active().filter(|picked| project.scene.is_alive(*picked));
        match picked {
            Some(entity) => {
                header(ui, state, project, entity);
                transform(ui, state, project, entity);
                light(ui, state, project, entity);
                camera(ui, state, project, entity);
                add_component(ui, state, project, entity);
                mesh(ui, project, app, entity);
            }
            None => about_project(ui, project),
        }
    });
}

/// A name at the left; what comes next begins where values do.
fn label(ui: Ui<'_>, name: &str) {
    ui.align_text();
    ui.text_dim(name);
    ui.same_line_at(VALUES_AT * ui.scale());
}

fn row(ui: Ui<'_>, name: &str, value: impl std::fmt::Display) {
    ui.label_value(name, VALUES_AT * ui.scale(), value);
}

/// Notes an edit of one field: each frame of it is part of one step, which ends with it.
fn note(state: &mut EditorState<'_>, edited: Edited, wish: Wish) {
    state.wishes.push_if(edited.changed, wish);
    state.wishes.push_if(edited.committed, Wish::EndDrag);
}

/// One number; what happened to it.
fn number(ui: Ui<'_>, name: &str, value: &mut f32, number: Number) -> Edited {
    let changed = ui.with_width(-1.0, || ui.number(format_args!("##{name}"), std::slice::from_mut(value), number));
    edited(ui, changed)
}

/// What happened to the field that was drawn last.
fn edited(ui: Ui<'_>, changed: bool) -> Edited {
    let item = ui.item();
    Edited { changed, active: item.active, committed: item.committed }
}

fn header(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    let count = project.selection().len();
    if count > 1 {
        ui.text_colored(ui.theme().accent, format_args!("{count} selected: an edit is for all; shown is the last one"));
    }
    let mixed = state.inspector.mixed(project);
    let Inspector { name, .. } = &mut state.inspector;
    name.show(entity, scene::name(project.scene, entity).unwrap_or_default());
    label(ui, "name");
    ui.with_width(-1.0, || ui.input_text_hint("##name", "without a name", &mut name.field));
    let item = ui.item();
    name.is_edited = item.active;
    state.wishes.push_if(item.committed, Wish::RenameInInspector(entity));
    differing(ui, mixed.name, "the others have other names");
    let mut visible = scene::is_visible(project.scene, entity);
    label(ui, "visible");
    if ui.checkbox("##visible", &mut visible) {
        state.wishes.push(Wish::Show(entity, visible));
    }
    if mixed.visible {
        ui.same_line();
        ui.text_dim("not all of them are");
    }
    if visible && !scene::is_shown(project.scene, entity) {
        ui.same_line();
        ui.text_colored(ui.theme().warning, "hidden by what it stands below");
    }
}

/// Says that those that are selected differ.
fn differing(ui: Ui<'_>, differs: bool, words: &str) {
    if differs {
        label(ui, "");
        ui.text_dim(words);
    }
}

/// As [`differing`], by axis.
fn differing_along(ui: Ui<'_>, differs: [bool; 3]) {
    let words = match differs {
        [false, false, false] => return,
        [true, false, false] => "X differs",
        [false, true, false] => "Y differs",
        [false, false, true] => "Z differs",
        [true, true, false] => "X and Y differ",
        [true, false, true] => "X and Z differ",
        [false, true, true] => "Y and Z differ",
        [true, true, true] => "X, Y and Z differ",
    };
    differing(ui, true, words);
}

fn transform(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    ui.heading("Transform");
    let mixed = state.inspector.mixed(project);
    match scene::local(project.scene, entity) {
        Some(Local::Parts(parts)) => {
            let mut parts = parts;
            let mut place = parts.translation.to_array();
            label(ui, "position");
            let [[x, y], [width, _]] = [ui.cursor(), ui.available()];
            state.places.note_position([x, y, width, ui.line_height()]);
            let metres = Number::new().speed(0.01).unit(Unit::Metres).range(-PLACE_MAX, PLACE_MAX);
            let moved = ui.vector("position", &mut place, metres);
            parts.translation = Vec3::from_array(place);
            note(state, moved, Wish::SetLocal(entity, parts.into(), "Move"));
            differing_along(ui, mixed.position);

            let mut angles = state.inspector.degrees(entity, parts.rotation);
            label(ui, "rotation");
            let turned = ui.vector("rotation", &mut angles, Number::new().speed(0.5).decimals(1).unit(Unit::Degrees));
            if turned.changed {
                let [x, y, z] = angles.map(f32::to_radians);
                parts.rotation = Quat::from_euler(EulerRot::XYZ, x, y, z);
                state.inspector.note_degrees(entity, parts.rotation, angles);
            }
            note(state, turned, Wish::SetLocal(entity, parts.into(), "Rotate"));
            differing(ui, mixed.rotation, "the others are turned otherwise");

            let mut scale = parts.scale.to_array();
            label(ui, "scale");
            let scaled = ui.vector("scale", &mut scale, Number::new().speed(0.005).range(-PLACE_MAX, PLACE_MAX));
            parts.scale = Vec3::from_array(scale);
            note(state, scaled, Wish::SetLocal(entity, parts.into(), "Scale"));
            differing_along(ui, mixed.scale);
        }
        Some(Local::Matrix(matrix)) => {
            let mut matrix = matrix;
            let mut place = matrix.w_axis.truncate().to_array();
            label(ui, "position");
            let moved = ui.vector("position", &mut place, Number::new().unit(Unit::Metres));
            matrix.w_axis = Vec3::from_array(place).extend(1.0);
            note(state, moved, Wish::SetLocal(entity, Local::Matrix(matrix), "Move"));
            ui.text_dim("the rest is a matrix that no parts make up");
        }
        None => {}
    }
    if let Some(world) = scene::world(project.scene, entity) {
        row(ui, "in world", Triple(world.w_axis.truncate()));
    }
    let bounds = scene::bounds_below(project.scene, entity);
    if !bounds.is_empty() {
        row(ui, "size", Triple(bounds.max - bounds.min));
    }
}

/// A heading with a button at its right that takes the component away; whether it was pressed.
fn removable(ui: Ui<'_>, name: &str) -> bool {
    ui.heading(name);
    let item = ui.item();
    let cursor = ui.cursor();
    let width = ui.text_size("Remove")[0] + 16.0 * ui.scale();
    ui.set_cursor([item.max[0] - width, item.min[1]]);
    let is_pressed = ui.small_button(format_args!("Remove##{name}"));
    ui.set_cursor(cursor);
    is_pressed
}

fn light(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    let Some(light) = scene::lights(project.scene).get(entity).copied() else { return };
    let removed = removable(ui, "Light");
    let mut light = light;
    let mut edit = Edited::default();
    let mut join = |one: Edited| {
        edit.changed |= one.changed;
        edit.committed |= one.committed;
    };
    let mut kind = match light.kind {
        LightKind::Directional => 0,
        LightKind::Point => 1,
        LightKind::Spot { .. } => 2,
    };
    label(ui, "kind");
    if ui.with_width(-1.0, || ui.choose("##kind", &mut kind, &["directional", "point", "spot"])) {
        light.kind = match kind {
            0 => LightKind::Directional,
            1 => LightKind::Point,
            _ => LightKind::Spot { inner: 0.35, outer: 0.6 },
        };
        join(Edited { changed: true, active: false, committed: true });
    }
    label(ui, "colour");
    let changed = ui.with_width(-1.0, || ui.color("##colour", &mut light.color));
    join(edited(ui, changed));
    label(ui, "intensity");
    let unit = if light.kind == LightKind::Directional { Unit::Lux } else { Unit::Candela };
    let speed = (light.intensity * 0.01).clamp(0.01, 1_000.0);
    join(number(
        ui,
        "intensity",
        &mut light.intensity,
        Number::new().speed(speed).decimals(1).unit(unit).range(0.0, 1e9),
    ));
    if light.kind != LightKind::Directional {
        let mut is_limited = light.range.is_some();
        label(ui, "range");
        if ui.checkbox("##limited", &mut is_limited) {
            light.range = is_limited.then_some(10.0);
            join(Edited { changed: true, active: false, committed: true });
        }
        ui.tooltip("whether it ends somewhere");
        if let Some(range) = &mut light.range {
            ui.same_line();
            join(number(ui, "range", range, Number::new().speed(0.05).unit(Unit::Metres).range(0.001, PLACE_MAX)));
        }
    }
    if let LightKind::Spot { inner, outer } = &mut light.kind {
        let degrees = Number::new().speed(0.25).decimals(1).unit(Unit::Degrees);
        let (mut from, mut to) = (inner.to_degrees(), outer.to_degrees());
        label(ui, "inner");
        let one = number(ui, "inner", &mut from, degrees.range(0.0, to));
        label(ui, "outer");
        let other = number(ui, "outer", &mut to, degrees.range(from.max(0.1), 90.0));
        if one.changed || other.changed {
            (*inner, *outer) = (from.to_radians(), to.to_radians());
        }
        join(one);
        join(other);
    }
    let differs = state.inspector.mixed(project).light;
    differing(ui, differs, "the others shine otherwise");
    note(state, edit, Wish::SetLight(entity, Some(light)));
    state.wishes.push_if(removed, Wish::SetLight(entity, None));
    state.wishes.push_if(removed, Wish::EndDrag);
}

fn camera(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    let Some(camera) = scene::cameras(project.scene).get(entity).copied() else { return };
    let removed = removable(ui, "Camera");
    let mut lens = camera.lens;
    let mut edit = Edited::default();
    let mut join = |one: Edited| {
        edit.changed |= one.changed;
        edit.committed |= one.committed;
    };
    let mut kind = usize::from(matches!(lens, Lens::Orthographic { .. }));
    label(ui, "lens");
    if ui.with_width(-1.0, || ui.choose("##lens", &mut kind, &["perspective", "orthographic"])) {
        lens = match kind {
            0 => Lens::Perspective { fov_y: crate::camera::FOV_Y, aspect: None, near: 0.05, far: None },
            _ => Lens::Orthographic { half_width: 1.0, half_height: 1.0, near: 0.0, far: 100.0 },
        };
        join(Edited { changed: true, active: false, committed: true });
    }
    let metres = Number::new().speed(0.01).unit(Unit::Metres);
    match &mut lens {
        Lens::Perspective { fov_y, near, .. } => {
            let mut degrees = fov_y.to_degrees();
            label(ui, "angle");
            let turned = number(
                ui,
                "angle",
                &mut degrees,
                Number::new().speed(0.2).decimals(1).unit(Unit::Degrees).range(1.0, 170.0),
            );
            if turned.changed {
                *fov_y = degrees.to_radians();
            }
            join(turned);
            label(ui, "near");
            join(number(ui, "near", near, metres.speed(0.001).range(1e-4, 1e4)));
        }
        Lens::Orthographic { half_width, half_height, near, far } => {
            label(ui, "width");
            join(number(ui, "width", half_width, metres.range(1e-3, PLACE_MAX)));
            label(ui, "height");
            join(number(ui, "height", half_height, metres.range(1e-3, PLACE_MAX)));
            label(ui, "near");
            join(number(ui, "near", near, metres.range(0.0, *far - 1e-3)));
            label(ui, "far");
            join(number(ui, "far", far, metres.range(*near + 1e-3, PLACE_MAX)));
        }
    }
    let looks = state.viewport.viewpoint == crate::viewport::Viewpoint::Scene(entity);
    label(ui, "view");
    if ui.toggle(if looks { "Looking through it" } else { "Look through it" }, looks) {
        state.viewport.viewpoint =
            if looks { crate::viewport::Viewpoint::Orbit } else { crate::viewport::Viewpoint::Scene(entity) };
    }
    let differs = state.inspector.mixed(project).camera;
    differing(ui, differs, "the others see otherwise");
    note(state, edit, Wish::SetCamera(entity, Some(Camera { lens })));
    state.wishes.push_if(removed, Wish::SetCamera(entity, None));
    state.wishes.push_if(removed, Wish::EndDrag);
}

fn add_component(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    let has_light = scene::lights(project.scene).get(entity).is_some();
    let has_camera = scene::cameras(project.scene).get(entity).is_some();
    if has_light && has_camera {
        return;
    }
    ui.spacing();
    if ui.button("Add...") {
        ui.open_popup("##component");
    }
    ui.popup("##component", |_| {
        let wishes = &mut state.wishes;
        if ui.menu_item_if(!has_light, "Light", "") {
            wishes.push(Wish::SetLight(entity, Some(Light::default())));
            wishes.push(Wish::EndDrag);
        }
        if ui.menu_item_if(!has_camera, "Camera", "") {
            let lens = Lens::Perspective { fov_y: crate::camera::FOV_Y, aspect: None, near: 0.05, far: None };
            wishes.push(Wish::SetCamera(entity, Some(Camera { lens })));
            wishes.push(Wish::EndDrag);
        }
    });
}

fn mesh(ui: Ui<'_>, project: &Project<'_>, app: &AppState<'_>, entity: Entity) {
    let Some((file, mesh)) = project.mesh_of(entity) else { return };
    let Some(staged) = file.scene() else { return };
    let primitives = staged.primitives.get(mesh.primitives()).unwrap_or_default();
    let vertices: u64 = primitives.iter().map(|primitive| u64::from(primitive.vertex_count)).sum();
    let triangles: u64 = primitives.iter().map(|primitive| u64::from(primitive.triangle_count)).sum();
    ui.heading("Mesh");
    row(ui, "name", Named(mesh.name));
    row(ui, "file", file.path());
    row(ui, "triangles", Grouped(triangles));
    row(ui, "vertices", Grouped(vertices));
    row(ui, "parts", primitives.len());
    let assets = file.assets().primitives.get(mesh.primitives()).unwrap_or_default();
    for (index, (primitive, made)) in primitives.iter().zip(assets).enumerate() {
        let material = primitive.material.and_then(|at| staged.materials.get(at as usize));
        ui.with_id(index as u64, || {
            ui.heading(format_args!("Material {}", Named(material.map_or("", |material| material.name))));
            let Some(info) = materials::info(&app.materials, made.material) else { return };
            let surface = info.surface;
            swatch(ui, surface.base_color);
            row(ui, "metallic", format_args!("{:.2}", surface.metallic));
            row(ui, "roughness", format_args!("{:.2}", surface.roughness));
            row(ui, "alpha", format_args!("{:?}", surface.alpha));
            row(ui, "sides", if surface.double_sided { "both" } else { "front" });
            match surface.base_color_texture.and_then(|slot| textures::info(&app.textures, slot.texture)) {
                Some(texture) => row(ui, "texture", format_args!("{} x {}", texture.size[0], texture.size[1])),
                None => row(ui, "texture", "none"),
            }
        });
    }
}

/// The base colour as a spot of it and as numbers.
fn swatch(ui: Ui<'_>, base_color: [f32; 4]) {
    let [red, green, blue, alpha] = base_color;
    row(ui, "colour", format_args!("{red:.2}  {green:.2}  {blue:.2}  {alpha:.2}"));
    ui.same_line();
    let [x, y] = ui.cursor();
    let side = ui.line_height();
    let encoded = [red, green, blue].map(|part| (part.clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0 + 0.5) as u8);
    let color = Color::new(encoded[0], encoded[1], encoded[2], 255);
    ui.draw().rect_filled([x, y], [x + side, y + side], color, 3.0 * ui.scale());
    ui.room([side, side]);
}

/// The project, while nothing in it is picked.
fn about_project(ui: Ui<'_>, project: &Project<'_>) {
    if project.is_empty() {
        ui.text_dim("nothing is open");
        return;
    }
    ui.text(project.title());
    ui.text_dim("click something to see what it is");
    if let Access::ReadOnly { reason } = project.access() {
        ui.spacing();
        ui.paragraph_colored(ui.theme().warning, reason);
    }
    ui.heading("Project");
    row(ui, "nodes", Grouped(project.entity_count() as u64));
    row(ui, "lights", scene::lights(project.scene).entities().len());
    row(ui, "cameras", scene::cameras(project.scene).entities().len());
    let bounds = project.drawn_bounds();
    if !bounds.is_empty() {
        row(ui, "size", Triple(bounds.max - bounds.min));
    }
    for (index, file) in project.files().iter().enumerate() {
        ui.with_id(index as u64, || {
            ui.heading(file.path());
            match file.scene() {
                Some(staged) => {
                    row(ui, "scene", Named(staged.name));
                    row(ui, "made by", Named(staged.generator));
                    row(ui, "triangles", Grouped(staged.counts.triangles));
                    row(ui, "vertices", Grouped(staged.counts.vertices));
                    let bytes = |bytes: u64| Bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
                    row(ui, "geometry", bytes(staged.counts.geometry_bytes));
                    row(ui, "images", format_args!("{} in {}", bytes(staged.counts.image_bytes), staged.images.len()));
                    if staged.counts.animations > 0 {
                        row(ui, "animations", staged.counts.animations);
                    }
                    if !staged.notes.is_empty() {
                        ui.heading("Notes");
                        staged.notes.iter().for_each(|note| ui.paragraph(note));
                    }
                }
                None => ui.paragraph_colored(ui.theme().danger, file.fault()),
            }
        });
    }
}

/// A name, or that there is none.
struct Named<'n>(&'n str);

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(if self.0.is_empty() { "without a name" } else { self.0 })
    }
}

/// Three numbers in a row, never minus zero.
struct Triple(Vec3);

impl std::fmt::Display for Triple {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [x, y, z] = self.0.to_array().map(|part| if part.abs() < 5e-4 { 0.0 } else { part });
        write!(out, "{x:.3}  {y:.3}  {z:.3}")
    }
}
