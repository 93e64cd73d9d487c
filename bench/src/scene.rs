//! The cases of the scene: entities, hierarchy, undo history and project files.
//!
//! # Deliberately absent
//! Peers where they have nothing alike: hecs and bevy_ecs keep no world transforms up to date, no history and no project.

mod bare;
#[cfg(feature = "scene-peers")]
mod bevy_world;
mod data;
#[cfg(feature = "scene-peers")]
mod hecs_world;
mod history;
mod hoard;
mod ours;
mod project;
#[cfg(feature = "scene-peers")]
mod stored;

use crate::contenders::{Contender, Program, Role, contender};
use crate::series::{Series, Unit, rows as rows_of, sized};
use crate::table::Row;
use crate::work::{SceneWork, Work};

const MANY: u64 = 1_000_000;
const FEW: u64 = 1_000;

/// Everyone, in the order of the table's columns.
pub(crate) static CONTENDERS: &[Contender] = &[
    contender("scene", Role::Ours, Program::Main, ours::run),
    contender("scene-counted", Role::Ours, Program::Tracking, hoard::run),
    contender("scene-limit", Role::Limit, Program::Main, bare::run),
    #[cfg(feature = "scene-peers")]
    contender("hecs", Role::Peer, Program::Main, hecs_world::run),
    #[cfg(feature = "scene-peers")]
    contender("bevy_ecs", Role::Peer, Program::Main, bevy_world::run),
];

const fn one(work: SceneWork, count: u64, unit: Unit, cases: &'static [(&'static str, &'static str)]) -> Series {
    sized(Work::Scene(work), count, unit, 9, cases)
}

pub(crate) const SERIES: &[Series] = &[
    one(SceneWork::Create, MANY, Unit::Milliseconds, &[("create_1m", "scene")]),
    one(SceneWork::Iterate, MANY, Unit::Milliseconds, &[("iterate_1m", "scene")]),
    one(SceneWork::Update, MANY, Unit::Milliseconds, &[("update_1m", "scene")]),
    one(SceneWork::MoveOne, MANY, Unit::MicrosecondsInAll, &[("move_one_1m", "scene")]),
    one(SceneWork::MoveOne, FEW, Unit::MicrosecondsInAll, &[("move_one_1k", "scene")]),
    one(SceneWork::DeleteOne, MANY, Unit::MicrosecondsInAll, &[("delete_one_1m", "scene")]),
    one(SceneWork::DeleteOne, FEW, Unit::MicrosecondsInAll, &[("delete_one_1k", "scene")]),
    one(SceneWork::Pick, MANY, Unit::MicrosecondsInAll, &[("pick_1m", "scene")]),
    one(SceneWork::Pick, 100_000, Unit::MicrosecondsInAll, &[("pick_100k", "scene")]),
    one(SceneWork::Pick, FEW, Unit::MicrosecondsInAll, &[("pick_1k", "scene")]),
    one(SceneWork::Close, MANY, Unit::MicrosecondsInAll, &[("close_1m", "scene")]),
    one(SceneWork::Close, FEW, Unit::MicrosecondsInAll, &[("close_1k", "scene")]),
    one(SceneWork::GiveBack, MANY, Unit::MicrosecondsInAll, &[("give_back_1m", "scene")]),
    sized(Work::Scene(SceneWork::Used), MANY, Unit::Bytes, 1, &[("bytes_per_entity", "scene")]),
    sized(Work::Scene(SceneWork::Committed), MANY, Unit::Bytes, 1, &[("bytes_per_entity_committed", "scene")]),
    one(SceneWork::UndoMove, MANY, Unit::Milliseconds, &[("undo_move_1m", "scene")]),
    one(SceneWork::Save, 10_000, Unit::Milliseconds, &[("save_10k", "scene")]),
    one(SceneWork::Save, 100_000, Unit::Milliseconds, &[("save_100k", "scene")]),
    one(SceneWork::Load, 10_000, Unit::Milliseconds, &[("load_10k", "scene")]),
    one(SceneWork::Load, 100_000, Unit::Milliseconds, &[("load_100k", "scene")]),
    sized(Work::Scene(SceneWork::Switch), 1_000, Unit::Bytes, 1, &[("switches_1000", "scene-counted")]),
];

/// Every case, in the order of the table.
///
/// # Errors
/// A contender failed.
pub(crate) fn rows() -> Result<Vec<Row>, String> {
    if cfg!(not(feature = "scene-peers")) {
        eprintln!("bench: hecs and bevy_ecs are left out: this was built without the feature `scene-peers`");
    }
    rows_of(SERIES, CONTENDERS)
}
