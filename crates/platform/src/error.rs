//! What can go wrong between the program and the machine: one enum for the crate.
//!
//! Messages say what failed, the numbers and the remedy. Paths are kept as given by the caller, so that the person
//! who typed them recognises them.

use std::io;
use std::path::PathBuf;

use voltrum_memory::MemoryError;

use crate::events::EventError;

/// Errors of the platform floor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlatformError {
    /// No X11 or Wayland display can be reached.
    #[error(
        "no display: {reason}; start it inside a graphical session, or use `voltrum render FILE -o OUT.png`, which needs no window"
    )]
    NoDisplay {
        /// What was tried and what came back.
        reason: String,
    },
    /// A system library that windows need is not installed.
    #[error("cannot open a window: {library} is missing; install it: apt install {package}")]
    MissingLibrary {
        /// The file name that the loader looked for.
        library: &'static str,
        /// The Debian package that holds it.
        package: &'static str,
    },
    /// The process has opened a window before, or failed to, and winit allows one event loop per process.
    #[error(
        "this process has opened its one window already, or has tried to; open further instances headless or in a process of their own"
    )]
    WindowTaken,
    /// The window system refused something.
    #[error("the window system failed to {action}: {reason}")]
    WindowSystem {
        /// What was asked of it.
        action: &'static str,
        /// Its own words.
        reason: String,
    },
    /// The connection to the window system broke.
    #[error("the connection to the window system was lost (code {code})")]
    WindowLost {
        /// The code that the event loop left with: an `errno` on Unix.
        code: i32,
    },
    /// More messages were posted than the queue holds.
    #[error(
        "the message queue is full: it holds {capacity} messages until the next pump, {dropped} dropped so far; pump between posts"
    )]
    QueueFull {
        /// How many messages fit.
        capacity: usize,
        /// How many did not fit since start-up.
        dropped: u64,
    },
    /// Nothing is there.
    #[error("{}: not found", path.display())]
    NotFound {
        /// The path asked for.
        path: PathBuf,
    },
    /// A folder stands where a file was expected.
    #[error("{}: is a directory, not a file", path.display())]
    IsDirectory {
        /// The path asked for.
        path: PathBuf,
    },
    /// A device, pipe or socket stands where a file was expected.
    #[error("{}: is neither a file nor a directory; only regular files can be read", path.display())]
    NotAFile {
        /// The path asked for.
        path: PathBuf,
    },
    /// A file stands where a folder was expected.
    #[error("{}: is not a directory", path.display())]
    NotADirectory {
        /// The path asked for.
        path: PathBuf,
    },
    /// The system does not let this user do that.
    #[error("{}: permission denied; check the owner and mode of the file and of its folder", path.display())]
    PermissionDenied {
        /// The path asked for.
        path: PathBuf,
    },
    /// The disk, or the user's share of it, is full.
    #[error("{}: cannot {action}: no space is left on the disk; free some", path.display())]
    NoSpace {
        /// The path asked for.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
    },
    /// The file system is mounted for reading only.
    #[error("{}: cannot {action}: the disk is read-only; choose another folder", path.display())]
    ReadOnly {
        /// The path asked for.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
    },
    /// Another program keeps the file to itself.
    #[error("{}: cannot {action}: another program has it open; close it there", path.display())]
    Busy {
        /// The path asked for.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
    },
    /// The file is longer than the caller is ready to take.
    #[error("{}: has {bytes} bytes, the limit is {limit}", path.display())]
    TooLarge {
        /// The path asked for.
        path: PathBuf,
        /// Length of the file in bytes.
        bytes: u64,
        /// What the caller allowed, in bytes.
        limit: u64,
    },
    /// The file grew between looking at it and reading it.
    #[error("{}: changed while it was read ({expected} bytes expected); try again", path.display())]
    Changed {
        /// The path asked for.
        path: PathBuf,
        /// Length in bytes before reading began.
        expected: u64,
    },
    /// A name that leads out of the folder it has to stay in.
    #[error("{name:?}: {reason}; names must stay inside {}", root.display())]
    OutsideRoot {
        /// The name as given.
        name: String,
        /// The folder it had to stay in.
        root: PathBuf,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// Any other failure of the file system.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The path asked for.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// An arena had no room.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The event system refused.
    #[error(transparent)]
    Event(#[from] EventError),
}

impl PlatformError {
    /// Sorts an `io::Error` at `path` into the variants above.
    pub(crate) fn from_io(path: &std::path::Path, action: &'static str, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { path },
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            io::ErrorKind::NotADirectory => Self::NotADirectory { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path, action },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, action },
            io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy | io::ErrorKind::WouldBlock => {
                Self::Busy { path, action }
            }
            _ => Self::Io { path, action, source },
        }
    }
}
