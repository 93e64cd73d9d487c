//! Random sessions: whatever is edited, undone, imported and saved is there when the project is opened again, whether it was
//! closed or its process died.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;

use glam::Vec3;
use std::num::NonZeroU64;
use std::path::PathBuf;
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, Tag};
use voltrum::scene::project::Intent;
use voltrum::scene::{self, Entity, Transform};
use voltrum_editor::no_uploads::NoUploads;
use voltrum_editor::project::{self, Picking, Project, StagedProject};

const DRAG: NonZeroU64 = NonZeroU64::new(3).unwrap();

/// A small generator of numbers (Vigna's splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % count as u64) as usize
    }
}

/// What people see of a project, line by line.
fn picture(project: &Project<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for root in scene::roots(project.scene) {
        for (entity, depth) in scene::descendants(project.scene, root) {
            lines.push(format!(
                "{depth} {:?} {:?} {} {:?}",
                project.name(entity),
                scene::local(project.scene, entity).unwrap(),
                scene::is_visible(project.scene, entity),
                project.mesh_of(entity).map(|(file, mesh)| (file.path(), mesh.primitive_count)),
            ));
        }
    }
    lines
}

fn any(chance: &mut Chance, project: &Project<'_>) -> Option<Entity> {
    let all: Vec<Entity> = scene::entities(project.scene).collect();
    (!all.is_empty()).then(|| all[chance.below(all.len())])
}

/// One random thing that a person might do. What is refused changes nothing.
fn act(chance: &mut Chance, project: &mut Project<'_>, path: &mut PathBuf, number: usize) {
    let (one, other) = (any(chance, project), any(chance, project));
    match (chance.below(22), one) {
        (0, _) => drop(project.undo().unwrap()),
        (1, _) => drop(project.redo().unwrap()),
        (2, _) => project.save().unwrap(),
        (3, _) if chance.below(4) == 0 => {
            *path = path.with_file_name(format!("as{number}_{}.voltrum", chance.below(1000)));
            project.save_as(path).unwrap();
        }
        (4, Some(entity)) => project.delete(entity).unwrap(),
        (5, Some(entity)) => {
            project.selection_mut().set([entity].into_iter().chain(other)).unwrap();
            project.delete_selected().unwrap();
        }
        (6, Some(entity)) => {
            project.selection_mut().set([entity].into_iter().chain(other)).unwrap();
            project.duplicate_selected().unwrap();
        }
        (7, Some(entity)) => project.set_visible(entity, chance.below(2) == 0).unwrap(),
        (8, Some(entity)) => project.rename(entity, &format!("r{number}")).unwrap(),
        (9, Some(entity)) => {
            for frame in 0..chance.below(5) {
                let to = Transform::at(Vec3::new(frame as f32, number as f32, 0.0));
                project.drag("Drag", DRAG, |edit| edit.set_local(entity, to)).unwrap();
            }
            match chance.below(3) {
                0 => project.cancel_drag(DRAG),
                1 => project.end_drag(),
                _ => {}
            }
        }
        (10..=12, Some(entity)) => {
            let under = other.filter(|_| chance.below(3) > 0);
            // circles are refused
            let _ = project.reparent(&[entity], under, None);
        }
        (13, Some(entity)) => {
            let to = Transform::at(Vec3::new(number as f32, 1.5, -2.0));
            project.edit("Move", |edit| edit.set_local(entity, to)).unwrap();
        }
        (14, _) => drop(project.flush()),
        (_, parent) => drop(project.add(&format!("n{number}"), parent.filter(|_| chance.below(2) == 0)).unwrap()),
    }
}

fn loading<R>(run: impl FnOnce(&mut Loading<'_, NoUploads<'_>>) -> R) -> R {
    let mut scratch = NoUploads::memory().unwrap();
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    run(&mut Loading::new(&mut uploads, &progress))
}

#[test]
fn whatever_was_done_is_there_again_after_a_close_or_a_crash() {
    let (mut recovered, mut imports) = (0, 0);
    for seed in 0..60 {
        let folder = tempfile::tempdir().unwrap();
        let model = files::good(folder.path());
        let mut path = folder.path().join("room.voltrum");
        let mut chance = Chance(seed);
        let mut before: Vec<String> = Vec::new();
        for life in 0..4 {
            let mut arena = Arena::try_reserve("scene", 8 << 30).unwrap();
            let memory = arena.open();
            let staged =
                loading(|loading| project::load_project(&path, Intent::Edit, Picking::Boxes, &memory, loading))
                    .unwrap();
            let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT)).unwrap();
            assert_eq!(picture(&project), before, "seed {seed}, life {life}");
            while let Some(notice) = project.take_notice() {
                assert!(notice.starts_with("recovered "), "seed {seed}, life {life}: {notice}");
                recovered += 1;
            }
            if life == 0 {
                project.save().unwrap();
            }
            for number in 0..chance.below(40) {
                if chance.below(15) == 0 {
                    let under = any(&mut chance, &project);
                    let staged = loading(|loading| project::load_gltf(&model, Picking::Boxes, &memory, loading));
                    project.import_headless(&StagedProject { under, ..staged.unwrap() }).unwrap();
                    imports += 1;
                } else {
                    act(&mut chance, &mut project, &mut path, life * 100 + number);
                }
                project.update();
            }
            match chance.below(3) {
                0 => {
                    project.discard_on_close(true);
                    project.save().unwrap();
                    before = picture(&project);
                    project.close_headless();
                }
                1 => {
                    project.end_drag();
                    before = picture(&project);
                    project.close_headless();
                }
                // its process dies
                _ => {
                    assert!(project.flush());
                    before = picture(&project);
                    drop(project);
                }
            }
        }
    }
    assert!(recovered > 60 && imports > 60, "{recovered} recoveries, {imports} imports");
}
