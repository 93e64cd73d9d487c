//! Taking a project over that a worker has built: what the main thread does there is the same for ten entities and for a
//! million.
//!
//! `VOLTRUM_NODES=1000000 cargo test --release -p voltrum-editor --test adopting -- --nocapture` prints what the frame of a
//! switch to a scene of so many nodes costs.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, ArenaView, CountingHeap, Fill, Scope, Tag, heap_usage};
use voltrum::platform::thread_cpu_time;
use voltrum::scene::project::Intent;
use voltrum::scene::{self, Local};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::no_uploads::NoUploads;
use voltrum_editor::project::{self, Project, ProjectRequest, StagedProject};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const PATIENCE: Duration = Duration::from_secs(600);

/// One triangle: positions of three corners.
const TRIANGLE: &str = r#""meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],
"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36,"uri":
"data:application/octet-stream;base64,AAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA"}]"#;

/// A glTF file with so many nodes, which show a triangle each, and a project that refers to it, moves half of them and has as
/// many of its own.
fn project(folder: &Path, nodes: usize) -> PathBuf {
    let mut list = String::from(r#"{"mesh":0}"#);
    for node in 1..nodes {
        write!(list, ",{{\"mesh\":0,\"translation\":[{node},0,0]}}").unwrap();
    }
    let roots = (0..nodes).map(|node| node.to_string()).collect::<Vec<_>>().join(",");
    let file = format!(
        "{{\"asset\":{{\"version\":\"2.0\"}},\"scene\":0,\"scenes\":[{{\"nodes\":[{roots}]}}],\"nodes\":[{list}],{TRIANGLE}}}"
    );
    fs::write(folder.join(format!("{nodes}.gltf")), file).unwrap();
    let mut entities = String::from("{ \"id\": 1, \"name\": \"own 1\" }");
    for id in 2..=nodes / 2 {
        write!(entities, ",\n{{ \"id\": {id}, \"name\": \"own {id}\", \"translation\": [0, {id}, 0] }}").unwrap();
    }
    let path = folder.join(format!("{nodes}.voltrum"));
    let text = format!(
        "{{ \"schema\": 2, \"files\": [ {{ \"id\": 1, \"path\": \"{nodes}.gltf\" }} ], \"entities\": [ {entities} ] }}"
    );
    fs::write(&path, text).unwrap();
    path
}

struct Load<'l>(&'l Path);

impl Fill for Load<'_> {
    type Filled<'s> = StagedProject<'s, (), ()>;
    type Error = EditorError;

    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<StagedProject<'s, (), ()>, EditorError> {
        let mut scratch = NoUploads::memory().unwrap();
        let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
        let request = ProjectRequest::Open(self.0.to_path_buf());
        project::load(&request, Intent::Edit, memory, &mut Loading::new(&mut uploads, &progress))
    }
}

/// Bytes and blocks that an arena and all below it hold, and how many arenas these are.
fn held(arena: &ArenaView<'_>) -> [usize; 4] {
    let mut sum = [arena.used_here(), 0, 1, arena.committed()];
    arena.each_tag(|_, usage| sum[1] += usage.count);
    arena.each_child(|child| {
        let [bytes, blocks, arenas, _] = held(&child);
        sum = [sum[0] + bytes, sum[1] + blocks, sum[2] + arenas, sum[3]];
    });
    sum
}

/// What taking it over on this thread adds to the scene arena and to the Rust heap, after another thread has built it.
fn taken_by_opening(path: &Path, entities: usize) -> ([usize; 4], usize) {
    let mut arena = Arena::try_reserve("scene", 32 << 30).unwrap();
    let arena = &mut arena;
    let loaded = std::thread::scope(|threads| {
        threads.spawn(move || arena.open_with(&mut Load(path)).map_err(|(_, error)| error)).join()
    });
    let (memory, staged) = loaded.unwrap().unwrap();
    let (before, heap) = (held(&memory.view()), heap_usage().unwrap().allocations);
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT)).unwrap();
    let (after, allocations) = (held(&memory.view()), heap_usage().unwrap().allocations - heap);

    // what came from another thread goes on here
    assert_eq!(project.entity_count(), entities);
    assert_eq!(project.rows.rows().len(), entities, "all are roots");
    let version = project.version();
    let rows = project.rows.rows().as_ptr();
    project.rows.follow(project.scene, version).unwrap();
    assert_eq!(scene::update_transforms(project.scene), 0, "every transform is where it belongs");
    let first = project.rows.rows()[0].entity;
    assert!(project.delete(first).is_ok() && project.undo().unwrap() && project.redo().unwrap());
    let added = project.add("one more", None).unwrap();
    assert_eq!(scene::local(project.scene, added), Some(Local::default()));
    project.rows.follow(project.scene, project.version()).unwrap();
    assert_eq!((project.rows.rows().len(), project.rows.rows().as_ptr()), (entities, rows));
    project.close_headless();
    (std::array::from_fn(|at| after[at] - before[at]), allocations)
}

#[test]
fn what_the_main_thread_takes_to_open_a_project_does_not_grow_with_its_entities() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = [1_000, 30_000].map(|nodes| {
        let path = project(folder.path(), nodes);
        taken_by_opening(&path, nodes + nodes / 2)
    });
    assert_eq!(sizes[0], sizes[1]);
    let ([bytes, blocks, arenas, _], allocations) = sizes[1];
    assert!(bytes < 4_096 && blocks < 16 && arenas < 4 && allocations < 64, "{sizes:?}");
}

/// Prints figures, and tests that such a scene opens at all. They are the machine's, so nothing is asserted of them.
#[test]
fn a_switch_to_a_large_scene_is_one_frame() {
    let nodes = std::env::var("VOLTRUM_NODES").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000usize);
    let folder = tempfile::tempdir().unwrap();
    let path = project(folder.path(), nodes);
    let config = AppConfig { window_size: [200, 150], scene_limit_bytes: 8 << 30, ..window::config() }.headless();
    let (mut left, mut is_loaded) = (None, false);
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        if let Some(left) = left.take() {
            let opened = thread_cpu_time().unwrap();
            let turn = instance.frame()?;
            let drawn = thread_cpu_time().unwrap();
            instance.frame()?;
            let next = thread_cpu_time().unwrap();
            println!(
                "{} entities: {:?} to close, open and begin, {:?} in the first frame, {:?} in the second",
                instance.project().entity_count(),
                opened.saturating_sub(left),
                drawn.saturating_sub(opened),
                next.saturating_sub(drawn),
            );
            if std::mem::replace(&mut is_loaded, true) {
                return Ok(Turn::Quit);
            }
            assert_eq!((turn, instance.project().entity_count()), (Turn::Continue, nodes + nodes / 2));
        }
        testing::frames(instance, 5)?;
        let request = if is_loaded { ProjectRequest::Close } else { ProjectRequest::Open(path.clone()) };
        instance.open(request.into());
        let turn = testing::frames_until_loaded(instance, PATIENCE)?;
        assert_eq!(turn, Turn::Switch, "{}", instance.state().status.text().0);
        left = thread_cpu_time();
        Ok(turn)
    })
    .unwrap();
    assert!(is_loaded);
}
