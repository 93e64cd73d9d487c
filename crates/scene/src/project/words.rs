//! The words of messages: texts that outlive every arena.
//!
//! An error outlives the arenas of the load that failed, so what no constant can say is on the Rust heap. This is the one
//! file of the project's code that has such types; the others use the names it gives them.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "an error outlives the arena of the load that failed, so its text is on the heap"
)]

use std::fmt;
use std::path::Path;

/// A part of a message that no constant can hold.
pub type Words = Box<str>;

/// Longest part of a message that comes from a file, in characters.
const SHOWN_MAX: usize = 120;

/// Something's own words as a message shows them: no control characters, and not too many.
pub(super) fn words(text: impl fmt::Display) -> Words {
    let text = text.to_string();
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut out: String = text.chars().take(SHOWN_MAX).map(clean).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        out.push('…');
    }
    out.into_boxed_str()
}

/// A path as a message shows it, in full.
pub(super) fn shown_path(path: &Path) -> Words {
    path.display().to_string().into_boxed_str()
}

/// Something's own words, in full.
pub(super) fn whole(text: impl fmt::Display) -> Words {
    text.to_string().into_boxed_str()
}
