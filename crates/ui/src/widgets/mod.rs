//! The widgets: what layers draw with.
//!
//! A [`Ui`] is a copyable handle on the open frame. Labels and texts are anything that implements `Display`, formatted
//! on the stack: labels up to 500 bytes, texts up to 2,000. What follows `##` in a label is not shown but tells two
//! widgets of the same name apart; `###` starts the identity.
//!
//! What contains other widgets takes a closure and returns `Some` of what that returned, or `None` when it was hidden
//! and the closure did not run.

mod area;
mod bar;
mod buttons;
mod drag_drop;
mod draw;
mod fields;
mod item;
mod menus;
mod place;
mod plot;
mod table;
mod text;
mod tree;
mod window;

pub use crate::imgui::Unit;
pub use area::{Area, MouseButton};
pub use bar::{Bar, Segment};
pub use drag_drop::Dropped;
pub use draw::Draw;
pub use fields::{Edited, Number, TextField};
pub use item::Item;
pub use menus::Popup;
pub use plot::Plot;
pub use table::{Column, Table, TableStyle};
pub use tree::{TreeItem, TreeNode};
pub use window::{Region, Window};

use crate::imgui::Frame;

/// The open frame's widgets; from [`widgets`](crate::widgets).
#[derive(Clone, Copy)]
pub struct Ui<'u> {
    frame: Frame<'u>,
}

impl<'u> Ui<'u> {
    pub(crate) fn new(frame: Frame<'u>) -> Ui<'u> {
        Ui { frame }
    }

    /// The colours and measures that all of it is drawn in.
    pub fn theme(&self) -> &'u crate::Theme {
        self.frame.theme()
    }
}
