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
/// From the model to the eye, and the angle of view from top to bottom: those of `voltrum render`, as is the room around it.
const BACKWARD: Vec3 = Vec3::new(0.498, 0.342, 0.797);
const FIELD_DEGREES: f32 = 40.0;
const MARGIN: f32 = 1.06;
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
    look(app.world_mut(), &target);
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

/// Where all meshes are in view and fill the picture, as much as they do in that of `voltrum render`, and how far away what
/// is seen begins and ends.
fn eye(world: &mut World) -> (Vec3, [f32; 2]) {
    let backward = BACKWARD.normalize();
    let right = Vec3::Y.cross(backward).normalize();
    let up = backward.cross(right);
    let half_y = (0.5 * FIELD_DEGREES).to_radians().tan() / MARGIN;
    let half_x = half_y * SIZE[0] as f32 / SIZE[1] as f32;
    // each side of the picture is a plane through the eye
    let (mut sides, mut depths) = ([f32::NEG_INFINITY; 4], [f32::INFINITY, f32::NEG_INFINITY]);
    for (aabb, place) in world.query::<(&Aabb, &GlobalTransform)>().iter(world) {
        for corner in 0..8 {
            let sign = Vec3A::from_array([0, 1, 2].map(|axis| if corner >> axis & 1 == 0 { -1.0 } else { 1.0 }));
            let corner = Vec3::from(place.affine().transform_point3a(aabb.center + sign * aabb.half_extents));
            let (x, y, z) = (corner.dot(right), corner.dot(up), corner.dot(backward));
            let reaches = [half_x * z + x, half_x * z - x, half_y * z + y, half_y * z - y];
            sides = std::array::from_fn(|side| sides[side].max(reaches[side]));
            depths = [depths[0].min(z), depths[1].max(z)];
        }
    }
    let z = ((sides[0] + sides[1]) / (2.0 * half_x)).max((sides[2] + sides[3]) / (2.0 * half_y));
    let eye = 0.5 * (sides[0] - sides[1]) * right + 0.5 * (sides[2] - sides[3]) * up + z * backward;
    (eye, [0.5 * (z - depths[1]), 1.1 * (z - depths[0])])
}

fn look(world: &mut World, target: &Handle<Image>) {
    let (eye, [near, far]) = eye(world);
    let fov = FIELD_DEGREES.to_radians();
    let projection = PerspectiveProjection { fov, near, far, ..default() };
    world.spawn((
        Camera3d::default(),
        RenderTarget::from(target.clone()),
        Projection::from(projection),
        Transform::from_translation(eye).looking_to(-BACKWARD, Vec3::Y),
        Msaa::Off,
        // the default needs a texture of its own
        Tonemapping::Reinhard,
        AmbientLight { brightness: 800.0, ..default() },
    ));
    let sun = DirectionalLight { illuminance: 10_000.0, shadow_maps_enabled: false, ..default() };
    world.spawn((sun, Transform::default().looking_to(Vec3::new(-0.5, -1.0, -0.7), Vec3::Y)));
}
