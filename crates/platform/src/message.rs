//! Messages: what the window system tells the program, in one type for the real window and its headless twin.

use crate::input::{InputMessage, Key, MouseButton};

/// One message, from the window system or posted by the program ([`post`](crate::post)).
///
/// The pump turns each into input or into deferred events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message<'m> {
    /// The person asked to close the window.
    CloseRequested,
    /// The drawable area has this width and height now, in physical pixels.
    Resized([u32; 2]),
    /// Physical pixels per logical pixel have changed.
    ScaleChanged(f32),
    /// The window has the keyboard (`true`) or lost it.
    Focused(bool),
    /// Some of the window can be seen (`true`), or it is covered or minimised.
    Visible(bool),
    /// A file was dropped on the window: its path.
    FileDropped(&'m str),
    /// What an input method is composing, not yet typed; empty when it is done.
    Composing(&'m str),
    /// A key, a character, the mouse.
    Input(InputMessage),
}

impl Message<'_> {
    /// A key goes down.
    pub fn key_down(key: Key) -> Self {
        Self::Input(InputMessage::Key { key, pressed: true, repeat: false })
    }

    /// A key goes up.
    pub fn key_up(key: Key) -> Self {
        Self::Input(InputMessage::Key { key, pressed: false, repeat: false })
    }

    /// A character was typed.
    pub fn character(character: char) -> Self {
        Self::Input(InputMessage::Character(character))
    }

    /// The mouse is at this place, in physical pixels from the upper left corner.
    pub fn mouse_moved(position: [f32; 2]) -> Self {
        Self::Input(InputMessage::MouseMoved(position))
    }

    /// A mouse button goes down.
    pub fn button_down(button: MouseButton) -> Self {
        Self::Input(InputMessage::MouseButton { button, pressed: true })
    }

    /// A mouse button goes up.
    pub fn button_up(button: MouseButton) -> Self {
        Self::Input(InputMessage::MouseButton { button, pressed: false })
    }

    /// The wheel turned by this many notches: y positive away from the person (content moves down), x positive to the left
    /// (content moves right).
    pub fn wheel(notches: [f32; 2]) -> Self {
        Self::Input(InputMessage::Wheel(notches))
    }
}

impl From<InputMessage> for Message<'_> {
    fn from(message: InputMessage) -> Self {
        Self::Input(message)
    }
}
