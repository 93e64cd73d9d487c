//! The bare work: loops and copies over slices that lie there already.

use std::hint::black_box;

use voltrum_memory::Arena;
use voltrum_scene::{Affine, PackedTransform};

use super::data::{PASSES, transform};
use super::project;
use crate::clock::{clocked_on_core, median_pass};
use crate::contenders::took;
use crate::loops::or_refused;
use crate::program::{Order, Taken};
use crate::work::{SceneWork, Work};

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    let Work::Scene(work) = order.work else { return None };
    match work {
        SceneWork::Iterate | SceneWork::Update => took(iterate(count)),
        SceneWork::UndoMove => took(copy(count)),
        SceneWork::Save => took(project::bare_save(count)),
        SceneWork::Load => took(project::bare_load(count)),
        SceneWork::Create
        | SceneWork::MoveOne
        | SceneWork::DeleteOne
        | SceneWork::Close
        | SceneWork::Pick
        | SceneWork::GiveBack
        | SceneWork::Used
        | SceneWork::Committed
        | SceneWork::Switch => None,
    }
}

fn reserve() -> Arena<'static> {
    or_refused(Arena::try_reserve("limit", 1 << 30))
}

fn iterate(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let locals = &*or_refused(memory.try_alloc_iter((0..count).map(|index| PackedTransform::from(transform(index)))));
    let worlds = or_refused(memory.try_alloc_iter((0..count).map(|_| Affine::IDENTITY)));
    median_pass(PASSES, || {
        clocked_on_core(|| {
            for (local, world) in locals.iter().zip(worlds.iter_mut()) {
                *world = local.affine();
            }
            black_box(&mut *worlds);
        })
    })
}

fn copy(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let from = &*or_refused(memory.try_alloc_iter((0..count).map(|index| PackedTransform::from(transform(index)))));
    let to = or_refused(memory.try_alloc_iter((0..count).map(|_| PackedTransform::IDENTITY)));
    median_pass(PASSES, || {
        clocked_on_core(|| {
            to.copy_from_slice(from);
            black_box(&mut *to);
        })
    })
}
