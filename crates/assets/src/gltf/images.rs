//! Images of a document: compressed bytes into scratch memory, pixels straight into upload memory, one at a time.

use ::gltf::json;
use voltrum_memory::{Scope, Tag};
use voltrum_render::{ImageFormat, RenderError};

use super::accessor::View;
use super::source::{self, Sources};
use super::store::Store;
use super::uri::{self, Uri};
use crate::fault::{Fault, Named, Place};
use crate::file::read_at;
use crate::image::{decode_rgba, probe};
use crate::staged::StagedImage;
use crate::upload::{Loading, UploadMemory};
use crate::words::words;
use crate::{AssetError, LoadLimits, Progress};

/// The name a person knows an image by: its own, or its file's.
fn name_of(image: &json::Image) -> Option<&str> {
    let file = image.uri.as_deref().filter(|text| matches!(uri::parse(text), Uri::File(_)));
    image.name.as_deref().filter(|name| !name.is_empty()).or(file)
}

/// Adds the images' files to what there is to work through.
pub(crate) fn expect(
    root: &json::Root,
    wanted: &[u32],
    sources: &Sources<'_>,
    progress: &Progress,
    scratch: &mut Scope<'_>,
) {
    for &index in wanted {
        let temp = scratch.temp();
        let image = root.images.get(index as usize);
        progress.expect_bytes(image.map_or(0, |image| stated_bytes(root, image, sources, &temp)));
    }
}

/// Decodes the document's images of these numbers, in this order.
pub(crate) fn build<'s, U: UploadMemory>(
    root: &json::Root,
    wanted: &[u32],
    sources: &mut Sources<'_>,
    loading: &mut Loading<'_, U>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedImage<'s, U::Image>], AssetError> {
    let memory = store.tagged(Tag::TEXTURE);
    let mut images = voltrum_memory::ArenaVec::try_with_capacity_in(wanted.len(), memory)?;
    for &index in wanted {
        let index = index as usize;
        let Some(image) = root.images.get(index) else {
            continue;
        };
        let place = Place::new("image", index);
        let named = || Named::new(name_of(image));
        let temp = scratch.temp();
        let bytes = compressed(root, image, place, sources, &loading.limits, &temp)?;
        let broken = |problem| Fault::Image { place, name: named(), problem };
        let info = probe(bytes).map_err(|problem| broken(words(problem)))?;
        let too_large = |limit: u32| Fault::ImageSize {
            place,
            name: named(),
            width: u64::from(info.size[0]),
            height: u64::from(info.size[1]),
            limit: u64::from(limit),
        };
        let limit = loading.limits.image_side_max;
        if info.size.iter().any(|side| *side > limit) {
            return Err(too_large(limit).into());
        }
        let (upload, out) =
            loading.uploads.try_image(info.size, ImageFormat::Rgba8Srgb).map_err(|error| match error {
                AssetError::Render(RenderError::ImageTooLarge { limit, .. }) => too_large(limit).into(),
                error => error,
            })?;
        decode_rgba(bytes, info, out).map_err(broken)?;
        loading.progress.advance(bytes.len() as u64)?;
        drop(temp);
        images.try_push(StagedImage { name: store.name(Tag::TEXTURE, name_of(image))?, size: info.size, upload })?;
    }
    Ok(images.into_slice())
}

/// How long an image's file seems to be, for the progress; what is wrong with it shows when it is read.
fn stated_bytes(root: &json::Root, image: &json::Image, sources: &Sources<'_>, temp: &Scope<'_>) -> u64 {
    let place = Place::new("image", 0);
    match (image.buffer_view, image.uri.as_deref()) {
        (Some(view), _) => View::check(root, view.value(), place).map_or(0, |view| view.length),
        (None, Some(text)) => match uri::parse(text) {
            Uri::File(_) => source::resolve(sources.path(), text, place, temp)
                .ok()
                .and_then(|path| std::fs::metadata(path).ok())
                .map_or(0, |meta| meta.len()),
            data => uri::decoded_bytes_max(data) as u64,
        },
        (None, None) => 0,
    }
}

/// An image's file, whole, in scratch memory.
fn compressed<'t>(
    root: &json::Root,
    image: &json::Image,
    place: Place,
    sources: &mut Sources<'_>,
    limits: &LoadLimits,
    temp: &Scope<'t>,
) -> Result<&'t [u8], AssetError> {
    let bounded = |length: u64| {
        if length > limits.image_bytes_max {
            return Err(AssetError::limit(
                "bytes in one image file",
                length,
                limits.image_bytes_max,
                "image_bytes_max",
            ));
        }
        Ok(length as usize)
    };
    match (image.buffer_view, image.uri.as_deref()) {
        (Some(view), _) => {
            let view = View::check(root, view.value(), place)?;
            let out = temp.try_alloc_zeroed::<u8>(bounded(view.length)?)?;
            sources.read(view.buffer, view.offset, out)?;
            Ok(out)
        }
        (None, Some(text)) => match uri::parse(text) {
            Uri::File(_) => {
                let path = source::resolve(sources.path(), text, place, temp)?;
                let (mut file, length) = source::open_beside(path, text, place)?;
                let out = temp.try_alloc_zeroed::<u8>(bounded(length)?)?;
                read_at(&mut file, 0, out).map_err(|error| AssetError::io(path, error))?;
                Ok(out)
            }
            data => {
                let out = temp.try_alloc_zeroed::<u8>(bounded(uri::decoded_bytes_max(data) as u64)?)?;
                let length = uri::decode(data, out, place)?;
                let out: &'t [u8] = out;
                Ok(out.get(..length).unwrap_or_default())
            }
        },
        (None, None) => Err(Fault::Invalid { place, problem: "has neither a uri nor a bufferView" }.into()),
    }
}
