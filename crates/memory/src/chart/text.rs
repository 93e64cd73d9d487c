//! The chart as text.

use super::Chart;
use crate::size::Bytes;
use core::fmt::{self, Write};

/// Cells in a row, and rows at most.
const COLUMNS: usize = 64;
const ROWS_MAX: usize = 32;
/// A letter for each tag, by index.
const LETTERS: &[u8; crate::tag::TAGS_MAX] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+*";

impl fmt::Display for Chart<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let view = self.view;
        let (used, committed, reserved) = (Bytes(view.used_here()), Bytes(view.committed()), Bytes(view.reserved()));
        writeln!(out, "{} arena: {used} used, {committed} committed, {reserved} reserved", view.name())?;
        let Some(log) = view.log() else {
            return writeln!(out, "(no log of its blocks: build with feature `allocation-log`)");
        };
        let cut = self.cut(COLUMNS * ROWS_MAX);
        writeln!(
            out,
            "one letter: {}, one row: {}; its first byte on the left",
            Bytes(cut.cell),
            Bytes(cut.cell * COLUMNS)
        )?;
        for (at, cell) in self.cells(cut).enumerate() {
            if at % COLUMNS == 0 {
                write!(out, "{}{:>12}  ", if at > 0 { "\n" } else { "" }, at * cut.cell)?;
            }
            out.write_char(cell.tag.map_or('.', |tag| char::from(LETTERS[tag.index()])))?;
        }
        if cut.cells > 0 {
            writeln!(out)?;
        }
        let mut result = Ok(());
        view.each_tag(|tag, usage| {
            if result.is_ok() && usage.count > 0 {
                let (letter, bytes) = (char::from(LETTERS[tag.index()]), Bytes(usage.bytes));
                result = writeln!(out, "    {letter} {}: {bytes} in {} blocks", tag.name(), usage.count);
            }
        });
        result?;
        writeln!(out, "    . no block: {}", Bytes(self.view.padding().unwrap_or(0)))?;
        if log.missed > 0 {
            writeln!(
                out,
                "    not listed, for the log was full: {} in {} blocks",
                Bytes(log.missed_bytes),
                log.missed
            )?;
        }
        Ok(())
    }
}
