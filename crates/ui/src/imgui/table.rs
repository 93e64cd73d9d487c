//! Tables, and lists of which only the visible rows are made.

use super::frame::{Frame, raw};
use super::vec2;
use core::ffi::CStr;
use dear_imgui_sys as sys;

/// The most columns that the library's tables take is 512; more than a screen holds is a mistake.
const COLUMNS_MAX: usize = 64;

/// Ends the current table, whatever was drawn in it outside of its rows.
unsafe extern "C" fn end_table() {
    // SAFETY: only ever the end of a guard that began a table, so that is the current one again, in the current window.
    unsafe {
        let (table, window) = (sys::igGetCurrentTable(), sys::igGetCurrentWindow());
        if let (Some(table), Some(window)) = (table.as_ref(), window.as_mut())
            && !table.IsInsideRow
        {
            // the library asserts that nothing moved on after the last row
            window.DC.CursorPos.y = table.RowPosY2;
        }
        sys::igEndTable();
    }
}

impl Frame<'_> {
    /// A table of `columns` columns; `content` runs when any of it is visible.
    pub(crate) fn table<R>(
        self,
        name: &CStr,
        columns: usize,
        flags: i32,
        size: [f32; 2],
        content: impl FnOnce() -> R,
    ) -> Option<R> {
        let columns = columns.clamp(1, COLUMNS_MAX) as i32;
        raw!(self, igBeginTable(name.as_ptr(), columns, flags, vec2(size), 0.0)).then(|| self.until(end_table, content))
    }

    /// Describes the next column; only right after the table was begun.
    pub(crate) fn table_column(self, label: &CStr, flags: i32, width: f32) {
        raw!(self, igTableSetupColumn(label.as_ptr(), flags, width, 0));
    }

    pub(crate) fn table_freeze(self, columns: i32, rows: i32) {
        if self.in_table() {
            raw!(self, igTableSetupScrollFreeze(columns, rows));
        }
    }

    pub(crate) fn table_headers(self) {
        if self.in_table() {
            raw!(self, igTableHeadersRow());
        }
    }

    pub(crate) fn table_row(self) {
        if self.in_table() {
            raw!(self, igTableNextRow(sys::ImGuiTableRowFlags_None, 0.0));
        }
    }

    /// The next cell; whether it can be seen.
    pub(crate) fn table_cell(self) -> bool {
        self.in_table() && raw!(self, igTableNextColumn())
    }

    /// Colours the row that is being filled.
    pub(crate) fn table_row_color(self, color: u32) {
        if self.in_table() {
            raw!(self, igTableSetBgColor(sys::ImGuiTableBgTarget_RowBg1, color, -1));
        }
    }

    /// The library writes through its current table without asking; inside a region within a cell there is none.
    fn in_table(self) -> bool {
        !raw!(self, igGetCurrentTable()).is_null()
    }

    /// Calls `row` for the rows that can be seen out of `count` rows of equal height.
    pub(crate) fn visible_rows(self, count: usize, mut row: impl FnMut(usize)) {
        /// Ends the clipper, also when `row` unwinds.
        struct Clipper<'f>(Frame<'f>, sys::ImGuiListClipper);
        impl Drop for Clipper<'_> {
            fn drop(&mut self) {
                raw!(self.0, ImGuiListClipper_End(&mut self.1));
            }
        }
        let count = i32::try_from(count).unwrap_or(i32::MAX - 1);
        // all zero is what the constructor makes; its C form would take the value from the heap in each frame
        let mut clipper = Clipper(self, sys::ImGuiListClipper::default());
        raw!(self, ImGuiListClipper_Begin(&mut clipper.1, count, -1.0));
        while raw!(self, ImGuiListClipper_Step(&mut clipper.1)) {
            for index in clipper.1.DisplayStart..clipper.1.DisplayEnd {
                if let Ok(index) = usize::try_from(index) {
                    row(index);
                }
            }
        }
    }
}
