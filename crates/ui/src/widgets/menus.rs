//! Menus, pop-ups and tabs.

use super::Ui;
use crate::label::{with_label, with_name};
use core::fmt::Display;

/// Inside a pop-up: it can be closed.
#[derive(Clone, Copy)]
pub struct Popup<'u> {
    ui: Ui<'u>,
}

impl Popup<'_> {
    /// Closes it; the rest of its content is still drawn in this frame.
    pub fn close(&self) {
        self.ui.frame.close_popup();
    }
}

impl<'u> Ui<'u> {
    /// The menu bar along the upper edge of the whole window; filled with [`Ui::menu`].
    pub fn main_menu<R>(&self, content: impl FnOnce() -> R) -> Option<R> {
        self.frame.main_menu(content)
    }

    /// A menu in the menu bar, or in another menu.
    pub fn menu<R>(&self, label: impl Display, content: impl FnOnce() -> R) -> Option<R> {
        with_name(label, |label| self.frame.menu(label, true, content))
    }

    /// A menu in the menu bar that also opens by Alt and `letter`, and by F10 where it is the first. Arrows, Enter and Escape
    /// work in it.
    pub fn menu_keyed<R>(
        &self,
        label: impl Display,
        letter: char,
        is_first: bool,
        content: impl FnOnce() -> R,
    ) -> Option<R> {
        with_name(label, |label| {
            self.frame.menu_key(label, letter, is_first);
            self.frame.menu(label, true, content)
        })
    }

    /// An entry of a menu; whether it was picked. `shortcut` is shown only, `""` for none.
    pub fn menu_item(&self, label: impl Display, shortcut: impl Display) -> bool {
        self.menu_entry(label, shortcut, false, true)
    }

    /// An entry that is greyed out unless `enabled`; whether it was picked.
    pub fn menu_item_if(&self, enabled: bool, label: impl Display, shortcut: impl Display) -> bool {
        self.menu_entry(label, shortcut, false, enabled)
    }

    /// An entry with a tick; whether it was picked, and `value` is the other one then.
    pub fn menu_toggle(&self, label: impl Display, shortcut: impl Display, value: &mut bool) -> bool {
        let picked = self.menu_entry(label, shortcut, *value, true);
        *value ^= picked;
        picked
    }

    fn menu_entry(&self, label: impl Display, shortcut: impl Display, selected: bool, enabled: bool) -> bool {
        with_name(label, |label| {
            with_label(shortcut, |shortcut| self.frame.menu_item(label, shortcut, selected, enabled))
        })
    }

    /// Opens the pop-up of that name, which [`Ui::popup`] or [`Ui::modal`] draws: in the same window, from now on.
    pub fn open_popup(&self, name: impl Display) {
        with_name(name, |name| self.frame.open_popup(name));
    }

    /// A pop-up that closes when the pointer clicks elsewhere; there only after [`Ui::open_popup`].
    pub fn popup<R>(&self, name: impl Display, content: impl FnOnce(Popup<'u>) -> R) -> Option<R> {
        with_name(name, |name| self.frame.popup(name, || content(Popup { ui: *self })))
    }

    /// A pop-up that blocks everything else until it or Escape closes it; there only after [`Ui::open_popup`].
    pub fn modal<R>(&self, name: impl Display, content: impl FnOnce(Popup<'u>) -> R) -> Option<R> {
        with_name(name, |name| self.frame.modal(name, || content(Popup { ui: *self })))
    }

    /// A pop-up on a right click on the widget that was drawn last.
    pub fn context_menu<R>(&self, name: impl Display, content: impl FnOnce(Popup<'u>) -> R) -> Option<R> {
        with_name(name, |name| self.frame.context_menu(name, || content(Popup { ui: *self })))
    }

    /// A row of tabs, filled with [`Ui::tab`].
    pub fn tabs<R>(&self, name: impl Display, content: impl FnOnce() -> R) -> Option<R> {
        with_name(name, |name| self.frame.tab_bar(name, content))
    }

    /// One tab; `content` runs when it is in front.
    pub fn tab<R>(&self, label: impl Display, content: impl FnOnce() -> R) -> Option<R> {
        with_name(label, |label| self.frame.tab(label, content))
    }
}
