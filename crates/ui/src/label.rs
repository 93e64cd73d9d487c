//! Text on its way into the library: formatted onto the stack, so that a frame allocates nothing for it.

use core::ffi::CStr;
use core::fmt::{self, Display, Write};

/// The longest label, in bytes; the rest is left out.
const LABEL_MAX: usize = 512;

/// The longest formatted text, in bytes; the rest is left out and an ellipsis says so.
const TEXT_MAX: usize = 2048;

const ELLIPSIS: &str = "…";

/// Text on the stack that is cut, at a character, where its room ends.
struct Buffer<const N: usize> {
    bytes: [u8; N],
    len: usize,
    cut: bool,
}

impl<const N: usize> Buffer<N> {
    fn new() -> Buffer<N> {
        Buffer { bytes: [0; N], len: 0, cut: false }
    }

    /// Room that is never written by `write_str`: a NUL or an ellipsis fits behind the text.
    const SPARE: usize = ELLIPSIS.len();
}

impl<const N: usize> Write for Buffer<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.cut {
            return Ok(());
        }
        let room = N - Self::SPARE - self.len;
        let taken = if text.len() > room {
            self.cut = true;
            text.floor_char_boundary(room)
        } else {
            text.len()
        };
        let end = self.len + taken;
        if let (Some(to), Some(from)) = (self.bytes.get_mut(self.len..end), text.as_bytes().get(..taken)) {
            to.copy_from_slice(from);
            self.len = end;
        }
        Ok(())
    }
}

/// Calls `call` with the label of a widget that is identified by it. The library asserts that there is some identity.
pub(crate) fn with_name<R>(name: impl Display, call: impl FnOnce(&CStr) -> R) -> R {
    with_label(name, |name| call(if name.is_empty() { c"##" } else { name }))
}

/// Calls `call` with `label` as the library takes it. A NUL inside becomes a space.
pub(crate) fn with_label<R>(label: impl Display, call: impl FnOnce(&CStr) -> R) -> R {
    let mut buffer = Buffer::<LABEL_MAX>::new();
    // a `Display` that fails has said all that it has to say
    let _ = write!(buffer, "{label}");
    let text = buffer.bytes.get_mut(..buffer.len).unwrap_or_default();
    text.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    call(CStr::from_bytes_until_nul(&buffer.bytes).unwrap_or_default())
}

/// Calls `call` with `text` formatted.
pub(crate) fn with_text<R>(text: impl Display, call: impl FnOnce(&str) -> R) -> R {
    let mut buffer = Buffer::<TEXT_MAX>::new();
    let _ = write!(buffer, "{text}");
    if buffer.cut {
        let end = buffer.len + ELLIPSIS.len();
        if let Some(room) = buffer.bytes.get_mut(buffer.len..end) {
            room.copy_from_slice(ELLIPSIS.as_bytes());
            buffer.len = end;
        }
    }
    let bytes = buffer.bytes.get(..buffer.len).unwrap_or_default();
    call(core::str::from_utf8(bytes).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_at_a_character_and_keeps_no_nul_inside() {
        with_label("a\0b", |label| assert_eq!(label, c"a b"));
        let long = "é".repeat(LABEL_MAX);
        with_label(&long, |label| {
            let label = label.to_str().expect("a cut label is UTF-8");
            assert!(label.len() >= LABEL_MAX - 5 && label.chars().all(|c| c == 'é'));
        });
    }

    #[test]
    fn a_name_is_never_empty() {
        with_name("", |name| assert_eq!(name, c"##"));
        with_name("Save", |name| assert_eq!(name, c"Save"));
    }

    #[test]
    fn a_text_that_is_cut_says_so() {
        with_text(format_args!("{}/{}", 3, 4), |text| assert_eq!(text, "3/4"));
        let long = "x".repeat(TEXT_MAX * 2);
        with_text(&long, |text| {
            assert!(text.ends_with("x…"));
            assert_eq!(text.len(), TEXT_MAX);
        });
    }
}
