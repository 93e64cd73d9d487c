//! Keyboard shortcuts, read from the order in which keys went down: in a slow frame Ctrl may be up again before its end.

use crate::look::Mode;
use crate::screenshot::ShotKind;
use crate::wishes::{Wish, Wishes};
use voltrum::platform::input::{InputMessage, Key};
use voltrum::ui::GizmoKind;

/// Which modifiers were held when the last message came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shortcuts {
    control: bool,
    shift: bool,
    alt: bool,
}

impl Shortcuts {
    /// Adds what this frame's `messages` wish for. While a person types text, keys mean that text; what a field has a
    /// meaning of its own for (undo, copy, select all) is the field's.
    pub(crate) fn read(&mut self, messages: &[InputMessage], is_typing: bool, wishes: &mut Wishes) {
        for message in messages {
            match *message {
                InputMessage::Modifiers(modifiers) => {
                    (self.control, self.shift, self.alt) = (modifiers.control, modifiers.shift, modifiers.alt);
                }
                InputMessage::Key { key: Key::ControlLeft | Key::ControlRight, pressed, .. } => self.control = pressed,
                InputMessage::Key { key: Key::ShiftLeft | Key::ShiftRight, pressed, .. } => self.shift = pressed,
                InputMessage::Key { key: Key::AltLeft | Key::AltRight, pressed, .. } => self.alt = pressed,
                InputMessage::Focus(_) | InputMessage::ReleasedAll => *self = Shortcuts::default(),
                InputMessage::Key { key, pressed: true, repeat } => {
                    // undo and redo go on while they are held
                    if let Some(wish) = self.meaning(key, is_typing)
                        && (!repeat || matches!(wish, Wish::Undo | Wish::Redo))
                    {
                        wishes.push(wish);
                    }
                }
                _ => {}
            }
        }
    }

    fn meaning(&self, key: Key, is_typing: bool) -> Option<Wish> {
        if self.alt {
            return None;
        }
        Some(match (self.control, self.shift, key) {
            (true, false, Key::N) => Wish::New,
            (true, false, Key::O) => Wish::AskOpen,
            (true, false, Key::I) => Wish::AskImport,
            (true, false, Key::S) => Wish::Save,
            (true, true, Key::S) => Wish::SaveAs,
            (false, false, Key::F5) => Wish::Reload,
            (true, false, Key::Q) => Wish::Quit,
            (true, false, Key::W) => Wish::Close,
            _ if is_typing => return None,
            (true, false, Key::Z) => Wish::Undo,
            (true, true, Key::Z) | (true, false, Key::Y) => Wish::Redo,
            (true, false, Key::D) => Wish::Duplicate,
            (true, false, Key::A) => Wish::PickAll,
            (false, false, Key::Delete) => Wish::Delete,
            (false, false, Key::F2) => Wish::BeginRename,
            (false, false, Key::F) => Wish::FitPicked,
            (false, false, Key::Home) => Wish::Fit,
            (false, false, Key::Escape) => Wish::Escape,
            (false, false, Key::W) => Wish::Tool(GizmoKind::Move),
            (false, false, Key::E) => Wish::Tool(GizmoKind::Rotate),
            (false, false, Key::R) => Wish::Tool(GizmoKind::Scale),
            (false, false, Key::X) => Wish::ToggleLocal,
            (false, false, Key::Space) => Wish::TogglePlay,
            (false, false, Key::F12) => Wish::Screenshot(ShotKind::Plain),
            (false, true, Key::F12) => Wish::Screenshot(ShotKind::Large),
            (true, false, Key::F12) => Wish::Screenshot(ShotKind::Transparent),
            (false, false, Key::Digit1) => Wish::Mode(Mode::Shaded),
            (false, false, Key::Digit2) => Wish::Mode(Mode::Wireframe),
            (false, false, Key::Digit3) => Wish::Mode(Mode::Normals),
            (false, false, Key::Digit4) => Wish::Mode(Mode::Uv),
            (false, false, Key::Digit5) => Wish::Mode(Mode::Overdraw),
            (false, false, Key::Digit6) => Wish::Mode(Mode::Objects),
            (false, false, Key::Digit7) => Wish::Mode(Mode::Memory),
            _ => return None,
        })
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

    fn wished(shortcuts: &mut Shortcuts, messages: &[InputMessage], is_typing: bool) -> Vec<Wish> {
        let mut wishes = Wishes::new();
        shortcuts.read(messages, is_typing, &mut wishes);
        wishes.as_slice().to_vec()
    }

    #[test]
    fn a_shortcut_within_one_frame_is_seen() {
        let messages = [control(true), key(Key::O, true), key(Key::O, false), control(false)];
        assert_eq!(wished(&mut Shortcuts::default(), &messages, false), [Wish::AskOpen]);
    }

    #[test]
    fn control_that_is_held_from_a_frame_before_counts_until_the_keyboard_is_lost() {
        let mut shortcuts = Shortcuts::default();
        assert_eq!(wished(&mut shortcuts, &[key(Key::ControlLeft, true)], false), []);
        assert_eq!(wished(&mut shortcuts, &[key(Key::Q, true)], true), [Wish::Quit]);
        assert_eq!(wished(&mut shortcuts, &[InputMessage::Focus(false), key(Key::Q, true)], false), []);
    }

    #[test]
    fn letters_that_are_typed_into_a_field_are_no_shortcuts_and_undo_is_the_fields() {
        let messages =
            [key(Key::F, true), key(Key::Home, true), key(Key::Delete, true), control(true), key(Key::Z, true)];
        assert_eq!(wished(&mut Shortcuts::default(), &messages, true), []);
        let expected = [Wish::FitPicked, Wish::Fit, Wish::Delete, Wish::Undo];
        assert_eq!(wished(&mut Shortcuts::default(), &messages, false), expected);
    }

    #[test]
    fn redo_has_two_keys_and_is_repeated_while_it_is_held() {
        let shift = InputMessage::Modifiers(Modifiers { control: true, shift: true, ..Modifiers::NONE });
        let messages = [shift, key(Key::Z, true), control(true), key(Key::Y, true)];
        assert_eq!(wished(&mut Shortcuts::default(), &messages, false), [Wish::Redo, Wish::Redo]);
        let held = InputMessage::Key { key: Key::Z, pressed: true, repeat: true };
        assert_eq!(wished(&mut Shortcuts::default(), &[control(true), held, held], false), [Wish::Undo, Wish::Undo]);
        let saves = InputMessage::Key { key: Key::S, pressed: true, repeat: true };
        assert_eq!(wished(&mut Shortcuts::default(), &[control(true), saves], false), []);
    }
}
