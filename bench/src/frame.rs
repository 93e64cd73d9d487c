//! What a frame takes the CPU: turns of the whole frame loop, against the stub of Vulkan, so that the driver's own work is
//! not counted.
//!
//! # Deliberately absent
//! Peers: none of them can be given a stub of Vulkan.

mod bare;
mod editor;
mod measured;
mod projects;
mod stage;

use std::path::PathBuf;

use crate::contenders::{Contender, Program, Role, contender, took};
use crate::models;
use crate::program::{Order, Taken};
use crate::series::{Series, Unit, rows as rows_of, sized};
use crate::table::Row;
use crate::work::{FrameWork, Work};
use stage::{Moves, Request};

const MILLION: u64 = 1_000_000;

/// Everyone, in the order of the table's columns. Ours is run by the program that counts, as the editor counts.
pub(crate) static CONTENDERS: &[Contender] = &[
    contender("frame", Role::Ours, Program::Tracking, run),
    contender("frame-limit", Role::Limit, Program::Tracking, bare::run),
];

const fn one(
    work: FrameWork,
    count: u64,
    unit: Unit,
    rounds: usize,
    cases: &'static [(&'static str, &'static str)],
) -> Series {
    sized(Work::Frame(work), count, unit, rounds, cases)
}

const US: Unit = Unit::MicrosecondsInAll;

pub(crate) const SERIES: &[Series] = &[
    one(FrameWork::Helmet, 1, US, 9, &[("frame_helmet", "frame")]),
    one(FrameWork::HelmetEditor, 1, US, 9, &[("frame_helmet_editor", "frame")]),
    one(FrameWork::Static, 1_000, US, 9, &[("frame_static_1k", "frame")]),
    one(FrameWork::Static, 100_000, US, 9, &[("frame_static_100k", "frame")]),
    one(FrameWork::Static, MILLION, US, 5, &[("frame_static_1m", "frame")]),
    one(FrameWork::Moving, 100_000, US, 9, &[("frame_moving_100k", "frame")]),
    one(FrameWork::MovingEntities, 100_000, US, 9, &[("frame_moving_100k_entities", "frame")]),
    one(FrameWork::Resident, MILLION, Unit::Bytes, 1, &[("resident_1m", "frame")]),
    one(FrameWork::HeapAllocations, 100_000, Unit::Count, 1, &[("heap_allocations_100k", "frame")]),
    one(FrameWork::HeapAllocationsEditor, 1, Unit::Count, 1, &[("heap_allocations", "frame")]),
    one(FrameWork::UiAllocationsEditor, 1, Unit::Count, 1, &[("ui_allocations", "frame")]),
    one(FrameWork::StaticEditor, 1_000, US, 9, &[("frame_editor_1k", "frame")]),
    one(FrameWork::StaticEditor, MILLION, US, 3, &[("frame_editor_1m", "frame")]),
    one(FrameWork::LongestWhileLoading, 1, US, 5, &[("load_longest_frame", "frame")]),
    one(FrameWork::LongestWhileOpening, 1_000, US, 3, &[("open_longest_frame_1k", "frame")]),
    one(FrameWork::LongestWhileOpening, 100_000, US, 3, &[("open_longest_frame_100k", "frame")]),
    one(FrameWork::LongestWhileOpening, MILLION, US, 1, &[("open_longest_frame_1m", "frame")]),
    one(FrameWork::LongestWhileSaving, 1_000, US, 3, &[("save_longest_frame_1k", "frame")]),
    one(FrameWork::LongestWhileSaving, 100_000, US, 3, &[("save_longest_frame_100k", "frame")]),
    one(FrameWork::LongestWhileSaving, MILLION, US, 1, &[("save_longest_frame_1m", "frame")]),
];

/// Every case, in the order of the table.
///
/// # Errors
/// A contender failed.
pub(crate) fn rows() -> Result<Vec<Row>, String> {
    eprintln!("bench: frames have no peers: none of them runs on a stub of Vulkan");
    if models::flight_helmet().is_none() {
        eprintln!("bench: cases of FlightHelmet are left out: there is no {}", models::FLIGHT_HELMET);
    }
    rows_of(SERIES, CONTENDERS)
}

fn run(order: &Order) -> Option<Taken> {
    let Work::Frame(work) = order.work else { return None };
    let objects = |moves| Request::Objects { count: order.count as u32, moves };
    match work {
        FrameWork::Helmet => took(stage::frames(&Request::Model(helmet()?)).median()),
        FrameWork::HelmetEditor => took(editor::frames(&helmet()?).median()),
        FrameWork::Static => took(stage::frames(&objects(Moves::Nothing)).median()),
        FrameWork::Moving => took(stage::frames(&objects(Moves::Objects)).median()),
        FrameWork::MovingEntities => took(stage::frames(&objects(Moves::Entities)).median()),
        FrameWork::Resident => amount(stage::frames(&objects(Moves::Nothing)).resident_bytes),
        FrameWork::HeapAllocations => amount(stage::frames(&objects(Moves::Nothing)).heap_allocations?),
        FrameWork::HeapAllocationsEditor => amount(editor::frames(&helmet()?).heap_allocations?),
        FrameWork::UiAllocationsEditor => amount(editor::frames(&helmet()?).ui_allocations?),
        FrameWork::StaticEditor => took(projects::frames(order.count).median()),
        FrameWork::LongestWhileLoading => took(editor::longest_while_loading(&helmet()?)),
        FrameWork::LongestWhileOpening => took(projects::longest_while_opening(order.count)),
        FrameWork::LongestWhileSaving => took(projects::longest_while_saving(order.count)),
    }
}

fn helmet() -> Option<PathBuf> {
    models::flight_helmet()
}

fn amount(amount: f64) -> Option<Taken> {
    Some(Taken { nanoseconds: 0.0, amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_drawn_without_an_allocation_whether_they_move_or_not() {
        for moves in [Moves::Nothing, Moves::Objects, Moves::Entities] {
            let measured = stage::frames(&Request::Objects { count: 100, moves });
            assert!(measured.heap_allocations.is_none_or(|count| count == 0.0), "{moves:?}");
            assert_eq!(measured.draw_calls, 16.0, "one for each mesh with each material");
        }
    }
}
