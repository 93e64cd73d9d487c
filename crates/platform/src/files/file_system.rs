//! The file layer: what saving and journaling ask of a file system, so that a test can put one in its place that loses
//! what was not synced.
//!
//! # Invariants
//! 1. What a file holds is durable after [`OpenFile::sync`]; that a file is there under its name, after
//!    [`FileSystem::sync_folder_of`]. Nothing is durable before.
//! 2. [`FileSystem::rename`] replaces what stood there, whole.
//! 3. Every error names the file and what was being done.
//!
//! # Deliberately absent
//! Reading in pieces, listing folders, writing anywhere but at the end.

use std::path::Path;

use voltrum_memory::Tagged;

use super::lock_file::Locking;
use crate::error::PlatformError;

/// A file system, or what stands for one in a test.
pub trait FileSystem {
    /// A file that is being written.
    type File: OpenFile;
    /// Keeps others out until it is dropped, or its process ends.
    type Lock;

    /// Reads the whole file at `path` into `memory`.
    ///
    /// # Errors
    /// As [`read_file`](super::read_file).
    fn read<'a>(&self, path: &Path, memory: Tagged<'a>, limit_bytes: usize) -> Result<&'a mut [u8], PlatformError>;

    /// Whether something is at `path`.
    ///
    /// # Errors
    /// When the system doesn't say.
    fn exists(&self, path: &Path) -> Result<bool, PlatformError>;

    /// The path with its links followed, in `memory`; what isn't there yet stands in its folder.
    ///
    /// # Errors
    /// When the folder isn't there.
    fn real_path<'a>(&self, path: &Path, memory: Tagged<'a>) -> Result<&'a Path, PlatformError>;

    /// Makes an empty file at `path`, in place of one that is there, with the permissions of the file `like` where that is.
    ///
    /// # Errors
    /// When the system refuses; when `like` is write-protected.
    fn create(&self, path: &Path, like: Option<&Path>) -> Result<Self::File, PlatformError>;

    /// Opens the file at `path` to write at its end.
    ///
    /// # Errors
    /// When it isn't there, or the system refuses.
    fn open(&self, path: &Path) -> Result<Self::File, PlatformError>;

    /// Gives the file `from` the name `to`, in place of what had it.
    ///
    /// # Errors
    /// When the system refuses. Both are as before then.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), PlatformError>;

    /// Removes a file.
    ///
    /// # Errors
    /// When it isn't there, or the system refuses.
    fn remove(&self, path: &Path) -> Result<(), PlatformError>;

    /// Makes the names in the folder of `path` durable.
    ///
    /// # Errors
    /// When the system refuses, or can't.
    fn sync_folder_of(&self, path: &Path) -> Result<(), PlatformError>;

    /// Takes the lock that the file at `path` stands for, unless somebody has it.
    ///
    /// # Errors
    /// When the file can't be made or read. Being too late is no error.
    fn lock<'a>(
        &self,
        path: &Path,
        now_unix_secs: u64,
        memory: Tagged<'a>,
    ) -> Result<Locking<'a, Self::Lock>, PlatformError>;
}

/// A file that is being written, at its end.
pub trait OpenFile {
    /// Writes some of `bytes`, at least one, and says how many.
    ///
    /// # Errors
    /// When the system refuses: no space, above all.
    fn write(&mut self, bytes: &[u8]) -> Result<usize, PlatformError>;

    /// Makes all that was written durable. After an error nothing that was written since the last success is.
    ///
    /// # Errors
    /// When the system can't.
    fn sync(&mut self) -> Result<(), PlatformError>;

    /// As [`OpenFile::sync`], without waiting where the system can do it beside: [`OpenFile::poll_sync`] tells the end. What
    /// is written meanwhile may be durable then, or not.
    ///
    /// # Errors
    /// As [`OpenFile::sync`].
    fn begin_sync(&mut self) -> Result<(), PlatformError> {
        self.sync()
    }

    /// What came of the sync that was begun; `None` while it goes on.
    fn poll_sync(&mut self) -> Option<Result<(), PlatformError>> {
        Some(Ok(()))
    }

    /// Cuts the file to `len` bytes; what is written next stands there.
    ///
    /// # Errors
    /// When the system refuses.
    fn truncate(&mut self, len: u64) -> Result<(), PlatformError>;

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// As [`OpenFile::write`]; some may have been written then.
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), PlatformError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = self.write(rest)?;
            rest = rest.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}
