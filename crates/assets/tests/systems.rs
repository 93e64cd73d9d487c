//! Textures, materials and meshes on a real device: counted, released with what they hold, and visible when they failed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

mod model;

use model::Model;
use voltrum_assets::geometry::{self, GeometryLimits, GeometryState, MeshHandle};
use voltrum_assets::materials::{self, MaterialHandle, MaterialLimits, MaterialState, Surface};
use voltrum_assets::textures::{self, TextureHandle, TextureLimits, TextureState};
use voltrum_assets::{AssetError, AssetSystems, Loading, Progress, Slot, StagedScene, gltf, instantiate, release};
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_render::glam::Vec3;
use voltrum_render::{
    Background, Camera, Draw, GpuConfig, GpuLifetime, Pixels, RenderError, RenderPacket, RendererLimits, RendererState,
    Sun, UploadBatch, View, camera, gpu, renderer,
};

/// Starts everything without a window, plays, and checks that nothing is left on the device.
fn perform(play: impl FnOnce(&mut AssetSystems<'_, '_>, &mut RendererState<'_>, &mut Scope<'_>)) {
    perform_with(TextureLimits::default(), play);
}

fn perform_with(
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

/// Loads the triangle model into `scene` and a batch.
fn stage<'s>(scene: &Scope<'s>, batch: &mut UploadBatch<'_>) -> StagedScene<'s> {
    let folder = tempfile::tempdir().unwrap();
    let path = Model::triangle().write_glb(folder.path());
    let progress = Progress::new();
    gltf::load(&path, scene, &mut Loading::new(batch, &progress)).unwrap()
}

fn counts(systems: &AssetSystems<'_, '_>) -> [usize; 3] {
    [textures::count(systems.textures), materials::count(systems.materials), geometry::count(systems.geometry)]
}

#[test]
fn a_staged_scene_is_instantiated_and_released_without_a_trace() {
    perform(|systems, renderer, scene| {
        let base = renderer.objects();
        for _ in 0..3 {
            let scene = scene.temp();
            let mut batch = renderer.gpu().upload_batch(16 << 20);
            let staged = stage(&scene, &mut batch);
            let memory = scene.tagged(Tag::SCENE);
            let assets = instantiate(systems, renderer, &batch, &staged, memory).unwrap();
            renderer::submit_uploads(renderer, batch).unwrap();
            assert_eq!(counts(systems), [1, 1, 1]);
            assert_eq!(textures::references(systems.textures, assets.textures[0]), 2, "the scene and the material");
            assert_eq!(textures::info(systems.textures, assets.textures[0]).unwrap().size, [2, 2]);
            assert_eq!(assets.primitives[0].material, assets.materials[0]);
            let mesh = geometry::info(systems.geometry, assets.primitives[0].mesh).unwrap();
            assert_eq!((mesh.vertex_count, mesh.index_count), (3, 3));
            release(systems, renderer, &assets);
            release(systems, renderer, &assets);
            assert_eq!(counts(systems), [0, 0, 0]);
            renderer::wait_idle(renderer).unwrap();
            assert_eq!(renderer.objects(), base);
        }
    });
}

#[test]
fn a_scene_that_does_not_fit_leaves_nothing_behind() {
    perform_with(TextureLimits { textures_max: 1 }, |systems, renderer, scene| {
        let mut batch = renderer.gpu().upload_batch(16 << 20);
        let staged = stage(scene, &mut batch);
        let error = instantiate(systems, renderer, &batch, &staged, scene.tagged(Tag::SCENE)).unwrap_err();
        assert!(matches!(error, AssetError::Full { what: "texture", capacity: 1, .. }), "{error}");
        assert_eq!(counts(systems), [0, 0, 0]);
    });
}

#[test]
fn a_material_keeps_its_texture_until_it_goes() {
    perform(|systems, renderer, _| {
        let mut batch = renderer.gpu().upload_batch(1 << 20);
        let (upload, pixels) = batch.try_image([1, 1], voltrum_render::ImageFormat::Rgba8Srgb).unwrap();
        pixels.fill(255);
        let AssetSystems { textures, materials, .. } = systems;
        let (textures, materials): (&mut TextureState<'_>, &mut MaterialState<'_>) = (textures, materials);
        let texture =
            textures::create(textures, renderer, &batch, upload, Default::default(), GpuLifetime::Scene).unwrap();
        renderer::submit_uploads(renderer, batch).unwrap();
        let surface = Surface { base_color_texture: Some(Slot::of(texture)), ..Surface::default() };
        let material = materials::create(materials, textures, renderer, &surface).unwrap();
        textures::release(textures, renderer, texture).unwrap();
        assert_eq!(textures::references(textures, texture), 1);
        materials::retain(materials, material).unwrap();
        materials::release(materials, textures, renderer, material).unwrap();
        assert_eq!(textures::references(textures, texture), 1);
        materials::release(materials, textures, renderer, material).unwrap();
        assert_eq!((textures::count(textures), materials::count(materials)), (0, 0));
        assert!(matches!(textures::retain(textures, texture), Err(AssetError::Stale { what: "texture" })));
    });
}

#[test]
fn what_is_gone_is_named_by_the_visible_default() {
    perform(|systems, renderer, _| {
        let AssetSystems { textures, materials, geometry } = systems;
        let geometry: &mut GeometryState<'_> = geometry;
        assert_eq!(textures::get(textures, TextureHandle::NONE), renderer.checker_texture());
        let loud = materials::get(materials, materials::fallback(materials));
        assert_eq!(materials::get(materials, MaterialHandle::NONE), loud);
        assert_ne!(materials::get(materials, materials::plain(materials)), loud);
        let cube = geometry::fallback(geometry);
        assert_eq!(geometry::get(geometry, MeshHandle::NONE), geometry::get(geometry, cube));
        assert_eq!(geometry::info(geometry, cube).unwrap().index_count, 36);
        // The defaults can't be released away.
        geometry::release(geometry, renderer, cube).unwrap();
        assert!(geometry::info(geometry, cube).is_some());
        let stale = Surface { base_color_texture: Some(Slot::of(TextureHandle::NONE)), ..Surface::default() };
        let material = materials::create(materials, textures, renderer, &stale).unwrap();
        let info = materials::info(materials, material).unwrap();
        assert_eq!(info.surface.base_color_texture, Some(Slot::of(textures::fallback(textures))));
        materials::release(materials, textures, renderer, material).unwrap();
    });
}

/// Draws meshes with a lamp from the camera's side, and reads the picture back.
fn picture<'a>(
    renderer: &mut RendererState<'_>,
    draws: &[Draw],
    eye: Vec3,
    target: Vec3,
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
        ..View::default()
    };
    renderer::begin_frame(renderer, [0, 0]).unwrap();
    renderer::draw_frame(renderer, &RenderPacket { views: &[view], ui: None }).unwrap();
    renderer::end_frame(renderer).unwrap();
    let pixels = renderer::read_target(renderer, screen, scope).unwrap();
    renderer::destroy_target(renderer, screen);
    pixels
}

#[test]
fn a_cube_with_a_loud_checker_stands_for_what_is_gone() {
    perform(|systems, renderer, scope| {
        let draw = Draw {
            mesh: geometry::get(systems.geometry, MeshHandle::NONE),
            material: materials::get(systems.materials, MaterialHandle::NONE),
            ..Draw::default()
        };
        let pixels = picture(renderer, &[draw], Vec3::new(1.2, 1.0, 1.6), Vec3::ZERO, scope);
        let loud = pixels.rgba.chunks_exact(4).filter(|p| p[0] > 90 && p[2] > 70 && p[1] < p[2] / 2).count();
        assert!(loud > 3_000, "{loud} of {} pixels are loud", 320 * 240);
    });
}
