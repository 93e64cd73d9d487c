//! The state of keyboard and mouse at one moment, with what changed since the frame before.
//!
//! # Invariants
//! 1. Every press is followed by a release, also when the window loses the keyboard in between.
//! 2. A key that was pressed and released between two frames shows both edges although it is not down.

use super::key::{Key, KeySet, Modifiers, MouseButton};
use super::message::InputMessage;

/// Bytes of text that one frame can hold: thousands of times what a person types, enough for a sentence of an input method.
pub(crate) const TEXT_BYTES_MAX: usize = 1024;

const BUTTONS: usize = MouseButton::ALL.len();

#[derive(Clone, Copy)]
pub(crate) struct Snapshot {
    pub(crate) down: KeySet,
    pub(crate) pressed: KeySet,
    pub(crate) released: KeySet,
    pub(crate) modifiers: Modifiers,
    pub(crate) buttons_down: [bool; BUTTONS],
    pub(crate) buttons_pressed: [bool; BUTTONS],
    pub(crate) buttons_released: [bool; BUTTONS],
    pub(crate) mouse: [f32; 2],
    pub(crate) mouse_inside: bool,
    pub(crate) mouse_delta: [f32; 2],
    pub(crate) wheel: [f32; 2],
    pub(crate) focused: bool,
    text: [u8; TEXT_BYTES_MAX],
    text_bytes: usize,
    pub(crate) text_dropped: u64,
}

impl Snapshot {
    pub(crate) fn new() -> Self {
        Self {
            down: KeySet::default(),
            pressed: KeySet::default(),
            released: KeySet::default(),
            modifiers: Modifiers::NONE,
            buttons_down: [false; BUTTONS],
            buttons_pressed: [false; BUTTONS],
            buttons_released: [false; BUTTONS],
            mouse: [0.0; 2],
            mouse_inside: false,
            mouse_delta: [0.0; 2],
            wheel: [0.0; 2],
            focused: true,
            text: [0; TEXT_BYTES_MAX],
            text_bytes: 0,
            text_dropped: 0,
        }
    }

    pub(crate) fn text(&self) -> &str {
        // only whole characters are ever appended
        std::str::from_utf8(&self.text[..self.text_bytes]).unwrap_or_default()
    }

    /// Forgets what changed; what is held stays held.
    pub(crate) fn begin_frame(&mut self) {
        self.pressed = KeySet::default();
        self.released = KeySet::default();
        self.buttons_pressed = [false; BUTTONS];
        self.buttons_released = [false; BUTTONS];
        self.mouse_delta = [0.0; 2];
        self.wheel = [0.0; 2];
        self.text_bytes = 0;
    }

    pub(crate) fn apply(&mut self, message: InputMessage) {
        match message {
            InputMessage::Key { key, pressed, repeat } => {
                if pressed {
                    if !repeat && !self.down.contains(key) {
                        self.pressed.insert(key);
                    }
                    self.down.insert(key);
                } else if self.down.contains(key) {
                    self.down.remove(key);
                    self.released.insert(key);
                }
                self.follow_modifier(key);
            }
            InputMessage::Character(character) => self.append(character),
            InputMessage::Modifiers(modifiers) => self.modifiers = modifiers,
            InputMessage::MouseMoved(place) => {
                // where the mouse came in from is unknown: entering is no movement
                if self.mouse_inside {
                    self.mouse_delta[0] += place[0] - self.mouse[0];
                    self.mouse_delta[1] += place[1] - self.mouse[1];
                }
                self.mouse = place;
                self.mouse_inside = true;
            }
            InputMessage::MouseLeft => self.mouse_inside = false,
            InputMessage::MouseButton { button, pressed } => {
                let index = button as usize;
                if pressed && !self.buttons_down[index] {
                    self.buttons_pressed[index] = true;
                }
                if !pressed && self.buttons_down[index] {
                    self.buttons_released[index] = true;
                }
                self.buttons_down[index] = pressed;
            }
            InputMessage::Wheel(notches) => {
                self.wheel[0] += notches[0];
                self.wheel[1] += notches[1];
            }
            InputMessage::Focus(focused) => {
                self.focused = focused;
                if !focused {
                    self.release_all();
                }
            }
            InputMessage::ReleasedAll => self.release_all(),
        }
    }

    fn release_all(&mut self) {
        self.released.insert_all(self.down);
        self.down = KeySet::default();
        self.modifiers = Modifiers::NONE;
        for index in 0..BUTTONS {
            self.buttons_released[index] |= self.buttons_down[index];
        }
        self.buttons_down = [false; BUTTONS];
    }

    /// A modifier's own key moves its flag, for sources that send keys alone; the window system's word comes after and wins.
    fn follow_modifier(&mut self, key: Key) {
        let either = |left, right| self.down.contains(left) || self.down.contains(right);
        match key {
            Key::ShiftLeft | Key::ShiftRight => {
                self.modifiers.shift = either(Key::ShiftLeft, Key::ShiftRight);
            }
            Key::ControlLeft | Key::ControlRight => {
                self.modifiers.control = either(Key::ControlLeft, Key::ControlRight);
            }
            Key::AltLeft | Key::AltRight => {
                self.modifiers.alt = either(Key::AltLeft, Key::AltRight);
            }
            Key::LogoLeft | Key::LogoRight => {
                self.modifiers.logo = either(Key::LogoLeft, Key::LogoRight);
            }
            _ => {}
        }
    }

    fn append(&mut self, character: char) {
        let mut bytes = [0; 4];
        let encoded = character.encode_utf8(&mut bytes).as_bytes();
        match self.text.get_mut(self.text_bytes..self.text_bytes + encoded.len()) {
            Some(place) => {
                place.copy_from_slice(encoded);
                self.text_bytes += encoded.len();
            }
            None => self.text_dropped += 1,
        }
    }
}
