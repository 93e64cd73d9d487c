//! The words of messages: texts that outlive every arena, with names cleaned and numbers grouped.
//!
//! An error outlives the arenas of the load that failed, so what no constant can say is on the Rust heap. This is the one
//! file of this crate, and of the floors above it that say where a file is wrong, that has such types; the others use the
//! names it gives them.
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

/// A part of an error that is too large to be carried about.
pub(crate) type Boxed<T> = Box<T>;

/// A text of the file's as a message shows it: no control characters, not longer than 120 characters.
pub fn shown(text: &str) -> Words {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == 120 {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { '\u{fffd}' } else { c });
    }
    out.into_boxed_str()
}

/// Something's own words, as a message shows them.
pub fn words(text: impl fmt::Display) -> Words {
    shown(&text.to_string())
}

/// A path as a message shows it, in full.
pub fn shown_path(path: &Path) -> Words {
    whole(path.display())
}

/// Something's own words, in full.
pub fn whole(text: impl fmt::Display) -> Words {
    text.to_string().into_boxed_str()
}

/// Numbered names in a row, the first few of them.
pub(crate) fn listed<'n>(names: impl Iterator<Item = (usize, &'n str)>) -> Words {
    let mut out = String::new();
    for (at, name) in names {
        if at == 8 {
            out.push_str(", …");
            break;
        }
        let comma = if at == 0 { "" } else { ", " };
        let space = if name.is_empty() { "" } else { " " };
        out.push_str(&format!("{comma}{at}{space}{}", shown(name)));
    }
    out.into_boxed_str()
}

/// A number with a comma between groups of three.
pub(crate) struct Grouped(pub(crate) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Grouped(self.0 / 1000), self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(Grouped(7).to_string(), "7");
        assert_eq!(Grouped(1_204).to_string(), "1,204");
        assert_eq!(Grouped(12_000_030).to_string(), "12,000,030");
    }

    #[test]
    fn a_long_or_hostile_name_is_cut_and_cleaned() {
        assert_eq!(&*shown("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 121);
    }
}
