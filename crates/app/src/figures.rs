//! Where the figures of a memory report come from: views of every arena and heap, and the GPU's own counts.

use crate::frame::FrameStats;
use std::io::Read;
use voltrum_memory::{ArenaView, FrameReport, MemoryError, MemoryReport, ProcessReport, Tagged};
use voltrum_render::Gpu;

/// Reads every arena of a running application. A few pointers: copy it.
#[derive(Clone, Copy)]
pub struct Figures<'f> {
    pub(crate) permanent: ArenaView<'f>,
    pub(crate) scenes: [ArenaView<'f>; 2],
    pub(crate) frame: ArenaView<'f>,
    pub(crate) gpu: &'f Gpu,
}

impl<'f> Figures<'f> {
    /// Who holds what, now, in memory of the caller's choice.
    ///
    /// # Errors
    /// When `memory` can't hold the report.
    pub fn report<'a>(&self, memory: Tagged<'a>, stats: &FrameStats) -> Result<MemoryReport<'a>, MemoryError>
    where
        'f: 'a,
    {
        let driver = self.gpu.host_view();
        let [first, second] = self.scenes;
        let frame = self.frame.per_frame();
        let mut report = match voltrum_ui::heap_view() {
            Some(ui) => MemoryReport::try_collect(memory, &[self.permanent, first, second, frame, driver, ui])?,
            None => MemoryReport::try_collect(memory, &[self.permanent, first, second, frame, driver])?,
        };
        report.gpu = Some(self.gpu.report(memory)?);
        report.process = resident_bytes().map(|resident| ProcessReport { resident });
        report.frame = Some(FrameReport {
            index: stats.index,
            heap_allocations: stats.heap_allocations,
            ui_allocations: stats.ui_allocations,
            driver_allocations: stats.driver_allocations,
            cpu_ms: stats.cpu_ms,
            frame_arena_peak: stats.frame_arena_peak,
        });
        Ok(report)
    }

    /// Bytes in use in the frame arena now.
    pub(crate) fn frame_used(&self) -> usize {
        self.frame.used()
    }

    /// The permanent arena, the two scene arenas and the frame arena.
    pub fn arenas(&self) -> [ArenaView<'f>; 4] {
        [self.permanent, self.scenes[0], self.scenes[1], self.frame]
    }
}

/// The process's resident memory in bytes; `None` where the system doesn't say. Allocates nothing.
fn resident_bytes() -> Option<usize> {
    // Linux: the second number of statm is resident pages (proc(5)); its page is 4 KiB on every target we build for.
    let mut text = [0u8; 128];
    let length = std::fs::File::open("/proc/self/statm").ok()?.read(&mut text).ok()?;
    let text = core::str::from_utf8(text.get(..length)?).ok()?;
    let pages: usize = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}
