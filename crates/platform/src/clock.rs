//! The clock: when a frame is, and how long the one before it took.
//!
//! # Invariants
//! 1. `absolute_secs` never falls, and `delta_secs` lies in `0..=DELTA_SECS_MAX`.
//! 2. With a fixed step, time depends on the number of frames alone.

use std::time::{Duration, Instant};

/// The longest delta that a frame is told. After a stall (a debugger, a laptop that slept) animations go on where they
/// were instead of leaping.
pub const DELTA_SECS_MAX: f32 = 0.1;

/// Time as the frame sees it.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    elapsed: Duration,
    delta_secs: f32,
    frame: u64,
    fixed_step: Option<Duration>,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { started: Instant::now(), elapsed: Duration::ZERO, delta_secs: 0.0, frame: 0, fixed_step: None }
    }

    /// Seconds since the start, stalls included.
    pub fn absolute_secs(&self) -> f64 {
        self.elapsed.as_secs_f64()
    }

    /// Seconds between this frame and the one before, at most [`DELTA_SECS_MAX`].
    pub fn delta_secs(&self) -> f32 {
        self.delta_secs
    }

    /// The frame's number: 1 in the first one, 0 before it.
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// Makes every frame last exactly this long, whatever the wall clock says: for tests and for rendering to files. `None`
    /// goes back to the wall clock, on from where time is.
    ///
    /// ```
    /// use std::time::Duration;
    /// let mut clock = voltrum_platform::Clock::start();
    /// clock.set_fixed_step(Some(Duration::from_millis(20)));
    /// clock.tick();
    /// clock.tick();
    /// assert_eq!((clock.frame(), clock.delta_secs(), clock.absolute_secs()), (2, 0.02, 0.04));
    /// ```
    pub fn set_fixed_step(&mut self, step: Option<Duration>) {
        self.fixed_step = step;
        if step.is_none() {
            let now = Instant::now();
            self.started = now.checked_sub(self.elapsed).unwrap_or(now);
        }
    }

    /// Begins a frame. The pump does this once per frame.
    pub fn tick(&mut self) {
        let elapsed = match self.fixed_step {
            Some(step) => self.elapsed.saturating_add(step),
            None => self.started.elapsed(),
        };
        self.advance_to(elapsed);
    }

    fn advance_to(&mut self, elapsed: Duration) {
        let delta = elapsed.saturating_sub(self.elapsed);
        self.elapsed = self.elapsed.max(elapsed);
        self.delta_secs = delta.as_secs_f32().min(DELTA_SECS_MAX);
        self.frame += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_clamped_in_the_delta_and_kept_in_the_absolute_time() {
        let mut clock = Clock::start();
        clock.advance_to(Duration::from_millis(16));
        assert!((clock.delta_secs() - 0.016).abs() < 1e-6);
        clock.advance_to(Duration::from_millis(5016));
        assert_eq!(clock.delta_secs(), DELTA_SECS_MAX);
        assert!((clock.absolute_secs() - 5.016).abs() < 1e-9);
        clock.advance_to(Duration::from_millis(5026));
        assert!((clock.delta_secs() - 0.01).abs() < 1e-6);
        assert_eq!(clock.frame(), 3);
    }

    #[test]
    fn time_never_runs_backwards() {
        let mut clock = Clock::start();
        clock.advance_to(Duration::from_secs(2));
        clock.advance_to(Duration::from_secs(1));
        assert_eq!(clock.delta_secs(), 0.0);
        assert_eq!(clock.absolute_secs(), 2.0);
    }

    #[test]
    fn leaving_a_fixed_step_goes_on_from_where_time_is() {
        let mut clock = Clock::start();
        clock.set_fixed_step(Some(Duration::from_millis(50)));
        clock.tick();
        clock.set_fixed_step(None);
        clock.tick();
        assert!(clock.absolute_secs() >= 0.05);
        assert!(clock.delta_secs() < 0.05);
    }
}
