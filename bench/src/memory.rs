//! The cases of the memory crate: which work, how often, in what unit.

use crate::contenders::CONTENDERS;
use crate::series::{Series, Unit, counted, long, momentary, rows as rows_of, short};
use crate::table::Row;
use crate::work::Work;

/// What the works on fresh memory take at most, nearly.
const GIB: usize = 1 << 30;

pub(crate) const SERIES: &[Series] = &[
    counted(
        Work::Push8,
        10_000,
        &[
            ("push_8", "ours"),
            ("cursor_8", "cursor"),
            ("tag_off_push_8", "tagged"),
            ("tag_on_push_8", "counted"),
            ("tag_log_push_8", "logged"),
        ],
    ),
    counted(Work::Push16, 10_000, &[("push_16", "ours"), ("cursor_16", "cursor")]),
    counted(Work::Push64, 10_000, &[("push_64", "ours"), ("cursor_64", "cursor")]),
    momentary(Work::Push8, 2_000, &[("push_8_ns", "ours"), ("cursor_8_ns", "cursor")]),
    momentary(Work::Push16, 2_000, &[("push_16_ns", "ours"), ("cursor_16_ns", "cursor")]),
    momentary(Work::Push64, 2_000, &[("push_64_ns", "ours"), ("cursor_64_ns", "cursor")]),
    short(Work::FrameMixed, 10, Unit::Nanoseconds, &[("frame_mixed", "ours")]),
    counted(Work::FrameMixed, 4, &[("frame_mixed_instructions", "ours")]),
    counted(Work::TempScope, 1_000, &[("temp_scope", "ours"), ("cursor_temp_scope", "cursor")]),
    long(Work::Fill, (1 << 30) / 64, Unit::Milliseconds, GIB, &[("fill_1gib", "ours")]),
    long(Work::Vector, 10_000_000, Unit::Milliseconds, GIB, &[("vec_10m", "ours")]),
    long(Work::Vector, 10_000_000, Unit::Bytes, 0, &[("vec_10m_peak", "ours")]),
    long(Work::Close, 1_000_000, Unit::MicrosecondsInAll, 0, &[("drop_1m", "ours")]),
    short(Work::Close, 1_000, Unit::MicrosecondsInAll, &[("drop_1k", "ours")]),
    long(Work::ZeroedSparse, (1 << 30) / (64 << 10), Unit::Milliseconds, GIB, &[("zeroed_sparse_1gib", "ours")]),
    short(Work::Lifecycle, 100, Unit::Microseconds, &[("arena_lifecycle", "ours")]),
];

/// Every case, in the order of the table.
///
/// # Errors
/// A contender failed.
pub(crate) fn rows() -> Result<Vec<Row>, String> {
    rows_of(SERIES, CONTENDERS)
}
