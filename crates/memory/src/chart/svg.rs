//! The chart as an SVG document.

use super::{Cell, Chart, Cut};
use crate::allocation::Allocation;
use crate::size::Bytes;
use crate::tag::Tag;
use core::fmt::{self, Display, Formatter, Write};

/// Prints a chart as an SVG document. Made by [`Chart::svg`].
#[derive(Clone, Copy)]
pub struct ChartSvg<'a>(pub(super) Chart<'a>);

/// Cells in a row, and rows at most.
const COLUMNS: usize = 128;
const ROWS_MAX: usize = 48;
/// Sizes in pixels.
const CELL: usize = 8;
const ROW: usize = 14;
const LEFT: usize = 90;
const TOP: usize = 74;
const LEGEND: usize = 20;
const WIDTH: usize = LEFT + COLUMNS * CELL + 20;

/// A colour of its own for each tag: hues go round by the golden angle, lightness in three steps.
struct Colour(Tag);

impl Display for Colour {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let index = self.0.index();
        if index == 0 {
            return out.write_str("#9a9a9a");
        }
        let hue = index * 1_375 % 3_600; // tenths of a degree
        let (high, low) = [(235, 70), (200, 40), (245, 130)][index % 3];
        // The channel that is on its way, within a sixth of the circle.
        let part = (high - low) * (hue % 600) / 600;
        let (up, down) = (low + part, high - part);
        let (r, g, b) = match hue / 600 {
            0 => (high, up, low),
            1 => (down, high, low),
            2 => (low, high, up),
            3 => (low, down, high),
            4 => (up, low, high),
            _ => (high, low, down),
        };
        write!(out, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// Text of a document.
struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                // No document may hold these.
                c if u32::from(c) < 0x20 => out.write_char(' ')?,
                c => out.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Cells of a row that are drawn as one.
struct Run {
    first: usize,
    cells: usize,
    cell: Cell,
}

impl Run {
    /// Whether `cell`, the next one, is drawn with these: the same block, or the same mixture.
    fn takes(&self, cell: &Cell) -> bool {
        let offset = |block: &Allocation| block.offset;
        !(self.first + self.cells).is_multiple_of(COLUMNS)
            && self.cell.tag == cell.tag
            && self.cell.block.as_ref().map(offset) == cell.block.as_ref().map(offset)
    }

    fn draw(&self, out: &mut Formatter<'_>, cut: Cut) -> fmt::Result {
        let Some(tag) = self.cell.tag else { return Ok(()) };
        let (x, y) = (LEFT + self.first % COLUMNS * CELL, TOP + self.first / COLUMNS * ROW);
        let (width, height) = (self.cells * CELL - 1, ROW - 2);
        write!(out, r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{}"><title>"#, Colour(tag))?;
        let name = Text(tag.name());
        match self.cell.block {
            Some(block) => {
                let Allocation { offset, size, padding, file, line, .. } = block;
                write!(out, "{name}: {size} B at {offset}, {padding} B padding, {}:{line}", Text(file))?;
            }
            None => write!(out, "{name} for the most part: {}", Bytes(self.cells * cut.cell))?,
        }
        writeln!(out, "</title></rect>")
    }
}

impl ChartSvg<'_> {
    fn text(out: &mut Formatter<'_>, x: usize, y: usize, style: &str, text: fmt::Arguments<'_>) -> fmt::Result {
        writeln!(out, r#"<text x="{x}" y="{y}" {style}>{text}</text>"#)
    }

    fn rows(&self, out: &mut Formatter<'_>, cut: Cut) -> fmt::Result {
        for row in 0..cut.cells.div_ceil(COLUMNS) {
            let (y, cells) = (TOP + row * ROW, COLUMNS.min(cut.cells - row * COLUMNS));
            let address = Bytes(row * COLUMNS * cut.cell);
            Self::text(out, LEFT - 8, y + ROW - 4, r#"text-anchor="end""#, format_args!("{address}"))?;
            let width = cells * CELL - 1;
            writeln!(out, r##"<rect x="{LEFT}" y="{y}" width="{width}" height="{}" fill="#e4e4e4"/>"##, ROW - 2)?;
        }
        let mut run: Option<Run> = None;
        for (first, cell) in self.0.cells(cut).enumerate() {
            match &mut run {
                Some(run) if run.takes(&cell) => run.cells += 1,
                _ => {
                    if let Some(run) = run.replace(Run { first, cells: 1, cell }) {
                        run.draw(out, cut)?;
                    }
                }
            }
        }
        run.map_or(Ok(()), |run| run.draw(out, cut))
    }

    fn legend(&self, out: &mut Formatter<'_>, top: usize) -> fmt::Result {
        let view = self.0.view;
        let (mut result, mut y) = (Ok(()), top);
        view.each_tag(|tag, usage| {
            if result.is_ok() && usage.count > 0 {
                let (name, bytes) = (Text(tag.name()), Bytes(usage.bytes));
                let count = usage.count;
                let square =
                    format_args!(r#"<rect x="{LEFT}" y="{y}" width="12" height="12" fill="{}"/>"#, Colour(tag));
                result = writeln!(out, "{square}").and_then(|()| {
                    let line = format_args!("{name}: {bytes} in {count} blocks ({})", Text(tag.description()));
                    Self::text(out, LEFT + 20, y + 11, "", line)
                });
                y += LEGEND;
            }
        });
        result?;
        writeln!(out, r##"<rect x="{LEFT}" y="{y}" width="12" height="12" fill="#e4e4e4"/>"##)?;
        let padding = Bytes(view.padding().unwrap_or(0));
        let missed = view.log().unwrap_or_default();
        let line = format_args!("no block: {padding}; not listed, for the log was full: {} B", missed.missed_bytes);
        let short = format_args!("no block: {padding}");
        Self::text(out, LEFT + 20, y + 11, "", if missed.missed > 0 { line } else { short })
    }
}

impl Display for ChartSvg<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let view = self.0.view;
        let cut = self.0.cut(COLUMNS * ROWS_MAX);
        let mut tags = 0;
        view.each_tag(|_, usage| tags += usize::from(usage.count > 0));
        let is_logged = view.log().is_some();
        let rows = if is_logged { cut.cells.div_ceil(COLUMNS) } else { 0 };
        let legend = TOP + rows * ROW + 16;
        let height = legend + (tags + 1) * LEGEND + 10;
        write!(out, r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" "#)?;
        writeln!(out, r#"viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">"#)?;
        writeln!(out, r##"<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>"##)?;
        let title = format_args!("{} arena", Text(view.name()));
        Self::text(out, LEFT, 26, r#"font-size="18" font-weight="bold""#, title)?;
        let (used, committed, reserved) = (Bytes(view.used_here()), Bytes(view.committed()), Bytes(view.reserved()));
        Self::text(out, LEFT, 44, "", format_args!("{used} used, {committed} committed, {reserved} reserved"))?;
        let (cell, row) = (Bytes(cut.cell), Bytes(cut.cell * COLUMNS));
        if is_logged {
            Self::text(out, LEFT, 60, "", format_args!("one cell: {cell}, one row: {row}"))?;
            self.rows(out, cut)?;
        } else {
            Self::text(out, LEFT, 60, "", format_args!("no log of its blocks: build with feature allocation-log"))?;
        }
        self.legend(out, legend)?;
        out.write_str("</svg>\n")
    }
}
