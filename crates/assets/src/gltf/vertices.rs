//! A primitive's attributes, read in step and turned into the renderer's vertices.
//!
//! # Invariants
//! 1. Every number that leaves this file is finite. A position that is not becomes its neighbour's, other attributes their
//!    default; both are counted and noted by the caller.

use glam::Vec3;
use voltrum_memory::Tagged;
use voltrum_render::{MorphDelta, SkinVertex, Vertex};

use super::accessor::{Accessor, Reader};
use super::plan::Plan;
use super::source::Sources;
use crate::AssetError;
use crate::bounds::Bounds;

/// Vertices or indices that are converted at once.
pub(crate) const BLOCK: usize = 256;

/// The readers of a primitive's attributes, in step.
pub(crate) struct Attributes<'x> {
    positions: Reader<'x>,
    normals: Option<Reader<'x>>,
    tangents: Option<Reader<'x>>,
    uvs: [Option<Reader<'x>>; 2],
    colors: Option<Reader<'x>>,
    /// The last position that was finite.
    last: Option<[f32; 3]>,
    /// Positions that were not.
    pub(crate) moved: u64,
    /// Vertices with another attribute that was not.
    pub(crate) repaired: u64,
    /// Around the positions that were.
    pub(crate) bounds: Bounds,
}

fn open<'x>(
    accessor: Option<Accessor>,
    sources: &mut Sources<'_>,
    scratch: Tagged<'x>,
) -> Result<Option<Reader<'x>>, AssetError> {
    accessor.map(|accessor| Reader::open(accessor, sources, scratch)).transpose()
}

fn read<const N: usize>(
    reader: &mut Option<Reader<'_>>,
    sources: &mut Sources<'_>,
    rest: [f32; N],
    out: &mut [[f32; N]],
) -> Result<(), AssetError> {
    match reader {
        Some(reader) => reader.floats(sources, rest, out),
        None => Ok(()),
    }
}

impl<'x> Attributes<'x> {
    pub(crate) fn open(plan: &Plan, sources: &mut Sources<'_>, scratch: Tagged<'x>) -> Result<Self, AssetError> {
        let [uv, uv1] = plan.uvs;
        Ok(Self {
            positions: Reader::open(plan.positions, sources, scratch)?,
            normals: open(plan.normals, sources, scratch)?,
            tangents: open(plan.tangents, sources, scratch)?,
            uvs: [open(uv, sources, scratch)?, open(uv1, sources, scratch)?],
            colors: open(plan.colors, sources, scratch)?,
            last: None,
            moved: 0,
            repaired: 0,
            bounds: Bounds::EMPTY,
        })
    }

    /// Reads the next vertices, at most [`BLOCK`], and gives each to `take`.
    pub(crate) fn block(
        &mut self,
        sources: &mut Sources<'_>,
        count: usize,
        mut take: impl FnMut(Vertex),
    ) -> Result<(), AssetError> {
        let count = count.min(BLOCK);
        let mut positions = [[0.0_f32; 3]; BLOCK];
        let mut normals = [[0.0_f32; 3]; BLOCK];
        let mut tangents = [[0.0_f32; 4]; BLOCK];
        let mut uvs = [[[0.0_f32; 2]; BLOCK]; 2];
        let mut colors = [[1.0_f32; 4]; BLOCK];
        let [first_uvs, second_uvs] = &mut uvs;
        self.positions.floats(sources, [0.0; 3], positions.get_mut(..count).unwrap_or_default())?;
        read(&mut self.normals, sources, [0.0; 3], normals.get_mut(..count).unwrap_or_default())?;
        read(&mut self.tangents, sources, [0.0; 4], tangents.get_mut(..count).unwrap_or_default())?;
        let [first, second] = &mut self.uvs;
        read(first, sources, [0.0; 2], first_uvs.get_mut(..count).unwrap_or_default())?;
        read(second, sources, [0.0; 2], second_uvs.get_mut(..count).unwrap_or_default())?;
        read(&mut self.colors, sources, [1.0; 4], colors.get_mut(..count).unwrap_or_default())?;

        let positions = positions.get(..count).unwrap_or_default();
        let finite = |position: &[f32; 3]| position.iter().all(|value| value.is_finite());
        let mut neighbour = self.last.or(positions.iter().copied().find(finite)).unwrap_or_default();
        let others = normals.iter_mut().zip(&mut tangents).zip(first_uvs.iter_mut().zip(second_uvs)).zip(&mut colors);
        for (position, (((normal, tangent), (uv, uv1)), color)) in positions.iter().zip(others) {
            if finite(position) {
                neighbour = *position;
                self.last = Some(neighbour);
                self.bounds = self.bounds.with_point(Vec3::from_array(neighbour));
            } else {
                self.moved += 1;
            }
            let good = finite_or(normal, [0.0; 3])
                & finite_or(tangent, [0.0; 4])
                & finite_or(uv, [0.0; 2])
                & finite_or(uv1, [0.0; 2])
                & finite_or(color, [1.0; 4]);
            self.repaired += u64::from(!good);
            take(Vertex {
                position: neighbour,
                normal: *normal,
                uv: *uv,
                // The cast saturates.
                color: color.map(|value| (value * 255.0 + 0.5) as u8),
                tangent: Vertex::pack_tangent(*tangent),
                uv1: *uv1,
            });
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

/// The readers of what a skin needs.
pub(crate) struct Influences<'x> {
    joints: [Option<Reader<'x>>; 2],
    weights: [Option<Reader<'x>>; 2],
    joint_count: u32,
    /// Vertices with a joint that is not there, or weights that are none.
    pub(crate) repaired: u64,
}

impl<'x> Influences<'x> {
    pub(crate) fn open(plan: &Plan, sources: &mut Sources<'_>, scratch: Tagged<'x>) -> Result<Self, AssetError> {
        let [first, second] = plan.joints;
        let joints = [open(first, sources, scratch)?, open(second, sources, scratch)?];
        let [first, second] = plan.weights;
        let weights = [open(first, sources, scratch)?, open(second, sources, scratch)?];
        Ok(Self { joints, weights, joint_count: plan.joint_count, repaired: 0 })
    }

    /// Reads the next vertices, at most [`BLOCK`], and gives each to `take`: the four joints that count most.
    pub(crate) fn block(
        &mut self,
        sources: &mut Sources<'_>,
        count: usize,
        mut take: impl FnMut(SkinVertex),
    ) -> Result<(), AssetError> {
        let count = count.min(BLOCK);
        let mut joints = [[[0.0_f32; 4]; BLOCK]; 2];
        let mut weights = [[[0.0_f32; 4]; BLOCK]; 2];
        for (reader, out) in self.joints.iter_mut().zip(&mut joints).chain(self.weights.iter_mut().zip(&mut weights)) {
            read(reader, sources, [0.0; 4], out.get_mut(..count).unwrap_or_default())?;
        }
        let ([joints, joints1], [weights, weights1]) = (joints, weights);
        let rows = joints.iter().zip(&joints1).zip(weights.iter().zip(&weights1)).take(count);
        for ((joints, joints1), (weights, weights1)) in rows {
            let mut all = [(0_u16, 0.0_f32); 8];
            let (joints, weights) = (joints.iter().chain(joints1), weights.iter().chain(weights1));
            let mut good = true;
            for (slot, (joint, weight)) in all.iter_mut().zip(joints.zip(weights)) {
                let known = *joint < self.joint_count as f32;
                good &= weight.is_finite() && *weight >= 0.0 && (known || *weight == 0.0);
                if known && weight.is_finite() {
                    *slot = (*joint as u16, weight.max(0.0));
                }
            }
            self.repaired += u64::from(!good);
            take(four(&mut all));
        }
        Ok(())
    }
}

/// The four that count most, so that they add up to 65,535.
fn four(all: &mut [(u16, f32); 8]) -> SkinVertex {
    all.sort_by(|one, other| other.1.total_cmp(&one.1));
    let mut out = SkinVertex::default();
    let total: f32 = all.iter().take(4).map(|(_, weight)| weight).sum();
    let share = |weight: f32| if total > 0.0 { weight / total * 65535.0 } else { 0.0 };
    let mut sum = 0_u32;
    for ((joint, weight), (from, value)) in out.joints.iter_mut().zip(&mut out.weights).zip(all.iter()) {
        (*joint, *weight) = (*from, share(*value) as u16);
        sum += u32::from(*weight);
    }
    let [first, ..] = &mut out.weights;
    // What rounding left over goes to the strongest.
    *first = first.saturating_add(65535_u32.saturating_sub(sum) as u16);
    out
}

/// The readers of one morph target.
pub(crate) struct Target<'x> {
    readers: [Option<Reader<'x>>; 3],
    /// Vertices with numbers that are not finite.
    pub(crate) repaired: u64,
}

impl<'x> Target<'x> {
    pub(crate) fn open(
        [positions, normals, tangents]: [Option<Accessor>; 3],
        sources: &mut Sources<'_>,
        scratch: Tagged<'x>,
    ) -> Result<Self, AssetError> {
        let readers =
            [open(positions, sources, scratch)?, open(normals, sources, scratch)?, open(tangents, sources, scratch)?];
        Ok(Self { readers, repaired: 0 })
    }

    /// Reads the next vertices, at most [`BLOCK`], and gives each to `take`.
    pub(crate) fn block(
        &mut self,
        sources: &mut Sources<'_>,
        count: usize,
        mut take: impl FnMut(MorphDelta),
    ) -> Result<(), AssetError> {
        let count = count.min(BLOCK);
        let mut parts = [[[0.0_f32; 3]; BLOCK]; 3];
        for (reader, out) in self.readers.iter_mut().zip(&mut parts) {
            read(reader, sources, [0.0; 3], out.get_mut(..count).unwrap_or_default())?;
        }
        let [positions, normals, tangents] = &mut parts;
        let rows = positions.iter_mut().zip(normals).zip(tangents).take(count);
        for ((position, normal), tangent) in rows {
            let good = finite_or(position, [0.0; 3]) & finite_or(normal, [0.0; 3]) & finite_or(tangent, [0.0; 3]);
            self.repaired += u64::from(!good);
            take(MorphDelta { position: *position, normal: *normal, tangent: *tangent });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_four_joints_stay_and_their_weights_add_up() {
        let mut all = [(0, 0.1), (1, 0.3), (2, 0.05), (3, 0.05), (4, 0.2), (5, 0.3), (6, 0.0), (7, 0.0)];
        let vertex = four(&mut all);
        assert_eq!(vertex.joints, [1, 5, 4, 0]);
        assert_eq!(vertex.weights.iter().map(|weight| u32::from(*weight)).sum::<u32>(), 65535);
        let none = four(&mut [(0, 0.0); 8]);
        assert_eq!((none.joints, none.weights), ([0; 4], [65535, 0, 0, 0]));
    }
}
