//! Free drawing into the current window.

use super::Ui;
use crate::label::with_text;
use crate::{Color, UiTexture};
use core::fmt::Display;

/// Draws behind the widgets that come next. Positions are physical pixels of the whole window, as [`Ui::cursor`] and
/// [`Area`](crate::Area) give them; what leaves the window is cut off.
#[derive(Clone, Copy)]
pub struct Draw<'u> {
    ui: Ui<'u>,
}

impl Draw<'_> {
    /// A line.
    pub fn line(&self, from: [f32; 2], to: [f32; 2], color: Color, thickness: f32) {
        self.ui.frame.draw_line(from, to, color.packed(), thickness);
    }

    /// The outline of a rectangle.
    pub fn rect(&self, min: [f32; 2], max: [f32; 2], color: Color, rounding: f32, thickness: f32) {
        self.ui.frame.draw_rect(min, max, color.packed(), rounding, thickness);
    }

    /// A filled rectangle.
    pub fn rect_filled(&self, min: [f32; 2], max: [f32; 2], color: Color, rounding: f32) {
        self.ui.frame.draw_rect_filled(min, max, color.packed(), rounding);
    }

    /// A filled circle.
    pub fn circle_filled(&self, center: [f32; 2], radius: f32, color: Color) {
        self.ui.frame.draw_circle_filled(center, radius, color.packed());
    }

    /// A filled triangle.
    pub fn triangle_filled(&self, corners: [[f32; 2]; 3], color: Color) {
        self.ui.frame.draw_triangle_filled(corners, color.packed());
    }

    /// A line through points, of which no more than 4,096 count.
    pub fn polyline(&self, points: &[[f32; 2]], color: Color, thickness: f32) {
        self.ui.frame.draw_polyline(points, color.packed(), thickness, false);
    }

    /// A line around a polygon.
    pub fn polygon(&self, points: &[[f32; 2]], color: Color, thickness: f32) {
        self.ui.frame.draw_polyline(points, color.packed(), thickness, true);
    }

    /// A filled polygon without dents.
    pub fn polygon_filled(&self, points: &[[f32; 2]], color: Color) {
        self.ui.frame.draw_polygon_filled(points, color.packed());
    }

    /// A text; `position` is its upper left corner.
    pub fn text(&self, position: [f32; 2], color: Color, text: impl Display) {
        with_text(text, |text| self.ui.frame.draw_text(position, color.packed(), text));
    }

    /// A picture.
    pub fn image(&self, texture: UiTexture, min: [f32; 2], max: [f32; 2]) {
        self.ui.frame.draw_image(texture.bits(), min, max);
    }

    /// What `content` draws is cut off at a rectangle.
    pub fn clipped<R>(&self, min: [f32; 2], max: [f32; 2], content: impl FnOnce() -> R) -> R {
        self.ui.frame.with_clip(min, max, content)
    }
}

impl<'u> Ui<'u> {
    /// Free drawing into whichever window is current when something is drawn.
    pub fn draw(&self) -> Draw<'u> {
        Draw { ui: *self }
    }
}
