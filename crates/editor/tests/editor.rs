//! The editor without a window, frame by frame: opening, orbiting, switching, failing, closing.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::time::{Duration, Instant};
use voltrum::assets::{geometry, materials, textures};
use voltrum::platform::Message;
use voltrum::platform::input::{InputMessage, Key, Modifiers, MouseButton};
use voltrum::render::{GpuLifetime, renderer};
use voltrum::{AppConfig, AppError, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

/// Of the picture that the sun's shadow is drawn into, once there was one.
const SHADOW_BYTES: u64 = 16 << 20;

const PATIENCE: Duration = Duration::from_secs(60);
/// Somewhere in the viewport of the default layout.
const IN_VIEWPORT: [f32; 2] = [480.0, 300.0];

type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;
type Outcome = Result<Turn, AppError<EditorError>>;

/// Runs an editor without a window; `turns` gets the number of the project that is open, from 0.
fn drive(turns: impl FnMut(usize, &mut Run<'_, '_, '_>) -> Outcome) {
    drive_sized([960, 600], turns);
}

fn drive_sized(window_size: [u32; 2], mut turns: impl FnMut(usize, &mut Run<'_, '_, '_>) -> Outcome) {
    let config = AppConfig { window_size, ..window::config() }.headless();
    let mut opened = 0;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        let turn = turns(opened, instance)?;
        opened += 1;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(turn)
    })
    .unwrap();
}

fn open(instance: &mut Run<'_, '_, '_>, path: &std::path::Path) -> Outcome {
    instance.state().open(path.to_str().unwrap());
    testing::frames_until_open(instance, PATIENCE)
}

fn close(instance: &mut Run<'_, '_, '_>) -> Outcome {
    instance.state().close();
    testing::frames_until_open(instance, PATIENCE)
}

/// What a closed project must leave as it was.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    committed: Vec<usize>,
    gpu_used: u64,
    gpu_scene: u64,
    textures: usize,
    materials: usize,
    meshes: usize,
    gpu_objects: u64,
}

fn held(instance: &mut Run<'_, '_, '_>) -> Held {
    let figures = instance.figures();
    let app = instance.app();
    renderer::wait_idle(&mut app.renderer).unwrap();
    let usage = app.gpu.usage();
    Held {
        committed: figures.arenas().iter().map(|arena| arena.committed()).collect(),
        gpu_used: usage.used_bytes,
        gpu_scene: usage.lifetime(GpuLifetime::Scene),
        textures: textures::count(&app.textures),
        materials: materials::count(&app.materials),
        meshes: geometry::count(&app.geometry),
        gpu_objects: app.gpu.live_objects(),
    }
}

/// What is held once the closed scene's pages are back with the system, which a worker sees to.
fn held_at_rest(instance: &mut Run<'_, '_, '_>) -> Held {
    let (began, mut last) = (Instant::now(), held(instance));
    loop {
        std::thread::sleep(Duration::from_millis(20));
        testing::frames(instance, 1).unwrap();
        let now = held(instance);
        if now == last || began.elapsed() > Duration::from_secs(5) {
            return now;
        }
        last = now;
    }
}

#[test]
fn a_session_opens_orbits_switches_survives_broken_files_and_closes() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, good) = (files::sample(), files::good(folder.path()));
    let bad = files::bad(folder.path());
    let mut base = None;
    drive(|number, instance| match number {
        0 => {
            testing::frames(instance, 4)?;
            assert!(instance.project().is_empty());
            base = Some(held_at_rest(instance));
            open(instance, &sample)
        }
        1 => {
            testing::frames(instance, 4)?;
            assert_eq!(instance.project().file_name(), "sample.glb");
            assert!(instance.project().scene.len() > 10);
            let before = instance.state().viewport.camera;
            drag(instance, MouseButton::Left)?;
            let orbited = instance.state().viewport.camera;
            assert_ne!(orbited, before);
            instance.post(Message::wheel([0.0, 2.0]))?;
            testing::frames(instance, 2)?;
            assert_ne!(instance.state().viewport.camera, orbited);
            open(instance, &good)
        }
        2 => {
            // what brought the objects to the GPU is given back after some frames
            testing::frames(instance, 150)?;
            let mut rest = None;
            for round in 0..2 {
                for bad in &bad {
                    instance.state().open(bad.path.to_str().unwrap());
                    assert_eq!(testing::frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
                    // a failure is told at the beginning of the next frame
                    instance.frame()?;
                    let status = instance.state().status.text().0.to_owned();
                    assert!(instance.state().status.is_error() && status.contains(bad.words[0]), "{status}");
                    assert_eq!(instance.project().shown_path(), good.to_str().unwrap());
                }
                let now = held_at_rest(instance);
                if round > 0 {
                    assert_eq!(rest.as_ref(), Some(&now));
                }
                rest = Some(now);
            }
            close(instance)
        }
        _ => {
            testing::frames(instance, 4)?;
            assert!(instance.project().is_empty());
            let (now, base) = (held_at_rest(instance), base.clone().unwrap());
            assert_eq!((now.gpu_scene, now.textures, now.materials, now.meshes), (0, 0, 0, 0));
            // the shadow's picture and samplers are kept for the next file; that they don't add up, opening a hundred times
            // shows
            assert!(now.gpu_used <= base.gpu_used + SHADOW_BYTES, "{} after {}", now.gpu_used, base.gpu_used);
            instance.post(Message::CloseRequested)?;
            testing::frames(instance, 1)
        }
    });
}

fn drag(instance: &mut Run<'_, '_, '_>, button: MouseButton) -> Result<(), AppError<EditorError>> {
    let [x, y] = IN_VIEWPORT;
    instance.post(Message::mouse_moved([x, y]))?;
    testing::frames(instance, 2)?;
    instance.post(Message::button_down(button))?;
    testing::frames(instance, 1)?;
    for step in 1..=5 {
        instance.post(Message::mouse_moved([x + step as f32 * 8.0, y + step as f32 * 3.0]))?;
        testing::frames(instance, 1)?;
    }
    instance.post(Message::button_up(button))?;
    testing::frames(instance, 1)?;
    Ok(())
}

#[test]
fn a_click_picks_and_a_drag_does_not() {
    let good = tempfile::tempdir().unwrap();
    let path = files::good(good.path());
    drive(|number, instance| {
        if number == 0 {
            return open(instance, &path);
        }
        testing::frames(instance, 6)?;
        drag(instance, MouseButton::Left)?;
        assert!(instance.project().selection().is_empty());
        // let the camera arrive, show everything again, and click on the triangle's side of the middle of its box, through
        // which its long edge goes (it is seen from the side)
        instance.post(Message::key_down(Key::Home))?;
        instance.post(Message::key_up(Key::Home))?;
        testing::frames(instance, 30)?;
        let [x, y] = IN_VIEWPORT;
        instance.post(Message::mouse_moved([x - 112.0, y + 28.0]))?;
        testing::frames(instance, 2)?;
        instance.post(Message::button_down(MouseButton::Left))?;
        testing::frames(instance, 1)?;
        instance.post(Message::button_up(MouseButton::Left))?;
        testing::frames(instance, 2)?;
        assert_eq!(instance.project().selection().len(), 1);
        Ok(Turn::Quit)
    });
}

#[test]
fn opening_and_closing_the_sample_a_hundred_times_leaves_the_figures_as_they_were() {
    let sample = files::sample();
    let mut second = None;
    drive_sized([400, 300], |number, instance| {
        // even: the empty project, odd: the sample
        if number % 2 == 1 {
            testing::frames(instance, 1)?;
            return close(instance);
        }
        let closed = number / 2;
        if closed == 2 {
            second = Some(held_at_rest(instance));
        } else if closed == 100 {
            assert_eq!(Some(held_at_rest(instance)), second);
            return Ok(Turn::Quit);
        }
        open(instance, &sample)
    });
}

#[test]
fn a_dropped_file_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = files::good(folder.path());
    drive(|number, instance| {
        if number == 0 {
            instance.post(Message::FileDropped(path.to_str().unwrap()))?;
            instance.frame()?;
            return testing::frames_until_open(instance, PATIENCE);
        }
        assert_eq!(instance.project().shown_path(), path.to_str().unwrap());
        Ok(Turn::Quit)
    });
}

#[test]
fn the_path_field_opens_what_is_typed_with_enter() {
    let folder = tempfile::tempdir().unwrap();
    let path = files::good(folder.path());
    drive(|number, instance| {
        if number > 0 {
            assert_eq!(instance.project().shown_path(), path.to_str().unwrap());
            return Ok(Turn::Quit);
        }
        testing::frames(instance, 3)?;
        let control = |held| InputMessage::Modifiers(Modifiers { control: held, ..Modifiers::NONE });
        for message in [
            control(true).into(),
            Message::key_down(Key::ControlLeft),
            Message::key_down(Key::O),
            Message::key_up(Key::O),
            Message::key_up(Key::ControlLeft),
            control(false).into(),
        ] {
            instance.post(message)?;
        }
        testing::frames(instance, 10)?;
        for character in path.to_str().unwrap().chars() {
            instance.post(Message::character(character))?;
        }
        testing::frames(instance, 10)?;
        instance.post(Message::key_down(Key::Enter))?;
        instance.post(Message::key_up(Key::Enter))?;
        testing::frames(instance, 3)?;
        testing::frames_until_open(instance, PATIENCE)
    });
}

#[test]
fn a_load_can_be_cancelled_by_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = files::good(folder.path());
    drive(|number, instance| {
        if number == 0 {
            instance.state().open(files::sample().to_str().unwrap());
            instance.frame()?;
            return open(instance, &path);
        }
        // the sample may have been quicker than the wish
        match instance.project().file_name() {
            "model.gltf" => Ok(Turn::Quit),
            _ => testing::frames_until_open(instance, PATIENCE),
        }
    });
}
