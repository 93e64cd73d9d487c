//! The stub: start-up, frames and shutdown without a driver, and how many Vulkan calls a frame costs.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use ash::vk;
use stage::*;
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_render::{
    Driver, FrameStatus, Gpu, GpuConfig, GpuLifetime, GpuTag, ImageFormat, MaterialDesc, RenderError, RenderPacket,
    RendererLimits, RendererState, SamplerDesc, Stub, TargetId, UiCommand, UiPacket, UiTexture, UiTextureKind,
    UiTextureUpdate, UiVertex, View, gpu, renderer,
};

/// Opens a renderer on a stub, with a window or without, and sees to it that nothing is left.
fn perform_on(stub: &'static Stub, in_window: bool, play: impl FnOnce(&mut RendererState<'_>, &Gpu, &Scope<'_>)) {
    perform_with(stub, in_window, LIMITS, play);
}

fn perform_with(
    stub: &'static Stub,
    in_window: bool,
    limits: RendererLimits,
    play: impl FnOnce(&mut RendererState<'_>, &Gpu, &Scope<'_>),
) {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let config = WindowConfig { title: "stub", size: [64, 64], mode: WindowMode::Headless };
    let (_pump, window) = window::open(memory, &config).unwrap();
    let shown = in_window.then_some(&*window);
    {
        let gpu =
            gpu::startup(memory, shown, &GpuConfig { driver: Driver::Stub(stub), ..GpuConfig::default() }).unwrap();
        {
            let mut state = renderer::startup(memory, &gpu, shown, limits).unwrap();
            play(&mut state, &gpu, &permanent);
        }
        assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0));
    }
    assert_eq!((stub.live(), stub.device_bytes()), (0, 0), "the driver's own count");
    assert_eq!(stub.misuses(), 0, "see the log");
}

/// A view, and a UI over it: its texture in the first frame alone.
fn full_frame(renderer: &mut RendererState<'_>, views: &[View<'_>], first: bool) -> FrameStatus {
    let corner = |x, y| UiVertex { position: [x, y], uv: [0.0; 2], color: u32::MAX };
    let vertices = [corner(0.0, 0.0), corner(40.0, 0.0), corner(40.0, 40.0)];
    let command = UiCommand {
        clip: [0.0, 0.0, 64.0, 64.0],
        texture: UiTexture::target(views[0].target),
        first_index: 0,
        index_count: 3,
        vertex_offset: 0,
    };
    let kind = UiTextureKind::Create { size: [2, 2] };
    let update = UiTextureUpdate { id: 0, kind, rgba: &[255; 16], row_pitch: 8 };
    let ui = UiPacket {
        display_size: [64.0; 2],
        framebuffer_scale: [1.0; 2],
        vertices: &vertices,
        indices: &[0, 1, 2],
        commands: &[command],
        textures: if first { std::slice::from_ref(&update) } else { &[] },
    };
    let status = renderer::begin_frame(renderer, [64, 64]).unwrap();
    if status == FrameStatus::Ready {
        renderer::draw_frame(renderer, &RenderPacket { views, ui: Some(ui) }).unwrap();
        renderer::end_frame(renderer).unwrap();
    }
    status
}

/// A textured cube, and where it is drawn.
fn scene(renderer: &mut RendererState<'_>) -> (TargetId, voltrum_render::Draw) {
    let target = renderer::create_target(renderer, [64, 64], 4, "test").unwrap();
    let cube = cube(renderer);
    let texture = texture(renderer, [8, 8], &[200; 8 * 8 * 4], SamplerDesc::default());
    let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..matt([1.0; 4]) };
    (target, draw(cube, renderer::create_material(renderer, &desc).unwrap()))
}

#[test]
fn frames_with_a_mesh_and_the_ui_run_without_a_driver_and_leave_nothing() {
    static STUB: Stub = Stub::new();
    for in_window in [false, true] {
        perform_on(&STUB, in_window, |renderer, gpu, scope| {
            let (target, draw) = scene(renderer);
            let draws = [draw];
            for frame in 0..5 {
                let status = full_frame(renderer, &[view(target, &draws)], frame == 0);
                assert_eq!(status, FrameStatus::Ready);
                assert_eq!(renderer.stats().instances, 1);
            }
            assert!(gpu.device_name().contains("stub") && gpu.host_heap().live_count > 0);
            let pixels = renderer::read_target(renderer, target, scope).unwrap();
            assert_eq!(pixels.at(5, 5), [0; 4], "it draws nothing");
        });
    }
}

#[test]
fn a_device_with_only_what_vulkan_guarantees_is_enough() {
    static STUB: Stub = Stub::bare();
    perform_on(&STUB, true, |renderer, _, _| {
        let (target, draw) = scene(renderer);
        let draws = [draw];
        for frame in 0..3 {
            full_frame(renderer, &[view(target, &draws)], frame == 0);
        }
    });
}

#[test]
fn a_steady_frame_makes_always_the_same_number_of_vulkan_calls_and_allocates_nothing() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, gpu, _| {
        let (target, draw) = scene(renderer);
        let draws = [draw; 100];
        let views = [View { grid: true, ..view(target, &draws) }];
        let mut calls = [0; 12];
        let mut allocations = [0; 12];
        for (frame, (calls, allocations)) in calls.iter_mut().zip(&mut allocations).enumerate() {
            let before = (STUB.calls(), gpu.host_heap().allocations);
            full_frame(renderer, &views, frame == 0);
            *calls = STUB.calls() - before.0;
            *allocations = gpu.host_heap().allocations - before.1;
        }
        assert!(calls[4..].iter().all(|&count| count == calls[4]), "{calls:?}");
        assert!(allocations[4..].iter().all(|&count| count == 0), "{allocations:?}");
        // What it came to when this was written; a call more is a choice, and this is where it is made.
        assert_eq!(calls[4], 49);
    });
}

/// One scene's worth of objects.
fn open_scene(renderer: &mut RendererState<'_>) -> (voltrum_render::TextureId, voltrum_render::Draw) {
    let texture = texture(renderer, [64, 64], &[200; 64 * 64 * 4], SamplerDesc::default());
    let cube = cube(renderer);
    let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..matt([1.0; 4]) };
    (texture, draw(cube, renderer::create_material(renderer, &desc).unwrap()))
}

fn close_scene(renderer: &mut RendererState<'_>, (texture, draw): (voltrum_render::TextureId, voltrum_render::Draw)) {
    renderer::destroy_texture(renderer, texture);
    renderer::destroy_mesh(renderer, draw.mesh);
    renderer::destroy_material(renderer, draw.material);
}

#[test]
fn a_closed_scene_is_freed_when_its_last_frame_is_done_and_nobody_waits_for_the_device() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, gpu, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        full_frame(renderer, &[view(target, &draws)], false);
        let (base, sets) = (gpu.usage(), STUB.sets());
        let (stalls, idles) = (STUB.stalls(), STUB.idles());

        let second = open_scene(renderer);
        let draws = [kept, second.1];
        full_frame(renderer, &[view(target, &draws)], false);
        STUB.hold();
        full_frame(renderer, &[view(target, &draws)], false);
        let whole = gpu.usage();
        assert!(whole.lifetime(GpuLifetime::Scene) > base.lifetime(GpuLifetime::Scene));
        close_scene(renderer, second);
        let draws = [kept];
        // The GPU still has the frame in which the scene was seen: everything stays, and nobody waits.
        full_frame(renderer, &[view(target, &draws)], false);
        assert_eq!(gpu.usage().lifetime(GpuLifetime::Scene), whole.lifetime(GpuLifetime::Scene));
        assert!(renderer.objects().retired > 0);
        assert_eq!((STUB.stalls(), STUB.idles()), (stalls, idles));
        // It is done with it: the next frame finds that out.
        STUB.release();
        full_frame(renderer, &[view(target, &draws)], false);
        assert_eq!((gpu.usage(), STUB.sets()), (base, sets));
        assert_eq!(renderer.objects().retired, 0);
        assert_eq!((STUB.stalls(), STUB.idles()), (stalls, idles));
    });
}

#[test]
fn a_scene_of_many_objects_goes_away_over_a_few_frames_and_nobody_waits() {
    static STUB: Stub = Stub::new();
    let limits = RendererLimits { meshes_max: 4_000, ..LIMITS };
    perform_with(&STUB, true, limits, |renderer, gpu, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        full_frame(renderer, &[view(target, &draws)], false);
        let base = gpu.usage();
        let meshes: Vec<_> = (0..3_500).map(|_| square(renderer)).collect();
        for _ in 0..4 {
            full_frame(renderer, &[view(target, &draws)], false);
        }
        let (stalls, idles, whole) = (STUB.stalls(), STUB.idles(), renderer.objects().retired);
        assert_eq!(whole, 0);
        meshes.into_iter().for_each(|mesh| renderer::destroy_mesh(renderer, mesh));
        let mut left = vec![renderer.objects().retired];
        while left[left.len() - 1] > 0 {
            assert!(left.len() < 10, "{left:?}");
            full_frame(renderer, &[view(target, &draws)], false);
            left.push(renderer.objects().retired);
        }
        assert!(left.windows(2).all(|pair| pair[0] - pair[1] <= 1_024), "{left:?}");
        assert_eq!((gpu.usage(), STUB.stalls(), STUB.idles()), (base, stalls, idles));
    });
}

#[test]
fn a_thousand_scenes_leave_memory_objects_and_sets_as_they_were() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, gpu, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        let mut base = None;
        for round in 0..1_000 {
            let second = open_scene(renderer);
            full_frame(renderer, &[view(target, &[second.1])], round == 0);
            close_scene(renderer, second);
            full_frame(renderer, &[view(target, &draws)], false);
            full_frame(renderer, &[view(target, &draws)], false);
            let now = (gpu.usage(), gpu.live_objects(), STUB.live(), STUB.sets(), gpu.host_heap().live_count);
            if round > 1 {
                assert_eq!(now, *base.get_or_insert(now), "round {round}");
            }
        }
    });
}

#[test]
fn a_storm_of_resizes_ends_with_the_last_size_and_nothing_left() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, gpu, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        let mut base = None;
        for step in 0..2_000_u32 {
            // Every kind of size, none included; the surface changes at other times than the window says so.
            let size = [[1, 1], [640, 480], [0, 200], [16_384, 3], [300, 0], [33, 777], [64, 64]][step as usize % 7];
            STUB.set_surface_size((step % 3 != 0).then_some(size));
            let status = renderer::begin_frame(renderer, size).unwrap();
            if step % 5 == 0 && status == FrameStatus::Ready && size[0] * size[1] > 0 {
                // It changes while a frame is open, and presenting says so.
                STUB.set_surface_size(Some([size[0] + 1, size[1]]));
            }
            assert_eq!(status == FrameStatus::Ready, size[0] * size[1] > 0, "{size:?}");
            if status == FrameStatus::Ready {
                renderer::draw_frame(renderer, &RenderPacket { views: &[view(target, &draws)], ui: None }).unwrap();
                renderer::end_frame(renderer).unwrap();
            }
            if size == [64, 64] {
                let now = (gpu.usage(), gpu.live_objects(), STUB.live());
                assert_eq!(now, *base.get_or_insert(now), "step {step}");
            }
        }
        STUB.set_surface_size(None);
    });
}

#[test]
fn a_swapchain_that_there_is_no_memory_for_is_made_at_the_next_frame() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, gpu, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        full_frame(renderer, &[view(target, &draws)], false);
        let base = gpu.live_objects();
        let calls = ["vkGetPhysicalDeviceSurfaceCapabilitiesKHR", "vkCreateSwapchainKHR", "vkGetSwapchainImagesKHR"];
        for call in calls.into_iter().chain(["vkCreate*", "vkCreateSemaphore", "vkAcquireNextImageKHR"]) {
            for result in [vk::Result::ERROR_OUT_OF_HOST_MEMORY, vk::Result::ERROR_OUT_OF_DEVICE_MEMORY] {
                STUB.fail_next(call, result);
                let refused = renderer::begin_frame(renderer, [100, 80]);
                assert!(STUB.end_faults().is_some(), "{call}");
                assert!(refused.is_err_and(|error| error.is_out_of_memory()), "{call}");
                assert!(!renderer.is_lost());
                assert_eq!(full_frame(renderer, &[view(target, &draws)], false), FrameStatus::Ready, "{call}");
                renderer::wait_idle(renderer).unwrap();
                assert_eq!(gpu.live_objects(), base, "{call}");
            }
        }
    });
}

#[test]
fn a_lost_surface_is_made_anew() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, _, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        for n in 0..2 {
            // Acquiring, then presenting.
            STUB.fail_call(n, vk::Result::ERROR_SURFACE_LOST_KHR);
            for _ in 0..3 {
                assert_eq!(full_frame(renderer, &[view(target, &draws)], false), FrameStatus::Ready);
            }
            assert!(STUB.end_faults().is_some());
        }
    });
}

#[test]
fn a_lost_device_is_one_error_ever_after_and_closes_cleanly() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, _, scope| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        STUB.fail_call(0, vk::Result::ERROR_DEVICE_LOST);
        let lost = |result: Result<(), RenderError>| assert!(matches!(result, Err(RenderError::DeviceLost { .. })));
        lost(renderer::begin_frame(renderer, [64, 64]).map(|_| ()));
        lost(renderer::begin_frame(renderer, [64, 64]).map(|_| ()));
        lost(renderer::read_target(renderer, target, scope).map(|_| ()));
        lost(renderer::wait_idle(renderer));
        let batch = renderer.gpu().upload_batch(1 << 20);
        lost(renderer::submit_uploads(renderer, batch));
        renderer::destroy_mesh(renderer, kept.mesh);
        assert!(STUB.end_faults().is_some());
    });
}

#[test]
fn memory_that_runs_out_in_a_load_is_an_error_and_frames_go_on() {
    static STUB: Stub = Stub::new();
    perform_on(&STUB, true, |renderer, gpu, _| {
        let (target, kept) = scene(renderer);
        let draws = [kept];
        full_frame(renderer, &[view(target, &draws)], true);
        full_frame(renderer, &[view(target, &draws)], false);
        let base = gpu.usage();
        STUB.limit_device_bytes(STUB.device_bytes() + (8 << 20));
        let mut batch = gpu.upload_batch(1 << 30);
        let made = (0..40).try_for_each(|_| {
            let (upload, _) = batch.try_image([2_048; 2], ImageFormat::Rgba8Srgb)?;
            let sampler = SamplerDesc::default();
            renderer::create_texture(renderer, &batch, upload, sampler, GpuLifetime::Scene).map(|_| ())
        });
        assert!(matches!(made, Err(RenderError::OutOfDeviceMemory { .. })), "{made:?}");
        drop(batch);
        STUB.limit_device_bytes(1 << 40);
        for _ in 0..3 {
            assert_eq!(full_frame(renderer, &[view(target, &draws)], false), FrameStatus::Ready);
        }
        assert_eq!(gpu.usage().tag(GpuTag::Staging), base.tag(GpuTag::Staging));
    });
}

#[test]
fn images_of_16384_pixels_and_formats_that_a_device_lacks() {
    static STUB: Stub = Stub::new();
    static BARE: Stub = Stub::bare();
    perform_on(&STUB, false, |renderer, gpu, _| {
        assert_eq!(gpu.image_side_max(), 16_384);
        let mut batch = renderer.gpu().upload_batch(1 << 31);
        let (upload, pixels) = batch.try_image([16_384, 16_384], ImageFormat::Rgba8Srgb).unwrap();
        assert_eq!(pixels.len(), 1 << 30);
        let sampler = SamplerDesc::default();
        renderer::create_texture(renderer, &batch, upload, sampler, GpuLifetime::Scene).unwrap();
        let refused = batch.try_image([16_385, 1], ImageFormat::Rgba8Srgb).map(|_| ());
        assert!(matches!(refused, Err(RenderError::ImageTooLarge { limit: 16_384, .. })));
        renderer::submit_uploads(renderer, batch).unwrap();
        let target = renderer::create_target(renderer, [16_384, 16], 1, "wide").unwrap();
        frame(renderer, &[view(target, &[])]);
    });
    perform_on(&BARE, false, |_, gpu, _| {
        let mut batch = gpu.upload_batch(1 << 24);
        for format in [ImageFormat::Bc1Srgb, ImageFormat::Bc7Unorm, ImageFormat::Rgba32Float] {
            assert!(!gpu.supports(format) && gpu.supports(ImageFormat::Rgba8Srgb));
            let refused = batch.try_image([4, 4], format).map(|_| ());
            assert!(matches!(refused, Err(RenderError::FormatUnsupported { .. })), "{refused:?}");
        }
        let refused = batch.try_image([8_192, 1], ImageFormat::Rgba8Srgb).map(|_| ());
        assert!(matches!(refused, Err(RenderError::ImageTooLarge { limit: 4_096, .. })));
    });
}

#[test]
fn a_device_without_the_depth_format_is_refused_with_the_reason() {
    static STUB: Stub = Stub::new();
    STUB.lack(vk::Format::D32_SFLOAT);
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let config = GpuConfig { driver: Driver::Stub(&STUB), ..GpuConfig::default() };
    let refused = gpu::startup(permanent.tagged(Tag::RENDERER), None, &config).err().unwrap();
    assert!(matches!(refused, RenderError::NoDevice { found: 1, .. }) && refused.is_gpu_unusable(), "{refused}");
    assert!(refused.to_string().contains("32-bit depth"), "{refused}");
    assert_eq!((STUB.live(), STUB.misuses()), (0, 0));
}
