//! Images of a document: found and measured here, decoded by helpers beside each other, handed to upload memory.
//!
//! # Invariants
//! 1. A helper has an arena of its own for compressed bytes, and one slice of upload memory to write pixels to.
//! 2. Images of at most [`WAVE_BYTES_MAX`] are asked for at once, or one for each helper.

use std::path::Path;

use ::gltf::json;
use voltrum_memory::{ArenaVec, Scope, Tag, Tagged};
use voltrum_render::RenderError;

use super::accessor::View;
use super::decode::{Encoded, Failed, Job, decode_all, helpers};
use super::source::{self, Sources};
use super::store::Store;
use super::textures::{Meaning, WantedImage};
use super::uri::{self, Uri};
use crate::fault::{Fault, Named, Place};
use crate::image::{ImageInfo, ImageKind, probe};
use crate::staged::StagedImage;
use crate::upload::{Loading, UploadMemory};
use crate::words::words;
use crate::{AssetError, LoadLimits, Progress};

/// Bytes of pixels that are decoded side by side, where upload memory is used again for others.
const WAVE_BYTES_MAX: usize = 32 << 20;

/// Bytes that are read to learn an image's size.
const HEAD_BYTES: usize = 16 << 10;

/// The name a person knows an image by: its own, or its file's.
pub(crate) fn name_of(image: &json::Image) -> Option<&str> {
    let file = image.uri.as_deref().filter(|text| matches!(uri::parse(text), Uri::File(_)));
    image.name.as_deref().filter(|name| !name.is_empty()).or(file)
}

/// An image that was found: where its bytes are, and what its head says.
#[derive(Clone, Copy)]
pub(crate) struct Found<'x> {
    index: u32,
    meaning: Meaning,
    encoded: Encoded<'x>,
}

/// Finds the images' files and adds them to what there is to work through.
pub(crate) fn find<'x>(
    root: &json::Root,
    wanted: &[WantedImage],
    sources: &mut Sources<'x>,
    limits: &LoadLimits,
    progress: &Progress,
    scratch: &Scope<'x>,
) -> Result<&'x [Found<'x>], AssetError> {
    let none = Found { index: 0, meaning: Meaning::Color, encoded: Encoded::Memory(&[]) };
    let found = scratch.try_alloc_slice_fill_with(wanted.len(), |_| none)?;
    for (slot, wanted) in found.iter_mut().zip(wanted) {
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
        progress.expect_bytes(encoded.length());
        progress.expect_files(1);
        *slot = Found { index: wanted.index, meaning: wanted.meaning, encoded };
    }
    Ok(found)
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

/// Decodes the images that were found, in this order.
pub(crate) fn build<'s, U: UploadMemory>(
    root: &json::Root,
    found: &[Found<'_>],
    loading: &mut Loading<'_, U>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedImage<'s, U::Image>], AssetError> {
    let memory = store.tagged(Tag::TEXTURE);
    let mut images = ArenaVec::try_with_capacity_in(found.len(), memory)?;
    let mut rest = found;
    let takes_pixels = loading.uploads.takes_pixels();
    while !rest.is_empty() {
        let temp = scratch.temp();
        let memory = temp.tagged(Tag::STAGING);
        let (wave, later) = next_wave(root, rest, loading, store, memory)?;
        rest = later;
        let wanted = memory.try_alloc_iter(wave.iter().map(|job| (job.info.size, job.info.format, job.info.levels)))?;
        let mut jobs = wave.iter_mut();
        let mut full = None;
        let taken = loading.uploads.try_images(wanted, &mut |upload, pixels| {
            let Some(job) = jobs.next() else { return };
            let staged =
                StagedImage { name: "", size: job.info.size, format: job.info.format, levels: job.info.levels, upload };
            job.pixels = pixels;
            full = images.try_push(staged).err().or(full.take());
        });
        if let Err(error) = taken {
            return Err(refused(error, wave));
        }
        if let Some(error) = full {
            return Err(error.into());
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
        let first = images.len() - wave.len();
        for (image, job) in images.as_mut_slice().iter_mut().skip(first).zip(wave.iter()) {
            image.name = store.name(Tag::TEXTURE, job.name)?;
        }
    }
    counts(store, &images);
    Ok(images.into_slice())
}

fn counts<I>(store: &mut Store<'_>, images: &[StagedImage<'_, I>]) {
    let levels =
        images.iter().flat_map(|image| (0..image.levels).map(|level| image.format.level_bytes(image.size, level)));
    store.counts.image_bytes = levels.sum();
}

/// The jobs for as many images as may be held at once.
fn next_wave<'j, 'f, U: UploadMemory>(
    root: &'j json::Root,
    found: &'f [Found<'f>],
    loading: &Loading<'_, U>,
    store: &mut Store<'_>,
    memory: Tagged<'j>,
) -> Result<(&'j mut [Job<'j>], &'f [Found<'f>]), AssetError>
where
    'f: 'j,
{
    let mut jobs = ArenaVec::try_with_capacity_in(found.len(), memory)?;
    let mut bytes = 0_usize;
    for (at, found) in found.iter().enumerate() {
        let info = measure(root, found, loading, store, memory)?;
        let needed = info.bytes().unwrap_or(usize::MAX);
        if at >= helpers() && bytes.saturating_add(needed) > WAVE_BYTES_MAX {
            break;
        }
        bytes = bytes.saturating_add(needed);
        let name = root.images.get(found.index as usize).and_then(name_of);
        jobs.try_push(Job::new(found.index, found.encoded, info, name))?;
    }
    let done = jobs.len();
    Ok((jobs.into_slice(), found.get(done..).unwrap_or_default()))
}

/// What an image is, from its head, compared with the limits.
fn measure<U: UploadMemory>(
    root: &json::Root,
    found: &Found<'_>,
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
