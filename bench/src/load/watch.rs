//! What a program takes: a process of ours starts it, waits for its end and asks the system about its children.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The first argument of a process that watches a program.
pub(crate) const WATCH: &str = "watch";

/// What stands in front of what the program took.
const MARK: &str = "watched";
/// Printed in place of that for a program that took too long.
const TOO_LONG: &str = "too long";

/// What a run took.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watched {
    pub(super) wall_ms: f64,
    /// Of all its threads, in the system and out of it.
    pub(super) cpu_ms: f64,
    pub(super) peak_bytes: f64,
    /// As far as the program tells.
    pub(super) phases: Vec<Phase>,
}

/// A part of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phase {
    pub(super) wall_ms: f64,
    pub(super) cpu_ms: f64,
    /// The most since the program's start.
    pub(super) peak_bytes: f64,
}

/// Runs a program; `None` where it takes too long.
///
/// # Errors
/// It can't be started or fails; with its last words.
pub(super) fn run(
    program: &Path,
    arguments: &[PathBuf],
    display: Option<&str>,
    patience: Duration,
) -> Result<Option<Watched>, String> {
    let own = std::env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let mut command = Command::new(own);
    command.arg(WATCH).arg(patience.as_millis().to_string()).arg(program).args(arguments).stdin(Stdio::null());
    if let Some(display) = display {
        command.env("DISPLAY", display);
    }
    let output = command.output().map_err(|error| format!("no process to watch it: {error}"))?;
    let (said, words) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if said.lines().any(|line| line == TOO_LONG) {
        return Ok(None);
    }
    let taken = said.lines().find_map(|line| line.strip_prefix(MARK)).and_then(understood);
    let Some(taken) = taken.filter(|_| output.status.success()) else {
        return Err(format!("{}\n{words}", output.status));
    };
    Ok(Some(Watched { phases: words.lines().filter_map(phase).collect(), ..taken }))
}

/// The process that watches: `watch MILLISECONDS PROGRAM ARGUMENTS`.
pub(crate) fn watch() -> ExitCode {
    let mut arguments = std::env::args_os().skip(2);
    let patience = arguments.next().and_then(|text| text.to_str()?.parse().ok()).map(Duration::from_millis);
    let (Some(patience), Some(program)) = (patience, arguments.next()) else { return ExitCode::from(2) };
    let started = Instant::now();
    let spawned = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            eprintln!("it did not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let pid = child.id();
    // Waiting blocks, so that the end is seen at once; who takes too long is ended from aside.
    let (over, ended) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        let is_too_long = ended.recv_timeout(patience) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        if is_too_long {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid as i32), nix::sys::signal::Signal::SIGKILL);
        }
        is_too_long
    });
    let status = child.wait();
    let wall_ms = started.elapsed().as_secs_f64() * 1e3;
    drop(over);
    if guard.join().unwrap_or(false) {
        println!("{TOO_LONG}");
        return ExitCode::SUCCESS;
    }
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return ExitCode::FAILURE };
    let cpu_ms = (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e3;
    println!("{MARK} {wall_ms} {cpu_ms} {}", usage.max_rss() as f64 * 1_024.0);
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn understood(line: &str) -> Option<Watched> {
    let mut figures = line.split_whitespace().map(|word| word.parse::<f64>().ok());
    let mut next = || figures.next().flatten();
    Some(Watched { wall_ms: next()?, cpu_ms: next()?, peak_bytes: next()?, phases: Vec::new() })
}

/// A phase, from the line that `voltrum` logs at its end: `… phase name="read" wall_ms=1.5 cpu_ms=2 peak_bytes=3`.
fn phase(line: &str) -> Option<Phase> {
    let (_, line) = line.split_once(" phase ")?;
    let figure = |key: &str| {
        let (_, rest) = line.split_once(key)?;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some(Phase { wall_ms: figure("wall_ms=")?, cpu_ms: figure("cpu_ms=")?, peak_bytes: figure("peak_bytes=")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_took_survives_the_pipe() {
        let taken = Watched { wall_ms: 12.5, cpu_ms: 20.0, peak_bytes: 4_096.0, phases: Vec::new() };
        assert_eq!(understood(" 12.5 20 4096"), Some(taken));
        assert_eq!(understood(" 12.5 20"), None);
    }

    #[test]
    fn a_phase_is_read_from_the_log() {
        let line = "DEBUG voltrum: phase name=\"read\" wall_ms=1.5 cpu_ms=2 peak_bytes=300";
        assert_eq!(phase(line), Some(Phase { wall_ms: 1.5, cpu_ms: 2.0, peak_bytes: 300.0 }));
        assert_eq!(phase(" INFO voltrum: loaded images=3"), None);
    }
}
