//! Files read by range: the parts of a document go where they are wanted without the whole of it in memory.
//!
//! # Invariants
//! 1. Only regular files are opened: a pipe would block, a device might never end.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::AssetError;

/// Opens the file at `path`; returns its length, too.
pub(crate) fn open_file(path: &Path) -> Result<(File, u64), AssetError> {
    let meta = std::fs::metadata(path).map_err(|error| AssetError::io(path, error))?;
    if meta.is_dir() {
        return Err(AssetError::directory(path));
    }
    if !meta.is_file() {
        return Err(AssetError::io(path, std::io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")));
    }
    let file = File::open(path).map_err(|error| AssetError::io(path, error))?;
    let length = file.metadata().map_err(|error| AssetError::io(path, error))?.len();
    Ok((file, length))
}

/// Fills `out` from byte `offset` of a file.
pub(crate) fn read_at(file: &mut File, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(out)
}
