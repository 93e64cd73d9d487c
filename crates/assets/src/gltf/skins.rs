//! Skins: which nodes are the joints, and where they were when the mesh was bound to them.

use ::gltf::json;
use glam::Mat4;
use voltrum_memory::{Scope, Tag, Tagged};

use super::accessor::{Accessor, Reader};
use super::nodes::NONE;
use super::source::Sources;
use super::store::Store;
use crate::fault::{Fault, Place};
use crate::staged::StagedSkin;
use crate::{AssetError, LoadLimits};

/// The most joints of one skin.
const JOINTS_MAX: usize = 65_536;

/// Bytes that the skins will take.
pub(crate) fn room(root: &json::Root) -> usize {
    let joints = root.skins.iter().fold(0_usize, |sum, skin| sum.saturating_add(skin.joints.len()));
    let names = root.skins.iter().fold(0_usize, |sum, skin| {
        sum.saturating_add(skin.name.as_ref().map_or(0, |name| name.len().min(super::store::NAME_BYTES_MAX)) + 8)
    });
    let per_joint = size_of::<Mat4>() + size_of::<Option<u32>>() + 8;
    joints
        .saturating_mul(per_joint)
        .saturating_add(root.skins.len().saturating_mul(size_of::<StagedSkin<'_>>() + 32))
        .saturating_add(names)
}

/// Builds all skins. `positions` says where each node of the document was placed.
pub(crate) fn build<'s>(
    root: &json::Root,
    positions: &[u32],
    limits: &LoadLimits,
    memory: Tagged<'s>,
    sources: &mut Sources<'_>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedSkin<'s>], AssetError> {
    let skins = memory.try_alloc_slice_fill_with(root.skins.len(), |_| StagedSkin::default())?;
    for (index, (slot, skin)) in skins.iter_mut().zip(&root.skins).enumerate() {
        let place = Place::new("skin", index);
        if skin.joints.len() > JOINTS_MAX {
            return Err(Fault::Number {
                place,
                what: "a joint count of",
                value: skin.joints.len() as u64,
                rule: "at most 65,536 are supported",
            }
            .into());
        }
        let joints = memory.try_alloc_slice_fill_with(skin.joints.len(), |_| None)?;
        let mut missing = 0;
        for (joint, node) in joints.iter_mut().zip(&skin.joints) {
            *joint = positions.get(node.value()).copied().filter(|at| *at != NONE);
            missing += u32::from(joint.is_none());
        }
        if missing > 0 {
            store.note(format_args!(
                "{place} has {missing} joints that are no nodes of the scene: what they carry stays at rest"
            ))?;
        }
        let inverse_bind = memory.try_alloc_slice_fill_with(skin.joints.len(), |_| Mat4::IDENTITY)?;
        if let Some(accessor) = skin.inverse_bind_matrices {
            let accessor = Accessor::check(root, limits, accessor.value(), place)?;
            read_matrices(accessor, inverse_bind, place, sources, store, scratch)?;
        }
        *slot = StagedSkin { name: store.name(Tag::SCENE, skin.name.as_deref())?, joints, inverse_bind };
    }
    Ok(skins)
}

fn read_matrices(
    accessor: Accessor,
    out: &mut [Mat4],
    place: Place,
    sources: &mut Sources<'_>,
    store: &mut Store<'_>,
    scratch: &mut Scope<'_>,
) -> Result<(), AssetError> {
    if accessor.lanes != 16 {
        return Err(Fault::Invalid { place, problem: "has inverse bind matrices that are no 4 x 4 matrices" }.into());
    }
    if accessor.count < out.len() {
        store.note(format_args!(
            "{place} has {} joints but {} inverse bind matrices: the rest are taken as the identity",
            out.len(),
            accessor.count
        ))?;
    }
    let temp = scratch.temp();
    let mut reader = Reader::open(accessor, sources, temp.tagged(Tag::STAGING))?;
    let (mut block, mut broken) = ([[0.0_f32; 16]; 16], 0);
    for chunk in out.chunks_mut(block.len()) {
        let left = accessor.count.saturating_sub(reader.position()).min(chunk.len());
        let block = block.get_mut(..left).unwrap_or_default();
        reader.floats(sources, [0.0; 16], block)?;
        for (out, numbers) in chunk.iter_mut().zip(block.iter()) {
            let matrix = Mat4::from_cols_array(numbers);
            if matrix.is_finite() {
                *out = matrix;
            } else {
                broken += 1;
            }
        }
    }
    if broken > 0 {
        store
            .note(format_args!("{place} has {broken} inverse bind matrices that are not finite: they were replaced"))?;
    }
    Ok(())
}
