//! Text, buttons, boxes, trees, images: what is seen and clicked.

use super::frame::{Frame, raw};
use super::vec2;
use core::ffi::CStr;
use dear_imgui_sys as sys;

/// A texture id in the shape the C interface takes.
fn texture_ref(id: u64) -> sys::ImTextureRef_c {
    sys::ImTextureRef_c { _TexData: core::ptr::null_mut(), _TexID: id }
}

impl Frame<'_> {
    pub(crate) fn text(self, text: &str) {
        let range = text.as_bytes().as_ptr_range();
        raw!(self, igTextUnformatted(range.start.cast(), range.end.cast()));
    }

    pub(crate) fn heading(self, label: &CStr) {
        raw!(self, igSeparatorText(label.as_ptr()));
    }

    pub(crate) fn button(self, label: &CStr, size: [f32; 2]) -> bool {
        raw!(self, igButton(label.as_ptr(), vec2(size)))
    }

    pub(crate) fn small_button(self, label: &CStr) -> bool {
        raw!(self, igSmallButton(label.as_ptr()))
    }

    /// Takes clicks of the three buttons where nothing is drawn.
    pub(crate) fn area(self, name: &CStr, size: [f32; 2]) -> bool {
        let flags = sys::ImGuiButtonFlags_MouseButtonLeft
            | sys::ImGuiButtonFlags_MouseButtonRight
            | sys::ImGuiButtonFlags_MouseButtonMiddle;
        raw!(self, igInvisibleButton(name.as_ptr(), vec2(size), flags))
    }

    pub(crate) fn checkbox(self, label: &CStr, value: &mut bool) -> bool {
        raw!(self, igCheckbox(label.as_ptr(), value))
    }

    pub(crate) fn radio(self, label: &CStr, active: bool) -> bool {
        raw!(self, igRadioButton_Bool(label.as_ptr(), active))
    }

    pub(crate) fn selectable(self, label: &CStr, selected: bool, all_columns: bool) -> bool {
        let flags = if all_columns { sys::ImGuiSelectableFlags_SpanAllColumns } else { sys::ImGuiSelectableFlags_None };
        raw!(self, igSelectable_Bool(label.as_ptr(), selected, flags, vec2([0.0, 0.0])))
    }

    pub(crate) fn combo<R>(self, label: &CStr, preview: &CStr, content: impl FnOnce() -> R) -> Option<R> {
        raw!(self, igBeginCombo(label.as_ptr(), preview.as_ptr(), sys::ImGuiComboFlags_None))
            .then(|| self.until(sys::igEndCombo, content))
    }

    pub(crate) fn image(self, texture: u64, size: [f32; 2]) {
        raw!(self, igImage(texture_ref(texture), vec2(size), vec2([0.0, 0.0]), vec2([1.0, 1.0])));
    }

    /// A node of a tree; whether it is open. An open one that is no leaf is ended by [`Frame::tree_children`].
    pub(crate) fn tree_node(self, label: &CStr, flags: i32) -> bool {
        raw!(self, igTreeNodeEx_Str(label.as_ptr(), flags))
    }

    /// The children of a node that has just been begun and is open.
    pub(crate) fn tree_children<R>(self, content: impl FnOnce() -> R) -> R {
        self.until(sys::igTreePop, content)
    }

    pub(crate) fn collapsing_header(self, label: &CStr, flags: i32) -> bool {
        raw!(self, igCollapsingHeader_TreeNodeFlags(label.as_ptr(), flags))
    }

    /// Draws a picture into the current window, without taking room for it.
    pub(crate) fn draw_image(self, texture: u64, min: [f32; 2], max: [f32; 2]) {
        let list = self.draw_list();
        raw!(
            self,
            ImDrawList_AddImage(
                list,
                texture_ref(texture),
                vec2(min),
                vec2(max),
                vec2([0.0, 0.0]),
                vec2([1.0, 1.0]),
                u32::MAX
            )
        );
    }
}
