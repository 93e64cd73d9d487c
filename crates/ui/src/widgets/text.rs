//! Text.

use super::Ui;
use crate::Color;
use crate::imgui::StyleColor;
use crate::label::{with_label, with_text};
use core::fmt::Display;

impl Ui<'_> {
    /// A line of text, or several.
    pub fn text(&self, text: impl Display) {
        with_text(text, |text| self.frame.text(text));
    }

    /// Text of any length, as it is.
    pub fn text_str(&self, text: &str) {
        self.frame.text(text);
    }

    /// Text in a colour.
    pub fn text_colored(&self, color: Color, text: impl Display) {
        self.frame.with_color(StyleColor::Text, color.packed(), || self.text(text));
    }

    /// Text that is less important.
    pub fn text_dim(&self, text: impl Display) {
        self.frame.with_color(StyleColor::Text, self.frame.dim_color(), || self.text(text));
    }

    /// Text that breaks at the window's edge; of any length.
    pub fn paragraph(&self, text: &str) {
        self.frame.with_wrap(|| self.frame.text(text));
    }

    /// The same, of anything that can be shown.
    pub fn paragraph_of(&self, text: impl Display) {
        with_text(text, |text| self.paragraph(text));
    }

    /// The same, in a colour.
    pub fn paragraph_colored(&self, color: Color, text: &str) {
        self.frame.with_color(StyleColor::Text, color.packed(), || self.paragraph(text));
    }

    /// Text at the right edge of what is left of the line.
    pub fn text_right(&self, text: impl Display) {
        with_text(text, |text| {
            let [width, _] = self.frame.text_size(text);
            let [left, _] = self.frame.available();
            if left > width {
                self.frame.skip(left - width);
            }
            self.frame.text(text);
        });
    }

    /// A name and its value, the value starting `indent` physical pixels from the left.
    pub fn label_value(&self, label: impl Display, indent: f32, value: impl Display) {
        self.text_dim(label);
        self.frame.same_line_at(indent);
        self.text(value);
    }

    /// A line with a heading in it.
    pub fn heading(&self, label: impl Display) {
        with_label(label, |label| self.frame.heading(label));
    }

    /// Width and height that a text will take, in physical pixels.
    pub fn text_size(&self, text: impl Display) -> [f32; 2] {
        with_text(text, |text| self.frame.text_size(text))
    }
}
