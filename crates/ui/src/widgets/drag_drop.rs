//! Dragging one widget onto another: rows of a tree, for one.

use super::Ui;
use crate::label::{with_name, with_text};
use core::fmt::Display;

/// What hovers over a widget, or was let go on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropped {
    /// What [`Ui::drag_source`] was given.
    pub payload: u64,
    /// Where over the widget the pointer is: 0 at its upper, 1 at its lower edge.
    pub height: f32,
    /// It was let go in this frame.
    pub delivered: bool,
}

impl Ui<'_> {
    /// The widget that was drawn last can be dragged onto one that takes this `kind`; `text` hangs at the pointer
    /// meanwhile. Whether it is being dragged. A kind is at most 31 bytes long.
    ///
    /// ```
    /// # use voltrum_ui::Ui;
    /// # fn layer(ui: Ui<'_>, names: &[&str]) -> Option<(usize, usize)> {
    /// let mut moved = None;
    /// for (index, name) in names.iter().enumerate() {
    ///     ui.selectable(name, false);
    ///     ui.drag_source("row", index as u64, name);
    ///     if let Some(dropped) = ui.drop_target("row").filter(|dropped| dropped.delivered) {
    ///         moved = Some((dropped.payload as usize, index));
    ///     }
    /// }
    /// moved
    /// # }
    /// ```
    pub fn drag_source(&self, kind: &str, payload: u64, text: impl Display) -> bool {
        let frame = self.frame;
        with_name(kind, |kind| frame.drag_source(kind, payload, || with_text(text, |text| frame.text(text))))
    }

    /// What of this `kind` hovers over the widget that was drawn last, or was let go on it.
    pub fn drop_target(&self, kind: &str) -> Option<Dropped> {
        let frame = self.frame;
        let (payload, delivered) = with_name(kind, |kind| frame.drop_target(kind))?;
        let (min, max) = frame.item_rect();
        let height = (frame.mouse_position()[1] - min[1]) / (max[1] - min[1]).max(1.0);
        Some(Dropped { payload, height: height.clamp(0.0, 1.0), delivered })
    }
}
