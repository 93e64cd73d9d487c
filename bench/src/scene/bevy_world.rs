//! bevy_ecs: tables of components, and a hierarchy of relations that is only there where it is asked for.

use std::hint::black_box;

use bevy_ecs::entity::Entity;
use bevy_ecs::hierarchy::ChildOf;
use bevy_ecs::world::World as Entities;

use super::data::{CREATIONS, DELETED, PASSES, deleted};
use super::stored::{Local, World, bundle};
use crate::clock::{clocked, clocked_on_core, median_pass};
use crate::contenders::took;
use crate::program::{Order, Taken};
use crate::resident;
use crate::work::{SceneWork, Work};

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    let Work::Scene(work) = order.work else { return None };
    match work {
        SceneWork::Create => {
            drop(filled(count));
            took(median_pass(CREATIONS, || {
                let mut entities = None;
                clocked_on_core(|| entities = black_box(Some(filled(count))))
            }))
        }
        SceneWork::Iterate => {
            let mut entities = filled(count);
            let mut query = entities.query::<(&Local, &mut World)>();
            took(median_pass(PASSES, || {
                clocked_on_core(|| {
                    for (local, mut world) in query.iter_mut(&mut entities) {
                        world.0 = local.0.affine();
                    }
                })
            }))
        }
        SceneWork::DeleteOne => {
            let mut entities = Entities::new();
            let root = entities.spawn_empty().id();
            let mut all: Vec<Entity> =
                entities.spawn_batch((0..count).map(|index| (bundle(index), ChildOf(root)))).collect();
            let mut pass = 0;
            took(median_pass(PASSES, || {
                pass += 1;
                let chosen: Vec<Entity> = deleted(count, pass).map(|at| all[at]).collect();
                let nanoseconds = clocked(|| {
                    chosen.iter().for_each(|one| {
                        entities.despawn(*one);
                    });
                });
                for at in deleted(count, pass) {
                    all[at] = entities.spawn((bundle(at as u64), ChildOf(root))).id();
                }
                nanoseconds / DELETED as f64
            }))
        }
        SceneWork::Close => {
            let mut entities = Some(filled(count));
            took(clocked(|| drop(entities.take())))
        }
        SceneWork::Committed => {
            let before = resident::bytes()?;
            let entities = filled(count);
            let bytes = (resident::bytes()? - before) / count as f64;
            drop(black_box(entities));
            Some(Taken { nanoseconds: 0.0, amount: bytes })
        }
        SceneWork::Update
        | SceneWork::MoveOne
        | SceneWork::Pick
        | SceneWork::GiveBack
        | SceneWork::Used
        | SceneWork::UndoMove
        | SceneWork::Save
        | SceneWork::Load
        | SceneWork::Switch => None,
    }
}

fn filled(count: u64) -> Entities {
    let mut entities = Entities::new();
    entities.spawn_batch((0..count).map(bundle)).for_each(drop);
    entities
}
