//! Undo and redo: random programs of edits go back and forth bit for bit.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use core::num::NonZeroU64;
use glam::{Mat4, Quat, Vec3};
use std::collections::{HashMap, HashSet};
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_scene::undo::{self, HistoryState, Keep, Told, Transaction};
use voltrum_scene::{
    Bounds, Camera, ColumnRef, Edit, Entity, Lens, Light, LightKind, Local, SceneLimits, SceneState, ShapeId,
    SpawnDesc, Transform, add_column, add_shape, cameras, descendants, despawn, duplicate, entities, is_visible,
    lights, local, meshes, name, parent, reparent, roots, set_local, set_mesh, spawn, update_transforms,
};

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn number(&mut self) -> f32 {
        self.below(2000) as f32 / 7.0 - 100.0
    }

    fn local(&mut self) -> Local {
        if self.below(6) == 0 {
            return Local::Matrix(Mat4::from_cols_array(&core::array::from_fn(|_| self.number())));
        }
        Local::Parts(Transform {
            translation: Vec3::new(self.number(), self.number(), self.number()),
            rotation: Quat::from_rotation_y(self.number()),
            scale: Vec3::splat(self.number()),
        })
    }
}

fn bits(local: Local) -> Vec<u32> {
    match local {
        Local::Parts(Transform { translation, rotation, scale }) => {
            let numbers = translation.to_array().into_iter().chain(rotation.to_array()).chain(scale.to_array());
            numbers.map(f32::to_bits).collect()
        }
        Local::Matrix(matrix) => matrix.to_cols_array().map(f32::to_bits).to_vec(),
    }
}

/// All that an entity is, but who it is.
type Content = (usize, String, Vec<u32>, bool, Option<ShapeId>, String, Option<u64>);

struct World<'s> {
    scene: &'s mut SceneState<'s>,
    history: &'s mut HistoryState<'s>,
    marks: ColumnRef<'s, u64>,
    shapes: Vec<ShapeId>,
    seen: HashSet<Entity>,
}

impl<'s> World<'s> {
    fn new(memory: &'s Scope<'_>, budget: usize) -> World<'s> {
        let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        let marks = add_column(scene, "marks", 1000).unwrap();
        let cube = Bounds { min: Vec3::ZERO, max: Vec3::ONE };
        let shapes = (0..3).map(|_| add_shape(scene, &[], cube).unwrap()).collect();
        let history = undo::open(scene, memory.tagged(Tag::UNDO), budget).unwrap();
        World { scene, history, marks, shapes, seen: HashSet::new() }
    }

    /// Everything, in the order of the hierarchy.
    fn dump(&mut self) -> Vec<(Entity, Content)> {
        let (scene, marks) = (&*self.scene, self.marks.borrow(self.scene));
        let mut all = Vec::new();
        for (entity, depth) in roots(scene).flat_map(|root| descendants(scene, root)) {
            let eyes = format!("{:?} {:?}", cameras(scene).get(entity), lights(scene).get(entity));
            let content = (
                depth as usize,
                name(scene, entity).unwrap().to_owned(),
                bits(local(scene, entity).unwrap()),
                is_visible(scene, entity),
                meshes(scene).get(entity).copied(),
                eyes,
                marks.get(entity).copied(),
            );
            all.push((entity, content));
        }
        // what is not in the hierarchy resolves to nothing and is in no slice
        let alive: HashSet<Entity> = all.iter().map(|(entity, _)| *entity).collect();
        assert_eq!((alive.len(), scene.len()), (all.len(), all.len()));
        self.seen.extend(&alive);
        for entity in &self.seen {
            assert_eq!(scene.is_alive(*entity), alive.contains(entity), "{entity}");
        }
        for column in [meshes(scene).entities(), cameras(scene).entities(), lights(scene).entities(), marks.entities()]
        {
            assert!(column.iter().all(|entity| alive.contains(entity)));
        }
        all
    }

    /// How many steps there were, those that were given up included.
    fn steps(&self) -> usize {
        self.history.done() + self.history.lost() as usize
    }

    fn selected(&self) -> Vec<Entity> {
        self.history.selection().entities().to_vec()
    }

    /// One step of a few random edits, or more of the last one; says whether anything changed.
    fn step(&mut self, random: &mut Random, merges: bool) -> bool {
        let all: Vec<Entity> = entities(self.scene).collect();
        let label = format!("step {}", random.below(1000));
        let picked: Vec<Entity> =
            (0..random.below(4)).filter_map(|_| all.get(random.below(all.len())).copied()).collect();
        if random.below(3) == 0 {
            self.history.selection_mut().set(picked).unwrap();
        }
        let before = self.history.state();
        let mut edit = match random.below(3) {
            0 if merges => undo::begin_merging(self.history, self.scene, &label, NonZeroU64::MIN),
            _ => undo::begin(self.history, self.scene, &label),
        };
        for _ in 0..1 + random.below(5) {
            random_edit(&mut edit, random, &self.shapes, self.marks);
        }
        let committed = edit.commit().unwrap();
        assert!(committed.is_kept);
        self.history.state() != before
    }
}

fn random_edit<'s>(edit: &mut Transaction<'_, 's>, random: &mut Random, shapes: &[ShapeId], marks: ColumnRef<'s, u64>) {
    let all: Vec<Entity> = entities(edit.scene()).collect();
    let pick = |random: &mut Random| all.get(random.below(all.len())).copied();
    let Some(entity) = pick(random) else {
        edit.spawn(&SpawnDesc { name: "first", ..SpawnDesc::default() }).unwrap();
        return;
    };
    let has = random.below(3) > 0;
    let lens = Lens::Perspective { fov_y: random.number(), aspect: None, near: 0.1, far: Some(random.number()) };
    let kind = LightKind::Spot { inner: random.number(), outer: 1.0 };
    let light = Light { kind, intensity: random.number(), ..Light::default() };
    match random.below(20) {
        0..=5 => {
            let name = format!("node {}", random.below(50));
            let under = pick(random).filter(|_| random.below(4) > 0);
            let children: Vec<Entity> = match under {
                Some(under) => voltrum_scene::children(edit.scene(), under).collect(),
                None => roots(edit.scene()).collect(),
            };
            let desc = SpawnDesc {
                name: &name,
                parent: under,
                before: children.get(random.below(children.len() + 1)).copied(),
                local: random.local(),
                hidden: random.below(3) == 0,
                mesh: has.then_some(shapes[random.below(shapes.len())]),
                ..SpawnDesc::default()
            };
            let new = edit.spawn(&desc).unwrap();
            edit.selection_mut().add(new).unwrap();
        }
        6 | 7 => drop(edit.despawn(entity).unwrap()),
        8 | 9 => edit.set_local(entity, random.local()).unwrap(),
        10 => edit.set_name(entity, &format!("renamed {}", random.below(20))).unwrap(),
        11 => edit.set_visible(entity, has).unwrap(),
        12 => edit.set_mesh(entity, has.then_some(shapes[random.below(3)])).unwrap(),
        13 => edit.set_camera(entity, has.then_some(Camera { lens })).unwrap(),
        14 => edit.set_light(entity, has.then_some(light)).unwrap(),
        15 | 16 => edit.set_component(marks, entity, has.then_some(random.below(1000) as u64)).unwrap(),
        17 => {
            let (under, before) = (pick(random), pick(random));
            let _refused = edit.reparent(entity, under, before.filter(|_| random.below(2) == 0));
            let _refused = edit.reparent(entity, before.and_then(|one| parent(edit.scene(), one)), before);
        }
        18 => {
            let moved: Vec<Entity> = (0..4).filter_map(|_| pick(random)).collect();
            let _refused = edit.reparent_all(&moved, pick(random).filter(|_| has), None, Keep::World);
        }
        _ if all.len() < 200 => edit.duplicate_all(&[entity, pick(random).unwrap()]).unwrap(),
        _ => {}
    }
}

fn with_world(budget: usize, test: impl FnOnce(World<'_>)) {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    test(World::new(&memory, budget));
}

#[test]
fn undoing_all_gives_the_first_state_and_redoing_all_the_last() {
    for seed in 1..=12 {
        with_world(1 << 22, |mut world| {
            let mut random = Random::new(seed);
            let mut states = vec![(world.dump(), world.selected())];
            for _ in 0..150 {
                if world.step(&mut random, true) {
                    // a step that joined the last one replaces its state
                    states.truncate(world.steps());
                    states.push((world.dump(), world.selected()));
                }
            }
            assert_eq!(world.history.done(), states.len() - 1);
            for state in states.iter().rev().skip(1) {
                undo::undo(world.history, world.scene).unwrap().unwrap();
                assert_eq!(world.dump(), state.0);
            }
            assert!(undo::undo(world.history, world.scene).unwrap().is_none());
            assert_eq!(world.scene.len(), 0);
            for state in &states[1..] {
                undo::redo(world.history, world.scene).unwrap().unwrap();
                assert_eq!(world.dump(), state.0);
                assert_eq!(world.selected(), state.1);
            }
            assert!(undo::redo(world.history, world.scene).unwrap().is_none());
        });
    }
}

/// Steps, undo and redo in any order, with a budget; the last states that are kept are checked against what they were.
fn interleave(seed: u64, budget: usize) -> u64 {
    let mut lost = 0;
    with_world(budget, |mut world| {
        let mut random = Random::new(seed);
        let mut states = vec![(world.dump(), world.history.state())];
        let mut at = 0;
        for _ in 0..500 {
            match random.below(8) {
                0 | 1 => {
                    let done = world.history.done();
                    let undone = undo::undo(world.history, world.scene).unwrap().is_some();
                    assert_eq!(undone, done > 0);
                    at -= usize::from(undone);
                }
                2 => at += usize::from(undo::redo(world.history, world.scene).unwrap().is_some()),
                _ => {
                    if world.step(&mut random, true) {
                        at = world.steps();
                        states.truncate(at);
                        states.push((world.dump(), world.history.state()));
                    }
                }
            }
            assert_eq!(world.dump(), states[at].0);
            assert_eq!(world.history.state(), states[at].1);
            assert_eq!(world.history.steps().count(), world.history.done() + world.history.undone());
            assert_eq!(world.history.steps().filter(|step| step.is_done).count(), world.history.done());
            assert!(world.history.bytes() <= world.history.budget());
        }
        lost = world.history.lost();
    });
    lost
}

#[test]
fn steps_undo_and_redo_in_any_order_agree_with_what_was() {
    for seed in 1..=8 {
        assert_eq!(interleave(seed, 1 << 22), 0);
    }
}

#[test]
fn a_small_budget_gives_up_the_oldest_steps_and_nothing_else() {
    for seed in 1..=8 {
        let lost = interleave(seed, 16 << 10);
        assert!(lost > 10, "seed {seed} lost {lost}");
    }
}

/// A change by the scene's plain functions, past the history.
fn plain_edit(world: &mut World<'_>, random: &mut Random) {
    let all: Vec<Entity> = entities(world.scene).collect();
    let pick = |random: &mut Random| all.get(random.below(all.len())).copied();
    let (Some(entity), other) = (pick(random), pick(random)) else { return };
    match random.below(8) {
        0 | 1 => drop(despawn(world.scene, entity).unwrap()),
        2 => drop(spawn(world.scene, &SpawnDesc { parent: other, name: "plain", ..SpawnDesc::default() }).unwrap()),
        3 => {
            let _refused = reparent(world.scene, entity, other, None);
        }
        4 => set_local(world.scene, entity, random.local()).unwrap(),
        5 => set_mesh(world.scene, entity, None).unwrap(),
        6 => drop(world.marks.borrow_mut(world.scene).remove(entity)),
        _ => drop(duplicate(world.scene, entity, parent(world.scene, entity), None).unwrap()),
    }
}

#[test]
fn changes_past_the_history_never_break_the_scene() {
    for seed in 1..=8 {
        with_world(16 << 10, |mut world| {
            let mut random = Random::new(seed);
            for _ in 0..600 {
                match random.below(6) {
                    0 if world.scene.len() < 300 => plain_edit(&mut world, &mut random),
                    1 | 2 => drop(undo::undo(world.history, world.scene).unwrap()),
                    3 => drop(undo::redo(world.history, world.scene).unwrap()),
                    _ if world.scene.len() < 300 => drop(world.step(&mut random, true)),
                    _ => drop(despawn(world.scene, roots(world.scene).next().unwrap()).unwrap()),
                }
                // checks that the hierarchy holds all that lives, and nothing else
                world.dump();
                update_transforms(world.scene);
            }
            while let Some(top) = { roots(world.scene).next() } {
                despawn(world.scene, top).unwrap();
            }
            while undo::redo(world.history, world.scene).unwrap().is_some() {}
            world.dump();
        });
    }
}

#[test]
fn a_journal_of_the_edits_makes_the_same_scene_in_another_run() {
    for seed in 1..=8 {
        let mut arena = Arena::try_reserve("copy", 1 << 30).unwrap();
        let memory = arena.open();
        let mut copy = World::new(&memory, 1 << 22);
        with_world(1 << 22, |mut world| {
            let mut random = Random::new(seed);
            let mut known: HashMap<Entity, Entity> = HashMap::new();
            for _ in 0..300 {
                let told = match random.below(5) {
                    0 => undo::undo(world.history, world.scene).unwrap().map(|_| Told::Undone),
                    1 => undo::redo(world.history, world.scene).unwrap().map(|_| Told::Done),
                    _ => world.step(&mut random, false).then_some(Told::Done),
                };
                let Some(told) = told else { continue };
                let mut edit = undo::begin(copy.history, copy.scene, "replayed");
                undo::visit_edits(world.history, world.scene, told, &mut |one| replay(&mut edit, &mut known, one))
                    .unwrap();
                edit.commit().unwrap();
                let contents =
                    |all: Vec<(Entity, Content)>| all.into_iter().map(|(_, content)| content).collect::<Vec<_>>();
                assert_eq!(contents(copy.dump()), contents(world.dump()));
            }
        });
    }
}

fn replay(
    edit: &mut Transaction<'_, '_>,
    known: &mut HashMap<Entity, Entity>,
    one: &Edit<'_>,
) -> Result<(), voltrum_scene::SceneError> {
    let mut one = *one;
    let new = one.entity();
    match &mut one {
        Edit::Spawn(spawn) => {
            spawn.parent = spawn.parent.map(|parent| known[&parent]);
            spawn.before = spawn.before.map(|before| known[&before]);
        }
        Edit::Reparent { entity, parent, before } => {
            *entity = known[entity];
            *parent = parent.map(|parent| known[&parent]);
            *before = before.map(|before| known[&before]);
        }
        Edit::Despawn { entity }
        | Edit::Rename { entity, .. }
        | Edit::Move { entity, .. }
        | Edit::Show { entity, .. }
        | Edit::SetMesh { entity, .. }
        | Edit::SetCamera { entity, .. }
        | Edit::SetLight { entity, .. }
        | Edit::SetComponent { entity, .. } => *entity = known[entity],
        _ => {}
    }
    let became = edit.apply(&one)?;
    if let Edit::Spawn(_) = one {
        known.insert(new.unwrap(), became);
    }
    Ok(())
}
