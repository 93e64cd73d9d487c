//! Rule: a Rust file opens with `//!`, one line on what it is.
//!
//! Programs that must not compile are ten lines under a name that is the whole claim, so they need no second one.

use super::{Finding, SourceFile};

pub(super) fn check(file: &SourceFile) -> Option<Finding> {
    if file.path.contains("/tests/escape/") {
        return None;
    }
    let first = file.text.lines().next().unwrap_or_default();
    match first.strip_prefix("//!") {
        Some(about) if !about.trim().is_empty() => None,
        _ => Some(Finding::at(&file.path, 1, "opens without a `//!` line that says what the file is")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        check(&SourceFile::new("a.rs", text.to_owned())).is_none()
    }

    #[test]
    fn programs_that_must_not_compile_say_it_by_name() {
        let text = "fn main() {}".to_owned();
        assert!(check(&SourceFile::new("crates/memory/tests/escape/temp_kept.rs", text)).is_none());
    }

    #[test]
    fn the_first_line_says_what_the_file_is() {
        assert!(holds("//! Arenas.\nuse std::fmt;"));
        assert!(!holds("use std::fmt;\n//! Arenas."));
        assert!(!holds("//!\n//! Arenas."));
        assert!(!holds(""));
    }
}
