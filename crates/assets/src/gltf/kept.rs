//! The triangles that stay in the scene arena after their vertices went to the device: what a ray can hit.
//!
//! # Invariants
//! 1. Every corner of a kept triangle is smaller than the number of kept positions of its mesh.
//! 2. Where they are too many, none are kept and nothing else changes: picking then hits boxes.

use voltrum_memory::{ArenaVec, MemoryError, Scope, Tag, Tagged};

use super::store::Store;
use crate::LoadLimits;

/// One mesh's positions and triangles, as they are gathered.
pub(crate) struct Kept<'s>(Option<Lists<'s>>);

struct Lists<'s> {
    positions: ArenaVec<'s, [f32; 3]>,
    triangles: ArenaVec<'s, [u32; 3]>,
    /// Where the current primitive's positions begin.
    base: u32,
}

impl<'s> Kept<'s> {
    /// What a primitive takes.
    pub(crate) fn bytes(vertices: usize, triangles: usize) -> usize {
        vertices.saturating_add(triangles).saturating_mul(size_of::<[f32; 3]>())
    }

    /// Room for `bytes` of `meshes` meshes in the scene arena, unless that is more than the limit or than there is.
    pub(crate) fn carve(
        bytes: usize,
        meshes: usize,
        limits: &LoadLimits,
        scene: &Scope<'s>,
        store: &mut Store<'_>,
    ) -> Result<Option<Tagged<'s>>, MemoryError> {
        let room = bytes.saturating_add(meshes.saturating_mul(32)).saturating_add(4096);
        if bytes <= limits.picking_bytes_max
            && let Ok(child) = scene.try_child("triangles", room)
        {
            return Ok(Some(child.into_tagged(Tag::GEOMETRY)));
        }
        if limits.picking_bytes_max == 0 {
            // Nobody wants them.
            return Ok(None);
        }
        store.note(format_args!(
            "there are too many triangles to keep them for picking: objects are picked by their boxes"
        ))?;
        Ok(None)
    }

    /// Lists of exactly this many vertices and triangles, for the next mesh.
    pub(crate) fn open(memory: Option<Tagged<'s>>, vertices: usize, triangles: usize) -> Result<Self, MemoryError> {
        let Some(memory) = memory else {
            return Ok(Self(None));
        };
        let positions = ArenaVec::try_with_capacity_in(vertices, memory)?;
        let triangles = ArenaVec::try_with_capacity_in(triangles, memory)?;
        Ok(Self(Some(Lists { positions, triangles, base: 0 })))
    }

    /// The next primitive of the mesh begins.
    pub(crate) fn begin(&mut self) {
        if let Some(lists) = &mut self.0 {
            lists.base = lists.positions.len() as u32;
        }
    }

    /// A vertex of the current primitive.
    pub(crate) fn position(&mut self, position: [f32; 3]) {
        if let Some(lists) = &mut self.0 {
            // There is room for all; a list that had none would be shorter, which invariant 1 is checked against.
            let _ = lists.positions.try_push(position);
        }
    }

    /// A triangle of the current primitive, as numbers of its vertices.
    pub(crate) fn triangle(&mut self, corners: [u32; 3]) {
        if let Some(lists) = &mut self.0 {
            let _ = lists.triangles.try_push(corners.map(|corner| lists.base.saturating_add(corner)));
        }
    }

    /// What was gathered; nothing when a corner points past the positions.
    pub(crate) fn into_slices(self) -> (&'s [[f32; 3]], &'s [[u32; 3]]) {
        let Some(Lists { positions, triangles, .. }) = self.0 else {
            return (&[], &[]);
        };
        let count = positions.len();
        if triangles.iter().flatten().any(|corner| *corner as usize >= count) {
            return (&[], &[]);
        }
        (positions.into_slice(), triangles.into_slice())
    }
}
