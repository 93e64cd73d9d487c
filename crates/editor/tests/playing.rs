//! Playing an animation leaves no trace: no step, no unsaved mark, every place as it was to the last bit, no heap.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use std::path::Path;
use voltrum::memory::CountingHeap;
use voltrum::scene;
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::project::{Play, Project};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

fn bits(project: &Project<'_>) -> Vec<[u32; 16]> {
    let worlds = scene::entities(project.scene).map(|entity| scene::world(project.scene, entity).unwrap());
    worlds.map(|world| world.to_cols_array().map(f32::to_bits)).collect()
}

#[test]
fn playing_takes_no_heap_and_stopping_leaves_everything_as_it_was() {
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
