//! What has arrived of a file whose images are still being decoded: its shapes in their plain colours, in the viewport until
//! the project is there.
//!
//! The worker copies the shapes ([`Arriving`]), and the main thread takes them to the GPU, a few megabytes in each frame.
//!
//! # Invariants
//! 1. Shapes are shown only while nothing is open: a project that is open stays in sight until the next one is whole, and a
//!    file that turns out to be broken leaves nothing.
//! 2. What is shown is given back when the load ends, however it ends.
//!
//! # Deliberately absent
//! Textures, skinned meshes, lines and points, what a project has changed of its files, and what is beyond the limits below.

use std::sync::{Mutex, PoisonError};
use voltrum::AppState;
use voltrum::assets::{Bounds, Shapes, StagedMesh};
use voltrum::bytemuck::cast_slice;
use voltrum::glam::Mat4;
use voltrum::memory::{MemoryError, Tag, Tagged, heap_scope};
use voltrum::render::{
    self, Draw, GpuLifetime, IndexKind, MaterialDesc, MaterialId, MeshId, MeshUpload, RenderError, RendererState,
    Vertex, renderer,
};

/// What is copied of one file at the most: beyond, shapes wait for the project.
const BYTES_MAX: usize = 64 << 20;
const PLACES_MAX: usize = 4_096;
/// What goes to the GPU in one frame, or one mesh.
const FRAME_BYTES: usize = 2 << 20;

/// How light shapes are that will have a texture: between what is in the light and in the shade, linear.
const CLAY: f32 = 0.5;

/// Shapes on their way from the worker. On the Rust heap, for as long as a load runs.
#[derive(Debug, Default)]
pub(crate) struct Arriving(Mutex<Option<Outline>>);

/// The shapes of one file.
#[derive(Debug, Default)]
struct Outline {
    meshes: Vec<Mesh>,
    /// Meshes by position in `meshes`, and where they stand.
    places: Vec<(usize, Mat4)>,
}

#[derive(Debug)]
struct Mesh {
    vertices: Vec<Vertex>,
    triangles: Vec<[u32; 3]>,
    bounds: Bounds,
}

impl Arriving {
    fn put(&self, outline: Option<Outline>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outline;
    }

    fn take(&self) -> Option<Outline> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// For the worker: another load begins, and what an earlier one has brought is no longer wanted.
    pub(crate) fn begin(&self) {
        self.put(Some(Outline::default()));
    }

    /// For the worker: these are the shapes.
    pub(crate) fn bring(&self, shapes: &Shapes<'_>) {
        let _foreign = heap_scope(Tag::FOREIGN);
        self.put(Some(Outline::of(shapes)));
    }
}

impl Outline {
    fn of(shapes: &Shapes<'_>) -> Outline {
        let mut outline = Outline::default();
        let mut worlds: Vec<Mat4> = Vec::with_capacity(shapes.nodes.len());
        let mut known: Vec<Option<usize>> = vec![None; shapes.meshes.len()];
        let mut left_bytes = BYTES_MAX;
        for node in shapes.nodes {
            let above = node.parent.and_then(|parent| worlds.get(parent as usize));
            let world = above.map_or(node.local, |above| *above * node.local);
            worlds.push(world);
            let Some(at) = node.mesh.map(|mesh| mesh as usize).filter(|_| node.skin.is_none()) else { continue };
            let Some(mesh) = shapes.meshes.get(at).filter(|mesh| !mesh.triangles.is_empty()) else { continue };
            if outline.places.len() == PLACES_MAX {
                break;
            }
            let place = match known[at] {
                Some(place) => place,
                None if bytes_of(mesh) <= left_bytes => {
                    left_bytes -= bytes_of(mesh);
                    outline.meshes.push(Mesh::of(mesh, shapes));
                    outline.meshes.len() - 1
                }
                None => continue,
            };
            known[at] = Some(place);
            outline.places.push((place, world));
        }
        outline
    }

    /// The boxes of what is there, as a project frames its own.
    fn boxes(&self) -> impl Iterator<Item = Bounds> {
        self.places.iter().map(|(mesh, world)| self.meshes[*mesh].bounds.transformed(world))
    }
}

/// What everything of a preview is made of.
fn clay() -> MaterialDesc {
    let base_color = [CLAY, CLAY, CLAY, 1.0];
    MaterialDesc { base_color, roughness: 1.0, metallic: 0.0, double_sided: true, ..MaterialDesc::default() }
}

/// Makes the pipelines that previews are drawn with: they come in the middle of frames.
///
/// # Errors
/// What the driver reports.
pub(crate) fn make_ready(app: &mut AppState<'_>) -> Result<(), RenderError> {
    let mut uploads = app.gpu.upload_batch(0);
    uploads.expect_material(&clay());
    renderer::submit_uploads(&mut app.renderer, uploads)
}

fn bytes_of(mesh: &StagedMesh<'_>) -> usize {
    mesh.positions.len() * size_of::<Vertex>() + size_of_val(mesh.triangles)
}

impl Mesh {
    /// Without normals, which asks for flat shading.
    fn of(mesh: &StagedMesh<'_>, shapes: &Shapes<'_>) -> Mesh {
        let vertex = |position: &[f32; 3]| Vertex { position: *position, ..Vertex::default() };
        let mut vertices: Vec<Vertex> = mesh.positions.iter().map(vertex).collect();
        let (first, count) = (mesh.first_primitive as usize, mesh.primitive_count as usize);
        let mut triangles = mesh.triangles.iter();
        for (triangle_count, color) in shapes.primitives.iter().skip(first).take(count) {
            let color = color.map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8);
            let of_primitive = triangles.by_ref().take(*triangle_count as usize).flatten();
            for index in of_primitive {
                if let Some(vertex) = vertices.get_mut(*index as usize) {
                    vertex.color = color;
                }
            }
        }
        Mesh { vertices, triangles: mesh.triangles.to_vec(), bounds: mesh.bounds }
    }
}

/// What is shown of it.
#[derive(Default)]
pub(crate) struct Preview {
    outline: Option<Outline>,
    /// The first ones of the outline's meshes.
    made: Vec<MeshId>,
    material: Option<MaterialId>,
}

impl Preview {
    /// Once a frame: takes what has arrived, as far as it goes, or gives everything back where it is not wanted any more.
    /// The boxes of a file that has just arrived, to be looked at.
    pub(crate) fn follow(
        &mut self,
        arriving: &Arriving,
        is_wanted: bool,
        app: &mut AppState<'_>,
    ) -> Option<impl Iterator<Item = Bounds>> {
        if !is_wanted {
            arriving.put(None);
            if self.outline.is_some() {
                self.clear(&mut app.renderer);
            }
            return None;
        }
        let arrived = arriving.take();
        let is_new = arrived.as_ref().is_some_and(|outline| !outline.places.is_empty());
        if arrived.is_some() {
            self.clear(&mut app.renderer);
            self.outline = arrived;
        }
        if let Err(error) = self.make(app) {
            tracing::debug!(%error, "shapes are not shown before their project");
            self.clear(&mut app.renderer);
        }
        self.outline.as_ref().filter(|_| is_new).map(Outline::boxes)
    }

    /// Takes the next meshes to the GPU.
    fn make(&mut self, app: &mut AppState<'_>) -> Result<(), RenderError> {
        let Some(outline) = self.outline.as_ref().filter(|outline| self.made.len() < outline.meshes.len()) else {
            return Ok(());
        };
        let _foreign = heap_scope(Tag::FOREIGN);
        if self.material.is_none() {
            self.material = Some(renderer::create_material(&mut app.renderer, &clay())?);
        }
        let mut uploads = app.gpu.upload_batch(BYTES_MAX as u64 * 2);
        let mut left_bytes = FRAME_BYTES;
        for mesh in &outline.meshes[self.made.len()..] {
            let (vertices, triangles): (&[u8], &[u8]) = (cast_slice(&mesh.vertices), cast_slice(&mesh.triangles));
            let (vertex_upload, place) = uploads.try_buffer(vertices.len())?;
            place.copy_from_slice(vertices);
            let (index_upload, place) = uploads.try_buffer(triangles.len())?;
            place.copy_from_slice(triangles);
            let upload = MeshUpload {
                vertices: vertex_upload,
                vertex_count: mesh.vertices.len() as u32,
                indices: Some((index_upload, IndexKind::U32, mesh.triangles.len() as u32 * 3)),
                bounds: render::Bounds { min: mesh.bounds.min.into(), max: mesh.bounds.max.into() },
                ..MeshUpload::default()
            };
            self.made.push(renderer::create_mesh(&mut app.renderer, &uploads, &upload, GpuLifetime::Permanent)?);
            left_bytes = left_bytes.saturating_sub(vertices.len() + triangles.len());
            if left_bytes == 0 {
                break;
            }
        }
        renderer::submit_uploads(&mut app.renderer, uploads)
    }

    /// Gives everything back, once the last frame with it is done.
    pub(crate) fn clear(&mut self, renderer: &mut RendererState<'_>) {
        for mesh in self.made.drain(..) {
            renderer::destroy_mesh(renderer, mesh);
        }
        if let Some(material) = self.material.take() {
            renderer::destroy_material(renderer, material);
        }
        *self = Preview::default();
    }

    /// Whether something is seen.
    pub(crate) fn is_shown(&self) -> bool {
        !self.made.is_empty()
    }

    /// What is to be drawn.
    pub(crate) fn draws<'f>(&self, memory: Tagged<'f>) -> Result<&'f [Draw], MemoryError> {
        let (Some(outline), Some(material)) = (&self.outline, self.material) else { return Ok(&[]) };
        let made = outline.places.iter().filter_map(|(mesh, world)| Some((*self.made.get(*mesh)?, *world)));
        let count = made.clone().count();
        let mut draws = voltrum::memory::ArenaVec::try_with_capacity_in(count, memory)?;
        for (mesh, world) in made {
            draws.try_push(Draw { mesh, material, world, ..Draw::default() })?;
        }
        Ok(draws.into_slice())
    }
}
