//! A file's next contents: written beside it, made durable, then put in its place.
//!
//! # Invariants
//! 1. Until [`Replacement::place`] the old file is untouched; a replacement that is given up removes what it wrote.
//! 2. After [`Replacement::seal`] the new contents are durable, so the rename that follows can't precede them.

use std::path::Path;

use super::file_system::{FileSystem, OpenFile};
use crate::error::PlatformError;

/// Bytes that are gathered before the system is called.
const BUFFER_BYTES: usize = 16 << 10;

/// See the module.
pub struct Replacement<'f, F: FileSystem> {
    files: &'f F,
    path: &'f Path,
    unfinished: &'f Path,
    file: Option<F::File>,
    buffer: [u8; BUFFER_BYTES],
    filled: usize,
    is_there: bool,
}

impl<'f, F: FileSystem> Replacement<'f, F> {
    /// Begins new contents for the file at `path` in a file at `unfinished`, which has to be in the same folder.
    ///
    /// # Errors
    /// When that can't be made.
    pub fn begin(files: &'f F, path: &'f Path, unfinished: &'f Path) -> Result<Self, PlatformError> {
        let file = files.create(unfinished, Some(path))?;
        Ok(Replacement {
            files,
            path,
            unfinished,
            file: Some(file),
            buffer: [0; BUFFER_BYTES],
            filled: 0,
            is_there: true,
        })
    }

    /// Adds to the contents.
    ///
    /// # Errors
    /// When the system refuses: no space, above all.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), PlatformError> {
        if bytes.len() > BUFFER_BYTES - self.filled {
            self.flush()?;
        }
        if bytes.len() > BUFFER_BYTES {
            return self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        }
        if let Some(room) = self.buffer.get_mut(self.filled..self.filled + bytes.len()) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
        }
        Ok(())
    }

    /// Makes the contents durable, still beside the old ones.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn seal(&mut self) -> Result<(), PlatformError> {
        self.flush()?;
        // closed here, because some systems don't rename an open file
        self.file.take().map_or(Ok(()), |mut file| file.sync())
    }

    /// Puts the contents in the old ones' place. That is durable after [`FileSystem::sync_folder_of`] the file; until then a
    /// power cut leaves the old ones or the new ones, whole.
    ///
    /// # Errors
    /// When the system refuses. The old file is in its place then.
    pub fn place(mut self) -> Result<(), PlatformError> {
        self.seal()?;
        self.files.rename(self.unfinished, self.path)?;
        self.is_there = false;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), PlatformError> {
        let filled = core::mem::take(&mut self.filled);
        let bytes = self.buffer.get(..filled).unwrap_or_default();
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }
}

impl<F: FileSystem> Drop for Replacement<'_, F> {
    fn drop(&mut self) {
        if self.is_there {
            self.file = None;
            // the error that led here is the one to tell
            let _ = self.files.remove(self.unfinished);
        }
    }
}
