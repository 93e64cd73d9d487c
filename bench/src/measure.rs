//! Medians of interleaved runs: whatever else the machine does meanwhile strikes all contenders alike.

use std::time::Instant;

/// Odd, so that the median is a run.
const ROUNDS: usize = 31;

/// One way to do a case. A call does it once and returns the nanoseconds of the part that counts.
pub(crate) struct Contender<'c> {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut() -> f64 + 'c>,
}

impl<'c> Contender<'c> {
    pub(crate) fn new(name: &'static str, run: impl FnMut() -> f64 + 'c) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The median nanoseconds of each contender, in their order.
///
/// Every round runs each of them once, beginning with another one each time; a round before the first warms up.
pub(crate) fn medians(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let count = contenders.len();
    let mut times = vec![Vec::with_capacity(ROUNDS); count];
    for contender in contenders.iter_mut() {
        (contender.run)();
    }
    for round in 0..ROUNDS {
        for turn in 0..count {
            let which = (round + turn) % count;
            times[which].push((contenders[which].run)());
        }
    }
    times.into_iter().map(median).collect()
}

/// The nanoseconds that an action takes.
pub(crate) fn nanoseconds(action: impl FnOnce()) -> f64 {
    let started = Instant::now();
    action();
    started.elapsed().as_secs_f64() * 1e9
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_what_sticks_out() {
        assert_eq!(median(vec![3.0, 900.0, 1.0, 2.0, 4.0]), 3.0);
    }

    #[test]
    fn every_contender_runs_in_every_round() {
        let (mut first, mut second) = (0, 0);
        let mut contenders = [
            Contender::new("first", || {
                first += 1;
                1.0
            }),
            Contender::new("second", || {
                second += 1;
                2.0
            }),
        ];
        assert_eq!(medians(&mut contenders), [1.0, 2.0]);
        drop(contenders);
        assert_eq!((first, second), (ROUNDS + 1, ROUNDS + 1));
    }
}
