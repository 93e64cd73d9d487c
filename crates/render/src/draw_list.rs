//! Draw lists: what of a view's draws is seen, in the order in which it is drawn.

use glam::{Mat4, Vec3};
use voltrum_memory::{ArenaVec, MemoryError};

use crate::frustum;
use crate::handle::{MaterialId, MeshId};
use crate::materials::{Coverage, Material};
use crate::meshes::Mesh;
use crate::packet::{Draw, View};
use crate::passes::MeshKey;
use crate::renderer::{FrameStats, RendererState};
use crate::vertex::Bounds;

/// A draw that is neither stale nor out of sight.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    /// What it is sorted by.
    key: u64,
    /// Behind that, of solid surfaces: nearer first, so that what is hidden isn't shaded.
    depth: u32,
    pub(crate) draw: u32,
    pub(crate) pipeline: MeshKey,
    /// Whether what was in front is behind, and its corners run the other way.
    pub(crate) mirrored: bool,
}

/// A view's lists.
pub(crate) struct DrawLists<'s> {
    /// Opaque and masked surfaces, sorted by state.
    pub(crate) solid: ArenaVec<'s, Item>,
    /// Blended ones, from back to front.
    pub(crate) blended: ArenaVec<'s, Item>,
    /// What casts a shadow, sorted by state.
    pub(crate) casters: ArenaVec<'s, Item>,
}

impl RendererState<'_> {
    pub(crate) fn mesh(&self, id: MeshId) -> Option<&Mesh<'_>> {
        self.meshes.get(id.key()).filter(|mesh| mesh.is_ready())
    }

    /// A material, or the visible default where it is stale or lacks a texture.
    pub(crate) fn look(&self, id: MaterialId) -> Option<&Material> {
        let texture = |id: crate::handle::TextureId| self.textures.get(id.key());
        let own = self.materials.get(id.key());
        own.filter(|material| material.is_complete(self.textures_epoch, texture)).or(self.defaults.material.as_ref())
    }
}

/// Culls and sorts a view's draws. `posed` has a place for each, `u64::MAX` where it is at rest.
pub(crate) fn gather(
    renderer: &RendererState<'_>,
    view: &View<'_>,
    samples: u32,
    posed: &[u64],
    to_shadow: Option<&Mat4>,
    lists: &mut DrawLists<'_>,
    stats: &mut FrameStats,
) -> Result<(), MemoryError> {
    let to_clip = view.camera.view_projection();
    let edges = renderer.gpu.has_wireframe();
    stats.dropped += (view.draws.len() - posed.len()) as u64;
    for (index, (draw, &place)) in view.draws.iter().zip(posed).enumerate() {
        let Some(mesh) = renderer.mesh(draw.mesh) else { continue };
        let Some(material) = renderer.look(draw.material) else { continue };
        let is_posed = place != u64::MAX;
        let bounds = if is_posed { posed_bounds(view, draw, mesh) } else { mesh.bounds };
        let mirrored = is_mirrored(&draw.world) != (is_posed && is_mirrored_by_joints(view, draw));
        let casts = |to_shadow: &Mat4| frustum::may_be_visible(&bounds, &(*to_shadow * draw.world));
        if material.coverage != Coverage::Blend && to_shadow.is_some_and(casts) {
            let pipeline = MeshKey::shadow(material.coverage);
            let key = state_key(pipeline, mirrored, draw, place);
            lists.casters.try_push(Item { key, depth: 0, draw: index as u32, pipeline, mirrored })?;
        }
        if !frustum::may_be_visible(&bounds, &(to_clip * draw.world)) {
            stats.culled += 1;
            continue;
        }
        let pipeline = MeshKey::new(view.mode, material.shading, material.coverage, mesh.topology, samples, edges);
        // Bits of floats that are not negative sort like the floats.
        let place_there = draw.world.transform_point3(center(&bounds));
        let depth = (-view.camera.view.transform_point3(place_there).z).max(0.0).to_bits();
        if pipeline.coverage == Coverage::Blend {
            // Farther first.
            let key = u64::from(!depth) << 32 | index as u64;
            lists.blended.try_push(Item { key, depth, draw: index as u32, pipeline, mirrored })?;
        } else {
            let key = state_key(pipeline, mirrored, draw, place);
            lists.solid.try_push(Item { key, depth, draw: index as u32, pipeline, mirrored })?;
        }
    }
    lists.solid.sort_unstable_by_key(|item| (item.key, item.depth, item.draw));
    lists.blended.sort_unstable_by_key(|item| item.key);
    lists.casters.sort_unstable_by_key(|item| (item.key, item.draw));
    Ok(())
}

/// Neighbours in this order share as much state as possible.
fn state_key(pipeline: MeshKey, mirrored: bool, draw: &Draw, place: u64) -> u64 {
    let mirrored = u64::from(mirrored);
    let material = u64::from(draw.material.index() & 0x3FF_FFFF);
    let mesh = u64::from(draw.mesh.index() & 0x7FF_FFFF);
    let posed = u64::from(place != u64::MAX);
    (pipeline.index() as u64) << 55 | mirrored << 54 | material << 28 | mesh << 1 | posed
}

/// The box around a posed mesh, before `Draw::world`. A skinned vertex lies between the places where its joints would
/// put it; where morph targets would, nobody knows.
fn posed_bounds(view: &View<'_>, draw: &Draw, mesh: &Mesh<'_>) -> Bounds {
    let pose = draw.pose;
    if mesh.morphs.is_some() && pose.weight_count > 0 || !mesh.bounds.is_finite() {
        return Bounds::EVERYTHING;
    }
    let joints = &view.joints[pose.first_joint as usize..][..pose.joint_count as usize];
    let corners = joints.iter().flat_map(|joint| {
        let Bounds { min, max } = mesh.bounds;
        (0..8).map(move |corner| {
            let pick = |axis: usize| if corner >> axis & 1 == 0 { min[axis] } else { max[axis] };
            joint.transform_point3(Vec3::new(pick(0), pick(1), pick(2))).to_array()
        })
    });
    Bounds::around(corners)
}

fn center(bounds: &Bounds) -> Vec3 {
    if bounds.is_finite() { (Vec3::from(bounds.min) + Vec3::from(bounds.max)) * 0.5 } else { Vec3::ZERO }
}

/// A skeleton mirrors as a whole: its first joint says whether it does.
fn is_mirrored_by_joints(view: &View<'_>, draw: &Draw) -> bool {
    draw.pose.joint_count > 0 && view.joints.get(draw.pose.first_joint as usize).is_some_and(is_mirrored)
}

pub(crate) fn is_mirrored(world: &Mat4) -> bool {
    world.x_axis.truncate().cross(world.y_axis.truncate()).dot(world.z_axis.truncate()) < 0.0
}
