//! Textures, materials and meshes on a real device: counted, released with what they hold, and visible when they failed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

mod device;
mod model;

use device::{perform, perform_with, picture};
use model::Model;
use voltrum_assets::geometry::{self, GeometryState, MeshHandle};
use voltrum_assets::materials::{self, MaterialHandle, MaterialState, Surface};
use voltrum_assets::textures::{self, TextureHandle, TextureLimits, TextureState};
use voltrum_assets::{
    AssetError, AssetSystems, ErrorKind, Loading, Pixels, Progress, SceneAssets, Slot, StagedImage, StagedScene, gltf,
    instantiate, refresh, release,
};
use voltrum_memory::{Scope, Tag};
use voltrum_render::glam::Vec3;
use voltrum_render::{Draw, GpuLifetime, UploadBatch, renderer};

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
            let assets = instantiate(systems, renderer, &batch, &staged, &[], memory).unwrap();
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
    perform_with(TextureLimits { textures_max: 1, ..TextureLimits::default() }, |systems, renderer, scene| {
        let mut batch = renderer.gpu().upload_batch(16 << 20);
        let staged = stage(scene, &mut batch);
        let error = instantiate(systems, renderer, &batch, &staged, &[], scene.tagged(Tag::SCENE)).unwrap_err();
        assert!(matches!(error, AssetError::Full { what: "texture", capacity: 1, .. }), "{error}");
        assert_eq!(counts(systems), [0, 0, 0]);
    });
}

#[test]
fn bytes_on_the_device_are_a_budget_that_names_itself_and_is_given_back() {
    let mut held = [0; 2];
    perform(|systems, renderer, scene| {
        let mut batch = renderer.gpu().upload_batch(4 << 20);
        let staged = stage(scene, &mut batch);
        let assets = instantiate(systems, renderer, &batch, &staged, &[], scene.tagged(Tag::SCENE)).unwrap();
        held = [textures::bytes(systems.textures), geometry::bytes(systems.geometry)];
        let info = textures::info(systems.textures, assets.textures[0]).unwrap();
        let levels = (0..=info.size[0].ilog2()).map(|level| 4 * u64::from(info.size[0] >> level).pow(2));
        assert_eq!(info.bytes, levels.sum::<u64>());
        assert!(held[1] > 0 && held[0] == info.bytes);
        renderer::submit_uploads(renderer, batch).unwrap();
        release(systems, renderer, &assets);
        assert_eq!([textures::bytes(systems.textures), geometry::bytes(systems.geometry)], [0; 2]);
    });
    let short = TextureLimits { bytes_max: held[0].saturating_sub(1), ..TextureLimits::default() };
    perform_with(short, |systems, renderer, scene| {
        let mut batch = renderer.gpu().upload_batch(4 << 20);
        let staged = stage(scene, &mut batch);
        let error = instantiate(systems, renderer, &batch, &staged, &[], scene.tagged(Tag::SCENE)).unwrap_err();
        let AssetError::Budget { what: "textures", asked, held: 0, limit, .. } = error else { panic!("{error}") };
        assert_eq!((asked, limit, error.kind()), (held[0], held[0] - 1, ErrorKind::Memory));
        assert!(error.to_string().contains("raise `TextureLimits::bytes_max`"), "{error}");
        assert_eq!(counts(systems), [0; 3]);
    });
}

#[test]
fn a_scene_takes_anothers_place_behind_its_handles() {
    perform(|systems, renderer, scene| {
        let mut batch = renderer.gpu().upload_batch(4 << 20);
        let staged = stage(scene, &mut batch);
        let memory = scene.tagged(Tag::SCENE);
        let assets = instantiate(systems, renderer, &batch, &staged, &[], memory).unwrap();
        renderer::submit_uploads(renderer, batch).unwrap();
        let mesh = geometry::get(systems.geometry, assets.primitives[0].mesh);
        let (counted, bytes) = (counts(systems), geometry::bytes(systems.geometry));
        for round in 0..3 {
            let mut batch = renderer.gpu().upload_batch(4 << 20);
            let staged = stage(scene, &mut batch);
            let before = textures::get(systems.textures, assets.textures[0]);
            let mut shown = assets.textures.to_vec();
            refresh(systems, renderer, &batch, &staged, &assets, &mut shown, memory).unwrap();
            assert_eq!(shown, assets.textures);
            assert_ne!(textures::get(systems.textures, assets.textures[0]), before, "{round}");
            assert_eq!(geometry::get(systems.geometry, assets.primitives[0].mesh), mesh, "drawn by the same name");
            renderer::submit_uploads(renderer, batch).unwrap();
            assert_eq!((counts(systems), geometry::bytes(systems.geometry)), (counted, bytes));
        }
        let mut batch = renderer.gpu().upload_batch(4 << 20);
        let staged = stage(scene, &mut batch);
        let fewer = StagedScene { materials: &[], ..staged };
        let refused = refresh(systems, renderer, &batch, &fewer, &assets, &mut assets.textures.to_vec(), memory);
        assert!(matches!(refused, Err(AssetError::Reshaped { what: "materials", had: 1, has: 0 })), "{refused:?}");
        assert_eq!(counts(systems), counted);
        release(systems, renderer, &assets);
        assert_eq!(counts(systems), [0; 3]);
    });
}

/// The same scene with pixels that are somebody else's.
fn shared<'s>(staged: &StagedScene<'s>, scene: &Scope<'s>) -> StagedScene<'s> {
    let images = staged.images.iter().map(|image| StagedImage { pixels: Pixels::Shared(0), ..*image });
    StagedScene { images: scene.try_alloc_iter(images).unwrap(), ..*staged }
}

#[test]
fn a_texture_that_two_scenes_share_goes_with_the_last_of_them() {
    perform(|systems, renderer, scene| {
        let base = renderer.objects();
        let mut batch = renderer.gpu().upload_batch(4 << 20);
        let staged = stage(scene, &mut batch);
        let both = [staged, shared(&staged, scene)];
        for first in [0, 1] {
            let mut batch = renderer.gpu().upload_batch(4 << 20);
            let staged = stage(scene, &mut batch);
            let memory = scene.tagged(Tag::SCENE);
            let one = instantiate(systems, renderer, &batch, &staged, &[], memory).unwrap();
            let bytes = textures::bytes(systems.textures);
            // its own geometry, from the same bytes
            let two = shared(&staged, scene);
            let two = instantiate(systems, renderer, &batch, &two, one.textures, memory).unwrap();
            renderer::submit_uploads(renderer, batch).unwrap();
            assert_eq!((one.textures, counts(systems)), (two.textures, [1, 2, 2]));
            assert_eq!(textures::bytes(systems.textures), bytes);
            assert_eq!(textures::references(systems.textures, one.textures[0]), 4);
            let scenes = [one, two];
            release(systems, renderer, &scenes[first]);
            assert_eq!(counts(systems), [1, 1, 1]);
            assert_eq!(textures::references(systems.textures, one.textures[0]), 2);
            release(systems, renderer, &scenes[1 - first]);
            assert_eq!((counts(systems), textures::bytes(systems.textures)), ([0; 3], 0));
        }
        // one that is gone is no texture to share, and nothing stays of the rest
        let memory = scene.tagged(Tag::SCENE);
        for gone in [&[][..], &[TextureHandle::NONE]] {
            let error = instantiate(systems, renderer, &batch, &both[1], gone, memory).unwrap_err();
            assert!(matches!(error, AssetError::Stale { what: "texture" }), "{error}");
            assert_eq!(counts(systems), [0; 3]);
        }
        drop(batch);
        renderer::wait_idle(renderer).unwrap();
        assert_eq!(renderer.objects(), base);
    });
}

#[test]
fn a_scene_that_is_refreshed_changes_keeps_or_replaces_the_textures_that_another_one_shares() {
    perform(|systems, renderer, scene| {
        let memory = scene.tagged(Tag::SCENE);
        let mut batch = renderer.gpu().upload_batch(4 << 20);
        let staged = stage(scene, &mut batch);
        let one = instantiate(systems, renderer, &batch, &staged, &[], memory).unwrap();
        let two = instantiate(systems, renderer, &batch, &shared(&staged, scene), one.textures, memory).unwrap();
        renderer::submit_uploads(renderer, batch).unwrap();
        let drawn = |systems: &AssetSystems<'_, '_>| textures::get(systems.textures, two.textures[0]);
        let (before, references) = (drawn(systems), textures::references(systems.textures, two.textures[0]));
        let mut refreshed = |systems: &mut _, one: &SceneAssets<'_>, is_shared: bool, wished: TextureHandle| {
            let mut batch = renderer.gpu().upload_batch(4 << 20);
            let staged = stage(scene, &mut batch);
            let staged = if is_shared { shared(&staged, scene) } else { staged };
            let mut shown = [wished];
            refresh(systems, renderer, &batch, &staged, one, &mut shown, memory).unwrap();
            renderer::submit_uploads(renderer, batch).unwrap();
            shown[0]
        };

        // new pixels of the same picture show in both
        assert_eq!(refreshed(systems, &one, false, one.textures[0]), one.textures[0]);
        let changed = drawn(systems);
        assert_ne!(changed, before);
        // the same pixels stay
        assert_eq!(refreshed(systems, &one, true, one.textures[0]), one.textures[0]);
        assert_eq!((drawn(systems), counts(systems)), (changed, [1, 2, 2]));
        assert_eq!(textures::references(systems.textures, two.textures[0]), references);
        // another picture is for this scene alone
        let own = refreshed(systems, &one, false, TextureHandle::NONE);
        assert_ne!(own, one.textures[0]);
        assert_eq!((drawn(systems), counts(systems)), (changed, [2, 2, 2]));
        let references = |systems: &AssetSystems<'_, '_>, texture| textures::references(systems.textures, texture);
        assert_eq!((references(systems, own), references(systems, two.textures[0])), (2, 2));
        // and back to the one that the other has
        let apart = SceneAssets { textures: &[own], ..one };
        assert_eq!(refreshed(systems, &apart, true, two.textures[0]), two.textures[0]);
        assert_eq!((references(systems, own), references(systems, two.textures[0])), (0, 4));
        release(systems, renderer, &one);
        release(systems, renderer, &two);
        assert_eq!(counts(systems), [0; 3]);
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
