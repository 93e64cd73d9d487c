//! Rule: the crates whose memory is arenas switch on clippy's bans (clippy.toml), and the files that switch them off
//! again, because they talk to foreign crates, are named in ARCHITECTURE.md.

use super::{Finding, SourceFile, map};

/// Crates in which std's collections and panicking allocation are refused.
const CRATES: &[&str] = &["crates/app", "crates/assets", "crates/render", "crates/scene", "crates/ui"];

const LINTS: &[&str] = &["clippy::disallowed_types", "clippy::disallowed_methods", "clippy::disallowed_macros"];

/// The section of ARCHITECTURE.md that names the files.
const SECTION: &str = "## Files that talk to foreign crates";

pub(super) fn check(files: &[SourceFile], architecture: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in CRATES {
        let root = format!("{folder}/src/lib.rs");
        if !files.iter().any(|file| file.path == root && switches_on(&file.code)) {
            findings.push(Finding::of_file(&root, format!("lacks `{}`", switch())));
        }
    }
    let named: Vec<&str> = map::names(map::section(architecture, SECTION)).collect();
    let lenient: Vec<&str> = files
        .iter()
        .filter(|file| is_banned(&file.path) && switches_off(&file.code))
        .map(|file| file.path.as_str())
        .collect();
    for path in lenient.iter().filter(|path| !named.contains(path)) {
        let message = format!("allows what clippy.toml refuses, but {} doesn't name it: {SECTION}", map::ARCHITECTURE);
        findings.push(Finding::of_file(path, message));
    }
    for path in named.iter().filter(|name| is_banned(name) && !lenient.contains(name)) {
        let message = format!("names `{path}`, which allows nothing that clippy.toml refuses");
        findings.push(Finding::of_file(map::ARCHITECTURE, message));
    }
    findings
}

/// Whether the bans hold for the file: source of one of the crates. Build scripts and tests are outside.
fn is_banned(path: &str) -> bool {
    CRATES.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with("/src/")))
}

/// The attribute that a root file carries. Unit tests are exempt; integration tests are crates of their own.
fn switch() -> String {
    format!("#![cfg_attr(not(test), deny({}))]", LINTS.join(", "))
}

fn switches_on(code: &str) -> bool {
    let dense = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    // rustfmt may end the list with a comma.
    dense(code).contains(dense(&switch()).trim_end_matches(")]").trim_end_matches(')'))
}

fn switches_off(code: &str) -> bool {
    ["allow(", "expect("].iter().any(|word| {
        code.match_indices(word).any(|(start, _)| {
            let inside = &code[start..];
            let inside = &inside[..inside.find(']').unwrap_or(inside.len())];
            LINTS.iter().any(|lint| inside.contains(lint))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots() -> Vec<SourceFile> {
        CRATES
            .iter()
            .map(|folder| SourceFile::new(&format!("{folder}/src/lib.rs"), format!("//! A crate.\n{}\n", switch())))
            .collect()
    }

    #[test]
    fn every_root_switches_the_bans_on() {
        let mut files = roots();
        assert!(check(&files, "").is_empty());
        files[1] = SourceFile::new("crates/assets/src/lib.rs", "//! A crate.\n".to_owned());
        assert_eq!(check(&files, "").len(), 1);
    }

    #[test]
    fn the_attribute_may_be_broken_into_lines() {
        let broken = switch().replace(", ", ",\n    ").replace("))]", ",\n))]");
        assert!(switches_on(&broken));
    }

    #[test]
    fn a_file_that_switches_them_off_is_named_in_the_architecture() {
        let mut files = roots();
        files.push(SourceFile::new(
            "crates/assets/src/gltf.rs",
            "//! glTF.\n#![allow(clippy::disallowed_types, reason = \"gltf\")]\n".to_owned(),
        ));
        assert_eq!(check(&files, "`crates/assets/src/gltf.rs`").len(), 1);
        assert!(check(&files, &format!("{SECTION}\n- `crates/assets/src/gltf.rs`: gltf")).is_empty());
    }

    #[test]
    fn a_named_file_that_switches_nothing_off_is_stale() {
        assert_eq!(check(&roots(), &format!("{SECTION}\n- `crates/ui/src/lib.rs`: gone")).len(), 1);
    }

    #[test]
    fn build_scripts_may_allocate() {
        let mut files = roots();
        files.push(SourceFile::new("crates/render/build.rs", "#![allow(clippy::disallowed_types)]\n".to_owned()));
        assert!(check(&files, "").is_empty());
    }
}
