//! Rule: past 500 lines, a file has a second thing in it, or a reason.

use super::{Finding, SourceFile};

const LINES_MAX: usize = 500;

/// Files that may be longer, each with its reason.
const EXCUSED: &[(&str, &str)] = &[];

pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    check_against(files, EXCUSED)
}

fn check_against(files: &[SourceFile], excused: &[(&str, &str)]) -> Vec<Finding> {
    let is_long = |file: &SourceFile| file.text.lines().count() > LINES_MAX;
    let too_long =
        files.iter().filter(|file| is_long(file) && !excused.iter().any(|(path, _)| *path == file.path)).map(|file| {
            Finding::of_file(
                &file.path,
                format!("{} lines, over {LINES_MAX}; what is the second thing in it?", file.text.lines().count()),
            )
        });
    let no_longer = excused
        .iter()
        .filter(|(path, _)| !files.iter().any(|file| file.path == *path && is_long(file)))
        .map(|(path, _)| Finding::of_file(path, "excused for its length, but not long, or not there"));
    too_long.chain(no_longer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> SourceFile {
        SourceFile::new(path, "//! A line.\n".repeat(lines))
    }

    #[test]
    fn a_long_file_needs_an_excuse() {
        let files = [file("long.rs", 501), file("short.rs", 500)];
        assert_eq!(check_against(&files, &[]).len(), 1);
        assert!(check_against(&files, &[("long.rs", "a table")]).is_empty());
    }

    #[test]
    fn an_excuse_without_a_long_file_is_stale() {
        assert_eq!(check_against(&[file("short.rs", 3)], &[("short.rs", "a table")]).len(), 1);
    }
}
