//! `cargo xtask tidy`: the rules of the repository that no compiler checks.
//!
//! Each rule is a file of its own below `tidy/`, a function from texts to findings.

mod bans;
mod floors;
mod header;
mod ignored;
mod length;
mod map;
mod sample;
mod source;
mod unsafety;
mod words;

use std::fmt;

use crate::failure::Failure;
use crate::workspace::Workspace;
use source::SourceFile;

/// A place in the repository that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// From 1; 0 where the finding is about the file as a whole.
    line: usize,
    message: String,
}

impl Finding {
    fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }

    fn of_file(path: &str, message: impl Into<String>) -> Self {
        Self::at(path, 0, message)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.message),
            line => write!(formatter, "{}:{line}: {}", self.path, self.message),
        }
    }
}

pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let paths = workspace.files()?;
    let sources = paths
        .iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| Ok(SourceFile::new(path, workspace.read(path)?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let architecture = workspace.read(map::ARCHITECTURE)?;
    let metadata = workspace.metadata()?;

    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(header::check(source));
        findings.extend(ignored::check(source));
        findings.extend(unsafety::check(source));
    }
    findings.extend(unsafety::check_roots(&sources));
    findings.extend(bans::check(&sources, &architecture));
    findings.extend(length::check(&sources));
    findings.extend(map::check(&paths, &architecture));
    findings.extend(floors::check(&metadata));
    findings.extend(sample::check(workspace)?);
    for path in &paths {
        findings.extend(words::check_name(path));
        // What is no text (pictures, models) has no words.
        if let Ok(text) = workspace.read(path) {
            findings.extend(words::check_text(path, &text));
        }
    }

    if findings.is_empty() {
        println!("tidy: {} files, nothing found", paths.len());
        return Ok(());
    }
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    Err(Failure::new(format!("tidy found {} things, named above", findings.len())))
}
