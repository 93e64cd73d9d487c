//! Undo.

use voltrum_memory::Tag;
use voltrum_scene::{Entity, undo, update_transforms};

use super::data::{PASSES, transform};
use super::ours::{filled, reserve};
use crate::clock::{clocked_on_core, median_pass};
use crate::loops::or_refused;

/// Takes one step back that moved each.
pub(super) fn undo_move(count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = filled(&memory, count);
    update_transforms(scene);
    let history = or_refused(undo::open(scene, memory.tagged(Tag::UNDO), undo::HISTORY_BYTES));
    let all: Vec<Entity> = voltrum_scene::entities(scene).collect();
    let mut edit = undo::begin(history, scene, "Move all");
    for (entity, index) in all.iter().zip(1..) {
        or_refused(edit.set_local(*entity, transform(index)));
    }
    or_refused(edit.commit());
    median_pass(PASSES, || {
        update_transforms(scene);
        let nanoseconds = clocked_on_core(|| {
            or_refused(undo::undo(history, scene));
        });
        update_transforms(scene);
        or_refused(undo::redo(history, scene));
        nanoseconds
    })
}
