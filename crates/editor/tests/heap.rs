//! The Rust heap under the editor: nothing in a steady frame, nothing left by a file that failed.
//!
//! One test, since the heap is the process's, and without the usual harness: its thread would allocate when a test takes
//! longer than a minute.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::time::Duration;
use voltrum::memory::{CountingHeap, heap_usage};
use voltrum::ui::GizmoKind;
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    files::good(folder.path());
    let bad = files::bad(folder.path());
    let sample = files::sample();
    let config = AppConfig { window_size: [400, 300], ..window::config() }.headless();
    let mut is_open = false;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        let assert_steady = |stats: voltrum::FrameStats| {
            assert_eq!((stats.heap_allocations, stats.ui_allocations), (Some(0), Some(0)));
        };
        testing::frames(instance, 20)?;
        assert_steady(instance.stats());
        if !std::mem::replace(&mut is_open, true) {
            instance.state().open(sample.to_str().unwrap());
            return testing::frames_until_loaded(instance, PATIENCE);
        }
        let node = instance.project().rows.rows()[3].entity;
        instance.project().selection_mut().set([node]).unwrap();
        testing::frames(instance, 20)?;
        assert_steady(instance.stats());

        // all panels are open; the camera goes around what is selected, and its gizmo with it
        for kind in [GizmoKind::Move, GizmoKind::Rotate, GizmoKind::Scale] {
            instance.state().tools.kind = kind;
            testing::frames(instance, 20)?;
            for _ in 0..100 {
                instance.state().viewport.camera.orbit([7.0, 0.5], 1.0);
                instance.frame()?;
                assert_steady(instance.stats());
            }
        }

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
        assert_steady(instance.stats());
        Ok(Turn::Quit)
    })
    .unwrap();
    println!("steady frames take nothing and failed files leave nothing: ok");
}
