//! Meshes: attributes of any layout become the renderer's vertices, faces of any order become lists, both straight in
//! upload memory.
//!
//! # Invariants
//! 1. Upload memory is written once, front to back, and never read.
//! 2. No index reaches upload memory before it was compared with the vertex count.
//! 3. Vertices and indices are streamed in blocks: scratch memory doesn't grow with a primitive, unless tangents have to
//!    be made, which needs all of it at once.
//! 4. A missing normal is written as zeros, which the renderer shades flat, as glTF 2.0, 3.7.2.1 asks.

use bytemuck::Pod;
use voltrum_memory::{ArenaVec, Scope, Tag, Tagged};
use voltrum_render::{IndexKind, MorphDelta, SkinVertex, Vertex};

use super::accessor::Reader;
use super::kept::Kept;
use super::plan::{Context, Plan, plan, target_accessors, uploaded_bytes};
use super::source::Sources;
use super::store::Store;
use super::tangents::{self, Tangents};
use super::triangles::{Order, Triangulator};
use super::variants::Variants;
use super::vertices::{Attributes, BLOCK, Influences, Target};
use crate::bounds::Bounds;
use crate::fault::Fault;
use crate::staged::{StagedIndices, StagedMesh, StagedPrimitive, StagedVariant};
use crate::upload::{Loading, UploadMemory};
use crate::{AssetError, Progress};

/// The largest vertex count that 16-bit indices reach.
const U16_VERTICES_MAX: usize = 65_535;

/// The meshes and primitives that stay.
pub(crate) struct Meshes<'s, B> {
    pub(crate) meshes: &'s [StagedMesh<'s>],
    pub(crate) primitives: &'s [StagedPrimitive<B>],
    pub(crate) variants: &'s [StagedVariant],
}

/// Checks all meshes of the document, then converts those that are shown.
pub(crate) fn build<'s, U: UploadMemory>(
    context: &Context<'_, '_>,
    scene: &Scope<'s>,
    sources: &mut Sources<'_>,
    loading: &mut Loading<'_, U>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<Meshes<'s, U::Buffer>, AssetError> {
    let root = context.root;
    let total: usize = root.meshes.iter().map(|mesh| mesh.primitives.len()).sum();
    if total > loading.limits.primitives_max as usize {
        return Err(AssetError::limit(
            "primitives",
            total as u64,
            u64::from(loading.limits.primitives_max),
            "primitives_max",
        ));
    }
    // Everything is checked before anything is converted: a broken file costs no upload memory.
    let mut kept_bytes = 0_usize;
    for (index, mesh) in root.meshes.iter().enumerate() {
        for position in 0..mesh.primitives.len() {
            if let Some(plan) = plan(context, index, position, store)?
                && context.used.get(index) == Some(&true)
            {
                loading.progress.expect_bytes(plan.bytes());
                kept_bytes = kept_bytes.saturating_add(Kept::bytes(plan.vertices_max(), plan.triangles()));
            }
        }
    }
    let keep = Kept::carve(kept_bytes, root.meshes.len(), &loading.limits, scene, store)?;
    let memory = store.tagged(Tag::GEOMETRY);
    let mut primitives = ArenaVec::try_with_capacity_in(total, memory)?;
    let mut meshes = ArenaVec::try_with_capacity_in(root.meshes.len(), memory)?;
    let mut variants = Variants::try_new(root, store)?;
    for (index, mesh) in root.meshes.iter().enumerate() {
        let first = primitives.len();
        let mut bounds = Bounds::EMPTY;
        let shown = if context.used.get(index) == Some(&true) { mesh.primitives.len() } else { 0 };
        let (mut vertices, mut triangles) = (0, 0);
        for position in 0..shown {
            if let Some(plan) = plan(context, index, position, store)? {
                (vertices, triangles) = (vertices + plan.vertices_max(), triangles + plan.triangles());
            }
        }
        let mut kept = Kept::open(keep, vertices, triangles)?;
        for (position, primitive) in mesh.primitives.iter().enumerate().take(shown) {
            let Some(plan) = plan(context, index, position, store)? else {
                continue;
            };
            if plan.order.indices(plan.corners()) == 0 || plan.vertices() == 0 {
                store.note(format_args!("{} has nothing to draw", plan.place))?;
                continue;
            }
            variants.add(root, primitive, primitives.len() as u32, plan.place, store)?;
            let mut conversion =
                Conversion { context, plan: &plan, mesh: index, position, sources, loading, kept: &mut kept };
            let staged = conversion.run(store, scratch)?;
            bounds = bounds.with(staged.bounds);
            primitives.try_push(staged)?;
        }
        let (positions, triangles) = kept.into_slices();
        meshes.try_push(StagedMesh {
            name: store.name(Tag::GEOMETRY, mesh.name.as_deref())?,
            first_primitive: first as u32,
            primitive_count: (primitives.len() - first) as u32,
            bounds,
            positions,
            triangles,
        })?;
    }
    Ok(Meshes { meshes: meshes.into_slice(), primitives: primitives.into_slice(), variants: variants.into_slice() })
}

fn index_bytes(kind: IndexKind) -> usize {
    match kind {
        IndexKind::U16 => 2,
        IndexKind::U32 => 4,
    }
}

/// Vertices, how many, and indices.
type Written<B> = (B, usize, Option<StagedIndices<B>>);

/// One primitive on its way.
struct Conversion<'c, 'k, 's, 'u, 'm, 'd, U: UploadMemory> {
    context: &'c Context<'c, 'm>,
    plan: &'c Plan,
    mesh: usize,
    position: usize,
    sources: &'c mut Sources<'d>,
    loading: &'c mut Loading<'u, U>,
    kept: &'k mut Kept<'s>,
}

impl<U: UploadMemory> Conversion<'_, '_, '_, '_, '_, '_, U> {
    fn run(
        &mut self,
        store: &mut Store<'_>,
        scratch: &mut Scope<'_>,
    ) -> Result<StagedPrimitive<U::Buffer>, AssetError> {
        let plan = self.plan;
        let temp = scratch.temp();
        let memory = temp.tagged(Tag::STAGING);
        self.kept.begin();
        let mut attributes = Attributes::open(plan, self.sources, memory)?;
        let made = match plan.makes_tangents {
            Some(uv) => Some(self.gather(&mut attributes, uv, memory)?),
            None => None,
        };
        let (vertices, vertex_count, indices) = match &made {
            Some((gathered, made)) => self.write_made(gathered, made)?,
            None => self.write_plain(&mut attributes, memory)?,
        };
        let order = made.as_ref().map(|(_, made)| made.sources);
        let skin = if plan.joint_count > 0 { Some(self.write_skin(vertex_count, order, store, memory)?) } else { None };
        let morphs = if plan.targets > 0 { Some(self.write_morphs(vertex_count, order, store, memory)?) } else { None };
        self.note(&attributes, store)?;

        let triangles = plan.triangles() as u64;
        store.counts.triangles += triangles;
        store.counts.vertices += vertex_count as u64;
        store.counts.geometry_bytes += vertex_count as u64 * uploaded_bytes(plan)
            + indices.map_or(0, |indices| u64::from(indices.count) * index_bytes(indices.kind) as u64);
        Ok(StagedPrimitive {
            vertices,
            vertex_count: vertex_count as u32,
            topology: plan.order.topology(),
            indices,
            skin,
            morphs: morphs.map(|morphs| (morphs, plan.targets as u32)),
            material: plan.material,
            bounds: attributes.bounds,
            triangle_count: triangles as u32,
        })
    }

    fn note(&self, attributes: &Attributes<'_>, store: &mut Store<'_>) -> Result<(), AssetError> {
        let Plan { place, positions, .. } = self.plan;
        if attributes.moved >= positions.count as u64 {
            return Err(Fault::NotFinite { place: *place, what: "position", element: 0 }.into());
        }
        if attributes.moved > 0 {
            store.note(format_args!(
                "{place} has {} positions that are no finite numbers: they were moved to a neighbour's",
                attributes.moved
            ))?;
        }
        if attributes.repaired > 0 {
            store.note(format_args!(
                "{place} has {} normals, tangents, texture coordinates or colours that are no finite numbers: they were replaced",
                attributes.repaired
            ))?;
        }
        if self.plan.normals.is_none() && self.plan.triangles() > 0 {
            store.note(format_args!("normals are missing: such meshes are shaded flat"))?;
        }
        Ok(())
    }

    /// Vertices in the file's order, block by block, and the indices if there must be any.
    fn write_plain(
        &mut self,
        attributes: &mut Attributes<'_>,
        memory: Tagged<'_>,
    ) -> Result<Written<U::Buffer>, AssetError> {
        let (plan, count) = (self.plan, self.plan.vertices());
        let (vertices, out) = self.loading.uploads.try_buffer(count * size_of::<Vertex>())?;
        let mut out = out.chunks_exact_mut(size_of::<Vertex>());
        let mut left = count;
        while left > 0 {
            let now = left.min(BLOCK);
            attributes.block(self.sources, now, |vertex| {
                self.kept.position(vertex.position);
                if let Some(bytes) = out.next() {
                    bytes.copy_from_slice(bytemuck::bytes_of(&vertex));
                }
            })?;
            left -= now;
            self.loading.progress.advance(now as u64 * plan.vertex_bytes())?;
        }
        if !plan.is_plain() {
            let indices = self.write_indices(memory)?;
            return Ok((vertices, count, Some(indices)));
        }
        (0..plan.triangles() as u32 * 3).step_by(3).for_each(|first| self.kept.triangle([first, first + 1, first + 2]));
        Ok((vertices, count, None))
    }

    /// All vertices of the file, and its triangles with tangents.
    fn gather<'x>(
        &mut self,
        attributes: &mut Attributes<'_>,
        uv: u8,
        memory: Tagged<'x>,
    ) -> Result<(&'x [Vertex], Tangents<'x>), AssetError> {
        let (plan, count) = (self.plan, self.plan.positions.count);
        let vertices = memory.try_alloc_slice_fill_with(count, |_| Vertex::default())?;
        for block in vertices.chunks_mut(BLOCK) {
            let mut slots = block.iter_mut();
            let now = slots.len();
            attributes.block(self.sources, now, |vertex| {
                if let Some(slot) = slots.next() {
                    *slot = vertex;
                }
            })?;
            self.loading.progress.advance(now as u64 * plan.vertex_bytes())?;
        }
        let mut triangles = ArenaVec::try_with_capacity_in(plan.triangles(), memory)?;
        let mut triangulator = Triangulator::new(plan.order);
        corners(plan, self.sources, self.loading.progress, memory, |corner| {
            if let Some(triangle) = triangulator.push(corner) {
                // There is room for all.
                let _ = triangles.try_push(triangle);
            }
        })?;
        self.loading.progress.advance(0)?;
        let made = tangents::make(vertices, &triangles, uv, memory)?;
        self.loading.progress.advance(0)?;
        Ok((vertices, made))
    }

    fn write_made(&mut self, gathered: &[Vertex], made: &Tangents<'_>) -> Result<Written<U::Buffer>, AssetError> {
        let count = made.sources.len();
        let (vertices, out) = self.loading.uploads.try_buffer(count * size_of::<Vertex>())?;
        let new = made.sources.iter().zip(made.tangents);
        for (bytes, (source, tangent)) in out.chunks_exact_mut(size_of::<Vertex>()).zip(new) {
            let vertex = gathered.get(*source as usize).copied().unwrap_or_default();
            self.kept.position(vertex.position);
            bytes.copy_from_slice(bytemuck::bytes_of(&Vertex { tangent: *tangent, ..vertex }));
        }
        let kind = if count <= U16_VERTICES_MAX { IndexKind::U16 } else { IndexKind::U32 };
        let indices = made.triangles.as_flattened();
        let (upload, out) = self.loading.uploads.try_buffer(indices.len() * index_bytes(kind))?;
        for (bytes, index) in out.chunks_exact_mut(index_bytes(kind)).zip(indices) {
            bytes.copy_from_slice(index.to_le_bytes().get(..index_bytes(kind)).unwrap_or_default());
        }
        made.triangles.iter().for_each(|triangle| self.kept.triangle(*triangle));
        let indices = StagedIndices { upload, kind, count: indices.len() as u32 };
        Ok((vertices, count, Some(indices)))
    }

    /// The file's order as a list of indices.
    fn write_indices(&mut self, memory: Tagged<'_>) -> Result<StagedIndices<U::Buffer>, AssetError> {
        let plan = self.plan;
        let count = plan.order.indices(plan.corners());
        let kind = if plan.positions.count <= U16_VERTICES_MAX { IndexKind::U16 } else { IndexKind::U32 };
        let width = index_bytes(kind);
        let (upload, out) = self.loading.uploads.try_buffer(count * width)?;
        let mut out = out.chunks_exact_mut(width);
        let mut write = |index: u32| {
            if let Some(bytes) = out.next() {
                // Little-endian: the first bytes are the low ones.
                bytes.copy_from_slice(index.to_le_bytes().get(..width).unwrap_or_default());
            }
        };
        let mut triangulator = Triangulator::new(plan.order);
        let (mut first, kept) = (None, &mut *self.kept);
        corners(plan, self.sources, self.loading.progress, memory, |corner| match plan.order {
            Order::List | Order::Strip | Order::Fan => {
                if let Some(triangle) = triangulator.push(corner) {
                    kept.triangle(triangle);
                    triangle.into_iter().for_each(&mut write);
                }
            }
            Order::Points | Order::Lines | Order::LineStrip | Order::LineLoop => {
                first.get_or_insert(corner);
                write(corner);
            }
        })?;
        if plan.order == Order::LineLoop
            && let Some(first) = first
        {
            write(first);
        }
        Ok(StagedIndices { upload, kind, count: count as u32 })
    }

    fn write_skin(
        &mut self,
        count: usize,
        order: Option<&[u32]>,
        store: &mut Store<'_>,
        memory: Tagged<'_>,
    ) -> Result<U::Buffer, AssetError> {
        let plan = self.plan;
        let mut influences = Influences::open(plan, self.sources, memory)?;
        let (upload, out) = self.loading.uploads.try_buffer(count * size_of::<SkinVertex>())?;
        let sources = &mut *self.sources;
        let stream = Stream { count: plan.positions.count, order, memory, progress: self.loading.progress };
        stream.write(out, |now, take| influences.block(sources, now, take))?;
        if influences.repaired > 0 {
            store.note(format_args!(
                "{} has {} vertices that follow joints which are not there, or with weights that are none",
                plan.place, influences.repaired
            ))?;
        }
        Ok(upload)
    }

    fn write_morphs(
        &mut self,
        count: usize,
        order: Option<&[u32]>,
        store: &mut Store<'_>,
        memory: Tagged<'_>,
    ) -> Result<U::Buffer, AssetError> {
        let plan = self.plan;
        let bytes = count * size_of::<MorphDelta>();
        let (upload, out) = self.loading.uploads.try_buffer(bytes.saturating_mul(plan.targets))?;
        let mut repaired = 0;
        for (number, out) in out.chunks_exact_mut(bytes).enumerate() {
            let accessors =
                target_accessors(self.context, self.mesh, self.position, number, plan.positions, plan.place)?;
            let mut target = Target::open(accessors, self.sources, memory)?;
            let sources = &mut *self.sources;
            let stream = Stream { count: plan.positions.count, order, memory, progress: self.loading.progress };
            stream.write(out, |now, take| target.block(sources, now, take))?;
            repaired += target.repaired;
        }
        if repaired > 0 {
            store.note(format_args!(
                "{} has {repaired} morph deltas that are no finite numbers: they were left out",
                plan.place
            ))?;
        }
        Ok(upload)
    }
}

/// A stream of values, one per vertex, in the file's order or in another.
struct Stream<'c, 'x> {
    /// How many the file has.
    count: usize,
    /// For each that is written, which of the file's it is; without it they are written as they come.
    order: Option<&'c [u32]>,
    memory: Tagged<'x>,
    progress: &'c Progress,
}

impl Stream<'_, '_> {
    fn write<T: Pod>(
        &self,
        out: &mut [u8],
        mut block: impl FnMut(usize, &mut dyn FnMut(T)) -> Result<(), AssetError>,
    ) -> Result<(), AssetError> {
        let mut out = out.chunks_exact_mut(size_of::<T>());
        let Some(order) = self.order else {
            let mut left = self.count.min(out.len());
            while left > 0 {
                let now = left.min(BLOCK);
                block(now, &mut |value| {
                    if let Some(bytes) = out.next() {
                        bytes.copy_from_slice(bytemuck::bytes_of(&value));
                    }
                })?;
                left -= now;
                self.progress.advance((now * size_of::<T>()) as u64)?;
            }
            return Ok(());
        };
        let all = self.memory.try_alloc_slice_fill_with(self.count, |_| T::zeroed())?;
        for chunk in all.chunks_mut(BLOCK) {
            let mut slots = chunk.iter_mut();
            let now = slots.len();
            block(now, &mut |value| {
                if let Some(slot) = slots.next() {
                    *slot = value;
                }
            })?;
            self.progress.advance((now * size_of::<T>()) as u64)?;
        }
        for (bytes, source) in out.zip(order) {
            let value = all.get(*source as usize).copied().unwrap_or(T::zeroed());
            bytes.copy_from_slice(bytemuck::bytes_of(&value));
        }
        Ok(())
    }
}

/// Gives every corner of the file's order to `take`, after comparing it with the vertex count.
fn corners(
    plan: &Plan,
    sources: &mut Sources<'_>,
    progress: &Progress,
    scratch: Tagged<'_>,
    mut take: impl FnMut(u32),
) -> Result<(), AssetError> {
    let vertices = plan.positions.count;
    let Some(indices) = plan.indices else {
        (0..vertices as u32).for_each(take);
        return Ok(());
    };
    let mut reader = Reader::open(indices, sources, scratch)?;
    let mut block = [0_u32; BLOCK];
    let mut done = 0;
    while done < indices.count {
        let now = (indices.count - done).min(BLOCK);
        let block = block.get_mut(..now).unwrap_or_default();
        reader.integers(sources, block)?;
        for (at, &index) in block.iter().enumerate() {
            if index as usize >= vertices {
                return Err(Fault::IndexRange {
                    place: plan.place,
                    value: u64::from(index),
                    position: (done + at) as u64,
                    vertices: vertices as u64,
                }
                .into());
            }
            take(index);
        }
        done += now;
        progress.advance(now as u64 * plan.index_bytes())?;
    }
    Ok(())
}
