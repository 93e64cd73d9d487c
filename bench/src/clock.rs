//! The part of a contender's work that counts.

use std::time::Instant;

/// The function under which callgrind counts, by a piece of its name.
pub(crate) const COUNTED: &str = "counted_from_here";

/// Runs what counts; the nanoseconds that it takes.
pub(crate) fn clocked(mut action: impl FnMut()) -> f64 {
    let started = Instant::now();
    counted_from_here(&mut action);
    started.elapsed().as_secs_f64() * 1e9
}

/// Stays a function of its own, whatever the optimiser does with the work.
#[inline(never)]
fn counted_from_here(action: &mut dyn FnMut()) {
    action();
}
