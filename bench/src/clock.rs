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

/// As [`clocked`], for what takes no longer than asking for the time does: the clock is asked once before, for nothing. After
/// a million objects have been made, its code and its page are in no cache.
pub(crate) fn clocked_briefly(action: impl FnMut()) -> f64 {
    clocked(|| {});
    clocked(action)
}

/// As [`clocked`], by the time that this thread was on a core: what else the machine does meanwhile is no part of it. For
/// works that take long: asking for it takes a while.
pub(crate) fn clocked_on_core(mut action: impl FnMut()) -> f64 {
    let started = on_core();
    counted_from_here(&mut action);
    on_core() - started
}

/// The nanoseconds that this thread was on a core so far.
pub(crate) fn on_core() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

/// The nanoseconds of the median pass of several.
///
/// Passes are short so that their memory stays in the caches: what is measured is the allocator, not the memory.
pub(crate) fn median_pass(passes: u64, mut pass: impl FnMut() -> f64) -> f64 {
    median((0..passes).map(|_| pass()).collect()).unwrap_or(0.0)
}

pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// Stays a function of its own, whatever the optimiser does with the work.
#[inline(never)]
fn counted_from_here(action: &mut dyn FnMut()) {
    action();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_what_sticks_out() {
        assert_eq!(median(vec![3.0, 900.0, 1.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn the_median_pass_is_one_of_them() {
        let mut times = [5.0, 1.0, 3.0].into_iter();
        assert_eq!(median_pass(3, || times.next().unwrap()), 3.0);
    }
}
