//! What is destroyed is freed, what is resized stays whole, and figures return to where they were.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_memory::{Arena, Tag};
use voltrum_render::{
    Background, Gpu, GpuConfig, GpuLifetime, GpuTag, MaterialDesc, RenderError, RendererLimits, RendererState,
    SamplerDesc, View, gpu, renderer,
};

/// Frames until nothing is waiting to be freed.
fn settle(renderer: &mut RendererState<'_>) {
    for _ in 0..4 {
        frame(renderer, &[]);
    }
    assert_eq!(renderer.objects().retired, 0);
}

/// What the driver holds once its threads have put their things away, which they do after they say that they are done.
fn quiet_host_bytes(gpu: &Gpu) -> usize {
    let look = |_| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        gpu.host_heap().live_bytes
    };
    (0..60).map(look).min().unwrap()
}

#[test]
fn destroying_a_scene_returns_memory_objects_and_host_heap_to_their_base() {
    perform(LIMITS, |renderer, gpu, scope| {
        let target = renderer::create_target(renderer, [32, 32], 4, "test").unwrap();
        let mut figures = None;
        for round in 0..12 {
            let square = square(renderer);
            let texture = texture(renderer, [64, 64], &[200; 64 * 64 * 4], SamplerDesc::default());
            let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
            let material = renderer::create_material(renderer, &desc).unwrap();
            assert!(gpu.usage().lifetime(GpuLifetime::Scene) > 0);
            assert!(gpu.usage().tag(GpuTag::Texture).bytes >= 64 * 64 * 4);
            let draws = [draw(square, material)];
            for _ in 0..3 {
                frame(renderer, &[view(target, &draws)]);
            }
            // In the middle of frames in flight.
            renderer::destroy_texture(renderer, texture);
            renderer::destroy_mesh(renderer, square);
            renderer::destroy_material(renderer, material);
            frame(renderer, &[view(target, &draws)]);
            settle(renderer);
            assert_eq!(gpu.usage().lifetime(GpuLifetime::Scene), 0);
            let now = (gpu.usage(), gpu.live_objects(), quiet_host_bytes(gpu));
            // The first round makes samplers and the driver warms up.
            match figures {
                _ if round < 2 => {}
                None => figures = Some(now),
                Some(base) => assert_eq!(now, base, "round {round}"),
            }
        }
        renderer::read_target(renderer, target, scope).unwrap();
    });
}

#[test]
fn a_picture_is_read_some_rows_at_a_time_and_reading_can_end_anywhere() {
    perform(LIMITS, |renderer, gpu, scope| {
        let size = [1024, 300];
        let target = renderer::create_target(renderer, size, 1, "test").unwrap();
        let background = Background::Gradient { top: [1.0, 0.0, 0.0, 1.0], bottom: [0.0, 0.0, 1.0, 1.0] };
        let whole = picture(renderer, View { background, ..view(target, &[]) }, scope);
        let base = gpu.usage().tag(GpuTag::Renderer).bytes;

        let (mut rows, mut most) = (Vec::new(), 0);
        renderer::read_target_rows(renderer, target, |read| {
            assert_eq!(read.rgba.len(), size[0] as usize * read.size[1] as usize * 4);
            rows.extend_from_slice(read.rgba);
            most = most.max(gpu.usage().tag(GpuTag::Renderer).bytes - base);
            Ok::<(), RenderError>(())
        })
        .unwrap();
        assert!(rows == whole.rgba, "the rows are the picture");
        assert!((1..=512 << 10).contains(&most), "{most} bytes");
        assert!(rows[..4] != rows[rows.len() - 4..], "the picture's ends differ");

        let mut times = 0;
        let ended = renderer::read_target_rows(renderer, target, |_| {
            times += 1;
            Err(RenderError::TargetEmpty)
        });
        assert!(matches!(ended, Err(RenderError::TargetEmpty)) && times == 1);
        assert_eq!(gpu.usage().tag(GpuTag::Renderer).bytes, base);
    });
}

#[test]
fn resizing_a_target_keeps_its_handle_and_frees_its_old_images() {
    perform(LIMITS, |renderer, gpu, scope| {
        let target = renderer::create_target(renderer, [32, 32], 4, "test").unwrap();
        picture(renderer, view(target, &[]), scope);
        settle(renderer);
        let base = gpu.usage();
        for size in [[64, 16], [200, 100], [1, 1], [32, 32]] {
            renderer::resize_target(renderer, target, size).unwrap();
            assert!(matches!(renderer::read_target(renderer, target, scope), Err(RenderError::TargetEmpty)));
            assert_eq!(renderer::target_size(renderer, target), Some(size));
            assert_eq!(picture(renderer, view(target, &[]), scope).size, size);
        }
        settle(renderer);
        assert_eq!(gpu.usage(), base);
        let limit = gpu.image_side_max();
        let refused = renderer::resize_target(renderer, target, [limit + 1, 4]);
        assert!(matches!(refused, Err(RenderError::ImageTooLarge { .. })));
        assert!(matches!(renderer::resize_target(renderer, target, [0, 4]), Err(RenderError::ImageEmpty { .. })));
        // Within the limits of each side, and too much in all; a large GPU may well have that much.
        if gpu.is_software() {
            let refused = renderer::resize_target(renderer, target, [limit, limit]);
            assert!(matches!(refused, Err(RenderError::OutOfDeviceMemory { .. })), "{refused:?}");
        }
        assert_eq!(renderer::target_size(renderer, target), Some([32, 32]), "a refused size changes nothing");
        renderer::wait_idle(renderer).unwrap();
        assert_eq!(gpu.usage(), base);
        renderer::read_target(renderer, target, scope).unwrap();
    });
}

#[test]
fn hundreds_of_objects_destroyed_at_once_and_again_within_an_open_frame() {
    let limits = RendererLimits { meshes_max: 700, ..LIMITS };
    perform(limits, |renderer, gpu, _| {
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let make = |renderer: &mut RendererState<'_>| -> Vec<_> { (0..600).map(|_| square(renderer)).collect() };
        for open in [false, true] {
            let meshes = make(renderer);
            frame(renderer, &[view(target, &[])]);
            if open {
                renderer::begin_frame(renderer, [0, 0]).unwrap();
            }
            for mesh in meshes {
                renderer::destroy_mesh(renderer, mesh);
            }
            assert!(renderer.objects().retired >= 600, "nothing was waited for");
            if open {
                renderer::end_frame(renderer).unwrap();
            }
            settle(renderer);
            assert_eq!(gpu.usage().tag(GpuTag::Geometry).bytes, 0);
        }
    });
}

#[test]
fn full_tables_are_errors_with_the_limit_to_raise() {
    let limits = RendererLimits { meshes_max: 1, textures_max: 3, materials_max: 1, targets_max: 1, ..LIMITS };
    perform(limits, |renderer, gpu, _| {
        square(renderer);
        let mut batch = gpu.upload_batch(1 << 20);
        let (vertices, _) = batch.try_buffer(size_of::<voltrum_render::Vertex>() * 3).unwrap();
        let bounds = voltrum_render::Bounds::EVERYTHING;
        let upload =
            voltrum_render::MeshUpload { vertices, vertex_count: 3, bounds, ..voltrum_render::MeshUpload::default() };
        let full = renderer::create_mesh(renderer, &batch, &upload, GpuLifetime::Scene).unwrap_err();
        assert_eq!(
            full.to_string(),
            "the renderer holds 1 meshes and has no room for more; raise `RendererLimits::meshes_max`"
        );
        renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let full = renderer::create_material(renderer, &matt([1.0; 4]));
        assert!(matches!(full, Err(RenderError::LimitReached { field: "materials_max", .. })));
        renderer::create_target(renderer, [4, 4], 1, "test").unwrap();
        let full = renderer::create_target(renderer, [4, 4], 1, "test");
        assert!(matches!(full, Err(RenderError::LimitReached { field: "targets_max", .. })));
    });
}

#[test]
fn descriptor_sets_of_retired_materials_are_waited_for_when_the_pool_runs_dry() {
    let limits = RendererLimits { materials_max: 2, textures_max: 3, targets_max: 1, ..LIMITS };
    perform(limits, |renderer, _, _| {
        let texture = texture(renderer, [1, 1], &[255; 4], SamplerDesc::default());
        let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
        for round in 0..400 {
            if round % 50 == 0 {
                renderer::begin_frame(renderer, [0, 0]).unwrap();
            }
            let material = renderer::create_material(renderer, &desc).unwrap();
            renderer::destroy_material(renderer, material);
            if round % 50 == 25 {
                renderer::end_frame(renderer).unwrap();
            }
        }
    });
}

#[test]
fn steady_frames_take_nothing_from_the_arena_or_the_gpu() {
    perform(LIMITS, |renderer, gpu, scope| {
        let square = square(renderer);
        let material = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let target = renderer::create_target(renderer, [32, 32], 4, "test").unwrap();
        let draws = [draw(square, material)];
        for _ in 0..4 {
            frame(renderer, &[view(target, &draws)]);
        }
        let used = scope.view().used();
        let (usage, objects, heap) = (gpu.usage(), gpu.live_objects(), quiet_host_bytes(gpu));
        for _ in 0..20 {
            frame(renderer, &[view(target, &draws)]);
        }
        assert_eq!((scope.view().used(), gpu.usage(), gpu.live_objects()), (used, usage, objects));
        assert_eq!(quiet_host_bytes(gpu), heap);
    });
}

#[test]
fn a_renderer_can_be_closed_with_work_in_flight_and_opened_again() {
    perform_with_gpu(|gpu, permanent| {
        for _ in 0..3 {
            let memory = permanent.tagged(Tag::RENDERER);
            let mut renderer = renderer::startup(memory, gpu, None, LIMITS).unwrap();
            let target = renderer::create_target(&mut renderer, [256, 256], 4, "test").unwrap();
            square(&mut renderer);
            frame(&mut renderer, &[view(target, &[])]);
            renderer::begin_frame(&mut renderer, [0, 0]).unwrap();
            drop(renderer);
            assert_eq!(gpu.live_objects(), 0);
        }
    });
}

#[test]
fn two_gpus_run_interleaved_on_one_thread() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let open = || gpu::startup(memory, None, &GpuConfig { validation: true, ..GpuConfig::default() }).unwrap();
    let (first, second) = (open(), open());
    let mut left = renderer::startup(memory, &first, None, LIMITS).unwrap();
    let mut right = renderer::startup(memory, &second, None, LIMITS).unwrap();
    let mut scratch = Arena::try_reserve("scratch", 16 << 20).unwrap();
    let scope = scratch.open();
    let (a, b) = (
        renderer::create_target(&mut left, [8, 8], 1, "left").unwrap(),
        renderer::create_target(&mut right, [16, 16], 1, "right").unwrap(),
    );
    for _ in 0..3 {
        renderer::begin_frame(&mut left, [0, 0]).unwrap();
        frame(&mut right, &[view(b, &[])]);
        renderer::draw_frame(&mut left, &voltrum_render::RenderPacket { views: &[view(a, &[])], ui: None }).unwrap();
        renderer::end_frame(&mut left).unwrap();
    }
    assert_eq!(renderer::read_target(&mut left, a, &scope).unwrap().size, [8, 8]);
    assert_eq!(renderer::read_target(&mut right, b, &scope).unwrap().size, [16, 16]);
    let quiet = |gpu: &Gpu| gpu.validation_messages() == 0;
    assert!(quiet(&first) && quiet(&second));
}

#[test]
fn a_batch_of_one_gpu_is_refused_by_the_renderer_of_another() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let open = || gpu::startup(memory, None, &GpuConfig { validation: true, ..GpuConfig::default() }).unwrap();
    let (first, second) = (open(), open());
    let mut renderer = renderer::startup(memory, &first, None, LIMITS).unwrap();
    let mut batch = second.upload_batch(1 << 20);
    let (upload, _) = batch.try_image([2, 2], voltrum_render::ImageFormat::Rgba8Srgb).unwrap();
    let sampler = SamplerDesc::default();
    let made = renderer::create_texture(&mut renderer, &batch, upload, sampler, GpuLifetime::Scene);
    assert!(matches!(made, Err(RenderError::ForeignGpu)));
    assert!(matches!(renderer::submit_uploads(&mut renderer, batch), Err(RenderError::ForeignGpu)));
    assert_eq!(second.live_objects(), 0);
}

#[test]
fn a_forgotten_renderer_leaks_the_device_instead_of_breaking_it() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let gpu = gpu::startup(memory, None, &GpuConfig { validation: true, ..GpuConfig::default() }).unwrap();
    let mut renderer = renderer::startup(memory, &gpu, None, LIMITS).unwrap();
    frame(&mut renderer, &[]);
    std::mem::forget(renderer);
    assert!(gpu.live_objects() > 0);
    assert_eq!(gpu.validation_messages(), 0);
    drop(gpu);
}
