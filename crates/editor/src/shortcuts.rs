//! Keyboard shortcuts, read from the order in which keys went down: in a slow frame Ctrl may be up again before its end.

use crate::editor::Wishes;
use voltrum::platform::input::{InputMessage, Key};

/// Which modifiers were held when the last message came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shortcuts {
    control: bool,
}

impl Shortcuts {
    /// Adds what this frame's `messages` wish for. While a person types text, keys without Ctrl mean that text.
    pub(crate) fn read(&mut self, messages: &[InputMessage], is_typing: bool, wishes: &mut Wishes) {
        for message in messages {
            match *message {
                InputMessage::Modifiers(modifiers) => self.control = modifiers.control,
                InputMessage::Key { key: Key::ControlLeft | Key::ControlRight, pressed, .. } => self.control = pressed,
                InputMessage::Focus(_) | InputMessage::ReleasedAll => self.control = false,
                InputMessage::Key { key, pressed: true, repeat: false } => self.press(key, is_typing, wishes),
                _ => {}
            }
        }
    }

    fn press(&self, key: Key, is_typing: bool, wishes: &mut Wishes) {
        match (self.control, key) {
            (true, Key::O) => wishes.ask_path = true,
            (true, Key::Q) => wishes.quit = true,
            (true, Key::W) => wishes.close = true,
            (false, Key::F) if !is_typing => wishes.fit_selected = true,
            (false, Key::Home) if !is_typing => wishes.fit = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::platform::input::Modifiers;

    fn key(key: Key, pressed: bool) -> InputMessage {
        InputMessage::Key { key, pressed, repeat: false }
    }

    fn control(held: bool) -> InputMessage {
        InputMessage::Modifiers(Modifiers { control: held, ..Modifiers::NONE })
    }

    #[test]
    fn a_shortcut_within_one_frame_is_seen() {
        let mut wishes = Wishes::default();
        let messages = [control(true), key(Key::O, true), key(Key::O, false), control(false)];
        Shortcuts::default().read(&messages, false, &mut wishes);
        assert!(wishes.ask_path);
    }

    #[test]
    fn control_that_is_held_from_a_frame_before_counts_until_the_keyboard_is_lost() {
        let (mut shortcuts, mut wishes) = (Shortcuts::default(), Wishes::default());
        shortcuts.read(&[key(Key::ControlLeft, true)], false, &mut wishes);
        shortcuts.read(&[key(Key::Q, true)], true, &mut wishes);
        assert!(wishes.quit);
        let mut wishes = Wishes::default();
        shortcuts.read(&[InputMessage::Focus(false), key(Key::Q, true)], false, &mut wishes);
        assert!(!wishes.quit);
    }

    #[test]
    fn letters_that_are_typed_into_a_field_are_no_shortcuts() {
        let mut wishes = Wishes::default();
        Shortcuts::default().read(&[key(Key::F, true), key(Key::Home, true)], true, &mut wishes);
        assert!(!wishes.fit_selected && !wishes.fit);
        Shortcuts::default().read(&[key(Key::F, true)], false, &mut wishes);
        assert!(wishes.fit_selected);
    }
}
