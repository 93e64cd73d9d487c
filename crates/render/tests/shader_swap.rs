//! Other shaders for a renderer that draws: pipelines are made on any thread, and change places all at once or not at all.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod gallery;
mod stage;
mod wgsl;

use ash::vk;
use stage::{LIMITS, perform};
use std::thread;
use voltrum_memory::{Arena, Tag};
use voltrum_render::{
    Driver, GpuConfig, LiveShaders, RenderError, RenderPacket, RendererState, Stub, UploadBatch, gpu, renderer,
};
use wgsl::{Show, UNLIT, edit, folder, read};

#[test]
fn shaders_change_while_frames_are_in_flight_and_in_the_middle_of_one() {
    perform(LIMITS, |renderer, _, scope| {
        let show = Show::new(renderer);
        let built_in = show.picture(renderer, scope);
        let folder = folder();
        let sets = [UNLIT, [UNLIT[1], UNLIT[0]]].map(|[from, to]| {
            edit(&folder, "mesh.wgsl", from, to);
            read(&folder)
        });
        for turn in 0..6 {
            renderer::begin_frame(renderer, [0, 0]).unwrap();
            for set in &sets {
                renderer::draw_frame(renderer, &RenderPacket { views: &[show.view()], ui: None }).unwrap();
                renderer::use_shaders(renderer, Some(set.clone()).filter(|_| turn != 3)).unwrap();
            }
            renderer::end_frame(renderer).unwrap();
        }
        assert!(show.picture(renderer, scope) == built_in, "the last ones say the same");
        renderer::wait_idle(renderer).unwrap();
        assert_eq!(renderer.objects().retired, 0);
    });
}

/// Makes pipelines of other shaders on a thread of their own, while `meanwhile` goes on here.
fn remake<'app>(
    renderer: &mut RendererState<'app>,
    batch: &mut UploadBatch<'app>,
    shaders: &LiveShaders,
    mut meanwhile: impl FnMut(&mut RendererState<'app>),
) -> Result<(), RenderError> {
    let in_use = renderer::pipelines_in_use(renderer);
    thread::scope(|threads| {
        let making = threads.spawn(|| renderer::remake_pipelines(batch, &in_use, Some(shaders.clone())));
        while !making.is_finished() {
            meanwhile(renderer);
        }
        making.join().unwrap()
    })
}

#[test]
fn pipelines_are_made_on_another_thread_while_frames_go_on_and_draw_the_same() {
    perform(LIMITS, |renderer, _, scope| {
        let show = Show::new(renderer);
        let built_in = show.picture(renderer, scope);
        let folder = folder();
        edit(&folder, "mesh.wgsl", UNLIT[0], UNLIT[1]);
        edit(&folder, "grid.wgsl", "vec3<f32>(0.33)", "vec3<f32>(0.5)");
        let others = read(&folder);
        let mut pictures = [const { Vec::new() }; 2];
        for (turn, picture) in pictures.iter_mut().enumerate() {
            let mut batch = renderer.gpu().upload_batch(0);
            remake(renderer, &mut batch, &others, |renderer| {
                assert!(turn > 0 || show.picture(renderer, scope) == built_in);
            })
            .unwrap();
            let expected = if turn == 0 { 2 } else { 0 };
            assert_eq!(renderer::swap_pipelines(renderer, &mut batch).unwrap(), expected);
            assert_eq!(renderer::swap_pipelines(renderer, &mut batch).unwrap(), 0, "they are taken once");
            *picture = show.picture(renderer, scope);
        }
        renderer::use_shaders(renderer, None).unwrap();
        assert!(show.picture(renderer, scope) == built_in);
        renderer::use_shaders(renderer, Some(others)).unwrap();
        let [first, second] = pictures;
        assert!(first != built_in && first == second && first == show.picture(renderer, scope));
    });
}

#[test]
fn a_swap_and_the_frame_after_it_make_no_pipeline() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |renderer| {
        let show = Show::new(renderer);
        show.frame(renderer);
        let mut batch = renderer.gpu().upload_batch(0);
        STUB.watch_pipelines();
        remake(renderer, &mut batch, &others(), |_| ()).unwrap();
        let [here, elsewhere] = STUB.pipelines();
        assert!(here == 0 && elsewhere > 5, "made on another thread: {elsewhere}");
        assert_eq!(renderer::swap_pipelines(renderer, &mut batch).unwrap() as u64, elsewhere);
        show.frame(renderer);
        assert_eq!(STUB.pipelines(), [0, elsewhere]);
        // the next frame frees what was replaced
        renderer::wait_idle(renderer).unwrap();
        assert_eq!(renderer.objects().retired, 0);
    });
}

#[test]
fn pipelines_that_nobody_takes_or_that_are_not_all_that_it_takes_go_and_change_nothing() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |renderer| {
        let (show, gpu) = (Show::new(renderer), renderer.gpu());
        let others = others();
        let mut batch = renderer.gpu().upload_batch(0);
        remake(renderer, &mut batch, &others, |_| ()).unwrap();
        show.frame(renderer);
        renderer::wait_idle(renderer).unwrap();
        let before = gpu.live_objects();
        // what has been drawn for the first time was not made anew
        let outdated = renderer::swap_pipelines(renderer, &mut batch);
        assert!(matches!(outdated, Err(RenderError::PipelinesOutdated)), "{outdated:?}");
        assert_eq!((gpu.live_objects(), renderer.objects().retired), (before, 0));

        remake(renderer, &mut batch, &others, |_| ()).unwrap();
        assert!(gpu.live_objects() > before);
        renderer::submit_uploads(renderer, batch).unwrap();
        show.frame(renderer);
        assert_eq!(gpu.live_objects(), before, "a batch takes along what nobody took out");

        let mut batch = renderer.gpu().upload_batch(0);
        remake(renderer, &mut batch, &others, |_| ()).unwrap();
        assert!(renderer::swap_pipelines(renderer, &mut batch).unwrap() > 5);
    });
}

#[test]
fn memory_that_runs_out_in_a_swap_leaves_the_shaders_that_were() {
    static STUB: Stub = Stub::new();
    let others = others();
    let results = [vk::Result::ERROR_OUT_OF_HOST_MEMORY, vk::Result::ERROR_OUT_OF_DEVICE_MEMORY];
    // of the last, the driver's requests for host memory are refused in place of its calls
    for result in results.map(Some).into_iter().chain([None]) {
        for n in 0.. {
            let plan = || match result {
                Some(result) => STUB.fail_call(n, result),
                None => STUB.faults().fail_host(n),
            };
            let Some(error) = swap_with_fault(&STUB, &others, plan) else {
                assert!(n > 10, "the swap asks for more than {n}");
                break;
            };
            assert!(error.is_gpu_unusable() && error.to_string().contains("vkCreate"), "{error}");
        }
    }
}

/// Draws, changes the shaders with a fault that is planned, draws; what was made of the fault.
fn swap_with_fault(stub: &'static Stub, shaders: &LiveShaders, plan: impl Fn()) -> Option<RenderError> {
    on_stub(stub, |renderer| {
        let (show, gpu) = (Show::new(renderer), renderer.gpu());
        show.frame(renderer);
        renderer::wait_idle(renderer).unwrap();
        let before = gpu.live_objects();
        let mut batch = renderer.gpu().upload_batch(0);
        plan();
        let made = remake(renderer, &mut batch, shaders, |_| ());
        stub.end_faults();
        stub.faults().end();
        if made.is_err() {
            assert_eq!(gpu.live_objects(), before, "what was made before the fault is gone");
        }
        let swapped = renderer::swap_pipelines(renderer, &mut batch).unwrap();
        assert_eq!(swapped == 0, made.is_err());
        show.frame(renderer);
        let again = renderer::use_shaders(renderer, Some(shaders.clone())).unwrap();
        assert_eq!(again > 0, made.is_err(), "a swap that failed is as if it had not been");
        show.frame(renderer);
        renderer::wait_idle(renderer).unwrap();
        assert_eq!((gpu.live_objects(), renderer.objects().retired), (before, 0));
        made.err()
    })
}

/// Shaders that differ from the built-in ones in most that is drawn.
fn others() -> LiveShaders {
    let folder = folder();
    edit(&folder, "parts/tone.wgsl", "vec3<f32>(2.2)", "vec3<f32>(2.3)");
    edit(&folder, "grid.wgsl", "vec3<f32>(0.33)", "vec3<f32>(0.5)");
    edit(&folder, "ui.wgsl", "in.uv) * in.color;", "in.uv);");
    read(&folder)
}

/// A renderer on a stub, of which nothing is left afterwards.
fn on_stub<T>(stub: &'static Stub, play: impl FnOnce(&mut RendererState<'_>) -> T) -> T {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let gpu = gpu::startup(memory, None, &GpuConfig { driver: Driver::Stub(stub), ..GpuConfig::default() }).unwrap();
    let made = play(&mut renderer::startup(memory, &gpu, None, LIMITS).unwrap());
    assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0));
    drop(gpu);
    assert_eq!((stub.live(), stub.device_bytes(), stub.misuses()), (0, 0, 0));
    made
}
