//! Tables.

use super::Ui;
use crate::Color;
use crate::label::{with_label, with_name};
use core::fmt::Display;
use dear_imgui_sys as sys;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Column<'n> {
    name: &'n str,
    flags: i32,
    width: f32,
}

impl<'n> Column<'n> {
    /// Takes a share of the room, as large as its `weight` among the columns that do.
    pub const fn share(name: &'n str, weight: f32) -> Column<'n> {
        Column { name, flags: sys::ImGuiTableColumnFlags_WidthStretch, width: weight }
    }

    /// Starts at that width, in physical pixels.
    pub const fn fixed(name: &'n str, width: f32) -> Column<'n> {
        Column { name, flags: sys::ImGuiTableColumnFlags_WidthFixed, width }
    }

    /// As wide as its content.
    pub const fn fit(name: &'n str) -> Column<'n> {
        Column::fixed(name, 0.0)
    }
}

/// How a table is shown.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct TableStyle {
    flags: i32,
    headers: bool,
    size: [f32; 2],
}

impl TableStyle {
    /// Headers, striped rows, columns that a person can resize.
    pub const fn new() -> TableStyle {
        TableStyle {
            flags: sys::ImGuiTableFlags_RowBg | sys::ImGuiTableFlags_Resizable | sys::ImGuiTableFlags_BordersInnerV,
            headers: true,
            size: [0.0, 0.0],
        }
    }

    /// A plain arrangement in columns: no headers, stripes or lines.
    pub const fn plain() -> TableStyle {
        TableStyle { flags: sys::ImGuiTableFlags_None, headers: false, size: [0.0, 0.0] }
    }

    /// Scrolls on its own and keeps its headers in view. `height` in physical pixels, 0 takes what is left.
    pub const fn scroll(self, height: f32) -> TableStyle {
        TableStyle { flags: self.flags | sys::ImGuiTableFlags_ScrollY, size: [0.0, height], ..self }
    }

    /// With a line around it.
    pub const fn border(self) -> TableStyle {
        TableStyle { flags: self.flags | sys::ImGuiTableFlags_BordersOuter, ..self }
    }
}

impl Default for TableStyle {
    fn default() -> TableStyle {
        TableStyle::new()
    }
}

/// A table that is being filled.
#[derive(Clone, Copy)]
pub struct Table<'u> {
    ui: Ui<'u>,
}

impl Table<'_> {
    /// Begins a row.
    pub fn row(&self) {
        self.ui.frame.table_row();
    }

    /// Begins the next cell; in a full row the first of the next one. Whether it can be seen.
    pub fn cell(&self) -> bool {
        self.ui.frame.table_cell()
    }

    /// The next cell, with a text.
    pub fn text(&self, text: impl Display) {
        if self.cell() {
            self.ui.text(text);
        }
    }

    /// The next cell, with a text at its right edge, as numbers stand.
    pub fn number(&self, text: impl Display) {
        if self.cell() {
            self.ui.text_right(text);
        }
    }

    /// Colours the row.
    pub fn color_row(&self, color: Color) {
        self.ui.frame.table_row_color(color.packed());
    }
}

impl<'u> Ui<'u> {
    /// A table.
    ///
    /// ```
    /// # use voltrum_ui::{Column, TableStyle, Ui};
    /// # fn layer(ui: Ui<'_>, tags: &[(&str, usize)]) {
    /// ui.table("tags", &[Column::share("Tag", 2.0), Column::share("Bytes", 1.0)], TableStyle::new(), |table| {
    ///     for (name, bytes) in tags {
    ///         table.row();
    ///         table.text(name);
    ///         table.number(bytes);
    ///     }
    /// });
    /// # }
    /// ```
    pub fn table<R>(
        &self,
        name: impl Display,
        columns: &[Column<'_>],
        style: TableStyle,
        content: impl FnOnce(Table<'u>) -> R,
    ) -> Option<R> {
        with_name(name, |name| {
            self.frame.table(name, columns.len(), style.flags, style.size, || {
                for column in columns {
                    with_label(column.name, |label| self.frame.table_column(label, column.flags, column.width));
                }
                if style.headers {
                    self.frame.table_freeze(0, 1);
                    self.frame.table_headers();
                }
                content(Table { ui: *self })
            })
        })
    }
}
