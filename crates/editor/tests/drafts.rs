//! Projects that were never saved: what a crash leaves of them, and that nothing else does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, Tag};
use voltrum::scene::project::Intent;
use voltrum_editor::error::EditorError;
use voltrum_editor::no_uploads::NoUploads;
use voltrum_editor::project::{self, Access, KnownImages, Project, ProjectRequest, drafts_left_in};

/// Says to the test that plays the process which is killed where it is to work.
const FOLDER: &str = "VOLTRUM_TEST_DRAFTS";

/// Opens what a request says, runs the test on it and closes it.
fn with<R>(request: &ProjectRequest, test: impl FnOnce(&mut Project<'_>) -> R) -> Result<R, EditorError> {
    let mut arena = Arena::try_reserve("scene", 8 << 30)?;
    let memory = arena.open();
    let mut scratch = NoUploads::memory()?;
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    let mut loading = Loading::new(&mut uploads, &progress);
    let staged = project::load(request, Intent::Edit, &memory, &mut loading)?;
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT))?;
    let result = test(&mut project);
    project.close_headless();
    Ok(result)
}

fn drafts(root: &Path) -> PathBuf {
    root.join("state/unsaved")
}

/// What lies in the folder of drafts.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The process that is killed; nothing, where nobody has asked for it.
#[test]
fn a_process_with_an_untitled_project() {
    let Some(root) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let model = files::good(&root);
    let other = model.with_file_name("other.gltf");
    fs::copy(&model, &other).unwrap();
    let mut arena = Arena::try_reserve("scene", 8 << 30).unwrap();
    let memory = arena.open();
    let mut scratch = NoUploads::memory().unwrap();
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    let mut loading = Loading::new(&mut uploads, &progress);
    let staged = project::load(&ProjectRequest::Open(model), Intent::Edit, &memory, &mut loading).unwrap();
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT)).unwrap();
    project.keep_drafts_in(&drafts(&root)).unwrap();
    let corner = project.files()[0].entities()[0];
    project.rename(corner, "moved corner").unwrap();
    let lamp = project.add("lamp", None).unwrap();
    project.add("bulb", Some(lamp)).unwrap();
    let import = ProjectRequest::Import { path: other, under: None, images: KnownImages::default() };
    let staged = project::load(&import, Intent::Edit, &memory, &mut loading).unwrap();
    project.import_headless(&staged).unwrap();
    assert!(project.flush(), "{:?}", project.journal_trouble());
    println!("\nready");
    loop {
        std::thread::park();
    }
}

/// Starts that process, and waits until its edits are safe.
fn start(root: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_process_with_an_untitled_project", "--nocapture"]).env(FOLDER, root);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    assert!(said.lines().map_while(Result::ok).any(|line| line == "ready"), "it ended by itself");
    child
}

#[test]
fn an_untitled_project_whose_process_was_killed_comes_back_until_it_is_saved() {
    let root = tempfile::tempdir().unwrap();
    let folder = drafts(root.path());
    let mut child = start(root.path());
    assert_eq!(drafts_left_in(&folder), Vec::<PathBuf>::new(), "it is somebody's");
    let draft = folder.join(names(&folder).into_iter().find(|name| name.ends_with(".voltrum")).unwrap());
    let refused = with(&ProjectRequest::Recover(draft.clone()), |_| ());
    assert!(matches!(refused, Err(EditorError::NotRecovered { .. })), "{refused:?}");
    child.kill().unwrap();
    child.wait().unwrap();

    let left = drafts_left_in(&folder);
    assert_eq!(left, [draft]);
    let request = ProjectRequest::Recover(left[0].clone());
    // and once more, for what recovered it may crash, too
    for edits in [4, 5] {
        with(&request, |project| {
            let notice = project.take_notice().unwrap();
            assert!(notice.starts_with(&format!("recovered {edits} edits from ")), "{notice}");
            assert!(notice.ends_with(" as an untitled project"), "{notice}");
            assert_eq!((project.entity_count(), project.title(), project.path()), (edits, "model.gltf", None));
            assert!(project.is_unsaved() && project.access() == Access::Untitled);
            assert!(project.files().len() == 2 && project.files().iter().all(|file| file.fault().is_empty()));
            let other = if edits == 4 { "Import other.gltf" } else { "Add entity" };
            assert_eq!(project.can_undo(), Some(other));
            if edits == 4 {
                project.add("shade", None).unwrap();
            } else {
                project.save_as(&root.path().join("all.voltrum")).unwrap();
            }
        })
        .unwrap();
    }
    assert_eq!(names(&folder), Vec::<String>::new());
    with(&ProjectRequest::Open(root.path().join("all.voltrum")), |project| {
        assert_eq!((project.entity_count(), project.take_notice(), project.is_unsaved()), (5, None, false));
    })
    .unwrap();
}

#[test]
fn a_save_a_discard_and_a_clean_close_leave_no_draft() {
    let root = tempfile::tempdir().unwrap();
    let (model, folder) = (files::good(root.path()), drafts(root.path()));
    let saved = model.with_file_name("saved.voltrum");
    for way in ["saved", "discarded", "undone", "looked at"] {
        with(&ProjectRequest::Open(model.clone()), |project| {
            project.keep_drafts_in(&folder).unwrap();
            assert!(names(&folder).is_empty(), "nothing was edited");
            if way == "looked at" {
                return;
            }
            project.add("lamp", None).unwrap();
            assert!(project.flush() && names(&folder).len() == 3, "document, journal, lock: {:?}", names(&folder));
            match way {
                "saved" => project.save_as(&saved).unwrap(),
                "discarded" => project.discard_on_close(true),
                _ => assert!(project.undo().unwrap()),
            }
            if way == "saved" {
                assert_eq!((names(&folder), project.path()), (Vec::new(), Some(&*saved.canonicalize().unwrap())));
                project.add("chair", None).unwrap();
                project.save().unwrap();
            }
        })
        .unwrap();
        assert_eq!(names(&folder), Vec::<String>::new(), "{way}");
    }
    let text = fs::read_to_string(&saved).unwrap();
    assert!(text.contains("chair") && !text.contains("place"), "{text}");
}

#[test]
fn what_could_not_be_kept_at_first_is_kept_as_soon_as_it_can() {
    let root = tempfile::tempdir().unwrap();
    let folder = drafts(root.path());
    fs::write(root.path().join("state"), "in the way").unwrap();
    with(&ProjectRequest::New, |project| {
        project.keep_drafts_in(&folder).unwrap();
        project.add("lamp", None).unwrap();
        let trouble = project.journal_trouble().unwrap();
        assert!(trouble.contains("unsaved"), "{trouble}");
        project.add("chair", None).unwrap();
        fs::remove_file(root.path().join("state")).unwrap();
        let began = Instant::now();
        while project.journal_trouble().is_some() {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(project.wakes_within().unwrap());
            project.update();
        }
        project.add("table", None).unwrap();
        assert!(project.flush());
    })
    .unwrap();
    with(&ProjectRequest::Recover(drafts_left_in(&folder)[0].clone()), |project| {
        assert_eq!((project.entity_count(), project.title(), project.is_unsaved()), (3, "untitled", true));
        project.discard_on_close(true);
    })
    .unwrap();
    assert_eq!(names(&folder), Vec::<String>::new());
}
