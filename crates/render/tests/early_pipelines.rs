//! Pipelines that loads make: no frame makes those of what was loaded, and what they draw is the same.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use std::thread;
use voltrum_memory::{Arena, Tag};
use voltrum_render::glam::Vec3;
use voltrum_render::{
    AlphaMode, Driver, GpuConfig, MaterialDesc, RendererState, Shadow, Stub, Sun, TargetId, UploadBatch, View, gpu,
    renderer,
};

fn on_stub(stub: &'static Stub, play: impl FnOnce(&mut RendererState<'_>)) {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let config = GpuConfig { driver: Driver::Stub(stub), validation: false, ..GpuConfig::default() };
    {
        let gpu = gpu::startup(permanent.tagged(Tag::RENDERER), None, &config).unwrap();
        let mut state = renderer::startup(permanent.tagged(Tag::RENDERER), &gpu, None, LIMITS).unwrap();
        play(&mut state);
    }
    assert_eq!((stub.live(), stub.misuses(), stub.device_bytes()), (0, 0, 0));
}

/// What is lit, what is glass, and what has holes.
fn materials() -> [MaterialDesc; 3] {
    let glass = MaterialDesc { transmission: 0.5, ..matt([1.0; 4]) };
    [matt([1.0, 0.5, 0.2, 1.0]), glass, MaterialDesc { alpha: AlphaMode::Mask(0.5), ..matt([1.0; 4]) }]
}

/// As a loader does it: on another thread.
fn expect(batch: &mut UploadBatch<'_>) {
    thread::scope(|threads| {
        threads.spawn(|| materials().iter().for_each(|desc| batch.expect_material(desc)));
    });
}

/// One frame with a square of each material, in a light that casts shadows.
fn show(renderer: &mut RendererState<'_>, target: TargetId) {
    let square = square(renderer);
    let made = materials().map(|desc| renderer::create_material(renderer, &desc).unwrap());
    let draws = made.map(|material| draw(square, material));
    let sun = Sun { intensity: 1.0, ..Sun::default() };
    let shadow = Shadow::Sun { center: Vec3::ZERO, radius: 2.0 };
    frame(renderer, &[View { sun, shadow, ..view(target, &draws) }]);
    made.into_iter().for_each(|material| renderer::destroy_material(renderer, material));
    renderer::destroy_mesh(renderer, square);
}

#[test]
fn no_frame_makes_a_pipeline_that_a_load_has_made() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |renderer| {
        let target = renderer::create_target(renderer, [64, 64], 4, "test").unwrap();
        STUB.watch_pipelines();
        let mut batch = renderer.gpu().upload_batch(0);
        expect(&mut batch);
        // each for its samples, and two that cast shadows
        assert_eq!(STUB.pipelines(), [0, 5]);
        expect(&mut batch);
        assert_eq!(STUB.pipelines(), [0, 5], "what is there is not made once more");
        renderer::submit_uploads(renderer, batch).unwrap();
        show(renderer, target);
        assert_eq!(STUB.pipelines(), [0, 5]);

        let mut next = renderer.gpu().upload_batch(0);
        expect(&mut next);
        assert_eq!(STUB.pipelines(), [0, 5], "the next load has nothing to make");
    });
}

#[test]
fn what_a_load_made_in_vain_goes_with_it_and_is_made_by_whoever_comes_next() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |renderer| {
        let target = renderer::create_target(renderer, [64, 64], 1, "test").unwrap();
        let before = renderer.gpu().live_objects();
        STUB.watch_pipelines();
        let mut cancelled = renderer.gpu().upload_batch(0);
        expect(&mut cancelled);
        assert!(renderer.gpu().live_objects() > before);
        drop(cancelled);
        assert_eq!(renderer.gpu().live_objects(), before);

        let mut batch = renderer.gpu().upload_batch(0);
        expect(&mut batch);
        assert_eq!(STUB.pipelines(), [0, 10]);
        // meanwhile a frame makes its own
        show(renderer, target);
        assert_eq!(STUB.pipelines(), [5, 10]);
        renderer::submit_uploads(renderer, batch).unwrap();
        show(renderer, target);
        assert_eq!(STUB.pipelines(), [5, 10]);
    });
}

#[test]
fn a_load_that_can_make_none_leaves_them_to_the_frame() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |renderer| {
        let target = renderer::create_target(renderer, [64, 64], 1, "test").unwrap();
        let mut batch = renderer.gpu().upload_batch(0);
        STUB.fail_next("vkCreate*Pipelines", ash::vk::Result::ERROR_OUT_OF_DEVICE_MEMORY);
        batch.expect_material(&materials()[0]);
        assert!(STUB.end_faults().is_some());
        STUB.watch_pipelines();
        renderer::submit_uploads(renderer, batch).unwrap();
        show(renderer, target);
        assert_eq!(STUB.pipelines(), [5, 0]);
    });
}

#[test]
fn what_is_drawn_with_them_is_the_same() {
    let drawn = |expects: bool| {
        let mut rgba = Vec::new();
        perform(LIMITS, |renderer, _, scope| {
            let target = renderer::create_target(renderer, [64, 64], 4, "test").unwrap();
            let mut batch = renderer.gpu().upload_batch(0);
            if expects {
                expect(&mut batch);
            }
            renderer::submit_uploads(renderer, batch).unwrap();
            show(renderer, target);
            rgba = renderer::read_target(renderer, target, scope).unwrap().rgba.to_vec();
        });
        rgba
    };
    let plain = drawn(false);
    assert!(plain.chunks_exact(4).any(|pixel| pixel[..3] != [0, 0, 0]), "something is seen");
    assert!(drawn(true) == plain);
}
