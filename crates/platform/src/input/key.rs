//! Keys, mouse buttons and modifiers.
//!
//! Letters are named by what the person's layout puts on them, every other key by its place on a US keyboard: Ctrl+Z is
//! where the keyboard has its Z, and `Digit1` is the key left of `Digit2` whatever it types.

macro_rules! keys {
    ($($name:ident),+ $(,)?) => {
        /// A key of the keyboard.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the names are the keys'")]
        pub enum Key { $($name),+ }

        impl Key {
            /// Every key, in order of `key as usize`.
            pub const ALL: &'static [Key] = &[$(Key::$name),+];
            /// How many keys there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The key's name, as in the source.
            pub fn name(self) -> &'static str {
                match self { $(Key::$name => stringify!($name)),+ }
            }
        }
    };
}

keys! {
    A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z,
    Digit0, Digit1, Digit2, Digit3, Digit4, Digit5, Digit6, Digit7, Digit8, Digit9,
    F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12,
    F13, F14, F15, F16, F17, F18, F19, F20, F21, F22, F23, F24,
    Space, Enter, Escape, Tab, Backspace, Delete, Insert, Home, End, PageUp, PageDown,
    ArrowLeft, ArrowRight, ArrowUp, ArrowDown,
    ShiftLeft, ShiftRight, ControlLeft, ControlRight, AltLeft, AltRight, LogoLeft, LogoRight,
    ContextMenu, CapsLock, NumLock, ScrollLock, PrintScreen, Pause,
    Backquote, Minus, Equal, BracketLeft, BracketRight, Backslash, IntlBackslash,
    Semicolon, Quote, Comma, Period, Slash,
    Numpad0, Numpad1, Numpad2, Numpad3, Numpad4, Numpad5, Numpad6, Numpad7, Numpad8, Numpad9,
    NumpadAdd, NumpadSubtract, NumpadMultiply, NumpadDivide, NumpadDecimal, NumpadEnter, NumpadEqual,
}

impl Key {
    /// The key of a Latin letter, upper or lower case.
    pub fn from_letter(letter: char) -> Option<Self> {
        let index = (letter.to_ascii_lowercase() as u32).checked_sub('a' as u32)?;
        Self::ALL[..26].get(index as usize).copied()
    }
}

/// A button of the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MouseButton {
    /// The main button.
    Left,
    /// The context button.
    Right,
    /// The wheel, pressed.
    Middle,
    /// The thumb button that goes back.
    Back,
    /// The thumb button that goes forward.
    Forward,
}

impl MouseButton {
    /// Every button, in order of `button as usize`.
    pub const ALL: [Self; 5] = [Self::Left, Self::Right, Self::Middle, Self::Back, Self::Forward];
}

/// Which modifier keys are held, on either side of the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Modifiers {
    /// Shift.
    pub shift: bool,
    /// Ctrl.
    pub control: bool,
    /// Alt, Option on Apple keyboards; not AltGr.
    pub alt: bool,
    /// The key with the system's logo: Windows, Super, Command.
    pub logo: bool,
}

impl Modifiers {
    /// No modifier.
    pub const NONE: Self = Self { shift: false, control: false, alt: false, logo: false };
}

/// A set of keys, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeySet([u64; 2]);

const _: () = assert!(Key::COUNT <= 128, "KeySet has 128 bits");

impl KeySet {
    pub(crate) fn contains(self, key: Key) -> bool {
        let (word, bit) = place(key);
        self.0[word] & bit != 0
    }

    pub(crate) fn insert(&mut self, key: Key) {
        let (word, bit) = place(key);
        self.0[word] |= bit;
    }

    pub(crate) fn remove(&mut self, key: Key) {
        let (word, bit) = place(key);
        self.0[word] &= !bit;
    }

    pub(crate) fn insert_all(&mut self, keys: Self) {
        self.0[0] |= keys.0[0];
        self.0[1] |= keys.0[1];
    }
}

fn place(key: Key) -> (usize, u64) {
    let index = key as usize;
    (index / 64, 1 << (index % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_in_the_order_of_all() {
        for (index, &key) in Key::ALL.iter().enumerate() {
            assert_eq!(key as usize, index);
        }
        assert_eq!(Key::NumpadEqual.name(), "NumpadEqual");
    }

    #[test]
    fn letters_are_found_in_either_case_and_nothing_else_is() {
        assert_eq!(Key::from_letter('a'), Some(Key::A));
        assert_eq!(Key::from_letter('Z'), Some(Key::Z));
        for other in ['{', '@', '1', 'é', '\u{0}'] {
            assert_eq!(Key::from_letter(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_key_set_keeps_keys_apart() {
        let mut set = KeySet::default();
        for &key in Key::ALL {
            assert!(!set.contains(key));
            set.insert(key);
            assert!(set.contains(key));
        }
        set.remove(Key::Slash);
        assert!(!set.contains(Key::Slash) && set.contains(Key::Period));
    }
}
