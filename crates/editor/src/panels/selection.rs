//! What is picked: its place, its mesh, its materials. Nothing can be changed here yet.

use super::SELECTION;
use super::status_bar::Grouped;
use crate::editor::EditorState;
use crate::project::Project;
use voltrum::AppState;
use voltrum::assets::{Lens, materials, textures};
use voltrum::memory::Bytes;
use voltrum::render::glam::{EulerRot, Vec3};
use voltrum::scene::{self, Entity, Local};
use voltrum::ui::{Color, Theme, Ui, Window};

/// Where values begin, at scale 1.
const VALUES_AT: f32 = 92.0;

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &Project<'_>,
    app: &AppState<'_>,
    open: &mut bool,
) {
    ui.window(SELECTION, Window::new().closable(open), || {
        let picked = project.selected.filter(|picked| project.scene.is_alive(*picked));
        match picked {
            Some(entity) => {
                header(ui, state, project, entity);
                transform(ui, project, entity);
                mesh(ui, project, app, entity);
                camera(ui, project, entity);
            }
            None => file(ui, project),
        }
    });
}

fn row(ui: Ui<'_>, label: &str, value: impl std::fmt::Display) {
    ui.label_value(label, VALUES_AT * ui.scale(), value);
}

fn header(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    let name = scene::name(project.scene, entity).filter(|name| !name.is_empty());
    ui.text(name.unwrap_or("without a name"));
    ui.text_dim(format_args!("entity {entity}"));
    if !scene::is_shown(project.scene, entity) {
        ui.same_line();
        ui.text_colored(Theme::DARK.warning, "hidden");
    }
    state.wishes.fit_selected |= ui.small_button("Show in the viewport");
}

fn transform(ui: Ui<'_>, project: &Project<'_>, entity: Entity) {
    ui.heading("Transform");
    match scene::local(project.scene, entity) {
        Some(Local::Parts(parts)) => {
            let (x, y, z) = parts.rotation.to_euler(EulerRot::XYZ);
            row(ui, "position", Triple(parts.translation));
            row(ui, "rotation", Triple(Vec3::new(x.to_degrees(), y.to_degrees(), z.to_degrees())));
            row(ui, "scale", Triple(parts.scale));
        }
        Some(Local::Matrix(matrix)) => {
            row(ui, "position", Triple(matrix.w_axis.truncate()));
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

fn mesh(ui: Ui<'_>, project: &Project<'_>, app: &AppState<'_>, entity: Entity) {
    let Some(mesh) = project.mesh(entity) else { return };
    let staged = &project.staged.scene;
    let primitives = staged.primitives.get(mesh.primitives()).unwrap_or_default();
    let vertices: u64 = primitives.iter().map(|primitive| u64::from(primitive.vertex_count)).sum();
    let triangles: u64 = primitives
        .iter()
        .map(|primitive| u64::from(primitive.indices.map_or(primitive.vertex_count, |indices| indices.count) / 3))
        .sum();
    ui.heading("Mesh");
    row(ui, "name", Named(mesh.name));
    row(ui, "triangles", Grouped(triangles));
    row(ui, "vertices", Grouped(vertices));
    row(ui, "parts", primitives.len());
    let assets = project.assets().primitives.get(mesh.primitives()).unwrap_or_default();
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

fn camera(ui: Ui<'_>, project: &Project<'_>, entity: Entity) {
    let Some(camera) = scene::cameras(project.scene).get(entity) else { return };
    ui.heading("Camera");
    match camera.lens {
        Lens::Perspective { fov_y, near, .. } => {
            row(ui, "lens", "perspective");
            row(ui, "angle", format_args!("{:.1} degrees high", fov_y.to_degrees()));
            row(ui, "near", near);
        }
        Lens::Orthographic { half_width, half_height, .. } => {
            row(ui, "lens", "orthographic");
            row(ui, "sees", format_args!("{} x {}", half_width * 2.0, half_height * 2.0));
        }
    }
}

/// The file, while nothing in it is picked.
fn file(ui: Ui<'_>, project: &Project<'_>) {
    if project.is_empty() {
        ui.text_dim("nothing is open");
        return;
    }
    let staged = &project.staged.scene;
    ui.text(project.file_name());
    ui.text_dim("click a node to see what it is");
    ui.heading("File");
    row(ui, "scene", Named(staged.name));
    row(ui, "made by", Named(staged.generator));
    row(ui, "triangles", Grouped(staged.counts.triangles));
    row(ui, "vertices", Grouped(staged.counts.vertices));
    let bytes = |bytes: u64| Bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
    row(ui, "geometry", bytes(staged.counts.geometry_bytes));
    row(ui, "images", format_args!("{} in {}", bytes(staged.counts.image_bytes), staged.images.len()));
    row(ui, "cameras", staged.cameras.len());
    if staged.counts.animations > 0 {
        row(ui, "animations", staged.counts.animations);
    }
    if !staged.bounds.is_empty() {
        row(ui, "size", Triple(staged.bounds.max - staged.bounds.min));
    }
    if !staged.notes.is_empty() {
        ui.heading("Notes");
        staged.notes.iter().for_each(|note| ui.paragraph(note));
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
