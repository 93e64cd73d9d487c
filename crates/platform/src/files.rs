//! Files: read into an arena, written whole or not at all.
//!
//! # Invariants
//! 1. A read takes no more than the caller's limit, and no heap memory for the contents.
//! 2. Only regular files are opened: a pipe would block, a device might never end.
//! 3. After a write, whatever interrupts it, the old contents or the new ones are there, never a mixture.
//!
//! What saves projects goes through [`FileSystem`], so that tests can make each operation fail; [`SystemFiles`] is the
//! real one.
//!
//! # Deliberately absent
//! Standard input and output: the command's matter. Reading in pieces, watching for changes.

#[cfg(feature = "faulty-disk")]
mod faulty_disk;
mod file_system;
mod lock_file;
mod replacement;
mod system_files;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use voltrum_memory::{MemoryError, Scope, Tagged};

pub use crate::asset_root::{AssetRoot, check_name, keep_path};
use crate::error::PlatformError;
#[cfg(feature = "faulty-disk")]
pub use faulty_disk::{Chance, Fault, FaultyDisk, FaultyFile, FaultyLock};
pub use file_system::{FileSystem, OpenFile};
pub use lock_file::{LockOwner, Locking, SystemLock};
pub use replacement::Replacement;
pub use system_files::{SystemFile, SystemFiles};

/// Reads the whole file at `path` into `memory`; an empty file gives an empty slice.
///
/// # Errors
/// [`PlatformError::NotFound`], [`PlatformError::IsDirectory`], [`PlatformError::NotAFile`],
/// [`PlatformError::PermissionDenied`], [`PlatformError::TooLarge`] past `limit_bytes` (before anything is read),
/// [`PlatformError::Changed`] when the file grows meanwhile, [`PlatformError::Memory`] when the arena is full. After an error
/// the arena may have taken up to the file's length, until its scope ends.
///
/// # Example
/// ```no_run
/// use std::path::Path;
/// use voltrum_memory::Arena;
/// use voltrum_platform::files;
///
/// let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// let scope = arena.open();
/// let document = files::read_file(Path::new("lamp.gltf"), &scope, 64 << 20)?;
/// # Ok::<(), voltrum_platform::PlatformError>(())
/// ```
pub fn read_file<'a>(path: &Path, memory: &Scope<'a>, limit_bytes: usize) -> Result<&'a mut [u8], PlatformError> {
    read_into(path, limit_bytes, |len| memory.try_alloc_zeroed(len))
}

/// The path of a file in the folder of `path`, in `memory`: named as it, between `before` and `after`.
///
/// ```
/// # use std::path::Path;
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_platform::files;
/// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
/// # let scope = arena.open();
/// let journal = files::beside(Path::new("lamps/desk.voltrum"), "", ".journal", scope.tagged(Tag::PROJECT))?;
/// assert_eq!(journal, Path::new("lamps/desk.voltrum.journal"));
/// # Ok::<(), voltrum_platform::PlatformError>(())
/// ```
///
/// # Errors
/// [`PlatformError::IsDirectory`] for a path that ends in no name; [`PlatformError::Memory`].
pub fn beside<'a>(path: &Path, before: &str, after: &str, memory: Tagged<'a>) -> Result<&'a Path, PlatformError> {
    let name = path.file_name().ok_or_else(|| PlatformError::IsDirectory { path: path.to_path_buf() })?;
    let mut whole = std::ffi::OsString::from(before);
    whole.push(name);
    whole.push(after);
    keep_path(&path.with_file_name(whole), |bytes| memory.try_alloc_slice_copy(bytes))
}

fn read_into<'a>(
    path: &Path,
    limit_bytes: usize,
    room: impl FnOnce(usize) -> Result<&'a mut [u8], MemoryError>,
) -> Result<&'a mut [u8], PlatformError> {
    let fail = |source| PlatformError::from_io(path, "read it", source);
    // looked at before it is opened: opening a pipe waits for a writer
    check_regular(path, &fs::metadata(path).map_err(fail)?)?;
    let mut file = File::open(path).map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    check_regular(path, &metadata)?;
    let expected = metadata.len();
    let too_large =
        |limit: usize| PlatformError::TooLarge { path: path.to_path_buf(), bytes: expected, limit: limit as u64 };
    let len = usize::try_from(expected).map_err(|_| too_large(limit_bytes))?;
    if len > limit_bytes {
        return Err(too_large(limit_bytes));
    }
    let bytes = room(len)?;
    let filled = read_up_to(&mut file, bytes).map_err(fail)?;
    if filled == len && read_up_to(&mut file, &mut [0]).map_err(fail)? > 0 {
        return Err(PlatformError::Changed { path: path.to_path_buf(), expected });
    }
    // a file that became shorter meanwhile is as long as it is now
    Ok(&mut bytes[..filled])
}

/// Replaces the file at `path` by `bytes`, whole or not at all, durable when it returns; the folder has to exist.
///
/// A symbolic link stays one: what it points to is replaced. An existing file's permissions are kept.
///
/// # Errors
/// [`PlatformError::NotFound`] for a missing folder, [`PlatformError::IsDirectory`],
/// [`PlatformError::PermissionDenied`], [`PlatformError::Io`] for the rest (a full disk). The old file is as it was.
pub fn write_file_atomic(path: &Path, bytes: &[u8]) -> Result<(), PlatformError> {
    write_file_atomic_with(path, |file| file.write_all(bytes))
}

/// As [`write_file_atomic`], with contents that `write` produces piece by piece. When `write` fails, nothing has happened.
///
/// # Errors
/// As [`write_file_atomic`]; what `write` returns comes back as [`PlatformError::Io`] or its kind's own variant.
///
/// # Example
/// ```no_run
/// use std::io::Write;
/// use std::path::Path;
/// use voltrum_platform::files;
///
/// files::write_file_atomic_with(Path::new("report.txt"), |file| {
///     (0..3).try_for_each(|line| writeln!(file, "line {line}"))
/// })?;
/// # Ok::<(), voltrum_platform::PlatformError>(())
/// ```
pub fn write_file_atomic_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), PlatformError> {
    let fail = |source| PlatformError::from_io(path, "write it", source);
    // a link's target; a path that does not exist yet stands for itself
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let old = fs::metadata(&target).ok();
    if old.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(PlatformError::IsDirectory { path: path.to_path_buf() });
    }
    if let Some(metadata) = &old {
        check_regular(path, metadata)?;
    }
    let (mut file, unfinished) = create_beside(&target).map_err(fail)?;
    write(&mut file).map_err(fail)?;
    if let Some(metadata) = old {
        file.set_permissions(metadata.permissions()).map_err(fail)?;
    }
    file.sync_all().map_err(fail)?;
    drop(file);
    fs::rename(&unfinished.path, &target).map_err(fail)?;
    unfinished.finish();
    sync_folder(folder_of(&target)).map_err(fail)
}

/// Reads until `bytes` is full or the file ends.
fn read_up_to(file: &mut File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn check_regular(path: &Path, metadata: &fs::Metadata) -> Result<(), PlatformError> {
    if metadata.is_dir() {
        Err(PlatformError::IsDirectory { path: path.to_path_buf() })
    } else if !metadata.is_file() {
        Err(PlatformError::NotAFile { path: path.to_path_buf() })
    } else {
        Ok(())
    }
}

/// The new contents on their way; removed again unless they are finished.
struct Unfinished {
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // the error that led here is the one to tell
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a new file in the target's folder, because a rename is atomic within one file system only.
fn create_beside(target: &Path) -> io::Result<(File, Unfinished)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let folder = folder_of(target);
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".voltrum-{}-{number}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, Unfinished { path, finished: false })),
            // left behind by an earlier process that had our number
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A rename is durable when its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened, and the file system sees to it.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
