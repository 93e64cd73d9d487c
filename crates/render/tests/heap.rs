//! Heap allocations: none of ours in a steady frame, and nothing on our account while the GPU is open.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_memory::{CountingHeap, Tag, heap_usage};
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    GpuConfig, Instances, Light, LightKind, MaterialDesc, RenderPacket, RendererState, Shadow, UiCommand, UiPacket,
    UiTexture, UiTextureKind, UiTextureUpdate, UiVertex, View, renderer,
};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

fn full_frame(renderer: &mut RendererState<'_>, views: &[View<'_>]) {
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
    let ui = UiPacket {
        display_size: [64.0; 2],
        framebuffer_scale: [1.0; 2],
        vertices: &vertices,
        indices: &[0, 1, 2],
        commands: &[command],
        textures: &[UiTextureUpdate { id: 0, kind, rgba: &[255; 16], row_pitch: 8 }],
    };
    renderer::begin_frame(renderer, [64, 64]).unwrap();
    renderer::draw_frame(renderer, &RenderPacket { views, ui: Some(ui) }).unwrap();
    renderer::end_frame(renderer).unwrap();
}

// Without the test harness, whose threads allocate, too: the counters are the process's.
fn main() {
    a_steady_frame_allocates_nothing_on_the_rust_heap();
    println!("test a_steady_frame_allocates_nothing_on_the_rust_heap ... ok");
}

fn a_steady_frame_allocates_nothing_on_the_rust_heap() {
    let mut arena = voltrum_memory::Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let ours = || heap_usage().unwrap().live_bytes_without(Tag::FOREIGN);
    let before = ours();
    // The validation layer does its own thing on the heap of C++, which is not counted here.
    let gpu =
        voltrum_render::gpu::startup(memory, None, &GpuConfig { validation: false, ..GpuConfig::default() }).unwrap();
    {
        let mut state = renderer::startup(memory, &gpu, None, LIMITS).unwrap();
        let renderer = &mut *state;
        assert_eq!(ours(), before, "starting up charges nothing to us");
        let target = renderer::create_target(renderer, [64, 64], 4, "test").unwrap();
        let cube = cube(renderer);
        let material = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let draws = [draw(cube, material)];
        let glass = MaterialDesc { transmission: 0.5, clearcoat: 1.0, ..MaterialDesc::default() };
        let glass = renderer::create_material(renderer, &glass).unwrap();
        let mut scene_arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20).unwrap();
        let scene = scene_arena.open();
        let mut instances = Instances::try_new(renderer, scene.tagged(Tag::SCENE), 1_000).unwrap();
        let kinds = [material, glass];
        let ids: [_; 64] = std::array::from_fn(|index| {
            let drawn = voltrum_render::Draw { material: kinds[index % 2], ..draws[0] };
            instances.insert(renderer, &drawn).unwrap()
        });
        let lights = [Light { kind: LightKind::Point, ..Light::default() }];
        let shadow = Shadow::Sun { center: Vec3::ZERO, radius: 3.0 };
        let mut turn = 0.0;
        let mut show = |renderer: &mut RendererState<'_>| {
            turn += 0.01;
            let world = Mat4::from_rotation_y(turn);
            instances.set_worlds(renderer, ids.map(|id| (id, &world))).unwrap();
            let shown = View { grid: true, lights: &lights, shadow, ..view(target, &draws) };
            full_frame(renderer, &[View { instances: Some(&instances), ..shown }]);
        };
        for _ in 0..4 {
            show(renderer);
        }
        let warm = heap_usage().unwrap().allocations;
        for _ in 0..100 {
            show(renderer);
        }
        assert_eq!(heap_usage().unwrap().allocations - warm, 0);
        assert_eq!(ours(), before);
        let scratch = renderer.gpu().report(memory).unwrap();
        assert_eq!(scratch.used, scratch.permanent + scratch.scene + scratch.frame);
        assert_eq!(scratch.used, scratch.tags.iter().map(|tag| tag.bytes).sum::<usize>());
    }
    drop(gpu);
    assert_eq!(ours(), before);
}
