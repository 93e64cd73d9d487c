//! Meshes: vertices and indices in one buffer each.

use crate::error::RenderError;
use crate::handle::MeshId;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::uploads::{BufferUpload, UploadBatch};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vertex::{Bounds, MorphDelta, SkinVertex, Vertex};
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::command::Commands;
use crate::vulkan::descriptor::DescriptorSet;

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

/// What vertices, or indices, add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Topology {
    /// A pixel each.
    Points,
    /// A line for every two.
    Lines,
    /// A line from each to the next.
    LineStrip,
    /// A triangle for every three.
    #[default]
    Triangles,
    /// A triangle for every three in a row, every other turned.
    TriangleStrip,
    /// A triangle for the first and every two in a row.
    TriangleFan,
}

impl Topology {
    /// Triangles that so many vertices or indices add up to.
    pub(crate) fn triangles(self, elements: u32) -> u64 {
        let triangles = match self {
            Topology::Triangles => elements / 3,
            Topology::TriangleStrip | Topology::TriangleFan => elements.saturating_sub(2),
            Topology::Points | Topology::Lines | Topology::LineStrip => 0,
        };
        u64::from(triangles)
    }
}

/// A mesh's bytes within a batch. Name what differs from `..MeshUpload::default()`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeshUpload {
    /// The vertices: [`Vertex`]es.
    pub vertices: BufferUpload,
    /// How many.
    pub vertex_count: u32,
    /// The indices, what they are and how many; without them vertices are taken in order.
    pub indices: Option<(BufferUpload, IndexKind, u32)>,
    /// The box around the vertices; draws outside of the picture are skipped by it.
    pub bounds: Bounds,
    /// What they add up to.
    pub topology: Topology,
    /// One [`SkinVertex`] for each vertex, for meshes that [`Draw::pose`](crate::Draw::pose) moves by joints.
    pub skin: Option<BufferUpload>,
    /// [`MorphDelta`]s of this many targets, each for all vertices.
    pub morphs: Option<(BufferUpload, u32)>,
}

impl Default for MeshUpload {
    fn default() -> Self {
        MeshUpload {
            vertices: BufferUpload::default(),
            vertex_count: 0,
            indices: None,
            bounds: Bounds::EVERYTHING,
            topology: Topology::Triangles,
            skin: None,
            morphs: None,
        }
    }
}

pub(crate) struct Mesh<'gpu> {
    /// Vertices, then indices, skin and morph targets.
    pub(crate) buffer: Buffer<'gpu>,
    pub(crate) vertex_bytes: u64,
    pub(crate) vertex_count: u32,
    /// Offset in the buffer, whether four bytes wide, count.
    pub(crate) indices: Option<(u64, bool, u32)>,
    pub(crate) bounds: Bounds,
    pub(crate) topology: Topology,
    /// Offset in the buffer.
    pub(crate) skin: Option<u64>,
    /// Offset in the buffer, and how many targets.
    pub(crate) morphs: Option<(u64, u32)>,
    /// For the compute shader that poses it.
    pub(crate) pose_set: Option<DescriptorSet>,
    pending: Option<MeshUpload>,
    ready: bool,
}

impl<'gpu> Mesh<'gpu> {
    /// Whether the copy of its vertices has been recorded.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Records the copies, if `batch` has the bytes. The caller makes them visible afterwards. Says whether it had.
    pub(crate) fn upload(&mut self, batch: &UploadBatch<'gpu>, commands: Commands<'gpu>) -> bool {
        let Some(upload) = self.pending.filter(|upload| upload.vertices.place.batch == batch.id()) else {
            return false;
        };
        let parts = [
            Some((upload.vertices, 0, self.vertex_bytes)),
            upload
                .indices
                .zip(self.indices)
                .map(|((from, kind, count), (to, ..))| (from, to, u64::from(count) * kind.bytes())),
            upload.skin.zip(self.skin).map(|(from, to)| (from, to, skin_bytes(self.vertex_count))),
            upload
                .morphs
                .zip(self.morphs)
                .map(|((from, _), (to, targets))| (from, to, morph_bytes(self.vertex_count, targets))),
        ];
        for (from, to, bytes) in parts.into_iter().flatten() {
            let Some(staging) = batch.buffer(from.place) else { return false };
            commands.copy_buffer(staging, from.place.offset, &self.buffer, to, bytes);
        }
        self.pending = None;
        self.ready = true;
        true
    }

    /// How many vertices or indices are drawn.
    pub(crate) fn element_count(&self) -> u32 {
        self.indices.map_or(self.vertex_count, |(_, _, count)| count)
    }

    /// Triangles in one instance.
    pub(crate) fn triangles(&self) -> u64 {
        self.topology.triangles(self.element_count())
    }
}

fn skin_bytes(vertex_count: u32) -> u64 {
    u64::from(vertex_count) * size_of::<SkinVertex>() as u64
}

fn morph_bytes(vertex_count: u32, targets: u32) -> u64 {
    u64::from(vertex_count) * size_of::<MorphDelta>() as u64 * u64::from(targets)
}

/// Refuses counts that reach past their bytes, and bytes of other batches.
fn check(batch: &UploadBatch<'_>, upload: &MeshUpload) -> Result<(), RenderError> {
    let vertex_count = upload.vertex_count;
    let vertex_bytes = u64::from(vertex_count) * size_of::<Vertex>() as u64;
    let mut fits = vertex_count > 0 && vertex_bytes <= upload.vertices.size;
    batch.check(upload.vertices.place)?;
    let (mut index_count, mut index_bytes) = (0, 0);
    if let Some((indices, kind, count)) = upload.indices {
        batch.check(indices.place)?;
        (index_count, index_bytes) = (count, indices.size);
        fits &= count > 0 && u64::from(count) * kind.bytes() <= indices.size;
    }
    if let Some(skin) = upload.skin {
        batch.check(skin.place)?;
        fits &= skin_bytes(vertex_count) <= skin.size;
    }
    if let Some((morphs, targets)) = upload.morphs {
        batch.check(morphs.place)?;
        fits &= targets > 0 && morph_bytes(vertex_count, targets) <= morphs.size;
    }
    let vertex_bytes = upload.vertices.size;
    if fits { Ok(()) } else { Err(RenderError::MeshInvalid { vertex_count, index_count, vertex_bytes, index_bytes }) }
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
    check(batch, upload)?;
    let full = RenderError::LimitReached { what: "meshes", limit: renderer.limits.meshes_max, field: "meshes_max" };
    if renderer.meshes.is_full() {
        return Err(full);
    }
    // 52 bytes a vertex: whatever follows begins aligned to 4.
    let vertex_bytes = u64::from(upload.vertex_count) * size_of::<Vertex>() as u64;
    let mut size = vertex_bytes;
    let mut append = |bytes: u64| {
        let offset = size.next_multiple_of(4);
        size = offset + bytes;
        offset
    };
    let indices =
        upload.indices.map(|(_, kind, count)| (append(u64::from(count) * kind.bytes()), kind == IndexKind::U32, count));
    let skin = upload.skin.map(|_| append(skin_bytes(upload.vertex_count)));
    let morphs = upload.morphs.map(|(_, targets)| (append(morph_bytes(upload.vertex_count, targets)), targets));
    batch.release_reserve();
    let buffer = Buffer::try_new(renderer.gpu.device(), BufferKind::Geometry, size, lifetime, GpuTag::Geometry)?;
    let pose_set = match skin.is_some() || morphs.is_some() {
        true => Some(renderer.allocate_pose_set(&buffer)?),
        false => None,
    };
    let mesh = Mesh {
        buffer,
        vertex_bytes,
        vertex_count: upload.vertex_count,
        indices,
        bounds: upload.bounds,
        topology: upload.topology,
        skin,
        morphs,
        pose_set,
        pending: Some(*upload),
        ready: false,
    };
    renderer.meshes.try_insert(mesh).map(MeshId::new).map_err(|_| full)
}

/// What `from` is takes the place of what `to` is: whatever is drawn with `to` is drawn with the new bytes from here on, and
/// `from` is stale. The old ones go once the last frame that may use them is done. With a stale handle nothing changes.
pub fn replace_mesh(renderer: &mut RendererState<'_>, to: MeshId, from: MeshId) {
    if let Some(old) = renderer.meshes.replace(to.key(), from.key()) {
        retire(renderer, old);
    }
}

/// Destroys a mesh once the last frame that may use it is done; at once nothing draws it. A stale handle changes
/// nothing.
pub fn destroy_mesh(renderer: &mut RendererState<'_>, id: MeshId) {
    if let Some(mesh) = renderer.meshes.remove(id.key()) {
        retire(renderer, mesh);
    }
}

fn retire<'app>(renderer: &mut RendererState<'app>, mesh: Mesh<'app>) {
    renderer.retire(Garbage::Buffer(mesh.buffer));
    if let Some(set) = mesh.pose_set {
        renderer.retire(Garbage::Set(set));
    }
    renderer.meshes_epoch += 1;
}
