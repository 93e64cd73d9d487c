//! How much a project may hold. What goes past a limit is an error that names it.

/// Limits for what is read and written. The defaults suit the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectLimits {
    /// Bytes of the project file.
    pub file_bytes_max: usize,
    /// Bytes of the journal.
    pub journal_bytes_max: usize,
    /// Bytes of edits that wait for the disk.
    pub pending_bytes_max: usize,
    /// Entities, files and keys that the document lists.
    pub entries_max: usize,
    /// Bytes of a name or of a path.
    pub name_bytes_max: usize,
    /// Brackets around brackets in the document.
    pub nesting_max: usize,
}

impl Default for ProjectLimits {
    fn default() -> Self {
        ProjectLimits {
            file_bytes_max: 256 << 20,
            journal_bytes_max: 256 << 20,
            pending_bytes_max: 64 << 20,
            entries_max: 1 << 20,
            name_bytes_max: 4096,
            nesting_max: 32,
        }
    }
}
