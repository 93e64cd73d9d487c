//! Free drawing into the current window. Positions are physical pixels from the window's top left corner.

use super::frame::{Frame, raw};
use super::vec2;
use dear_imgui_sys as sys;

/// More points than any curve of an interface has.
const POINTS_MAX: usize = 4_096;

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

    /// A line through points, or around them.
    pub(crate) fn draw_polyline(self, points: &[[f32; 2]], color: u32, thickness: f32, closed: bool) {
        let list = self.draw_list();
        let flags = if closed { sys::ImDrawFlags_Closed } else { 0 };
        let count = points.len().min(POINTS_MAX) as i32;
        raw!(self, ImDrawList_AddPolyline(list, points.as_ptr().cast(), count, color, thickness, flags));
    }

    /// A filled polygon without dents.
    pub(crate) fn draw_polygon_filled(self, points: &[[f32; 2]], color: u32) {
        let list = self.draw_list();
        let count = points.len().min(POINTS_MAX) as i32;
        raw!(self, ImDrawList_AddConvexPolyFilled(list, points.as_ptr().cast(), count, color, 0));
    }

    /// A line, a box behind it and a text, in front of all windows.
    pub(crate) fn draw_note_in_front(self, at: [f32; 2], text: &str, colors: [u32; 2]) {
        let list = raw!(self, igGetForegroundDrawList_ViewportPtr(core::ptr::null_mut()));
        let [width, height] = self.text_size(text);
        let end = [at[0] + width, at[1] + height];
        let range = text.as_bytes().as_ptr_range();
        raw!(self, ImDrawList_AddRectFilled(list, vec2(at), vec2(end), colors[0], 0.0, 0));
        raw!(self, ImDrawList_AddText_Vec2(list, vec2(at), colors[1], range.start.cast(), range.end.cast()));
        let from = [at[0], end[1]];
        raw!(self, ImDrawList_AddLine(list, vec2(from), vec2(end), colors[1], self.scale(), 0));
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
