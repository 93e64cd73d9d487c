//! The report as text, in the specification's layout.

use super::{ArenaReport, MemoryReport, TagReport};
use crate::size::Bytes;
use core::fmt;

/// A name in capitals, without a copy.
struct Capitals<'n>(&'n str);

impl fmt::Display for Capitals<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().flat_map(char::to_uppercase).try_for_each(|c| fmt::Write::write_char(out, c))
    }
}

fn tag_line(out: &mut fmt::Formatter<'_>, tag: &TagReport, indent: usize) -> fmt::Result {
    writeln!(out, "{:indent$}{}: {} ({})", "", tag.name, Bytes(tag.bytes), tag.description)
}

fn arena(out: &mut fmt::Formatter<'_>, arena: &ArenaReport<'_>) -> fmt::Result {
    let indent = 4 * arena.depth;
    let reserved = Bytes(arena.reserved);
    if arena.is_per_frame {
        writeln!(out, "{} ARENA: {} peak / {reserved} reserved", Capitals(arena.name), Bytes(arena.peak))?;
        writeln!(
            out,
            "    (Reset each frame - current: {}, committed: {})",
            Bytes(arena.used),
            Bytes(arena.committed)
        )?;
    } else if arena.depth == 0 {
        writeln!(out, "{} ARENA: {} committed / {reserved} reserved", Capitals(arena.name), Bytes(arena.committed))?;
    } else {
        let committed = Bytes(arena.committed);
        writeln!(out, "{:indent$}child {}: {committed} committed / {reserved} reserved", "", arena.name)?;
    }
    for tag in arena.tags.iter().filter(|tag| tag.bytes > 0) {
        tag_line(out, tag, indent + 4)?;
    }
    if let Some(padding) = arena.padding.filter(|padding| *padding > 0) {
        writeln!(out, "{:1$}padding: {2}", "", indent + 4, Bytes(padding))?;
    }
    Ok(())
}

impl fmt::Display for MemoryReport<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "==== VOLTRUM MEMORY REPORT ====")?;
        for row in self.arenas {
            if row.depth == 0 {
                writeln!(out)?;
            }
            arena(out, row)?;
        }
        if self.logs_committed > 0 {
            writeln!(out, "\nALLOCATION LOGS: {} committed", Bytes(self.logs_committed))?;
        }
        if let Some(gpu) = &self.gpu {
            writeln!(out, "\nGPU ({}): {} used", gpu.device, Bytes(gpu.used))?;
            let (permanent, scene, frame) = (Bytes(gpu.permanent), Bytes(gpu.scene), Bytes(gpu.frame));
            writeln!(out, "    permanent: {permanent}, scene: {scene}, frame: {frame}")?;
            for tag in gpu.tags {
                tag_line(out, tag, 4)?;
            }
        }
        if let Some(heap) = &self.heap {
            writeln!(out, "\nRUST HEAP: {} in {} blocks", Bytes(heap.live_bytes), heap.live_count)?;
            for tag in heap.tags.iter().filter(|tag| tag.bytes > 0) {
                tag_line(out, tag, 4)?;
            }
        }
        if let Some(process) = &self.process {
            let attributed = self.attributed();
            let rest = Bytes(process.resident.saturating_sub(attributed));
            let (resident, attributed) = (Bytes(process.resident), Bytes(attributed));
            writeln!(out, "\nPROCESS: {resident} resident, {attributed} attributed, {rest} unattributed")?;
        }
        if let Some(frame) = &self.frame {
            write!(out, "\nFRAME {}: {:.2} ms CPU", frame.index, frame.cpu_ms)?;
            let counts = [
                ("Rust heap", frame.heap_allocations),
                ("ImGui", frame.ui_allocations),
                ("Vulkan callback", frame.driver_allocations),
            ];
            for (name, count) in counts {
                if let Some(count) = count {
                    write!(out, ", {count} {name} allocations")?;
                }
            }
            writeln!(out)?;
        }
        let reserved: usize = self.roots().map(|arena| arena.reserved).sum();
        writeln!(out, "\nTOTAL: {} committed / {} reserved", Bytes(self.committed()), Bytes(reserved))
    }
}
