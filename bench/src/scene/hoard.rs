//! What two projects hoard that are switched between: nothing, after the first few switches.
//!
//! Runs in the program whose heap counts. The device has no part in it.

use voltrum_memory::{Arena, Tag, heap_usage};
use voltrum_scene::undo;

use super::ours::reserve;
use super::project::{Folder, read, write};
use crate::loops::or_refused;
use crate::program::{Order, Taken};
use crate::work::{SceneWork, Work};

/// Switches after which all that stays has been taken.
const SETTLED: u64 = 10;

pub(super) fn run(order: &Order) -> Option<Taken> {
    if order.work != Work::Scene(SceneWork::Switch) || heap_usage().is_none() {
        return None;
    }
    let folder = Folder::new();
    let paths = [("small.voltrum", 300), ("large.voltrum", 3_000)].map(|(name, count)| {
        let path = folder.project(name);
        write(&path, count);
        path
    });
    let mut arenas = [reserve(), reserve()];
    let mut settled = 0;
    let mut held = 0;
    for turn in 1..=order.count {
        // what is opened lies in the arena that is free, as in the application
        let at = turn as usize % 2;
        let memory = arenas[at].open();
        {
            let (scene, _loaded) = read(&memory, &paths[at]);
            or_refused(undo::open(scene, memory.tagged(Tag::UNDO), undo::HISTORY_BYTES));
            voltrum_scene::update_transforms(scene);
        }
        drop(memory);
        held = bytes(&arenas);
        if turn == SETTLED {
            settled = held;
        }
    }
    Some(Taken { nanoseconds: 0.0, amount: held as f64 - settled as f64 })
}

/// Pages and heap together.
fn bytes(arenas: &[Arena<'_>]) -> usize {
    let committed: usize = arenas.iter().map(|arena| arena.view().committed()).sum();
    committed + heap_usage().map_or(0, |heap| heap.live_bytes)
}
