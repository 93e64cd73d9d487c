//! A scene's objects on the GPU: pages of instances, and the staging memory that changes go through.
//!
//! # Invariants
//! 1. A staging buffer is written only when no frame in flight reads it; three of them suffice for two frames.
//! 2. An instance is at most once in a staging buffer, so that records can be put in place in any order.

use crate::error::RenderError;
use crate::handle::SceneId;
use crate::mesh_pass::{INSTANCE_BYTES, Instance};
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::command::Commands;
use crate::vulkan::descriptor::DescriptorSet;
use crate::vulkan::frame::FRAMES_IN_FLIGHT;
use crate::vulkan::pipeline::INSTANCE_INDEX_BYTES;

/// Scenes at once: the open one, the next one, and some to spare.
pub(crate) const SCENES_MAX: u32 = 8;
/// Instances on a full page: 64 MiB, half of what every device can bind at once.
pub(crate) const PAGE_INSTANCES: usize = 1 << 20;
pub(crate) const PAGES_MAX: usize = 16;
const PAGE_INSTANCES_MIN: usize = 1 << 10;

const STAGINGS: usize = FRAMES_IN_FLIGHT + 1;
const STAGING_BYTES_MIN: u64 = 64 << 10;
const STAGING_BYTES_MAX: u64 = 32 << 20;
/// Frames after which staging memory that nobody needed is given back.
const IDLE_FRAMES: u32 = 120;

/// Up to [`PAGE_INSTANCES`] instances.
pub(crate) struct Page<'gpu> {
    pub(crate) instances: Buffer<'gpu>,
    /// The places of what a view sees, batch by batch.
    pub(crate) seen: Buffer<'gpu>,
    /// For each frame in flight: its uniforms, these instances.
    pub(crate) view_sets: [DescriptorSet; FRAMES_IN_FLIGHT],
    /// For the compute shader that writes to the page.
    scatter_set: DescriptorSet,
    pub(crate) batches: Option<PageBatches<'gpu>>,
}

/// What culling and drawing a page's batches needs; made anew when batches change.
pub(crate) struct PageBatches<'gpu> {
    /// A table of batches, then the draws as they are before culling.
    pub(crate) tables: Buffer<'gpu>,
    pub(crate) draws: Buffer<'gpu>,
    /// How many of each batch are seen at which depth, then where they go.
    pub(crate) places: Buffer<'gpu>,
    pub(crate) cull_set: DescriptorSet,
    /// Which state of the batches they were made for.
    pub(crate) layout: u64,
    pub(crate) count: u32,
    /// Draws: more than there are batches where these are drawn in slices.
    pub(crate) commands: u32,
}

struct StagingBuffer<'gpu> {
    buffer: Option<Buffer<'gpu>>,
    set: Option<DescriptorSet>,
    /// Records in it.
    used: u32,
    /// A bit for each page that they are for.
    pages: u32,
    /// The submission that reads it.
    serial: u64,
    idle: u32,
}

pub(crate) struct SceneBuffers<'gpu> {
    pub(crate) pages: [Option<Page<'gpu>>; PAGES_MAX],
    stagings: [StagingBuffer<'gpu>; STAGINGS],
    current: usize,
    turn: u32,
}

/// The staging buffer that is being filled.
pub(crate) struct Staging<'s> {
    /// Grows with each staging buffer that is sent off; never 0.
    pub(crate) turn: u32,
    records: &'s mut [Instance],
    used: &'s mut u32,
    pages: &'s mut u32,
}

impl Staging<'_> {
    /// Adds a record; `None` where there is no room.
    pub(crate) fn push(&mut self, record: &Instance) -> Option<u32> {
        let at = *self.used;
        *self.records.get_mut(at as usize)? = *record;
        *self.used += 1;
        *self.pages |= 1 << record.padding[1];
        Some(at)
    }

    /// Changes a record that is in it.
    pub(crate) fn replace(&mut self, at: u32, record: &Instance) {
        if let Some(place) = self.records.get_mut(at as usize) {
            *place = *record;
        }
    }
}

fn work_buffer(device: &Device, bytes: u64) -> Result<Buffer<'_>, RenderError> {
    Buffer::try_new(device, BufferKind::Work, bytes, GpuLifetime::Scene, GpuTag::Instances)
}

fn stale() -> RenderError {
    RenderError::StaleHandle { what: "scene" }
}

/// Destroys what a scene's [`Instances`](crate::Instances) have on the GPU, once the last frame that may draw them is
/// done. A stale handle changes nothing.
pub fn destroy_scene(renderer: &mut RendererState<'_>, id: SceneId) {
    let Some(scene) = renderer.scenes.remove(id.key()) else { return };
    for page in scene.pages.into_iter().flatten() {
        renderer.retire_page(page);
    }
    for staging in scene.stagings {
        if let Some(buffer) = staging.buffer {
            renderer.retire(Garbage::Buffer(buffer));
        }
        if let Some(set) = staging.set {
            renderer.retire(Garbage::Set(set));
        }
    }
}

impl<'app> RendererState<'app> {
    pub(crate) fn create_scene_buffers(&mut self, capacity: usize) -> Result<SceneId, RenderError> {
        let staging = || StagingBuffer { buffer: None, set: None, used: 0, pages: 0, serial: 0, idle: 0 };
        let buffers = SceneBuffers {
            pages: [const { None }; PAGES_MAX],
            stagings: std::array::from_fn(|_| staging()),
            current: 0,
            turn: 1,
        };
        let full = RenderError::LimitReached { what: "scenes", limit: SCENES_MAX, field: "none, it is fixed" };
        let id = self.scenes.try_insert(buffers).map(SceneId::new).map_err(|_| full)?;
        if let Err(error) = self.reserve_instances(id, capacity) {
            destroy_scene(self, id);
            return Err(error);
        }
        Ok(id)
    }

    /// Sees to it that there is room on the GPU for `count` instances.
    pub(crate) fn reserve_instances(&mut self, id: SceneId, count: usize) -> Result<(), RenderError> {
        self.scenes.get(id.key()).ok_or_else(stale)?;
        let mut left = count;
        for index in 0..PAGES_MAX {
            if left == 0 {
                break;
            }
            let wanted = left.min(PAGE_INSTANCES);
            left -= wanted;
            let scene = self.scenes.get(id.key()).ok_or_else(stale)?;
            let held = scene.pages[index].as_ref().map_or(0, |page| page.instances.size() / INSTANCE_BYTES);
            if wanted as u64 > held {
                self.grow_page(id, index, wanted)?;
            }
        }
        Ok(())
    }

    /// The staging buffer that changes go into until the next frame.
    pub(crate) fn stage_records(&mut self, id: SceneId) -> Result<Staging<'_>, RenderError> {
        let scene = self.scenes.get(id.key()).ok_or_else(stale)?;
        let StagingBuffer { serial, used, buffer, .. } = &scene.stagings[scene.current];
        let (serial, used, missing) = (*serial, *used, buffer.is_none());
        if used == 0 {
            self.frames.wait_for(serial)?;
        }
        if missing {
            self.replace_staging(id, STAGING_BYTES_MIN)?;
        }
        let scene = self.scenes.get_mut(id.key()).ok_or_else(stale)?;
        let staging = &mut scene.stagings[scene.current];
        staging.idle = 0;
        let bytes = staging.buffer.as_mut().map_or(&mut [][..], Buffer::bytes_mut);
        // Never misaligned: records are words, and so are the places that buffers are mapped at.
        let records = bytemuck::try_cast_slice_mut(bytes).unwrap_or(&mut []);
        Ok(Staging { turn: scene.turn, records, used: &mut staging.used, pages: &mut staging.pages })
    }

    /// A larger staging buffer; where it is as large as it gets, puts what is in it in place at once.
    pub(crate) fn make_room_for_records(&mut self, id: SceneId) -> Result<(), RenderError> {
        let scene = self.scenes.get(id.key()).ok_or_else(stale)?;
        let held = scene.stagings[scene.current].buffer.as_ref().map_or(0, Buffer::size);
        if held < STAGING_BYTES_MAX {
            return self.replace_staging(id, held * 2);
        }
        self.check_alive()?;
        let begun = self.frames.begin_immediate();
        self.note_loss(begun)?;
        self.record_scatter(id, self.frames.immediate())?;
        let done = self.frames.finish_immediate();
        self.note_loss(done)?;
        // What read it is done, so it is filled again: going on to the next one would make that as large.
        if let Some(scene) = self.scenes.get_mut(id.key()) {
            scene.empty(0);
        }
        Ok(())
    }

    /// Records what puts the changes of all scenes in place, before anything is drawn.
    pub(crate) fn record_scatters(&mut self, commands: Commands<'app>) -> Result<(), RenderError> {
        let mut keys = [None; SCENES_MAX as usize];
        for (place, (key, _)) in keys.iter_mut().zip(self.scenes.iter()) {
            *place = Some(key);
        }
        let serial = self.frames.submitted() + 1;
        for key in keys.into_iter().flatten() {
            let scatters = self.record_scatter(SceneId::new(key), commands)?;
            let Some(scene) = self.scenes.get_mut(key) else { continue };
            if scatters {
                scene.advance(serial);
            }
            let mut garbage = [const { None }; STAGINGS];
            for (staging, garbage) in scene.stagings.iter_mut().zip(&mut garbage) {
                staging.idle = staging.idle.saturating_add(1);
                if staging.idle == IDLE_FRAMES && staging.used == 0 {
                    *garbage = staging.buffer.take().zip(staging.set.take());
                }
            }
            for (buffer, set) in garbage.into_iter().flatten() {
                self.retire(Garbage::Buffer(buffer));
                self.retire(Garbage::Set(set));
            }
        }
        Ok(())
    }

    /// Says whether there was anything to record.
    fn record_scatter(&mut self, id: SceneId, commands: Commands<'app>) -> Result<bool, RenderError> {
        let Some(scene) = self.scenes.get(id.key()) else { return Ok(false) };
        let staging = &scene.stagings[scene.current];
        let (Some(buffer), Some(set), 1..) = (&staging.buffer, staging.set, staging.used) else { return Ok(false) };
        buffer.flush(0, u64::from(staging.used) * INSTANCE_BYTES)?;
        commands.guard_work();
        commands.bind_compute(self.scene_pass.scatter(&self.shaders)?);
        commands.bind_compute_set(&self.scene_pass.scatter_layout, 0, set);
        for (index, page) in scene.pages.iter().enumerate() {
            let Some(page) = page.as_ref().filter(|_| staging.pages >> index & 1 == 1) else { continue };
            commands.bind_compute_set(&self.scene_pass.scatter_layout, 1, page.scatter_set);
            commands.push(&self.scene_pass.scatter_layout, bytemuck::bytes_of(&[staging.used, index as u32]));
            commands.dispatch(staging.used);
        }
        commands.publish_work();
        Ok(true)
    }

    /// Puts a larger staging buffer in the place of the present one, with what is in it. Nobody reads that one: it was
    /// waited for when filling it began.
    fn replace_staging(&mut self, id: SceneId, bytes: u64) -> Result<(), RenderError> {
        let device = self.gpu.device();
        let mut buffer = Buffer::try_new(device, BufferKind::Ring, bytes, GpuLifetime::Scene, GpuTag::Staging)?;
        let set = self.sets.try_allocate(&self.poses.mesh_set)?;
        self.sets.write_storage(set, 0, &buffer);
        let scene = self.scenes.get_mut(id.key()).ok_or_else(stale)?;
        let staging = &mut scene.stagings[scene.current];
        if let Some(old) = &mut staging.buffer {
            let bytes = staging.used as usize * INSTANCE_BYTES as usize;
            buffer.bytes_mut()[..bytes].copy_from_slice(&old.bytes_mut()[..bytes]);
        }
        staging.buffer = Some(buffer);
        if let Some(old) = staging.set.replace(set) {
            self.sets.free(old);
        }
        Ok(())
    }

    fn grow_page(&mut self, id: SceneId, index: usize, wanted: usize) -> Result<(), RenderError> {
        let capacity = wanted.next_power_of_two().clamp(PAGE_INSTANCES_MIN, PAGE_INSTANCES) as u64;
        let device = self.gpu.device();
        let instances = work_buffer(device, capacity * INSTANCE_BYTES)?;
        let seen = work_buffer(device, capacity * u64::from(INSTANCE_INDEX_BYTES))?;
        let scatter_set = self.sets.try_allocate(&self.poses.mesh_set)?;
        self.sets.write_storage(scatter_set, 0, &instances);
        let mut view_sets = [scatter_set; FRAMES_IN_FLIGHT];
        for (slot, set) in view_sets.iter_mut().enumerate() {
            *set = self.sets.try_allocate(&self.passes.view_set)?;
            let range = size_of::<crate::view_uniforms::ViewUniforms>() as u64;
            self.sets.write_view(*set, self.frames.ring_of(slot), range, &instances);
        }
        let page = Page { instances, seen, view_sets, scatter_set, batches: None };
        let old = self.scenes.get_mut(id.key()).ok_or_else(stale)?.pages[index].replace(page);
        let Some(old) = old else { return Ok(()) };
        let begun = self.frames.begin_immediate();
        self.note_loss(begun)?;
        if let Some(page) = self.scenes.get(id.key()).and_then(|scene| scene.pages[index].as_ref()) {
            let commands = self.frames.immediate();
            commands.publish_work();
            commands.copy_buffer(&old.instances, 0, &page.instances, 0, old.instances.size());
            commands.publish_work();
        }
        let copied = self.frames.finish_immediate();
        self.note_loss(copied)?;
        self.retire_page(old);
        Ok(())
    }

    fn retire_page(&mut self, page: Page<'app>) {
        self.retire(Garbage::Buffer(page.instances));
        self.retire(Garbage::Buffer(page.seen));
        self.retire(Garbage::Set(page.scatter_set));
        for set in page.view_sets {
            self.retire(Garbage::Set(set));
        }
        if let Some(batches) = page.batches {
            self.retire_batches(batches);
        }
    }

    pub(crate) fn retire_batches(&mut self, batches: PageBatches<'app>) {
        self.retire(Garbage::Buffer(batches.tables));
        self.retire(Garbage::Buffer(batches.draws));
        self.retire(Garbage::Buffer(batches.places));
        self.retire(Garbage::Set(batches.cull_set));
    }
}

impl SceneBuffers<'_> {
    /// Goes on to the next staging buffer; the present one is read by submission `serial`.
    fn advance(&mut self, serial: u64) {
        self.empty(serial);
        self.current = (self.current + 1) % STAGINGS;
    }

    /// What is in the present staging buffer has been sent off, with submission `serial`.
    fn empty(&mut self, serial: u64) {
        let staging = &mut self.stagings[self.current];
        staging.used = 0;
        staging.pages = 0;
        staging.serial = serial;
        self.turn = self.turn.wrapping_add(1).max(1);
    }
}
