//! Ours: a scene in an arena.

use std::hint::black_box;

use glam::Vec3;
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_scene::pick::{Ray, pick};
use voltrum_scene::{
    Entity, SceneLimits, SceneState, ShapeId, SpawnDesc, add_column, add_shape, despawn, locals, set_local,
    set_triangles, spawn, update_transforms,
};

use super::data::{BOX, CREATIONS, DELETED, PASSES, deleted, transform};
use super::{history, project};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::contenders::took;
use crate::loops::or_refused;
use crate::program::{Order, Taken};
use crate::work::{SceneWork, Work};

/// Address space, as the application reserves it.
const RESERVE_BYTES: usize = 64 << 30;
/// Moves of one entity that are timed as one: a single one is shorter than a look at the clock.
const MOVES: u32 = 100;
/// Rays of a pass.
const RAYS: u32 = 16;
/// Those that stand below the one that is moved.
const BELOW: u64 = 8;

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    let Work::Scene(work) = order.work else { return None };
    match work {
        SceneWork::Create => {
            create(&mut None, count);
            took(median_pass(CREATIONS, || {
                let mut arena = None;
                clocked_on_core(|| create(&mut arena, count))
            }))
        }
        SceneWork::Iterate => took(iterate(count)),
        SceneWork::Update => took(update(count)),
        SceneWork::MoveOne => took(move_one(count)),
        SceneWork::DeleteOne => took(delete_one(count)),
        SceneWork::Pick => took(pick_one(count)),
        SceneWork::Close => took(close(count).0),
        SceneWork::GiveBack => took(close(count).1),
        SceneWork::Used => bytes(count, |view| view.used()),
        SceneWork::Committed => bytes(count, |view| view.committed()),
        SceneWork::UndoMove => took(history::undo_move(count)),
        SceneWork::Save => took(project::save(count)),
        SceneWork::Load => took(project::load(count)),
        SceneWork::Switch => None,
    }
}

/// With its arena, and with what the peers store when they make an entity: world transforms and bounds.
fn create(arena: &mut Option<Arena<'static>>, count: u64) {
    let memory = arena.insert(reserve()).open();
    black_box(update_transforms(filled(&memory, count)));
}

pub(super) fn reserve() -> Arena<'static> {
    or_refused(Arena::try_reserve("scene", RESERVE_BYTES))
}

pub(super) fn empty<'s>(memory: &'s Scope<'_>) -> &'s mut SceneState<'s> {
    or_refused(voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()))
}

/// A scene of roots. What the peers store when they make an entity comes with the first update.
pub(super) fn filled<'s>(memory: &'s Scope<'_>, count: u64) -> &'s mut SceneState<'s> {
    let scene = empty(memory);
    let shape = or_refused(add_shape(scene, &[], BOX));
    for index in 0..count {
        or_refused(spawn(scene, &desc(index, shape)));
    }
    scene
}

fn desc(index: u64, shape: ShapeId) -> SpawnDesc<'static> {
    SpawnDesc { local: transform(index).into(), mesh: Some(shape), ..SpawnDesc::default() }
}

/// A client's column of matrices, found from the scene's local transforms by entity.
fn iterate(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = empty(&memory);
    let column = or_refused(add_column::<[f32; 12]>(scene, "matrices", count as u32));
    for index in 0..count {
        let entity = or_refused(spawn(scene, &desc(index, ShapeId::default())));
        or_refused(column.borrow_mut(scene).insert(entity, [0.0; 12]));
    }
    median_pass(PASSES, || {
        clocked_on_core(|| {
            let locals = locals(scene);
            for (entity, matrix) in column.borrow_mut(scene).iter_mut() {
                if let Some(local) = locals.get(entity.index() as usize) {
                    let world = local.affine();
                    let ([a, b, c], [d, e, f]) = (world.x_axis, world.y_axis);
                    let ([g, h, i], [j, k, l]) = (world.z_axis, world.translation);
                    *matrix = [a, b, c, d, e, f, g, h, i, j, k, l];
                }
            }
        })
    })
}

fn update(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = filled(&memory, count);
    update_transforms(scene);
    let all: Vec<Entity> = voltrum_scene::entities(scene).collect();
    median_pass(PASSES, || {
        for (entity, index) in all.iter().zip(1..) {
            or_refused(set_local(scene, *entity, transform(index)));
        }
        clocked_on_core(|| {
            black_box(update_transforms(scene));
        })
    })
}

/// One of many groups of a few moves, as one does that is dragged.
fn move_one(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = empty(&memory);
    let shape = or_refused(add_shape(scene, &[], BOX));
    let mut heads = Vec::new();
    for index in 0..count {
        let parent = if index % (BELOW + 1) == 0 { None } else { heads.last().copied() };
        let entity = or_refused(spawn(scene, &SpawnDesc { parent, ..desc(index, shape) }));
        if parent.is_none() {
            heads.push(entity);
        }
    }
    update_transforms(scene);
    let dragged = heads[heads.len() / 2];
    let mut at = 0;
    median_pass(PASSES, || {
        clocked(|| {
            for _ in 0..MOVES {
                at += 1;
                or_refused(set_local(scene, dragged, transform(at)));
                black_box(update_transforms(scene));
            }
        }) / f64::from(MOVES)
    })
}

/// One of all entities, which stand below one.
fn delete_one(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = empty(&memory);
    let shape = or_refused(add_shape(scene, &[], BOX));
    let parent = Some(or_refused(spawn(scene, &SpawnDesc::default())));
    let mut all: Vec<Entity> =
        (0..count).map(|index| or_refused(spawn(scene, &SpawnDesc { parent, ..desc(index, shape) }))).collect();
    update_transforms(scene);
    let mut pass = 0;
    median_pass(PASSES, || {
        pass += 1;
        let chosen: Vec<Entity> = deleted(count, pass).map(|at| all[at]).collect();
        let nanoseconds = clocked(|| {
            for entity in &chosen {
                or_refused(despawn(scene, *entity));
            }
        });
        for at in deleted(count, pass) {
            all[at] = or_refused(spawn(scene, &SpawnDesc { parent, ..desc(at as u64, shape) }));
        }
        update_transforms(scene);
        nanoseconds / DELETED as f64
    })
}

/// One of all entities, by rays that leave an eye above the first of them in all directions that lead down.
fn pick_one(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = filled(&memory, count);
    let corners = [[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 1.0, 0.0]];
    or_refused(set_triangles(scene, ShapeId::default(), &corners, None));
    update_transforms(scene);
    let rays = (0..RAYS).map(|at| {
        let (sin, cos) = (at as f32 * 0.1).sin_cos();
        Ray { origin: Vec3::new(0.0, 0.0, 40.0), direction: Vec3::new(cos, sin, -0.2 - at as f32 * 0.1).normalize() }
    });
    let rays: Vec<Ray> = rays.collect();
    median_pass(PASSES, || {
        clocked_on_core(|| {
            for ray in &rays {
                black_box(pick(scene, black_box(ray)));
            }
        }) / f64::from(RAYS)
    })
}

/// Ends a scene, and opens its arena again.
fn close(count: u64) -> (f64, f64) {
    let mut arena = reserve();
    let mut open = Some(arena.open());
    if let Some(memory) = &open {
        update_transforms(filled(memory, count));
    }
    let ended = clocked_briefly(|| drop(open.take()));
    drop(open);
    (ended, clocked(|| drop(black_box(arena.open()))))
}

fn bytes(count: u64, look: impl Fn(&voltrum_memory::ArenaView<'_>) -> usize) -> Option<Taken> {
    let mut arena = reserve();
    let memory = arena.open();
    update_transforms(filled(&memory, count));
    Some(Taken { nanoseconds: 0.0, amount: look(&memory.view()) as f64 / count as f64 })
}
