//! The report as JSON, schema 1: sizes in bytes, keys always present, `null` where tracking is off or the system can't say.

use super::{ArenaReport, MemoryReport, TagReport};
use crate::tracking::TRACKING;
use core::fmt::{self, Display, Formatter, Write};

/// Prints a report as one JSON object. Made by [`MemoryReport::json`].
#[derive(Clone, Copy)]
pub struct ReportJson<'r>(pub(super) &'r MemoryReport<'r>);

/// A JSON string.
struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(out, "\\{c}")?,
                c if u32::from(c) < 0x20 => write!(out, "\\u{:04x}", u32::from(c))?,
                c => out.write_char(c)?,
            }
        }
        out.write_char('"')
    }
}

/// A value, or `null`.
struct Maybe<T>(Option<T>);

impl<T: Display> Display for Maybe<T> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(out),
            None => out.write_str("null"),
        }
    }
}

fn list<T>(out: &mut Formatter<'_>, items: &[T], item: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result) -> fmt::Result {
    out.write_char('[')?;
    for (index, entry) in items.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        item(out, entry)?;
    }
    out.write_char(']')
}

fn tags(out: &mut Formatter<'_>, tags: &[TagReport]) -> fmt::Result {
    list(out, tags, |out, tag| {
        let (name, TagReport { bytes, peak, count, .. }) = (Text(tag.name), tag);
        write!(out, r#"{{"tag":{name},"bytes":{bytes},"peak":{peak},"count":{count}}}"#)
    })
}

/// Writes the arenas of `rows` at `depth`, each with the deeper rows that follow it as its children.
fn arenas(out: &mut Formatter<'_>, rows: &[ArenaReport<'_>], depth: usize) -> fmt::Result {
    out.write_char('[')?;
    let mut at = 0;
    while let Some(arena) = rows.get(at) {
        let children = rows[at + 1..].iter().take_while(|row| row.depth > depth).count();
        if at > 0 {
            out.write_char(',')?;
        }
        let ArenaReport { reserved, committed, used, peak, .. } = arena;
        let (name, padding) = (Text(arena.name), Maybe(arena.padding));
        write!(out, r#"{{"name":{name},"reserved":{reserved},"committed":{committed},"used":{used},"peak":{peak},"#)?;
        write!(out, r#""padding":{padding},"tags":"#)?;
        if TRACKING {
            tags(out, arena.tags)?;
        } else {
            out.write_str("null")?;
        }
        out.write_str(r#","children":"#)?;
        arenas(out, &rows[at + 1..at + 1 + children], depth + 1)?;
        out.write_char('}')?;
        at += 1 + children;
    }
    out.write_char(']')
}

impl Display for ReportJson<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let report = self.0;
        write!(out, r#"{{"schema":1,"tracking":"{}","arenas":"#, report.tracking())?;
        arenas(out, report.arenas, 0)?;

        let gpu = report.gpu;
        let device = Maybe(gpu.map(|gpu| Text(gpu.device)));
        write!(out, r#","gpu":{{"device":{device},"used":{},"#, Maybe(gpu.map(|gpu| gpu.used)))?;
        let (permanent, scene) = (Maybe(gpu.map(|gpu| gpu.permanent)), Maybe(gpu.map(|gpu| gpu.scene)));
        let frame = Maybe(gpu.map(|gpu| gpu.frame));
        write!(out, r#""lifetimes":{{"permanent":{permanent},"scene":{scene},"frame":{frame}}},"tags":"#)?;
        match gpu {
            Some(gpu) => tags(out, gpu.tags)?,
            None => out.write_str("null")?,
        }

        let heap = report.heap;
        let (bytes, count) = (Maybe(heap.map(|heap| heap.live_bytes)), Maybe(heap.map(|heap| heap.live_count)));
        write!(out, r#"}},"heap":{{"live_bytes":{bytes},"live_count":{count},"tags":"#)?;
        match heap {
            Some(heap) => tags(out, heap.tags)?,
            None => out.write_str("null")?,
        }

        let resident = report.process.map(|process| process.resident);
        let attributed = report.attributed();
        let rest = Maybe(resident.map(|resident| resident.saturating_sub(attributed)));
        let resident = Maybe(resident);
        write!(out, r#"}},"process":{{"resident":{resident},"attributed":{attributed},"unattributed":{rest}}},"#)?;

        let frame = report.frame;
        let (index, cpu) =
            (Maybe(frame.map(|frame| frame.index)), Maybe(frame.map(|frame| frame.cpu_ms).filter(|ms| ms.is_finite())));
        let heap = Maybe(frame.and_then(|frame| frame.heap_allocations));
        let ui = Maybe(frame.and_then(|frame| frame.ui_allocations));
        let driver = Maybe(frame.and_then(|frame| frame.driver_allocations));
        let peak = Maybe(frame.map(|frame| frame.frame_arena_peak));
        write!(out, r#""frame":{{"index":{index},"heap_allocations":{heap},"ui_allocations":{ui},"#)?;
        write!(out, r#""driver_allocations":{driver},"cpu_ms":{cpu},"frame_arena_peak":{peak}}}}}"#)
    }
}
