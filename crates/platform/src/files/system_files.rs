//! The file layer on the system's files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use voltrum_memory::Tagged;

use super::file_system::{FileSystem, OpenFile};
use super::lock_file::{Locking, SystemLock, lock_file};
use super::{check_regular, folder_of, read_into, sync_folder};
use crate::asset_root::keep_path;
use crate::error::PlatformError;

/// The system's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemFiles;

/// The name of threads that sync, as debuggers show it.
const SYNCER: &str = "voltrum-sync";

/// A file of the system that is being written.
#[derive(Debug)]
pub struct SystemFile {
    file: File,
    path: PathBuf,
    /// A sync that goes on.
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl FileSystem for SystemFiles {
    type File = SystemFile;
    type Lock = SystemLock;

    fn read<'a>(&self, path: &Path, memory: Tagged<'a>, limit_bytes: usize) -> Result<&'a mut [u8], PlatformError> {
        read_into(path, limit_bytes, |len| memory.try_alloc_zeroed(len))
    }

    fn exists(&self, path: &Path) -> Result<bool, PlatformError> {
        path.try_exists().map_err(|source| PlatformError::from_io(path, "look for it", source))
    }

    fn real_path<'a>(&self, path: &Path, memory: Tagged<'a>) -> Result<&'a Path, PlatformError> {
        let real = match fs::canonicalize(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = path.file_name().ok_or_else(|| PlatformError::NotFound { path: path.to_path_buf() })?;
                fs::canonicalize(folder_of(path)).map(|folder| folder.join(name))
            }
            real => real,
        };
        let real = real.map_err(|source| PlatformError::from_io(path, "find it", source))?;
        keep_path(&real, |bytes| memory.try_alloc_slice_copy(bytes))
    }

    fn create(&self, path: &Path, like: Option<&Path>) -> Result<SystemFile, PlatformError> {
        let like = like.and_then(|like| Some((like, fs::metadata(like).ok()?)));
        if let Some((like, metadata)) = &like {
            check_regular(like, metadata)?;
            if metadata.permissions().readonly() {
                return Err(PlatformError::PermissionDenied { path: like.to_path_buf() });
            }
        }
        let fail = |source| PlatformError::from_io(path, "create it", source);
        // what stands there may be a link to elsewhere, or have somebody else's permissions
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
            _ => {}
        }
        let file = OpenOptions::new().append(true).create_new(true).open(path).map_err(fail)?;
        if let Some((_, metadata)) = like {
            file.set_permissions(metadata.permissions()).map_err(fail)?;
        }
        Ok(SystemFile { file, path: path.to_path_buf(), syncing: None })
    }

    fn open(&self, path: &Path) -> Result<SystemFile, PlatformError> {
        let fail = |source| PlatformError::from_io(path, "open it", source);
        check_regular(path, &fs::metadata(path).map_err(fail)?)?;
        let file = OpenOptions::new().append(true).open(path).map_err(fail)?;
        Ok(SystemFile { file, path: path.to_path_buf(), syncing: None })
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), PlatformError> {
        fs::rename(from, to).map_err(|source| PlatformError::from_io(to, "rename the new file over it", source))
    }

    fn remove(&self, path: &Path) -> Result<(), PlatformError> {
        fs::remove_file(path).map_err(|source| PlatformError::from_io(path, "remove it", source))
    }

    fn sync_folder_of(&self, path: &Path) -> Result<(), PlatformError> {
        let folder = folder_of(path);
        sync_folder(folder).map_err(|source| PlatformError::from_io(folder, "sync it", source))
    }

    fn lock<'a>(
        &self,
        path: &Path,
        now_unix_secs: u64,
        memory: Tagged<'a>,
    ) -> Result<Locking<'a, SystemLock>, PlatformError> {
        lock_file(path, now_unix_secs, memory)
    }
}

/// What a sync came to.
fn ended(thread: JoinHandle<io::Result<()>>) -> io::Result<()> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread ended early")))
}

impl SystemFile {
    fn fail(&self, action: &'static str) -> impl FnOnce(io::Error) -> PlatformError {
        move |source| PlatformError::from_io(&self.path, action, source)
    }
}

impl OpenFile for SystemFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, PlatformError> {
        loop {
            match self.file.write(bytes) {
                Ok(0) if !bytes.is_empty() => return Err(self.fail("write it")(io::ErrorKind::WriteZero.into())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => return written.map_err(self.fail("write it")),
            }
        }
    }

    fn sync(&mut self) -> Result<(), PlatformError> {
        // what a sync that failed has lost, a later one doesn't find
        let begun = self.syncing.take().map_or(Ok(()), ended);
        begun.and_then(|()| self.file.sync_all()).map_err(self.fail("sync it"))
    }

    fn begin_sync(&mut self) -> Result<(), PlatformError> {
        if self.syncing.is_some() {
            return self.sync();
        }
        let file = self.file.try_clone().map_err(self.fail("sync it"))?;
        let thread = std::thread::Builder::new().name(SYNCER.into()).spawn(move || file.sync_all());
        match thread {
            Ok(thread) => self.syncing = Some(thread),
            // the system gives no thread: then it takes as long as it takes
            Err(_) => return self.sync(),
        }
        Ok(())
    }

    fn poll_sync(&mut self) -> Option<Result<(), PlatformError>> {
        match self.syncing.take() {
            None => Some(Ok(())),
            Some(thread) if thread.is_finished() => Some(ended(thread).map_err(self.fail("sync it"))),
            going_on => {
                self.syncing = going_on;
                None
            }
        }
    }

    fn truncate(&mut self, len: u64) -> Result<(), PlatformError> {
        self.file.set_len(len).map_err(self.fail("cut it"))
    }
}
