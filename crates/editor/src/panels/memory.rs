//! Who holds which memory, as it moves.
//!
//! Arenas differ by a factor of a million, so their bars share a logarithmic scale from 1 KiB to 64 GiB: used within
//! committed within reserved, and a line at the peak. The graphs below them have a scale each, from nothing to the most.

use super::MEMORY;
use super::status_bar::Grouped;
use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::history::FRAMES_MAX;
use crate::timelines::{ARENAS, GPU, HEAP, SAMPLE_SECS, Timelines};
use voltrum::Frame;
use voltrum::memory::{ArenaReport, Bytes, FrameReport, GpuReport, HeapReport, MemoryReport, TagReport};
use voltrum::ui::{Bar, Color, Column, Plot, Segment, Table, TableStyle, Theme, Ui, Window};

/// The ends of the bars' scale, as powers of two.
const SCALE_FIRST: f32 = 10.0;
const SCALE_LAST: f32 = 36.0;
/// What the frame graph marks: 60 frames a second.
const FRAME_MS: f32 = 1_000.0 / 60.0;

const USED: Color = Theme::SERIES[0];

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    frame: &Frame<'_>,
    open: &mut bool,
) -> Result<(), EditorError> {
    let drawn = ui.window(MEMORY, Window::new().closable(open), || -> Result<(), EditorError> {
        let report = frame.memory_report()?;
        state.timelines.sample(state.last_secs, &report);
        process(ui, &report);
        over_time(ui, &state.timelines, ARENAS, Theme::SERIES[0], "committed by all arenas");
        ui.spacing();
        ui.section("Frame", true, || frame_section(ui, state, &report));
        ui.section("Arenas", true, || arenas(ui, &state.timelines, &report));
        if let Some(gpu) = &report.gpu {
            ui.section("GPU", true, || gpu_section(ui, &state.timelines, gpu));
        }
        if let Some(heap) = &report.heap {
            ui.section("Rust heap", true, || heap_section(ui, &state.timelines, heap));
        }
        ui.section("Tags", true, || tags(ui, &report));
        Ok(())
    });
    drawn.unwrap_or(Ok(()))
}

/// A part of a whole, with its name.
struct Part {
    name: &'static str,
    meaning: &'static str,
    bytes: usize,
    color: Color,
}

/// Three columns of the same width.
const THIRDS: [Column<'static>; 3] = [Column::share("", 1.0); 3];

/// What the process holds, as one bar of those who hold it.
fn process(ui: Ui<'_>, report: &MemoryReport<'_>) {
    let arenas = report.committed();
    let heap = report.heap.map_or(0, |heap| heap.live_bytes);
    let resident = report.process.map_or(arenas + heap, |process| process.resident);
    let part = |name, meaning, bytes, color| Part { name, meaning, bytes, color };
    let rest = resident.saturating_sub(arenas + heap);
    let parts = [
        part("arenas", "what the editor and the framework hold", arenas, Theme::SERIES[0]),
        part("Rust heap", "what other crates hold, and errors", heap, Theme::SERIES[1]),
        part("other", "the graphics driver, code, stacks, the window system", rest, ui.theme().frame_active),
    ];
    ui.text("Process");
    ui.same_line();
    ui.text_right(format_args!("{} resident", Bytes(resident)));
    whole(ui, "process", &parts, resident);
    ui.spacing();
}

/// What one of the [`Timelines`] has held over the last minute and a half that something was drawn in.
fn over_time(ui: Ui<'_>, timelines: &Timelines, name: &str, color: Color, meaning: &str) {
    let Some(line) = timelines.of(name) else { return };
    let most = line.most();
    // what holds nothing is a line along the lower edge
    let plot = Plot::new(0.0..=most.max(f32::MIN_POSITIVE) * 1.15).height(24.0 * ui.scale()).color(color);
    ui.plot(plot, line.iter(), "");
    ui.tooltip(format_args!(
        "{meaning}, every {SAMPLE_SECS} s, the last {FRAMES_MAX} times; the most was {most:.2} MiB"
    ));
}

/// A bar of parts and, below it, what the colours stand for.
fn whole(ui: Ui<'_>, name: &str, parts: &[Part; 3], total: usize) {
    let total = total.max(1) as f32;
    let segments: [Segment; 3] =
        std::array::from_fn(|at| Segment { share: parts[at].bytes as f32 / total, color: parts[at].color });
    ui.bar(Bar::new(&segments).height(10.0 * ui.scale()), "");
    ui.table(name, &THIRDS, TableStyle::plain(), |table| {
        table.row();
        for part in parts {
            if table.cell() {
                spot(ui, part.color);
                ui.text_dim(part.name);
                ui.tooltip(part.meaning);
                ui.text(Bytes(part.bytes));
            }
        }
    });
}

/// A small square of a colour, for legends.
fn spot(ui: Ui<'_>, color: Color) {
    let [x, y] = ui.cursor();
    let (side, height) = (8.0 * ui.scale(), ui.line_height());
    let top = y + (height - side) * 0.5;
    ui.draw().rect_filled([x, top], [x + side, top + side], color, 2.0 * ui.scale());
    ui.room([side, height]);
    ui.same_line();
}

fn frame_section(ui: Ui<'_>, state: &EditorState<'_>, report: &MemoryReport<'_>) {
    let Some(frame) = &report.frame else { return };
    let longest = state.history.most();
    ui.text(format_args!("{:.1} ms CPU", frame.cpu_ms));
    ui.same_line();
    ui.text_right(format_args!("longest {longest:.1} ms"));
    let plot = Plot::new(0.0..=longest.max(FRAME_MS) * 1.1).limit(FRAME_MS).height(44.0 * ui.scale());
    ui.plot(plot, state.history.iter(), "");
    ui.tooltip(format_args!("CPU time of the last {FRAMES_MAX} frames; the line is at {FRAME_MS:.1} ms"));
    ui.text_dim("most in the frame arena");
    ui.same_line();
    ui.text_right(Bytes(frame.frame_arena_peak));
    allocations(ui, frame);
}

/// What a frame allocates in which nothing happens.
fn allocations(ui: Ui<'_>, frame: &FrameReport) {
    ui.text("Allocations in a steady frame");
    ui.tooltip("the last frame without input or loading, after another such frame");
    let counts = [
        ("Rust heap", frame.heap_allocations),
        ("Dear ImGui", frame.ui_allocations),
        ("Vulkan driver", frame.driver_allocations),
    ];
    ui.table("allocations", &THIRDS, TableStyle::plain(), |table| {
        table.row();
        for (name, count) in counts {
            if table.cell() {
                ui.text_dim(name);
                match count {
                    Some(0) => ui.text_colored(ui.theme().success, "0"),
                    Some(count) => ui.text(count),
                    None => ui.text_dim("not yet"),
                }
            }
        }
    });
}

/// Where a byte count stands on the bars' scale, from 0 to 1.
fn place(bytes: usize) -> f32 {
    let power = (bytes.max(1) as f32).log2();
    ((power - SCALE_FIRST) / (SCALE_LAST - SCALE_FIRST)).clamp(0.0, 1.0)
}

fn arenas(ui: Ui<'_>, timelines: &Timelines, report: &MemoryReport<'_>) {
    let theme = ui.theme();
    let [committed, reserved, peak] = [theme.accent_dim, theme.frame_hovered, theme.warning];
    for (color, name) in [(USED, "used"), (committed, "committed"), (reserved, "reserved"), (peak, "peak")] {
        spot(ui, color);
        ui.text_dim(name);
        ui.same_line();
    }
    ui.text_dim("(log scale)");
    axis(ui);
    let mut rows = report.arenas;
    while let Some((arena, rest)) = rows.split_first() {
        let children = rest.iter().take_while(|row| row.depth > arena.depth).count();
        arena_bar(ui, arena);
        over_time(ui, timelines, arena.name, USED, "used");
        children_of(ui, arena, rest.get(..children).unwrap_or_default());
        rows = rest.get(children..).unwrap_or_default();
    }
}

/// Names for some places on the scale, above the bars.
fn axis(ui: Ui<'_>) {
    let [x, y] = ui.cursor();
    let (width, height) = (ui.available()[0], ui.line_height());
    for (power, name) in [(10, "1 KiB"), (20, "1 MiB"), (30, "1 GiB")] {
        let at = x + width * place(1 << power);
        let left = at - if power == 10 { 0.0 } else { ui.text_size(name)[0] * 0.5 };
        ui.draw().text([left, y], ui.theme().text_dim, name);
    }
    ui.room([width, height]);
}

/// A row that opens, and shows the arenas that were carved from one.
fn children_of(ui: Ui<'_>, arena: &ArenaReport<'_>, below: &[ArenaReport<'_>]) {
    let count = below.iter().filter(|row| row.depth == arena.depth + 1).count();
    if count == 0 {
        return;
    }
    let used: usize = below.iter().filter(|row| row.depth == arena.depth + 1).map(|row| row.used).sum();
    let plural = if count == 1 { "" } else { "s" };
    let label = format_args!("{count} child arena{plural}, {}###{}", Bytes(used), arena.name);
    ui.tree_node(label, Default::default(), || {
        let mut rows = below;
        while let Some((child, rest)) = rows.split_first() {
            let children = rest.iter().take_while(|row| row.depth > child.depth).count();
            arena_bar(ui, child);
            children_of(ui, child, rest.get(..children).unwrap_or_default());
            rows = rest.get(children..).unwrap_or_default();
        }
    });
}

fn arena_bar(ui: Ui<'_>, arena: &ArenaReport<'_>) {
    ui.text(arena.name);
    ui.same_line();
    ui.text_right(format_args!("{} of {}", Bytes(arena.used), Bytes(arena.committed)));
    let (used, committed, reserved) = (place(arena.used), place(arena.committed), place(arena.reserved));
    let segments = [
        Segment { share: used, color: USED },
        Segment { share: committed - used, color: ui.theme().accent_dim },
        Segment { share: reserved - committed, color: ui.theme().frame_hovered },
    ];
    let marks = [
        Segment { share: place(1 << 20), color: ui.theme().background },
        Segment { share: place(1 << 30), color: ui.theme().background },
        Segment { share: place(arena.peak), color: ui.theme().warning },
    ];
    ui.bar(Bar::new(&segments).marks(&marks).background(ui.theme().background).height(8.0 * ui.scale()), "");
    ui.tooltip_with(|| {
        ui.text(arena.name);
        let rows = [
            ("used", arena.used),
            ("committed", arena.committed),
            ("reserved", arena.reserved),
            ("peak", arena.peak),
            ("padding", arena.padding.unwrap_or(0)),
        ];
        for (name, bytes) in rows {
            ui.label_value(name, 90.0 * ui.scale(), format_args!("{}  ({})", Bytes(bytes), Grouped(bytes as u64)));
        }
    });
}

fn gpu_section(ui: Ui<'_>, timelines: &Timelines, gpu: &GpuReport<'_>) {
    ui.text(gpu.device);
    ui.text_dim("by lifetime");
    ui.same_line();
    ui.text_right(Bytes(gpu.used));
    over_time(ui, timelines, GPU, Theme::SERIES[2], "used on the GPU");
    let part = |name, meaning, bytes, color| Part { name, meaning, bytes, color };
    let parts = [
        part("permanent", "as long as the editor runs", gpu.permanent, Theme::SERIES[0]),
        part("scene", "as long as the file is open", gpu.scene, Theme::SERIES[2]),
        part("frame", "frames on their way, and uploads", gpu.frame, Theme::SERIES[3]),
    ];
    whole(ui, "lifetimes", &parts, gpu.used);
    tag_table(ui, "gpu tags", |table| gpu.tags.iter().for_each(|tag| tag_row(ui, table, tag)));
}

fn heap_section(ui: Ui<'_>, timelines: &Timelines, heap: &HeapReport<'_>) {
    ui.text_dim(format_args!("{} live blocks", Grouped(heap.live_count as u64)));
    ui.same_line();
    ui.text_right(Bytes(heap.live_bytes));
    over_time(ui, timelines, HEAP, Theme::SERIES[1], "live on the Rust heap");
    tag_table(ui, "heap tags", |table| heap.tags.iter().for_each(|tag| tag_row(ui, table, tag)));
}

/// Every arena's tags, the arena's name above them. A child with one tag, as most are, takes one row.
fn tags(ui: Ui<'_>, report: &MemoryReport<'_>) {
    if report.tracking() == "off" {
        ui.text_dim("this build doesn't track tags; build with the feature `tracking`");
        return;
    }
    tag_table(ui, "tags", |table| {
        for arena in report.arenas.iter().filter(|arena| arena.tags.iter().any(|tag| tag.peak > 0)) {
            let mut tags = arena.tags.iter().filter(|tag| tag.peak > 0);
            if let (true, Some(only), None) = (arena.depth > 0, tags.next(), tags.next()) {
                table.row();
                if table.cell() {
                    ui.text_dim(format_args!("{:1$}{2}", "", arena.depth * 2, arena.name));
                    ui.tooltip(format_args!("{}: {}", only.name, only.description));
                }
                numbers(table, only);
                continue;
            }
            table.row();
            table.color_row(ui.theme().frame_hovered);
            if table.cell() {
                ui.text(format_args!("{:1$}{2}", "", arena.depth * 2, arena.name));
            }
            arena.tags.iter().filter(|tag| tag.peak > 0).for_each(|tag| tag_row(ui, table, tag));
        }
    });
}

fn tag_table(ui: Ui<'_>, name: &str, rows: impl FnOnce(Table<'_>)) {
    let columns = [
        Column::share("Tag", 1.75),
        Column::share("Bytes", 1.0),
        Column::share("Peak", 1.0),
        Column::share("Count", 0.75),
    ];
    ui.table(name, &columns, TableStyle::new(), rows);
}

fn tag_row(ui: Ui<'_>, table: Table<'_>, tag: &TagReport) {
    table.row();
    if table.cell() {
        ui.text(tag.name);
        ui.tooltip(tag.description);
    }
    numbers(table, tag);
}

fn numbers(table: Table<'_>, tag: &TagReport) {
    table.number(Bytes(tag.bytes));
    table.number(Bytes(tag.peak));
    table.number(Grouped(tag.count as u64));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_tells_kibibytes_from_gibibytes() {
        assert_eq!((place(0), place(1_024), place(64 << 30), place(usize::MAX)), (0.0, 0.0, 1.0, 1.0));
        assert!(place(1 << 20) > place(1 << 16) && place(1 << 20) < place(1 << 21));
        assert!((place(1 << 23) - 0.5).abs() < 1e-6);
    }
}
