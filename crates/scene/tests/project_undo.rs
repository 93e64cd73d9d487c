//! What the history and the journal promise together: edits, their undoing and redoing come back after a crash.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::path::Path;

use glam::Vec3;
use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::{Chance, FaultyDisk};
use voltrum_scene::project::{self, Intent, Keys, ProjectError, ProjectLimits, ProjectStore, Recovered};
use voltrum_scene::undo::{self, HistoryState, Told};
use voltrum_scene::{
    Edit, Entity, SceneLimits, SceneState, SpawnDesc, Transform, children, entities, is_visible, local, name, roots,
};

const LIMITS: ProjectLimits = ProjectLimits {
    file_bytes_max: 1 << 20,
    journal_bytes_max: 1 << 20,
    pending_bytes_max: 1 << 20,
    entries_max: 10_000,
    name_bytes_max: 4096,
    nesting_max: 32,
};

fn open<'s>(
    disk: &FaultyDisk,
    memory: Tagged<'s>,
) -> (&'s mut SceneState<'s>, &'s mut HistoryState<'s>, Keys<'s>, ProjectStore<'s, FaultyDisk>, u64) {
    let limits = SceneLimits { entities_max: 1024, ..SceneLimits::default() };
    let scene = voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits).unwrap();
    let history = undo::open(scene, memory, 1 << 20).unwrap();
    let mut keys = Keys::try_new(scene, 1).unwrap();
    let loaded = project::load(disk, Path::new("a.voltrum"), Intent::Edit, 0, &LIMITS, memory).unwrap();
    let steps = loaded.recovery.steps;
    for step in loaded.recovery.replay() {
        let mut step = step.unwrap();
        let mut edit = undo::begin(history, scene, step.label());
        while let Some(recovered) = step.next(&keys).unwrap() {
            match recovered {
                Recovered::Edit(one) => drop(edit.apply(&one).unwrap()),
                Recovered::Spawn(one, key) => {
                    let entity = edit.apply(&Edit::Spawn(one)).unwrap();
                    keys.bind(entity, key).unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
        edit.commit().unwrap();
    }
    (scene, history, keys, ProjectStore::try_new(disk.clone(), loaded, &LIMITS, memory).unwrap(), steps)
}

fn picture(scene: &SceneState<'_>, keys: &Keys<'_>) -> Vec<String> {
    fn add(scene: &SceneState<'_>, keys: &Keys<'_>, entity: Entity, depth: usize, out: &mut Vec<String>) {
        let (name, local) = (name(scene, entity).unwrap(), local(scene, entity).unwrap());
        out.push(format!("{depth} {} {name:?} {local:?} {}", keys.key(entity).unwrap(), is_visible(scene, entity)));
        children(scene, entity).for_each(|child| add(scene, keys, child, depth + 1, out));
    }
    let mut out = Vec::new();
    roots(scene).for_each(|root| add(scene, keys, root, 0, &mut out));
    out
}

#[test]
fn random_edits_undone_and_redone_come_back_from_the_journal() {
    let mut arena = Arena::try_reserve("test", 1 << 30).unwrap();
    let mut replayed = 0;
    for seed in 0..150 {
        let (mut chance, disk) = (Chance(seed), FaultyDisk::new());
        let mut before = Vec::new();
        for life in 0..3 {
            let scope = arena.open();
            let (scene, history, mut keys, mut store, steps) = open(&disk, scope.tagged(Tag::PROJECT));
            replayed += steps;
            assert_eq!(picture(scene, &keys), before, "seed {seed}, life {life}");
            for _ in 0..chance.below(40) {
                let all: Vec<Entity> = entities(scene).collect();
                let any =
                    |chance: &mut Chance| Some(all[chance.below(all.len().max(1)).min(all.len().checked_sub(1)?)]);
                let told = match chance.below(8) {
                    0 => undo::undo(history, scene).unwrap().map(|_| Told::Undone),
                    1 => undo::redo(history, scene).unwrap().map(|_| Told::Done),
                    _ => {
                        let mut edit = undo::begin(history, scene, "edit");
                        for _ in 0..=chance.below(3) {
                            let (one, other) = (any(&mut chance), any(&mut chance));
                            // what the step removed already is refused, and so are circles
                            let _ = match (chance.below(6), one) {
                                (0, Some(entity)) if chance.below(2) == 0 => edit.despawn(entity).map(drop),
                                (1, Some(entity)) => edit.set_name(entity, "named"),
                                (2, Some(entity)) => edit.set_visible(entity, chance.below(2) == 0),
                                (3, Some(entity)) => edit.reparent(entity, other.filter(|_| chance.below(3) > 0), None),
                                (4, Some(entity)) => {
                                    edit.set_local(entity, Transform::at(Vec3::splat(chance.below(99) as f32)))
                                }
                                (_, parent) => {
                                    edit.spawn(&SpawnDesc { name: "new", parent, ..SpawnDesc::default() }).map(drop)
                                }
                            };
                        }
                        (edit.commit().unwrap().edits > 0).then_some(Told::Done)
                    }
                };
                if let Some(told) = told {
                    let mut step = store.journal_mut().unwrap().step("edit");
                    undo::visit_edits(history, scene, told, &mut |edit| -> Result<(), ProjectError> {
                        step.add(edit, &mut keys)
                    })
                    .unwrap();
                    step.finish(0.0, 0).expect("taken");
                }
            }
            before = picture(scene, &keys);
            assert!(store.close(0.0, 0));
        }
    }
    assert!(replayed > 1000, "{replayed}");
}
