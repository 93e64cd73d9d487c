//! Free drawing into the current window. Positions are physical pixels from the window's top left corner.

use super::frame::{Frame, raw};
use super::vec2;
use dear_imgui_sys as sys;

impl Frame<'_> {
    /// The list of the current window, valid for the call that it is fetched for.
    pub(super) fn draw_list(self) -> *mut sys::ImDrawList {
        raw!(self, igGetWindowDrawList())
    }

    pub(crate) fn draw_line(self, from: [f32; 2], to: [f32; 2], color: u32, thickness: f32) {
        let list = self.draw_list();
        raw!(self, ImDrawList_AddLine(list, vec2(from), vec2(to), color, thickness, 0));
    }

    pub(crate) fn draw_rect(self, min: [f32; 2], max: [f32; 2], color: u32, rounding: f32, thickness: f32) {
        let list = self.draw_list();
        raw!(self, ImDrawList_AddRect(list, vec2(min), vec2(max), color, rounding, thickness, 0));
    }

    pub(crate) fn draw_rect_filled(self, min: [f32; 2], max: [f32; 2], color: u32, rounding: f32) {
        let list = self.draw_list();
        raw!(self, ImDrawList_AddRectFilled(list, vec2(min), vec2(max), color, rounding, 0));
    }

    pub(crate) fn draw_circle_filled(self, center: [f32; 2], radius: f32, color: u32) {
        let list = self.draw_list();
        raw!(self, ImDrawList_AddCircleFilled(list, vec2(center), radius, color, 0));
    }

    pub(crate) fn draw_triangle_filled(self, [a, b, c]: [[f32; 2]; 3], color: u32) {
        let list = self.draw_list();
        raw!(self, ImDrawList_AddTriangleFilled(list, vec2(a), vec2(b), vec2(c), color));
    }

    pub(crate) fn draw_text(self, position: [f32; 2], color: u32, text: &str) {
        let list = self.draw_list();
        let range = text.as_bytes().as_ptr_range();
        raw!(self, ImDrawList_AddText_Vec2(list, vec2(position), color, range.start.cast(), range.end.cast()));
    }
}
