//! The files of a project: the document, and what stands beside it.

use std::path::Path;

use voltrum_memory::Tagged;
use voltrum_platform::files::{FileSystem, beside};

use super::error::ProjectError;

/// See the module. They lie in the scene arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paths<'s> {
    /// The document, with links followed.
    pub(super) project: &'s Path,
    /// A save that hasn't happened yet.
    pub(super) unfinished: &'s Path,
    /// The journal.
    pub(super) journal: &'s Path,
    /// A journal that isn't in its place yet.
    pub(super) journal_unfinished: &'s Path,
    /// A journal that couldn't be applied, kept for people.
    pub(super) aside: &'s Path,
    /// Whose project it is.
    pub(super) lock: &'s Path,
}

impl<'s> Paths<'s> {
    pub(super) fn of<F: FileSystem>(
        files: &F,
        path: &Path,
        now_unix_secs: u64,
        memory: Tagged<'s>,
    ) -> Result<Paths<'s>, ProjectError> {
        let project = files.real_path(path, memory)?;
        let ending = memory.try_alloc_fmt(format_args!(".journal-{now_unix_secs}"))?;
        Ok(Paths {
            project,
            unfinished: beside(project, ".", ".unfinished", memory)?,
            journal: beside(project, "", ".journal", memory)?,
            journal_unfinished: beside(project, ".", ".journal-unfinished", memory)?,
            aside: beside(project, "", ending, memory)?,
            lock: beside(project, "", ".lock", memory)?,
        })
    }
}
