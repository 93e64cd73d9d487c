//! Bars of coloured parts: who holds how much of a whole.

use super::{Item, Ui};
use crate::label::with_text;
use crate::{Color, Theme};
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
    centered: bool,
}

impl<'s> Bar<'s> {
    /// A bar of these parts, from left to right, as high as a line.
    pub const fn new(segments: &'s [Segment]) -> Bar<'s> {
        Bar { segments, marks: &[], background: None, height: 0.0, centered: false }
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
        let height = if bar.height > 0.0 { bar.height } else { frame.line_height() + 6.0 * frame.scale() };
        let [x, y] = frame.cursor();
        let width = frame.available()[0].max(1.0);
        let (min, max) = ([x, y], [x + width, y + height]);
        let background = bar.background.map_or_else(|| frame.field_color(), Color::packed);
        frame.draw_rect_filled(min, max, background, 0.0);
        let mut left = 0.0f32;
        for segment in bar.segments {
            let right = (left + sane(segment.share)).min(1.0);
            if right > left {
                let (from, to) = ([x + width * left, y], [x + width * right, max[1]]);
                frame.draw_rect_filled(from, to, segment.color.packed(), 0.0);
            }
            left = right;
        }
        for mark in bar.marks {
            let at = x + width * sane(mark.share).min(1.0);
            frame.draw_line([at, y], [at, max[1]], mark.color.packed(), frame.scale().max(1.0));
        }
        with_text(overlay, |text| {
            let [text_width, text_height] = frame.text_size(text);
            let indent = if bar.centered { (width - text_width) * 0.5 } else { 6.0 * frame.scale() };
            let at = [(x + indent).round(), (y + (height - text_height) * 0.5).round()];
            frame.with_clip(min, max, || {
                // readable on any colour of a part
                let shadow = Color::BLACK.with_alpha(0.55).packed();
                frame.draw_text([at[0] + 1.0, at[1] + 1.0], shadow, text);
                frame.draw_text(at, frame.text_color(), text);
            });
        });
        frame.dummy([width, height]);
        self.item()
    }

    /// How far something has come, from 0 to 1, with a text on it.
    pub fn progress(&self, fraction: f32, overlay: impl Display) -> Item {
        self.progress_colored(fraction, Theme::SERIES[0], overlay)
    }

    /// The same, in a colour.
    pub fn progress_colored(&self, fraction: f32, color: Color, overlay: impl Display) -> Item {
        let done = [Segment { share: fraction, color }];
        let bar = Bar { centered: true, ..Bar::new(&done).height(self.frame.frame_height()) };
        self.bar(bar, overlay)
    }
}

/// A share that is a number and not negative.
fn sane(share: f32) -> f32 {
    if share.is_finite() { share.max(0.0) } else { 0.0 }
}
