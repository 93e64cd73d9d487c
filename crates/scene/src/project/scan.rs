//! A first look at a document, before the parser allocates anything: how deep it nests, how much it lists.
//!
//! # Invariants
//! 1. Takes no memory, and time in proportion to the text.

use voltrum_assets::words::{Words, whole, words};

use super::error::ProjectError;
use super::limits::ProjectLimits;

/// What a document may hold at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Objects in lists of the root: files and entities.
    pub(super) objects: usize,
    /// Commas in lists and objects of the root, and one for each list.
    pub(super) elements: usize,
}

/// Looks at a text that may be JSON.
pub(super) fn scan(text: &str, limits: &ProjectLimits, path: &Words) -> Result<Scan, ProjectError> {
    let mut found = Scan::default();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                found.objects += usize::from(depth == 2 && byte == b'{');
                found.elements += usize::from(depth == 1);
                depth += 1;
                if depth > limits.nesting_max {
                    let (line, column) = place_of(text, at);
                    let message =
                        words(format_args!("{depth} brackets around each other, the limit is {}", limits.nesting_max));
                    return Err(ProjectError::Json { path: whole(path), line, column, message });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => found.elements += usize::from(depth == 2),
            _ => {}
        }
    }
    for (what, count) in [("entities and files", found.objects), ("entries", found.elements)] {
        if count > limits.entries_max {
            let (count, limit) = (count as u64, limits.entries_max as u64);
            return Err(ProjectError::Limit { path: whole(path), what, count, limit, option: "entries_max" });
        }
    }
    Ok(found)
}

/// Line and column of a byte, both from 1.
pub(super) fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deep_is_refused_with_its_line() {
        let limits = ProjectLimits::default();
        let deep = format!("{{\n\"a\": {}", "[".repeat(10_000));
        let error = scan(&deep, &limits, &whole("a.voltrum")).unwrap_err().to_string();
        assert!(error.starts_with("a.voltrum: line 2, column 37: 33 brackets"), "{error}");
        let text = r#"{"entities": [{"a": "[[[[{{{\"{{"}, {"b": [1, 2]}], "removed": ["1/2", "1/3"]}"#;
        assert_eq!(scan(text, &limits, &whole("a")).unwrap(), Scan { objects: 2, elements: 4 });
    }
}
