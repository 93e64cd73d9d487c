//! The frame limiter: keeps the loop from drawing faster than anybody can see.
//!
//! Presenting in FIFO mode does not throttle on every driver, and a window that nobody sees needs next to no frames.
//!
//! # Invariants
//! 1. Frames are due on a grid, so a frame that is a little late does not delay those after it.
//! 2. A frame that is late by more than one interval starts a new grid: no burst of frames catches up.

use std::time::{Duration, Instant};

/// How long a frame of a window that nobody sees lasts: ten frames a second keep messages, loading and timers going.
pub const HIDDEN_INTERVAL: Duration = Duration::from_millis(100);

/// Sleeps until the next frame is due.
#[derive(Clone, Debug)]
pub struct FrameLimiter {
    interval: Option<Duration>,
    started: Instant,
    /// When the next frame is due, since `started`.
    due: Duration,
}

impl FrameLimiter {
    /// A limiter for one frame per `interval`; `None` does not limit visible windows.
    pub fn new(interval: Option<Duration>) -> Self {
        Self { interval, started: Instant::now(), due: Duration::ZERO }
    }

    /// The time from frame to frame, `None` for as fast as it goes.
    pub fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// Changes the time from frame to frame.
    pub fn set_interval(&mut self, interval: Option<Duration>) {
        self.interval = interval;
    }

    /// Sleeps until the next frame is due, and returns for how long. Call it once per frame, at its end.
    pub fn wait(&mut self, visible: bool) -> Duration {
        let pause = self.pause(self.started.elapsed(), visible);
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        pause
    }

    /// How long to sleep at `now`, and moves to the next frame.
    fn pause(&mut self, now: Duration, visible: bool) -> Duration {
        let interval = match (self.interval, visible) {
            (Some(interval), true) => interval,
            (None, true) => return Duration::ZERO,
            (interval, false) => interval.unwrap_or_default().max(HIDDEN_INTERVAL),
        };
        let next = self.due + interval;
        if next + interval < now {
            self.due = now;
            return Duration::ZERO;
        }
        // a grid with longer intervals may reach further ahead than this one
        self.due = next.min(now + interval);
        self.due.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(10);

    fn ms(value: u64) -> Duration {
        Duration::from_millis(value)
    }

    #[test]
    fn frames_are_due_on_a_grid() {
        let mut limiter = FrameLimiter::new(Some(FRAME));
        assert_eq!(limiter.pause(ms(4), true), ms(6));
        assert_eq!(limiter.pause(ms(13), true), ms(7));
        // five milliseconds late: the next frame is still due at 40
        assert_eq!(limiter.pause(ms(35), true), ms(0));
        assert_eq!(limiter.pause(ms(36), true), ms(4));
    }

    #[test]
    fn a_long_frame_is_not_caught_up_with() {
        let mut limiter = FrameLimiter::new(Some(FRAME));
        assert_eq!(limiter.pause(ms(500), true), ms(0));
        assert_eq!(limiter.pause(ms(502), true), ms(8));
    }

    #[test]
    fn hidden_windows_sleep_longer_and_wake_at_once_when_seen() {
        let mut limiter = FrameLimiter::new(None);
        assert_eq!(limiter.pause(ms(1), true), ms(0));
        assert_eq!(limiter.pause(ms(10), false), ms(90));
        let mut limiter = FrameLimiter::new(Some(FRAME));
        assert_eq!(limiter.pause(ms(0), false), ms(100));
        assert_eq!(limiter.pause(ms(100), true), ms(10));
    }

    #[test]
    fn waiting_takes_the_time_it_says() {
        let mut limiter = FrameLimiter::new(Some(FRAME));
        let before = Instant::now();
        let slept: Duration = (0..3).map(|_| limiter.wait(true)).sum();
        assert!(before.elapsed() >= slept);
        assert!(slept <= ms(30));
    }
}
