//! Buttons, boxes and choices.

use super::Ui;
use crate::Color;
use crate::imgui::StyleColor;
use crate::label::{with_label, with_name};
use core::fmt::Display;

impl Ui<'_> {
    /// A button; whether it was pressed.
    pub fn button(&self, label: impl Display) -> bool {
        self.button_sized(label, [0.0, 0.0])
    }

    /// A button of that width and height in physical pixels; 0 fits the label, a negative number leaves that much.
    pub fn button_sized(&self, label: impl Display, size: [f32; 2]) -> bool {
        with_name(label, |label| self.frame.button(label, size))
    }

    /// A button that shows whether what it stands for is on; whether it was pressed.
    pub fn toggle(&self, label: impl Display, on: bool) -> bool {
        if !on {
            return self.button(label);
        }
        let color = self.theme().accent_dim.packed();
        self.frame.with_color(StyleColor::Button, color, || self.button(label))
    }

    /// The keyboard starts at the widget that was drawn last when the pop-up that it is in appears.
    pub fn focus_first(&self) {
        self.frame.focus_first();
    }

    /// A button that is no higher than a line of text.
    pub fn small_button(&self, label: impl Display) -> bool {
        with_name(label, |label| self.frame.small_button(label))
    }

    /// A box to tick; whether it was changed.
    pub fn checkbox(&self, label: impl Display, value: &mut bool) -> bool {
        with_name(label, |label| self.frame.checkbox(label, value))
    }

    /// One of several choices; whether it was picked.
    pub fn radio(&self, label: impl Display, active: bool) -> bool {
        with_name(label, |label| self.frame.radio(label, active))
    }

    /// A line that can be picked; whether it was.
    pub fn selectable(&self, label: impl Display, selected: bool) -> bool {
        with_name(label, |label| self.frame.selectable(label, selected, false))
    }

    /// A line that can be picked, in a colour; whether it was.
    pub fn selectable_colored(&self, color: Color, label: impl Display) -> bool {
        self.frame.with_color(StyleColor::Text, color.packed(), || self.selectable(label, false))
    }

    /// A line that can be picked, and is less important; whether it was.
    pub fn selectable_dim(&self, label: impl Display) -> bool {
        self.frame.with_color(StyleColor::Text, self.frame.dim_color(), || self.selectable(label, false))
    }

    /// A line that can be picked, as wide as the table that it is in; whether it was.
    pub fn selectable_row(&self, label: impl Display, selected: bool) -> bool {
        with_name(label, |label| self.frame.selectable(label, selected, true))
    }

    /// A field that opens a list; `content` fills it, usually with [`Ui::selectable`].
    pub fn combo<R>(&self, label: impl Display, preview: impl Display, content: impl FnOnce() -> R) -> Option<R> {
        with_name(label, |label| with_label(preview, |preview| self.frame.combo(label, preview, content)))
    }

    /// A field that offers `choices`; whether another was picked, whose index `chosen` is then.
    pub fn choose<T: Display>(&self, label: impl Display, chosen: &mut usize, choices: &[T]) -> bool {
        let before = *chosen;
        let mut pick = || {
            for (index, choice) in choices.iter().enumerate() {
                if self.frame.with_id(index as u64, || self.selectable(choice, index == before)) {
                    *chosen = index;
                }
            }
        };
        match choices.get(before) {
            Some(preview) => self.combo(label, preview, &mut pick),
            None => self.combo(label, "", &mut pick),
        };
        *chosen != before
    }
}
