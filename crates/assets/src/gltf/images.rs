//! Images of a document: found and measured here, decoded by helpers beside each other, handed to upload memory.
//!
//! # Invariants
//! 1. A helper has an arena of its own for compressed bytes, and one slice of upload memory to write pixels to.
//! 2. Images of at most [`WAVE_BYTES_MAX`] are asked for at once, or one for each helper.

use std::path::Path;

use ::gltf::json;
use voltrum_memory::{ArenaMap, ArenaVec, Scope, Tag, Tagged};
use voltrum_platform::PlatformError;
use voltrum_platform::files::{FileSystem, SystemFiles, keep_path};
use voltrum_render::{ImageFormat, RenderError};

use super::accessor::View;
use super::decode::{Encoded, Failed, Job, decode_all, helpers};
use super::source::{self, Sources};
use super::store::Store;
use super::textures::{Meaning, WantedImage};
use super::uri::{self, Uri};
use crate::AssetError;
use crate::fault::{Fault, Named, Place};
use crate::image::{ImageInfo, ImageKind, probe};
use crate::image_key::{ImageKey, KnownImage};
use crate::staged::{Pixels, StagedImage, StagedTexture};
use crate::stamp::FileStamp;
use crate::upload::{Loading, UploadMemory};
use crate::words::words;

/// Bytes of pixels that are decoded side by side, where upload memory is used again for others.
const WAVE_BYTES_MAX: usize = 32 << 20;

/// Bytes that are read to learn an image's size.
const HEAD_BYTES: usize = 16 << 10;

/// The name a person knows an image by: its own, or its file's.
pub(crate) fn name_of(image: &json::Image) -> Option<&str> {
    let file = image.uri.as_deref().filter(|text| matches!(uri::parse(text), Uri::File(_)));
    image.name.as_deref().filter(|name| !name.is_empty()).or(file)
}

/// An image that was found: where its bytes are, and whether it is there already.
#[derive(Clone, Copy)]
pub(crate) struct Found<'x, 's> {
    index: u32,
    meaning: Meaning,
    encoded: Encoded<'x>,
    key: Option<ImageKey<&'s Path>>,
    known: Option<KnownImage>,
}

/// Finds the images' files, each once whatever it is called, and adds those that have to be read to what there is to work
/// through; textures that said which is wanted say then which was found. `document` is what the document's own file was like
/// before it was read.
pub(crate) fn find<'x, 's, U: UploadMemory>(
    root: &json::Root,
    (wanted, textures): (&[WantedImage], &mut [StagedTexture]),
    sources: &mut Sources<'x>,
    document: FileStamp,
    loading: &Loading<'_, U>,
    memory: &Scope<'s>,
    scratch: &Scope<'x>,
) -> Result<&'x [Found<'x, 's>], AssetError> {
    let Loading { progress, limits, .. } = *loading;
    let mut keys = Keys { document: (sources.path(), document), memory, scratch, last: None };
    let none = Found { index: 0, meaning: Meaning::Color, encoded: Encoded::Memory(&[]), key: None, known: None };
    let found = scratch.try_alloc_slice_fill_with(wanted.len(), |_| none)?;
    let places = scratch.try_alloc_zeroed::<u32>(wanted.len())?;
    let mut seen = ArenaMap::try_with_capacity_in(wanted.len(), scratch.tagged(Tag::STAGING))?;
    let mut count = 0;
    for (place_found, wanted) in places.iter_mut().zip(wanted) {
        let index = wanted.index as usize;
        let Some(image) = root.images.get(index) else { continue };
        let place = Place::new("image", index);
        let encoded = encoded(root, image, place, sources, scratch)?;
        if encoded.length() > limits.image_bytes_max {
            return Err(AssetError::limit(
                "bytes in one image file",
                encoded.length(),
                limits.image_bytes_max,
                "image_bytes_max",
            ));
        }
        let key = keys.key(&encoded, image.buffer_view.is_some(), wanted.meaning)?;
        *place_found = count as u32;
        if let Some(key) = key {
            if let Some(same) = seen.get(&key) {
                *place_found = *same;
                continue;
            }
            seen.try_insert(key, count as u32)?;
        }
        let known = key.as_ref().zip(loading.known).and_then(|(key, known)| known(key));
        if known.is_none() {
            progress.expect_bytes(encoded.length());
            progress.expect_files(1);
        }
        if let Some(slot) = found.get_mut(count) {
            *slot = Found { index: wanted.index, meaning: wanted.meaning, encoded, key, known };
        }
        count += 1;
    }
    for texture in textures {
        texture.image = places.get(texture.image as usize).copied().unwrap_or_default();
    }
    let found: &'x [Found<'x, 's>] = found;
    Ok(found.get(..count).unwrap_or_default())
}

/// Makes the keys of a document's images.
struct Keys<'x, 's, 'm> {
    /// The document's path as given, and what it was like before it was read.
    document: (&'x Path, FileStamp),
    memory: &'m Scope<'s>,
    scratch: &'m Scope<'x>,
    /// The file of the image before, as it was named and with links followed: many may lie in one.
    last: Option<(&'x Path, &'s Path, FileStamp)>,
}

impl<'x, 's> Keys<'x, 's, '_> {
    /// `None` for an image that lies in no file, or where nobody can say in which.
    fn key(
        &mut self,
        encoded: &Encoded<'x>,
        is_part: bool,
        meaning: Meaning,
    ) -> Result<Option<ImageKey<&'s Path>>, AssetError> {
        let Encoded::File { path, offset, length } = *encoded else { return Ok(None) };
        if self.last.is_none_or(|(last, ..)| last != path) {
            let (document, stamp) = self.document;
            let stamp = if path == document { Some(stamp) } else { FileStamp::of(path) };
            let real = SystemFiles.real_path(path, self.scratch.tagged(Tag::STAGING));
            let (Some(stamp), Ok(real)) = (stamp, real) else { return Ok(None) };
            match keep_path(real, |bytes| self.memory.try_alloc_slice_copy(bytes)) {
                Ok(kept) => self.last = Some((path, kept, stamp)),
                Err(PlatformError::Memory(error)) => return Err(error.into()),
                Err(_) => return Ok(None),
            }
        }
        let part = is_part.then_some((offset, length));
        let is_color = meaning == Meaning::Color;
        Ok(self.last.map(|(_, file, stamp)| ImageKey { stamp, part, is_color, file }))
    }
}

/// Where an image's bytes are.
fn encoded<'x>(
    root: &json::Root,
    image: &json::Image,
    place: Place,
    sources: &mut Sources<'x>,
    scratch: &Scope<'x>,
) -> Result<Encoded<'x>, AssetError> {
    match (image.buffer_view, image.uri.as_deref()) {
        (Some(view), _) => {
            let view = View::check(root, view.value(), place)?;
            sources.encoded(view.buffer, view.offset, view.length)
        }
        (None, Some(text)) => match uri::parse(text) {
            Uri::File(_) => {
                let path = source::resolve(sources.path(), text, place, scratch)?;
                let (_, length) = source::open_beside(path, text, place)?;
                Ok(Encoded::File { path, offset: 0, length })
            }
            data => {
                let out = scratch.try_alloc_zeroed::<u8>(uri::decoded_bytes_max(data))?;
                let length = uri::decode(data, out, place)?;
                let out: &'x [u8] = out;
                Ok(Encoded::Memory(out.get(..length).unwrap_or_default()))
            }
        },
        (None, None) => Err(Fault::Invalid { place, problem: "has neither a uri nor a bufferView" }.into()),
    }
}

/// Decodes the images that were found, but for those that are there already.
pub(crate) fn build<'s, U: UploadMemory>(
    root: &json::Root,
    found: &[Found<'_, 's>],
    loading: &mut Loading<'_, U>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedImage<'s, U::Image>], AssetError> {
    let images = shells(root, found, store)?;
    let mut rest = 0;
    let takes_pixels = loading.uploads.takes_pixels();
    while rest < found.len() {
        let temp = scratch.temp();
        let memory = temp.tagged(Tag::STAGING);
        let (wave, next) = next_wave(root, (found, rest), loading, store, memory)?;
        rest = next;
        if wave.is_empty() {
            break;
        }
        let wanted = memory.try_alloc_iter(wave.iter().map(|job| (job.info.size, job.info.format, job.info.levels)))?;
        let mut jobs = wave.iter_mut();
        let taken = loading.uploads.try_images(wanted, &mut |upload, pixels| {
            let Some(job) = jobs.next() else { return };
            if let Some(image) = images.get_mut(job.position) {
                let ImageInfo { kind, size, format, levels } = job.info;
                *image = StagedImage { kind, size, format, levels, pixels: Pixels::Upload(upload), ..*image };
            }
            job.pixels = pixels;
        });
        if let Err(error) = taken {
            return Err(refused(error, wave));
        }
        if takes_pixels && let Err((at, failed)) = decode_all(wave, loading.progress, loading.limits.image_bytes_max) {
            let (index, name) = wave.get(at).map_or((0, None), |job| (job.index as usize, job.name));
            return Err(match failed {
                Failed::Other(error) => error,
                Failed::Broken(problem) => {
                    Fault::Image { place: Place::new("image", index), name: Named::new(name), problem }.into()
                }
            });
        }
    }
    counts(store, images);
    Ok(images)
}

/// The images as far as they are known before any is read.
fn shells<'s, I: Copy>(
    root: &json::Root,
    found: &[Found<'_, 's>],
    store: &mut Store<'s>,
) -> Result<&'s mut [StagedImage<'s, I>], AssetError> {
    let memory = store.tagged(Tag::TEXTURE);
    let mut images = ArenaVec::try_with_capacity_in(found.len(), memory)?;
    for found in found {
        let image = root.images.get(found.index as usize);
        let name = store.name(Tag::TEXTURE, image.and_then(name_of))?;
        let unread = ImageInfo { kind: ImageKind::Png, size: [0; 2], format: ImageFormat::Rgba8Srgb, levels: 0 };
        let KnownImage { number, info } = found.known.unwrap_or(KnownImage { number: u32::MAX, info: unread });
        if let (Some(image), Some(_)) = (image, found.known) {
            note_disguise(image, info.kind, Place::new("image", found.index as usize), store)?;
        }
        let ImageInfo { kind, size, format, levels } = info;
        let pixels = Pixels::Shared(number);
        images.try_push(StagedImage { name, kind, size, format, levels, pixels, key: found.key })?;
    }
    Ok(images.into_slice())
}

fn counts<I>(store: &mut Store<'_>, images: &[StagedImage<'_, I>]) {
    let levels =
        images.iter().flat_map(|image| (0..image.levels).map(|level| image.format.level_bytes(image.size, level)));
    store.counts.image_bytes = levels.sum();
}

/// The jobs for as many images, from position `first` on, as may be held at once; where those behind them begin.
fn next_wave<'j, U: UploadMemory>(
    root: &'j json::Root,
    (found, first): (&'j [Found<'j, '_>], usize),
    loading: &Loading<'_, U>,
    store: &mut Store<'_>,
    memory: Tagged<'j>,
) -> Result<(&'j mut [Job<'j>], usize), AssetError> {
    let mut jobs = ArenaVec::try_with_capacity_in(found.len() - first, memory)?;
    let mut bytes = 0_usize;
    for (position, found) in found.iter().enumerate().skip(first).filter(|(_, found)| found.known.is_none()) {
        let info = measure(root, found, loading, store, memory)?;
        let needed = info.bytes().unwrap_or(usize::MAX);
        if jobs.len() >= helpers() && bytes.saturating_add(needed) > WAVE_BYTES_MAX {
            return Ok((jobs.into_slice(), position));
        }
        bytes = bytes.saturating_add(needed);
        let name = root.images.get(found.index as usize).and_then(name_of);
        jobs.try_push(Job::new((found.index, position), found.encoded, info, name))?;
    }
    Ok((jobs.into_slice(), found.len()))
}

/// What an image is, from its head, compared with the limits.
fn measure<U: UploadMemory>(
    root: &json::Root,
    found: &Found<'_, '_>,
    loading: &Loading<'_, U>,
    store: &mut Store<'_>,
    memory: Tagged<'_>,
) -> Result<ImageInfo, AssetError> {
    let index = found.index as usize;
    let place = Place::new("image", index);
    let image = root.images.get(index);
    let name = image.and_then(name_of);
    let broken = |problem: &str| Fault::Image { place, name: Named::new(name), problem: words(problem) };
    let mut length = found.encoded.length().min(HEAD_BYTES as u64) as usize;
    let info = loop {
        let head = memory.try_alloc_zeroed::<u8>(length)?;
        found.encoded.read(head)?;
        let whole = length as u64 == found.encoded.length();
        match probe(head) {
            Ok(info) => break info,
            // A profile or a thumbnail may stand before what is looked for.
            Err(_) if !whole && !head.is_empty() => length = found.encoded.length() as usize,
            Err(problem) => return Err(broken(problem).into()),
        }
    };
    if let Some(image) = image {
        note_disguise(image, info.kind, place, store)?;
    }
    let limit = loading.limits.image_side_max;
    if info.size.iter().any(|side| *side > limit) {
        return Err(too_large(place, name, info.size, limit).into());
    }
    Ok(info.meant(found.meaning == Meaning::Color).with_all_levels())
}

fn too_large(place: Place, name: Option<&str>, size: [u32; 2], limit: u32) -> Fault {
    let [width, height] = size.map(u64::from);
    Fault::ImageSize { place, name: Named::new(name), width, height, limit: u64::from(limit) }
}

/// Why upload memory has no room, in terms of the image that it has none for.
fn refused(error: AssetError, wave: &[Job<'_>]) -> AssetError {
    let blame = |is_it: &dyn Fn(&ImageInfo) -> bool| wave.iter().find(|job| is_it(&job.info));
    match error {
        AssetError::Render(RenderError::ImageTooLarge { width, height, limit }) => {
            match blame(&|info| info.size == [width, height]) {
                Some(job) => too_large(Place::new("image", job.index as usize), job.name, job.info.size, limit).into(),
                None => error,
            }
        }
        AssetError::Render(RenderError::FormatUnsupported { format }) => match blame(&|info| info.format == format) {
            Some(job) => Fault::Image {
                place: Place::new("image", job.index as usize),
                name: Named::new(job.name),
                problem: words(format_args!("this device can't show its format {format:?}")),
            }
            .into(),
            None => error,
        },
        error => error,
    }
}

/// An image that says it is another kind than it is loads as what it is.
fn note_disguise(image: &json::Image, kind: ImageKind, place: Place, store: &mut Store<'_>) -> Result<(), AssetError> {
    let stated = image.mime_type.as_ref().map(|mime| mime.0.as_str());
    let by_mime = stated.and_then(|mime| match mime {
        "image/png" => Some(ImageKind::Png),
        "image/jpeg" => Some(ImageKind::Jpeg),
        "image/ktx2" => Some(ImageKind::Ktx2),
        _ => None,
    });
    let extension = image.uri.as_deref().filter(|text| matches!(uri::parse(text), Uri::File(_)));
    let extension = extension.and_then(|text| Path::new(text).extension()).and_then(|extension| extension.to_str());
    let by_name = extension.and_then(|extension| {
        let is = |word: &str| extension.eq_ignore_ascii_case(word);
        match () {
            () if is("png") => Some(ImageKind::Png),
            () if is("jpg") || is("jpeg") => Some(ImageKind::Jpeg),
            () if is("ktx2") => Some(ImageKind::Ktx2),
            () => None,
        }
    });
    for claimed in [by_mime, by_name].into_iter().flatten() {
        if claimed != kind {
            store.note(format_args!("{place} says it is {claimed:?} but is {kind:?}: it was read as that"))?;
        }
    }
    Ok(())
}
