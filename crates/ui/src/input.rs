//! From the platform's input messages to Dear ImGui's input queue, one by one and in order.

use crate::imgui::Context;
use dear_imgui_sys as sys;
use voltrum_platform::input::{InputMessage, Key, Modifiers};

/// Hands this frame's messages over. `is_commanding` is kept from call to call: whether Ctrl, Alt or the logo key is held.
///
/// While a field is edited, keys that type are left out, and what they type stands for them: the library takes a key and a
/// character in frames of their own, and a text would arrive long after it was typed.
///
/// A key that went down before a modifier changes goes up before that, too: the library then keeps the rest for its next
/// frame. It knows one state of the modifiers per frame, and what a fast hand lets go in the same one was not held for it.
pub(crate) fn feed(context: &Context, messages: &[InputMessage], is_commanding: &mut bool) {
    let is_typing = context.wants_text();
    let mut went_down = None;
    for message in messages {
        match *message {
            InputMessage::Modifiers(held) => *is_commanding = held.control || held.alt || held.logo,
            InputMessage::Focus(_) | InputMessage::ReleasedAll => *is_commanding = false,
            InputMessage::Key { key, pressed, .. } => {
                let modifier = modifier_of(key).filter(|modifier| *modifier != sys::ImGuiMod_Shift);
                *is_commanding = if modifier.is_some() { pressed } else { *is_commanding };
                // that it goes up is told all the same: it may have gone down before
                if is_typing && pressed && !*is_commanding && types(key) {
                    continue;
                }
            }
            _ => {}
        }
        match *message {
            // the library makes its own repeats, from how long a key has been down
            InputMessage::Key { repeat: true, .. } => {}
            InputMessage::Key { key, pressed, repeat: false } => {
                let modifier = modifier_of(key);
                if let Some(modifier) = modifier {
                    if let Some(key) = went_down.take() {
                        context.feed_key(key, false);
                    }
                    context.feed_key(modifier, pressed);
                }
                if let Some(key) = imgui_key(key) {
                    context.feed_key(key, pressed);
                    if pressed && modifier.is_none() {
                        went_down = Some(key);
                    }
                }
            }
            InputMessage::Character(character) => context.feed_character(character),
            InputMessage::Modifiers(modifiers) => feed_modifiers(context, modifiers),
            InputMessage::MouseMoved(position) => context.feed_position(position),
            InputMessage::MouseLeft => context.feed_position_lost(),
            InputMessage::MouseButton { button, pressed } => context.feed_button(button as u8, pressed),
            InputMessage::Wheel(notches) => context.feed_wheel(notches),
            InputMessage::Focus(focused) => context.feed_focus(focused),
            InputMessage::ReleasedAll => context.release_all(),
        }
    }
}

fn feed_modifiers(context: &Context, modifiers: Modifiers) {
    context.feed_key(sys::ImGuiMod_Ctrl, modifiers.control);
    context.feed_key(sys::ImGuiMod_Shift, modifiers.shift);
    context.feed_key(sys::ImGuiMod_Alt, modifiers.alt);
    context.feed_key(sys::ImGuiMod_Super, modifiers.logo);
}

/// Whether a key types a character, on its own or with Shift.
fn types(key: Key) -> bool {
    let first = |last: Key| key as usize <= last as usize;
    let is_letter = key as usize >= Key::A as usize && first(Key::Z);
    let is_digit = key as usize >= Key::Digit0 as usize && first(Key::Digit9);
    let is_sign = matches!(
        key,
        Key::Space
            | Key::Minus
            | Key::Equal
            | Key::BracketLeft
            | Key::BracketRight
            | Key::Backslash
            | Key::Semicolon
            | Key::Quote
            | Key::Comma
            | Key::Period
            | Key::Slash
            | Key::Backquote
    );
    is_letter || is_digit || is_sign
}

/// The modifier that a key stands for; a source that sends keys only needs no `Modifiers` then.
fn modifier_of(key: Key) -> Option<sys::ImGuiKey> {
    match key {
        Key::ControlLeft | Key::ControlRight => Some(sys::ImGuiMod_Ctrl),
        Key::ShiftLeft | Key::ShiftRight => Some(sys::ImGuiMod_Shift),
        Key::AltLeft | Key::AltRight => Some(sys::ImGuiMod_Alt),
        Key::LogoLeft | Key::LogoRight => Some(sys::ImGuiMod_Super),
        _ => None,
    }
}

/// The library's name of a key; `None` for a key that it has no name for.
fn imgui_key(key: Key) -> Option<sys::ImGuiKey> {
    Some(match key {
        Key::A => sys::ImGuiKey_A,
        Key::B => sys::ImGuiKey_B,
        Key::C => sys::ImGuiKey_C,
        Key::D => sys::ImGuiKey_D,
        Key::E => sys::ImGuiKey_E,
        Key::F => sys::ImGuiKey_F,
        Key::G => sys::ImGuiKey_G,
        Key::H => sys::ImGuiKey_H,
        Key::I => sys::ImGuiKey_I,
        Key::J => sys::ImGuiKey_J,
        Key::K => sys::ImGuiKey_K,
        Key::L => sys::ImGuiKey_L,
        Key::M => sys::ImGuiKey_M,
        Key::N => sys::ImGuiKey_N,
        Key::O => sys::ImGuiKey_O,
        Key::P => sys::ImGuiKey_P,
        Key::Q => sys::ImGuiKey_Q,
        Key::R => sys::ImGuiKey_R,
        Key::S => sys::ImGuiKey_S,
        Key::T => sys::ImGuiKey_T,
        Key::U => sys::ImGuiKey_U,
        Key::V => sys::ImGuiKey_V,
        Key::W => sys::ImGuiKey_W,
        Key::X => sys::ImGuiKey_X,
        Key::Y => sys::ImGuiKey_Y,
        Key::Z => sys::ImGuiKey_Z,
        Key::Digit0 => sys::ImGuiKey_0,
        Key::Numpad0 => sys::ImGuiKey_Keypad0,
        Key::Digit1 => sys::ImGuiKey_1,
        Key::Numpad1 => sys::ImGuiKey_Keypad1,
        Key::Digit2 => sys::ImGuiKey_2,
        Key::Numpad2 => sys::ImGuiKey_Keypad2,
        Key::Digit3 => sys::ImGuiKey_3,
        Key::Numpad3 => sys::ImGuiKey_Keypad3,
        Key::Digit4 => sys::ImGuiKey_4,
        Key::Numpad4 => sys::ImGuiKey_Keypad4,
        Key::Digit5 => sys::ImGuiKey_5,
        Key::Numpad5 => sys::ImGuiKey_Keypad5,
        Key::Digit6 => sys::ImGuiKey_6,
        Key::Numpad6 => sys::ImGuiKey_Keypad6,
        Key::Digit7 => sys::ImGuiKey_7,
        Key::Numpad7 => sys::ImGuiKey_Keypad7,
        Key::Digit8 => sys::ImGuiKey_8,
        Key::Numpad8 => sys::ImGuiKey_Keypad8,
        Key::Digit9 => sys::ImGuiKey_9,
        Key::Numpad9 => sys::ImGuiKey_Keypad9,
        Key::F1 => sys::ImGuiKey_F1,
        Key::F2 => sys::ImGuiKey_F2,
        Key::F3 => sys::ImGuiKey_F3,
        Key::F4 => sys::ImGuiKey_F4,
        Key::F5 => sys::ImGuiKey_F5,
        Key::F6 => sys::ImGuiKey_F6,
        Key::F7 => sys::ImGuiKey_F7,
        Key::F8 => sys::ImGuiKey_F8,
        Key::F9 => sys::ImGuiKey_F9,
        Key::F10 => sys::ImGuiKey_F10,
        Key::F11 => sys::ImGuiKey_F11,
        Key::F12 => sys::ImGuiKey_F12,
        Key::F13 => sys::ImGuiKey_F13,
        Key::F14 => sys::ImGuiKey_F14,
        Key::F15 => sys::ImGuiKey_F15,
        Key::F16 => sys::ImGuiKey_F16,
        Key::F17 => sys::ImGuiKey_F17,
        Key::F18 => sys::ImGuiKey_F18,
        Key::F19 => sys::ImGuiKey_F19,
        Key::F20 => sys::ImGuiKey_F20,
        Key::F21 => sys::ImGuiKey_F21,
        Key::F22 => sys::ImGuiKey_F22,
        Key::F23 => sys::ImGuiKey_F23,
        Key::F24 => sys::ImGuiKey_F24,
        Key::Space => sys::ImGuiKey_Space,
        Key::Enter => sys::ImGuiKey_Enter,
        Key::Escape => sys::ImGuiKey_Escape,
        Key::Tab => sys::ImGuiKey_Tab,
        Key::Backspace => sys::ImGuiKey_Backspace,
        Key::Delete => sys::ImGuiKey_Delete,
        Key::Insert => sys::ImGuiKey_Insert,
        Key::Home => sys::ImGuiKey_Home,
        Key::End => sys::ImGuiKey_End,
        Key::PageUp => sys::ImGuiKey_PageUp,
        Key::PageDown => sys::ImGuiKey_PageDown,
        Key::ArrowLeft => sys::ImGuiKey_LeftArrow,
        Key::ArrowRight => sys::ImGuiKey_RightArrow,
        Key::ArrowUp => sys::ImGuiKey_UpArrow,
        Key::ArrowDown => sys::ImGuiKey_DownArrow,
        Key::ShiftLeft => sys::ImGuiKey_LeftShift,
        Key::ShiftRight => sys::ImGuiKey_RightShift,
        Key::ControlLeft => sys::ImGuiKey_LeftCtrl,
        Key::ControlRight => sys::ImGuiKey_RightCtrl,
        Key::AltLeft => sys::ImGuiKey_LeftAlt,
        Key::AltRight => sys::ImGuiKey_RightAlt,
        Key::LogoLeft => sys::ImGuiKey_LeftSuper,
        Key::LogoRight => sys::ImGuiKey_RightSuper,
        Key::ContextMenu => sys::ImGuiKey_Menu,
        Key::CapsLock => sys::ImGuiKey_CapsLock,
        Key::NumLock => sys::ImGuiKey_NumLock,
        Key::ScrollLock => sys::ImGuiKey_ScrollLock,
        Key::PrintScreen => sys::ImGuiKey_PrintScreen,
        Key::Pause => sys::ImGuiKey_Pause,
        Key::Backquote => sys::ImGuiKey_GraveAccent,
        Key::Minus => sys::ImGuiKey_Minus,
        Key::Equal => sys::ImGuiKey_Equal,
        Key::BracketLeft => sys::ImGuiKey_LeftBracket,
        Key::BracketRight => sys::ImGuiKey_RightBracket,
        Key::Backslash => sys::ImGuiKey_Backslash,
        Key::IntlBackslash => sys::ImGuiKey_Oem102,
        Key::Semicolon => sys::ImGuiKey_Semicolon,
        Key::Quote => sys::ImGuiKey_Apostrophe,
        Key::Comma => sys::ImGuiKey_Comma,
        Key::Period => sys::ImGuiKey_Period,
        Key::Slash => sys::ImGuiKey_Slash,
        Key::NumpadAdd => sys::ImGuiKey_KeypadAdd,
        Key::NumpadSubtract => sys::ImGuiKey_KeypadSubtract,
        Key::NumpadMultiply => sys::ImGuiKey_KeypadMultiply,
        Key::NumpadDivide => sys::ImGuiKey_KeypadDivide,
        Key::NumpadDecimal => sys::ImGuiKey_KeypadDecimal,
        Key::NumpadEnter => sys::ImGuiKey_KeypadEnter,
        Key::NumpadEqual => sys::ImGuiKey_KeypadEqual,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_signs_type_and_no_others() {
        for key in [Key::A, Key::M, Key::Z, Key::Digit0, Key::Digit9, Key::Space, Key::Slash] {
            assert!(types(key), "{}", key.name());
        }
        for key in [Key::Enter, Key::Tab, Key::Backspace, Key::Delete, Key::F1, Key::ArrowUp, Key::ShiftLeft, Key::Home]
        {
            assert!(!types(key), "{}", key.name());
        }
    }

    #[test]
    fn every_key_has_a_name_of_its_own_in_the_library() {
        for (index, &key) in Key::ALL.iter().enumerate() {
            let named = imgui_key(key);
            assert!(named.is_some(), "{}", key.name());
            let first = Key::ALL.iter().position(|&other| imgui_key(other) == named);
            assert_eq!(first, Some(index), "{}", key.name());
        }
    }
}
