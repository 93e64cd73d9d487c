//! Meshes: attributes of any layout become the renderer's vertices, faces of any order become triangles, both straight in
//! upload memory.
//!
//! # Invariants
//! 1. Upload memory is written once, front to back, and never read.
//! 2. No index reaches upload memory before it was compared with the vertex count.
//! 3. Vertices and indices are streamed in blocks: scratch memory doesn't grow with a primitive.
//! 4. A missing normal is written as zeros, which the renderer shades flat, as glTF 2.0, 3.7.2.1 asks.

use ::gltf::json;
use glam::Vec3;
use json::accessor::ComponentType;
use json::mesh::{Mode, Semantic};
use json::validation::Checked;
use voltrum_memory::{Scope, Tag, Tagged};
use voltrum_render::{IndexKind, Vertex};

use super::accessor::{Accessor, Reader};
use super::kept::Kept;
use super::materials::uv_set;
use super::source::Sources;
use super::store::Store;
use super::triangles::{Order, Triangulator};
use crate::fault::{Fault, Place};
use crate::staged::{Bounds, StagedIndices, StagedMesh, StagedPrimitive};
use crate::upload::{Loading, UploadMemory};
use crate::{AssetError, LoadLimits, Progress};

/// Vertices or indices that are converted at once.
const BLOCK: usize = 256;

/// The largest vertex count that 16-bit indices reach.
const U16_VERTICES_MAX: usize = 65_535;

/// A primitive whose every reference is known to be good.
#[derive(Clone, Copy)]
struct Plan {
    place: Place,
    order: Order,
    positions: Accessor,
    normals: Option<Accessor>,
    uvs: Option<Accessor>,
    colors: Option<Accessor>,
    indices: Option<Accessor>,
    material: Option<u32>,
}

impl Plan {
    /// How many vertices the file's order runs through.
    fn corners(&self) -> usize {
        self.indices.map_or(self.positions.count, |indices| indices.count)
    }

    /// How many vertices are written: without indices, only those that make triangles.
    fn vertices(&self) -> usize {
        match (self.indices, self.order) {
            (None, Order::List) => self.triangles() * 3,
            _ => self.positions.count,
        }
    }

    fn triangles(&self) -> usize {
        self.order.triangles(self.corners())
    }

    /// Bytes of the file that one vertex is made of.
    fn vertex_bytes(&self) -> u64 {
        let attributes = [Some(self.positions), self.normals, self.uvs, self.colors];
        attributes.iter().flatten().map(|accessor| accessor.element_bytes() as u64).sum()
    }

    /// Bytes of the file that one index is.
    fn index_bytes(&self) -> u64 {
        self.indices.map_or(0, |indices| indices.element_bytes() as u64)
    }

    /// Bytes that will be read.
    fn bytes(&self) -> u64 {
        self.vertices() as u64 * self.vertex_bytes() + self.corners() as u64 * self.index_bytes()
    }
}

/// The meshes and primitives that stay.
pub(crate) struct Meshes<'s, B> {
    pub(crate) meshes: &'s [StagedMesh<'s>],
    pub(crate) primitives: &'s [StagedPrimitive<B>],
}

/// Checks all meshes of the document, then converts those that `used` says are shown.
pub(crate) fn build<'s, U: UploadMemory>(
    root: &json::Root,
    used: &[bool],
    scene: &Scope<'s>,
    sources: &mut Sources<'_>,
    loading: &mut Loading<'_, U>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<Meshes<'s, U::Buffer>, AssetError> {
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
    let mut kept_bytes = 0;
    for (index, mesh) in root.meshes.iter().enumerate() {
        for position in 0..mesh.primitives.len() {
            let plan = plan(root, &loading.limits, index, position, store)?;
            if let Some(plan) = plan
                && used.get(index) == Some(&true)
            {
                loading.progress.expect_bytes(plan.bytes());
                kept_bytes += Kept::bytes(plan.vertices(), plan.triangles());
            }
        }
    }
    let keep = Kept::carve(kept_bytes, root.meshes.len(), &loading.limits, scene, store)?;
    let memory = store.tagged(Tag::GEOMETRY);
    let mut primitives = voltrum_memory::ArenaVec::try_with_capacity_in(total, memory)?;
    let mut meshes = voltrum_memory::ArenaVec::try_with_capacity_in(root.meshes.len(), memory)?;
    for (index, mesh) in root.meshes.iter().enumerate() {
        let first = primitives.len();
        let mut bounds = Bounds::EMPTY;
        let shown = if used.get(index) == Some(&true) { mesh.primitives.len() } else { 0 };
        let (mut vertices, mut triangles) = (0, 0);
        for position in 0..shown {
            if let Some(plan) = plan(root, &loading.limits, index, position, store)? {
                (vertices, triangles) = (vertices + plan.vertices(), triangles + plan.triangles());
            }
        }
        let mut kept = Kept::open(keep, vertices, triangles)?;
        for position in 0..shown {
            let Some(plan) = plan(root, &loading.limits, index, position, store)? else {
                continue;
            };
            if plan.triangles() == 0 || plan.vertices() == 0 {
                store.note(format_args!("{} has no triangle and is not drawn", plan.place))?;
                continue;
            }
            let primitive = convert(&plan, sources, loading, &mut kept, store, scratch)?;
            bounds = bounds.with(primitive.bounds);
            primitives.try_push(primitive)?;
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
    Ok(Meshes { meshes: meshes.into_slice(), primitives: primitives.into_slice() })
}

/// Checks one primitive. `None`: it is no surface, which is noted.
fn plan(
    root: &json::Root,
    limits: &LoadLimits,
    mesh_index: usize,
    position: usize,
    store: &mut Store<'_>,
) -> Result<Option<Plan>, AssetError> {
    let place = Place::new("mesh", mesh_index).part("primitive", position);
    let invalid = |problem| AssetError::from(Fault::Invalid { place, problem });
    let Some(primitive) = root.meshes.get(mesh_index).and_then(|mesh| mesh.primitives.get(position)) else {
        return Ok(None);
    };
    let Checked::Valid(mode) = primitive.mode else {
        return Err(invalid("has an unknown mode"));
    };
    let order = match mode {
        Mode::Triangles => Order::List,
        Mode::TriangleStrip => Order::Strip,
        Mode::TriangleFan => Order::Fan,
        Mode::Points | Mode::Lines | Mode::LineLoop | Mode::LineStrip => {
            store.note(format_args!("points and lines are not drawn"))?;
            return Ok(None);
        }
    };
    if primitive.targets.is_some() {
        store.note(format_args!("morph targets are not supported yet: meshes are shown without them"))?;
    }
    let material = match primitive.material {
        None => None,
        Some(material) if material.value() < root.materials.len() => Some(material.value()),
        Some(material) => {
            return Err(Fault::Reference {
                from: place,
                to: "material",
                index: material.value() as u64,
                count: root.materials.len() as u64,
            }
            .into());
        }
    };
    let attribute = |semantic: Semantic| -> Result<Option<Accessor>, AssetError> {
        match primitive.attributes.get(&Checked::Valid(semantic)) {
            None => Ok(None),
            Some(index) => Accessor::check(root, limits, index.value(), place).map(Some),
        }
    };
    // Attributes that are not drawn are checked, too: a file that lies about them is broken.
    for (semantic, index) in &primitive.attributes {
        if !matches!(semantic, Checked::Invalid | Checked::Valid(Semantic::Extras(_))) {
            Accessor::check(root, limits, index.value(), place)?;
        }
    }
    let Some(positions) = attribute(Semantic::Positions)? else {
        store.note(format_args!("{place} has no positions and is not drawn"))?;
        return Ok(None);
    };
    let normals = attribute(Semantic::Normals)?;
    let uvs = attribute(Semantic::TexCoords(uv_set(root, material)))?;
    let colors = attribute(Semantic::Colors(0))?;
    let indices = match primitive.indices {
        None => None,
        Some(index) => Some(Accessor::check(root, limits, index.value(), place)?),
    };
    for (attribute, name, lanes) in [
        (Some(positions), "POSITION", 3..=3),
        (normals, "NORMAL", 3..=3),
        (uvs, "TEXCOORD", 2..=2),
        (colors, "COLOR_0", 3..=4),
    ] {
        let Some(attribute) = attribute else { continue };
        if !lanes.contains(&attribute.lanes) || attribute.component == ComponentType::U32 {
            return Err(invalid(match name {
                "POSITION" => "has positions that are not three floats or short integers",
                "NORMAL" => "has normals that are not three floats or short integers",
                "TEXCOORD" => "has texture coordinates that are not two floats or short integers",
                _ => "has colours that are not three or four floats or short integers",
            }));
        }
        if attribute.count != positions.count {
            return Err(Fault::AttributeCount {
                place,
                attribute: name,
                has: attribute.count as u64,
                needs: positions.count as u64,
            }
            .into());
        }
    }
    if let Some(indices) = indices
        && (indices.lanes != 1
            || !matches!(indices.component, ComponentType::U8 | ComponentType::U16 | ComponentType::U32))
    {
        return Err(invalid("has indices that are not single unsigned integers"));
    }
    let plan = Plan {
        place,
        order,
        positions,
        normals,
        uvs,
        colors,
        indices,
        material: material.map(|material| material as u32),
    };
    // A strip or a fan has up to three corners per index.
    let corners = plan.triangles() as u64 * 3;
    if corners > u64::from(limits.vertices_max) {
        return Err(AssetError::limit(
            "corners of triangles in one primitive",
            corners,
            u64::from(limits.vertices_max),
            "vertices_max",
        ));
    }
    Ok(Some(plan))
}

fn convert<U: UploadMemory>(
    plan: &Plan,
    sources: &mut Sources<'_>,
    loading: &mut Loading<'_, U>,
    kept: &mut Kept<'_>,
    store: &mut Store<'_>,
    scratch: &mut Scope<'_>,
) -> Result<StagedPrimitive<U::Buffer>, AssetError> {
    let temp = scratch.temp();
    let memory = temp.tagged(Tag::STAGING);
    let mut attributes = Attributes::open(plan, sources, memory)?;
    kept.begin();
    let (vertices, bounds) = stream_vertices(plan, &mut attributes, sources, loading, kept)?;
    let indices = match (plan.indices, plan.order) {
        (None, Order::List) => {
            (0..plan.triangles() as u32 * 3).step_by(3).for_each(|first| kept.triangle([first, first + 1, first + 2]));
            None
        }
        _ => Some(write_indices(plan, sources, loading, kept, memory)?),
    };
    let primitive = StagedPrimitive {
        vertices,
        vertex_count: plan.vertices() as u32,
        indices,
        material: plan.material,
        bounds,
        triangle_count: plan.triangles() as u32,
    };
    if plan.normals.is_none() {
        store.note(format_args!("normals are missing: such meshes are shaded flat"))?;
    }
    if attributes.repaired > 0 {
        store.note(format_args!(
            "{} has {} normals, texture coordinates or colours that are no finite numbers: they were replaced",
            plan.place, attributes.repaired
        ))?;
    }
    store.counts.triangles += plan.triangles() as u64;
    store.counts.vertices += u64::from(primitive.vertex_count);
    store.counts.geometry_bytes += u64::from(primitive.vertex_count) * size_of::<Vertex>() as u64
        + primitive.indices.map_or(0, |indices| u64::from(indices.count) * index_bytes(indices.kind) as u64);
    Ok(primitive)
}

fn index_bytes(kind: IndexKind) -> usize {
    match kind {
        IndexKind::U16 => 2,
        IndexKind::U32 => 4,
    }
}

/// The readers of a primitive's attributes, in step.
struct Attributes<'x> {
    place: Place,
    next: usize,
    repaired: u64,
    positions: Reader<'x>,
    normals: Option<Reader<'x>>,
    uvs: Option<Reader<'x>>,
    colors: Option<Reader<'x>>,
}

impl<'x> Attributes<'x> {
    fn open(plan: &Plan, sources: &mut Sources<'_>, scratch: Tagged<'x>) -> Result<Self, AssetError> {
        let mut open = |accessor: Option<Accessor>| match accessor {
            None => Ok(None),
            Some(accessor) => Reader::open(accessor, sources, scratch).map(Some),
        };
        let (normals, uvs, colors) = (open(plan.normals)?, open(plan.uvs)?, open(plan.colors)?);
        Ok(Self {
            place: plan.place,
            next: 0,
            repaired: 0,
            positions: Reader::open(plan.positions, sources, scratch)?,
            normals,
            uvs,
            colors,
        })
    }

    /// Reads the next vertices and gives each to `take`; grows `bounds` by them.
    fn block(
        &mut self,
        sources: &mut Sources<'_>,
        count: usize,
        bounds: &mut Bounds,
        mut take: impl FnMut(Vertex),
    ) -> Result<(), AssetError> {
        let count = count.min(BLOCK);
        let mut positions = [[0.0_f32; 3]; BLOCK];
        let mut normals = [[0.0_f32; 3]; BLOCK];
        let mut uvs = [[0.0_f32; 2]; BLOCK];
        let mut colors = [[1.0_f32; 4]; BLOCK];
        let (Some(positions), Some(normals), Some(uvs), Some(colors)) =
            (positions.get_mut(..count), normals.get_mut(..count), uvs.get_mut(..count), colors.get_mut(..count))
        else {
            return Ok(());
        };
        self.positions.floats(sources, [0.0; 3], positions)?;
        if let Some(reader) = &mut self.normals {
            reader.floats(sources, [0.0; 3], normals)?;
        }
        if let Some(reader) = &mut self.uvs {
            reader.floats(sources, [0.0; 2], uvs)?;
        }
        if let Some(reader) = &mut self.colors {
            reader.floats(sources, [1.0; 4], colors)?;
        }
        let rest = normals.iter_mut().zip(uvs.iter_mut()).zip(colors.iter_mut());
        for (position, ((normal, uv), color)) in positions.iter().zip(rest) {
            let at = Vec3::from_array(*position);
            if !at.is_finite() {
                return Err(Fault::NotFinite { place: self.place, what: "position", element: self.next as u64 }.into());
            }
            *bounds = bounds.with_point(at);
            let good = finite_or(normal, [0.0; 3]) & finite_or(uv, [0.0; 2]) & finite_or(color, [1.0; 4]);
            self.repaired += u64::from(!good);
            take(Vertex {
                position: *position,
                normal: *normal,
                uv: *uv,
                // The cast saturates.
                color: color.map(|value| (value * 255.0 + 0.5) as u8),
            });
            self.next += 1;
        }
        Ok(())
    }
}

/// Replaces `values` when one of them is no finite number; says whether they were good.
fn finite_or<const N: usize>(values: &mut [f32; N], otherwise: [f32; N]) -> bool {
    let good = values.iter().all(|value| value.is_finite());
    if !good {
        *values = otherwise;
    }
    good
}

/// All vertices of a primitive, block by block.
fn stream_vertices<U: UploadMemory>(
    plan: &Plan,
    attributes: &mut Attributes<'_>,
    sources: &mut Sources<'_>,
    loading: &mut Loading<'_, U>,
    kept: &mut Kept<'_>,
) -> Result<(U::Buffer, Bounds), AssetError> {
    let (count, progress) = (plan.vertices(), loading.progress);
    let (upload, out) = loading.uploads.try_buffer(count * size_of::<Vertex>())?;
    let mut out = out.chunks_exact_mut(size_of::<Vertex>());
    let mut bounds = Bounds::EMPTY;
    let mut left = count;
    while left > 0 {
        let now = left.min(BLOCK);
        attributes.block(sources, now, &mut bounds, |vertex| {
            kept.position(vertex.position);
            if let Some(bytes) = out.next() {
                bytes.copy_from_slice(bytemuck::bytes_of(&vertex));
            }
        })?;
        left -= now;
        progress.advance(now as u64 * plan.vertex_bytes())?;
    }
    Ok((upload, bounds))
}

/// Gives every corner of the file's order to `take`, with its position in it, after comparing it with the vertex count.
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

/// The primitive's triangles as an index list.
fn write_indices<U: UploadMemory>(
    plan: &Plan,
    sources: &mut Sources<'_>,
    loading: &mut Loading<'_, U>,
    kept: &mut Kept<'_>,
    scratch: Tagged<'_>,
) -> Result<StagedIndices<U::Buffer>, AssetError> {
    let count = plan.triangles() * 3;
    let kind = if plan.positions.count <= U16_VERTICES_MAX { IndexKind::U16 } else { IndexKind::U32 };
    let width = index_bytes(kind);
    let progress = loading.progress;
    let (upload, out) = loading.uploads.try_buffer(count * width)?;
    let mut out = out.chunks_exact_mut(width);
    let mut triangulator = Triangulator::new(plan.order);
    corners(plan, sources, progress, scratch, |corner| {
        let Some(triangle) = triangulator.push(corner) else { return };
        kept.triangle(triangle);
        for index in triangle {
            if let Some(bytes) = out.next() {
                // Little-endian: the first bytes are the low ones.
                bytes.copy_from_slice(index.to_le_bytes().get(..width).unwrap_or_default());
            }
        }
    })?;
    Ok(StagedIndices { upload, kind, count: count as u32 })
}
