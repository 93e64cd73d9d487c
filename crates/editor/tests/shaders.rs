//! Shaders of a folder, as a person who writes one has them: saved, seen, broken, mended, and after the GPU was lost.
//!
//! One test at a time, since the heap is the process's.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use voltrum::memory::{Arena, CountingHeap};
use voltrum::platform::Message;
use voltrum::platform::input::{InputMessage, Key};
use voltrum::render::{Driver, Stub, renderer};
use voltrum::{AppConfig, AppError, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

static TURN: Mutex<()> = Mutex::new(());

const PATIENCE: Duration = Duration::from_secs(60);

type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;
type Outcome = Result<Turn, AppError<EditorError>>;

/// What `fs_lit` returns, and the same in one colour.
const LIT: &str = "return vec4<f32>(tone_map(shade(in, front, false).radiance), 1.0);";
const GREEN: &str = "return vec4<f32>(0.0, 1.0, 0.0, 1.0);";

/// Replaces what a shader says once.
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(file)).unwrap();
    assert!(text.contains(from), "{file} says no {from:?}");
    fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
}

/// Opens the good model in an editor without a window that follows a folder of shaders, which `before` has changed.
fn with_shaders(before: impl FnOnce(&Path), mut test: impl FnMut(&mut Run<'_, '_, '_>, &Path) -> Outcome) {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let shaders = files::shaders(folder.path());
    before(&shaders);
    let model = files::good(folder.path());
    let config = AppConfig { window_size: [960, 600], ..window::config() }.headless();
    let mut opened = false;
    let editor = Editor::new(Some(&model)).follow_shaders(Some(shaders.clone()));
    voltrum::drive(&config, &editor, None, |instance| {
        if !std::mem::replace(&mut opened, true) {
            testing::frames(instance, 2)?;
            return testing::frames_until_open(instance, PATIENCE);
        }
        testing::frames(instance, 3)?;
        let ended = test(instance, &shaders)?;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(ended)
    })
    .unwrap();
}

/// Goes on until the status line says something that has these words.
fn said(instance: &mut Run<'_, '_, '_>, words: &str) -> String {
    let began = Instant::now();
    while !instance.state().status.text().0.contains(words) {
        assert!(began.elapsed() < PATIENCE, "{words:?} is not said, but {:?}", instance.state().status.text());
        std::thread::sleep(Duration::from_millis(5));
        testing::frames(instance, 1).unwrap();
    }
    instance.state().status.text().0.to_owned()
}

/// The colour of the triangle, in the viewport of the default layout.
fn color(instance: &mut Run<'_, '_, '_>) -> [u8; 4] {
    testing::frames(instance, 2).unwrap();
    let mut memory = Arena::try_reserve("picture", 64 << 20).unwrap();
    let memory = memory.open();
    renderer::read_screen(&mut instance.app().renderer, &memory).unwrap().at(350, 350)
}

fn is_green([red, green, blue, _]: [u8; 4]) -> bool {
    green > 250 && red < 5 && blue < 5
}

#[test]
fn a_shader_that_is_saved_is_seen_and_a_broken_one_is_told_until_it_is_mended() {
    with_shaders(
        |_| (),
        |instance, folder| {
            let before = color(instance);
            assert!(!is_green(before) && instance.state().status.text().0.is_empty());
            testing::frames(instance, 20)?;
            assert_eq!(instance.stats().heap_allocations, Some(0), "watching takes nothing");

            edit(folder, "mesh.wgsl", LIT, GREEN);
            said(instance, "reloaded the shaders");
            assert!(is_green(color(instance)));

            instance.state().status.clear();
            edit(folder, "mesh.wgsl", GREEN, "return vec4<f32>(0.0, 1.0, 0.0 1.0);");
            let at = fs::read_to_string(folder.join("mesh.wgsl")).unwrap();
            let line = at.lines().position(|line| line.contains("0.0 1.0")).unwrap() + 1;
            let status = said(instance, "mesh.wgsl:");
            assert!(status.contains(&format!("mesh.wgsl:{line}:36: expected")), "{status}");
            assert!(status.ends_with("what was loaded before stays"), "{status}");
            assert!(instance.state().status.is_error());
            assert!(is_green(color(instance)));

            edit(folder, "mesh.wgsl", "return vec4<f32>(0.0, 1.0, 0.0 1.0);", LIT);
            said(instance, "reloaded the shaders");
            assert!(!instance.state().status.is_error());
            assert_eq!(color(instance), before);
            Ok(Turn::Quit)
        },
    );
}

#[test]
fn a_part_that_changes_or_comes_changes_those_that_use_it() {
    with_shaders(
        |_| (),
        |instance, folder| {
            let head = "fn tone_map(radiance: vec3<f32>) -> vec3<f32> {";
            edit(folder, "parts/tone.wgsl", head, &format!("{head} if true {{ return vec3<f32>(0.0, 1.0, 0.0); }}"));
            said(instance, "reloaded the shaders");
            assert!(is_green(color(instance)));

            // A part that isn't there yet: the save that brings it is the one that mends.
            instance.state().status.clear();
            edit(folder, "mesh.wgsl", "//#use ", "//#use paint ");
            edit(folder, "mesh.wgsl", LIT, "return paint();");
            assert!(said(instance, "paint.wgsl: no such file").contains("parts/"));
            fs::write(folder.join("parts/paint.wgsl"), "fn paint() -> vec4<f32> { return vec4<f32>(0.0); }").unwrap();
            said(instance, "reloaded the shaders");
            assert!(!is_green(color(instance)));
            Ok(Turn::Quit)
        },
    );
}

#[test]
fn what_does_not_fit_or_is_gone_is_told_and_changes_nothing() {
    with_shaders(
        |_| (),
        |instance, folder| {
            let before = color(instance);
            edit(folder, "parts/view.wgsl", "array<Light, 64>", "array<Light, 65>");
            let status = said(instance, "does not fit its pipeline");
            assert!(status.contains("background.wgsl:") && instance.state().status.is_error(), "{status}");
            assert_eq!(color(instance), before);

            // What is gone for a moment is no change; who asks is told.
            fs::remove_file(folder.join("cull.wgsl")).unwrap();
            for pressed in [true, false] {
                instance.post(Message::Input(InputMessage::Key { key: Key::F5, pressed, repeat: false }))?;
            }
            edit(folder, "parts/view.wgsl", "array<Light, 65>", "array<Light, 64>");
            said(instance, "cull.wgsl: no such file");
            assert_eq!(color(instance), before);
            Ok(Turn::Quit)
        },
    );
}

#[test]
fn shaders_that_are_broken_from_the_start_leave_the_built_in_ones_until_they_are_mended() {
    with_shaders(
        |folder| edit(folder, "mesh.wgsl", LIT, "return nothing;"),
        |instance, folder| {
            said(instance, "nothing");
            assert!(instance.state().status.is_error());
            assert!(!is_green(color(instance)));
            edit(folder, "mesh.wgsl", "return nothing;", GREEN);
            said(instance, "reloaded the shaders");
            assert!(is_green(color(instance)));
            Ok(Turn::Quit)
        },
    );
}

/// Runs an editor that follows a folder of shaders on a stub.
fn on_stub(stub: &'static Stub, mut turn: impl FnMut(&mut Run<'_, '_, '_>, &Path) -> Outcome) {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let folder: TempDir = tempfile::tempdir().unwrap();
    let shaders = files::shaders(folder.path());
    let config = AppConfig { driver: Driver::Stub(stub), ..window::config() }.headless();
    let editor = Editor::new(None).follow_shaders(Some(shaders.clone()));
    voltrum::drive(&config, &editor, None, |instance| turn(instance, &shaders)).unwrap();
    assert_eq!((stub.live(), stub.misuses(), stub.device_bytes()), (0, 0, 0));
}

#[test]
fn no_frame_makes_a_pipeline_of_shaders_that_were_saved() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |instance, folder| {
        testing::frames(instance, 20)?;
        STUB.watch_pipelines();
        edit(folder, "ui.wgsl", "in.uv) * in.color;", "in.uv);");
        edit(folder, "grid.wgsl", "vec3<f32>(0.33)", "vec3<f32>(0.5)");
        said(instance, "reloaded the shaders");
        testing::frames(instance, 20)?;
        let [here, elsewhere] = STUB.pipelines();
        assert!(here == 0 && elsewhere >= 2, "{here} on the loop's thread, {elsewhere} on the worker");
        Ok(Turn::Quit)
    });
}

#[test]
fn memory_that_runs_out_while_pipelines_are_made_is_told_and_what_was_drawn_with_stays() {
    static STUB: Stub = Stub::new();
    on_stub(&STUB, |instance, folder| {
        testing::frames(instance, 20)?;
        let before = instance.app().gpu.live_objects();
        STUB.fail_next("vkCreate*Pipelines", ash::vk::Result::ERROR_OUT_OF_DEVICE_MEMORY);
        edit(folder, "grid.wgsl", "vec3<f32>(0.33)", "vec3<f32>(0.5)");
        assert!(said(instance, "what was loaded before stays").contains("vkCreateGraphicsPipelines"));
        testing::frames(instance, 20)?;
        assert_eq!(instance.app().gpu.live_objects(), before);
        assert!(STUB.end_faults().is_some());
        edit(folder, "grid.wgsl", "vec3<f32>(0.5)", "vec3<f32>(0.6)");
        said(instance, "reloaded the shaders");
        assert!(!instance.state().status.is_error());
        Ok(Turn::Quit)
    });
}

#[test]
fn pipelines_that_are_made_and_not_yet_taken_go_with_a_gpu_that_is_lost_and_with_the_editor() {
    static STUB: Stub = Stub::new();
    for (is_made, is_lost) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut opened = 0;
        on_stub(&STUB, |instance, folder| {
            opened += 1;
            if opened > 1 {
                assert!(STUB.end_faults().is_some());
                testing::frames(instance, 3)?;
                return Ok(Turn::Quit);
            }
            testing::frames(instance, 20)?;
            STUB.watch_pipelines();
            edit(folder, "grid.wgsl", "vec3<f32>(0.33)", "vec3<f32>(0.5)");
            let began = Instant::now();
            while !instance.is_loading() || (is_made && STUB.pipelines() == [0, 0]) {
                assert!(began.elapsed() < PATIENCE, "the worker makes no pipeline");
                std::thread::sleep(Duration::from_millis(5));
                if !instance.is_loading() {
                    testing::frames(instance, 1)?;
                }
            }
            if !is_lost {
                return Ok(Turn::Quit);
            }
            STUB.fail_next("vkQueueSubmit2", ash::vk::Result::ERROR_DEVICE_LOST);
            testing::frames(instance, 10)
        });
        assert_eq!(opened, 1 + u32::from(is_lost));
    }
}

/// Loses the GPU after some frames with a folder's shaders; what the status line says on the next one.
fn lose(stub: &'static Stub, frames: usize, break_it: bool) -> String {
    let (mut opened, mut status) = (0, String::new());
    on_stub(stub, |instance, shaders| {
        opened += 1;
        if opened == 1 {
            testing::frames(instance, frames)?;
            if break_it {
                edit(shaders, "grid.wgsl", "fn fs_main", "fn fs_mine");
            }
            stub.fail_call(7, ash::vk::Result::ERROR_DEVICE_LOST);
            return testing::frames(instance, 10_000);
        }
        assert!(stub.end_faults().is_some());
        testing::frames(instance, 3)?;
        status = instance.state().status.text().0.to_owned();
        Ok(Turn::Quit)
    });
    status
}

#[test]
fn a_gpu_that_is_lost_keeps_its_shaders_unless_they_are_new_enough_to_be_why() {
    static STUB: Stub = Stub::new();
    assert_eq!(lose(&STUB, 400, false), "");
    let broken = lose(&STUB, 400, true);
    assert!(broken.contains("grid.wgsl: the entry point fs_main is missing"), "{broken}");
    let early = lose(&STUB, 20, false);
    assert!(early.contains("the built-in ones are drawn with until one changes"), "{early}");
}
