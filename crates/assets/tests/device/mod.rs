//! A device without a window, and pictures of it: what the tests of the systems share.
#![allow(dead_code, reason = "each test program uses its own part of this module")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use voltrum_assets::AssetSystems;
use voltrum_assets::geometry::{self, GeometryLimits};
use voltrum_assets::materials::{self, MaterialLimits};
use voltrum_assets::textures::{self, TextureLimits};
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    Background, Camera, Draw, GpuConfig, Pixels, RenderError, RenderPacket, RendererLimits, RendererState, Sun, View,
    camera, gpu, renderer,
};

/// Starts everything without a window, plays, and checks that nothing is left on the device.
pub(crate) fn perform(play: impl FnOnce(&mut AssetSystems<'_, '_>, &mut RendererState<'_>, &mut Scope<'_>)) {
    perform_with(TextureLimits::default(), play);
}

pub(crate) fn perform_with(
    limits: TextureLimits,
    play: impl FnOnce(&mut AssetSystems<'_, '_>, &mut RendererState<'_>, &mut Scope<'_>),
) {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let permanent = permanent.tagged(Tag::APPLICATION);
    let gpu = match gpu::startup(permanent, None, &GpuConfig::default()) {
        Ok(gpu) => gpu,
        Err(error @ (RenderError::NoLoader | RenderError::NoDevice { .. })) => {
            println!("skipped: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    {
        let mut renderer = renderer::startup(permanent, &gpu, None, RendererLimits::default()).unwrap();
        let mut textures = textures::startup(permanent, &mut renderer, limits).unwrap();
        let mut materials = materials::startup(permanent, &mut renderer, &textures, MaterialLimits::default()).unwrap();
        let mut geometry = geometry::startup(permanent, &mut renderer, GeometryLimits::default()).unwrap();
        let mut systems = AssetSystems { textures: &mut textures, materials: &mut materials, geometry: &mut geometry };
        let mut scene = Arena::try_reserve("scene", 64 << 20).unwrap();
        play(&mut systems, &mut renderer, &mut scene.open());
    }
    assert_eq!((gpu.live_objects(), gpu.usage().used_bytes, gpu.validation_messages()), (0, 0, 0));
}

/// Draws meshes with a lamp from the camera's side, and reads the picture back.
pub(crate) fn picture<'a>(
    renderer: &mut RendererState<'_>,
    draws: &[Draw],
    eye: Vec3,
    target: Vec3,
    scope: &Scope<'a>,
) -> Pixels<'a> {
    posed(renderer, draws, (&[], &[]), [eye, target], scope)
}

/// As [`picture`], with joint matrices.
pub(crate) fn posed<'a>(
    renderer: &mut RendererState<'_>,
    draws: &[Draw],
    (joints, weights): (&[Mat4], &[f32]),
    [eye, target]: [Vec3; 2],
    scope: &Scope<'a>,
) -> Pixels<'a> {
    let screen = renderer::create_target(renderer, [320, 240], 4, "test").unwrap();
    let projection = camera::perspective(0.8, 320.0 / 240.0, 0.01);
    let view = View {
        target: screen,
        camera: Camera::look_at(eye, target, projection),
        sun: Sun { direction: (target - eye).normalize(), color: [1.0; 3], intensity: 3.0 },
        ambient: [0.3; 3],
        background: Background::Color([0.02, 0.02, 0.02, 1.0]),
        grid: false,
        draws,
        joints,
        weights,
        ..View::default()
    };
    renderer::begin_frame(renderer, [0, 0]).unwrap();
    renderer::draw_frame(renderer, &RenderPacket { views: &[view], ui: None }).unwrap();
    renderer::end_frame(renderer).unwrap();
    let pixels = renderer::read_target(renderer, screen, scope).unwrap();
    renderer::destroy_target(renderer, screen);
    pixels
}
