//! Rule: `unsafe` stands only where memory, drivers or C code are touched; the other crates forbid it.

use super::{Finding, SourceFile};

/// Where `unsafe` may stand: paths and what they begin with.
const ALLOWED: &[&str] = &[
    "crates/memory/",
    "crates/render/src/vulkan",
    "crates/ui/src/imgui",
    "crates/platform/src/libraries.rs",
    // a peer's context of OpenGL, outside of the workspace
    "bench/peers/three-d/",
];

/// Root files that forbid it, so that the compiler keeps the rule.
const FORBIDDING: &[&str] = &[
    "bench/src/main.rs",
    "crates/app/src/lib.rs",
    "crates/assets/src/lib.rs",
    "crates/editor/src/main.rs",
    "crates/scene/src/lib.rs",
    "xtask/src/main.rs",
];

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    if ALLOWED.iter().any(|allowed| file.path.starts_with(allowed)) {
        return Vec::new();
    }
    file.lines_with_word("unsafe")
        .map(|line| Finding::at(&file.path, line, format!("`unsafe` stands outside of {}", ALLOWED.join(", "))))
        .collect()
}

pub(super) fn check_roots(files: &[SourceFile]) -> Vec<Finding> {
    FORBIDDING
        .iter()
        .filter(|root| !files.iter().any(|file| file.path == **root && file.code.contains("#![forbid(unsafe_code)]")))
        .map(|root| Finding::of_file(root, "lacks `#![forbid(unsafe_code)]`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_is_found_in_code_and_only_outside_of_its_places() {
        let text = "//! No unsafe here.\nfn f() { unsafe { g() } }\n";
        let lines = |path| {
            let findings = check(&SourceFile::new(path, text.to_owned()));
            findings.iter().map(|finding| finding.line).collect::<Vec<_>>()
        };
        assert_eq!(lines("crates/scene/src/entity.rs"), [2]);
        assert!(lines("crates/render/src/vulkan/image.rs").is_empty());
    }

    #[test]
    fn a_root_that_does_not_forbid_unsafe_is_found() {
        let mut files: Vec<SourceFile> = FORBIDDING
            .iter()
            .map(|path| SourceFile::new(path, "//! A crate.\n#![forbid(unsafe_code)]\n".to_owned()))
            .collect();
        assert!(check_roots(&files).is_empty());
        files[0] = SourceFile::new(FORBIDDING[0], "//! #![forbid(unsafe_code)]\n".to_owned());
        assert_eq!(check_roots(&files).len(), 1);
    }
}
