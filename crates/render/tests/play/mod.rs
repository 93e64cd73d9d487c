//! A short life of the renderer, from start-up to close, that goes on after errors as a program would.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of the play")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use voltrum_memory::{Scope, Tag, Tagged};

use voltrum_platform::Window;
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    AlphaMode, Draw, FrameStatus, Gpu, GpuConfig, GpuLifetime, GpuTag, ImageFormat, IndexKind, InstanceId, Instances,
    MaterialDesc, MaterialId, MeshId, MeshUpload, MorphDelta, Pose, RenderError, RenderPacket, RendererState,
    SamplerDesc, Shadow, SkinVertex, TargetId, TextureId, UiCommand, UiPacket, UiTexture, UiTextureKind,
    UiTextureUpdate, UiVertex, Vertex, View, ViewMode, gpu, renderer,
};

use super::stage::{LIMITS, draw, matt, view};

/// Calls whose failure takes a frame's recording along, which leaves the renderer lost.
pub const LOSSES: [&str; 4] = ["vkEndCommandBuffer", "vkQueueSubmit2", "vkResetCommandPool", "vkBeginCommandBuffer"];

/// More than are drawn from a list.
const INSTANCES: usize = 130;

/// What became of a play.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Errors, in order.
    pub errors: Vec<RenderError>,
    /// Whether GPU and renderer started.
    pub started: bool,
    /// Whether the last frames were drawn without an error.
    pub recovered: bool,
    /// Warnings and errors of the validation layer.
    pub messages: u64,
}

impl Outcome {
    /// Takes note of an error.
    fn check<T>(&mut self, result: Result<T, RenderError>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }
}

/// Plays. `memory` is the permanent arena, `scratch` what pictures are read into.
pub fn play(memory: &Scope<'_>, window: Option<&Window>, config: &GpuConfig, scratch: &Scope<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let tagged = memory.tagged(Tag::RENDERER);
    let Some(gpu) = outcome.check(gpu::startup(tagged, window, config)) else { return outcome };
    if let Some(mut state) = outcome.check(renderer::startup(tagged, &gpu, window, LIMITS)) {
        outcome.started = true;
        perform(&mut state, &gpu, window, scratch, &mut outcome);
    }
    outcome.messages = gpu.validation_messages();
    assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0), "leaked after {:?}", outcome.errors);
    outcome
}

/// What a load makes.
struct Scene<'s> {
    instances: Option<(Instances<'s>, Option<InstanceId>)>,
    mesh: MeshId,
    textures: [TextureId; 2],
    materials: [MaterialId; 2],
}

fn load<'app, 's>(
    renderer: &mut RendererState<'app>,
    gpu: &'app Gpu,
    memory: Tagged<'s>,
    outcome: &mut Outcome,
) -> Scene<'s> {
    let mut scene =
        Scene { instances: None, mesh: MeshId::NONE, textures: [TextureId::NONE; 2], materials: [MaterialId::NONE; 2] };
    let mut batch = gpu.upload_batch(4 << 20);
    let corner = |x, y| Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], ..Vertex::default() };
    let vertices = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(0.0, 1.0)];
    let indices: [u16; 3] = [0, 1, 2];
    let mut fill = |bytes: &[u8], outcome: &mut Outcome| {
        let (upload, place) = outcome.check(batch.try_buffer(bytes.len()))?;
        place.copy_from_slice(bytes);
        Some(upload)
    };
    let vertex_upload = fill(bytemuck::cast_slice(&vertices), outcome);
    let index_upload = fill(bytemuck::cast_slice(&indices), outcome);
    let skin = [SkinVertex { joints: [0; 4], weights: [u16::MAX, 0, 0, 0] }; 3];
    let skin = fill(bytemuck::cast_slice(&skin), outcome);
    let morphs = fill(bytemuck::cast_slice(&[MorphDelta::default(); 3]), outcome).map(|deltas| (deltas, 1));
    if let (Some(vertices), Some(indices)) = (vertex_upload, index_upload) {
        let indices = Some((indices, IndexKind::U16, 3));
        let upload = MeshUpload { vertices, vertex_count: 3, indices, skin, morphs, ..MeshUpload::default() };
        let made = renderer::create_mesh(renderer, &batch, &upload, GpuLifetime::Scene);
        scene.mesh = outcome.check(made).unwrap_or(MeshId::NONE);
    }
    // The second takes a chunk of its own.
    for (index, side) in [16_u32, 600].into_iter().enumerate() {
        let taken = batch.try_image([side; 2], ImageFormat::Rgba8Srgb).map(|(upload, pixels)| {
            pixels.fill(200);
            upload
        });
        let Some(upload) = outcome.check(taken) else { continue };
        let reserved = batch.try_reserve();
        outcome.check(reserved);
        let made = renderer::create_texture(renderer, &batch, upload, SamplerDesc::default(), GpuLifetime::Scene);
        scene.textures[index] = outcome.check(made).unwrap_or(TextureId::NONE);
        let alpha = if index == 0 { AlphaMode::Opaque } else { AlphaMode::Blend };
        let desc = MaterialDesc { base_color_texture: Some(scene.textures[index].into()), alpha, ..matt([1.0; 4]) };
        scene.materials[index] = outcome.check(renderer::create_material(renderer, &desc)).unwrap_or(MaterialId::NONE);
    }
    let submitted = renderer::submit_uploads(renderer, batch);
    outcome.check(submitted);
    if let Some(mut instances) = outcome.check(Instances::try_new(renderer, memory, 0)) {
        let id = outcome.check(instances.insert(renderer, &draw(scene.mesh, scene.materials[0])));
        // One that blends is sorted on the CPU; so many are culled on the GPU.
        let others = [1].into_iter().chain([0; INSTANCES]).map(|material| draw(scene.mesh, scene.materials[material]));
        for other in others {
            if outcome.check(instances.insert(renderer, &other)).is_none() {
                break;
            }
        }
        scene.instances = Some((instances, id));
    }
    scene
}

fn unload(renderer: &mut RendererState<'_>, scene: &Scene<'_>) {
    if let Some((instances, _)) = &scene.instances {
        renderer::destroy_scene(renderer, instances.id());
    }
    renderer::destroy_mesh(renderer, scene.mesh);
    for material in scene.materials {
        renderer::destroy_material(renderer, material);
    }
    for texture in scene.textures {
        renderer::destroy_texture(renderer, texture);
    }
}

/// One frame with a view and a UI; `side` is that of a UI texture to make, 0 for none.
fn frame(
    renderer: &mut RendererState<'_>,
    (target, scene, size, side): (TargetId, &mut Scene<'_>, [u32; 2], u32),
) -> Result<FrameStatus, RenderError> {
    let corner = |x, y| UiVertex { position: [x, y], uv: [0.0; 2], color: u32::MAX };
    let vertices = [corner(0.0, 0.0), corner(40.0, 0.0), corner(40.0, 40.0)];
    let command =
        |texture| UiCommand { clip: [0.0, 0.0, 64.0, 64.0], texture, first_index: 0, index_count: 3, vertex_offset: 0 };
    let pixels = [255; 512 * 512 * 4];
    let bytes = (side * side * 4) as usize;
    let kind = UiTextureKind::Create { size: [side; 2] };
    let update = UiTextureUpdate { id: 7, kind, rgba: &pixels[..bytes], row_pitch: side * 4 };
    let commands = scene.textures.map(|texture| command(UiTexture::texture(texture)));
    let ui = UiPacket {
        display_size: [64.0; 2],
        framebuffer_scale: [1.0; 2],
        vertices: &vertices,
        indices: &[0, 1, 2],
        commands: &[command(UiTexture::target(target)), commands[0], commands[1]],
        textures: if side > 0 { std::slice::from_ref(&update) } else { &[] },
    };
    let pose = Pose { joint_count: 1, weight_count: 1, ..Pose::default() };
    let draws = scene.materials.map(|material| Draw { pose, ..draw(scene.mesh, material) });
    if let Some((instances, Some(id))) = &mut scene.instances {
        let moved = instances.set_worlds(renderer, [(*id, &Mat4::from_scale(Vec3::splat(0.5)))]);
        // The unloaded scene's are gone.
        if !matches!(moved, Err(RenderError::StaleHandle { .. })) {
            moved?;
        }
    }
    let views = [View {
        grid: true,
        shadow: Shadow::Sun { center: Vec3::ZERO, radius: 5.0 },
        joints: &[Mat4::IDENTITY],
        weights: &[0.5],
        mode: if side > 0 { ViewMode::Shaded } else { ViewMode::Wireframe },
        instances: scene.instances.as_ref().map(|(instances, _)| instances),
        ..view(target, &draws)
    }];
    let status = renderer::begin_frame(renderer, size)?;
    if status == FrameStatus::Ready {
        let drawn = renderer::draw_frame(renderer, &RenderPacket { views: &views, ui: Some(ui) });
        // A frame that could not be drawn in full is shown as far as it went.
        renderer::end_frame(renderer)?;
        drawn?;
    }
    Ok(status)
}

fn perform<'app>(
    renderer: &mut RendererState<'app>,
    gpu: &'app Gpu,
    window: Option<&Window>,
    scratch: &Scope<'_>,
    outcome: &mut Outcome,
) {
    let target = outcome.check(renderer::create_target(renderer, [64, 64], 4, "play")).unwrap_or(TargetId::NONE);
    let mut scene = load(renderer, gpu, scratch.tagged(Tag::SCENE), outcome);
    // A small texture goes through the ring, a large one through a buffer of its own.
    for side in [2, 400, 0] {
        outcome.check(frame(renderer, (target, &mut scene, [64, 64], side)));
    }
    outcome.check(renderer::resize_target(renderer, target, [100, 50]));
    outcome.check(frame(renderer, (target, &mut scene, [128, 96], 0)));
    let read = renderer::read_target(renderer, target, scratch).map(|_| ());
    outcome.check(read.or_else(ignore_empty));
    if window.is_none() {
        let read = renderer::read_screen(renderer, scratch).map(|_| ());
        outcome.check(read.or_else(ignore_empty));
    }
    // The next scene comes while the first one's frames are in flight; in the middle of a frame, too.
    unload(renderer, &scene);
    let begun = outcome.check(renderer::begin_frame(renderer, [128, 96]));
    let mut scene = load(renderer, gpu, scratch.tagged(Tag::SCENE), outcome);
    if begun == Some(FrameStatus::Ready) {
        outcome.check(renderer::end_frame(renderer));
    }
    outcome.check(frame(renderer, (target, &mut scene, [128, 96], 0)));
    outcome.check(renderer::wait_idle(renderer));
    unload(renderer, &scene);
    // The fault may come as late as here: then the frame after it must be whole.
    for size in [[128, 96], [0, 0], [128, 96], [128, 96]] {
        outcome.recovered = outcome.check(frame(renderer, (target, &mut scene, size, 0))).is_some();
    }
    if !outcome.recovered {
        outcome.recovered = outcome.check(frame(renderer, (target, &mut scene, [128, 96], 0))).is_some();
    }
    if outcome.recovered && outcome.check(renderer::wait_idle(renderer)).is_some() {
        assert_eq!(renderer.objects().retired, 0);
        assert_eq!(gpu.usage().lifetime(GpuLifetime::Scene), 0, "leaked after {:?}", outcome.errors);
        assert_eq!(gpu.usage().tag(GpuTag::Staging).bytes, 0, "leaked after {:?}", outcome.errors);
    }
}

/// A target whose view could not be drawn has no picture.
fn ignore_empty(error: RenderError) -> Result<(), RenderError> {
    if matches!(error, RenderError::TargetEmpty | RenderError::StaleHandle { .. }) { Ok(()) } else { Err(error) }
}
