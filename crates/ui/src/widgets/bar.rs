//! Bars of coloured parts: who holds how much of a whole.

use super::{Item, Ui};
use crate::Color;
use crate::label::with_text;
use core::fmt::Display;

/// A part of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Its share of the whole bar, from 0 to 1.
    pub share: f32,
    /// Its colour.
    pub color: Color,
}

/// How a bar is shown.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Bar<'s> {
    segments: &'s [Segment],
    marks: &'s [Segment],
    background: Option<Color>,
    height: f32,
}

impl<'s> Bar<'s> {
    /// A bar of these parts, from left to right, as high as a line.
    pub const fn new(segments: &'s [Segment]) -> Bar<'s> {
        Bar { segments, marks: &[], background: None, height: 0.0 }
    }

    /// With lines across it, each at its share of the width: a limit, a peak.
    pub const fn marks(self, marks: &'s [Segment]) -> Bar<'s> {
        Bar { marks, ..self }
    }

    /// On this colour instead of the theme's field.
    pub const fn background(self, color: Color) -> Bar<'s> {
        Bar { background: Some(color), ..self }
    }

    /// That high, in physical pixels.
    pub const fn height(self, height: f32) -> Bar<'s> {
        Bar { height, ..self }
    }
}

impl Ui<'_> {
    /// A bar as wide as what is left, with a text on it (`""` for none). Hover it through the item that is returned, or
    /// give it a [`Ui::tooltip`].
    pub fn bar(&self, bar: Bar<'_>, overlay: impl Display) -> Item {
        let frame = self.frame;
        let height = if bar.height > 0.0 { bar.height } else { frame.line_height() + 4.0 * frame.scale() };
        let [x, y] = frame.cursor();
        let width = frame.available()[0].max(1.0);
        let (min, max) = ([x, y], [x + width, y + height]);
        let rounding = 2.0 * frame.scale();
        let background = bar.background.map_or_else(|| frame.field_color(), Color::packed);
        frame.draw_rect_filled(min, max, background, rounding);
        let mut left = 0.0f32;
        for segment in bar.segments {
            let right = (left + sane(segment.share)).min(1.0);
            if right > left {
                let (from, to) = ([x + width * left, y], [x + width * right, max[1]]);
                frame.draw_rect_filled(from, to, segment.color.packed(), rounding.min((to[0] - from[0]) * 0.5));
            }
            left = right;
        }
        for mark in bar.marks {
            let at = x + width * sane(mark.share).min(1.0);
            frame.draw_line([at, y], [at, max[1]], mark.color.packed(), frame.scale().max(1.0));
        }
        with_text(overlay, |text| {
            let [_, text_height] = frame.text_size(text);
            let at = [x + 6.0 * frame.scale(), y + (height - text_height) * 0.5];
            frame.with_clip(min, max, || frame.draw_text(at, frame.text_color(), text));
        });
        frame.dummy([width, height]);
        self.item()
    }
}

/// A share that is a number and not negative.
fn sane(share: f32) -> f32 {
    if share.is_finite() { share.max(0.0) } else { 0.0 }
}
