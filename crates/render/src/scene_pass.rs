//! The scene pass: culling a scene's instances on the GPU, and drawing what is seen, batch by batch.

use std::cell::OnceCell;

use ash::vk;
use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec3};

use crate::error::RenderError;
use crate::frustum;
use crate::handle::SceneId;
use crate::instances::{Batch, Instances};
use crate::look::ViewMode;
use crate::materials::Coverage;
use crate::meshes::Mesh;
use crate::packet::View;
use crate::passes::MeshKey;
use crate::renderer::{FrameStats, RendererState};
use crate::scene_buffers::PageBatches;
use crate::shaders::{cull, scatter};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::command::Commands;
use crate::vulkan::descriptor::{SetKind, SetLayout};
use crate::vulkan::pipeline::{INSTANCE_INDEX_BYTES, Pipeline, PipelineLayout};
use crate::vulkan::shader::Entry;

/// Words of an indirect draw, with indices; one without has a word less, and a gap behind it.
const DRAW_WORDS: usize = 5;
const DRAW_BYTES: u64 = DRAW_WORDS as u64 * 4;

/// Push constants; mirrors `Cull` in shaders/cull.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct CullConstants {
    planes: [[f32; 4]; 5],
    instance_count: u32,
    padding: [u32; 3],
}

/// Mirrors `Batch` in shaders/cull.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct BatchTable {
    center: [f32; 3],
    first: u32,
    extent: [f32; 3],
    padding: u32,
}

pub(crate) struct ScenePass<'gpu> {
    device: &'gpu Device,
    cull_set: SetLayout<'gpu>,
    cull_layout: PipelineLayout<'gpu>,
    pub(crate) scatter_layout: PipelineLayout<'gpu>,
    cull: OnceCell<Pipeline<'gpu>>,
    scatter: OnceCell<Pipeline<'gpu>>,
}

impl<'gpu> ScenePass<'gpu> {
    /// `buffer_set` is the layout of a set with one storage buffer.
    pub(crate) fn try_new(device: &'gpu Device, buffer_set: &SetLayout<'gpu>) -> Result<ScenePass<'gpu>, RenderError> {
        let compute = vk::ShaderStageFlags::COMPUTE;
        let cull_set = SetLayout::try_new(device, SetKind::Compute(4))?;
        let cull_layout = PipelineLayout::try_new(device, &[&cull_set], compute, size_of::<CullConstants>() as u32)?;
        let scatter_layout = PipelineLayout::try_new(device, &[buffer_set, buffer_set], compute, 8)?;
        let (cull, scatter) = (OnceCell::new(), OnceCell::new());
        Ok(ScenePass { device, cull_set, cull_layout, scatter_layout, cull, scatter })
    }

    pub(crate) fn scatter(&self) -> Result<&Pipeline<'gpu>, RenderError> {
        self.made(&self.scatter, &self.scatter_layout, &scatter::CS_MAIN)
    }

    fn cull(&self) -> Result<&Pipeline<'gpu>, RenderError> {
        self.made(&self.cull, &self.cull_layout, &cull::CS_MAIN)
    }

    fn made<'s>(
        &'s self,
        cell: &'s OnceCell<Pipeline<'gpu>>,
        layout: &PipelineLayout<'gpu>,
        entry: &'static Entry,
    ) -> Result<&'s Pipeline<'gpu>, RenderError> {
        if let Some(pipeline) = cell.get() {
            return Ok(pipeline);
        }
        let pipeline = Pipeline::try_new_compute(self.device, layout, entry)?;
        Ok(cell.get_or_init(|| pipeline))
    }
}

/// Which of a scene's batches are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batches {
    /// Into the view: opaque and masked ones.
    Solid,
    /// Into the view, those whose material began to blend after they were made.
    Blended,
    /// Into the shadow map.
    Casters,
}

impl<'app> RendererState<'app> {
    /// Culls a scene for one camera or light, outside of rendering. What was culled before is forgotten.
    pub(crate) fn cull_scene(
        &mut self,
        instances: &Instances<'_>,
        to_clip: &Mat4,
        commands: Commands<'app>,
    ) -> Result<(), RenderError> {
        let Some(pages) = self.scenes.get(instances.id.key()).map(|scene| scene.pages.len()) else { return Ok(()) };
        if instances.is_listed() {
            return Ok(());
        }
        for page in 0..pages {
            if instances.page_len(page) > 0 {
                self.prepare_batches(instances, page)?;
            }
        }
        let Some(scene) = self.scenes.get(instances.id.key()) else { return Ok(()) };
        let pages = || scene.pages.iter().enumerate().filter_map(|(index, page)| Some((index, page.as_ref()?)));
        commands.guard_work();
        for batches in pages().filter_map(|(_, page)| page.batches.as_ref()) {
            let templates = u64::from(batches.count) * size_of::<BatchTable>() as u64;
            let bytes = u64::from(batches.count) * DRAW_BYTES;
            commands.copy_buffer(&batches.tables, templates, &batches.draws, 0, bytes);
        }
        commands.publish_work();
        commands.bind_compute(self.scene_pass.cull()?);
        let planes = frustum::planes(to_clip).map(|plane| plane.to_array());
        for (index, page) in pages() {
            let Some(batches) = &page.batches else { continue };
            let instance_count = instances.page_len(index);
            commands.bind_compute_set(&self.scene_pass.cull_layout, 0, batches.cull_set);
            let constants = CullConstants { planes, instance_count, padding: [0; 3] };
            commands.push(&self.scene_pass.cull_layout, bytemuck::bytes_of(&constants));
            commands.dispatch(instance_count);
        }
        commands.publish_work();
        Ok(())
    }

    /// Draws what the last culling left. `bind` binds the view with a page's instances.
    pub(crate) fn record_batches(
        &self,
        view: &View<'_>,
        instances: &Instances<'_>,
        which: Batches,
        samples: u32,
        bind: impl Fn(crate::vulkan::descriptor::DescriptorSet),
        stats: &mut FrameStats,
    ) -> Result<(), RenderError> {
        let commands = self.frames.commands();
        let Some(scene) = self.scenes.get(instances.id.key()) else { return Ok(()) };
        let edges = self.gpu.has_wireframe();
        for (page_index, page) in scene.pages.iter().enumerate() {
            let Some(page) = page else { continue };
            let Some(batches) = page.batches.as_ref().filter(|batches| batches.layout == instances.layout) else {
                continue;
            };
            let mut bound_page = false;
            let mut bound_pipeline = None;
            let mut first = 0;
            for (index, Batch { key, counts }) in instances.batches.iter().enumerate() {
                let count = counts[page_index];
                let seen_at = first * u64::from(INSTANCE_INDEX_BYTES);
                first += u64::from(count);
                let (Some(mesh), Some(material)) = (self.mesh(key.mesh), self.look(key.material)) else { continue };
                let pipeline = match which {
                    Batches::Casters => MeshKey::shadow(material.coverage),
                    _ => MeshKey::new(view.mode, material.shading, material.coverage, mesh.topology, samples, edges),
                };
                let blends = if view.mode == ViewMode::Shaded { material.coverage } else { Coverage::Opaque };
                if count == 0 || (blends == Coverage::Blend) != (which == Batches::Blended) {
                    continue;
                }
                if !bound_page {
                    bound_page = true;
                    bind(page.view_sets[self.frames.current()]);
                }
                if bound_pipeline != Some(pipeline) {
                    bound_pipeline = Some(pipeline);
                    commands.bind_pipeline(self.passes.mesh(pipeline)?);
                }
                commands.set_topology(mesh.topology);
                commands.bind_set(&self.passes.mesh_layout, 1, material.set, None);
                commands.set_faces(!material.double_sided, key.mirrored);
                commands.bind_vertices(0, &mesh.buffer, 0, mesh.vertex_bytes);
                let seen_bytes = u64::from(count) * u64::from(INSTANCE_INDEX_BYTES);
                commands.bind_vertices(1, &page.seen, seen_at, seen_bytes);
                let at = index as u64 * DRAW_BYTES;
                match mesh.indices {
                    Some((_, wide, _)) => {
                        commands.bind_indices(&mesh.buffer, 0, wide);
                        commands.draw_indexed_indirect(&batches.draws, at);
                    }
                    None => commands.draw_indirect(&batches.draws, at),
                }
                stats.draw_calls += 1;
            }
        }
        Ok(())
    }

    /// Sees to it that a page's tables are those of the present batches.
    fn prepare_batches(&mut self, instances: &Instances<'_>, page: usize) -> Result<(), RenderError> {
        let key = SceneId::key(instances.id);
        let Some(held) = self.scenes.get(key).and_then(|scene| scene.pages[page].as_ref()) else { return Ok(()) };
        if held.batches.as_ref().is_some_and(|batches| batches.layout == instances.layout) {
            return Ok(());
        }
        let device = self.gpu.device();
        let count = instances.batches.len() as u32;
        let templates = u64::from(count) * size_of::<BatchTable>() as u64;
        let bytes = u64::from(count) * DRAW_BYTES;
        let kinds = [(BufferKind::Ring, templates + bytes), (BufferKind::Work, bytes)];
        let [tables, draws] = kinds.map(|(kind, bytes)| {
            Buffer::try_new(device, kind, bytes.max(DRAW_BYTES), GpuLifetime::Scene, GpuTag::Instances)
        });
        let (mut tables, draws) = (tables?, draws?);
        let (table_bytes, draw_bytes) = tables.bytes_mut().split_at_mut(templates as usize);
        let places = table_bytes.chunks_exact_mut(size_of::<BatchTable>());
        let places = places.zip(draw_bytes.chunks_exact_mut(DRAW_BYTES as usize));
        let mut first = 0;
        for (batch, (table_place, draw_place)) in instances.batches.iter().zip(places) {
            // A mesh that has yet to arrive is left out while recording, not here.
            let mesh = self.meshes.get(batch.key.mesh.key());
            let box_of = mesh.map(|mesh| mesh.bounds).filter(|bounds| bounds.is_finite());
            let (center, extent) = box_of.map_or((Vec3::ZERO, Vec3::NEG_ONE), |bounds| {
                let (min, max) = (Vec3::from(bounds.min), Vec3::from(bounds.max));
                ((min + max) * 0.5, (max - min) * 0.5)
            });
            let table = BatchTable { center: center.to_array(), first, extent: extent.to_array(), padding: 0 };
            table_place.copy_from_slice(bytemuck::bytes_of(&table));
            // Indices are bound from the buffer's beginning: Mesa 22.3's software driver forgets the offset of an
            // index buffer when it draws indirectly.
            let indices = mesh.and_then(|mesh| mesh.indices);
            let first_index = indices.map_or(0, |(offset, wide, _)| offset / if wide { 4 } else { 2 }) as u32;
            let draw: [u32; DRAW_WORDS] = [mesh.map_or(0, Mesh::element_count), 0, first_index, 0, 0];
            draw_place.copy_from_slice(bytemuck::bytes_of(&draw));
            first += batch.counts[page];
        }
        tables.flush(0, templates + bytes)?;
        let cull_set = self.sets.try_allocate(&self.scene_pass.cull_set)?;
        self.sets.write_storage(cull_set, 0, &held.instances);
        for (binding, buffer) in [(1, &tables), (2, &draws), (3, &held.seen)] {
            self.sets.write_storage(cull_set, binding, buffer);
        }
        let fresh = PageBatches { tables, draws, cull_set, layout: instances.layout, count };
        let place = self.scenes.get_mut(key).and_then(|scene| scene.pages[page].as_mut());
        if let Some(old) = place.and_then(|page| page.batches.replace(fresh)) {
            self.retire_batches(old);
        }
        Ok(())
    }
}
