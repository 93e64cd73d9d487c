//! Projects on the system's own files: locks, permissions, links, and how long large projects take.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::fs;
use std::path::Path;

use glam::Vec3;
use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::{Chance, SystemFiles, SystemLock};
use voltrum_scene::project::{
    self, Access, Document, EntityKey, Intent, Keys, LoadedProject, ProjectError, ProjectLimits, ProjectStore,
};
use voltrum_scene::{Edit, Local, SceneLimits, SpawnDesc, Transform, spawn};

fn with_memory<R>(run: impl FnOnce(Tagged<'_>) -> R) -> R {
    let mut arena = Arena::try_reserve("test", 4 << 30).unwrap();
    let scope = arena.open();
    run(scope.tagged(Tag::PROJECT))
}

fn load<'s>(path: &Path, intent: Intent, memory: Tagged<'s>) -> Result<LoadedProject<'s, SystemLock>, ProjectError> {
    project::load(&SystemFiles, path, intent, 7, &ProjectLimits::default(), memory)
}

fn open<'s>(path: &Path, memory: Tagged<'s>) -> ProjectStore<'s, SystemFiles> {
    let loaded = load(path, Intent::Edit, memory).unwrap();
    ProjectStore::try_new(SystemFiles, loaded, &ProjectLimits::default(), memory).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_project_leaves_one_file_behind_and_its_journal_only_while_it_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with_memory(|memory| {
        let limits = SceneLimits { entities_max: 1024, ..SceneLimits::default() };
        let scene = voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits).unwrap();
        let lamp = spawn(scene, &SpawnDesc::default()).unwrap();
        let mut keys = Keys::try_new(scene, 1).unwrap();
        keys.bind(lamp, EntityKey::own(1)).unwrap();
        let mut store = open(&path, memory);
        let mut step = store.journal_mut().unwrap().step("Rename");
        step.add(&Edit::Rename { entity: lamp, name: "lamp" }, &mut keys).unwrap();
        assert_eq!(step.finish(0.0, 0), Some(1));
        assert!(store.flush(0.0, 0));
        assert_eq!(names(folder.path()), ["room.voltrum.journal", "room.voltrum.lock"]);
        let looked_at = load(&path, Intent::Look, memory).unwrap();
        assert_eq!((looked_at.recovery.steps, looked_at.is_new), (1, true));
        store.save(&Document::EMPTY, 0.0, 0).unwrap();
        assert_eq!(names(folder.path()), ["room.voltrum", "room.voltrum.lock"]);
        assert!(store.close(0.0, 0));
        assert_eq!(names(folder.path()), ["room.voltrum"]);
    });
}

#[test]
fn the_second_one_learns_which_process_has_it_and_a_stale_lock_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    with_memory(|memory| {
        let first = open(&path, memory);
        let Access::ReadOnly { owner: Some(owner), reason } = load(&path, Intent::Edit, memory).unwrap().access else {
            panic!("two have it")
        };
        assert_eq!((owner.pid, owner.since_unix_secs), (std::process::id(), 7));
        assert!(reason.contains(&format!("process {} on {}", std::process::id(), owner.host)), "{reason}");
        let lock = folder.path().join("room.voltrum.lock");
        let left_behind = fs::read(&lock).unwrap();
        drop(first);
        assert!(!lock.exists());
        // as a process leaves it that is killed
        fs::write(&lock, left_behind).unwrap();
        let Access::Write { stale: Some(stale), .. } = load(&path, Intent::Edit, memory).unwrap().access else {
            panic!("nobody has it")
        };
        assert_eq!(stale.pid, std::process::id());
        fs::write(&lock, b"\xff no lock of ours").unwrap();
        assert!(matches!(load(&path, Intent::Edit, memory).unwrap().access, Access::Write { stale: None, .. }));
    });
}

#[cfg(unix)]
#[test]
fn a_link_stays_one_and_permissions_stay_and_protected_files_are_not_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.voltrum"), folder.path().join("link.voltrum"));
    fs::write(&real, "{ \"schema\": 2 }").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    with_memory(|memory| {
        let mut store = open(&link, memory);
        store.save(&Document::EMPTY, 0.0, 0).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        let saved = fs::read(&real).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
        let error = store.save(&Document::EMPTY, 0.0, 0).unwrap_err().to_string();
        assert!(error.contains("real.voltrum: permission denied"), "{error}");
        assert_eq!(fs::read(&real).unwrap(), saved);
    });
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone/room.voltrum");
    with_memory(|memory| {
        let error = load(&path, Intent::Edit, memory).unwrap_err().to_string();
        assert!(error.contains("gone/room.voltrum: not found"), "{error}");
    });
}

#[test]
fn damaged_journals_never_panic_and_what_they_give_back_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    let journal = folder.path().join("room.voltrum.journal");
    let mut arena = Arena::try_reserve("budget", 64 << 20).unwrap();
    let original = {
        let scope = arena.open();
        let memory = scope.tagged(Tag::PROJECT);
        let limits = SceneLimits { entities_max: 1024, ..SceneLimits::default() };
        let scene = voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits).unwrap();
        let lamp = spawn(scene, &SpawnDesc::default()).unwrap();
        let mut keys = Keys::try_new(scene, 1).unwrap();
        keys.key_or_new(lamp).unwrap();
        let mut store = open(&path, memory);
        for (at, name) in ["a", "bb", "ccc"].into_iter().enumerate() {
            let mut step = store.journal_mut().unwrap().step(name);
            step.add(&Edit::Rename { entity: lamp, name }, &mut keys).unwrap();
            step.add(
                &Edit::Move { entity: lamp, local: Local::Parts(Transform::at(Vec3::splat(at as f32))) },
                &mut keys,
            )
            .unwrap();
            step.finish(0.0, 0).unwrap();
        }
        assert!(store.close(0.0, 0));
        fs::read(&journal).unwrap()
    };
    let mut chance = Chance(3);
    for _ in 0..3_000 {
        let mut damaged = original.clone();
        for _ in 0..=chance.below(3) {
            let at = chance.below(damaged.len().max(1));
            match chance.below(4) {
                0 if !damaged.is_empty() => damaged[at] = chance.roll() as u8,
                1 => damaged.truncate(at),
                2 => drop(damaged.drain(at..(at + chance.below(30)).min(damaged.len()))),
                _ => drop(damaged.splice(at..at, original[..chance.below(60)].iter().copied())),
            }
        }
        fs::write(&journal, &damaged).unwrap();
        let scope = arena.open();
        let loaded = load(&path, Intent::Look, scope.tagged(Tag::PROJECT)).unwrap();
        let labels: Vec<_> = loaded.recovery.replay().map(|step| String::from(step.unwrap().label())).collect();
        assert!(["a", "bb", "ccc"].starts_with(&labels.iter().map(String::as_str).collect::<Vec<_>>()), "{labels:?}");
    }
}
