//! Where in time a playback stands: playing, paused, scrubbed, once or again and again.
//!
//! # Invariants
//! 1. `time_secs` is finite and from 0 to the duration that [`Playback::advance`] was told last.

/// What happens at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// It stops there.
    Once,
    /// It begins again.
    #[default]
    Loop,
    /// It goes back the way it came, and again.
    PingPong,
}

/// A playback of one animation. Plain data; keep one for each thing that plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    time_secs: f32,
    /// How fast: 1 is as the file says, 0.5 half as fast, negative backwards.
    pub speed: f32,
    /// What happens at the end.
    pub repeat: Repeat,
    is_playing: bool,
}

impl Default for Playback {
    fn default() -> Self {
        Self { time_secs: 0.0, speed: 1.0, repeat: Repeat::Loop, is_playing: false }
    }
}

impl Playback {
    /// Goes on, or begins again where it had ended.
    pub fn play(&mut self, duration_secs: f32) {
        if self.repeat == Repeat::Once && self.speed >= 0.0 && self.time_secs >= duration_secs {
            self.time_secs = 0.0;
        }
        if self.repeat == Repeat::Once && self.speed < 0.0 && self.time_secs <= 0.0 {
            self.time_secs = duration_secs.max(0.0);
        }
        self.is_playing = true;
    }

    /// Stands still.
    pub fn pause(&mut self) {
        self.is_playing = false;
    }

    /// Whether time goes on.
    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Seconds from the animation's beginning.
    pub fn time_secs(&self) -> f32 {
        self.time_secs
    }

    /// Goes to a time, whether it plays or not.
    pub fn seek(&mut self, time_secs: f32, duration_secs: f32) {
        self.time_secs = if time_secs.is_finite() { time_secs.clamp(0.0, duration_secs.max(0.0)) } else { 0.0 };
    }

    /// `delta_secs` have passed; says whether the time has changed.
    pub fn advance(&mut self, delta_secs: f32, duration_secs: f32) -> bool {
        if !self.is_playing {
            return false;
        }
        let before = self.time_secs;
        let moved = before + delta_secs * self.speed;
        if duration_secs.is_nan() || duration_secs <= 0.0 || !moved.is_finite() {
            self.time_secs = 0.0;
            return before != 0.0;
        }
        self.time_secs = match self.repeat {
            Repeat::Once => {
                self.is_playing = if self.speed < 0.0 { moved > 0.0 } else { moved < duration_secs };
                moved.clamp(0.0, duration_secs)
            }
            Repeat::Loop => moved.rem_euclid(duration_secs),
            Repeat::PingPong => {
                if (0.0..=duration_secs).contains(&moved) {
                    moved
                } else {
                    // An odd number of ends were passed when the way leads back.
                    let there = moved.rem_euclid(2.0 * duration_secs);
                    let is_back = (moved / duration_secs).floor().rem_euclid(2.0) >= 1.0;
                    if is_back {
                        self.speed = -self.speed;
                        2.0 * duration_secs - there
                    } else {
                        there
                    }
                }
            }
        };
        self.time_secs = self.time_secs.clamp(0.0, duration_secs);
        self.time_secs != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playing(repeat: Repeat, speed: f32) -> Playback {
        let mut playback = Playback { speed, repeat, ..Playback::default() };
        playback.play(2.0);
        playback
    }

    #[test]
    fn a_paused_playback_stands_still_and_can_be_scrubbed() {
        let mut playback = Playback::default();
        assert!(!playback.advance(1.0, 2.0));
        playback.seek(1.5, 2.0);
        assert_eq!(playback.time_secs(), 1.5);
        playback.seek(9.0, 2.0);
        assert_eq!(playback.time_secs(), 2.0);
        playback.seek(f32::NAN, 2.0);
        assert_eq!(playback.time_secs(), 0.0);
    }

    #[test]
    fn once_ends_at_the_end_and_begins_again_when_played() {
        let mut playback = playing(Repeat::Once, 1.0);
        assert!(playback.advance(5.0, 2.0));
        assert_eq!((playback.time_secs(), playback.is_playing()), (2.0, false));
        playback.play(2.0);
        assert_eq!((playback.time_secs(), playback.is_playing()), (0.0, true));
        let mut backwards = playing(Repeat::Once, -1.0);
        assert_eq!(backwards.time_secs(), 2.0);
        backwards.advance(5.0, 2.0);
        assert_eq!((backwards.time_secs(), backwards.is_playing()), (0.0, false));
    }

    #[test]
    fn a_loop_goes_around_in_both_directions() {
        let mut playback = playing(Repeat::Loop, 1.0);
        playback.advance(4.5, 2.0);
        assert_eq!(playback.time_secs(), 0.5);
        playback.speed = -2.0;
        playback.advance(0.5, 2.0);
        assert_eq!(playback.time_secs(), 1.5);
    }

    #[test]
    fn ping_pong_turns_at_both_ends() {
        let mut playback = playing(Repeat::PingPong, 1.0);
        let mut seen = Vec::new();
        for _ in 0..6 {
            playback.advance(0.75, 2.0);
            seen.push(playback.time_secs());
        }
        assert_eq!(seen, [0.75, 1.5, 1.75, 1.0, 0.25, 0.5]);
    }

    #[test]
    fn an_animation_without_length_and_a_time_that_is_none_stay_at_the_beginning() {
        let mut playback = playing(Repeat::Loop, 1.0);
        playback.advance(1.0, 0.0);
        assert_eq!(playback.time_secs(), 0.0);
        playback.advance(f32::INFINITY, 2.0);
        assert_eq!(playback.time_secs(), 0.0);
        playback.advance(1.0, f32::NAN);
        assert_eq!(playback.time_secs(), 0.0);
    }
}
