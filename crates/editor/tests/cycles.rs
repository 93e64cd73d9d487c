//! Every model, and a project of two that share a picture, opened and closed, again and again: nothing is held that was
//! not held after the first rounds.
//!
//! One test, since the heap and the open files are the process's.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::path::{Path, PathBuf};
use std::time::Duration;
use voltrum::memory::{CountingHeap, heap_usage};
use voltrum::render::renderer;
use voltrum::{AppConfig, AppError, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::project::ProjectRequest;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const PATIENCE: Duration = Duration::from_secs(120);
/// Rounds after which everything that is kept for the next time is there.
const WARM_ROUNDS: usize = 2;

type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;

/// How often a model is opened; more often where somebody asks for it.
fn cycles() -> usize {
    std::env::var("VOLTRUM_CYCLES").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

/// Small models of the tests' own, broken ones, the sample, and those of a folder that somebody names.
fn models(folder: &Path) -> Vec<PathBuf> {
    let mut models = vec![files::good(folder), files::sample(), files::room(folder).1];
    models.extend(files::bad(folder).into_iter().map(|bad| bad.path));
    models.extend(files::repaired(folder).into_iter().map(|repaired| repaired.path));
    if let Ok(named) = std::env::var("VOLTRUM_MODELS") {
        add(Path::new(&named), &mut models);
    }
    models
}

fn add(folder: &Path, models: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add(&path, models);
        } else if path.extension().is_some_and(|ending| ending == "glb" || ending == "gltf") {
            models.push(path);
        }
    }
}

/// What may not grow.
const NAMES: [&str; 10] = [
    "permanent arena",
    "scene arena a",
    "scene arena b",
    "frame arena",
    "GPU bytes",
    "GPU objects",
    "heap bytes",
    "heap blocks",
    "open files",
    "threads",
];

fn entries(folder: &str) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

fn held(instance: &mut Run<'_, '_, '_>) -> [usize; 10] {
    let figures = instance.figures();
    let app = instance.app();
    renderer::wait_idle(&mut app.renderer).unwrap();
    let [permanent, a, b, frame] = figures.arenas().map(|arena| arena.committed());
    let heap = heap_usage().unwrap();
    let (bytes, objects) = (app.gpu.usage().used_bytes as usize, app.gpu.live_objects() as usize);
    let system = [entries("/proc/self/fd"), entries("/proc/self/task")];
    let [files, threads] = system;
    [permanent, a, b, frame, bytes, objects, heap.live_bytes, heap.live_count, files, threads]
}

/// What is held once the worker has given the closed scene's pages back.
fn held_at_rest(instance: &mut Run<'_, '_, '_>) -> [usize; 10] {
    let mut last = held(instance);
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(20));
        testing::frames(instance, 3).unwrap();
        let now = held(instance);
        if now == last {
            return now;
        }
        last = now;
    }
    last
}

fn ask(instance: &mut Run<'_, '_, '_>, request: ProjectRequest) -> Result<Turn, AppError<EditorError>> {
    instance.open(request.into());
    let turn = testing::frames_until_loaded(instance, PATIENCE)?;
    // a failure is told at the beginning of the next frame
    if turn == Turn::Continue { instance.frame() } else { Ok(turn) }
}

#[test]
fn opening_and_closing_every_model_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path());
    let config = AppConfig { window_size: [200, 150], ..window::config() }.headless();
    let (mut done, mut warm, last) = (0, None, cycles().max(models.len() * (WARM_ROUNDS + 1)));
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        testing::frames(instance, 2)?;
        if !instance.project().is_empty() {
            return ask(instance, ProjectRequest::Close);
        }
        loop {
            if done == models.len() * WARM_ROUNDS {
                warm = Some(held_at_rest(instance));
            }
            if done >= last && done % models.len() == 0 {
                let (warm, now) = (warm.unwrap(), held_at_rest(instance));
                for ((name, then), now) in NAMES.iter().zip(warm).zip(now) {
                    assert!(now <= then, "{name}: {then} after {WARM_ROUNDS} rounds, {now} after {done} models");
                }
                assert_eq!(instance.app().gpu.validation_messages(), 0);
                println!("{done} opened and closed: {now:?}");
                return Ok(Turn::Quit);
            }
            let path = models[done % models.len()].clone();
            done += 1;
            // one that can't be opened leaves things as they are
            if ask(instance, ProjectRequest::Open(path))? == Turn::Switch {
                return Ok(Turn::Switch);
            }
        }
    })
    .unwrap();
}
