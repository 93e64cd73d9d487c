//! The history's rules: labels, drags, rollback, selection, handles that come back, steps that don't fit.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use core::num::NonZeroU64;
use glam::Vec3;
use voltrum_memory::{Arena, Tag};
use voltrum_scene::undo::{self, HistoryState, Keep};
use voltrum_scene::{
    Entity, Light, Local, SceneError, SceneLimits, SceneState, SpawnDesc, Transform, add_column, children, lights,
    local, name, roots, set_local, spawn, update_transforms, world,
};

const KEY: NonZeroU64 = NonZeroU64::MIN;

/// Calls a test with an empty scene and history; both lie in one arena, so both are of one lifetime.
macro_rules! with_history {
    ($budget:expr, |$scene:ident, $history:ident| $test:block) => {
        with_history!(&SceneLimits::default(), $budget, |$scene, $history| $test)
    };
    ($limits:expr, $budget:expr, |$scene:ident, $history:ident| $test:block) => {{
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let $scene = voltrum_scene::open(memory.tagged(Tag::SCENE), $limits).unwrap();
        let $history = undo::open($scene, memory.tagged(Tag::UNDO), $budget).unwrap();
        $test
    }};
}

fn add(scene: &mut SceneState<'_>, name: &str, parent: Option<Entity>) -> Entity {
    spawn(scene, &SpawnDesc { name, parent, ..SpawnDesc::default() }).unwrap()
}

fn labels(history: &HistoryState<'_>) -> Vec<(String, bool)> {
    history.steps().map(|step| (step.label.to_owned(), step.is_done)).collect()
}

fn at(x: f32) -> Local {
    Transform::at(Vec3::X * x).into()
}

#[test]
fn a_deleted_subtree_comes_back_under_its_old_handles_and_in_its_old_place() {
    with_history!(1 << 20, |scene, history| {
        let before = add(scene, "before", None);
        let lamp = add(scene, "lamp", None);
        let after = add(scene, "after", None);
        let (arm, bulb) = (add(scene, "arm", Some(lamp)), add(scene, "bulb", Some(lamp)));
        let mut edit = undo::begin(history, scene, "Delete lamp");
        assert_eq!(edit.despawn(lamp), Ok(3));
        edit.commit().unwrap();
        assert_eq!((scene.len(), scene.parked()), (2, 3));
        for gone in [lamp, arm, bulb] {
            assert_eq!((name(scene, gone), set_local(scene, gone, at(1.0))), (None, Err(SceneError::Stale(gone))));
        }
        // its slots are not given to others meanwhile
        let other = add(scene, "other", None);
        assert!([lamp, arm, bulb].iter().all(|gone| gone.index() != other.index()));
        undo::undo(history, scene).unwrap();
        assert_eq!(roots(scene).collect::<Vec<_>>(), [before, lamp, after, other]);
        assert_eq!(children(scene, lamp).collect::<Vec<_>>(), [arm, bulb]);
        assert_eq!(name(scene, bulb), Some("bulb"));
        undo::redo(history, scene).unwrap();
        assert_eq!((name(scene, bulb), scene.parked()), (None, 3));
    });
}

#[test]
fn handles_of_what_a_lost_step_deleted_never_resolve_again() {
    with_history!(1 << 10, |scene, history| {
        let gone = add(scene, "gone", None);
        let stays = add(scene, "stays", None);
        let mut edit = undo::begin(history, scene, "Delete");
        edit.despawn(gone).unwrap();
        edit.commit().unwrap();
        for step in 0..100 {
            let mut edit = undo::begin(history, scene, "Move");
            edit.set_local(stays, at(step as f32)).unwrap();
            edit.commit().unwrap();
        }
        assert!(history.lost() > 0 && history.done() > 0 && scene.parked() == 0);
        let next = add(scene, "next", None);
        assert_eq!((next.index(), name(scene, gone)), (gone.index(), None));
        while undo::undo(history, scene).unwrap().is_some() {}
        assert_eq!((scene.is_alive(gone), name(scene, next)), (false, Some("next")));
    });
}

#[test]
fn a_drag_is_one_step_of_constant_size() {
    with_history!(1 << 20, |scene, history| {
        let all: Vec<Entity> = (0..10).map(|_| add(scene, "", None)).collect();
        let mut bytes = 0;
        for frame in 1..=1000 {
            let mut edit = undo::begin_merging(history, scene, "Move 10 objects", KEY);
            for entity in &all {
                edit.set_local(*entity, at(frame as f32)).unwrap();
            }
            edit.commit().unwrap();
            if frame == 1 {
                bytes = history.bytes();
            }
        }
        assert_eq!((history.done(), history.bytes()), (1, bytes));
        undo::undo(history, scene).unwrap();
        assert!(all.iter().all(|entity| local(scene, *entity) == Some(at(0.0))));
        undo::redo(history, scene).unwrap();
        assert!(all.iter().all(|entity| local(scene, *entity) == Some(at(1000.0))));
        // after redo, and after a seal, the same key begins a step of its own
        for _ in 0..2 {
            let mut edit = undo::begin_merging(history, scene, "Move 1 object", KEY);
            edit.set_local(all[0], at(5.0)).unwrap();
            edit.commit().unwrap();
            undo::seal(history);
        }
        assert_eq!(history.done(), 3);
    });
}

#[test]
fn a_slider_is_one_step_of_constant_size_whatever_it_changes() {
    with_history!(1 << 20, |scene, history| {
        let marks = add_column::<f32>(scene, "marks", 100).unwrap();
        let all: Vec<Entity> = (0..100).map(|_| add(scene, "", None)).collect();
        let mut bytes = 0;
        for frame in 1..=100 {
            let mut edit = undo::begin_merging(history, scene, "Dim 100 lights", KEY);
            for entity in &all {
                let light = Light { intensity: frame as f32, ..Light::default() };
                edit.set_light(*entity, Some(light)).unwrap();
                edit.set_component(marks, *entity, Some(frame as f32)).unwrap();
                edit.set_name(*entity, if frame % 2 == 0 { "even" } else { "odd" }).unwrap();
            }
            edit.commit().unwrap();
            bytes = if frame == 1 { history.bytes() } else { bytes };
        }
        assert_eq!((history.done(), history.bytes()), (1, bytes));
        undo::undo(history, scene).unwrap();
        assert!(lights(scene).is_empty() && marks.borrow(scene).is_empty());
        undo::redo(history, scene).unwrap();
        assert_eq!((lights(scene).len(), marks.borrow(scene).get(all[99])), (100, Some(&100.0)));
    });
}

#[test]
fn a_refused_spawn_costs_no_history() {
    let limits = SceneLimits { lights_max: 1, ..SceneLimits::default() };
    with_history!(&limits, 1 << 20, |scene, history| {
        let lit = SpawnDesc { light: Some(Light::default()), ..SpawnDesc::default() };
        let plain = SpawnDesc::default();
        for edits in 0..3 {
            let mut edit = undo::begin(history, scene, "Add and delete");
            let kept = edit.spawn(if edits == 2 { &lit } else { &plain }).unwrap();
            if edits < 2 {
                edit.despawn(kept).unwrap();
            }
            edit.commit().unwrap();
        }
        let mut edit = undo::begin(history, scene, "One light too many");
        assert!(matches!(edit.spawn(&lit), Err(SceneError::Full { column: "lights", .. })));
        edit.roll_back();
        assert_eq!((history.done(), scene.parked()), (3, 2));
    });
}

#[test]
fn a_drag_that_is_rolled_back_leaves_no_trace() {
    with_history!(1 << 20, |scene, history| {
        let entity = add(scene, "", None);
        for frame in 1..=5 {
            let mut edit = undo::begin_merging(history, scene, "Move", KEY);
            edit.set_local(entity, at(frame as f32)).unwrap();
            if frame < 5 {
                edit.commit().unwrap();
            }
        }
        assert_eq!((local(scene, entity), history.done(), history.undone()), (Some(at(0.0)), 0, 0));
    });
}

#[test]
fn a_transaction_that_fails_half_way_is_rolled_back() {
    with_history!(1 << 20, |scene, history| {
        let (one, gone) = (add(scene, "one", None), add(scene, "gone", None));
        voltrum_scene::despawn(scene, gone).unwrap();
        let state = history.state();
        let attempt = (|| {
            let mut edit = undo::begin(history, scene, "Half");
            edit.set_name(one, "renamed")?;
            let new = edit.spawn(&SpawnDesc::default())?;
            edit.reparent(one, Some(new), None)?;
            edit.set_name(gone, "renamed")?;
            edit.commit()
        })();
        assert_eq!(attempt, Err(SceneError::Stale(gone)));
        assert_eq!((name(scene, one), scene.len(), scene.parked()), (Some("one"), 1, 0));
        assert_eq!((history.state(), history.done(), history.bytes()), (state, 0, 0));
    });
}

#[test]
fn a_new_step_cuts_redo_off_and_an_empty_one_does_not() {
    with_history!(1 << 20, |scene, history| {
        let entity = add(scene, "", None);
        for label in ["one", "two", "three"] {
            let mut edit = undo::begin(history, scene, label);
            edit.set_name(entity, label).unwrap();
            edit.commit().unwrap();
        }
        undo::undo(history, scene).unwrap();
        undo::undo(history, scene).unwrap();
        let done = |label: &str, is_done| (label.to_owned(), is_done);
        assert_eq!(labels(history), [done("one", true), done("two", false), done("three", false)]);
        assert_eq!(history.next_undone().map(|step| step.label), Some("two"));
        let committed = undo::begin(history, scene, "nothing").commit().unwrap();
        assert_eq!((committed.edits, history.undone()), (0, 2));
        let mut edit = undo::begin(history, scene, "other");
        edit.set_visible(entity, false).unwrap();
        edit.commit().unwrap();
        assert_eq!(labels(history), [done("one", true), done("other", true)]);
    });
}

#[test]
fn selection_comes_back_with_undo_and_redo() {
    with_history!(1 << 20, |scene, history| {
        let (one, other) = (add(scene, "", None), add(scene, "", None));
        history.selection_mut().set([one, other]).unwrap();
        let mut edit = undo::begin(history, scene, "Duplicate");
        edit.duplicate_all(&[one, other]).unwrap();
        edit.commit().unwrap();
        let copies = history.selection().entities().to_vec();
        assert!(copies.len() == 2 && !copies.contains(&one));
        history.selection_mut().clear();
        undo::undo(history, scene).unwrap();
        assert_eq!(history.selection().entities(), [one, other]);
        undo::redo(history, scene).unwrap();
        assert_eq!(history.selection().entities(), copies);
        let mut edit = undo::begin(history, scene, "Delete");
        edit.despawn(copies[0]).unwrap();
        edit.commit().unwrap();
        assert_eq!(history.selection().entities(), [copies[1]]);
    });
}

#[test]
fn a_step_larger_than_the_budget_is_done_and_nothing_can_be_undone() {
    with_history!(2 << 10, |scene, history| {
        let first = add(scene, "first", None);
        let mut edit = undo::begin(history, scene, "Rename");
        edit.set_name(first, "renamed").unwrap();
        edit.commit().unwrap();
        let state = history.state();
        let mut edit = undo::begin(history, scene, "Add 1000 objects");
        for _ in 0..1000 {
            edit.spawn(&SpawnDesc::default()).unwrap();
        }
        edit.despawn(first).unwrap();
        let committed = edit.commit().unwrap();
        assert_eq!((committed.is_kept, scene.len(), scene.parked()), (false, 1000, 0));
        assert_eq!((history.done(), history.bytes()), (0, 0));
        assert!(history.state() != state && undo::undo(history, scene).unwrap().is_none());
    });
}

#[test]
fn a_long_session_takes_no_more_than_its_budget() {
    with_history!(64 << 10, |scene, history| {
        let mut used = Vec::new();
        for round in 0..10 {
            for step in 0..500 {
                let mut edit = undo::begin(history, scene, "Replace and rename");
                let new = edit.spawn(&SpawnDesc { name: "new", light: Some(Light::default()), ..SpawnDesc::default() });
                edit.set_name(new.unwrap(), ["one", "two", "three"][step % 3]).unwrap();
                edit.commit().unwrap();
                if step % 7 == 0 {
                    undo::undo(history, scene).unwrap();
                }
                let mut edit = undo::begin(history, scene, "Delete");
                if let Some(oldest) = { roots(edit.scene()).next() } {
                    edit.despawn(oldest).unwrap();
                }
                edit.commit().unwrap();
                assert!(history.bytes() <= history.budget() && history.budget() == 64 << 10);
            }
            used.push(scene.memory().view().used());
            assert!(history.lost() > 100 * round);
        }
        assert!(used[2..].iter().all(|bytes| *bytes == used[2]), "{used:?}");
    });
}

#[test]
fn a_full_scene_gives_up_history_before_it_refuses() {
    let limits = SceneLimits { entities_max: 4, ..SceneLimits::default() };
    with_history!(&limits, 1 << 20, |scene, history| {
        for round in 0..20 {
            let mut edit = undo::begin(history, scene, "Replace");
            let new = edit.spawn(&SpawnDesc::default()).unwrap();
            edit.despawn(new).unwrap();
            edit.commit().unwrap();
            assert!(scene.is_empty() && history.done() <= 4, "round {round}");
        }
    });
}

#[test]
fn many_keep_their_place_in_the_world_below_another_parent() {
    with_history!(1 << 20, |scene, history| {
        let turned = Transform { scale: Vec3::splat(2.0), ..Transform::at(Vec3::new(1.0, 2.0, 3.0)) };
        let new = spawn(scene, &SpawnDesc { local: turned.into(), ..SpawnDesc::default() }).unwrap();
        let old = spawn(scene, &SpawnDesc { local: at(5.0), ..SpawnDesc::default() }).unwrap();
        let first = spawn(scene, &SpawnDesc { parent: Some(old), local: at(1.0), ..SpawnDesc::default() }).unwrap();
        let below = spawn(scene, &SpawnDesc { parent: Some(first), local: at(1.0), ..SpawnDesc::default() }).unwrap();
        let second = spawn(scene, &SpawnDesc { parent: Some(old), ..SpawnDesc::default() }).unwrap();
        update_transforms(scene);
        let was: Vec<_> = [first, below, second].iter().map(|entity| world(scene, *entity).unwrap()).collect();
        let mut edit = undo::begin(history, scene, "Move 3 objects");
        edit.reparent_all(&[below, second, first], Some(new), None, Keep::World).unwrap();
        edit.commit().unwrap();
        update_transforms(scene);
        assert_eq!(children(scene, new).collect::<Vec<_>>(), [second, first]);
        assert_eq!(children(scene, first).collect::<Vec<_>>(), [below]);
        for (entity, was) in [first, below, second].iter().zip(was) {
            assert!(world(scene, *entity).unwrap().abs_diff_eq(was, 1e-5));
        }
        let mut edit = undo::begin(history, scene, "Below itself");
        let refused = edit.reparent_all(&[new], Some(below), None, Keep::World);
        assert_eq!(refused, Err(SceneError::Cycle { entity: new, parent: below }));
        edit.roll_back();
        undo::undo(history, scene).unwrap();
        assert_eq!(children(scene, old).collect::<Vec<_>>(), [first, second]);
    });
}

#[test]
fn numbers_that_are_none_are_refused() {
    with_history!(1 << 20, |scene, history| {
        let entity = add(scene, "", None);
        let mut edit = undo::begin(history, scene, "Move");
        assert_eq!(edit.set_local(entity, at(f32::NAN)), Err(SceneError::NotFinite));
        let nowhere = SpawnDesc { local: at(f32::INFINITY), ..SpawnDesc::default() };
        assert_eq!(edit.spawn(&nowhere), Err(SceneError::NotFinite));
        assert_eq!(edit.commit().map(|committed| committed.edits), Ok(0));
    });
}

#[test]
fn changes_past_the_history_are_stepped_around() {
    with_history!(1 << 20, |scene, history| {
        let (table, lamp) = (add(scene, "table", None), add(scene, "lamp", None));
        let mut edit = undo::begin(history, scene, "Put on table");
        edit.reparent(lamp, Some(table), None).unwrap();
        edit.commit().unwrap();
        let mut edit = undo::begin(history, scene, "Delete lamp");
        edit.despawn(lamp).unwrap();
        edit.commit().unwrap();
        voltrum_scene::despawn(scene, table).unwrap();
        undo::undo(history, scene).unwrap();
        assert_eq!(roots(scene).collect::<Vec<_>>(), [lamp]);
        undo::undo(history, scene).unwrap();
        voltrum_scene::despawn(scene, lamp).unwrap();
        while undo::redo(history, scene).unwrap().is_some() {}
        assert!(scene.is_empty());
    });
}
