//! Rule: ARCHITECTURE.md names every folder with source in it, and nothing that isn't there.
//!
//! A name is a path from the root between backticks. Folders below `tests` and `examples` need no line of their own.

use std::collections::BTreeSet;

use super::Finding;

pub(super) const ARCHITECTURE: &str = "ARCHITECTURE.md";

const SOURCES: &[&str] = &[".rs", ".wgsl"];

pub(super) fn check(paths: &[String], architecture: &str) -> Vec<Finding> {
    let named: BTreeSet<&str> = names(architecture).collect();
    let unnamed = source_folders(paths)
        .into_iter()
        .filter(|folder| !named.contains(folder))
        .map(|folder| Finding::of_file(ARCHITECTURE, format!("does not name the folder `{folder}`")));
    let tops: BTreeSet<&str> = paths.iter().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    let dead = names(architecture)
        .filter(|name| {
            let is_path = name.split_once('/').is_some_and(|(top, _)| tops.contains(top));
            is_path && !exists(paths, name)
        })
        .map(|name| Finding::of_file(ARCHITECTURE, format!("names `{name}`, which is not there")));
    unnamed.chain(dead).collect()
}

/// What stands between backticks, without a closing `/`.
pub(super) fn names(architecture: &str) -> impl Iterator<Item = &str> {
    architecture
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .map(|name| name.trim_end_matches('/'))
        .filter(|name| !name.is_empty() && !name.contains([' ', '*', '{', ':', '<']))
}

/// The text below a heading, up to the next heading of its level.
pub(super) fn section<'t>(architecture: &'t str, heading: &str) -> &'t str {
    let below = architecture.split_once(heading).map_or("", |(_, below)| below);
    below.split_once("\n## ").map_or(below, |(section, _)| section)
}

fn source_folders(paths: &[String]) -> BTreeSet<&str> {
    paths
        .iter()
        .filter(|path| SOURCES.iter().any(|ending| path.ends_with(ending)))
        .filter_map(|path| Some(path.rsplit_once('/')?.0))
        .filter(|folder| !folder.split('/').any(|part| part == "tests" || part == "examples"))
        .collect()
}

fn exists(paths: &[String], name: &str) -> bool {
    paths.iter().any(|path| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> Vec<String> {
        ["crates/a/src/lib.rs", "crates/a/src/deep/noun.rs", "crates/a/tests/noun.rs"].map(str::to_owned).to_vec()
    }

    #[test]
    fn every_source_folder_is_named() {
        let findings = check(&paths(), "| `crates/a/src/` | nouns |");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("crates/a/src/deep"));
        assert!(check(&paths(), "`crates/a/src` and `crates/a/src/deep`").is_empty());
    }

    #[test]
    fn a_name_that_is_not_there_is_dead() {
        let text = "`crates/a/src`, `crates/a/src/deep`, `crates/a/src/gone.rs`";
        assert_eq!(check(&paths(), text).len(), 1);
    }

    #[test]
    fn a_section_ends_at_the_next_heading() {
        assert_eq!(section("# A\n## B\nb\n## C\nc", "## B"), "\nb");
        assert_eq!(section("# A", "## B"), "");
    }

    #[test]
    fn code_between_backticks_is_no_path() {
        let text = "`crates/a/src`, `crates/a/src/deep`, `std::fmt`, `and/or`, `crates/*/src`";
        assert!(check(&paths(), text).is_empty());
    }
}
