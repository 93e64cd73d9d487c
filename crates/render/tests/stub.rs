//! The stub: start-up, frames and shutdown without a driver, and how many Vulkan calls a frame costs.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_render::{
    Driver, FrameStatus, Gpu, GpuConfig, MaterialDesc, RenderPacket, RendererState, SamplerDesc, Stub, TargetId,
    UiCommand, UiPacket, UiTexture, UiTextureKind, UiTextureUpdate, UiVertex, View, gpu, renderer,
};

/// Opens a renderer on a stub, with a window or without, and sees to it that nothing is left.
fn perform_on(stub: &'static Stub, in_window: bool, play: impl FnOnce(&mut RendererState<'_>, &Gpu, &Scope<'_>)) {
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
            let mut state = renderer::startup(memory, &gpu, shown, LIMITS).unwrap();
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
