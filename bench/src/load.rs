//! What it takes to open a model and make a picture of it: `voltrum render` and its peers, each a program of its own.
//!
//! three-d and Bevy are packages of their own below `bench/peers`, apart from the workspace: only who asks for them compiles
//! them.

mod display;
mod generated;
mod program;
pub(crate) mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::median;
use crate::models;
use crate::table::Row;
use display::Display;
use generated::Folder;
use program::{PROGRAMS, Program};
use watch::Watched;

/// Odd, so that the median is a run.
const ROUNDS: usize = 9;
/// Who needs longer for one picture, or can't make it, takes no part in the case.
const PATIENCE: Duration = Duration::from_secs(60);

/// A model and the names of what is told about it.
struct Case {
    model: PathBuf,
    wall: &'static str,
    cpu: &'static str,
    peak: &'static str,
    /// By phase: wall and CPU time of the phase, and the most that was resident when it ended.
    phases: [[&'static str; 3]; 4],
}

/// The names of a case's rows, by the name of the case.
macro_rules! names {
    ($model:expr, $case:literal) => {
        Case {
            model: $model,
            wall: $case,
            cpu: concat!($case, "_cpu"),
            peak: concat!($case, "_peak"),
            phases: [
                [concat!($case, "_start"), concat!($case, "_start_cpu"), concat!($case, "_start_peak")],
                [concat!($case, "_read"), concat!($case, "_read_cpu"), concat!($case, "_read_peak")],
                [concat!($case, "_draw"), concat!($case, "_draw_cpu"), concat!($case, "_draw_peak")],
                [concat!($case, "_write"), concat!($case, "_write_cpu"), concat!($case, "_write_peak")],
            ],
        }
    };
}

/// Every case, in the order of the table.
///
/// # Errors
/// Our program can't be started or fails, or there is no room for the models that are made.
pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let folder = Folder::new()?;
    let display = Display::open();
    let programs: Vec<&Program> = PROGRAMS.iter().filter(|program| program.is_here(&display)).collect();
    let mut cases = Vec::new();
    match models::flight_helmet() {
        Some(model) => cases.push(names!(model, "load_helmet")),
        None => eprintln!("bench: cases of FlightHelmet are left out: there is no {}", models::FLIGHT_HELMET),
    }
    cases.push(names!(folder.ball()?, "load_50kb"));
    cases.push(names!(folder.boxes(100_000)?, "load_100k_nodes"));
    let mut rows = Vec::new();
    for case in &cases {
        rows.extend(measured(case, &programs, &folder.picture(), &display)?);
    }
    Ok(rows)
}

fn measured(case: &Case, programs: &[&Program], picture: &Path, display: &Display) -> Result<Vec<Row>, String> {
    let mut taking_part: Vec<_> = programs.iter().map(|program| (*program, Some(Vec::with_capacity(ROUNDS)))).collect();
    // The first round warms the machine up.
    for round in 0..=ROUNDS {
        for turn in 0..programs.len() {
            let (program, part) = &mut taking_part[(round + turn) % programs.len()];
            let Some(runs) = part else { continue };
            match program.run(&case.model, picture, display, PATIENCE) {
                Ok(Some(run)) if round > 0 => runs.push(run),
                Ok(Some(_)) => {}
                Err(error) if program.name == program::OURS => return Err(error),
                not_done => {
                    let why = not_done.err().unwrap_or_else(|| format!("it takes over {PATIENCE:?}"));
                    eprintln!("bench: {} is left out of {}: {why}", program.name, case.wall);
                    *part = None;
                }
            }
        }
    }
    let runs: Vec<_> = taking_part.into_iter().filter_map(|(program, runs)| Some((program, runs?))).collect();
    Ok(rows_of(case, &runs))
}

fn rows_of(case: &Case, runs: &[(&Program, Vec<Watched>)]) -> Vec<Row> {
    let row = |case: &'static str, metric, figure: &dyn Fn(&Watched) -> Option<f64>| {
        let medians: Vec<(&'static str, f64)> = runs
            .iter()
            .filter_map(|(program, runs)| Some((program.name, median(runs.iter().filter_map(figure).collect())?)))
            .collect();
        let (ours, peers) = medians.iter().partition::<Vec<_>, _>(|(name, _)| *name == program::OURS);
        let (_, ours) = ours.first()?;
        Some(Row { case, metric, ours: *ours, limit: None, peers, is_above_limit: false })
    };
    let mut rows = vec![
        row(case.wall, "ms", &|run| Some(run.wall_ms)),
        row(case.cpu, "ms", &|run| Some(run.cpu_ms)),
        row(case.peak, "bytes", &|run| Some(run.peak_bytes)),
    ];
    for (at, [wall, cpu, peak]) in case.phases.into_iter().enumerate() {
        rows.push(row(wall, "ms", &|run| Some(run.phases.get(at)?.wall_ms)));
        rows.push(row(cpu, "ms", &|run| Some(run.phases.get(at)?.cpu_ms)));
        rows.push(row(peak, "bytes", &|run| Some(run.phases.get(at)?.peak_bytes)));
    }
    rows.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::watch::Phase;
    use super::*;

    fn run(wall_ms: f64, phases: usize) -> Watched {
        let phase = Phase { wall_ms: 1.0, cpu_ms: 2.0, peak_bytes: 3.0 };
        Watched { wall_ms, cpu_ms: wall_ms * 2.0, peak_bytes: 100.0, phases: vec![phase; phases] }
    }

    #[test]
    fn rows_hold_medians_and_a_peer_has_no_phases() {
        let case = names!(PathBuf::new(), "load");
        let ours = vec![run(3.0, 4), run(1.0, 4), run(2.0, 4)];
        let rows = rows_of(&case, &[(&PROGRAMS[0], ours), (&PROGRAMS[1], vec![run(8.0, 0)])]);
        assert_eq!(rows.len(), 3 + 12);
        assert_eq!((rows[0].case, rows[0].ours, &rows[0].peers), ("load", 2.0, &vec![(PROGRAMS[1].name, 8.0)]));
        assert_eq!((rows[1].case, rows[1].metric, rows[1].ours), ("load_cpu", "ms", 4.0));
        assert_eq!((rows[3].case, rows[3].ours, rows[3].peers.len()), ("load_start", 1.0, 0));
    }

    #[test]
    fn a_case_that_only_a_peer_can_do_is_no_row() {
        let case = names!(PathBuf::new(), "load");
        assert!(rows_of(&case, &[(&PROGRAMS[1], vec![run(8.0, 0)])]).is_empty());
    }
}
