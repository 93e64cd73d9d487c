//! Rule: words that don't belong in the repository, in texts and in file names.

use super::Finding;
use super::source::has_word;

/// A word, and why it is refused. The words are spelt in two pieces so that this file has none of them.
type Word = (&'static str, &'static str);

/// Refused as words of their own.
const MARKS: &[Word] = &[
    (concat!("TO", "DO"), "finish it, or say in a sentence what is absent"),
    (concat!("FIX", "ME"), "mend it"),
    (concat!("XX", "X"), "say what is meant"),
];

/// Refused anywhere, in any case.
const NAMES: &[Word] = &[
    (concat!("anth", "ropic"), "names a tool, not the work"),
    (concat!("chat", "gpt"), "names a tool, not the work"),
    (concat!("cla", "ude"), "names a tool, not the work"),
    (concat!("co", "pilot"), "names a tool, not the work"),
    (concat!("open", "ai"), "names a tool, not the work"),
    (concat!("sub", "agent"), "names a tool, not the work"),
    (concat!("co-auth", "ored-by"), "belongs in no file"),
    (concat!("arti", "factory"), "names a registry's host"),
    (concat!("index.", "crates.io"), "names a registry's host"),
    (concat!("static.", "crates.io"), "names a registry's host"),
    (concat!("deb.", "debian.org"), "names a registry's host"),
];

/// Refused as the beginning of a path: folders of one machine.
const FOLDERS: &[Word] = &[
    (concat!("/wo", "rk/"), "is a path of one machine"),
    (concat!("/ho", "me/"), "is a path of one machine"),
    (concat!("/ro", "ot/"), "is a path of one machine"),
    (concat!("/tm", "p/"), "is a path of one machine; ask the system for its temporary folder"),
];

/// X servers listen below the temporary folder, wherever they run.
const SOCKETS: &str = concat!("/tm", "p/.X");

/// File names that say nothing.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc", "manager"];

/// Texts that are not the project's own.
const FOREIGN: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT", "Cargo.lock"];

pub(super) fn check_name(path: &str) -> Vec<Finding> {
    path.split('/')
        .map(|part| part.split('.').next().unwrap_or(part))
        .filter(|part| EMPTY_NAMES.contains(part))
        .map(|part| Finding::of_file(path, format!("`{part}` says nothing of what is inside")))
        .collect()
}

pub(super) fn check_text(path: &str, text: &str) -> Vec<Finding> {
    if FOREIGN.contains(&path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        let marks = MARKS.iter().filter(|(word, _)| has_word(line, word));
        let names = NAMES.iter().filter(|(word, _)| lower.contains(word));
        let folders = FOLDERS.iter().filter(|(word, _)| begins_path(line, word));
        for (word, why) in marks.chain(names).chain(folders) {
            findings.push(Finding::at(path, index + 1, format!("`{word}` {why}")));
        }
    }
    findings
}

/// Whether a path in the line starts with the folder; a path that only passes through one of that name does not.
fn begins_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let is_inner = line[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "._-/})".contains(c));
        !is_inner && !line[start..].starts_with(SOCKETS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> bool {
        !check_text("a.rs", line).is_empty()
    }

    #[test]
    fn every_word_of_the_lists_is_refused() {
        for (word, _) in MARKS.iter().chain(NAMES).chain(FOLDERS) {
            assert!(refused(&format!("// {word}")), "{word}");
        }
    }

    #[test]
    fn words_that_only_resemble_them_pass() {
        let (todo, _) = MARKS[0];
        assert!(!refused(&format!("MAS{todo}N")));
        let (work, _) = FOLDERS[0];
        assert!(!refused(&format!("crates/frame{work}list.rs")));
        assert!(!refused(&format!("{SOCKETS}11-unix")));
    }

    #[test]
    fn file_names_say_what_is_inside() {
        assert_eq!(check_name("crates/a/src/utils.rs").len(), 1);
        assert_eq!(check_name("crates/a/src/common/mod.rs").len(), 1);
        assert!(check_name("crates/a/src/swapchain.rs").is_empty());
    }

    #[test]
    fn licences_are_not_ours_to_word() {
        let (word, _) = FOLDERS[0];
        assert!(check_text("LICENSE-APACHE", word).is_empty());
    }
}
