//! EXT_mesh_gpu_instancing: one node with many places becomes that many nodes below it, each of which shows the mesh, can
//! be picked and moved.
//!
//! # Invariants
//! 1. All attributes of an instanced node have one count, and that many nodes are made.

use ::gltf::json;
use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{ArenaVec, Scope, Tag, Tagged};

use super::accessor::{Accessor, Reader};
use super::extension::Extension;
use super::nodes::Placed;
use super::source::Sources;
use super::store::Store;
use crate::fault::{Fault, Place};
use crate::staged::StagedNode;
use crate::{AssetError, LoadLimits};

const INSTANCING: &str = "EXT_mesh_gpu_instancing";

/// A node that is shown many times.
#[derive(Clone, Copy)]
pub(crate) struct Instanced {
    /// Where it was placed.
    node: u32,
    place: Place,
    translation: Option<Accessor>,
    rotation: Option<Accessor>,
    scale: Option<Accessor>,
    count: usize,
}

/// The instanced nodes among those that are shown, checked.
pub(crate) fn find<'x>(
    root: &json::Root,
    placed: &[Placed],
    limits: &LoadLimits,
    store: &mut Store<'_>,
    scratch: Tagged<'x>,
) -> Result<&'x [Instanced], AssetError> {
    let mut found = ArenaVec::new_in(scratch);
    let mut total = placed.len();
    for (at, placed) in (0_u32..).zip(placed) {
        let Some(node) = root.nodes.get(placed.node as usize) else { continue };
        let value = node.extensions.as_ref().and_then(|extensions| extensions.others.get(INSTANCING));
        let place = Place::new("node", placed.node as usize);
        let Some(object) = Extension::of(value, INSTANCING, place, store)? else { continue };
        let Some(attributes) = object.object("attributes", store)? else { continue };
        if node.mesh.is_none() {
            store.note(format_args!("{place} has instances but no mesh: they were left out"))?;
            continue;
        }
        let mut accessor = |key: &str, lanes: usize| -> Result<Option<Accessor>, AssetError> {
            let Some(index) = attributes.whole(key, store)? else { return Ok(None) };
            let accessor = Accessor::check(root, limits, index as usize, place)?;
            if accessor.lanes != lanes {
                return Err(
                    Fault::Invalid { place, problem: "has instances whose attributes are of the wrong type" }.into()
                );
            }
            Ok(Some(accessor))
        };
        let (translation, rotation, scale) =
            (accessor("TRANSLATION", 3)?, accessor("ROTATION", 4)?, accessor("SCALE", 3)?);
        let mut counts = [translation, rotation, scale].into_iter().flatten().map(|accessor| accessor.count);
        let Some(count) = counts.next() else { continue };
        if counts.any(|other| other != count) {
            return Err(Fault::Invalid { place, problem: "has instances whose attributes differ in count" }.into());
        }
        total = total.saturating_add(count);
        if total > limits.nodes_max as usize {
            return Err(AssetError::limit(
                "nodes and instances",
                total as u64,
                u64::from(limits.nodes_max),
                "nodes_max",
            ));
        }
        found.try_push(Instanced { node: at, place, translation, rotation, scale, count })?;
    }
    Ok(found.into_slice())
}

impl Instanced {
    /// How many nodes it becomes.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Writes its nodes from position `first` on; returns the position behind them.
    pub(crate) fn fill(
        &self,
        nodes: &mut [StagedNode<'_>],
        first: usize,
        sources: &mut Sources<'_>,
        store: &mut Store<'_>,
        scratch: &mut Scope<'_>,
    ) -> Result<usize, AssetError> {
        const BLOCK: usize = 128;
        let Some(node) = nodes.get_mut(self.node as usize) else {
            return Ok(first);
        };
        // The node itself only carries them.
        let shown = StagedNode {
            parent: Some(self.node),
            mesh: node.mesh.take(),
            skin: node.skin.take(),
            weights: node.weights,
            ..StagedNode::default()
        };
        let temp = scratch.temp();
        let staging = temp.tagged(Tag::STAGING);
        let mut open =
            |accessor: Option<Accessor>| accessor.map(|accessor| Reader::open(accessor, sources, staging)).transpose();
        let (mut translations, mut rotations, mut scales) =
            (open(self.translation)?, open(self.rotation)?, open(self.scale)?);
        let end = first + self.count;
        let mut broken = 0;
        for chunk in nodes.get_mut(first..end).unwrap_or_default().chunks_mut(BLOCK) {
            let (mut translation, mut rotation, mut scale) =
                ([[0.0; 3]; BLOCK], [[0.0, 0.0, 0.0, 1.0]; BLOCK], [[1.0; 3]; BLOCK]);
            let count = chunk.len();
            if let Some(reader) = &mut translations {
                reader.floats(sources, [0.0; 3], translation.get_mut(..count).unwrap_or_default())?;
            }
            if let Some(reader) = &mut rotations {
                reader.floats(sources, [0.0; 4], rotation.get_mut(..count).unwrap_or_default())?;
            }
            if let Some(reader) = &mut scales {
                reader.floats(sources, [1.0; 3], scale.get_mut(..count).unwrap_or_default())?;
            }
            for (slot, ((translation, rotation), scale)) in
                chunk.iter_mut().zip(translation.iter().zip(&rotation).zip(&scale))
            {
                let (rotation, length) = (Quat::from_array(*rotation), Quat::from_array(*rotation).length());
                let turned = if length.is_finite() && length > 1e-6 { rotation / length } else { Quat::IDENTITY };
                let local = Mat4::from_scale_rotation_translation(
                    Vec3::from_array(*scale),
                    turned,
                    Vec3::from_array(*translation),
                );
                broken += u32::from(!local.is_finite());
                *slot = StagedNode { local: if local.is_finite() { local } else { Mat4::IDENTITY }, ..shown };
            }
        }
        if broken > 0 {
            store.note(format_args!(
                "{} has {broken} instances whose places are not finite: they stand at the origin",
                self.place
            ))?;
        }
        Ok(end)
    }
}
