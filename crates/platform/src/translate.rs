//! From winit's events to messages.
//!
//! # Invariants
//! 1. A key that was reported as pressed is reported as released under the same name, whatever the layout or the
//!    modifiers did in between.
//! 2. Nothing here allocates.

use winit::event::{ElementState, Ime, KeyEvent, MouseButton as NativeButton, MouseScrollDelta, WindowEvent};
use winit::keyboard::{Key as LogicalKey, KeyCode, ModifiersState, PhysicalKey};
use winit::platform::modifier_supplement::KeyEventExtModifierSupplement;

use crate::input::{InputMessage, Key, Modifiers, MouseButton};
use crate::message::Message;

/// Logical pixels of a touchpad's scroll that count as one notch of a wheel.
const PIXELS_PER_NOTCH: f32 = 40.0;

/// What has to be remembered between events.
pub(crate) struct Translator {
    /// By physical key, what its press was reported as.
    held: [Option<Key>; Key::COUNT],
    modifiers: ModifiersState,
}

impl Translator {
    pub(crate) fn new() -> Self {
        Self { held: [None; Key::COUNT], modifiers: ModifiersState::empty() }
    }

    /// Hands the messages that `event` amounts to, none or more, to `sink`.
    pub(crate) fn translate(&mut self, event: &WindowEvent, scale: f32, sink: &mut dyn FnMut(Message<'_>)) {
        match event {
            // a window that somebody destroys under the program is as good as closed
            WindowEvent::CloseRequested | WindowEvent::Destroyed => sink(Message::CloseRequested),
            WindowEvent::Resized(size) => sink(Message::Resized([size.width, size.height])),
            WindowEvent::ScaleFactorChanged { scale_factor, .. } => {
                sink(Message::ScaleChanged(*scale_factor as f32));
            }
            WindowEvent::Focused(focused) => {
                if !focused {
                    self.held = [None; Key::COUNT];
                    self.modifiers = ModifiersState::empty();
                }
                sink(Message::Focused(*focused));
            }
            WindowEvent::Occluded(occluded) => sink(Message::Visible(!occluded)),
            WindowEvent::DroppedFile(path) => match path.to_str() {
                Some(path) => sink(Message::FileDropped(path)),
                None => tracing::warn!(
                    path = %path.display(),
                    "dropped file ignored: its name is not valid Unicode; rename it or pass it on the command line"
                ),
            },
            // on focus X11 reports keys that were pressed in another window; only their release is of use
            WindowEvent::KeyboardInput { event, is_synthetic: true, .. } if event.state == ElementState::Pressed => {}
            WindowEvent::KeyboardInput { event, .. } => self.translate_key(event, sink),
            // X11 says so after every press, changed or not
            WindowEvent::ModifiersChanged(modifiers) if modifiers.state() != self.modifiers => {
                self.modifiers = modifiers.state();
                sink(InputMessage::Modifiers(to_modifiers(self.modifiers)).into());
            }
            WindowEvent::Ime(Ime::Preedit(text, _)) => sink(Message::Composing(text)),
            WindowEvent::Ime(Ime::Disabled) => sink(Message::Composing("")),
            WindowEvent::Ime(Ime::Commit(text)) => {
                sink(Message::Composing(""));
                send_text(text, sink);
            }
            WindowEvent::CursorMoved { position, .. } => {
                sink(Message::mouse_moved([position.x as f32, position.y as f32]));
            }
            WindowEvent::CursorLeft { .. } => sink(InputMessage::MouseLeft.into()),
            WindowEvent::MouseInput { state, button, .. } => {
                if let Some(button) = to_button(*button) {
                    let pressed = *state == ElementState::Pressed;
                    sink(InputMessage::MouseButton { button, pressed }.into());
                }
            }
            WindowEvent::MouseWheel { delta, .. } => {
                let notches = match delta {
                    MouseScrollDelta::LineDelta(x, y) => [*x, *y],
                    MouseScrollDelta::PixelDelta(delta) => {
                        let notch = PIXELS_PER_NOTCH * scale.max(0.1);
                        [delta.x as f32 / notch, delta.y as f32 / notch]
                    }
                };
                sink(Message::wheel(notches));
            }
            _ => {}
        }
    }

    fn translate_key(&mut self, event: &KeyEvent, sink: &mut dyn FnMut(Message<'_>)) {
        let pressed = event.state == ElementState::Pressed;
        if let PhysicalKey::Code(code) = event.physical_key
            && let Some(place) = physical_key(code)
        {
            let held = &mut self.held[place as usize];
            let key = if pressed {
                *held.get_or_insert_with(|| layout_key(&event.key_without_modifiers(), place))
            } else {
                held.take().unwrap_or_else(|| layout_key(&event.key_without_modifiers(), place))
            };
            sink(InputMessage::Key { key, pressed, repeat: event.repeat }.into());
        }
        if pressed
            && self.types_text()
            && let Some(text) = &event.text
        {
            send_text(text, sink);
        }
    }

    /// Ctrl+A is a command and types nothing. Windows reports AltGr as Ctrl+Alt, macOS types with Alt.
    fn types_text(&self) -> bool {
        let (control, alt) = (self.modifiers.control_key(), self.modifiers.alt_key());
        if self.modifiers.super_key() {
            false
        } else if cfg!(windows) {
            control == alt
        } else if cfg!(target_os = "macos") {
            !control
        } else {
            !control && !alt
        }
    }
}

fn send_text(text: &str, sink: &mut dyn FnMut(Message<'_>)) {
    for character in text.chars().filter(|character| !character.is_control()) {
        sink(Message::character(character));
    }
}

fn to_modifiers(state: ModifiersState) -> Modifiers {
    Modifiers { shift: state.shift_key(), control: state.control_key(), alt: state.alt_key(), logo: state.super_key() }
}

fn to_button(button: NativeButton) -> Option<MouseButton> {
    Some(match button {
        NativeButton::Left => MouseButton::Left,
        NativeButton::Right => MouseButton::Right,
        NativeButton::Middle => MouseButton::Middle,
        NativeButton::Back => MouseButton::Back,
        NativeButton::Forward => MouseButton::Forward,
        NativeButton::Other(_) => return None,
    })
}

/// The letter that the layout puts on the key, so that Ctrl+Z is where the person's keyboard has its Z; every other key,
/// and keys of layouts without Latin letters, by place.
fn layout_key(logical: &LogicalKey, place: Key) -> Key {
    if let LogicalKey::Character(text) = logical {
        let mut characters = text.chars();
        if let (Some(character), None) = (characters.next(), characters.next())
            && let Some(letter) = Key::from_letter(character)
        {
            return letter;
        }
    }
    place
}

fn physical_key(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::KeyA => Key::A,
        KeyCode::KeyB => Key::B,
        KeyCode::KeyC => Key::C,
        KeyCode::KeyD => Key::D,
        KeyCode::KeyE => Key::E,
        KeyCode::KeyF => Key::F,
        KeyCode::KeyG => Key::G,
        KeyCode::KeyH => Key::H,
        KeyCode::KeyI => Key::I,
        KeyCode::KeyJ => Key::J,
        KeyCode::KeyK => Key::K,
        KeyCode::KeyL => Key::L,
        KeyCode::KeyM => Key::M,
        KeyCode::KeyN => Key::N,
        KeyCode::KeyO => Key::O,
        KeyCode::KeyP => Key::P,
        KeyCode::KeyQ => Key::Q,
        KeyCode::KeyR => Key::R,
        KeyCode::KeyS => Key::S,
        KeyCode::KeyT => Key::T,
        KeyCode::KeyU => Key::U,
        KeyCode::KeyV => Key::V,
        KeyCode::KeyW => Key::W,
        KeyCode::KeyX => Key::X,
        KeyCode::KeyY => Key::Y,
        KeyCode::KeyZ => Key::Z,
        KeyCode::Digit0 => Key::Digit0,
        KeyCode::Digit1 => Key::Digit1,
        KeyCode::Digit2 => Key::Digit2,
        KeyCode::Digit3 => Key::Digit3,
        KeyCode::Digit4 => Key::Digit4,
        KeyCode::Digit5 => Key::Digit5,
        KeyCode::Digit6 => Key::Digit6,
        KeyCode::Digit7 => Key::Digit7,
        KeyCode::Digit8 => Key::Digit8,
        KeyCode::Digit9 => Key::Digit9,
        KeyCode::F1 => Key::F1,
        KeyCode::F2 => Key::F2,
        KeyCode::F3 => Key::F3,
        KeyCode::F4 => Key::F4,
        KeyCode::F5 => Key::F5,
        KeyCode::F6 => Key::F6,
        KeyCode::F7 => Key::F7,
        KeyCode::F8 => Key::F8,
        KeyCode::F9 => Key::F9,
        KeyCode::F10 => Key::F10,
        KeyCode::F11 => Key::F11,
        KeyCode::F12 => Key::F12,
        KeyCode::F13 => Key::F13,
        KeyCode::F14 => Key::F14,
        KeyCode::F15 => Key::F15,
        KeyCode::F16 => Key::F16,
        KeyCode::F17 => Key::F17,
        KeyCode::F18 => Key::F18,
        KeyCode::F19 => Key::F19,
        KeyCode::F20 => Key::F20,
        KeyCode::F21 => Key::F21,
        KeyCode::F22 => Key::F22,
        KeyCode::F23 => Key::F23,
        KeyCode::F24 => Key::F24,
        KeyCode::Space => Key::Space,
        KeyCode::Enter => Key::Enter,
        KeyCode::Escape => Key::Escape,
        KeyCode::Tab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::ArrowLeft => Key::ArrowLeft,
        KeyCode::ArrowRight => Key::ArrowRight,
        KeyCode::ArrowUp => Key::ArrowUp,
        KeyCode::ArrowDown => Key::ArrowDown,
        KeyCode::ShiftLeft => Key::ShiftLeft,
        KeyCode::ShiftRight => Key::ShiftRight,
        KeyCode::ControlLeft => Key::ControlLeft,
        KeyCode::ControlRight => Key::ControlRight,
        KeyCode::AltLeft => Key::AltLeft,
        KeyCode::AltRight => Key::AltRight,
        KeyCode::SuperLeft => Key::LogoLeft,
        KeyCode::SuperRight => Key::LogoRight,
        KeyCode::ContextMenu => Key::ContextMenu,
        KeyCode::CapsLock => Key::CapsLock,
        KeyCode::NumLock => Key::NumLock,
        KeyCode::ScrollLock => Key::ScrollLock,
        KeyCode::PrintScreen => Key::PrintScreen,
        KeyCode::Pause => Key::Pause,
        KeyCode::Backquote => Key::Backquote,
        KeyCode::Minus => Key::Minus,
        KeyCode::Equal => Key::Equal,
        KeyCode::BracketLeft => Key::BracketLeft,
        KeyCode::BracketRight => Key::BracketRight,
        KeyCode::Backslash => Key::Backslash,
        KeyCode::IntlBackslash => Key::IntlBackslash,
        KeyCode::Semicolon => Key::Semicolon,
        KeyCode::Quote => Key::Quote,
        KeyCode::Comma => Key::Comma,
        KeyCode::Period => Key::Period,
        KeyCode::Slash => Key::Slash,
        KeyCode::Numpad0 => Key::Numpad0,
        KeyCode::Numpad1 => Key::Numpad1,
        KeyCode::Numpad2 => Key::Numpad2,
        KeyCode::Numpad3 => Key::Numpad3,
        KeyCode::Numpad4 => Key::Numpad4,
        KeyCode::Numpad5 => Key::Numpad5,
        KeyCode::Numpad6 => Key::Numpad6,
        KeyCode::Numpad7 => Key::Numpad7,
        KeyCode::Numpad8 => Key::Numpad8,
        KeyCode::Numpad9 => Key::Numpad9,
        KeyCode::NumpadAdd => Key::NumpadAdd,
        KeyCode::NumpadSubtract => Key::NumpadSubtract,
        KeyCode::NumpadMultiply => Key::NumpadMultiply,
        KeyCode::NumpadDivide => Key::NumpadDivide,
        KeyCode::NumpadDecimal => Key::NumpadDecimal,
        KeyCode::NumpadEnter => Key::NumpadEnter,
        KeyCode::NumpadEqual => Key::NumpadEqual,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_follow_the_layout_and_other_keys_their_place() {
        let z = LogicalKey::Character("z".into());
        assert_eq!(layout_key(&z, Key::Y), Key::Z);
        let cyrillic = LogicalKey::Character("я".into());
        assert_eq!(layout_key(&cyrillic, Key::Z), Key::Z);
        let ampersand = LogicalKey::Character("&".into());
        assert_eq!(layout_key(&ampersand, Key::Digit1), Key::Digit1);
    }

    #[test]
    fn text_is_sent_without_control_characters() {
        let mut sent = Vec::new();
        send_text("a\r\u{8}ä", &mut |message| {
            if let Message::Input(InputMessage::Character(character)) = message {
                sent.push(character);
            }
        });
        assert_eq!(sent, ['a', 'ä']);
    }

    #[test]
    fn a_command_types_no_text() {
        let mut translator = Translator::new();
        assert!(translator.types_text());
        translator.modifiers = ModifiersState::SHIFT;
        assert!(translator.types_text());
        translator.modifiers = ModifiersState::CONTROL;
        assert!(!translator.types_text());
        translator.modifiers = ModifiersState::SUPER;
        assert!(!translator.types_text());
    }

    #[test]
    fn closing_resizing_and_scrolling_become_messages() {
        let mut translator = Translator::new();
        let mut seen = Vec::new();
        let mut sink = |message: Message<'_>| seen.push(format!("{message:?}"));
        translator.translate(&WindowEvent::CloseRequested, 1.0, &mut sink);
        let size = winit::dpi::PhysicalSize::new(3, 4);
        translator.translate(&WindowEvent::Resized(size), 1.0, &mut sink);
        let wheel = WindowEvent::MouseWheel {
            device_id: winit::event::DeviceId::dummy(),
            delta: MouseScrollDelta::PixelDelta(winit::dpi::PhysicalPosition::new(0.0, 160.0)),
            phase: winit::event::TouchPhase::Moved,
        };
        translator.translate(&wheel, 2.0, &mut sink);
        assert_eq!(seen[0], "CloseRequested");
        assert_eq!(seen[1], "Resized([3, 4])");
        assert_eq!(seen[2], "Input(Wheel([0.0, 2.0]))");
    }
}
