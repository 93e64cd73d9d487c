//! What arenas, the GPU and the Rust heap have held over time, for the memory panel's graphs.
//!
//! # Invariants
//! 1. A sample takes no memory: there is room for [`LINES_MAX`] graphs, and what comes after those is left out.

use crate::history::FrameHistory;
use voltrum::memory::MemoryReport;

/// How often a graph takes a value.
pub(crate) const SAMPLE_SECS: f64 = 0.5;

/// More than there are arenas that the panel draws a graph of.
const LINES_MAX: usize = 12;

/// Names of what isn't an arena, as no arena is called.
pub(crate) const ARENAS: &str = "(arenas)";
pub(crate) const GPU: &str = "(gpu)";
pub(crate) const HEAP: &str = "(heap)";

/// The last values of each, in MiB.
pub(crate) struct Timelines {
    sampled_secs: f64,
    lines: [Timeline; LINES_MAX],
}

struct Timeline {
    /// Empty while the place is free.
    name: &'static str,
    mib: FrameHistory,
}

impl Timelines {
    pub(crate) const fn new() -> Timelines {
        const FREE: Timeline = Timeline { name: "", mib: FrameHistory::new() };
        Timelines { sampled_secs: f64::NEG_INFINITY, lines: [FREE; LINES_MAX] }
    }

    /// Notes what a report says, where it is time to.
    pub(crate) fn sample(&mut self, now_secs: f64, report: &MemoryReport<'_>) {
        if now_secs - self.sampled_secs < SAMPLE_SECS {
            return;
        }
        self.sampled_secs = now_secs;
        self.push(ARENAS, report.committed());
        for arena in report.arenas.iter().filter(|arena| arena.depth == 0) {
            self.push(arena.name, arena.used);
        }
        if let Some(gpu) = &report.gpu {
            self.push(GPU, gpu.used);
        }
        if let Some(heap) = &report.heap {
            self.push(HEAP, heap.live_bytes);
        }
    }

    fn push(&mut self, name: &'static str, bytes: usize) {
        let place = self.lines.iter_mut().find(|line| line.name == name || line.name.is_empty());
        if let Some(line) = place {
            line.name = name;
            line.mib.push(bytes as f64 / f64::from(1 << 20));
        }
    }

    /// The values of one.
    pub(crate) fn of(&self, name: &str) -> Option<&FrameHistory> {
        self.lines.iter().find(|line| line.name == name).map(|line| &line.mib)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::memory::{Arena, GpuReport, Tag};

    #[test]
    fn each_arena_and_the_gpu_have_a_graph_of_their_own_that_takes_a_value_each_half_second() {
        let mut arena = Arena::try_reserve("held", 1 << 22).unwrap();
        let mut report_arena = Arena::try_reserve("report", 1 << 20).unwrap();
        let (held, memory) = (arena.open(), report_arena.open());
        let mut lines = Timelines::new();
        for (at, now) in [0.0, 0.25, 0.5, 1.0].into_iter().enumerate() {
            let _ = held.try_alloc_zeroed::<u8>(1 << 20).unwrap();
            let mut report = MemoryReport::try_collect(memory.tagged(Tag::REPORT), &[held.view()]).unwrap();
            report.gpu = Some(GpuReport { used: at << 20, ..GpuReport::default() });
            lines.sample(now, &report);
        }
        let last = |name: &str| lines.of(name).unwrap().iter().skip(177).map(f32::round).collect::<Vec<_>>();
        assert_eq!((last("held"), last(GPU)), (vec![1.0, 3.0, 4.0], vec![0.0, 2.0, 3.0]));
        assert!(lines.of("nothing").is_none() && lines.of(ARENAS).is_some());
    }

    #[test]
    fn arenas_beyond_the_room_are_left_out_and_the_first_ones_go_on() {
        let names: [&'static str; 14] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"];
        let mut lines = Timelines::new();
        for _ in 0..2 {
            names.iter().for_each(|name| lines.push(name, 1 << 20));
        }
        assert!(lines.of("l").is_some() && lines.of("m").is_none());
        assert_eq!(lines.of("a").unwrap().iter().sum::<f32>(), 2.0);
    }
}
