//! Curves of numbers over time: milliseconds per frame, bytes in use.

use super::{Item, Ui};
use crate::label::with_text;
use crate::{Color, Theme};
use core::fmt::Display;
use core::ops::RangeInclusive;

/// How a curve is shown.
#[derive(Clone, Debug)]
#[must_use]
pub struct Plot {
    range: RangeInclusive<f32>,
    color: Color,
    limit: Option<f32>,
    height: f32,
}

impl Plot {
    /// A curve, three lines high, whose lower and upper edge stand for the ends of `range`.
    pub const fn new(range: RangeInclusive<f32>) -> Plot {
        Plot { range, color: Theme::SERIES[0], limit: None, height: 0.0 }
    }

    /// In this colour.
    pub const fn color(mut self, color: Color) -> Plot {
        self.color = color;
        self
    }

    /// With a line across at that value.
    pub const fn limit(mut self, limit: f32) -> Plot {
        self.limit = Some(limit);
        self
    }

    /// That high, in physical pixels.
    pub const fn height(mut self, height: f32) -> Plot {
        self.height = height;
        self
    }

    /// Where a value stands, 0 at the lower and 1 at the upper edge.
    fn level(&self, value: f32) -> f32 {
        let (start, end) = (*self.range.start(), *self.range.end());
        let level = (value - start) / (end - start);
        if level.is_finite() { level.clamp(0.0, 1.0) } else { f32::from(u8::from(level > 0.0)) }
    }
}

impl Ui<'_> {
    /// A curve as wide as what is left, through `values` from left to right, with a text on it (`""` for none).
    ///
    /// ```
    /// # use voltrum_ui::{Plot, Ui};
    /// # fn layer(ui: Ui<'_>, millis: &[f32], newest: usize) {
    /// let (newer, older) = millis.split_at(newest);
    /// ui.plot(Plot::new(0.0..=33.0).limit(16.7), older.iter().chain(newer).copied(), "frame time");
    /// # }
    /// ```
    pub fn plot(&self, plot: Plot, values: impl Iterator<Item = f32> + Clone, overlay: impl Display) -> Item {
        let frame = self.frame;
        let height = if plot.height > 0.0 { plot.height } else { 3.0 * frame.line_height() };
        let [x, y] = frame.cursor();
        let width = frame.available()[0].max(1.0);
        let (min, max) = ([x, y], [x + width, y + height]);
        let stroke = frame.scale().max(1.0);
        frame.draw_rect_filled(min, max, frame.field_color(), 0.0);
        // half a line stays inside at both edges
        let at = |level: f32| max[1] - stroke - level * (height - 2.0 * stroke).max(0.0);
        if let Some(limit) = plot.limit {
            let level = at(plot.level(limit));
            frame.draw_line([x, level], [max[0], level], frame.theme().warning.with_alpha(0.5).packed(), stroke);
        }
        frame.with_clip(min, max, || {
            let step = width / values.clone().count().saturating_sub(1).max(1) as f32;
            let mut last = None;
            for (index, value) in values.enumerate() {
                let point = [x + step * index as f32, at(plot.level(value))];
                if let Some(last) = last {
                    frame.draw_line(last, point, plot.color.packed(), stroke);
                }
                last = Some(point);
            }
            with_text(overlay, |text| {
                let inset = 4.0 * frame.scale();
                frame.draw_text([x + inset, y + inset], frame.text_color(), text);
            });
        });
        frame.dummy([width, height]);
        self.item()
    }
}
