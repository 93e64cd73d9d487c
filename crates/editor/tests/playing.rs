//! Playing an animation leaves no trace: no step, no unsaved mark, every place as it was to the last bit, no heap.
//!
//! One test at a time, since the heap is the process's.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use std::path::Path;
use std::sync::Mutex;
use voltrum::memory::{CountingHeap, Faults};
use voltrum::scene;
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::project::{Play, Project};
use voltrum_editor::status::Mood;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

static TURN: Mutex<()> = Mutex::new(());

fn bits(project: &Project<'_>) -> Vec<[u32; 16]> {
    let worlds = scene::entities(project.scene).map(|entity| scene::world(project.scene, entity).unwrap());
    worlds.map(|world| world.to_cols_array().map(f32::to_bits)).collect()
}

#[test]
fn playing_takes_no_heap_and_stopping_leaves_everything_as_it_was() {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let fox = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models/Fox.glb");
    for (file, animation) in [(files::figure(folder.path()), "Bend"), (fox, "Run")] {
        if file.exists() {
            leaves_no_trace(&file, animation);
        } else {
            eprintln!("left out: there is no {}", file.display());
        }
    }
}

#[test]
fn an_animation_that_there_is_no_memory_for_is_told_and_the_editor_goes_on() {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let figure = files::figure(folder.path());
    opened::with_open(AppConfig { window_size: [320, 240], ..window::config() }, &figure, |instance| {
        let before = bits(instance.project());
        let animation = instance.project().find_animation("Bend").unwrap();
        testing::frames(instance, 30)?;
        instance.project().play(Play::Show(animation));
        let faults = Faults::from_request(0);
        testing::frames(instance, 1)?;
        assert!(faults.refused() > 0);
        drop(faults);
        let (words, mood) = instance.state().status.text();
        assert!(words.ends_with("the animation is no longer shown") && mood == Mood::Error, "{words}");
        assert!(instance.project().playing().is_none());
        testing::frames(instance, 2)?;
        assert_eq!(bits(instance.project()), before);

        instance.project().play(Play::Show(animation));
        testing::frames(instance, 10)?;
        assert!(instance.project().is_playing() && bits(instance.project()) != before);
        Ok(Turn::Quit)
    });
}

fn leaves_no_trace(file: &Path, animation: &str) {
    opened::with_open(AppConfig { window_size: [320, 240], ..window::config() }, file, |instance| {
        let (before, steps) = (bits(instance.project()), instance.project().history().done());
        let animation = instance.project().find_animation(animation).unwrap();
        instance.project().play(Play::Show(animation));
        testing::frames(instance, 10)?;
        for _ in 0..60 {
            instance.frame()?;
            assert_eq!(instance.stats().heap_allocations, Some(0));
        }
        assert!(instance.project().is_playing() && bits(instance.project()) != before);
        instance.project().play(Play::Stop);
        testing::frames(instance, 2)?;
        assert_eq!(bits(instance.project()), before);
        assert_eq!((instance.project().history().done(), instance.project().is_unsaved()), (steps, false));
        Ok(Turn::Quit)
    });
}
