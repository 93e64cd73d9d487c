//! Series: figures that are measured together, and the rows that are made of them.

use crate::callgrind;
use crate::contenders::{Contender, Program, Role};
use crate::host;
use crate::program::{self, Order, Taken};
use crate::rounds;
use crate::table::Row;
use crate::work::Work;

/// Odd, so that the median is a run. Works that take a while get by with fewer.
const ROUNDS: usize = 31;
const ROUNDS_OF_LONG_WORK: usize = 9;
/// Passes of a work that ends in a moment.
const PASSES: u64 = 51;

/// What a figure says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Instructions of one iteration, above those of the bare loop.
    Instructions,
    /// Nanoseconds of one iteration.
    Nanoseconds,
    /// Microseconds of one iteration.
    Microseconds,
    /// Microseconds of the whole work.
    MicrosecondsInAll,
    /// Milliseconds of the whole work.
    Milliseconds,
    /// Bytes that became resident, at most.
    Bytes,
    /// How many.
    #[cfg(feature = "frame")]
    Count,
}

impl Unit {
    fn metric(self) -> &'static str {
        match self {
            Unit::Instructions => "instructions",
            Unit::Nanoseconds => "ns",
            Unit::Microseconds | Unit::MicrosecondsInAll => "us",
            Unit::Milliseconds => "ms",
            Unit::Bytes => "bytes",
            #[cfg(feature = "frame")]
            Unit::Count => "count",
        }
    }

    /// The figure of a run of `count` iterations.
    fn of(self, taken: Taken, count: u64) -> f64 {
        match self {
            Unit::Nanoseconds | Unit::Instructions => taken.nanoseconds / count as f64,
            Unit::Microseconds => taken.nanoseconds / 1e3 / count as f64,
            Unit::MicrosecondsInAll => taken.nanoseconds / 1e3,
            Unit::Milliseconds => taken.nanoseconds / 1e6,
            Unit::Bytes => taken.amount,
            #[cfg(feature = "frame")]
            Unit::Count => taken.amount,
        }
    }
}

/// Figures that are measured together, and the rows that are made of them.
pub(crate) struct Series {
    work: Work,
    count: u64,
    unit: Unit,
    rounds: usize,
    passes: u64,
    /// What is touched and freed before each run, so that the machine beneath has given it.
    warm_bytes: usize,
    /// The name of each case, and which of our contenders it is about.
    cases: &'static [(&'static str, &'static str)],
}

pub(crate) const fn counted(work: Work, count: u64, cases: &'static [(&'static str, &'static str)]) -> Series {
    Series { work, count, unit: Unit::Instructions, rounds: 1, passes: 1, warm_bytes: 0, cases }
}

pub(crate) const fn short(
    work: Work,
    count: u64,
    unit: Unit,
    cases: &'static [(&'static str, &'static str)],
) -> Series {
    Series { work, count, unit, rounds: ROUNDS, passes: 1, warm_bytes: 0, cases }
}

pub(crate) const fn momentary(work: Work, count: u64, cases: &'static [(&'static str, &'static str)]) -> Series {
    Series { work, count, unit: Unit::Nanoseconds, rounds: ROUNDS, passes: PASSES, warm_bytes: 0, cases }
}

pub(crate) const fn long(
    work: Work,
    count: u64,
    unit: Unit,
    warm_bytes: usize,
    cases: &'static [(&'static str, &'static str)],
) -> Series {
    Series { work, count, unit, rounds: ROUNDS_OF_LONG_WORK, passes: 1, warm_bytes, cases }
}

/// A series whose count is the size of what is worked on: its figures are of the whole.
#[cfg(any(feature = "scene", feature = "frame"))]
pub(crate) const fn sized(
    work: Work,
    count: u64,
    unit: Unit,
    rounds: usize,
    cases: &'static [(&'static str, &'static str)],
) -> Series {
    Series { work, count, unit, rounds, passes: 1, warm_bytes: 0, cases }
}

#[cfg(test)]
impl Series {
    pub(crate) fn cases(&self) -> &'static [(&'static str, &'static str)] {
        self.cases
    }
}

/// Every case, in the order of the table. What can't be measured here is left out, with a line on standard error.
///
/// # Errors
/// A contender failed.
pub(crate) fn rows(all: &[Series], known: &'static [Contender]) -> Result<Vec<Row>, String> {
    let contenders: Vec<&Contender> = known.iter().filter(|contender| is_built(contender.program)).collect();
    for contender in known.iter().filter(|contender| !is_built(contender.program)) {
        eprintln!("bench: {} is left out: its program isn't built here", contender.name);
    }
    let no_counts = callgrind::absent();
    if let Some(why) = &no_counts {
        eprintln!("bench: instruction counts are left out: {why}");
    }
    let mut rows = Vec::new();
    for series in all {
        if series.unit != Unit::Instructions || no_counts.is_none() {
            rows.extend(measured(series, &contenders)?);
        }
    }
    Ok(rows)
}

fn is_built(program: Program) -> bool {
    program::path(program).is_ok()
}

fn measured(series: &Series, contenders: &[&'static Contender]) -> Result<Vec<Row>, String> {
    let takes_part = |contender: &Contender| {
        contender.role != Role::Ours || series.cases.iter().any(|(_, ours)| *ours == contender.name)
    };
    let contenders: Vec<&'static Contender> =
        contenders.iter().copied().filter(|contender| takes_part(contender)).collect();
    let order = |contender| Order { work: series.work, contender, count: series.count, passes: series.passes };
    let figures = match series.unit {
        Unit::Instructions => contenders
            .iter()
            .map(|contender| callgrind::instructions(&order(contender)))
            .collect::<Result<Vec<_>, String>>()?,
        unit => rounds::medians(&contenders, series.rounds, |contender| {
            if series.warm_bytes > 0 {
                host::warm(series.warm_bytes).map_err(|error| error.to_string())?;
            }
            Ok::<_, String>(order(contender).run()?.map(|taken| unit.of(taken, series.count)))
        })?,
    };
    let figures: Vec<(&Contender, f64)> =
        contenders.into_iter().zip(figures).filter_map(|(contender, figure)| Some((contender, figure?))).collect();
    Ok(rows_of(series.cases, series.unit, &figures))
}

/// A row for each case that has a figure.
fn rows_of(cases: &[(&'static str, &'static str)], unit: Unit, figures: &[(&Contender, f64)]) -> Vec<Row> {
    let limit = figures.iter().find(|(contender, _)| contender.role == Role::Limit).map(|(_, figure)| *figure);
    let above = |figure: f64| if unit == Unit::Instructions { figure - limit.unwrap_or(0.0) } else { figure };
    let peers: Vec<(&'static str, f64)> = figures
        .iter()
        .filter(|(contender, _)| contender.role == Role::Peer)
        .map(|(contender, figure)| (contender.name, above(*figure)))
        .collect();
    let own =
        |name: &str| figures.iter().find(|(contender, _)| contender.name == name).map(|(_, figure)| above(*figure));
    let row = |case: &'static str, name: &str| {
        let peers = match own("ours") {
            // What a tag costs is told by our own push without one.
            Some(untagged) if case.starts_with("tag_") => vec![("untagged", untagged)],
            _ => peers.clone(),
        };
        let is_above_limit = unit == Unit::Nanoseconds && (case.starts_with("push_") || case.starts_with("cursor_"));
        Some(Row { case, metric: unit.metric(), ours: own(name)?, limit, peers, is_above_limit })
    };
    cases.iter().filter_map(|(case, name)| row(case, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Vec<(&'static Contender, f64)> {
        [("ours", 10.0), ("cursor", 9.0), ("tagged", 10.5), ("limit", 5.0), ("bumpalo", 13.0)]
            .map(|(name, figure)| (Contender::named(name).unwrap(), figure))
            .to_vec()
    }

    #[test]
    fn instructions_are_counted_above_the_bare_loop() {
        let rows = rows_of(&[("push_8", "ours"), ("cursor_8", "cursor")], Unit::Instructions, &figures());
        assert_eq!((rows[0].ours, rows[1].ours), (5.0, 4.0));
        assert_eq!((rows[0].limit, &rows[0].peers), (Some(5.0), &vec![("bumpalo", 8.0)]));
    }

    #[test]
    fn times_keep_what_the_loop_takes() {
        let rows = rows_of(&[("push_8_ns", "ours")], Unit::Nanoseconds, &figures());
        assert_eq!((rows[0].ours, rows[0].peers[0].1), (10.0, 13.0));
    }

    #[test]
    fn a_tag_is_compared_with_no_tag() {
        let rows = rows_of(&[("tag_off_push_8", "tagged")], Unit::Instructions, &figures());
        assert_eq!((rows[0].ours, &rows[0].peers), (5.5, &vec![("untagged", 5.0)]));
    }

    #[test]
    fn a_case_without_a_figure_is_no_row() {
        assert!(rows_of(&[("tag_on_push_8", "counted")], Unit::Instructions, &figures()).is_empty());
    }

    #[test]
    fn figures_are_told_in_their_unit() {
        let taken = Taken { nanoseconds: 4e6, amount: 80.0 };
        let figure = |unit: Unit| unit.of(taken, 1_000);
        assert_eq!(figure(Unit::Nanoseconds), 4_000.0);
        assert_eq!(figure(Unit::Microseconds), 4.0);
        assert_eq!(figure(Unit::MicrosecondsInAll), 4_000.0);
        assert_eq!(figure(Unit::Milliseconds), 4.0);
        assert_eq!(figure(Unit::Bytes), 80.0);
    }
}
