//! Saving beside the frames: what comes meanwhile stays unsaved and is kept, what fails is told and loses nothing.
//!
//! `VOLTRUM_NODES=100000 cargo test --release -p voltrum-editor --test saving -- --nocapture` prints what the frames cost in
//! which so many changed entities are saved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, Tag};
use voltrum::platform::thread_cpu_time;
use voltrum::scene::project::Intent;
use voltrum::scene::{SpawnDesc, Transform};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::no_uploads::NoUploads;
use voltrum_editor::project::{self, Access, Picking, Project, ProjectRequest, SaveWork};

const PATIENCE: Duration = Duration::from_secs(600);

/// Opens a project, which is made where there is none, and closes it after the test.
fn with(path: &Path, test: impl for<'s> FnOnce(&mut Project<'s>)) {
    let mut arena = Arena::try_reserve("scene", 8 << 30).unwrap();
    let memory = arena.open();
    let mut scratch = NoUploads::memory().unwrap();
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    let loading = &mut Loading::new(&mut uploads, &progress);
    let staged = project::load_project(path, Intent::Edit, Picking::Boxes, &memory, loading).unwrap();
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT)).unwrap();
    test(&mut project);
    project.close_headless();
}

/// Does a save on another thread, and something on this one before it has ended.
fn save_beside<'s>(
    project: &mut Project<'s>,
    prepare: impl FnOnce(),
    meanwhile: impl FnOnce(&mut Project<'s>),
) -> Result<(), EditorError> {
    project.begin_saving(true).unwrap();
    let work: SaveWork<'s> = project.take_work().unwrap();
    assert!(project.is_saving() && project.take_work().is_none());
    prepare();
    meanwhile(project);
    std::thread::scope(|threads| threads.spawn(move || work.run()).join().unwrap());
    project.update();
    assert!(!project.is_saving());
    let saved = project.take_saved().unwrap();
    assert!(project.take_saved().is_none(), "it is told once");
    saved
}

#[test]
fn edits_that_come_while_a_save_goes_on_stay_unsaved_and_are_journaled_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    let copy = folder.path().join("copy.voltrum");
    with(&path, |project| {
        project.save().unwrap();
        let lamp = project.add("lamp", None).unwrap();
        let saved = save_beside(
            project,
            || (),
            |project| {
                assert!(project.is_unsaved() && project.path().is_some_and(|path| path.ends_with("room.voltrum")));
                project.rename(lamp, "late").unwrap();
                project.add("later", None).unwrap();
                project.update();
            },
        );
        saved.unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"lamp\"") && !text.contains("late"), "{text}");
        assert!(project.is_unsaved(), "the file lacks them");
        assert!(project.flush());
        fs::copy(&path, &copy).unwrap();
        fs::copy(path.with_extension("voltrum.journal"), copy.with_extension("voltrum.journal")).unwrap();
        assert!(project.undo().unwrap() && project.undo().unwrap());
        assert!(!project.is_unsaved(), "back at what was saved");
        assert!(project.redo().unwrap() && project.redo().unwrap());
        save_beside(project, || (), |_| ()).unwrap();
        assert!(!project.is_unsaved() && project.flush());
    });
    // what a crash after the first save would have left
    with(&copy, |project| {
        let notice = project.take_notice().unwrap_or_default();
        assert!(notice.starts_with("recovered 2 edits"), "{notice}");
        assert_eq!(project.entity_count(), 2);
    });
    with(&path, |project| assert_eq!((project.take_notice(), project.entity_count()), (None, 2)));
}

#[test]
fn a_save_that_fails_keeps_everything_and_tells() {
    let folder = tempfile::tempdir().unwrap();
    let (home, away) = (folder.path().join("home"), folder.path().join("away"));
    fs::create_dir(&home).unwrap();
    let path = home.join("room.voltrum");
    with(&path, |project| {
        project.save().unwrap();
        let before = fs::read(&path).unwrap();
        project.add("lamp", None).unwrap();
        assert!(project.flush());
        let failed = save_beside(
            project,
            || fs::rename(&home, &away).unwrap(),
            |project| {
                project.add("late", None).unwrap();
            },
        );
        let error = failed.unwrap_err().to_string();
        assert!(error.contains("room.voltrum"), "{error}");
        assert!(project.is_unsaved());
        fs::rename(&away, &home).unwrap();
        assert_eq!(fs::read(&path).unwrap(), before);
        assert!(project.flush(), "{:?}", project.journal_trouble());
        save_beside(project, || fs::write(&path, "{ \"schema\": 2 }").unwrap(), |_| ()).unwrap_err();
        project.begin_saving(false).unwrap();
        // nobody takes the work: leaving does it
    });
    with(&path, |project| {
        assert_eq!((project.take_notice(), project.entity_count(), project.is_unsaved()), (None, 2, false));
    });
}

#[test]
fn what_needs_the_file_waits_for_the_save_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with(&path, |project| {
        project.save().unwrap();
        for round in 0..3 {
            project.add("lamp", None).unwrap();
            project.begin_saving(true).unwrap();
            let work = project.take_work().unwrap();
            std::thread::scope(|threads| {
                threads.spawn(move || {
                    std::thread::sleep(Duration::from_millis(50));
                    work.run();
                });
                match round {
                    0 => assert!(project.flush() && !project.is_unsaved()),
                    1 => project.save().unwrap(),
                    _ => project.begin_saving(true).unwrap(),
                }
            });
        }
        project.save_as(&folder.path().join("other.voltrum")).unwrap();
        assert!(!project.is_unsaved() && !project.is_saving());
    });
    with(&path, |project| assert_eq!(project.entity_count(), 3));
    with(&folder.path().join("other.voltrum"), |project| assert_eq!(project.entity_count(), 3));
}

#[test]
fn many_entities_are_captured_over_several_frames_and_an_edit_meanwhile_is_saved_with_them() {
    const COUNT: usize = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with(&path, |project| {
        project.save().unwrap();
        let ids = project.edit("Add many", |edit| {
            let names = (0..COUNT).map(|number| format!("n{number}"));
            let mut ids = Vec::new();
            for name in names {
                ids.push(edit.spawn(&SpawnDesc { name: &name, ..SpawnDesc::default() })?);
            }
            Ok(ids)
        });
        let ids = ids.unwrap();
        for round in 0..4 {
            project.rename(ids[0], &format!("first {round}")).unwrap();
            assert!(project.flush());
            project.begin_saving(true).unwrap();
            assert!(project.is_saving() && project.take_work().is_none(), "one frame is not enough");
            project.update();
            assert!(project.access() == Access::Writable && project.path().is_some());
            match round {
                // an edit of what was captured already
                0 => project.rename(ids[0], "late").unwrap(),
                1 => assert!(project.undo().unwrap() && project.undo().unwrap()),
                // who can't wait
                2 => assert!(project.flush()),
                _ => {}
            }
            let mut frames = 0;
            while project.is_saving() {
                project.update();
                frames += 1;
                if let Some(work) = project.take_work() {
                    std::thread::scope(|threads| threads.spawn(move || work.run()).join().unwrap());
                }
            }
            assert!((round == 2) == (frames == 0), "{frames}");
            project.take_saved().unwrap().unwrap();
            assert!(!project.is_unsaved());
            let text = fs::read_to_string(&path).unwrap();
            let first = ["\"late\"", "\"first 0\"", "\"first 2\"", "\"first 3\""][round];
            assert!(text.contains(first) && text.matches("\"id\"").count() == COUNT, "{round}");
        }
        // what goes on when it is closed is done then
        project.begin_saving(true).unwrap();
    });
    with(&path, |project| assert_eq!((project.take_notice(), project.entity_count()), (None, COUNT)));
}

/// Prints figures. They are the machine's, so nothing is asserted of them.
#[test]
fn frames_go_on_while_many_changed_entities_are_saved() {
    let count = std::env::var("VOLTRUM_NODES").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000usize);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.voltrum");
    fs::write(&path, "{ \"schema\": 2 }").unwrap();
    let config = AppConfig { window_size: [200, 150], scene_limit_bytes: 8 << 30, ..window::config() }.headless();
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        if instance.project().is_empty() {
            instance.open(ProjectRequest::Open(path.clone()).into());
            return testing::frames_until_open(instance, PATIENCE);
        }
        let spawned = instance.project().edit("Add many", |edit| {
            for number in 0..count {
                let local = Transform::at([number as f32, 0.0, 0.0].into()).into();
                edit.spawn(&SpawnDesc { name: "many", local, ..SpawnDesc::default() })?;
            }
            Ok(())
        });
        spawned.unwrap();
        testing::frames(instance, 5)?;
        assert!(instance.project().flush());
        let rested = longest(instance, 20)?;
        instance.project().add("one more", None).unwrap();
        assert!(instance.project().flush());
        let began = (thread_cpu_time().unwrap(), Instant::now());
        instance.project().begin_saving(true).unwrap();
        let capture = thread_cpu_time().unwrap().saturating_sub(began.0);
        let (mut frames, mut worst) = (0, Duration::ZERO);
        while instance.project().is_unsaved() && began.1.elapsed() < PATIENCE {
            worst = worst.max(longest(instance, 1)?);
            frames += 1;
        }
        assert!(!instance.project().is_unsaved());
        println!(
            "{} entities: {capture:?} to capture, then saved in {:?}, beside {frames} frames of at most {worst:?}; at rest \
             {rested:?}",
            instance.project().entity_count(),
            began.1.elapsed(),
        );
        Ok(Turn::Quit)
    })
    .unwrap();
    with(&path, |project| assert_eq!(project.entity_count(), count + 1));
}

/// The most that one of so many frames computes on this thread.
fn longest(
    instance: &mut voltrum::Instance<'_, '_, '_, Editor>,
    frames: usize,
) -> Result<Duration, voltrum::AppError<EditorError>> {
    let mut longest = Duration::ZERO;
    for _ in 0..frames {
        let before = thread_cpu_time().unwrap();
        instance.frame()?;
        longest = longest.max(thread_cpu_time().unwrap().saturating_sub(before));
    }
    Ok(longest)
}
