//! What can go wrong with a project's files.

use voltrum_assets::words::Words;
use voltrum_memory::MemoryError;
use voltrum_platform::PlatformError;

use super::key::EntityKey;
use crate::error::SceneError;

/// A project that can't be read, or a save that didn't happen. What was on the disk before is still there.
///
/// Apart from [`SceneError`] because it holds the system's own errors, which can't be compared or copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// The text is no JSON, or JSON of another shape.
    #[error("{path}: line {line}, column {column}: {message}; mend that line or go back to an earlier save")]
    Json {
        /// The project file.
        path: Words,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        message: Words,
    },
    /// What the document says contradicts itself.
    #[error("{path}: {place}: {message}; mend it or go back to an earlier save")]
    Content {
        /// The project file.
        path: Words,
        /// Where: `entities[3]`.
        place: Words,
        /// What is wrong there.
        message: Words,
    },
    /// A later version of the program wrote it.
    #[error(
        "{path}: written in schema {found} by a newer version of voltrum, this one reads up to {supported}; update voltrum to open it"
    )]
    Newer {
        /// The project file.
        path: Words,
        /// Its schema.
        found: u64,
        /// The latest that is known here.
        supported: u64,
    },
    /// More of something than is allowed.
    #[error("{path}: has {count} {what}, the limit is {limit}; raise `{option}`")]
    Limit {
        /// The project file.
        path: Words,
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: u64,
        /// How many are allowed.
        limit: u64,
        /// The limit's name in [`ProjectLimits`](super::ProjectLimits).
        option: &'static str,
    },
    /// What is to be saved couldn't be read again.
    #[error("{path}: can't be saved: entity {key} has {what}; correct it and save again")]
    Unsavable {
        /// The project file.
        path: Words,
        /// The entity.
        key: EntityKey,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A reference to a file that the project can't have.
    #[error("{path}: {file:?} can't be part of the project: {reason}; put it into the project's folder")]
    Reference {
        /// The project file.
        path: Words,
        /// The other file.
        file: Words,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The project is open for reading only.
    #[error("{path}: is open for reading only: {reason}")]
    ReadOnly {
        /// The project file.
        path: Words,
        /// Why, and what to do.
        reason: Words,
    },
    /// A record of the journal passes its checksum, but means nothing here.
    #[error("journal record {sequence}: {reason}; the edits before it are applied")]
    Record {
        /// Its number.
        sequence: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// The file system refused.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// An arena had no room.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The scene refused.
    #[error(transparent)]
    Scene(#[from] SceneError),
}
