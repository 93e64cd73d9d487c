//! Windows and regions.

use super::Ui;
use crate::imgui::{ChildOptions, WindowOptions};
use crate::label::with_name;
use core::fmt::Display;
use dear_imgui_sys as sys;

/// How a window is shown.
///
/// ```
/// # use voltrum_ui::{Ui, Window};
/// # fn layer(ui: Ui<'_>, show_log: &mut bool) {
/// ui.window("Log", Window::new().closable(show_log).first_size([600.0, 200.0]), || ui.text("nothing yet"));
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct Window<'o> {
    options: WindowOptions<'o>,
    closed: bool,
}

impl<'o> Window<'o> {
    /// A window that can be moved, resized, docked.
    pub fn new() -> Window<'o> {
        Window::default()
    }

    /// With a button that closes it: `open` becomes false. While it is false the window isn't there at all.
    pub fn closable(mut self, open: &'o mut bool) -> Window<'o> {
        self.closed = !*open;
        self.options.open = Some(open);
        self
    }

    /// Width and height until a person or a layout gives it others, in physical pixels.
    pub fn first_size(mut self, size: [f32; 2]) -> Window<'o> {
        self.options.first_size = Some(size);
        self
    }

    /// Left and top until a person or a layout gives it others, in physical pixels.
    pub fn first_position(mut self, position: [f32; 2]) -> Window<'o> {
        self.options.first_position = Some(position);
        self
    }

    /// Without room between its edge and its content, for pictures that fill it.
    pub fn no_padding(mut self) -> Window<'o> {
        self.options.padding = Some([0.0, 0.0]);
        self
    }

    /// Without scroll bars; the wheel does not scroll it either.
    pub fn no_scroll(self) -> Window<'o> {
        self.with(sys::ImGuiWindowFlags_NoScrollbar | sys::ImGuiWindowFlags_NoScrollWithMouse)
    }

    /// With a scroll bar for what is too wide.
    pub fn scroll_sideways(self) -> Window<'o> {
        self.with(sys::ImGuiWindowFlags_HorizontalScrollbar)
    }

    /// As large as its content.
    pub fn fit(self) -> Window<'o> {
        self.with(sys::ImGuiWindowFlags_AlwaysAutoResize)
    }

    /// Nothing but its content: no title, not to be moved or docked, the pointer goes through it.
    pub fn overlay(self) -> Window<'o> {
        self.with(
            sys::ImGuiWindowFlags_NoDecoration
                | sys::ImGuiWindowFlags_NoInputs
                | sys::ImGuiWindowFlags_NoMove
                | sys::ImGuiWindowFlags_NoDocking
                | sys::ImGuiWindowFlags_NoSavedSettings
                | sys::ImGuiWindowFlags_NoFocusOnAppearing
                | sys::ImGuiWindowFlags_AlwaysAutoResize,
        )
    }

    /// Can't be docked.
    pub fn no_docking(self) -> Window<'o> {
        self.with(sys::ImGuiWindowFlags_NoDocking)
    }

    /// Marked as holding something unsaved.
    pub fn unsaved(self, unsaved: bool) -> Window<'o> {
        if unsaved { self.with(sys::ImGuiWindowFlags_UnsavedDocument) } else { self }
    }

    /// Comes to the front and takes the keyboard, now.
    pub fn focus(mut self, focus: bool) -> Window<'o> {
        self.options.focus = focus;
        self
    }

    fn with(mut self, flags: i32) -> Window<'o> {
        self.options.flags |= flags;
        self
    }
}

/// How a region inside a window is shown.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Region {
    options: ChildOptions,
}

impl Region {
    /// A region that takes the room that is left and scrolls on its own.
    pub fn new() -> Region {
        Region::default()
    }

    /// Width and height in physical pixels; 0 takes what is left, a negative number leaves that much.
    pub fn size(mut self, size: [f32; 2]) -> Region {
        self.options.size = size;
        self
    }

    /// With a border and room inside.
    pub fn border(mut self) -> Region {
        self.options.child_flags |= sys::ImGuiChildFlags_Borders;
        self
    }

    /// As high as its content.
    pub fn fit_height(mut self) -> Region {
        self.options.child_flags |= sys::ImGuiChildFlags_AutoResizeY;
        self
    }

    /// With a scroll bar for what is too wide.
    pub fn scroll_sideways(mut self) -> Region {
        self.options.window_flags |= sys::ImGuiWindowFlags_HorizontalScrollbar;
        self
    }

    /// A person may change its width at the right edge.
    pub fn resize_width(mut self) -> Region {
        self.options.child_flags |= sys::ImGuiChildFlags_ResizeX;
        self
    }

    /// A person may change its height at the lower edge.
    pub fn resize_height(mut self) -> Region {
        self.options.child_flags |= sys::ImGuiChildFlags_ResizeY;
        self
    }
}

impl Ui<'_> {
    /// A window. Its name is its identity, also for layouts.
    pub fn window<R>(&self, name: impl Display, window: Window<'_>, content: impl FnOnce() -> R) -> Option<R> {
        if window.closed {
            return None;
        }
        with_name(name, |name| self.frame.window(name, window.options, content))
    }

    /// A region of a window with a scroll position of its own.
    pub fn region<R>(&self, name: impl Display, region: Region, content: impl FnOnce() -> R) -> Option<R> {
        with_name(name, |name| self.frame.child(name, region.options, content))
    }

    /// A bar along the lower edge of the whole window, one line high.
    pub fn status_bar<R>(&self, content: impl FnOnce() -> R) -> Option<R> {
        self.frame.bottom_bar(c"##status bar", self.frame.frame_height() + 8.0 * self.scale(), content)
    }

    /// Dear ImGui's own show of everything it has, which is also its manual.
    pub fn demo_window(&self, open: &mut bool) {
        self.frame.demo(open);
    }
}
