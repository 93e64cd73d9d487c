//! The widget that was drawn last: what happened to it and where it is.

use super::{MouseButton, Ui};
use core::fmt::Display;

/// What happened to a widget in this frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// The pointer is over it and nothing covers it.
    pub hovered: bool,
    /// It is being held or edited.
    pub active: bool,
    /// It has the keyboard.
    pub focused: bool,
    /// The left button went down on it.
    pub clicked: bool,
    /// The left button went down on it twice, quickly.
    pub double_clicked: bool,
    /// An edit of it has just come to an end: the moment to record one step of undo.
    pub committed: bool,
    /// It was being held or edited, and is no longer.
    pub left: bool,
    /// Left and top, in physical pixels of the window.
    pub min: [f32; 2],
    /// Right and bottom.
    pub max: [f32; 2],
}

impl Ui<'_> {
    /// The widget that was drawn last.
    pub fn item(&self) -> Item {
        let frame = self.frame;
        let (min, max) = frame.item_rect();
        let left = MouseButton::Left as i32;
        let hovered = frame.item_hovered();
        Item {
            hovered,
            active: frame.item_active(),
            focused: frame.item_focused(),
            clicked: frame.item_clicked(left),
            double_clicked: hovered && frame.mouse_double_clicked(left),
            committed: frame.item_committed(),
            left: frame.item_left(),
            min,
            max,
        }
    }

    /// A text that appears when the pointer rests on the widget that was drawn last.
    pub fn tooltip(&self, text: impl Display) {
        self.frame.item_tooltip(|| self.text(text));
    }

    /// Widgets that appear when the pointer rests on the widget that was drawn last.
    pub fn tooltip_with<R>(&self, content: impl FnOnce() -> R) -> Option<R> {
        self.frame.item_tooltip(content)
    }

    /// Widgets at the pointer, now.
    pub fn tooltip_now<R>(&self, content: impl FnOnce() -> R) -> Option<R> {
        self.frame.tooltip(content)
    }
}
