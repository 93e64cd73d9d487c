//! Input messages: what keyboard and mouse did, one thing at a time and in order.

use super::key::{Key, Modifiers, MouseButton};

/// One thing that keyboard or mouse did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InputMessage {
    /// A key went down or up.
    Key {
        /// Which one.
        key: Key,
        /// Down, or up.
        pressed: bool,
        /// The keyboard repeats a key that is held.
        repeat: bool,
    },
    /// A character was typed; no control characters.
    Character(char),
    /// The modifiers that are held from now on.
    Modifiers(Modifiers),
    /// The mouse is here now, in physical pixels from the upper left corner of the drawable area.
    MouseMoved([f32; 2]),
    /// The mouse has left the window.
    MouseLeft,
    /// A mouse button went down or up.
    MouseButton {
        /// Which one.
        button: MouseButton,
        /// Down, or up.
        pressed: bool,
    },
    /// The wheel turned by this many notches: y positive away from the person (content moves down), x positive to the left
    /// (content moves right).
    Wheel([f32; 2]),
    /// The window has the keyboard (`true`) or lost it; losing it releases every key and button.
    Focus(bool),
    /// Every key and button counts as released: more was sent in one frame than the list holds.
    ReleasedAll,
}
