//! How scenes are looked at: modes, tone curves, environments, memory by object, screenshots, turntables, scale.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use opened::{Outcome, Run};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use voltrum::assets::geometry;
use voltrum::platform::Message;
use voltrum::platform::input::{Key, Modifiers};
use voltrum::render::glam::Vec3;
use voltrum::render::{GpuTag, MeshId, Pixels, TextureId, Tolerance, renderer};
use voltrum::scene;
use voltrum::ui;
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::look::{Mode, Surroundings};

const PATIENCE: Duration = Duration::from_secs(120);

/// Opens the sample in an editor without a window; `turns` gets it then.
fn with_sample(turns: impl FnMut(&mut Run<'_, '_, '_>) -> Outcome) {
    opened::with_open(AppConfig { window_size: [640, 400], ..window::config() }, &files::sample(), turns);
}

/// Frames until something is so.
fn frames_until(instance: &mut Run<'_, '_, '_>, what: &str, is_so: impl Fn(&mut Run<'_, '_, '_>) -> bool) {
    let began = Instant::now();
    while !is_so(instance) {
        assert!(began.elapsed() < PATIENCE, "{what} never was: {}", instance.state().status.text().0);
        instance.frame().unwrap();
    }
}

/// A panorama of our own: a blue sky, a green ground, a warm spot.
fn panorama(folder: &Path) -> PathBuf {
    let (width, height) = (64, 32);
    let mut bytes = format!("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            let is_spot = (38_i32..42).contains(&x) && (6..10).contains(&y);
            // 0.5 has the exponent 128: a byte of 255 is almost 1
            bytes.extend(match (is_spot, y < height / 2) {
                (true, _) => [240, 200, 140, 133],
                (false, true) => [90, 130, 240, 128],
                (false, false) => [60, 90, 40, 127],
            });
        }
    }
    let path = folder.join("day.hdr");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn render(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_voltrum")).arg("render").arg(files::sample()).args(arguments).output().unwrap()
}

#[test]
fn each_way_to_look_at_the_sample_is_the_picture_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let panorama = panorama(folder.path());
    let panorama = panorama.to_str().unwrap();
    let cases: [(&str, &[&str]); 12] = [
        ("wireframe", &["--mode", "wireframe"]),
        ("normals", &["--mode", "normals"]),
        ("uv", &["--mode", "uv"]),
        ("overdraw", &["--mode", "overdraw"]),
        ("objects", &["--mode", "objects"]),
        ("memory", &["--mode", "memory"]),
        ("tone-none-bright", &["--tone", "none", "--exposure", "1.5"]),
        ("tone-aces", &["--tone", "aces"]),
        ("tone-agx-dark", &["--tone", "agx", "--exposure", "-1"]),
        ("no-environment", &["--environment", "none", "--background", "white"]),
        ("panorama", &["--environment", panorama, "--background", "environment=0"]),
        ("panorama-turned", &["--environment", panorama, "--background", "environment", "--environment-turn", "90"]),
    ];
    let out = folder.path().join("out.png");
    for (name, arguments) in cases {
        let mut all = vec!["-o", out.to_str().unwrap(), "--size", "192x120"];
        all.extend(arguments);
        let output = render(&all);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let (size, mut rgba) = testing::read_picture(&out);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/look-{name}.png"));
        // where two surfaces meet, the order in which they are drawn decides who has the pixel
        let tolerance = Tolerance { odd_per_mille: 3, worst: 128, ..Tolerance::default() };
        testing::assert_picture(&Pixels { size, rgba: &mut rgba }, golden, tolerance);
    }
}

#[test]
fn a_turntable_goes_around_in_as_many_pictures_and_comes_out_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let turn = |name: &str| {
        let out = folder.path().join(name);
        let output = render(&["-o", out.to_str().unwrap(), "--size", "96x64", "--turntable", "4"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    turn("a%02d.png");
    turn("b.png");
    let picture = |name: String| testing::read_picture(&folder.path().join(name)).1;
    for number in 1..=4 {
        let (one, again) = (picture(format!("a{number:02}.png")), picture(format!("b-{number:04}.png")));
        assert_eq!(one, again, "{number}");
        let next = picture(format!("a{:02}.png", number % 4 + 1));
        let different = one.chunks(4).zip(next.chunks(4)).filter(|(a, b)| a != b).count();
        assert!(different > 300, "{number}: only {different} pixels differ from the next one's");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8);
    let missing = folder.path().join("no/such/folder/%d.png");
    let output = render(&["-o", missing.to_str().unwrap(), "--size", "32x32", "--turntable", "2"]);
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_objects_hold_adds_up_to_the_gpus_own_figures() {
    let config = AppConfig { window_size: [320, 240], ..window::config() }.headless();
    let sample = files::sample();
    let mut before = None;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        let usage = instance.app().gpu.usage();
        let [meshes, textures] = [GpuTag::Geometry, GpuTag::Texture].map(|tag| usage.tag(tag).bytes);
        let Some((meshes_before, textures_before)) = before.replace((meshes, textures)) else {
            instance.state().open(sample.to_str().unwrap());
            return testing::frames_until_open(instance, PATIENCE);
        };
        testing::press(instance, Modifiers::NONE, Key::Digit7)?;
        assert_eq!(instance.state().viewport.look.mode, Mode::Memory);
        let (_, project, app) = instance.parts();
        let usage = app.gpu.usage();
        let [meshes, textures] = [GpuTag::Geometry, GpuTag::Texture].map(|tag| usage.tag(tag).bytes);
        let (mut ids, mut images): (Vec<MeshId>, Vec<TextureId>) = (Vec::new(), Vec::new());
        for part in scene::shapes(project.scene).iter().flat_map(|shape| shape.parts) {
            ids.push(part.mesh);
            images.extend(renderer::material_textures(&app.renderer, part.material));
        }
        ids.sort_unstable();
        ids.dedup();
        images.sort_unstable();
        images.dedup();
        // what stands in for missing files shows the renderer's own checker
        images.retain(|image| *image != app.renderer.checker_texture());
        let gpu = &app.renderer;
        let sum: u64 = ids.iter().map(|id| renderer::mesh_bytes(gpu, *id)).sum();
        let stand_in = geometry::get(&app.geometry, geometry::fallback(&app.geometry));
        let own = if ids.contains(&stand_in) { renderer::mesh_bytes(gpu, stand_in) } else { 0 };
        assert_eq!(sum - own, meshes - meshes_before);
        let sum: u64 = images.iter().map(|id| renderer::texture_bytes(gpu, *id)).sum();
        assert_eq!(sum, textures - textures_before);

        let holdings = project.holdings();
        let held = |entity| holdings.of(project.scene, entity).unwrap().bytes();
        let each: Vec<u64> = scene::meshes(project.scene).entities().iter().map(|entity| held(*entity)).collect();
        let range = [*each.iter().min().unwrap(), *each.iter().max().unwrap()];
        assert_eq!(holdings.range(), range);
        assert!(range[0] > 0 && range[1] > 10 * range[0], "{range:?}");
        Ok(Turn::Quit)
    })
    .unwrap();
}

#[test]
fn a_panorama_surrounds_the_scene_and_a_broken_one_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let (panorama, broken) = (panorama(folder.path()), folder.path().join("broken.hdr"));
    std::fs::write(&broken, "#?RADIANCE\nnothing").unwrap();
    with_sample(|instance| {
        instance.state().environment.want(panorama.clone());
        let is_loaded = |look: Surroundings| matches!(look, Surroundings::Loaded(_));
        frames_until(instance, "the panorama", |i| is_loaded(i.state().viewport.look.surroundings));
        let surroundings = instance.state().viewport.look.surroundings;
        assert_eq!(instance.state().environment.path(), Some(&*panorama));
        for bad in [broken.clone(), folder.path().join("missing.hdr")] {
            instance.state().status.clear();
            instance.state().environment.want(bad);
            frames_until(instance, "the complaint", |i| i.state().status.is_error());
            assert_eq!(instance.state().viewport.look.surroundings, surroundings);
        }
        Ok(Turn::Quit)
    });
}

#[test]
fn a_panorama_that_is_overtaken_by_another_load_comes_after_it() {
    let folder = tempfile::tempdir().unwrap();
    // of a size that takes its time
    let panoramas = ["one.hdr", "two.hdr"].map(|name| {
        let path = folder.path().join(name);
        let mut bytes = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 256 +X 512\n".to_vec();
        bytes.extend([90, 130, 240, 128].repeat(256 * 512));
        std::fs::write(&path, bytes).unwrap();
        path
    });
    let (model, missing) = (files::good(folder.path()), folder.path().join("missing.glb"));
    with_sample(|instance| {
        for (panorama, dropped) in panoramas.iter().zip([&missing, &model]) {
            instance.state().environment.want(panorama.clone());
            testing::frames(instance, 1)?;
            instance.post(Message::FileDropped(dropped.to_str().unwrap()))?;
            testing::frames(instance, 1)?;
            assert_ne!(instance.state().environment.path(), Some(&**panorama), "it is still being loaded");
            frames_until(instance, "the panorama", |i| i.state().environment.path() == Some(&**panorama));
        }
        assert_eq!(instance.project().files().last().unwrap().path(), "model.gltf");
        Ok(Turn::Quit)
    });
}

#[test]
fn screenshots_go_to_files_of_their_own_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("pictures");
    with_sample(|instance| {
        instance.state().screenshots.folder = Some(kept.clone());
        let [width, height] = instance.state().viewport.size();
        let shift = Modifiers { shift: true, ..Modifiers::NONE };
        let control = Modifiers { control: true, ..Modifiers::NONE };
        for (modifiers, name, factor, is_clear) in [
            (Modifiers::NONE, "sample.png", 1, false),
            (shift, "sample-2.png", 2, false),
            (control, "sample-3.png", 1, true),
        ] {
            testing::press(instance, modifiers, Key::F12)?;
            frames_until(instance, name, |i| i.state().status.text().0.ends_with(name));
            let (size, rgba) = testing::read_picture(&kept.join(name));
            assert_eq!(size, [width * factor, height * factor]);
            assert_eq!(rgba[3] == 0, is_clear, "{name}: the corner's alpha is {}", rgba[3]);
        }
        // one whose panel nobody sees
        instance.state().screenshots.folder = Some(kept.clone());
        let show = |instance: &mut Run<'_, '_, '_>, is_shown| {
            let ui = instance.app().ui.as_ref().unwrap();
            ui::layers(ui).by_name("Viewport").unwrap().set_visible(is_shown);
        };
        show(instance, false);
        testing::frames(instance, 3)?;
        testing::press(instance, Modifiers::NONE, Key::F12)?;
        frames_until(instance, "sample-4.png", |i| i.state().status.text().0.ends_with("sample-4.png"));
        show(instance, true);
        std::fs::write(folder.path().join("file"), "").unwrap();
        instance.state().screenshots.folder = Some(folder.path().join("file"));
        testing::press(instance, Modifiers::NONE, Key::F12)?;
        frames_until(instance, "the complaint", |i| i.state().status.is_error());
        Ok(Turn::Quit)
    });
}

#[test]
fn the_interface_and_the_viewport_follow_the_windows_scale() {
    with_sample(|instance| {
        let [width, height] = instance.state().viewport.size();
        instance.post(Message::ScaleChanged(2.0))?;
        instance.post(Message::Resized([1_280, 800]))?;
        testing::frames(instance, 6)?;
        assert_eq!(instance.app().window.scale(), 2.0);
        let larger = instance.state().viewport.size();
        // the panels beside it are twice as large, too
        let twice = [width * 2, height * 2];
        assert!((0..2).all(|axis| larger[axis].abs_diff(twice[axis]) <= 4), "{larger:?} after {width} x {height}");
        instance.post(Message::ScaleChanged(1.0))?;
        instance.post(Message::Resized([640, 400]))?;
        testing::frames(instance, 6)?;
        assert_eq!(instance.state().viewport.size(), [width, height]);
        Ok(Turn::Quit)
    });
}

#[test]
fn menus_open_and_are_walked_by_keys_alone() {
    with_sample(|instance| {
        let has_grid = instance.state().viewport.look.grid;
        let far = Vec3::new(0.0, 300.0, 400.0);
        instance.state().viewport.camera.place(far, Vec3::ZERO);
        testing::frames(instance, 2)?;
        let alt = Modifiers { alt: true, ..Modifiers::NONE };
        testing::press(instance, alt, Key::V)?;
        testing::frames(instance, 16)?;
        // Show everything, which stands first
        testing::press(instance, Modifiers::NONE, Key::Enter)?;
        testing::frames(instance, 10)?;
        frames_until(instance, "everything in view", |i| i.state().viewport.camera.is_at_rest());
        let (eye, _) = instance.state().viewport.camera.eye_and_target();
        assert!(eye.length() < 50.0, "{eye}");
        assert_eq!(instance.state().viewport.look.grid, has_grid);
        // once a menu is left, keys are shortcuts again
        testing::press(instance, Modifiers::NONE, Key::F10)?;
        testing::frames(instance, 3)?;
        testing::press(instance, Modifiers::NONE, Key::Escape)?;
        testing::frames(instance, 3)?;
        testing::press(instance, Modifiers::NONE, Key::Digit7)?;
        assert_eq!(instance.state().viewport.look.mode, Mode::Memory);
        Ok(Turn::Quit)
    });
}
