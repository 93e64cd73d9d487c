//! Input: keyboard and mouse, as a state with edges and as this frame's messages in order.
//!
//! The pump pushes messages as they come; [`update`] publishes what came since the last one as *this frame*. Between two
//! updates every question gets the same answer, however often the pump runs.
//!
//! # Invariants
//! 1. Every press is followed by a release, also when the window loses the keyboard in between: losing it releases all.
//! 2. A key pressed and released between two frames shows both edges, although it is not down.
//! 3. State never depends on the message list: where the list is full, state is still right, and the list's last entry says
//!    [`InputMessage::ReleasedAll`], so that who follows the list is left with no key that hangs.
//!
//! # Deliberately absent
//! Game controllers, touch, key bindings: a client's matter.

mod key;
mod message;
mod snapshot;

pub use key::{Key, Modifiers, MouseButton};
pub use message::InputMessage;

use snapshot::Snapshot;
use voltrum_memory::{ArenaBox, Tag, Tagged};

use crate::error::PlatformError;

/// Messages that one frame can hold. A mouse that reports 8,000 times a second fills an eighth of it in a frame, and moves
/// are merged anyway.
pub const MESSAGES_MAX: usize = 1024;

/// Bytes of a composition that are kept; the rest is not shown, and is typed all the same.
const COMPOSITION_BYTES_MAX: usize = 256;

/// Keyboard and mouse.
pub struct InputState<'app> {
    /// What the frame sees.
    current: Snapshot,
    /// What the pump writes.
    incoming: Snapshot,
    current_messages: MessageList<'app>,
    incoming_messages: MessageList<'app>,
    messages_dropped: u64,
    /// What an input method is composing.
    composition: [u8; COMPOSITION_BYTES_MAX],
    composition_bytes: usize,
}

struct MessageList<'app> {
    slots: &'app mut [InputMessage],
    len: usize,
}

/// Brings input up: nothing is held, the mouse is outside.
///
/// # Errors
/// [`PlatformError::Memory`] when the arena is full.
pub fn startup<'app>(permanent: Tagged<'app>) -> Result<ArenaBox<'app, InputState<'app>>, PlatformError> {
    let permanent = permanent.with_tag(Tag::INPUT);
    let list = || -> Result<MessageList<'app>, PlatformError> {
        let slots = permanent.try_alloc_slice_fill_with(MESSAGES_MAX, |_| InputMessage::MouseLeft)?;
        Ok(MessageList { slots, len: 0 })
    };
    let state = InputState {
        current: Snapshot::new(),
        incoming: Snapshot::new(),
        current_messages: list()?,
        incoming_messages: list()?,
        messages_dropped: 0,
        composition: [0; COMPOSITION_BYTES_MAX],
        composition_bytes: 0,
    };
    Ok(permanent.try_alloc_box(state)?)
}

/// Takes one message in; it shows from the next [`update`] on.
pub fn push(input: &mut InputState<'_>, message: InputMessage) {
    input.incoming.apply(message);
    let list = &mut input.incoming_messages;
    if let InputMessage::MouseMoved(_) = message
        && let Some(last @ InputMessage::MouseMoved(_)) = list.slots[..list.len].last_mut()
    {
        *last = message;
        return;
    }
    // the last slot is kept for the word that the list is not whole
    if list.len + 1 < list.slots.len() {
        list.slots[list.len] = message;
        list.len += 1;
    } else {
        if list.len < list.slots.len() {
            list.slots[list.len] = InputMessage::ReleasedAll;
            list.len += 1;
        }
        input.messages_dropped += 1;
    }
}

/// Begins a frame: what came in since the last call is this frame's input.
pub fn update(input: &mut InputState<'_>) {
    input.current = input.incoming;
    input.incoming.begin_frame();
    std::mem::swap(&mut input.current_messages, &mut input.incoming_messages);
    input.incoming_messages.len = 0;
}

/// Whether the key is held.
pub fn is_key_down(input: &InputState<'_>, key: Key) -> bool {
    input.current.down.contains(key)
}

/// Whether the key went down in this frame. Repeats of a held key don't count.
pub fn was_key_pressed(input: &InputState<'_>, key: Key) -> bool {
    input.current.pressed.contains(key)
}

/// Whether the key went up in this frame.
pub fn was_key_released(input: &InputState<'_>, key: Key) -> bool {
    input.current.released.contains(key)
}

/// What was typed in this frame.
pub fn text<'i>(input: &'i InputState<'_>) -> &'i str {
    input.current.text()
}

/// Takes in what an input method is composing; empty when it is done. It shows at once: the text is not typed yet.
pub fn compose(input: &mut InputState<'_>, text: &str) {
    let kept = &text[..text.floor_char_boundary(COMPOSITION_BYTES_MAX)];
    input.composition[..kept.len()].copy_from_slice(kept.as_bytes());
    input.composition_bytes = kept.len();
}

/// What an input method is composing, to be shown at the text cursor; empty when it isn't.
pub fn composition<'i>(input: &'i InputState<'_>) -> &'i str {
    // only whole characters are ever kept
    std::str::from_utf8(&input.composition[..input.composition_bytes]).unwrap_or_default()
}

/// Which modifiers are held.
pub fn modifiers(input: &InputState<'_>) -> Modifiers {
    input.current.modifiers
}

/// Where the mouse is, or was when it left the window: physical pixels from the upper left corner.
pub fn mouse_position(input: &InputState<'_>) -> [f32; 2] {
    input.current.mouse
}

/// How far the mouse moved in this frame, in physical pixels.
pub fn mouse_delta(input: &InputState<'_>) -> [f32; 2] {
    input.current.mouse_delta
}

/// Whether the mouse is over the window, or dragging out of it with a button held.
pub fn is_mouse_inside(input: &InputState<'_>) -> bool {
    input.current.mouse_inside
}

/// How far the wheel turned in this frame, in notches; signs as in [`InputMessage::Wheel`].
pub fn wheel(input: &InputState<'_>) -> [f32; 2] {
    input.current.wheel
}

/// Whether the mouse button is held.
pub fn is_button_down(input: &InputState<'_>, button: MouseButton) -> bool {
    input.current.buttons_down[button as usize]
}

/// Whether the mouse button went down in this frame.
pub fn was_button_pressed(input: &InputState<'_>, button: MouseButton) -> bool {
    input.current.buttons_pressed[button as usize]
}

/// Whether the mouse button went up in this frame.
pub fn was_button_released(input: &InputState<'_>, button: MouseButton) -> bool {
    input.current.buttons_released[button as usize]
}

/// Whether the window has the keyboard.
pub fn is_focused(input: &InputState<'_>) -> bool {
    input.current.focused
}

/// This frame's messages, in the order in which they happened; mouse moves in a row are merged into the last.
pub fn messages<'i>(input: &'i InputState<'_>) -> &'i [InputMessage] {
    &input.current_messages.slots[..input.current_messages.len]
}

/// How many messages and characters did not fit into their frame since start-up.
pub fn dropped(input: &InputState<'_>) -> u64 {
    input.messages_dropped + input.current.text_dropped
}
