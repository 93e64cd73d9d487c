//! Whoever follows a scene's changes has what it shows, whatever was done to it.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use glam::{Mat4, Vec3};
use std::collections::BTreeMap;
use voltrum_memory::{Arena, Tag};
use voltrum_scene::undo::{self, HistoryState};
use voltrum_scene::{
    Bounds, Entity, SceneLimits, SceneState, ShapeId, SpawnDesc, Transform, add_shape, entities, follow_changes,
    is_shown, meshes, reparent, set_local, shown_at, spawn, update_transforms, watch, world,
};

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

/// What is shown, by slot.
type Copy = BTreeMap<u32, (Entity, ShapeId, Mat4)>;

fn seen(scene: &SceneState<'_>, slot: u32) -> Option<(Entity, ShapeId, Mat4)> {
    shown_at(scene, slot).map(|(entity, shape)| (entity, shape, world(scene, entity).unwrap()))
}

/// Brings the copy up to date and says how many slots were told.
fn follow(scene: &mut SceneState<'_>, copy: &mut Copy) -> usize {
    update_transforms(scene);
    let mut told = 0;
    follow_changes(scene, |scene, slot| {
        told += 1;
        match seen(scene, slot) {
            Some(one) => drop(copy.insert(slot, one)),
            None => drop(copy.remove(&slot)),
        }
        Ok::<(), ()>(())
    })
    .unwrap();
    told
}

fn all(scene: &SceneState<'_>) -> Copy {
    let shown = meshes(scene).entities().iter().filter(|entity| is_shown(scene, **entity));
    shown.filter_map(|entity| Some((entity.index(), seen(scene, entity.index())?))).collect()
}

fn edit<'s>(scene: &mut SceneState<'s>, history: &mut HistoryState<'s>, shapes: &[ShapeId], random: &mut Random) {
    let alive: Vec<Entity> = entities(scene).collect();
    let picked = alive.get(random.below(alive.len())).copied();
    let shape = [Some(shapes[0]), Some(shapes[1]), None][random.below(3)];
    let at = Transform::at(Vec3::new(random.below(9) as f32, random.below(9) as f32, 0.0));
    let mut step = undo::begin(history, scene, "edit");
    // refused ones leave things as they are
    let _refused = match (random.below(12), picked) {
        (0..=3, parent) => {
            let hidden = random.below(5) == 0;
            let desc = SpawnDesc { parent, mesh: shape, hidden, local: at.into(), ..SpawnDesc::default() };
            step.spawn(&desc).map(drop)
        }
        (4, Some(entity)) => step.despawn(entity).map(drop),
        (5, Some(entity)) => step.set_visible(entity, random.below(2) == 0),
        (6, Some(entity)) => step.set_mesh(entity, shape),
        (7, Some(entity)) => step.reparent(entity, alive.get(random.below(alive.len())).copied(), None),
        (8, Some(entity)) => step.set_local(entity, at),
        _ => {
            drop(step);
            let turn = if random.below(2) == 0 { undo::undo } else { undo::redo };
            let _step = turn(history, scene).unwrap();
            return;
        }
    };
    step.commit().unwrap();
}

#[test]
fn a_follower_has_what_is_shown_after_random_edits_undone_and_redone() {
    for seed in 1..=10u64 {
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        // so small that steps are given up and slots used again
        let history = undo::open(scene, memory.tagged(Tag::UNDO), 16 << 10).unwrap();
        let bounds = Bounds { min: Vec3::ZERO, max: Vec3::ONE };
        let shapes = [0, 1].map(|_| add_shape(scene, &[], bounds).unwrap());
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (mut copy, mut most) = (Copy::new(), 0);
        for step in 0..2000 {
            edit(scene, history, &shapes, &mut random);
            if step == 100 {
                watch(scene).unwrap();
            }
            if step >= 100 && random.below(4) == 0 {
                follow(scene, &mut copy);
                assert_eq!(copy, all(scene), "seed {seed}, step {step}");
                assert_eq!(follow(scene, &mut copy), 0);
                most = most.max(copy.len());
            }
        }
        assert!(most > 4, "seed {seed} showed {most} at most");
    }
}

#[test]
fn only_what_looks_different_is_told_and_a_refused_slot_again() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let shape = add_shape(scene, &[], Bounds { min: Vec3::ZERO, max: Vec3::ONE }).unwrap();
    let mut add = |parent, mesh| spawn(scene, &SpawnDesc { parent, mesh, ..SpawnDesc::default() }).unwrap();
    let top = add(None, None);
    let below: Vec<Entity> = (0..200).map(|_| add(Some(top), Some(shape))).collect();
    let mut copy = Copy::new();
    assert_eq!(follow(scene, &mut copy), 0, "nobody watches");
    watch(scene).unwrap();
    assert_eq!(follow(scene, &mut copy), 200);

    set_local(scene, below[150], Transform::at(Vec3::X)).unwrap();
    assert_eq!(follow(scene, &mut copy), 1);
    set_local(scene, top, Transform::at(Vec3::Y)).unwrap();
    assert_eq!(follow(scene, &mut copy), 200);
    reparent(scene, below[7], None, None).unwrap();
    update_transforms(scene);
    assert_eq!(follow_changes(scene, |_, slot| Err(slot)), Err(below[7].index()));
    assert_eq!(follow(scene, &mut copy), 1);
    assert_eq!(copy, all(scene));
}
