//! One turn of the frame loop, as a client sees it.

use voltrum_assets::Progress;
use voltrum_memory::{MemoryError, MemoryReport, Scope, Tag};

use crate::figures::Figures;

/// One turn of the frame loop: scratch memory that is gone when the turn ends, and what is known of time.
pub struct Frame<'frame> {
    /// The frame arena. What it lends lives until the turn ends.
    pub memory: Scope<'frame>,
    /// Seconds since the last turn, clamped after a stall.
    pub delta_secs: f32,
    /// How many turns there were before.
    pub index: u64,
    /// Of the turns before this one.
    pub stats: FrameStats,
    /// How far the next project's load is, while one runs.
    pub loading: Option<&'frame Progress>,
    pub(crate) figures: Figures<'frame>,
}

impl Frame<'_> {
    /// Who holds what, now. Built in the frame arena.
    ///
    /// # Errors
    /// When the frame arena can't hold the report.
    pub fn memory_report(&self) -> Result<MemoryReport<'_>, MemoryError> {
        self.figures.report(self.memory.tagged(Tag::REPORT), &self.stats)
    }
}

/// What the turns before cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameStats {
    /// The last turn's number.
    pub index: u64,
    /// CPU time of the last turn on the loop's thread, waiting not counted, in milliseconds.
    pub cpu_ms: f64,
    /// Rust-heap allocations, all threads, in the last steady turn (no input, nothing loading, the turn before as well);
    /// `None` where they are not counted or no turn was steady yet.
    pub heap_allocations: Option<usize>,
    /// Allocations through Dear ImGui's hook in the last steady turn.
    pub ui_allocations: Option<usize>,
    /// Allocations through Vulkan's callbacks in the last steady turn.
    pub driver_allocations: Option<usize>,
    /// The most that a turn held in the frame arena, in bytes.
    pub frame_arena_peak: usize,
}
