//! Where widgets go: lines, room, groups, identities.

use super::Ui;

impl Ui<'_> {
    /// The next widget goes on the same line.
    pub fn same_line(&self) {
        self.frame.same_line(-1.0);
    }

    /// The next widget goes on the same line, `offset` physical pixels from the window's content.
    pub fn same_line_at(&self, offset: f32) {
        self.frame.same_line_at(offset);
    }

    /// A line across.
    pub fn separator(&self) {
        self.frame.separator();
    }

    /// Some room below.
    pub fn spacing(&self) {
        self.frame.spacing();
    }

    /// Room of that width and height, in physical pixels.
    pub fn room(&self, size: [f32; 2]) {
        self.frame.dummy(size);
    }

    /// Text that comes next on this line stands level with buttons and fields.
    pub fn align_text(&self) {
        self.frame.align_to_frame();
    }

    /// Width and height that are left in the window, in physical pixels.
    pub fn available(&self) -> [f32; 2] {
        self.frame.available()
    }

    /// Where the next widget goes, in physical pixels of the whole window.
    pub fn cursor(&self) -> [f32; 2] {
        self.frame.cursor()
    }

    /// Height of a line of text.
    pub fn line_height(&self) -> f32 {
        self.frame.line_height()
    }

    /// Height of a line of text and the room to the next.
    pub fn row_height(&self) -> f32 {
        self.frame.row_height()
    }

    /// Physical pixels per unit, to size things by.
    pub fn scale(&self) -> f32 {
        self.frame.scale()
    }

    /// Frames per second, averaged over the last sixty.
    pub fn frames_per_sec(&self) -> f32 {
        self.frame.framerate()
    }

    /// Left and top, right and bottom of the current window.
    pub fn window_rect(&self) -> ([f32; 2], [f32; 2]) {
        self.frame.window_rect()
    }

    /// Whether the current window has the keyboard.
    pub fn is_window_focused(&self) -> bool {
        self.frame.window_focused()
    }

    /// Whether the pointer is over the current window.
    pub fn is_window_hovered(&self) -> bool {
        self.frame.window_hovered()
    }

    /// Whether the current window is scrolled to its end.
    pub fn is_at_end(&self) -> bool {
        self.frame.at_end()
    }

    /// Scrolls so far that the widget that was drawn last is at the lower edge.
    pub fn scroll_to_end(&self) {
        self.frame.scroll_to_end();
    }

    /// Scrolls so that the widget that was drawn last is in the middle.
    pub fn scroll_here(&self) {
        self.frame.scroll_here();
    }

    /// Scrolls so that a row of a list of rows of equal height is in the middle.
    pub fn scroll_to_row(&self, row: usize, row_height: f32) {
        self.frame.scroll_to(row as f32 * row_height);
    }

    /// Fields and buttons of `content` have that much room inside, in physical pixels.
    pub fn with_field_padding<R>(&self, padding: [f32; 2], content: impl FnOnce() -> R) -> R {
        self.frame.with_frame_padding(padding, content)
    }

    /// Puts the next widget at a place of the whole window, in physical pixels.
    pub fn set_cursor(&self, at: [f32; 2]) {
        self.frame.set_cursor(at);
    }

    /// Gives the widgets of `content` identities of their own, so that labels may repeat: one `id` per row.
    pub fn with_id<R>(&self, id: u64, content: impl FnOnce() -> R) -> R {
        self.frame.with_id(id, content)
    }

    /// Greys the widgets of `content` out and takes no input for them, unless `enabled`.
    pub fn enabled<R>(&self, enabled: bool, content: impl FnOnce() -> R) -> R {
        self.frame.with_disabled(!enabled, content)
    }

    /// Treats the widgets of `content` as one: for [`Ui::same_line`] and [`Ui::item`].
    pub fn group<R>(&self, content: impl FnOnce() -> R) -> R {
        self.frame.with_group(content)
    }

    /// Moves the widgets of `content` to the right.
    pub fn indented<R>(&self, content: impl FnOnce() -> R) -> R {
        self.frame.with_indent(content)
    }

    /// Fields of `content` are that wide, in physical pixels; a negative number leaves that much at the right.
    pub fn with_width<R>(&self, width: f32, content: impl FnOnce() -> R) -> R {
        self.frame.with_width(width, content)
    }

    /// Calls `row` for those of `count` rows of equal height that can be seen: a list of a million costs what its window
    /// shows.
    pub fn visible_rows(&self, count: usize, row: impl FnMut(usize)) {
        self.frame.visible_rows(count, row);
    }
}
