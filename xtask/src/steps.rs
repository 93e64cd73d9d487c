//! Steps that run one after the other, each announced and timed, until one fails.

use std::fmt;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How a step ended that did not fail.
pub(crate) enum Outcome {
    Done,
    /// Not run, for a reason that the closing lines repeat.
    LeftOut(String),
}

/// Tests that ran, as their harness counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds what a line of a test harness says, if it is the line that sums up.
    ///
    /// The line reads `test result: ok. 3 passed; 0 failed; 0 ignored; ...`.
    pub(crate) fn add_line(&mut self, line: &str) {
        let Some((_, counts)) = line.split_once("test result: ") else {
            return;
        };
        for count in counts.split(['.', ';']) {
            match count.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs steps, announces them, and keeps what the closing lines say.
pub(crate) struct Steps {
    count: usize,
    begun: usize,
    started: Instant,
    left_out: Vec<String>,
    pub(crate) tally: Tally,
}

impl Steps {
    pub(crate) fn new(count: usize) -> Self {
        Self { count, begun: 0, started: Instant::now(), left_out: Vec::new(), tally: Tally::default() }
    }

    /// Runs one step. A failure names the step and ends the whole.
    pub(crate) fn step(
        &mut self,
        name: &str,
        about: &str,
        action: impl FnOnce(&mut Tally) -> Result<Outcome, Failure>,
    ) -> Result<(), Failure> {
        self.begun += 1;
        let place = format!("[{}/{}] {name}", self.begun, self.count);
        println!("\n== {place}: {about}");
        let started = Instant::now();
        let outcome = action(&mut self.tally);
        let took = Took(started.elapsed());
        match outcome {
            Ok(Outcome::Done) => println!("== {place}: ok in {took}"),
            Ok(Outcome::LeftOut(reason)) => {
                println!("== {place}: left out, {reason}");
                self.left_out.push(format!("{name}: {reason}"));
            }
            Err(failure) => {
                println!("== {place}: FAILED after {took}");
                self.close();
                return Err(Failure::new(format!("step `{name}` failed: {failure}")));
            }
        }
        Ok(())
    }

    /// The closing lines: what was left out, and the totals.
    pub(crate) fn close(&self) {
        println!();
        for line in &self.left_out {
            println!("left out: {line}");
        }
        println!("{} in {}", self.tally, Took(self.started.elapsed()));
    }
}

struct Took(Duration);

impl fmt::Display for Took {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        if secs < 60 {
            write!(formatter, "{:.1} s", self.0.as_secs_f64())
        } else {
            write!(formatter, "{} min {:02} s", secs / 60, secs % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_that_sum_up_are_added() {
        let mut tally = Tally::default();
        tally.add_line("running 3 tests");
        tally.add_line("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        tally.add_line("test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(tally, Tally { passed: 15, failed: 2 });
    }

    #[test]
    fn a_failed_step_is_named() {
        let failure = Steps::new(1).step("format", "", |_| Err(Failure::new("not formatted"))).unwrap_err();
        assert_eq!(failure.to_string(), "step `format` failed: not formatted");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(Took(Duration::from_millis(1_240)).to_string(), "1.2 s");
        assert_eq!(Took(Duration::from_secs(125)).to_string(), "2 min 05 s");
    }
}
