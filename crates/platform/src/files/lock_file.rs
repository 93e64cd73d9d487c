//! Lock files: one process at a time, and the others learn which.
//!
//! The system's lock on the open file decides, so a process that died holds nothing; the file's contents only tell people
//! who has it. Where a file system has no locks, the contents decide: a process of this host that no longer runs has left
//! them behind, anything else counts as alive.
//!
//! # Invariants
//! 1. A lock is held on the file that its path names: one that was removed meanwhile is tried again.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use voltrum_memory::Tagged;

use crate::error::PlatformError;

/// Longest contents that are looked at.
const CONTENTS_MAX: usize = 1024;

/// How often a lock file that was replaced under our hands is tried again.
const ATTEMPTS_MAX: u32 = 16;

/// Who has a lock, as its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockOwner<'a> {
    /// Its process.
    pub pid: u32,
    /// The machine that it runs on.
    pub host: &'a str,
    /// Since when, in seconds since 1970.
    pub since_unix_secs: u64,
}

impl std::fmt::Display for LockOwner<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "process {} on {}", self.pid, self.host)
    }
}

/// What came of trying to lock.
#[derive(Debug)]
pub enum Locking<'a, L> {
    /// It is ours.
    Taken {
        /// Keeps it.
        lock: L,
        /// Who had it before and ended without giving it back.
        stale: Option<LockOwner<'a>>,
    },
    /// Somebody else has it: who, where the file says.
    Held(Option<LockOwner<'a>>),
}

/// A lock on a file of the system; dropping it gives it back and removes the file.
#[derive(Debug)]
pub struct SystemLock {
    file: File,
    path: PathBuf,
}

impl Drop for SystemLock {
    fn drop(&mut self) {
        // a later owner's file must stay; whether ours goes is no matter: its lock ends with it
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) fn lock_file<'a>(
    path: &Path,
    now_unix_secs: u64,
    memory: Tagged<'a>,
) -> Result<Locking<'a, SystemLock>, PlatformError> {
    let fail = |source| PlatformError::from_io(path, "lock it", source);
    for _ in 0..ATTEMPTS_MAX {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
        let mut contents = [0; CONTENTS_MAX];
        let owned_by = |file: &mut File, contents: &mut [u8]| -> Result<Option<LockOwner<'a>>, PlatformError> {
            let read = read_some(file, contents).map_err(fail)?;
            owner(contents.get(..read).unwrap_or_default(), memory)
        };
        let stale = match file.try_lock() {
            Ok(()) if is_at(&file, path) => owned_by(&mut file, &mut contents)?,
            Ok(()) => continue,
            Err(TryLockError::WouldBlock) => return Ok(Locking::Held(owned_by(&mut file, &mut contents)?)),
            Err(TryLockError::Error(_)) => match owned_by(&mut file, &mut contents)? {
                Some(owner) if is_alive(&owner) => return Ok(Locking::Held(Some(owner))),
                gone => gone,
            },
        };
        write_owner(&mut file, now_unix_secs).map_err(fail)?;
        return Ok(Locking::Taken { lock: SystemLock { file, path: path.to_path_buf() }, stale });
    }
    Ok(Locking::Held(None))
}

fn write_owner(file: &mut File, now_unix_secs: u64) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    let text = format!("pid {}\nhost {}\nsince {now_unix_secs}\n", std::process::id(), host());
    file.write_all(text.as_bytes())
}

/// What a lock file's contents say; nothing where they are not what we write.
fn owner<'a>(contents: &[u8], memory: Tagged<'a>) -> Result<Option<LockOwner<'a>>, PlatformError> {
    let field = |name: &str| {
        let text = std::str::from_utf8(contents).ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
    };
    let number = |name| field(name).and_then(|text| text.parse::<u64>().ok());
    match (number("pid").and_then(|pid| u32::try_from(pid).ok()), field("host"), number("since")) {
        (Some(pid), Some(host), Some(since_unix_secs)) => {
            Ok(Some(LockOwner { pid, host: memory.try_alloc_str(host)?, since_unix_secs }))
        }
        _ => Ok(None),
    }
}

fn read_some(file: &mut File, contents: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(0))?;
    let mut filled = 0;
    while let Some(rest) = contents.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// This machine's name.
pub(super) fn host() -> String {
    #[cfg(unix)]
    {
        rustix::system::uname().nodename().to_string_lossy().replace(['\n', '\r'], " ")
    }
    #[cfg(not(unix))]
    {
        std::env::var("COMPUTERNAME").unwrap_or_else(|_| String::from("this machine"))
    }
}

/// Whether the process may still run. Where that can't be known, it does.
fn is_alive(owner: &LockOwner<'_>) -> bool {
    if owner.host != host() {
        return true;
    }
    let processes = Path::new("/proc");
    !processes.is_dir() || processes.join(owner.pid.to_string()).exists()
}

/// Whether the open file is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => id(open) == id(named),
        _ => false,
    }
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}
