//! The Rust heap under the editor: nothing in a steady frame, nothing left by a file that failed.
//!
//! One test, since the heap is the process's, and without the usual harness: its thread would allocate when a test takes
//! longer than a minute.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::time::Duration;
use voltrum::memory::{CountingHeap, heap_usage};
use voltrum::render::{Driver, Stub};
use voltrum::ui::GizmoKind;
use voltrum::{AppConfig, AppError, FrameStats, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::look::Mode;
use voltrum_editor::project::Play;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const PATIENCE: Duration = Duration::from_secs(60);

type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;

fn assert_steady(stats: FrameStats) {
    assert_eq!((stats.heap_allocations, stats.ui_allocations), (Some(0), Some(0)));
}

/// Frames in which the camera goes around, each of them steady, once all panels have shown what is new.
fn orbit(instance: &mut Run<'_, '_, '_>, frames: usize) -> Result<(), AppError<EditorError>> {
    testing::frames(instance, 8)?;
    for _ in 0..frames {
        instance.state().viewport.camera.orbit([7.0, 0.5], 1.0);
        instance.frame()?;
        assert_steady(instance.stats());
    }
    Ok(())
}

/// On the system's driver in a small window, and for longer on the stub in one that has room for all that panels show.
fn main() {
    static STUB: Stub = Stub::new();
    live(Driver::System, [400, 300], 10);
    live(Driver::Stub(&STUB), [1_280, 800], 100);
    assert_eq!(STUB.misuses(), 0);
    println!("steady frames take nothing and failed files leave nothing: ok");
}

fn live(driver: Driver, window_size: [u32; 2], frames: usize) {
    let folder = tempfile::tempdir().unwrap();
    files::good(folder.path());
    let (bad, sample, figure) = (files::bad(folder.path()), files::sample(), files::figure(folder.path()));
    let config = AppConfig { driver, window_size, ..window::config() }.headless();
    let mut opened = 0;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        testing::frames(instance, 20)?;
        assert_steady(instance.stats());
        opened += 1;
        match opened {
            1 => {
                instance.state().open(sample.to_str().unwrap());
                return testing::frames_until_open(instance, PATIENCE);
            }
            2 => {
                let node = instance.project().rows.rows()[3].entity;
                instance.project().selection_mut().set([node]).unwrap();
                // an edit, for the history
                instance.project().rename(node, "renamed").unwrap();
                // all panels are open; the camera goes around what is selected, and its gizmo with it
                for kind in [GizmoKind::Move, GizmoKind::Rotate, GizmoKind::Scale] {
                    instance.state().tools.kind = kind;
                    orbit(instance, frames)?;
                }
                for mode in Mode::ALL {
                    instance.state().viewport.look.mode = mode;
                    orbit(instance, frames / 10)?;
                }
                instance.state().viewport.look.mode = Mode::Shaded;
                instance.project().undo().unwrap();
                instance.state().open(figure.to_str().unwrap());
                return testing::frames_until_open(instance, PATIENCE);
            }
            _ => {}
        }

        // an animation plays: joints and a morph target move one mesh, and another stays
        let bend = instance.project().find_animation("Bend").unwrap();
        instance.project().play(Play::Show(bend));
        for row in 0..instance.project().rows.rows().len() {
            // the inspector shows each kind of thing, and then several at once
            let entity = instance.project().rows.rows()[row].entity;
            instance.project().selection_mut().set([entity]).unwrap();
            orbit(instance, frames / 2)?;
        }
        let all: Vec<_> = instance.project().rows.rows().iter().map(|row| row.entity).collect();
        instance.project().selection_mut().set(all).unwrap();
        orbit(instance, frames / 2)?;
        assert!(instance.project().is_playing());
        instance.project().play(Play::Stop);

        let mut held = [0; 3];
        for held in &mut held {
            for bad in &bad {
                instance.state().open(bad.path.to_str().unwrap());
                testing::frames_until_loaded(instance, PATIENCE)?;
                testing::frames(instance, 3)?;
                assert!(instance.state().status.is_error());
            }
            *held = heap_usage().unwrap().live_bytes;
        }
        assert_eq!(held[1], held[2]);
        orbit(instance, frames / 10)?;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(Turn::Quit)
    })
    .unwrap();
}
