//! The scene pass: culling a scene's instances on the GPU, and drawing what is seen, batch by batch.

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
use crate::pipelines::Pipelines;
use crate::renderer::{FrameStats, RendererState};
use crate::scene_buffers::PageBatches;
use crate::shaders::{Shaders, cull, scatter};
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

/// Depths that a batch is sorted by.
const DEPTHS: u32 = 128;
/// With more batches there is not enough in each to be worth the memory.
const SORTED_BATCHES_MAX: u32 = 4_096;

/// Instances in a draw for a software driver, so that it can be paused between two ([`RendererState::pause_rendering`]).
const SOFTWARE_SLICE: u32 = 2_048;

/// Steps of culling, and what puts changed instances where they belong.
pub(crate) const COMPUTE_ENTRIES: [&Entry; 4] = [&cull::CS_COUNT, &cull::CS_SUM, &cull::CS_PLACE, &scatter::CS_MAIN];
const CULL_STEPS: usize = 3;
/// The step that has a thread for each batch.
const SUM: usize = 1;
const SCATTER: usize = 3;

/// Push constants; mirrors `Cull` in shaders/cull.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct CullConstants {
    planes: [[f32; 4]; 5],
    instance_count: u32,
    batch_count: u32,
    near: f32,
    slice: u32,
    depths: u32,
}

/// Mirrors `Batch` in shaders/cull.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct BatchTable {
    center: [f32; 3],
    first: u32,
    extent: [f32; 3],
    command: u32,
}

pub(crate) struct ScenePass<'gpu> {
    device: &'gpu Device,
    cull_set: SetLayout<'gpu>,
    cull_layout: PipelineLayout<'gpu>,
    pub(crate) scatter_layout: PipelineLayout<'gpu>,
    /// Of [`COMPUTE_ENTRIES`].
    pub(crate) computes: Pipelines<'gpu, { COMPUTE_ENTRIES.len() }>,
}

impl<'gpu> ScenePass<'gpu> {
    /// `buffer_set` is the layout of a set with one storage buffer.
    pub(crate) fn try_new(device: &'gpu Device, buffer_set: &SetLayout<'gpu>) -> Result<ScenePass<'gpu>, RenderError> {
        let compute = vk::ShaderStageFlags::COMPUTE;
        let cull_set = SetLayout::try_new(device, SetKind::Compute(5))?;
        let cull_layout = PipelineLayout::try_new(device, &[&cull_set], compute, size_of::<CullConstants>() as u32)?;
        let scatter_layout = PipelineLayout::try_new(device, &[buffer_set, buffer_set], compute, 8)?;
        Ok(ScenePass { device, cull_set, cull_layout, scatter_layout, computes: Pipelines::new() })
    }

    pub(crate) fn scatter(&self, shaders: &Shaders) -> Result<&Pipeline<'gpu>, RenderError> {
        self.compute(shaders, SCATTER)
    }

    /// The pipeline of one of [`COMPUTE_ENTRIES`].
    pub(crate) fn compute(&self, shaders: &Shaders, index: usize) -> Result<&Pipeline<'gpu>, RenderError> {
        let layout = if index == SCATTER { &self.scatter_layout } else { &self.cull_layout };
        let make = || Pipeline::try_new_compute(self.device, shaders, layout, COMPUTE_ENTRIES[index]);
        self.computes.get_or_make(index, make)
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
        // pages in which something may be seen
        let pages = || {
            let pages = scene.pages.iter().enumerate();
            let batches = pages.filter_map(|(index, page)| Some((index, page.as_ref()?.batches.as_ref()?)));
            batches.filter(|(_, batches)| batches.commands > 0)
        };
        commands.guard_work();
        for (_, batches) in pages() {
            let templates = u64::from(batches.count) * size_of::<BatchTable>() as u64;
            let bytes = u64::from(batches.commands) * DRAW_BYTES;
            commands.copy_buffer(&batches.tables, templates, &batches.draws, 0, bytes);
            commands.zero_buffer(&batches.places);
        }
        commands.publish_work();
        let planes = frustum::planes(to_clip).map(|plane| plane.to_array());
        // Of a camera with perspective: its depth is the near plane's distance over that of what is seen.
        let has_perspective = to_clip.row(3).truncate() != Vec3::ZERO;
        let near = if has_perspective { to_clip.w_axis.z.abs() } else { 0.0 };
        for step in 0..CULL_STEPS {
            commands.bind_compute(self.scene_pass.compute(&self.shaders, step)?);
            for (index, batches) in pages() {
                let (instance_count, batch_count) = (instances.page_len(index), batches.count);
                commands.bind_compute_set(&self.scene_pass.cull_layout, 0, batches.cull_set);
                let (slice, depths) = (self.slice(), depths(batch_count));
                let constants = CullConstants { planes, instance_count, batch_count, near, slice, depths };
                commands.push(&self.scene_pass.cull_layout, bytemuck::bytes_of(&constants));
                commands.dispatch(if step == SUM { batch_count } else { instance_count });
            }
            commands.publish_work();
        }
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
            let (mut first, mut command) = (0, 0);
            let mut unpaused = 0;
            for Batch { key, counts } in &instances.batches {
                let count = counts[page_index];
                let (seen_at, draw_at) = (first * u64::from(INSTANCE_INDEX_BYTES), command * DRAW_BYTES);
                first += u64::from(count);
                command += u64::from(slices(count, self.slice()));
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
                    commands.bind_pipeline(self.passes.mesh(&self.shaders, pipeline)?);
                }
                commands.set_topology(mesh.topology);
                commands.bind_set(&self.passes.mesh_layout, 1, material.set, None);
                commands.set_faces(!material.double_sided, key.mirrored);
                commands.bind_vertices(0, &mesh.buffer, 0, mesh.vertex_bytes);
                if let Some((_, wide, _)) = mesh.indices {
                    commands.bind_indices(&mesh.buffer, 0, wide);
                }
                for slice in 0..slices(count, self.slice()) {
                    let before = slice * self.slice();
                    let here = (count - before).min(self.slice());
                    let [offset, bytes] =
                        [before, here].map(|count| u64::from(count) * u64::from(INSTANCE_INDEX_BYTES));
                    commands.bind_vertices(1, &page.seen, seen_at + offset, bytes);
                    let at = draw_at + u64::from(slice) * DRAW_BYTES;
                    match mesh.indices {
                        Some(_) => commands.draw_indexed_indirect(&batches.draws, at),
                        None => commands.draw_indirect(&batches.draws, at),
                    }
                    stats.draw_calls += 1;
                    unpaused += mesh.triangles() * u64::from(here);
                    self.pause_rendering(view, which == Batches::Casters, &mut unpaused);
                }
            }
        }
        Ok(())
    }

    /// Instances in a draw.
    fn slice(&self) -> u32 {
        if self.gpu.is_software() { SOFTWARE_SLICE } else { u32::MAX }
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
        let slices_of = |batch: &Batch| slices(batch.counts[page], self.slice());
        let draw_count: u32 = instances.batches.iter().map(slices_of).sum();
        let bytes = u64::from(draw_count) * DRAW_BYTES;
        let places = u64::from(count) * u64::from(depths(count)) * 4;
        let kinds = [(BufferKind::Ring, templates + bytes), (BufferKind::Work, bytes), (BufferKind::Work, places)];
        let [tables, draws, places] = kinds.map(|(kind, bytes)| {
            Buffer::try_new(device, kind, bytes.max(DRAW_BYTES), GpuLifetime::Scene, GpuTag::Instances)
        });
        let (mut tables, draws, places) = (tables?, draws?, places?);
        let (table_bytes, draw_bytes) = tables.bytes_mut().split_at_mut(templates as usize);
        let rows = table_bytes.chunks_exact_mut(size_of::<BatchTable>());
        let mut draw_places = draw_bytes.chunks_exact_mut(DRAW_BYTES as usize);
        let (mut first, mut command) = (0, 0);
        for (batch, table_place) in instances.batches.iter().zip(rows) {
            // A mesh that has yet to arrive is left out while recording, not here.
            let mesh = self.meshes.get(batch.key.mesh.key());
            let box_of = mesh.map(|mesh| mesh.bounds).filter(|bounds| bounds.is_finite());
            let (center, extent) = box_of.map_or((Vec3::ZERO, Vec3::NEG_ONE), |bounds| {
                let (min, max) = (Vec3::from(bounds.min), Vec3::from(bounds.max));
                ((min + max) * 0.5, (max - min) * 0.5)
            });
            let table = BatchTable { center: center.to_array(), first, extent: extent.to_array(), command };
            table_place.copy_from_slice(bytemuck::bytes_of(&table));
            // Indices are bound from the buffer's beginning: Mesa 22.3's software driver forgets the offset of an
            // index buffer when it draws indirectly.
            let indices = mesh.and_then(|mesh| mesh.indices);
            let first_index = indices.map_or(0, |(offset, wide, _)| offset / if wide { 4 } else { 2 }) as u32;
            let draw: [u32; DRAW_WORDS] = [mesh.map_or(0, Mesh::element_count), 0, first_index, 0, 0];
            for place in draw_places.by_ref().take(slices_of(batch) as usize) {
                place.copy_from_slice(bytemuck::bytes_of(&draw));
            }
            first += batch.counts[page];
            command += slices_of(batch);
        }
        tables.flush(0, templates + bytes)?;
        let cull_set = self.sets.try_allocate(&self.scene_pass.cull_set)?;
        self.sets.write_storage(cull_set, 0, &held.instances);
        for (binding, buffer) in [(1, &tables), (2, &draws), (3, &held.seen), (4, &places)] {
            self.sets.write_storage(cull_set, binding, buffer);
        }
        let fresh =
            PageBatches { tables, draws, places, cull_set, layout: instances.layout, count, commands: draw_count };
        let place = self.scenes.get_mut(key).and_then(|scene| scene.pages[page].as_mut());
        if let Some(old) = place.and_then(|page| page.batches.replace(fresh)) {
            self.retire_batches(old);
        }
        Ok(())
    }
}

/// Depths that each of so many batches is sorted by.
fn depths(batch_count: u32) -> u32 {
    if batch_count > SORTED_BATCHES_MAX { 1 } else { DEPTHS }
}

/// Draws of so many instances.
fn slices(count: u32, slice: u32) -> u32 {
    count.div_ceil(slice)
}
