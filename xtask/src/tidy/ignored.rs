//! Rule: a test that does not run says why.

use super::{Finding, SourceFile};

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    file.code
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("#[ignore]"))
        .map(|(index, _)| {
            Finding::at(
                &file.path,
                index + 1,
                "a test is ignored without a reason; write `#[ignore = \"...\"]` or let it run",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_attribute_is_refused() {
        let text = "//! #[ignore]\n#[ignore = \"needs an hour\"]\n#[ignore]\n";
        let findings = check(&SourceFile::new("a.rs", text.to_owned()));
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3]);
    }
}
