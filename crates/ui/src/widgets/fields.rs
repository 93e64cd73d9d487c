//! Fields: numbers, colours and text that are edited in place.

use super::Ui;
use crate::imgui::Unit;
use crate::label::{with_label, with_name};
use crate::{Color, Theme};
use core::fmt::{self, Display};
use core::ops::RangeInclusive;

/// A text of at most `N` − 1 bytes that a person can edit. Lives wherever its owner does; allocates nothing.
///
/// ```
/// use voltrum_ui::TextField;
///
/// let mut path = TextField::<256>::new();
/// path.set("assets/sample.glb");
/// assert_eq!(path.as_str(), "assets/sample.glb");
/// ```
#[derive(Clone)]
pub struct TextField<const N: usize> {
    bytes: [u8; N],
}

impl<const N: usize> TextField<N> {
    /// An empty text.
    pub const fn new() -> TextField<N> {
        const { assert!(N >= 2, "a text field has room for one byte and its end") }
        TextField { bytes: [0; N] }
    }

    /// Replaces the text; what is too long is left out, at a character. `false` when some was, or when a NUL ended it.
    pub fn set(&mut self, text: &str) -> bool {
        let wanted = text.split('\0').next().unwrap_or_default();
        let kept = wanted.get(..wanted.floor_char_boundary(N - 1)).unwrap_or_default();
        self.bytes.fill(0);
        if let Some(room) = self.bytes.get_mut(..kept.len()) {
            room.copy_from_slice(kept.as_bytes());
        }
        kept.len() == text.len()
    }

    /// Replaces the text by others behind each other; what is too long is left out. `false` when some was.
    pub fn set_parts(&mut self, parts: &[&str]) -> bool {
        self.bytes.fill(0);
        let mut end = 0;
        for part in parts {
            let kept = part.get(..part.floor_char_boundary(N - 1 - end)).unwrap_or_default();
            if let Some(room) = self.bytes.get_mut(end..end + kept.len()) {
                room.copy_from_slice(kept.as_bytes());
            }
            end += kept.len();
            if kept.len() < part.len() {
                return false;
            }
        }
        true
    }

    /// Makes it empty.
    pub fn clear(&mut self) {
        self.bytes.fill(0);
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let text = self.bytes.split(|&byte| byte == 0).next().unwrap_or_default();
        match core::str::from_utf8(text) {
            Ok(text) => text,
            // a character that was cut at the end of the room
            Err(error) => core::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
        }
    }

    /// Whether nothing is written in it.
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

/// How numbers are dragged and shown.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Number {
    speed: f32,
    decimals: u8,
    unit: Unit,
    range: Option<[f32; 2]>,
}

impl Number {
    /// Changes by 0.01 per pixel, three decimals, no unit, no limits.
    pub const fn new() -> Number {
        Number { speed: 0.01, decimals: 3, unit: Unit::None, range: None }
    }

    /// Changes by so much per pixel.
    pub const fn speed(self, speed: f32) -> Number {
        Number { speed, ..self }
    }

    /// With 0 to 5 decimals.
    pub const fn decimals(self, decimals: u8) -> Number {
        Number { decimals, ..self }
    }

    /// Measured in that.
    pub const fn unit(self, unit: Unit) -> Number {
        Number { unit, ..self }
    }

    /// Kept between two others.
    pub const fn range(self, min: f32, max: f32) -> Number {
        Number { range: Some([min, max]), ..self }
    }
}

impl Default for Number {
    fn default() -> Number {
        Number::new()
    }
}

/// What happened to fields that belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edited {
    /// A value was changed in this frame.
    pub changed: bool,
    /// One is being held or edited.
    pub active: bool,
    /// An edit has just come to an end: what was changed is one step.
    pub committed: bool,
}

impl Edited {
    /// Adds what happened to the field that was drawn last, and marks its edge.
    fn join(&mut self, ui: &Ui<'_>, color: Color) {
        let item = ui.item();
        self.active |= item.active;
        self.committed |= item.committed;
        let width = 2.0 * ui.scale();
        ui.draw().rect_filled(item.min, [item.min[0] + width, item.max[1]], color, 0.0);
    }
}

impl<const N: usize> Default for TextField<N> {
    fn default() -> TextField<N> {
        TextField::new()
    }
}

impl<const N: usize> fmt::Debug for TextField<N> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

impl Ui<'_> {
    /// A number between two others; whether it was changed. `decimals` from 0 to 5.
    pub fn slider(&self, label: impl Display, value: &mut f32, range: RangeInclusive<f32>, decimals: u8) -> bool {
        with_name(label, |label| self.frame.slider(label, value, [*range.start(), *range.end()], decimals))
    }

    /// A whole number between two others; whether it was changed.
    pub fn slider_int(&self, label: impl Display, value: &mut i32, range: RangeInclusive<i32>) -> bool {
        with_name(label, |label| self.frame.slider_int(label, value, [*range.start(), *range.end()]))
    }

    /// One to four numbers that change by `speed` per pixel dragged, or by typing; whether one was changed.
    pub fn drag(&self, label: impl Display, values: &mut [f32], speed: f32, decimals: u8) -> bool {
        self.number(label, values, Number { speed, decimals, ..Number::new() })
    }

    /// One to four numbers that change by dragging or typing, measured in something; whether one was changed.
    /// [`Ui::item`] tells when such an edit begins and ends.
    pub fn number(&self, label: impl Display, values: &mut [f32], number: Number) -> bool {
        if values.is_empty() {
            return false;
        }
        let shown = (number.decimals, number.unit);
        with_name(label, |label| self.frame.drag(label, values, number.speed, shown, number.range))
    }

    /// Three numbers along X, Y and Z in the width that is left, each with its axis' colour at its edge; what happened
    /// to them in this frame.
    pub fn vector(&self, name: impl Display, values: &mut [f32; 3], number: Number) -> Edited {
        let mut edited = Edited::default();
        let gap = 4.0 * self.scale();
        let width = ((self.available()[0] - 2.0 * gap) / 3.0).max(1.0);
        with_label(name, |name| {
            let name = name.to_str().unwrap_or_default();
            let axes = [("X", Theme::SERIES[4]), ("Y", Theme::SERIES[2]), ("Z", Theme::SERIES[5])];
            for (at, (value, (axis, color))) in values.iter_mut().zip(axes).enumerate() {
                if at > 0 {
                    self.frame.same_line(gap);
                }
                let field = core::slice::from_mut(value);
                edited.changed |=
                    self.with_width(width, || self.number(format_args!("##{name} {axis}"), field, number));
                edited.join(self, color);
            }
        });
        edited
    }

    /// A colour, each part from 0 to 1; whether it was changed.
    pub fn color(&self, label: impl Display, value: &mut [f32; 3]) -> bool {
        with_name(label, |label| self.frame.color3(label, value))
    }

    /// A colour with alpha, each part from 0 to 1; whether it was changed.
    pub fn color_alpha(&self, label: impl Display, value: &mut [f32; 4]) -> bool {
        with_name(label, |label| self.frame.color4(label, value))
    }

    /// A field of text; `true` when Enter was pressed in it. The text changes as it is typed.
    pub fn input_text<const N: usize>(&self, label: impl Display, field: &mut TextField<N>) -> bool {
        self.input_text_hint(label, "", field)
    }

    /// The same, showing `hint` while it is empty.
    pub fn input_text_hint<const N: usize>(
        &self,
        label: impl Display,
        hint: impl Display,
        field: &mut TextField<N>,
    ) -> bool {
        with_name(label, |label| with_label(hint, |hint| self.frame.input_text(label, hint, &mut field.bytes)))
    }

    /// The keyboard goes to the widget that comes next.
    pub fn focus_next(&self) {
        self.frame.focus_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_at_a_character() {
        let mut field = TextField::<6>::new();
        assert!(field.set("abcde"));
        assert_eq!(field.as_str(), "abcde");
        assert!(!field.set("abcdé"));
        assert_eq!(field.as_str(), "abcd");
        assert!(!field.set("ab\0cd"));
        assert_eq!(field.as_str(), "ab");
        field.clear();
        assert!(field.is_empty());
    }
}
