//! What the phases of a command take, for the log: wall time, CPU time of all threads, and the most that was resident.

use std::sync::Mutex;
use std::time::{Duration, Instant};
use voltrum::platform::process_cpu_time;

/// The moment in which the present phase began.
pub(crate) struct Phases(Mutex<Moment>);

#[derive(Clone, Copy)]
struct Moment {
    wall: Instant,
    cpu: Duration,
}

impl Phases {
    /// The first phase has the CPU time since the process began.
    pub(crate) fn begin() -> Phases {
        Phases(Mutex::new(Moment { wall: Instant::now(), cpu: Duration::ZERO }))
    }

    /// Ends a phase; the next one begins.
    pub(crate) fn end(&self, name: &str) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let now = Moment { wall: Instant::now(), cpu: process_cpu_time().unwrap_or_default() };
        let Ok(mut began) = self.0.lock() else { return };
        let wall_ms = (now.wall - began.wall).as_secs_f64() * 1e3;
        let cpu_ms = now.cpu.saturating_sub(began.cpu).as_secs_f64() * 1e3;
        *began = now;
        tracing::debug!(name, wall_ms, cpu_ms, peak_bytes = peak_bytes().unwrap_or(0), "phase");
    }
}

/// The most that was resident since the process began; `None` where the system doesn't say (proc(5)).
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}
