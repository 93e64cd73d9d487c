//! Meshes: vertices and indices in one buffer each.

use crate::error::RenderError;
use crate::handle::MeshId;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::uploads::{BufferUpload, UploadBatch};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vertex::{Bounds, Vertex};
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::command::Commands;

/// How indices are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// Two bytes each.
    U16,
    /// Four bytes each.
    U32,
}

impl IndexKind {
    /// Bytes of one index.
    pub const fn bytes(self) -> u64 {
        match self {
            IndexKind::U16 => 2,
            IndexKind::U32 => 4,
        }
    }
}

/// A mesh's bytes within a batch: [`Vertex`]es, and indices if it has any. Triangles, three vertices each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeshUpload {
    /// The vertices.
    pub vertices: BufferUpload,
    /// How many.
    pub vertex_count: u32,
    /// The indices, what they are and how many; without them vertices are taken in order.
    pub indices: Option<(BufferUpload, IndexKind, u32)>,
    /// The box around the vertices; draws outside of the picture are skipped by it.
    pub bounds: Bounds,
}

pub(crate) struct Mesh<'gpu> {
    pub(crate) buffer: Buffer<'gpu>,
    pub(crate) vertex_bytes: u64,
    pub(crate) vertex_count: u32,
    /// Offset in the buffer, whether four bytes wide, count.
    pub(crate) indices: Option<(u64, bool, u32)>,
    pub(crate) bounds: Bounds,
    pending: Option<MeshUpload>,
    ready: bool,
}

impl<'gpu> Mesh<'gpu> {
    /// Whether the copy of its vertices has been recorded.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Records the copies, if `batch` has the bytes. The caller makes them visible afterwards.
    pub(crate) fn upload(&mut self, batch: &UploadBatch<'gpu>, commands: Commands<'gpu>) {
        let Some(upload) = self.pending.filter(|upload| upload.vertices.place.batch == batch.id()) else { return };
        let Some(vertices) = batch.buffer(upload.vertices.place) else { return };
        commands.copy_buffer(vertices, upload.vertices.place.offset, &self.buffer, 0, self.vertex_bytes);
        if let (Some((from, kind, count)), Some((offset, ..))) = (upload.indices, self.indices) {
            let Some(indices) = batch.buffer(from.place) else { return };
            commands.copy_buffer(indices, from.place.offset, &self.buffer, offset, u64::from(count) * kind.bytes());
        }
        self.pending = None;
        self.ready = true;
    }

    /// Triangles in one instance.
    pub(crate) fn triangles(&self) -> u64 {
        u64::from(self.indices.map_or(self.vertex_count, |(_, _, count)| count)) / 3
    }
}

/// Makes a mesh from buffers of `batch`. It is drawn once the batch is submitted.
///
/// # Errors
/// [`RenderError::MeshInvalid`] where the counts don't fit the bytes, [`RenderError::LimitReached`],
/// [`RenderError::ForeignUpload`], [`RenderError::ForeignGpu`], [`RenderError::OutOfDeviceMemory`].
pub fn create_mesh(
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    upload: &MeshUpload,
    lifetime: GpuLifetime,
) -> Result<MeshId, RenderError> {
    batch.check_gpu(renderer.gpu)?;
    batch.check(upload.vertices.place)?;
    let vertex_bytes = u64::from(upload.vertex_count) * size_of::<Vertex>() as u64;
    let (mut index_bytes, mut uploaded_index_bytes, mut index_count) = (0, 0, 0);
    if let Some((indices, kind, count)) = upload.indices {
        batch.check(indices.place)?;
        index_bytes = u64::from(count) * kind.bytes();
        uploaded_index_bytes = indices.size;
        index_count = count;
    }
    let empty = upload.vertex_count == 0 || upload.indices.is_some() && index_count == 0;
    if empty || vertex_bytes > upload.vertices.size || index_bytes > uploaded_index_bytes {
        return Err(RenderError::MeshInvalid {
            vertex_count: upload.vertex_count,
            index_count,
            vertex_bytes: upload.vertices.size,
            index_bytes: uploaded_index_bytes,
        });
    }
    let full = RenderError::LimitReached { what: "meshes", limit: renderer.limits.meshes_max, field: "meshes_max" };
    if renderer.meshes.is_full() {
        return Err(full);
    }
    // 36 bytes a vertex: the indices begin aligned to 4.
    let size = vertex_bytes + index_bytes;
    let buffer = Buffer::try_new(renderer.gpu.device(), BufferKind::Geometry, size, lifetime, GpuTag::Geometry)?;
    let mesh = Mesh {
        buffer,
        vertex_bytes,
        vertex_count: upload.vertex_count,
        indices: upload.indices.map(|(_, kind, count)| (vertex_bytes, kind == IndexKind::U32, count)),
        bounds: upload.bounds,
        pending: Some(*upload),
        ready: false,
    };
    renderer.meshes.try_insert(mesh).map(MeshId::new).map_err(|_| full)
}

/// Destroys a mesh once the last frame that may use it is done; at once nothing draws it. A stale handle changes
/// nothing.
pub fn destroy_mesh(renderer: &mut RendererState<'_>, id: MeshId) {
    if let Some(mesh) = renderer.meshes.remove(id.key()) {
        renderer.retire(Garbage::Buffer(mesh.buffer));
    }
}
