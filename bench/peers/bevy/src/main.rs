//! A picture of a model by Bevy, for `bench load`: `voltrum-bench-bevy MODEL -o PICTURE`.
//!
//! Driven from outside, as its example of a headless renderer is: nothing waits for a window's next picture.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bevy::app::PluginsState;
use bevy::asset::{AssetMetaCheck, RenderAssetUsages, UnapprovedPathMode};
use bevy::camera::RenderTarget;
use bevy::camera::primitives::Aabb;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::math::Vec3A;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{
    Extent3d, PipelineCache, PollType, TextureDimension, TextureFormat, TextureUsages,
};
use bevy::render::renderer::RenderDevice;
use bevy::render::settings::{Backends, WgpuSettings};
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::render::{RenderApp, RenderPlugin};
use bevy::window::ExitCondition;
use bevy::world_serialization::WorldInstanceReady;

const SIZE: [u32; 2] = [1280, 720];
/// Between looks at what is loaded by other threads.
const PAUSE: Duration = Duration::from_millis(1);

/// Set once the model's entities are there.
#[derive(Resource, Default)]
struct Spawned(bool);

/// What was read back.
#[derive(Resource, Default)]
struct Picture(Option<Vec<u8>>);

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let result = match &*arguments {
        [version] if version == "--version" => return ExitCode::SUCCESS,
        [model, option, picture] if option == "-o" => draw(model.as_ref(), picture.into()),
        _ => Err("usage: voltrum-bench-bevy MODEL -o PICTURE".into()),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn draw(model: &Path, picture: PathBuf) -> Result<(), Box<dyn Error>> {
    let model = model.canonicalize()?;
    let (Some(folder), Some(name)) = (model.parent(), model.file_name()) else { return Err("no file".into()) };
    let mut app = app(folder);
    let scene: Handle<WorldAsset> = {
        let path = GltfAssetLabel::Scene(0).from_asset(PathBuf::from(name));
        app.world().resource::<AssetServer>().load(path)
    };
    app.world_mut().spawn(WorldAssetRoot(scene.clone()));
    let target = app.world_mut().resource_mut::<Assets<Image>>().add(target());

    loop {
        app.update();
        let server = app.world().resource::<AssetServer>();
        if server.recursive_dependency_load_state(&scene).is_failed() {
            return Err(format!("{} can't be loaded", model.display()).into());
        }
        if server.is_loaded_with_dependencies(&scene) && app.world().resource::<Spawned>().0 {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    let (center, radius) = bounds(app.world_mut());
    look(app.world_mut(), &target, center, radius);
    // Shaders that others include are loaded on other threads, too.
    loop {
        app.update();
        if app.sub_app(RenderApp).world().resource::<PipelineCache>().waiting_pipelines().next().is_none() {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    app.world_mut().spawn(Screenshot::image(target)).observe(
        |captured: On<ScreenshotCaptured>, mut picture: ResMut<Picture>| picture.0 = captured.image.data.clone(),
    );
    app.update();
    let cameras: Vec<Entity> = app.world_mut().query_filtered::<Entity, With<Camera>>().iter(app.world()).collect();
    cameras.into_iter().for_each(|camera| _ = app.world_mut().despawn(camera));
    let pixels = loop {
        app.world().resource::<RenderDevice>().wgpu_device().poll(PollType::wait_indefinitely())?;
        app.update();
        if let Some(pixels) = app.world_mut().resource_mut::<Picture>().0.take() {
            break pixels;
        }
        std::thread::sleep(PAUSE);
    };

    let mut encoder = png::Encoder::new(std::fs::File::create(picture)?, SIZE[0], SIZE[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}

/// Bevy without a window, and ready.
fn app(folder: &Path) -> App {
    let assets = AssetPlugin {
        file_path: folder.to_string_lossy().into_owned(),
        meta_check: AssetMetaCheck::Never,
        unapproved_path_mode: UnapprovedPathMode::Allow,
        ..default()
    };
    let render = RenderPlugin {
        render_creation: WgpuSettings { backends: Some(Backends::VULKAN), ..default() }.into(),
        synchronous_pipeline_compilation: true,
        ..default()
    };
    let window = WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() };
    let mut app = App::new();
    app.add_plugins(DefaultPlugins.set(assets).set(render).set(window).disable::<PipelinedRenderingPlugin>())
        .init_resource::<Spawned>()
        .init_resource::<Picture>()
        .insert_resource(ClearColor(Color::srgb(0.2, 0.2, 0.2)))
        .add_observer(|_: On<WorldInstanceReady>, mut spawned: ResMut<Spawned>| spawned.0 = true);
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    app
}

fn target() -> Image {
    let size = Extent3d { width: SIZE[0], height: SIZE[1], depth_or_array_layers: 1 };
    let (format, usage) = (TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::RENDER_WORLD);
    let mut image = Image::new_uninit(size, TextureDimension::D2, format, usage);
    image.texture_descriptor.usage |= TextureUsages::RENDER_ATTACHMENT;
    image
}

/// The middle of all meshes, and how far they reach.
fn bounds(world: &mut World) -> (Vec3, f32) {
    let (mut low, mut high) = (Vec3A::MAX, Vec3A::MIN);
    for (aabb, place) in world.query::<(&Aabb, &GlobalTransform)>().iter(world) {
        let (center, rotation) = (place.affine().transform_point3a(aabb.center), place.affine().matrix3.abs());
        let half = rotation * aabb.half_extents;
        (low, high) = (low.min(center - half), high.max(center + half));
    }
    (Vec3::from(0.5 * (low + high)), 0.5 * (high - low).length())
}

fn look(world: &mut World, target: &Handle<Image>, center: Vec3, radius: f32) {
    let distance = 2.2 * radius;
    let eye = center + Vec3::new(0.5, 0.35, 1.0).normalize() * distance;
    let projection = PerspectiveProjection {
        fov: 60.0_f32.to_radians(),
        near: 0.01 * radius,
        far: distance + 2.0 * radius,
        ..default()
    };
    world.spawn((
        Camera3d::default(),
        RenderTarget::from(target.clone()),
        Projection::from(projection),
        Transform::from_translation(eye).looking_at(center, Vec3::Y),
        Msaa::Off,
        // the default needs a texture of its own
        Tonemapping::Reinhard,
        AmbientLight { brightness: 800.0, ..default() },
    ));
    let sun = DirectionalLight { illuminance: 10_000.0, shadow_maps_enabled: false, ..default() };
    world.spawn((sun, Transform::default().looking_to(Vec3::new(-0.5, -1.0, -0.7), Vec3::Y)));
}
