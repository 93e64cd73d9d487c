//! The mesh pass: draw lists become draw calls.

use bytemuck::{Pod, Zeroable};
use glam::Mat4;

use crate::draw_list::Item;
use crate::error::RenderError;
use crate::packet::{Draw, View};
use crate::renderer::{FrameStats, RendererState};
use crate::vulkan::pipeline::INSTANCE_INDEX_BYTES;

/// An object as shaders know it; mirrors `Instance` in shaders/parts/surface.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(crate) struct Instance {
    /// The upper three rows of an affine matrix.
    pub(crate) rows: [[f32; 4]; 3],
    /// sRGB bytes.
    pub(crate) object_color: [u8; 4],
    /// Which of its scene's batches it belongs to.
    pub(crate) batch: u32,
    pub(crate) padding: [u32; 2],
}

/// Bytes of an [`Instance`].
pub(crate) const INSTANCE_BYTES: u64 = size_of::<Instance>() as u64;

/// Where a list's instances lie in the frame's ring.
#[derive(Clone, Copy)]
pub(crate) struct InstancesAt {
    /// In bytes: the list of their indices.
    indices: u64,
    count: u64,
}

impl Instance {
    #[inline]
    pub(crate) fn new(world: &Mat4, object_color: [u8; 4], batch: u32, padding: [u32; 2]) -> Instance {
        let rows = world.transpose();
        let rows = [rows.x_axis.to_array(), rows.y_axis.to_array(), rows.z_axis.to_array()];
        Instance { rows, object_color, batch, padding }
    }
}

impl<'app> RendererState<'app> {
    /// Writes the instances of a list into the ring. `None` where it is full, or the list empty.
    pub(crate) fn push_instances(&mut self, draws: &[Draw], items: &[Item]) -> Option<InstancesAt> {
        let count = items.len() as u64;
        if count == 0 {
            return None;
        }
        let ring = self.frames.ring();
        let (offset, place) = ring.take(count * INSTANCE_BYTES, INSTANCE_BYTES)?;
        for (place, item) in place.chunks_exact_mut(INSTANCE_BYTES as usize).zip(items) {
            let draw = &draws[item.draw as usize];
            let instance = Instance::new(&draw.world, draw.object_color, 0, [0; 2]);
            place.copy_from_slice(bytemuck::bytes_of(&instance));
        }
        let first = (offset / INSTANCE_BYTES) as u32;
        let (indices, place) = ring.take(count * u64::from(INSTANCE_INDEX_BYTES), 4)?;
        for (place, index) in place.chunks_exact_mut(4).zip(first..) {
            place.copy_from_slice(&index.to_ne_bytes());
        }
        Some(InstancesAt { indices, count })
    }

    /// Draws a sorted list; neighbours of one mesh and material go into one instanced draw. The view's set is bound.
    /// `casts` where the shadow map is drawn to.
    pub(crate) fn record_items(
        &mut self,
        view: &View<'_>,
        items: &[Item],
        posed: &[u64],
        at: InstancesAt,
        casts: bool,
        stats: &mut FrameStats,
    ) -> Result<(), RenderError> {
        let commands = self.frames.commands();
        let mut unpaused = 0;
        let bytes = at.count * u64::from(INSTANCE_INDEX_BYTES);
        commands.bind_vertices(1, self.frames.ring().buffer(), at.indices, bytes);
        let slot = self.frames.current();
        let layout = &self.passes.mesh_layout;
        let mut bound_pipeline = None;
        let mut bound_material = None;
        let mut bound_mesh = None;
        let mut bound_topology = None;
        let mut first = 0;
        while first < items.len() {
            let item = &items[first];
            let draw = &view.draws[item.draw as usize];
            let mirrored = item.mirrored;
            let place = posed[item.draw as usize];
            let same = |other: &&Item| {
                let (draw_there, place_there) = (&view.draws[other.draw as usize], posed[other.draw as usize]);
                draw_there.mesh == draw.mesh
                    && draw_there.material == draw.material
                    && place_there == u64::MAX
                    && other.mirrored == mirrored
            };
            let (Some(mesh), Some(material)) = (self.mesh(draw.mesh), self.look(draw.material)) else {
                first += 1;
                continue;
            };
            let (whole, piece) = (mesh.element_count(), self.draw_elements_max(mesh.topology));
            let is_alone = place != u64::MAX || whole > piece;
            let more = if is_alone { 0 } else { items[first + 1..].iter().take_while(same).count() };
            let first_instance = first as u32;
            let count = 1 + more as u32;
            first += count as usize;
            if bound_pipeline != Some(item.pipeline) {
                bound_pipeline = Some(item.pipeline);
                commands.bind_pipeline(self.passes.mesh(&self.shaders, item.pipeline)?);
            }
            if bound_topology != Some(mesh.topology) {
                bound_topology = Some(mesh.topology);
                commands.set_topology(mesh.topology);
            }
            if bound_material != Some((draw.material, mirrored)) {
                bound_material = Some((draw.material, mirrored));
                commands.bind_set(layout, 1, material.set, None);
                commands.set_faces(!material.double_sided, mirrored);
            }
            if bound_mesh != Some((draw.mesh, place)) {
                bound_mesh = Some((draw.mesh, place));
                match self.poses.buffer(slot).filter(|_| place != u64::MAX) {
                    Some(buffer) => commands.bind_vertices(0, buffer, place, mesh.vertex_bytes),
                    None => commands.bind_vertices(0, &mesh.buffer, 0, mesh.vertex_bytes),
                }
                if let Some((offset, wide, _)) = mesh.indices {
                    commands.bind_indices(&mesh.buffer, offset, wide);
                }
            }
            stats.instances += u64::from(count);
            let mut from = 0;
            while from < whole {
                let here = piece.min(whole - from);
                match mesh.indices {
                    Some(_) => commands.draw_indexed(here, from, 0, count, first_instance),
                    None => commands.draw(here, from, count, first_instance),
                }
                from += here;
                stats.draw_calls += 1;
                let triangles = mesh.topology.triangles(here) * u64::from(count);
                stats.triangles += triangles;
                unpaused += triangles;
                self.pause_rendering(view, casts, &mut unpaused);
            }
        }
        Ok(())
    }
}
