//! The renderer: what is alive on the GPU, and the frames that draw it.
//!
//! [`startup`], then each frame [`begin_frame`], [`draw_frame`], [`end_frame`]. Objects are named by handles; a stale
//! handle draws nothing or the visible default. Dropping the state waits for the GPU.
//!
//! # Invariants
//! 1. What is destroyed while a frame may still use it is retired, and freed when that frame is done.
//! 2. A frame that could not be submitted leaves the renderer lost: every later call returns the same error.
//! 3. A steady frame allocates nothing on the Rust heap; its scratch is an arena, its GPU memory a ring.

use ash::vk;
use voltrum_memory::{Arena, ArenaBox, Tag, Tagged};
use voltrum_platform::Window;

pub use crate::environments::{create_environment, destroy_environment, try_environment};
pub use crate::figures::{FrameStats, FrameStatus, ObjectCounts};
pub use crate::holdings::{material_textures, mesh_bytes, texture_bytes};
pub use crate::limits::RendererLimits;
pub use crate::materials::{create_material, destroy_material, update_material};
pub use crate::meshes::{create_mesh, destroy_mesh, replace_mesh};
pub use crate::scene_buffers::destroy_scene;
pub use crate::screen::read_screen;
#[cfg(feature = "live-shaders")]
pub use crate::shader_swap::{pipelines_in_use, remake_pipelines, swap_pipelines, use_shaders};
pub use crate::targets::{create_target, destroy_target, read_target, read_target_rows, resize_target, target_size};
pub use crate::textures::{create_texture, destroy_texture};
pub use crate::upload_queue::{finish_uploads, submit_uploads};

use crate::defaults;
use crate::environments::{ENVIRONMENTS_MAX, Environment};
use crate::error::RenderError;
use crate::gpu::Gpu;
use crate::handle::{EnvironmentId, TextureId};
use crate::material_constants::ConstantsPool;
use crate::materials::{self, Material, MaterialDesc, TextureSlot};
use crate::meshes::Mesh;
use crate::packet::RenderPacket;
use crate::passes::Passes;
use crate::poses::Poses;
use crate::retired::{FREED_PER_FRAME, Garbage, Retired};
use crate::scene_buffers::{SCENES_MAX, SceneBuffers};
use crate::scene_pass::ScenePass;
use crate::screen::Screen;
use crate::shaders::Shaders;
use crate::shadow_map::ShadowMap;
use crate::slots::Slots;
use crate::targets::Target;
use crate::textures::Texture;
use crate::ui_pass::UiPass;
use crate::upload_queue::BATCHES_MAX;
use crate::uploads::UploadBatch;
use crate::view_uniforms::ViewUniforms;
use crate::views::SCRATCH_PER_DRAW;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::command::Rendering;
use crate::vulkan::descriptor::{DescriptorPools, DescriptorSet, SetKind, SetLayout};
use crate::vulkan::frame::{Frames, Presentation};
use crate::vulkan::sampler::Samplers;
use crate::vulkan::swapchain::Swapchain;

/// What stands in for what is missing.
pub(crate) struct Defaults {
    pub(crate) checker_set: DescriptorSet,
    pub(crate) white: TextureId,
    pub(crate) checker: TextureId,
    pub(crate) sky: EnvironmentId,
    /// Checkered; what stale and unfinished materials look like.
    pub(crate) material: Option<Material>,
}

/// The renderer's state. Made by [`startup`]; all its calls take it first.
pub struct RendererState<'app> {
    pub(crate) gpu: &'app Gpu,
    pub(crate) limits: RendererLimits,
    pub(crate) textures: Slots<'app, Texture<'app>>,
    pub(crate) meshes: Slots<'app, Mesh<'app>>,
    pub(crate) materials: Slots<'app, Material>,
    pub(crate) targets: Slots<'app, Target<'app>>,
    pub(crate) environments: Slots<'app, Environment<'app>>,
    pub(crate) scenes: Slots<'app, SceneBuffers<'app>>,
    pub(crate) constants: ConstantsPool<'app>,
    /// Grow whenever one of the kind arrives, changes or goes.
    pub(crate) textures_epoch: u64,
    pub(crate) meshes_epoch: u64,
    pub(crate) materials_epoch: u64,
    pub(crate) samplers: Samplers<'app>,
    pub(crate) sets: DescriptorPools<'app>,
    pub(crate) frames: Frames<'app>,
    pub(crate) screen: Option<Screen<'app>>,
    pub(crate) open: bool,
    pub(crate) texture_layout: SetLayout<'app>,
    pub(crate) shaders: Shaders,
    pub(crate) passes: Passes<'app>,
    pub(crate) poses: Poses<'app>,
    pub(crate) scene_pass: ScenePass<'app>,
    pub(crate) shadow_map: ShadowMap<'app>,
    pub(crate) ui: UiPass<'app>,
    pub(crate) defaults: Defaults,
    pub(crate) swapchain: Option<Swapchain<'app>>,
    pub(crate) acquired: Option<u32>,
    pub(crate) acquire_pending: bool,
    pub(crate) presented_drawn: bool,
    pub(crate) window_size: [u32; 2],
    pub(crate) batches: [Option<UploadBatch<'app>>; BATCHES_MAX],
    retired: Retired<'app>,
    scratch: Option<Arena<'app>>,
    pub(crate) stats: FrameStats,
    lost: Option<RenderError>,
}

/// Brings the renderer up inside the permanent arena; with a window, it presents to it. On failure nothing is left
/// open.
///
/// # Errors
/// [`RenderError::OutOfDeviceMemory`], [`RenderError::Memory`], [`RenderError::SurfaceLost`] and what the driver
/// reports.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    gpu: &'app Gpu,
    window: Option<&'app Window>,
    limits: RendererLimits,
) -> Result<ArenaBox<'app, RendererState<'app>>, RenderError> {
    let permanent = permanent.with_tag(Tag::RENDERER);
    let device = gpu.device();
    let texture_layout = SetLayout::try_new(device, SetKind::Texture)?;
    let passes = Passes::try_new(device)?;
    let mut sets = DescriptorPools::new(device);
    let view_bytes = size_of::<ViewUniforms>() as u64;
    let frames = Frames::try_new(device, limits.frame_ring_bytes, &mut sets, &passes.view_set, view_bytes)?;
    let poses = Poses::try_new(device)?;
    let scene_pass = ScenePass::try_new(device, &poses.mesh_set)?;
    let swapchain = match window.filter(|window| gpu.can_present(window)) {
        Some(window) => Some(Swapchain::try_new(device, window)?),
        None => None,
    };
    let screen_format = swapchain.as_ref().map_or(vk::Format::R8G8B8A8_UNORM, Swapchain::format);
    let ui = UiPass::try_new(device, &texture_layout, screen_format)?;
    let checker_set = sets.try_allocate(&texture_layout)?;
    let scratch_bytes = limits.draws_max as usize * SCRATCH_PER_DRAW + (64 << 10);
    let state = RendererState {
        gpu,
        limits,
        textures: Slots::try_new_in(permanent.with_tag(Tag::TEXTURE), limits.textures_max)?,
        meshes: Slots::try_new_in(permanent.with_tag(Tag::GEOMETRY), limits.meshes_max)?,
        materials: Slots::try_new_in(permanent.with_tag(Tag::MATERIAL), limits.materials_max)?,
        targets: Slots::try_new_in(permanent, limits.targets_max)?,
        environments: Slots::try_new_in(permanent, ENVIRONMENTS_MAX)?,
        scenes: Slots::try_new_in(permanent, SCENES_MAX)?,
        // A changed material holds two until the frames with the old one are done; one is the visible default's.
        constants: ConstantsPool::try_new_in(permanent.with_tag(Tag::MATERIAL), limits.materials_max * 2 + 1)?,
        textures_epoch: 1,
        meshes_epoch: 1,
        materials_epoch: 1,
        samplers: Samplers::new(device),
        sets,
        frames,
        screen: None,
        open: false,
        texture_layout,
        shaders: Shaders::default(),
        passes,
        poses,
        scene_pass,
        shadow_map: ShadowMap::try_new(device)?,
        ui,
        defaults: Defaults {
            checker_set,
            white: TextureId::NONE,
            checker: TextureId::NONE,
            sky: EnvironmentId::NONE,
            material: None,
        },
        swapchain,
        acquired: None,
        acquire_pending: false,
        presented_drawn: false,
        window_size: [0, 0],
        batches: [const { None }; BATCHES_MAX],
        retired: Retired::try_new_in(permanent)?,
        scratch: Some(permanent.try_child("renderer scratch", scratch_bytes)?),
        stats: FrameStats::default(),
        lost: None,
    };
    let mut state = permanent.try_alloc_box(state)?;
    let renderer = &mut *state;
    let (made, batch) = defaults::create(renderer)?;
    if let Some(texture) = renderer.textures.get(made.checker.key()) {
        let sampler = renderer.samplers.try_get(texture.sampler)?;
        renderer.sets.write_texture(checker_set, texture.image.view(), sampler);
    }
    renderer.defaults.white = made.white;
    renderer.defaults.checker = made.checker;
    renderer.defaults.sky = made.sky;
    let checkered = Some(TextureSlot::from(made.checker));
    let plain = MaterialDesc { base_color_texture: checkered, double_sided: true, ..MaterialDesc::default() };
    renderer.defaults.material = Some(materials::build(renderer, &plain)?);
    submit_uploads(renderer, batch)?;
    Ok(state)
}

/// Opens a frame: waits for a free slot, frees what is done with, acquires an image of the window. `window_size` is
/// the window's, in pixels; without a window, the size of the screen image.
///
/// # Errors
/// [`RenderError::DeviceLost`], [`RenderError::SurfaceLost`] and what the driver reports. Where memory was out, the next call
/// tries again, for another swapchain, too.
pub fn begin_frame(renderer: &mut RendererState<'_>, window_size: [u32; 2]) -> Result<FrameStatus, RenderError> {
    renderer.check_alive()?;
    if renderer.open {
        return Ok(FrameStatus::Ready);
    }
    renderer.begin(window_size)
}

/// Draws a packet into the open frame.
///
/// # Errors
/// [`RenderError::NoFrame`] where none is open; [`RenderError::UiTexture`] for a texture update that does not add up; what
/// the driver reports. Of several the first: what can be drawn is, and the frame is still to be ended.
pub fn draw_frame(renderer: &mut RendererState<'_>, packet: &RenderPacket<'_>) -> Result<(), RenderError> {
    renderer.check_alive()?;
    if !renderer.open {
        return Err(RenderError::NoFrame);
    }
    renderer.record_uploads(renderer.frames.commands());
    let mut drawn = renderer.record_scatters(renderer.frames.commands());
    renderer.stats = FrameStats::default();
    let slot = renderer.frames.current();
    renderer.poses.clear(slot);
    for view in packet.views {
        // The scratch arena is the frame's; it is out of the state while the state is drawn with.
        let mut scratch = renderer.take_scratch()?;
        drawn = drawn.and(renderer.draw_view(view, &scratch.open()));
        renderer.scratch = Some(scratch);
    }
    if renderer.stats.dropped > 0 {
        tracing::debug!(dropped = renderer.stats.dropped, "draws left out; raise the renderer's limits");
    }
    match &packet.ui {
        Some(ui) => drawn.and(renderer.draw_ui(ui)),
        None => drawn,
    }
}

/// Closes the frame, hands it to the GPU and presents it.
///
/// # Errors
/// [`RenderError::NoFrame`] where none is open, [`RenderError::DeviceLost`], [`RenderError::SurfaceLost`].
pub fn end_frame(renderer: &mut RendererState<'_>) -> Result<(), RenderError> {
    renderer.check_alive()?;
    if !renderer.open {
        return Err(RenderError::NoFrame);
    }
    renderer.end()
}

/// Blocks until the GPU has finished, and frees all that waited for it.
///
/// # Errors
/// What the driver reports.
pub fn wait_idle(renderer: &mut RendererState<'_>) -> Result<(), RenderError> {
    renderer.check_alive()?;
    renderer.flush_open_frame()?;
    let result = renderer.settle();
    renderer.note_device_loss(result)
}

impl<'app> RendererState<'app> {
    /// What the last frame drew.
    pub fn stats(&self) -> FrameStats {
        self.stats
    }

    /// Whether nothing can be drawn any more: the device was lost, or a frame that could not be submitted. Every call says so.
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Whether the device was lost: nothing can be drawn any more, every call says so.
    pub fn is_device_lost(&self) -> bool {
        matches!(self.lost, Some(RenderError::DeviceLost { .. }))
    }

    /// What is alive.
    pub fn objects(&self) -> ObjectCounts {
        ObjectCounts {
            textures: self.textures.len(),
            meshes: self.meshes.len(),
            materials: self.materials.len(),
            targets: self.targets.len(),
            retired: self.retired.len(),
        }
    }

    /// The most bytes that a frame has taken from its ring, of `RendererLimits::frame_ring_bytes`.
    pub fn ring_peak_bytes(&self) -> u64 {
        self.frames.ring_peak()
    }

    /// The GPU that it draws with.
    pub fn gpu(&self) -> &'app Gpu {
        self.gpu
    }

    /// One white texel, for whoever draws plain colours.
    pub fn white_texture(&self) -> TextureId {
        self.defaults.white
    }

    /// The texture that stands in for missing ones.
    pub fn checker_texture(&self) -> TextureId {
        self.defaults.checker
    }

    pub(crate) fn check_alive(&self) -> Result<(), RenderError> {
        self.lost.clone().map_or(Ok(()), Err)
    }

    /// Keeps garbage until the frames that may use it are done.
    pub(crate) fn retire(&mut self, garbage: Garbage<'app>) {
        if self.retired.try_reserve().is_err() {
            // The arena is full: wait, and what waited goes. If the wait fails the device is lost, and idle enough.
            let result = self.flush_open_frame().and_then(|()| self.settle());
            if let Err(error) = result {
                self.lost.get_or_insert(error);
                let _ = self.gpu.device().wait_idle();
                self.retired.collect(u64::MAX, usize::MAX, &mut self.sets, &mut self.constants);
            }
        }
        let serial = self.frames.submitted() + u64::from(self.open);
        self.retired.push(serial, garbage);
    }

    /// A set for a texture and its sampler.
    pub(crate) fn allocate_texture_set(&mut self) -> Result<DescriptorSet, RenderError> {
        self.sets.try_allocate(&self.texture_layout)
    }

    /// A set of one of the passes' layouts.
    pub(crate) fn allocate_set(
        &mut self,
        layout: impl for<'p> Fn(&'p Passes<'app>) -> &'p SetLayout<'app>,
    ) -> Result<DescriptorSet, RenderError> {
        self.sets.try_allocate(layout(&self.passes))
    }

    /// Submits what an open frame has recorded so far, waits for it, and goes on in the same frame.
    pub(crate) fn flush_open_frame(&mut self) -> Result<(), RenderError> {
        if !self.open {
            return Ok(());
        }
        // The image of the window may be among what has been drawn to.
        let presentation = Presentation { acquired: self.take_acquire_wait(), finished: None };
        let result = self.frames.flush(presentation);
        self.note_loss(result)
    }

    /// The semaphore of the acquired image, for the first submission that may draw to it.
    fn take_acquire_wait(&mut self) -> Option<vk::Semaphore> {
        let pending = std::mem::take(&mut self.acquire_pending);
        pending.then(|| self.frames.acquired())
    }

    /// After this the GPU is done and everything retired is freed.
    pub(crate) fn settle(&mut self) -> Result<(), RenderError> {
        self.frames.wait_for_all()?;
        self.collect(usize::MAX)
    }

    /// Frees what the GPU is done with, up to `most` of it.
    pub(crate) fn collect(&mut self, most: usize) -> Result<(), RenderError> {
        let completed = self.frames.completed()?;
        self.retired.collect(completed, most, &mut self.sets, &mut self.constants);
        Ok(())
    }

    /// Remembers a failure after which no frame can be drawn (invariant 2).
    pub(crate) fn note_loss<T>(&mut self, result: Result<T, RenderError>) -> Result<T, RenderError> {
        if let Err(error) = &result {
            tracing::error!("{error}");
            self.lost.get_or_insert(error.clone());
        }
        result
    }

    /// As [`RendererState::note_loss`], where other failures leave everything as it was.
    pub(crate) fn note_device_loss<T>(&mut self, result: Result<T, RenderError>) -> Result<T, RenderError> {
        if matches!(result, Err(RenderError::DeviceLost { .. })) { self.note_loss(result) } else { result }
    }

    fn begin(&mut self, window_size: [u32; 2]) -> Result<FrameStatus, RenderError> {
        let waited = self.frames.wait_for_slot().and_then(|()| self.collect(FREED_PER_FRAME));
        self.note_device_loss(waited)?;
        self.window_size = window_size;
        if !self.acquire()? {
            return Ok(FrameStatus::Skip);
        }
        let begun = self.frames.begin();
        self.note_device_loss(begun)?;
        self.open = true;
        self.presented_drawn = false;
        Ok(FrameStatus::Ready)
    }

    fn end(&mut self) -> Result<(), RenderError> {
        let commands = self.frames.commands();
        self.record_uploads(commands);
        let mut presentation = Presentation::default();
        if let (Some(swapchain), Some(index)) = (&self.swapchain, self.acquired) {
            if !self.presented_drawn {
                commands.transition_raw(swapchain.image(index), ImageUse::Acquired, ImageUse::ColorAttachment, 0..1);
                commands.begin_rendering(&Rendering {
                    color: Some(swapchain.view(index)),
                    resolve: None,
                    depth: None,
                    clear: Some([0.0, 0.0, 0.0, 1.0]),
                    size: swapchain.size(),
                    ..Rendering::default()
                });
                commands.end_rendering();
            }
            commands.transition_raw(swapchain.image(index), ImageUse::ColorAttachment, ImageUse::Present, 0..1);
            presentation.finished = swapchain.finished(index);
        }
        presentation.acquired = self.take_acquire_wait();
        let submitted = self.frames.submit(presentation);
        self.note_loss(submitted)?;
        self.open = false;
        if let (Some(swapchain), Some(index)) = (&mut self.swapchain, self.acquired.take()) {
            let presented = swapchain.present(index);
            self.note_device_loss(presented)?;
        }
        Ok(())
    }

    fn take_scratch(&mut self) -> Result<Arena<'app>, RenderError> {
        self.scratch.take().ok_or(RenderError::NoFrame)
    }
}

impl Drop for RendererState<'_> {
    fn drop(&mut self) {
        // Everything below frees itself and must not be in use (invariant 1 of `vulkan`). A lost device is idle enough.
        if let Err(error) = self.gpu.device().wait_idle() {
            tracing::error!("closing the renderer: {error}");
        }
    }
}
