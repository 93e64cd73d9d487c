//! Windows, regions, pop-ups, menus, tooltips, tabs: what contains other things.

use super::frame::{Frame, raw};
use super::vec2;
use core::ffi::CStr;
use core::ptr;
use dear_imgui_sys as sys;

/// How a window is begun.
#[derive(Debug, Default)]
pub(crate) struct WindowOptions<'o> {
    pub(crate) open: Option<&'o mut bool>,
    pub(crate) flags: i32,
    pub(crate) first_size: Option<[f32; 2]>,
    pub(crate) first_position: Option<[f32; 2]>,
    pub(crate) padding: Option<[f32; 2]>,
    pub(crate) focus: bool,
}

/// How a region inside a window is begun.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ChildOptions {
    pub(crate) size: [f32; 2],
    pub(crate) child_flags: i32,
    pub(crate) window_flags: i32,
}

/// Sets a flag for as long as it lives.
struct Raised<'c>(&'c core::cell::Cell<bool>);

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Frame<'_> {
    /// A window; `content` runs unless it is collapsed or hidden behind another tab.
    pub(crate) fn window<R>(self, name: &CStr, options: WindowOptions<'_>, content: impl FnOnce() -> R) -> Option<R> {
        if let Some(size) = options.first_size {
            raw!(self, igSetNextWindowSize(vec2(size), sys::ImGuiCond_FirstUseEver));
        }
        if let Some(position) = options.first_position {
            raw!(self, igSetNextWindowPos(vec2(position), sys::ImGuiCond_FirstUseEver, vec2([0.0, 0.0])));
        }
        if options.focus {
            raw!(self, igSetNextWindowFocus());
        }
        let open = options.open.map_or(ptr::null_mut(), ptr::from_mut);
        let begin = || raw!(self, igBegin(name.as_ptr(), open, options.flags));
        let visible = match options.padding {
            Some(padding) => self.with_padding(padding, begin),
            None => begin(),
        };
        // the window is ended whether it is visible or not
        self.until(sys::igEnd, || visible.then(content))
    }

    /// A region of its own inside a window.
    pub(crate) fn child<R>(self, name: &CStr, options: ChildOptions, content: impl FnOnce() -> R) -> Option<R> {
        let visible =
            raw!(self, igBeginChild_Str(name.as_ptr(), vec2(options.size), options.child_flags, options.window_flags));
        self.until(sys::igEndChild, || visible.then(content))
    }

    /// A bar along the window's lower edge, `height` pixels high.
    pub(crate) fn bottom_bar<R>(self, name: &CStr, height: f32, content: impl FnOnce() -> R) -> Option<R> {
        let flags = sys::ImGuiWindowFlags_NoScrollbar
            | sys::ImGuiWindowFlags_NoScrollWithMouse
            | sys::ImGuiWindowFlags_NoSavedSettings
            | sys::ImGuiWindowFlags_NoNav;
        let visible =
            raw!(self, igBeginViewportSideBar(name.as_ptr(), ptr::null_mut(), sys::ImGuiDir_Down, height, flags));
        self.until(sys::igEnd, || visible.then(content))
    }

    pub(crate) fn main_menu<R>(self, content: impl FnOnce() -> R) -> Option<R> {
        // the library asserts that a menu bar is not begun inside itself
        if self.in_menu().replace(true) {
            return None;
        }
        let _raised = Raised(self.in_menu());
        raw!(self, igBeginMainMenuBar()).then(|| self.until(sys::igEndMainMenuBar, content))
    }

    pub(crate) fn menu<R>(self, label: &CStr, enabled: bool, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginMenu(label.as_ptr(), enabled)).then(|| self.until(sys::igEndMenu, content))
    }

    /// The menu that comes next, of that label, opens by Alt and this letter, and by F10 if it is the first.
    /// Not while a pop-up blocks the rest. The keyboard's place in it is shown: Enter means nothing to an item whose focus isn't.
    pub(crate) fn menu_key(self, label: &CStr, letter: char, is_first: bool) {
        if !raw!(self, igGetTopMostPopupModal()).is_null() {
            return;
        }
        let mut is_pressed = false;
        let upper = letter.to_ascii_uppercase();
        if upper.is_ascii_uppercase() {
            let key = sys::ImGuiKey_A + (upper as u8 - b'A') as sys::ImGuiKey;
            let chord = (sys::ImGuiMod_Alt | key) as sys::ImGuiKeyChord;
            raw!(self, igSetNextItemShortcut(chord, sys::ImGuiInputFlags_RouteGlobal as sys::ImGuiInputFlags));
            is_pressed = raw!(self, igIsKeyChordPressed_Nil(chord));
        }
        if is_first && raw!(self, igIsKeyPressed_Bool(sys::ImGuiKey_F10, false)) {
            let id = raw!(self, igGetID_Str(label.as_ptr()));
            raw!(self, igActivateItemByID(id));
            is_pressed = true;
        }
        if is_pressed {
            raw!(self, igSetNavCursorVisible(true));
        }
    }

    pub(crate) fn menu_item(self, label: &CStr, shortcut: &CStr, selected: bool, enabled: bool) -> bool {
        raw!(self, igMenuItem_Bool(label.as_ptr(), shortcut.as_ptr(), selected, enabled))
    }

    pub(crate) fn item_tooltip<R>(self, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginItemTooltip()).then(|| self.until(sys::igEndTooltip, content))
    }

    pub(crate) fn tooltip<R>(self, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginTooltip()).then(|| self.until(sys::igEndTooltip, content))
    }

    pub(crate) fn open_popup(self, name: &CStr) {
        raw!(self, igOpenPopup_Str(name.as_ptr(), sys::ImGuiPopupFlags_None));
    }

    pub(crate) fn popup<R>(self, name: &CStr, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginPopup(name.as_ptr(), sys::ImGuiWindowFlags_None))
            .then(|| self.until(sys::igEndPopup, content))
    }

    /// A pop-up that blocks the rest, in the middle of the window when it appears.
    pub(crate) fn modal<R>(self, name: &CStr, content: impl FnOnce() -> R) -> Option<R> {
        // SAFETY: the block is a member of the live context.
        let size = unsafe { (*self.io()).DisplaySize };
        let middle = vec2([size.x * 0.5, size.y * 0.5]);
        raw!(self, igSetNextWindowPos(middle, sys::ImGuiCond_Appearing, vec2([0.5, 0.5])));
        let flags = sys::ImGuiWindowFlags_AlwaysAutoResize | sys::ImGuiWindowFlags_NoSavedSettings;
        raw!(self, igBeginPopupModal(name.as_ptr(), ptr::null_mut(), flags)).then(|| {
            self.until(sys::igEndPopup, || {
                let returned = content();
                if self.window_focused() && raw!(self, igIsKeyPressed_Bool(sys::ImGuiKey_Escape, false)) {
                    self.close_popup();
                }
                returned
            })
        })
    }

    /// A pop-up on a right click on the last item; `name` gives it its identity.
    pub(crate) fn context_menu<R>(self, name: &CStr, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginPopupContextItem(name.as_ptr(), sys::ImGuiPopupFlags_MouseButtonRight))
            .then(|| self.until(sys::igEndPopup, content))
    }

    pub(crate) fn close_popup(self) {
        raw!(self, igCloseCurrentPopup());
    }

    pub(crate) fn tab_bar<R>(self, name: &CStr, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginTabBar(name.as_ptr(), sys::ImGuiTabBarFlags_None))
            .then(|| self.until(sys::igEndTabBar, content))
    }

    pub(crate) fn tab<R>(self, label: &CStr, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginTabItem(label.as_ptr(), ptr::null_mut(), sys::ImGuiTabItemFlags_None))
            .then(|| self.until(sys::igEndTabItem, content))
    }
}
