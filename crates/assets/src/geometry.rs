//! The geometry system: meshes on the device by handles with counts; what is gone is drawn as a cube.
//!
//! # Invariants
//! 1. A mesh is on the device from [`create`] to the [`release`] that leaves it without references; the renderer then frees
//!    it when its last frame in flight is done.
//! 2. [`fallback`] is always there; releasing it changes nothing.

use voltrum_memory::{ArenaBox, Handle, Tag, Tagged};
use voltrum_render::renderer::{create_mesh, destroy_mesh, replace_mesh, submit_uploads};
use voltrum_render::{Bounds, GpuLifetime, IndexKind, MeshId, MeshUpload, RendererState, UploadBatch, Vertex};

use crate::AssetError;
use crate::counted::{Budget, Counted, Entry};

/// How many meshes there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeometryLimits {
    /// Meshes alive at once, the fallback included. A mesh of the device is one primitive of a file.
    pub meshes_max: u32,
    /// Bytes that they may take on the device.
    pub bytes_max: u64,
}

impl Default for GeometryLimits {
    fn default() -> Self {
        Self { meshes_max: 16_384, bytes_max: 8 << 30 }
    }
}

/// What is known of a mesh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeshInfo {
    /// Its name at the renderer.
    pub id: MeshId,
    /// Bytes that it takes on the device.
    pub bytes: u64,
    /// How many vertices it has.
    pub vertex_count: u32,
    /// How many indices it has; 0 when its vertices are taken in order.
    pub index_count: u32,
    /// The box around it, in its own coordinates.
    pub bounds: Bounds,
    /// How long it may live.
    pub lifetime: GpuLifetime,
}

/// Names a mesh of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MeshHandle(Handle<Entry<MeshInfo>>);

impl MeshHandle {
    /// Names nothing, and is drawn as the fallback.
    pub const NONE: Self = Self(Handle::NONE);
}

/// All meshes.
pub struct GeometryState<'app> {
    entries: Counted<'app, MeshInfo>,
    budget: Budget,
    fallback: MeshHandle,
    fallback_id: MeshId,
}

/// Brings the geometry system up inside the permanent arena, and a cube onto the device.
///
/// # Errors
/// [`AssetError::Memory`] when the arena is full, or what the renderer says.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    renderer: &mut RendererState<'app>,
    limits: GeometryLimits,
) -> Result<ArenaBox<'app, GeometryState<'app>>, AssetError> {
    let memory = permanent.with_tag(Tag::GEOMETRY);
    let mut entries = Counted::try_new_in(memory, limits.meshes_max.max(1), "mesh", "meshes_max")?;
    let mut batch = renderer.gpu().upload_batch(1 << 20);
    let cube = cube(&mut batch)?;
    let id = create_mesh(renderer, &batch, &cube, GpuLifetime::Permanent)?;
    submit_uploads(renderer, batch)?;
    let fallback = MeshHandle(entries.insert(info_of(id, &cube, GpuLifetime::Permanent))?);
    let budget = Budget::new(limits.bytes_max, "meshes", "GeometryLimits::bytes_max");
    Ok(memory.try_alloc_box(GeometryState { entries, budget, fallback, fallback_id: id })?)
}

/// Makes a mesh of uploads, with one reference. It is drawn once the batch has been submitted.
///
/// # Errors
/// [`AssetError::Full`], [`AssetError::Budget`], or what the renderer says. Nothing is left behind.
pub fn create(
    geometry: &mut GeometryState<'_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    upload: &MeshUpload,
    lifetime: GpuLifetime,
) -> Result<MeshHandle, AssetError> {
    geometry.entries.check_room()?;
    geometry.budget.check(bytes_of(upload))?;
    let id = create_mesh(renderer, batch, upload, lifetime)?;
    let handle = geometry.entries.insert(info_of(id, upload, lifetime))?;
    geometry.budget.take(bytes_of(upload));
    Ok(MeshHandle(handle))
}

/// What `from` is takes the place of what `to` is, on the device, too: who draws `to` draws that from here on. `from`, which
/// nobody else may refer to, is stale then.
pub(crate) fn replace(
    geometry: &mut GeometryState<'_>,
    renderer: &mut RendererState<'_>,
    to: MeshHandle,
    from: MeshHandle,
) {
    let (Some(old), Some(new)) = (geometry.entries.get(to.0), geometry.entries.get(from.0)) else { return };
    replace_mesh(renderer, old.id, new.id);
    geometry.entries.replace(to.0, MeshInfo { id: old.id, ..new });
    geometry.budget.give(old.bytes);
    // It was counted above; its device part is the other's now.
    let _ = geometry.entries.release(from.0);
}

/// One more refers to the mesh.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn retain(geometry: &mut GeometryState<'_>, handle: MeshHandle) -> Result<(), AssetError> {
    if handle == geometry.fallback {
        return Ok(());
    }
    geometry.entries.retain(handle.0)
}

/// One less refers to the mesh; without references it leaves the device.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn release(
    geometry: &mut GeometryState<'_>,
    renderer: &mut RendererState<'_>,
    handle: MeshHandle,
) -> Result<(), AssetError> {
    if handle == geometry.fallback {
        return Ok(());
    }
    if let Some(info) = geometry.entries.release(handle.0)? {
        geometry.budget.give(info.bytes);
        destroy_mesh(renderer, info.id);
    }
    Ok(())
}

/// The cube that stands for what failed: one unit wide, around the origin.
pub fn fallback(geometry: &GeometryState<'_>) -> MeshHandle {
    geometry.fallback
}

/// The renderer's name of the mesh; the cube's when it is gone.
pub fn get(geometry: &GeometryState<'_>, handle: MeshHandle) -> MeshId {
    geometry.entries.get(handle.0).map_or(geometry.fallback_id, |info| info.id)
}

/// What is known of the mesh, unless it is gone.
pub fn info(geometry: &GeometryState<'_>, handle: MeshHandle) -> Option<MeshInfo> {
    geometry.entries.get(handle.0)
}

/// How many refer to the mesh.
pub fn references(geometry: &GeometryState<'_>, handle: MeshHandle) -> u32 {
    geometry.entries.references(handle.0)
}

/// Bytes that the meshes take on the device, besides the cube's.
pub fn bytes(geometry: &GeometryState<'_>) -> u64 {
    geometry.budget.held()
}

/// How many meshes there are, besides the cube.
pub fn count(geometry: &GeometryState<'_>) -> usize {
    geometry.entries.len() - 1
}

fn bytes_of(upload: &MeshUpload) -> u64 {
    let indices = upload.indices.map_or(0, |(indices, ..)| indices.size());
    let posed = upload.skin.map_or(0, |skin| skin.size()) + upload.morphs.map_or(0, |(morphs, _)| morphs.size());
    upload.vertices.size() + indices + posed
}

fn info_of(id: MeshId, upload: &MeshUpload, lifetime: GpuLifetime) -> MeshInfo {
    MeshInfo {
        id,
        bytes: bytes_of(upload),
        vertex_count: upload.vertex_count,
        index_count: upload.indices.map_or(0, |(_, _, count)| count),
        bounds: upload.bounds,
        lifetime,
    }
}

/// Six faces of four vertices, wound counter-clockwise from outside.
fn cube(batch: &mut UploadBatch<'_>) -> Result<MeshUpload, AssetError> {
    const FACES: usize = 6;
    let (vertices, out) = batch.try_buffer(FACES * 4 * size_of::<Vertex>())?;
    let mut out = out.chunks_exact_mut(size_of::<Vertex>());
    for face in 0..FACES {
        let (axis, side) = (face % 3, if face < 3 { 1.0 } else { -1.0 });
        let mut normal = [0.0; 3];
        for (corner, bytes) in out.by_ref().take(4).enumerate() {
            let (u, v) = ([0.0, 1.0, 1.0, 0.0][corner], [0.0, 0.0, 1.0, 1.0][corner]);
            let mut position = [0.0; 3];
            // With the axes in turn this is right-handed on the positive side; on the negative one u runs backwards.
            for (at, value) in [(axis, 0.5), ((axis + 1) % 3, u - 0.5), ((axis + 2) % 3, v - 0.5)] {
                if let Some(place) = position.get_mut(at) {
                    *place = if at == (axis + 2) % 3 { value } else { value * side };
                }
            }
            if let Some(place) = normal.get_mut(axis) {
                *place = side;
            }
            let vertex = Vertex { position, normal, uv: [u, 1.0 - v], ..Vertex::default() };
            bytes.copy_from_slice(bytemuck::bytes_of(&vertex));
        }
    }
    let (indices, out) = batch.try_buffer(FACES * 6 * 2)?;
    for (at, bytes) in out.chunks_exact_mut(2).enumerate() {
        let index = (at / 6 * 4) as u16 + [0, 1, 2, 0, 2, 3][at % 6];
        bytes.copy_from_slice(&index.to_le_bytes());
    }
    Ok(MeshUpload {
        vertices,
        vertex_count: FACES as u32 * 4,
        indices: Some((indices, IndexKind::U16, FACES as u32 * 6)),
        bounds: Bounds { min: [-0.5; 3], max: [0.5; 3] },
        ..MeshUpload::default()
    })
}
