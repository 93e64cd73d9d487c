//! Going from one project to another, again and again; and files that join the open one while frames go on.
//!
//! One test, since the heap is the process's.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use voltrum::memory::{CountingHeap, heap_usage};
use voltrum::render::renderer;
use voltrum::scene;
use voltrum::{AppConfig, AppError, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::project::ProjectRequest;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const PATIENCE: Duration = Duration::from_secs(60);

type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;

/// Switches; more of them where somebody asks for it.
fn switches() -> usize {
    std::env::var("VOLTRUM_SWITCHES").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

/// What may not grow.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    committed: [usize; 4],
    gpu_bytes: u64,
    gpu_objects: u64,
    heap_bytes: usize,
    heap_blocks: usize,
}

fn held(instance: &mut Run<'_, '_, '_>) -> Held {
    let figures = instance.figures();
    let app = instance.app();
    renderer::wait_idle(&mut app.renderer).unwrap();
    let heap = heap_usage().unwrap();
    Held {
        committed: figures.arenas().map(|arena| arena.committed()),
        gpu_bytes: app.gpu.usage().used_bytes,
        gpu_objects: app.gpu.live_objects(),
        heap_bytes: heap.live_bytes,
        heap_blocks: heap.live_count,
    }
}

/// What is held once the worker has given the closed scene's pages back.
fn held_at_rest(instance: &mut Run<'_, '_, '_>) -> Held {
    let mut last = held(instance);
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(10));
        testing::frames(instance, 2).unwrap();
        let now = held(instance);
        if now == last {
            return now;
        }
        last = now;
    }
    last
}

fn project(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let entities = (1..=50).map(|id| format!("{{ \"id\": {id}, \"name\": \"{name} {id}\" }}")).collect::<Vec<_>>();
    let files = r#"[ { "id": 1, "path": "good/model.gltf" } ]"#;
    let text = format!("{{ \"schema\": 2, \"files\": {files}, \"entities\": [ {} ] }}", entities.join(", "));
    fs::write(&path, text).unwrap();
    path
}

fn open(instance: &mut Run<'_, '_, '_>, path: &Path) -> Result<Turn, AppError<EditorError>> {
    instance.open(ProjectRequest::Open(path.to_path_buf()).into());
    testing::frames_until_open(instance, PATIENCE)
}

#[test]
fn projects_follow_each_other_without_growth_and_files_join_the_open_one() {
    let folder = tempfile::tempdir().unwrap();
    let model = files::good(folder.path());
    let projects = [project(folder.path(), "one.voltrum"), project(folder.path(), "two.voltrum")];
    let config = AppConfig { window_size: [200, 150], ..window::config() }.headless();
    let (mut switched, mut after_ten, last) = (0, None, switches());
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        testing::frames(instance, 3)?;
        if switched > 0 {
            let names = ["two.voltrum", "one.voltrum"];
            assert_eq!((instance.project().title(), instance.project().entity_count()), (names[switched % 2], 51));
        }
        if switched == 10 {
            after_ten = Some(held_at_rest(instance));
        } else if switched >= last && switched % 2 == 0 {
            assert_eq!(Some(held_at_rest(instance)), after_ten, "after {switched} switches");
            return joined(instance, &model);
        }
        switched += 1;
        open(instance, &projects[(switched + 1) % 2])
    })
    .unwrap();
    assert!(!projects[0].with_extension("voltrum.lock").exists());
}

/// Files join the open project while frames go on; what can't leaves it as it was.
fn joined(instance: &mut Run<'_, '_, '_>, model: &Path) -> Result<Turn, AppError<EditorError>> {
    let lamp = instance.project().add("lamp", None).unwrap();
    let before = instance.project().entity_count();
    for (round, under) in [None, Some(lamp)].into_iter().enumerate() {
        let request = instance.project().import_request(model.to_path_buf(), under);
        instance.import(request.into())?;
        assert_eq!(testing::frames_until_loaded(instance, PATIENCE)?, Turn::Continue, "the project stays");
        let project = instance.project();
        assert_eq!((project.entity_count(), project.history().done()), (before + 1 + round, 2 + round));
        let joined = project.selection().active().unwrap();
        assert_eq!((project.name(joined), scene::parent(project.scene, joined)), ("Corner", under));
    }
    testing::frames(instance, 3)?;
    assert_eq!(scene::meshes(instance.project().scene).len(), 3, "its own and two that joined");
    assert!(instance.project().undo().unwrap() && instance.project().undo().unwrap());
    assert_eq!(instance.project().entity_count(), before);
    assert!(instance.project().redo().unwrap());

    let edits = instance.project().history().done();
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = files::good(elsewhere.path());
    let broken = model.with_file_name("broken.glb");
    fs::write(&broken, "glTF").unwrap();
    for path in [outside, broken, model.with_file_name("nowhere.glb")] {
        let request = instance.project().import_request(path, None);
        instance.import(request.into())?;
        assert_eq!(testing::frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
        testing::frames(instance, 2)?;
        assert!(instance.state().status.is_error(), "{}", instance.state().status.text().0);
        assert_eq!((instance.project().entity_count(), instance.project().history().done()), (before + 1, edits));
    }
    assert!(instance.project().save().is_ok());
    testing::frames(instance, 20)?;
    assert_eq!(instance.stats().heap_allocations, Some(0), "a project that rests takes nothing");
    assert_eq!(instance.app().gpu.validation_messages(), 0);
    Ok(Turn::Quit)
}
