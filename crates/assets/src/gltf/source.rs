//! Where a document's bytes come from: its own binary chunk, files beside it, data URIs.
//!
//! # Invariants
//! 1. A buffer's real length is compared with its `byteLength` when the sources are opened; spans were checked against
//!    `byteLength`, so no read passes the end unless the file shrinks meanwhile, which is an error of its own.
//! 2. Files are read by range, straight into where the bytes are wanted. At most one file besides the document is open.
//! 3. Only regular files are opened: a pipe or a device would block or never end.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use ::gltf::json;
use voltrum_memory::{ArenaVec, Scope, Tag};
use voltrum_platform::PlatformError;
use voltrum_platform::files::AssetRoot;

use super::compression::{self, Packed};
use super::decode::Encoded;
use super::store::Store;
use super::uri::{self, Uri};
use crate::AssetError;
use crate::fault::{Fault, Place};
use crate::file::{open_file, read_at};
use crate::meshopt::{self, Shape};
use crate::staged::StagedSource;
use crate::stamp::FileStamp;
use crate::words::{shown, words};

/// Where one buffer's bytes are.
#[derive(Clone, Copy, Debug)]
enum Origin<'x> {
    /// In the document's own file, from this byte on.
    Document(u64),
    /// In this file, inside the asset's folder.
    Beside(&'x Path),
    /// Decoded from a data URI, or unpacked from a compressed view.
    Memory(&'x [u8]),
    /// Nowhere: it only stands for what compressed views become.
    Absent,
}

/// The binary chunk of a .glb.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// All buffers of a document.
pub(crate) struct Sources<'x> {
    path: &'x Path,
    document: File,
    buffers: &'x [Origin<'x>],
    beside: Option<(usize, File)>,
}

impl<'x> Sources<'x> {
    /// Finds every buffer and checks its length. Data URIs are decoded into `scratch`.
    pub(crate) fn open(
        root: &json::Root,
        path: &'x Path,
        document: File,
        chunk: Option<Chunk>,
        scratch: &Scope<'x>,
    ) -> Result<Self, AssetError> {
        // Behind the buffers stand the views, each a buffer of its own where it is compressed.
        let views = if compression::is_used(root) { root.buffer_views.len() } else { 0 };
        let buffers = scratch.try_alloc_slice_fill_with(root.buffers.len() + views, |_| Origin::Absent)?;
        for (index, (origin, buffer)) in buffers.iter_mut().zip(&root.buffers).enumerate() {
            let place = Place::new("buffer", index);
            if views > 0 && compression::is_fallback(root, index) {
                continue;
            }
            let needs = buffer.byte_length.0;
            let (found, has) = match buffer.uri.as_deref().map(|text| (text, uri::parse(text))) {
                None => match chunk {
                    Some(chunk) if index == 0 => (Origin::Document(chunk.offset), chunk.length),
                    _ => return Err(Fault::BufferMissing { buffer: index as u64 }.into()),
                },
                Some((text, Uri::File(_))) => {
                    let beside = resolve(path, text, place, scratch)?;
                    let (_, length) = open_beside(beside, text, place)?;
                    (Origin::Beside(beside), length)
                }
                Some((_, data)) => {
                    let out = scratch.try_alloc_zeroed::<u8>(uri::decoded_bytes_max(data))?;
                    let length = uri::decode(data, out, place)?;
                    (Origin::Memory(out.get(..length).unwrap_or_default()), length as u64)
                }
            };
            if has < needs {
                return Err(Fault::BufferShort { buffer: index as u64, has, needs }.into());
            }
            *origin = found;
        }
        if views == 0 {
            return Ok(Self { path, document, buffers, beside: None });
        }
        let (buffers, unpacked) = buffers.split_at_mut_checked(root.buffers.len()).unwrap_or_default();
        let mut packed = Self { path, document, buffers, beside: None };
        for (index, origin) in unpacked.iter_mut().enumerate() {
            if let Some(view) = compression::packed(root, index)? {
                *origin = Origin::Memory(packed.unpack(&view, scratch)?);
            }
        }
        let Self { document, buffers, beside, .. } = packed;
        let all = scratch.try_alloc_iter(buffers.iter().chain(unpacked.iter()).copied())?;
        Ok(Self { path, document, buffers: all, beside })
    }

    /// Unpacks a compressed view.
    fn unpack(&mut self, view: &Packed, scratch: &Scope<'x>) -> Result<&'x [u8], AssetError> {
        let Shape { count, stride, .. } = view.shape;
        let data = scratch.try_alloc_zeroed::<u8>(view.length as usize)?;
        self.read(view.buffer, view.offset, data)?;
        let out = scratch.try_alloc_zeroed::<u8>(count * stride)?;
        meshopt::decode(data, view.shape, out).map_err(|problem| Fault::Invalid { place: view.place, problem })?;
        Ok(out)
    }

    /// Where a stretch of a buffer is, for somebody who reads it on another thread.
    pub(crate) fn encoded(&mut self, buffer: usize, offset: u64, length: u64) -> Result<Encoded<'x>, AssetError> {
        let short = || Fault::BufferShort { buffer: buffer as u64, has: offset, needs: offset.saturating_add(length) };
        match self.buffers.get(buffer) {
            Some(Origin::Memory(bytes)) => {
                let (start, length) = (offset as usize, length as usize);
                let part = start.checked_add(length).and_then(|end| bytes.get(start..end));
                Ok(Encoded::Memory(part.ok_or_else(short)?))
            }
            Some(Origin::Document(start)) => {
                Ok(Encoded::File { path: self.path, offset: start.saturating_add(offset), length })
            }
            Some(Origin::Beside(path)) => Ok(Encoded::File { path, offset, length }),
            Some(Origin::Absent) | None => Err(short().into()),
        }
    }

    /// The document's own path.
    pub(crate) fn path(&self) -> &'x Path {
        self.path
    }

    /// Fills `out` from byte `offset` of a buffer.
    pub(crate) fn read(&mut self, buffer: usize, offset: u64, out: &mut [u8]) -> Result<(), AssetError> {
        let needs = offset.saturating_add(out.len() as u64);
        let short = || AssetError::from(Fault::BufferShort { buffer: buffer as u64, has: offset, needs });
        let beside = match self.buffers.get(buffer) {
            Some(Origin::Memory(bytes)) => {
                let start = usize::try_from(offset).map_err(|_| short())?;
                let part = start.checked_add(out.len()).and_then(|end| bytes.get(start..end)).ok_or_else(short)?;
                out.copy_from_slice(part);
                return Ok(());
            }
            Some(Origin::Document(start)) => {
                let at = start.saturating_add(offset);
                return read_at(&mut self.document, at, out).map_err(|error| match error.kind() {
                    ErrorKind::UnexpectedEof => short(),
                    _ => AssetError::io(self.path, error),
                });
            }
            Some(Origin::Beside(beside)) => *beside,
            Some(Origin::Absent) | None => return Err(short()),
        };
        if self.beside.as_ref().is_none_or(|(open, _)| *open != buffer) {
            let (file, _) = open_file(beside)?;
            self.beside = Some((buffer, file));
        }
        let Some((_, file)) = &mut self.beside else {
            return Err(short());
        };
        read_at(file, offset, out).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => short(),
            _ => AssetError::io(beside, error),
        })
    }
}

/// The files that a document is made of, itself first, and what they are like now: each is read after this.
pub(crate) fn list<'s>(
    root: &json::Root,
    path: &Path,
    document: FileStamp,
    store: &Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedSource<'s>], AssetError> {
    let memory = store.tagged(Tag::RESOURCES);
    let mut list = ArenaVec::try_with_capacity_in(1 + root.buffers.len() + root.images.len(), memory)?;
    list.try_push(StagedSource { name: "", stamp: document })?;
    let places = root.buffers.iter().enumerate().map(|(at, buffer)| (Place::new("buffer", at), buffer.uri.as_deref()));
    let images = root.images.iter().enumerate().map(|(at, image)| (Place::new("image", at), image.uri.as_deref()));
    for (place, text) in places.chain(images) {
        let Some(text) = text.filter(|text| matches!(uri::parse(text), Uri::File(_))) else { continue };
        let temp = scratch.temp();
        // What is not there is told where it is needed, if it is.
        let Some(stamp) = resolve(path, text, place, &temp).ok().and_then(FileStamp::of) else { continue };
        let out = temp.try_alloc_zeroed::<u8>(text.len())?;
        let name = uri::file_name(text, out, place)?;
        list.try_push(StagedSource { name: memory.try_alloc_str(name)?, stamp })?;
    }
    Ok(list.into_slice())
}

/// Finds a file that the document at `path` names, inside the document's folder; the result lies in `scratch`.
pub(crate) fn resolve<'x>(path: &Path, uri: &str, place: Place, scratch: &Scope<'x>) -> Result<&'x Path, AssetError> {
    let out = scratch.try_alloc_zeroed::<u8>(uri.len())?;
    let name = uri::file_name(uri, out, place)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let found = AssetRoot::open(scratch.tagged(Tag::STAGING), folder).and_then(|root| root.resolve(name, scratch));
    found.map_err(|error| match error {
        PlatformError::Memory(error) => error.into(),
        PlatformError::OutsideRoot { reason, .. } => Fault::Escape { place, uri: shown(uri), problem: reason }.into(),
        error => dependency(error.into(), uri, place),
    })
}

/// Opens a file that the document names.
pub(crate) fn open_beside(path: &Path, uri: &str, place: Place) -> Result<(File, u64), AssetError> {
    open_file(path).map_err(|error| dependency(error, uri, place))
}

/// That a named file can't be opened is the document's fault, told in its terms.
fn dependency(error: AssetError, uri: &str, place: Place) -> AssetError {
    let problem = match error {
        AssetError::Missing { .. } => words("does not exist"),
        AssetError::Directory { .. } => words("is a directory"),
        AssetError::Denied { .. } => words("may not be read"),
        AssetError::Io { source, .. } => words(source),
        other => return other,
    };
    AssetError::from(Fault::Dependency { place, uri: shown(uri), problem })
}
