//! What a primitive of the document is: every reference checked before anything is converted.
//!
//! # Invariants
//! 1. All attributes of a [`Plan`] have as many elements as its positions, and the types that the conversion reads.

use ::gltf::json;
use json::accessor::ComponentType;
use json::mesh::{Mode, Semantic};
use json::validation::Checked;
use voltrum_render::{MorphDelta, SkinVertex, Vertex};

use super::accessor::Accessor;
use super::nodes::targets;
use super::store::Store;
use super::triangles::Order;
use crate::fault::{Fault, Place};
use crate::staged::StagedMaterial;
use crate::{AssetError, LoadLimits};

/// What the conversion of meshes looks up in what was built before.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c, 's> {
    pub(crate) root: &'c json::Root,
    pub(crate) limits: LoadLimits,
    /// Per mesh: whether it is shown.
    pub(crate) used: &'c [bool],
    /// Per mesh: how many joints each skin that carries it has at least; 0 where none does.
    pub(crate) joints: &'c [u32],
    /// Per material: which sets its two texture coordinates are.
    pub(crate) uv_sets: &'c [[u32; 2]],
    pub(crate) materials: &'c [StagedMaterial<'s>],
}

/// A primitive whose every reference is known to be good.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) place: Place,
    pub(crate) order: Order,
    pub(crate) positions: Accessor,
    pub(crate) normals: Option<Accessor>,
    pub(crate) tangents: Option<Accessor>,
    pub(crate) uvs: [Option<Accessor>; 2],
    pub(crate) colors: Option<Accessor>,
    pub(crate) joints: [Option<Accessor>; 2],
    pub(crate) weights: [Option<Accessor>; 2],
    pub(crate) indices: Option<Accessor>,
    pub(crate) material: Option<u32>,
    /// How many morph targets are kept.
    pub(crate) targets: usize,
    /// How many joints there are to follow; 0 when the mesh follows none.
    pub(crate) joint_count: u32,
    /// Whether tangents are to be made, and from which of the two texture coordinates.
    pub(crate) makes_tangents: Option<u8>,
}

impl Plan {
    /// How many vertices the file's order runs through.
    pub(crate) fn corners(&self) -> usize {
        self.indices.map_or(self.positions.count, |indices| indices.count)
    }

    /// How many vertices the file's order begins with: without indices, only those that make something.
    pub(crate) fn vertices(&self) -> usize {
        match (self.indices, self.order) {
            (None, Order::List | Order::Lines) => self.order.indices(self.corners()),
            _ => self.positions.count,
        }
    }

    pub(crate) fn triangles(&self) -> usize {
        self.order.triangles(self.corners())
    }

    /// Whether the file's vertices can be taken in order.
    pub(crate) fn is_plain(&self) -> bool {
        self.indices.is_none()
            && matches!(self.order, Order::List | Order::Lines | Order::LineStrip | Order::Points)
            && self.makes_tangents.is_none()
    }

    /// The most vertices that may be written: tangents may differ at each corner of a triangle.
    pub(crate) fn vertices_max(&self) -> usize {
        if self.makes_tangents.is_some() { self.triangles() * 3 } else { self.vertices() }
    }

    /// Bytes of the file that one vertex is made of.
    pub(crate) fn vertex_bytes(&self) -> u64 {
        let [uv, uv1] = self.uvs;
        let attributes = [Some(self.positions), self.normals, self.tangents, uv, uv1, self.colors];
        attributes.iter().flatten().map(|accessor| accessor.element_bytes() as u64).sum()
    }

    /// Bytes of the file that one index is.
    pub(crate) fn index_bytes(&self) -> u64 {
        self.indices.map_or(0, |indices| indices.element_bytes() as u64)
    }

    /// Bytes that will be read, as far as they count.
    pub(crate) fn bytes(&self) -> u64 {
        let skin = if self.joint_count > 0 { size_of::<SkinVertex>() } else { 0 };
        let morphs = self.targets * size_of::<MorphDelta>();
        let streams = (skin + morphs) as u64 * self.positions.count as u64;
        self.vertices() as u64 * self.vertex_bytes() + self.corners() as u64 * self.index_bytes() + streams
    }
}

/// Checks one primitive. `None`: there is nothing to draw, which is noted.
pub(crate) fn plan(
    context: &Context<'_, '_>,
    mesh_index: usize,
    position: usize,
    store: &mut Store<'_>,
) -> Result<Option<Plan>, AssetError> {
    let Context { root, limits, .. } = *context;
    let place = Place::new("mesh", mesh_index).part("primitive", position);
    let invalid = |problem| AssetError::from(Fault::Invalid { place, problem });
    let Some((mesh, primitive)) =
        root.meshes.get(mesh_index).and_then(|mesh| Some((mesh, mesh.primitives.get(position)?)))
    else {
        return Ok(None);
    };
    let Checked::Valid(mode) = primitive.mode else {
        return Err(invalid("has an unknown mode"));
    };
    let order = match mode {
        Mode::Triangles => Order::List,
        Mode::TriangleStrip => Order::Strip,
        Mode::TriangleFan => Order::Fan,
        Mode::Points => Order::Points,
        Mode::Lines => Order::Lines,
        Mode::LineStrip => Order::LineStrip,
        Mode::LineLoop => Order::LineLoop,
    };
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
            Some(index) => Accessor::check(root, &limits, index.value(), place).map(Some),
        }
    };
    // Attributes that are not drawn are checked, too: a file that lies about them is broken.
    for (semantic, index) in &primitive.attributes {
        if !matches!(semantic, Checked::Invalid | Checked::Valid(Semantic::Extras(_))) {
            Accessor::check(root, &limits, index.value(), place)?;
        }
    }
    let Some(positions) = attribute(Semantic::Positions)? else {
        store.note(format_args!("{place} has no positions and is not drawn"))?;
        return Ok(None);
    };
    let normals = attribute(Semantic::Normals)?;
    let tangents = attribute(Semantic::Tangents)?;
    let [set, set1] = material.and_then(|at| context.uv_sets.get(at)).copied().unwrap_or([0, 1]);
    let uvs = [attribute(Semantic::TexCoords(set))?, attribute(Semantic::TexCoords(set1))?];
    let colors = attribute(Semantic::Colors(0))?;
    let joints = [attribute(Semantic::Joints(0))?, attribute(Semantic::Joints(1))?];
    let weights = [attribute(Semantic::Weights(0))?, attribute(Semantic::Weights(1))?];
    let indices = match primitive.indices {
        None => None,
        Some(index) => Some(Accessor::check(root, &limits, index.value(), place)?),
    };
    for (attribute, name, lanes, problem) in [
        (Some(positions), "POSITION", 3..=3, "has positions that are not three floats or short integers"),
        (normals, "NORMAL", 3..=3, "has normals that are not three floats or short integers"),
        (tangents, "TANGENT", 4..=4, "has tangents that are not four floats or short integers"),
        (uvs[0], "TEXCOORD", 2..=2, "has texture coordinates that are not two floats or short integers"),
        (uvs[1], "TEXCOORD", 2..=2, "has texture coordinates that are not two floats or short integers"),
        (colors, "COLOR_0", 3..=4, "has colours that are not three or four floats or short integers"),
        (joints[0], "JOINTS_0", 4..=4, "has joints that are not four short integers"),
        (joints[1], "JOINTS_1", 4..=4, "has joints that are not four short integers"),
        (weights[0], "WEIGHTS_0", 4..=4, "has weights that are not four floats or short integers"),
        (weights[1], "WEIGHTS_1", 4..=4, "has weights that are not four floats or short integers"),
    ] {
        let Some(attribute) = attribute else { continue };
        if !lanes.contains(&attribute.lanes) || attribute.component == ComponentType::U32 {
            return Err(invalid(problem));
        }
        same_count(attribute, name, positions, place)?;
    }
    if let Some(indices) = indices
        && (indices.lanes != 1
            || !matches!(indices.component, ComponentType::U8 | ComponentType::U16 | ComponentType::U32))
    {
        return Err(invalid("has indices that are not single unsigned integers"));
    }
    let count = primitive.targets.as_ref().map_or(0, |targets| targets.len());
    if count != targets(mesh) {
        store.note(format_args!(
            "{place} has {count} morph targets, its mesh has {}: they are left out",
            targets(mesh)
        ))?;
    }
    let mut plan = Plan {
        place,
        order,
        positions,
        normals,
        // Tangents without normals mean nothing (glTF 2.0, 3.7.2.1).
        tangents: tangents.filter(|_| normals.is_some()),
        uvs,
        colors,
        joints,
        weights,
        indices,
        material: material.map(|material| material as u32),
        targets: if count == targets(mesh) { count } else { 0 },
        joint_count: match (joints[0], weights[0]) {
            (Some(_), Some(_)) => context.joints.get(mesh_index).copied().unwrap_or(0),
            _ => 0,
        },
        makes_tangents: None,
    };
    for target in 0..count {
        target_accessors(context, mesh_index, position, target, positions, place)?;
    }
    plan.makes_tangents = makes_tangents(&plan, context);
    // A strip or a fan has up to three corners per index.
    let corners = plan.order.indices(plan.corners()) as u64;
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

/// A normal map without tangents needs some (glTF 2.0, 3.7.2.1); which texture coordinates they follow.
fn makes_tangents(plan: &Plan, context: &Context<'_, '_>) -> Option<u8> {
    if plan.triangles() == 0 || plan.normals.is_none() || plan.tangents.is_some() {
        return None;
    }
    let surface = &context.materials.get(plan.material? as usize)?.surface;
    let slot = surface.normal_texture.or(surface.clearcoat_normal_texture)?;
    plan.uvs.get(usize::from(slot.uv))?.map(|_| slot.uv)
}

fn same_count(attribute: Accessor, name: &'static str, positions: Accessor, place: Place) -> Result<(), Fault> {
    if attribute.count != positions.count {
        return Err(Fault::AttributeCount {
            place,
            attribute: name,
            has: attribute.count as u64,
            needs: positions.count as u64,
        });
    }
    Ok(())
}

/// What a morph target adds to positions, normals and tangents, checked.
pub(crate) fn target_accessors(
    context: &Context<'_, '_>,
    mesh: usize,
    position: usize,
    target: usize,
    positions: Accessor,
    place: Place,
) -> Result<[Option<Accessor>; 3], AssetError> {
    let primitive = context.root.meshes.get(mesh).and_then(|mesh| mesh.primitives.get(position));
    let targets = primitive.and_then(|primitive| primitive.targets.as_ref());
    let Some(target) = targets.and_then(|targets| targets.get(target)) else {
        return Ok([None; 3]);
    };
    let mut out = [None; 3];
    for (slot, (index, name)) in out.iter_mut().zip([
        (target.positions, "morph POSITION"),
        (target.normals, "morph NORMAL"),
        (target.tangents, "morph TANGENT"),
    ]) {
        let Some(index) = index else { continue };
        let accessor = Accessor::check(context.root, &context.limits, index.value(), place)?;
        if accessor.lanes != 3 || accessor.component == ComponentType::U32 {
            return Err(Fault::Invalid {
                place,
                problem: "has morph targets that are not three floats or short integers",
            }
            .into());
        }
        same_count(accessor, name, positions, place)?;
        *slot = Some(accessor);
    }
    Ok(out)
}

/// Bytes of upload memory that a vertex takes in all streams.
pub(crate) fn uploaded_bytes(plan: &Plan) -> u64 {
    let skin = if plan.joint_count > 0 { size_of::<SkinVertex>() } else { 0 };
    (size_of::<Vertex>() + skin + plan.targets * size_of::<MorphDelta>()) as u64
}
