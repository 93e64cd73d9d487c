//! The calls of an open frame: what a guard ends, and where things are.

use super::context::Context;
use super::{pair, vec2};
use crate::theme::Theme;
use core::cell::Cell;
use dear_imgui_sys as sys;

/// Calls one function of the library with this frame's context current.
macro_rules! raw {
    ($frame:expr, $function:ident($($argument:expr),* $(,)?)) => {{
        $frame.bind();
        // SAFETY:
        // - a frame is open, its context is current, this thread owns the library (invariants 2 and 3 of the folder);
        // - each pointer among the arguments comes from a reference that lives through the call, and the library keeps
        //   none (invariant 5);
        // - out-pointers are to plain values that any write leaves valid.
        unsafe { sys::$function($($argument),*) }
    }};
}
pub(super) use raw;

/// An open frame. A copyable borrow of its context.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'u> {
    context: &'u Context,
}

/// Ends what was begun, also when the closure in between unwinds.
struct Guard<'u> {
    frame: Frame<'u>,
    end: unsafe extern "C" fn(),
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.frame.bind();
        // SAFETY: the matching begin was called on this frame, what was begun after it has been ended (invariant 4),
        // and the frame is still open (invariant 2).
        unsafe { (self.end)() };
    }
}

unsafe extern "C" fn pop_color() {
    // SAFETY: only ever the end of a guard whose beginning pushed one colour.
    unsafe { sys::igPopStyleColor(1) };
}

unsafe extern "C" fn pop_var() {
    // SAFETY: only ever the end of a guard whose beginning pushed one variable.
    unsafe { sys::igPopStyleVar(1) };
}

impl<'u> Frame<'u> {
    pub(super) fn new(context: &'u Context) -> Frame<'u> {
        Frame { context }
    }

    pub(super) fn bind(self) {
        self.context.bind();
    }

    pub(crate) fn theme(self) -> &'u Theme {
        self.context.theme()
    }

    pub(super) fn io(self) -> *const sys::ImGuiIO {
        self.context.io().as_ptr()
    }

    /// Runs `content`, then `end`. The matching begin has just been called.
    pub(super) fn until<R>(self, end: unsafe extern "C" fn(), content: impl FnOnce() -> R) -> R {
        let _guard = Guard { frame: self, end };
        content()
    }

    /// Gives what is in `content` names of their own.
    pub(crate) fn with_id<R>(self, id: u64, content: impl FnOnce() -> R) -> R {
        raw!(self, igPushID_Ptr(id as usize as *const core::ffi::c_void));
        self.until(sys::igPopID, content)
    }

    pub(crate) fn with_color<R>(self, index: StyleColor, color: u32, content: impl FnOnce() -> R) -> R {
        raw!(self, igPushStyleColor_U32(index as sys::ImGuiCol, color));
        self.until(pop_color, content)
    }

    pub(crate) fn with_padding<R>(self, padding: [f32; 2], content: impl FnOnce() -> R) -> R {
        raw!(self, igPushStyleVar_Vec2(sys::ImGuiStyleVar_WindowPadding, vec2(padding)));
        self.until(pop_var, content)
    }

    pub(crate) fn with_frame_padding<R>(self, padding: [f32; 2], content: impl FnOnce() -> R) -> R {
        raw!(self, igPushStyleVar_Vec2(sys::ImGuiStyleVar_FramePadding, vec2(padding)));
        self.until(pop_var, content)
    }

    pub(crate) fn with_disabled<R>(self, disabled: bool, content: impl FnOnce() -> R) -> R {
        raw!(self, igBeginDisabled(disabled));
        self.until(sys::igEndDisabled, content)
    }

    pub(crate) fn with_group<R>(self, content: impl FnOnce() -> R) -> R {
        raw!(self, igBeginGroup());
        self.until(sys::igEndGroup, content)
    }

    pub(crate) fn with_wrap<R>(self, content: impl FnOnce() -> R) -> R {
        raw!(self, igPushTextWrapPos(0.0));
        self.until(sys::igPopTextWrapPos, content)
    }

    pub(crate) fn with_clip<R>(self, min: [f32; 2], max: [f32; 2], content: impl FnOnce() -> R) -> R {
        raw!(self, igPushClipRect(vec2(min), vec2(max), true));
        self.until(sys::igPopClipRect, content)
    }

    pub(crate) fn with_width<R>(self, width: f32, content: impl FnOnce() -> R) -> R {
        raw!(self, igPushItemWidth(width));
        self.until(sys::igPopItemWidth, content)
    }

    pub(crate) fn with_indent<R>(self, content: impl FnOnce() -> R) -> R {
        unsafe extern "C" fn unindent() {
            // SAFETY: only ever the end of a guard whose beginning indented by the same, default width.
            unsafe { sys::igUnindent(0.0) };
        }
        raw!(self, igIndent(0.0));
        self.until(unindent, content)
    }

    pub(crate) fn same_line(self, spacing: f32) {
        raw!(self, igSameLine(0.0, spacing));
    }

    pub(crate) fn same_line_at(self, offset: f32) {
        raw!(self, igSameLine(offset, 0.0));
    }

    /// Moves the place of the next item to the right.
    pub(crate) fn skip(self, width: f32) {
        let x = raw!(self, igGetCursorPosX());
        raw!(self, igSetCursorPosX(x + width));
    }

    /// Colours of the style, in the form of vertices.
    pub(crate) fn text_color(self) -> u32 {
        raw!(self, igGetColorU32_Col(sys::ImGuiCol_Text, 1.0))
    }

    pub(crate) fn dim_color(self) -> u32 {
        raw!(self, igGetColorU32_Col(sys::ImGuiCol_TextDisabled, 1.0))
    }

    pub(crate) fn field_color(self) -> u32 {
        raw!(self, igGetColorU32_Col(sys::ImGuiCol_FrameBg, 1.0))
    }

    pub(crate) fn field_hovered_color(self) -> u32 {
        raw!(self, igGetColorU32_Col(sys::ImGuiCol_FrameBgHovered, 1.0))
    }

    pub(crate) fn separator(self) {
        raw!(self, igSeparator());
    }

    pub(crate) fn spacing(self) {
        raw!(self, igSpacing());
    }

    pub(crate) fn dummy(self, size: [f32; 2]) {
        raw!(self, igDummy(vec2(size)));
    }

    pub(crate) fn align_to_frame(self) {
        raw!(self, igAlignTextToFramePadding());
    }

    pub(crate) fn available(self) -> [f32; 2] {
        pair(raw!(self, igGetContentRegionAvail()))
    }

    pub(crate) fn cursor(self) -> [f32; 2] {
        pair(raw!(self, igGetCursorScreenPos()))
    }

    pub(crate) fn set_cursor(self, at: [f32; 2]) {
        raw!(self, igSetCursorScreenPos(vec2(at)));
    }

    pub(crate) fn text_size(self, text: &str) -> [f32; 2] {
        let range = text.as_bytes().as_ptr_range();
        pair(raw!(self, igCalcTextSize(range.start.cast(), range.end.cast(), false, -1.0)))
    }

    pub(crate) fn line_height(self) -> f32 {
        raw!(self, igGetTextLineHeight())
    }

    pub(crate) fn frame_height(self) -> f32 {
        raw!(self, igGetFrameHeight())
    }

    pub(crate) fn row_height(self) -> f32 {
        raw!(self, igGetTextLineHeightWithSpacing())
    }

    pub(crate) fn item_hovered(self) -> bool {
        raw!(self, igIsItemHovered(sys::ImGuiHoveredFlags_None))
    }

    pub(crate) fn item_active(self) -> bool {
        raw!(self, igIsItemActive())
    }

    pub(crate) fn item_focused(self) -> bool {
        raw!(self, igIsItemFocused())
    }

    pub(crate) fn item_clicked(self, button: i32) -> bool {
        raw!(self, igIsItemClicked(button))
    }

    pub(crate) fn item_committed(self) -> bool {
        raw!(self, igIsItemDeactivatedAfterEdit())
    }

    pub(crate) fn item_left(self) -> bool {
        raw!(self, igIsItemDeactivated())
    }

    pub(crate) fn item_toggled(self) -> bool {
        raw!(self, igIsItemToggledOpen())
    }

    pub(crate) fn item_rect(self) -> ([f32; 2], [f32; 2]) {
        (pair(raw!(self, igGetItemRectMin())), pair(raw!(self, igGetItemRectMax())))
    }

    /// Focus for the item that comes next.
    pub(crate) fn focus_next(self) {
        raw!(self, igSetKeyboardFocusHere(0));
    }

    /// Where the keyboard is when the pop-up appears. It is shown: Enter means nothing to an item whose focus isn't.
    pub(crate) fn focus_first(self) {
        raw!(self, igSetItemDefaultFocus());
        if raw!(self, igIsWindowAppearing()) {
            raw!(self, igSetNavCursorVisible(true));
        }
    }

    /// Puts the item that was drawn last into the middle of what is scrolled.
    pub(crate) fn scroll_here(self) {
        raw!(self, igSetScrollHereY(0.5));
    }

    pub(crate) fn window_focused(self) -> bool {
        raw!(self, igIsWindowFocused(0))
    }

    pub(crate) fn window_hovered(self) -> bool {
        raw!(self, igIsWindowHovered(0))
    }

    pub(crate) fn window_rect(self) -> ([f32; 2], [f32; 2]) {
        let [x, y] = pair(raw!(self, igGetWindowPos()));
        let [width, height] = pair(raw!(self, igGetWindowSize()));
        ([x, y], [x + width, y + height])
    }

    pub(crate) fn scroll_to_end(self) {
        raw!(self, igSetScrollHereY(1.0));
    }

    /// Scrolls the window so that a height of its content is in the middle.
    pub(crate) fn scroll_to(self, y: f32) {
        let half = raw!(self, igGetWindowHeight()) * 0.5;
        raw!(self, igSetScrollY_Float((y - half).max(0.0)));
    }

    pub(crate) fn at_end(self) -> bool {
        raw!(self, igGetScrollY()) >= raw!(self, igGetScrollMaxY())
    }

    pub(crate) fn mouse_down(self, button: i32) -> bool {
        raw!(self, igIsMouseDown_Nil(button))
    }

    pub(crate) fn mouse_released(self, button: i32) -> bool {
        raw!(self, igIsMouseReleased_Nil(button))
    }

    pub(crate) fn mouse_double_clicked(self, button: i32) -> bool {
        raw!(self, igIsMouseDoubleClicked_Nil(button))
    }

    pub(crate) fn mouse_position(self) -> [f32; 2] {
        pair(raw!(self, igGetMousePos()))
    }

    pub(crate) fn mouse_delta(self) -> [f32; 2] {
        // SAFETY: the block is a member of the live context.
        pair(unsafe { (*self.io()).MouseDelta })
    }

    pub(crate) fn mouse_wheel(self) -> [f32; 2] {
        // SAFETY: the block is a member of the live context.
        unsafe { [(*self.io()).MouseWheelH, (*self.io()).MouseWheel] }
    }

    /// Says that an area is held: the keyboard stays the application's, to steer with.
    pub(crate) fn hold_area(self) {
        self.context.area_held().set(true);
    }

    /// Keeps the wheel from scrolling the window while the last item is hovered.
    pub(crate) fn own_wheel(self) {
        raw!(self, igSetItemKeyOwner_Nil(sys::ImGuiKey_MouseWheelY));
    }

    pub(crate) fn mouse_cursor(self) -> i32 {
        raw!(self, igGetMouseCursor())
    }

    pub(crate) fn scale(self) -> f32 {
        self.bind();
        // SAFETY: the style of the current context.
        unsafe { (*sys::igGetStyle()).FontScaleDpi }
    }

    pub(crate) fn framerate(self) -> f32 {
        // SAFETY: the block is a member of the live context.
        unsafe { (*self.io()).Framerate }
    }

    pub(crate) fn demo(self, open: &mut bool) {
        raw!(self, igShowDemoWindow(open));
    }

    /// Whether the main menu bar is being filled: it can't be begun inside itself.
    pub(super) fn in_menu(self) -> &'u Cell<bool> {
        self.context.in_menu()
    }
}

/// The colours that widgets change for a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StyleColor {
    Text = sys::ImGuiCol_Text as isize,
    Header = sys::ImGuiCol_Header as isize,
    HeaderHovered = sys::ImGuiCol_HeaderHovered as isize,
    HeaderActive = sys::ImGuiCol_HeaderActive as isize,
    Button = sys::ImGuiCol_Button as isize,
}
