//! Instruction counts: a work runs under callgrind with a count and with twice the count.
//!
//! Only what happens below one function is counted (`clock.rs`), and the difference of the two runs holds nothing but the
//! iterations. What the loop itself takes is told by the bare work and taken off by the caller.

use std::process::{Command, Stdio};

use crate::clock::COUNTED;
use crate::program::{self, Order};

const VALGRIND: &str = "valgrind";

/// Why there are no counts here; `None` where there can be.
pub(crate) fn absent() -> Option<String> {
    match Command::new(VALGRIND).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => None,
        _ => Some(format!("there is no {VALGRIND} here (Debian: apt-get install valgrind)")),
    }
}

/// Instructions of one iteration, the loop's own included; `None` where the contender can't do this work.
///
/// # Errors
/// Callgrind can't be started, or it counted nothing.
pub(crate) fn instructions(order: &Order) -> Result<Option<f64>, String> {
    let Some(once) = collected(order)? else { return Ok(None) };
    let twice = collected(&Order { count: order.count * 2, ..*order })?.unwrap_or(once);
    Ok(Some(each(once, twice, order.count)))
}

/// `count` iterations took `once`, twice as many `twice`: what one takes.
fn each(once: u64, twice: u64, count: u64) -> f64 {
    (twice as f64 - once as f64) / count as f64
}

fn collected(order: &Order) -> Result<Option<u64>, String> {
    let program = program::path(order.contender.program)?;
    let mut command = Command::new(VALGRIND);
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect=*{COUNTED}*"))
        .arg(program)
        .args(order.arguments())
        .stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("{VALGRIND} did not start: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{VALGRIND} failed at {} {}:\n{log}", order.work.name(), order.contender.name));
    }
    if String::from_utf8_lossy(&output.stdout).trim() == "-" {
        return Ok(None);
    }
    match total(&log) {
        Some(0) | None => Err(format!("callgrind counted nothing at {} {}", order.work.name(), order.contender.name)),
        total => Ok(total),
    }
}

/// The sum that callgrind prints at its end: `==12== Collected : 3456`.
fn total(log: &str) -> Option<u64> {
    let (_, number) = log.lines().rev().find_map(|line| line.split_once("Collected :"))?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_up_is_no_part_of_an_iteration() {
        let (setting_up, iteration) = (70_123, 9);
        assert_eq!(each(setting_up + 1_000 * iteration, setting_up + 2_000 * iteration, 1_000), 9.0);
    }

    #[test]
    fn the_sum_is_read_from_callgrinds_last_words() {
        let log = "==7== Callgrind, a call-graph\n==7== Events    : Ir\n==7== Collected : 120045\n==7== \n";
        assert_eq!(total(log), Some(120_045));
        assert_eq!(total("==7== nothing"), None);
    }
}
