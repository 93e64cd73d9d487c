//! The clipboard: text that other programs share, or a text of our own where there is no window system.
//!
//! # Invariants
//! 1. Nothing is asked of the window system before somebody copies or pastes.
//! 2. The text is one piece of valid UTF-8 without a NUL, of at most [`CLIPBOARD_BYTES_MAX`] bytes.
//!
//! # Deliberately absent
//! Pictures and files. Under Wayland without XWayland the text stays in the program: the data-control protocol costs
//! more crates than the rest of the window system's.

use core::ffi::CStr;
use core::fmt;
use voltrum_memory::{Tag, heap_scope};

/// The longest text that is taken in; more than any field holds.
pub const CLIPBOARD_BYTES_MAX: usize = 16 << 10;

/// Text to copy and to paste.
///
/// ```
/// use voltrum_platform::Clipboard;
///
/// let mut clipboard = Clipboard::private();
/// assert!(clipboard.write("Lamp"));
/// assert_eq!(clipboard.read(), c"Lamp");
/// ```
pub struct Clipboard {
    system: System,
    /// NUL-terminated.
    text: [u8; CLIPBOARD_BYTES_MAX + 1],
}

enum System {
    /// There is none, or it refused.
    Absent,
    /// Nobody has needed it yet.
    Unopened,
    Open(arboard::Clipboard),
}

impl Clipboard {
    /// A clipboard of this program alone, as headless instances have it.
    pub const fn private() -> Clipboard {
        Clipboard { system: System::Absent, text: [0; CLIPBOARD_BYTES_MAX + 1] }
    }

    /// From now on, the one that programs share.
    pub fn share(&mut self) {
        if matches!(self.system, System::Absent) {
            self.system = System::Unopened;
        }
    }

    /// Copies a text. `false` when some of it was left out: what comes after a NUL, and what is too long.
    pub fn write(&mut self, text: &str) -> bool {
        let is_whole = self.keep(text);
        let _foreign = heap_scope(Tag::FOREIGN);
        if let Some(system) = self.system.opened()
            && let Err(error) = system.set_text(text)
        {
            tracing::warn!(%error, "the text can be pasted in this program only");
        }
        is_whole
    }

    /// The text to paste, empty where there is none.
    pub fn read(&mut self) -> &CStr {
        let _foreign = heap_scope(Tag::FOREIGN);
        match self.system.opened().map(arboard::Clipboard::get_text) {
            Some(Ok(text)) => {
                self.keep(&text);
            }
            // what is copied is no text
            Some(Err(arboard::Error::ContentNotAvailable)) => {
                self.keep("");
            }
            Some(Err(error)) => tracing::warn!(%error, "pasting what was copied in this program"),
            None => {}
        }
        CStr::from_bytes_until_nul(&self.text).unwrap_or_default()
    }

    fn keep(&mut self, text: &str) -> bool {
        let wanted = text.split('\0').next().unwrap_or_default();
        let kept = &wanted[..wanted.floor_char_boundary(CLIPBOARD_BYTES_MAX)];
        self.text[..kept.len()].copy_from_slice(kept.as_bytes());
        self.text[kept.len()] = 0;
        kept.len() == text.len()
    }
}

impl System {
    fn opened(&mut self) -> Option<&mut arboard::Clipboard> {
        if matches!(self, System::Unopened) {
            *self = match arboard::Clipboard::new() {
                Ok(system) => System::Open(system),
                Err(error) => {
                    tracing::warn!(%error, "no shared clipboard; text can be copied within this program only");
                    System::Absent
                }
            };
        }
        match self {
            System::Open(system) => Some(system),
            _ => None,
        }
    }
}

impl fmt::Debug for Clipboard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_shared = !matches!(self.system, System::Absent);
        out.debug_struct("Clipboard").field("is_shared", &is_shared).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_at_a_character_and_one_with_a_nul_before_it() {
        let mut clipboard = Clipboard::private();
        let long = "é".repeat(CLIPBOARD_BYTES_MAX);
        assert!(!clipboard.write(&long));
        assert_eq!(clipboard.read().to_str().unwrap(), &long[..CLIPBOARD_BYTES_MAX]);
        assert!(!clipboard.write("ab\0cd"));
        assert_eq!(clipboard.read(), c"ab");
        assert!(clipboard.write(""));
        assert_eq!(clipboard.read(), c"");
    }
}
