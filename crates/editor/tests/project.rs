//! The open project without a window: edits, drags, saving, picking.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;

use glam::Vec3;
use std::fs;
use std::num::NonZeroU64;
use std::path::Path;
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, Tag};
use voltrum::scene::pick::Ray;
use voltrum::scene::project::Intent;
use voltrum::scene::{self, Entity, SpawnDesc, Transform};
use voltrum_editor::error::EditorError;
use voltrum_editor::no_uploads::NoUploads;
use voltrum_editor::project::{self, Access, Picking, Project, ProjectRequest, ViewSettings};

const DRAG: NonZeroU64 = NonZeroU64::new(7).unwrap();

/// Opens a file, or what a request says, runs the test on it and closes it.
fn with(request: &ProjectRequest, test: impl FnOnce(&mut Project<'_>)) {
    let mut arena = Arena::try_reserve("scene", 8 << 30).unwrap();
    let memory = arena.open();
    let mut scratch = NoUploads::memory().unwrap();
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    let loading = &mut Loading::new(&mut uploads, &progress);
    let staged = match request {
        // one that isn't there is made
        ProjectRequest::Open(path) if project::is_project(path) => {
            project::load_project(path, Intent::Edit, Picking::Exact, &memory, loading).unwrap()
        }
        request => project::load(request, Intent::Edit, &memory, loading).unwrap(),
    };
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT)).unwrap();
    test(&mut project);
    project.close_headless();
}

fn with_file(path: &Path, test: impl FnOnce(&mut Project<'_>)) {
    with(&ProjectRequest::Open(path.to_path_buf()), test);
}

fn x(project: &Project<'_>, entity: Entity) -> f32 {
    scene::world(project.scene, entity).map_or(f32::NAN, |world| world.w_axis.x)
}

fn journal(project: &Path) -> std::path::PathBuf {
    project.with_extension("voltrum.journal")
}

#[test]
fn the_frames_of_a_drag_are_one_step_for_undo_and_for_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with_file(&path, |project| {
        project.save().unwrap();
        let lamp = project.add("lamp", None).unwrap();
        for frame in 1..=100 {
            project.drag("Move", DRAG, |edit| edit.set_local(lamp, Transform::at(Vec3::X * frame as f32))).unwrap();
            project.update();
        }
        assert_eq!((project.history().done(), project.steps().0), (2, 1), "the drag is not over");
        project.end_drag();
        assert_eq!(project.steps().0, 2);
        assert_eq!((project.can_undo(), x(project, lamp)), (Some("Move"), 100.0));
        assert!(project.undo().unwrap());
        project.update();
        assert_eq!((project.can_redo(), x(project, lamp)), (Some("Move"), 0.0));
        assert!(project.redo().unwrap());

        project.drag("Move", DRAG, |edit| edit.set_local(lamp, Transform::at(Vec3::ONE))).unwrap();
        project.cancel_drag(DRAG);
        project.update();
        assert_eq!(
            (project.history().done(), project.steps().0, x(project, lamp)),
            (2, 4, 100.0),
            "as if it never was"
        );
        project.drag("Move", DRAG, |edit| edit.set_local(lamp, Transform::at(Vec3::NEG_X))).unwrap();
        assert!(project.flush(), "what ends it, ends the drag");
        assert_eq!(project.steps(), (5, 5));
    });
    with_file(&path, |project| {
        let notice = project.take_notice().unwrap();
        assert!(notice.starts_with("recovered 5 edits from "), "{notice}");
        let lamp = scene::query::find_path(project.scene, "lamp").unwrap();
        assert_eq!((x(project, lamp), project.is_unsaved()), (-1.0, true));
    });
}

#[test]
fn an_edit_of_one_is_for_all_that_are_selected_and_changes_only_what_it_says() {
    with(&ProjectRequest::New, |project| {
        let ids = ["a", "b", "c"].map(|name| project.add(name, None).unwrap());
        for (at, id) in ids.iter().enumerate() {
            let at = at as f32;
            project.edit("Move", |edit| edit.set_local(*id, Transform::at(Vec3::new(at, at * 10.0, 0.0)))).unwrap();
        }
        let other = project.add("other", None).unwrap();
        project.selection_mut().set(ids).unwrap();
        let mixed = project.mixed();
        assert_eq!((mixed.position, mixed.scale, mixed.rotation), ([true, true, false], [false; 3], false));
        assert!(mixed.name && !mixed.visible && !mixed.light);

        let before = project.history().done();
        for x in [5.0, 6.0, 7.0] {
            project.drag_local("Move", DRAG, ids[2], Transform::at(Vec3::new(x, 20.0, 0.0)).into()).unwrap();
        }
        project.end_drag();
        assert_eq!((project.history().done(), project.can_undo()), (before + 1, Some("Move 3 objects")));
        let place = |project: &Project<'_>, id| scene::local(project.scene, id).unwrap().matrix().w_axis.truncate();
        for (at, id) in ids.iter().enumerate() {
            assert_eq!(place(project, *id), Vec3::new(7.0, at as f32 * 10.0, 0.0), "only X was edited");
        }
        assert_eq!(place(project, other), Vec3::ZERO);
        assert!(!project.mixed().position[0] && project.mixed().position[1]);
        project.undo().unwrap();
        assert_eq!(place(project, ids[1]), Vec3::new(1.0, 10.0, 0.0));

        project.set_visible(ids[0], false).unwrap();
        assert!(ids.iter().all(|id| !scene::is_visible(project.scene, *id)) && scene::is_visible(project.scene, other));
        assert_eq!(project.can_undo(), Some("Hide 3 objects"));
        project.rename_all(ids[0], "lamp").unwrap();
        assert_eq!((project.name(ids[2]), project.name(other)), ("lamp", "other"));
        assert_eq!(project.can_undo(), Some("Rename 3 objects"));

        // lights: given to all, then only what is changed about one is changed about each
        let light = scene::Light::default();
        project.drag_light(DRAG, ids[0], Some(light)).unwrap();
        project.end_drag();
        assert_eq!(project.can_undo(), Some("Add lights"));
        let brighter = scene::Light { intensity: 7.0, ..light };
        project.selection_mut().set([ids[1]]).unwrap();
        project.drag_light(DRAG, ids[1], Some(brighter)).unwrap();
        project.end_drag();
        project.selection_mut().set(ids).unwrap();
        assert!(project.mixed().light);
        let red = scene::Light { color: [1.0, 0.0, 0.0], ..light };
        project.drag_light(DRAG, ids[0], Some(red)).unwrap();
        project.end_drag();
        let lights = ids.map(|id| *scene::lights(project.scene).get(id).unwrap());
        assert!(lights.iter().all(|one| one.color == red.color));
        assert_eq!(lights.map(|one| one.intensity), [light.intensity, 7.0, light.intensity]);
        project.drag_light(DRAG, ids[0], None).unwrap();
        project.end_drag();
        assert_eq!((scene::lights(project.scene).entities().len(), project.can_undo()), (0, Some("Remove lights")));
        // who is not selected is edited alone
        project.set_visible(other, false).unwrap();
        assert_eq!(project.can_undo(), Some("Hide"));
    });
}

#[test]
fn ten_thousand_levels_are_edited_undone_saved_opened_and_shown() {
    const LEVELS: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.voltrum");
    let depth = |project: &Project<'_>| project.rows.rows().iter().map(|row| row.depth).max();
    with_file(&path, |project| {
        let ids = project.edit("Add", |edit| {
            let mut ids: Vec<Entity> = Vec::new();
            for _ in 0..LEVELS {
                ids.push(edit.spawn(&SpawnDesc { name: "n", parent: ids.last().copied(), ..SpawnDesc::default() })?);
            }
            Ok(ids)
        });
        let ids = ids.unwrap();
        project.rows.follow(project.scene, project.version()).unwrap();
        project.rows.reveal(project.scene, ids[LEVELS - 1]).unwrap();
        assert_eq!(depth(project).map(|depth| depth as usize), Some(LEVELS - 1), "the deepest row is shown");
        // below itself, be it that deep, is refused
        assert!(project.reparent(&[ids[0]], Some(ids[LEVELS - 1]), None).is_err());
        project.reparent(&[ids[LEVELS / 2]], None, None).unwrap();
        project.undo().unwrap();
        project.selection_mut().set([ids[0]]).unwrap();
        project.duplicate_selected().unwrap();
        assert_eq!(project.entity_count(), 2 * LEVELS);
        project.update();
        project.delete_selected().unwrap();
        project.undo().unwrap();
        project.save().unwrap();
        project.rename(ids[LEVELS - 1], "deepest").unwrap();
        assert!(project.flush());
    });
    with_file(&path, |project| {
        assert!(project.take_notice().unwrap().starts_with("recovered 1 edit"));
        assert_eq!(project.entity_count(), 2 * LEVELS);
        let deepest = scene::query::find(project.scene, "deepest").next().unwrap();
        project.rows.reveal(project.scene, deepest).unwrap();
        assert_eq!(depth(project).map(|depth| depth as usize), Some(LEVELS - 1));
        project.undo().unwrap();
        project.discard_on_close(true);
    });
}

/// Lets time pass as frames do.
fn frames(project: &mut Project<'_>, secs: f32) {
    let began = std::time::Instant::now();
    while began.elapsed().as_secs_f32() < secs {
        project.update();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_drag_that_rests_is_in_the_journal_as_one_step_and_taken_back_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    let seen = |expected: (f32, &str, Option<&str>)| {
        with_file(&path, |project| {
            let notice = project.take_notice().unwrap();
            assert!(notice.starts_with(expected.1), "{notice}");
            let lamp = scene::query::find_path(project.scene, "lamp").unwrap();
            assert_eq!((x(project, lamp), project.can_undo()), (expected.0, expected.2));
            project.undo().unwrap();
            project.discard_on_close(true);
        });
    };
    let kept = folder.path().join("kept");
    with_file(&path, |project| {
        let lamp = project.add("lamp", None).unwrap();
        project.save().unwrap();
        let before = project.steps().0;
        let drag = |project: &mut Project<'_>, to: f32| {
            project.drag("Move", DRAG, |edit| edit.set_local(lamp, Transform::at(Vec3::X * to))).unwrap();
        };
        for to in 1..=3 {
            drag(project, to as f32);
            frames(project, 0.8);
        }
        assert_eq!((project.steps(), project.history().done()), ((before + 3, before + 3), 2));
        // as a crash would find it
        fs::copy(journal(&path), &kept).unwrap();
        project.cancel_drag(DRAG);
        assert!(project.flush());
        fs::copy(journal(&path), folder.path().join("taken back")).unwrap();
        project.discard_on_close(true);
    });
    fs::copy(&kept, journal(&path)).unwrap();
    seen((3.0, "recovered 1 edit from ", Some("Move")));
    fs::copy(folder.path().join("taken back"), journal(&path)).unwrap();
    with_file(&path, |project| {
        assert_eq!((project.take_notice(), project.can_undo(), project.is_unsaved()), (None, None, false));
    });
}

#[test]
fn deleting_and_undoing_brings_entities_and_their_selection_back() {
    with(&ProjectRequest::New, |project| {
        let table = project.add("table", None).unwrap();
        let lamp = project.add("lamp", Some(table)).unwrap();
        let chair = project.add("chair", None).unwrap();
        project.selection_mut().set([table, lamp, chair]).unwrap();
        project.delete_selected().unwrap();
        assert_eq!((project.entity_count(), project.can_undo()), (0, Some("Delete 3 objects")));
        project.undo().unwrap();
        assert_eq!((project.entity_count(), project.selection().entities()), (3, &[table, lamp, chair][..]));
        project.duplicate_selected().unwrap();
        assert_eq!((project.entity_count(), project.selection().len()), (6, 2), "what stands below goes along");
        let states: Vec<u64> = project.history().steps().map(|step| step.state).collect();
        project.go_to(states[0]).unwrap();
        assert_eq!(project.entity_count(), 1);
        project.go_to(states[3]).unwrap();
        assert_eq!((project.entity_count(), project.history().undone()), (6, 0));
        assert!(project.reparent(&[table], Some(lamp), None).is_err(), "it would stand below itself");
        assert_eq!(project.history().done(), 4);
        assert!(matches!(project.save(), Err(EditorError::NeedsPath)) && project.access() == Access::Untitled);
    });
}

#[test]
fn what_is_unsaved_is_known_and_can_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with_file(&path, |project| {
        project.save().unwrap();
        assert!(!project.is_unsaved());
        project.add("lamp", None).unwrap();
        assert!(project.is_unsaved());
        project.undo().unwrap();
        assert!(!project.is_unsaved(), "back where it was saved");
        project.redo().unwrap();
        project.save().unwrap();
        assert!(!project.is_unsaved() && project.wakes_within().is_none());
        project.set_view(ViewSettings { eye: Some(Vec3::ONE), grid: Some(false), ..ViewSettings::default() });
        assert!(!project.is_unsaved(), "looking around is no edit");
        project.save().unwrap();
        project.add("late", None).unwrap();
        assert!(project.wakes_within().is_some());
        assert!(project.flush() && journal(&path).exists());
        project.discard_on_close(true);
    });
    assert!(!journal(&path).exists());
    with_file(&path, |project| {
        assert_eq!((project.entity_count(), project.take_notice()), (1, None));
        assert_eq!((project.view().eye, project.view().grid), (Some(Vec3::ONE), Some(false)));
    });
}

#[test]
fn a_gltf_file_becomes_a_project_where_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let model = files::good(folder.path());
    let (path, other) = (folder.path().join("room"), tempfile::tempdir().unwrap());
    with_file(&model, |project| {
        assert_eq!((project.path(), project.title(), project.is_unsaved()), (None, "model.gltf", false));
        let corner = scene::query::find_path(project.scene, "Corner").unwrap();
        project.rename(corner, "Edge").unwrap();
        let error = project.save_as(&other.path().join("room.voltrum")).unwrap_err().to_string();
        assert!(error.contains("model.gltf") && error.contains("outside of the project's folder"), "{error}");
        assert_eq!((project.path(), fs::read_dir(other.path()).unwrap().count()), (None, 0), "nothing is left there");
        project.save_as(&path).unwrap();
        let saved = path.with_extension("voltrum").canonicalize().unwrap();
        assert_eq!((project.path(), project.title(), project.is_unsaved()), (Some(&*saved), "room.voltrum", false));
        assert_eq!(project.files()[0].path(), "good/model.gltf");

        project.rename(corner, "Rim").unwrap();
        assert!(project.flush() && journal(&saved).exists());
        let deeper = folder.path().join("good/deeper.voltrum");
        project.save_as(&deeper).unwrap();
        assert_eq!(project.files()[0].path(), "model.gltf");
        assert!(
            !journal(&saved).exists() && !saved.with_extension("voltrum.lock").exists(),
            "the old file is left alone"
        );
        assert!(fs::read_to_string(&saved).unwrap().contains("Edge"), "and as it was saved");
        assert!(fs::read_to_string(&deeper).unwrap().contains("Rim"));
        assert!(project.is_same_file(&deeper) && !project.is_same_file(&saved));
    });
}

#[test]
fn a_step_that_is_larger_than_the_history_is_saved_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with_file(&path, |project| {
        project.save().unwrap();
        // records of links are large: a history of 64 MiB can't keep a million moves to and fro
        let (a, b) = (project.add("a", None).unwrap(), project.add("b", None).unwrap());
        project
            .edit("Move a lot", |edit| {
                for round in 0..1_300_000 {
                    edit.reparent(a, if round % 2 == 0 { Some(b) } else { None }, None)?;
                }
                edit.spawn(&SpawnDesc { name: "c", ..SpawnDesc::default() })
            })
            .unwrap();
        assert_eq!((project.history().done(), project.history().lost() > 0), (0, true));
        assert!(!project.is_unsaved(), "nothing else keeps it");
        assert!(project.journal_trouble().is_none());
    });
    with_file(&path, |project| assert_eq!((project.entity_count(), project.take_notice()), (3, None)));
}

#[test]
fn rays_meet_triangles_and_not_the_boxes_around_them() {
    let folder = tempfile::tempdir().unwrap();
    with_file(&files::good(folder.path()), |project| {
        let at = |x, y| Ray { origin: Vec3::new(x, y, 5.0), direction: -Vec3::Z };
        let corner = scene::query::find_path(project.scene, "Corner");
        let hit = project.pick(&at(0.2, 0.2)).unwrap();
        assert_eq!((Some(hit.entity), hit.triangle, hit.distance), (corner, Some(0), 5.0));
        assert_eq!(project.pick(&at(0.9, 0.9)), None, "inside of the box, and beside the triangle");
    });
    with_file(&files::sample(), |project| {
        let bounds = project.bounds();
        let ray = Ray { origin: bounds.center() + Vec3::Y * 100.0, direction: -Vec3::Y };
        assert!(project.pick(&ray).unwrap().triangle.is_some());
    });
}

#[test]
fn what_the_gpu_has_no_places_for_is_refused_before_the_open_project_goes() {
    let folder = tempfile::tempdir().unwrap();
    let model = files::good(folder.path());
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(&model).unwrap()).unwrap();
    let primitive = document["meshes"][0]["primitives"][0].clone();
    document["meshes"][0]["primitives"] = vec![primitive; 16_400].into();
    fs::write(&model, document.to_string()).unwrap();
    let mut arena = Arena::try_reserve("scene", 8 << 30).unwrap();
    let memory = arena.open();
    let mut scratch = NoUploads::memory().unwrap();
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    let request = ProjectRequest::Open(model);
    let staged = project::load(&request, Intent::Edit, &memory, &mut Loading::new(&mut uploads, &progress));
    let message = staged.unwrap_err().to_string();
    assert!(message.contains("model.gltf: has 16400 meshes, there is room for 16383"), "{message}");
}
