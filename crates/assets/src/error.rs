//! What can go wrong with an asset, in one enum, and what that means for the caller.
//!
//! Messages say which file, where in it, the numbers and what to do.

use std::io;
use std::path::Path;

use voltrum_memory::MemoryError;
use voltrum_platform::PlatformError;
use voltrum_render::RenderError;

use crate::fault::Fault;
use crate::words::{Boxed, Grouped, Words, shown, shown_path};

/// What an [`AssetError`] means for the caller: a command turns it into its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file is not what it claims to be (exit code 3).
    BadFile,
    /// A memory budget or a configured limit was reached (exit code 4).
    Memory,
    /// The graphics device refused (exit code 5).
    Device,
    /// The file is missing, a directory, or may not be read (exit code 6).
    Io,
    /// Somebody asked the load to stop.
    Cancelled,
    /// The caller broke the rules of the interface: a stale handle, an unknown loader.
    Usage,
}

/// Everything that can go wrong with an asset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssetError {
    /// No such file.
    #[error("{path}: no such file; check the path")]
    Missing {
        /// The path as given.
        path: Words,
    },
    /// A directory where a file is wanted.
    #[error("{path}: this is a directory; name a file in it")]
    Directory {
        /// The path as given.
        path: Words,
    },
    /// The system doesn't let us read it.
    #[error("{path}: permission denied; make the file readable")]
    Denied {
        /// The path as given.
        path: Words,
    },
    /// The system failed to read it.
    #[error("{path}: cannot be read: {source}; check the disk and try again")]
    Io {
        /// The path as given.
        path: Words,
        /// What the system said.
        source: io::Error,
    },
    /// The file could be read, but what it says is wrong.
    #[error("{path}: {fault}")]
    Content {
        /// The path as given.
        path: Words,
        /// What is wrong.
        fault: Boxed<Fault>,
    },
    /// More of something than the configuration allows.
    #[error("{path}: {} {what}, the limit is {}; raise `{option}` or open a smaller file", Grouped(*count), Grouped(*limit))]
    Limit {
        /// The path as given.
        path: Words,
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        count: u64,
        /// How much is allowed.
        limit: u64,
        /// The option that allows more.
        option: &'static str,
    },
    /// An arena is full.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The upload memory or the device refused.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// What went wrong while this file was loaded: memory or the device.
    #[error("{path}: {source}")]
    InFile {
        /// The path as given.
        path: Words,
        /// An [`AssetError::Memory`] or [`AssetError::Render`].
        source: Boxed<AssetError>,
    },
    /// The platform refused in a way that has no variant of its own here.
    #[error(transparent)]
    Platform(PlatformError),
    /// The load was asked to stop, and did.
    #[error("loading was cancelled")]
    Cancelled,
    /// A handle whose thing is gone.
    #[error("a stale {what} handle was used; don't keep handles past their release")]
    Stale {
        /// What the handle was of.
        what: &'static str,
    },
    /// A table of fixed size is full.
    #[error("all {} {what} places are taken; raise `{option}` or release some", Grouped(*capacity))]
    Full {
        /// What there is no place for.
        what: &'static str,
        /// How many places there are.
        capacity: u64,
        /// The option that gives more.
        option: &'static str,
    },
    /// A system's bytes on the device are spent.
    #[error("{what} hold {} of {} bytes, {} more were asked for; raise `{option}`, close something, or make it smaller", Grouped(*held), Grouped(*limit), Grouped(*asked))]
    Budget {
        /// The system.
        what: &'static str,
        /// Bytes asked for.
        asked: u64,
        /// Bytes it holds.
        held: u64,
        /// Bytes it may hold.
        limit: u64,
        /// The option that gives more.
        option: &'static str,
    },
    /// What is to take a scene's place is of another make.
    #[error("it has {} {what} and had {}: its parts can't be told from each other any more; open it anew", Grouped(*has), Grouped(*had))]
    Reshaped {
        /// What there is more or less of.
        what: &'static str,
        /// How many there were.
        had: u64,
        /// How many there are.
        has: u64,
    },
    /// A resource's name leaves the asset root, or is none.
    #[error("resource name {name} {problem}; use a relative path inside the asset root")]
    Name {
        /// The name as given.
        name: Words,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// No loader for this kind of resource.
    #[error("resource {name}: no loader is registered for its kind; register one first")]
    NoLoader {
        /// The name as given.
        name: Words,
    },
    /// The same resource was asked for as two kinds.
    #[error("resource {name} is loaded as another kind; release it first or ask for that kind")]
    Kind {
        /// The name as given.
        name: Words,
    },
}

impl AssetError {
    /// What this error means for the caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing { .. }
            | Self::Directory { .. }
            | Self::Denied { .. }
            | Self::Io { .. }
            | Self::Platform(_) => ErrorKind::Io,
            Self::Content { .. } | Self::Reshaped { .. } => ErrorKind::BadFile,
            Self::Limit { .. } | Self::Full { .. } | Self::Budget { .. } | Self::Memory(_) => ErrorKind::Memory,
            Self::Render(error) => render_kind(error),
            Self::InFile { source, .. } => source.kind(),
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Stale { .. } | Self::Name { .. } | Self::NoLoader { .. } | Self::Kind { .. } => ErrorKind::Usage,
        }
    }

    /// The fault inside a readable file, if that is what this error is.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Content { fault, .. } => Some(fault),
            _ => None,
        }
    }

    /// An I/O error of the system on `path`, sorted by what the user can do about it.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        let name = shown_path(path);
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing { path: name },
            io::ErrorKind::IsADirectory => Self::Directory { path: name },
            io::ErrorKind::PermissionDenied => Self::Denied { path: name },
            _ => Self::Io { path: name, source: error },
        }
    }

    /// `path` is a directory.
    pub(crate) fn directory(path: &Path) -> Self {
        Self::Directory { path: shown_path(path) }
    }

    /// Too much of something; the file's name is added by [`AssetError::in_file`].
    pub(crate) fn limit(what: &'static str, count: u64, limit: u64, option: &'static str) -> Self {
        Self::Limit { path: Words::default(), what, count, limit, option }
    }

    /// Adds the file's name to an error that was made without knowing it.
    pub fn in_file(self, file: &Path) -> Self {
        match self {
            Self::Content { path, fault } if path.is_empty() => Self::Content { path: shown_path(file), fault },
            Self::Limit { path, what, count, limit, option } if path.is_empty() => {
                Self::Limit { path: shown_path(file), what, count, limit, option }
            }
            Self::Memory(_) | Self::Render(_) | Self::Reshaped { .. } => {
                Self::InFile { path: shown_path(file), source: Boxed::new(self) }
            }
            other => other,
        }
    }
}

impl From<PlatformError> for AssetError {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::NotFound { path } => Self::Missing { path: shown_path(&path) },
            PlatformError::IsDirectory { path } => Self::Directory { path: shown_path(&path) },
            PlatformError::PermissionDenied { path } => Self::Denied { path: shown_path(&path) },
            PlatformError::TooLarge { path, bytes, limit } => {
                Self::Limit { path: shown_path(&path), what: "bytes", count: bytes, limit, option: "file_bytes_max" }
            }
            PlatformError::OutsideRoot { name, reason, .. } => Self::Name { name: shown(&name), problem: reason },
            PlatformError::Memory(error) => Self::Memory(error),
            PlatformError::Io { path, source, .. } => Self::Io { path: shown_path(&path), source },
            other => Self::Platform(other),
        }
    }
}

impl From<Fault> for AssetError {
    fn from(fault: Fault) -> Self {
        Self::Content { path: Words::default(), fault: Boxed::new(fault) }
    }
}

fn render_kind(error: &RenderError) -> ErrorKind {
    match error {
        RenderError::Memory(_) | RenderError::UploadLimit { .. } | RenderError::LimitReached { .. } => {
            ErrorKind::Memory
        }
        RenderError::ImageTooLarge { .. } => ErrorKind::BadFile,
        error if error.is_gpu_unusable() => ErrorKind::Device,
        _ => ErrorKind::Usage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    #[test]
    fn a_fault_gets_the_name_of_its_file() {
        let error = AssetError::from(Fault::Range {
            inner: Place::new("accessor", 4),
            outer: Place::new("bufferView", 2),
            end: 1204,
            length: 1152,
        });
        let error = error.in_file(Path::new("models/lamp.gltf"));
        assert_eq!(
            error.to_string(),
            "models/lamp.gltf: accessor 4 reaches byte 1,204 of bufferView 2, which has 1,152; export the file again"
        );
        assert_eq!(error.kind(), ErrorKind::BadFile);
    }
}
