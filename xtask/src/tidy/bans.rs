//! Rule: the crates whose memory is arenas switch on clippy's bans (clippy.toml), and the files that switch them off
//! again, because they talk to foreign crates, are named in ARCHITECTURE.md.

use super::{Finding, SourceFile, map};

/// Crates in which std's collections and panicking allocation are refused.
const CRATES: &[&str] = &["crates/app", "crates/assets", "crates/render", "crates/scene", "crates/ui"];

const LINTS: &[&str] = &["clippy::disallowed_types", "clippy::disallowed_methods", "clippy::disallowed_macros"];

pub(super) fn check(files: &[SourceFile], architecture: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in CRATES {
        let root = format!("{folder}/src/lib.rs");
        if !files.iter().any(|file| file.path == root && switches_on(&file.code)) {
            findings.push(Finding::of_file(&root, format!("lacks `{}`", switch())));
        }
    }
    for file in files {
        if file.is_test() || !CRATES.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        if switches_off(&file.code) && !map::names(architecture).any(|name| name == file.path) {
            findings.push(Finding::of_file(
                &file.path,
                format!("allows a disallowed type, method or macro but isn't named in {}", map::ARCHITECTURE),
            ));
        }
    }
    findings
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
        assert_eq!(check(&files, "").len(), 1);
        assert!(check(&files, "- `crates/assets/src/gltf.rs`: the gltf crate").is_empty());
    }
}
