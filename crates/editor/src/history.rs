//! The last values of something, for a graph: frames' times, bytes.

/// How many frames are kept.
pub(crate) const FRAMES_MAX: usize = 180;

/// The last values, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct FrameHistory {
    times_ms: [f32; FRAMES_MAX],
    next: usize,
}

impl FrameHistory {
    pub(crate) const fn new() -> FrameHistory {
        FrameHistory { times_ms: [0.0; FRAMES_MAX], next: 0 }
    }

    pub(crate) fn push(&mut self, time_ms: f64) {
        self.times_ms[self.next] = time_ms as f32;
        self.next = (self.next + 1) % FRAMES_MAX;
    }

    /// Oldest first; frames that were never drawn are 0.
    pub(crate) fn iter(&self) -> impl Iterator<Item = f32> + Clone {
        let (newer, older) = self.times_ms.split_at(self.next);
        older.iter().chain(newer).copied()
    }

    /// The largest of them.
    pub(crate) fn most(&self) -> f32 {
        self.times_ms.iter().copied().fold(0.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_frames_are_kept_in_order() {
        let mut history = FrameHistory::new();
        (0..FRAMES_MAX + 10).for_each(|index| history.push(index as f64));
        let times: Vec<f32> = history.iter().collect();
        assert_eq!((times[0], times[FRAMES_MAX - 1]), (10.0, (FRAMES_MAX + 9) as f32));
        assert!(times.is_sorted());
        assert_eq!(history.most(), (FRAMES_MAX + 9) as f32);
    }
}
