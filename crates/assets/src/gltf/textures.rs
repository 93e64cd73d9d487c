//! Which textures and images the materials need, each once.
//!
//! # Invariants
//! 1. A wanted image is of one image and one meaning; equal `images` of the document (the same uri, the same bytes of a
//!    buffer) are one.

use ::gltf::json;
use json::validation::Checked;
use voltrum_memory::{MemoryError, Tagged};
use voltrum_render::{Filter, MipFilter, SamplerDesc, Wrap};

use super::extension::Extension;
use super::store::Store;
use crate::AssetError;
use crate::fault::{Fault, Place};
use crate::staged::StagedTexture;

/// What an image's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Colours, encoded as sRGB.
    Color,
    /// Data: normals, roughness and the like, linear.
    Data,
}

/// An image to be decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WantedImage {
    /// The document's number of it.
    pub(crate) index: u32,
    pub(crate) meaning: Meaning,
}

const NONE: u32 = u32::MAX;

/// The textures and images that are wanted so far.
pub(crate) struct TextureTable<'d, 'x> {
    root: &'d json::Root,
    /// The first image of the document that is the same, for each.
    same: &'x [u32],
    /// By the document's texture and meaning: the staged texture.
    by_texture: &'x mut [[u32; 2]],
    /// By the document's image and meaning: the staged image.
    by_image: &'x mut [[u32; 2]],
    textures: &'x mut [StagedTexture],
    textures_len: usize,
    images: &'x mut [WantedImage],
    images_len: usize,
}

impl<'d, 'x> TextureTable<'d, 'x> {
    pub(crate) fn try_new(root: &'d json::Root, scratch: Tagged<'x>) -> Result<Self, MemoryError> {
        let none = StagedTexture { image: 0, sampler: SamplerDesc::default() };
        let image = WantedImage { index: 0, meaning: Meaning::Color };
        Ok(Self {
            root,
            same: same_images(root, scratch)?,
            by_texture: scratch.try_alloc_slice_fill_with(root.textures.len(), |_| [NONE; 2])?,
            by_image: scratch.try_alloc_slice_fill_with(root.images.len(), |_| [NONE; 2])?,
            textures: scratch.try_alloc_slice_fill_with(root.textures.len() * 2, |_| none)?,
            textures_len: 0,
            images: scratch.try_alloc_slice_fill_with(root.images.len() * 2, |_| image)?,
            images_len: 0,
        })
    }

    /// The staged texture of a texture of the document; `None` when it has no image that can be read, which is noted.
    pub(crate) fn texture(
        &mut self,
        number: usize,
        meaning: Meaning,
        from: Place,
        store: &mut Store<'_>,
    ) -> Result<Option<u32>, AssetError> {
        let at = meaning as usize;
        let known = self.by_texture.get(number).and_then(|meanings| meanings.get(at)).copied().unwrap_or(NONE);
        if known != NONE {
            return Ok(Some(known));
        }
        let Some((image, sampler)) = texture(self.root, number, from, store)? else {
            return Ok(None);
        };
        let image = self.same.get(image).copied().unwrap_or(NONE);
        let wanted = StagedTexture { image: self.image(image, meaning), sampler };
        let same = self.textures.iter().take(self.textures_len).position(|texture| *texture == wanted);
        let position = same.unwrap_or_else(|| {
            if let Some(slot) = self.textures.get_mut(self.textures_len) {
                *slot = wanted;
            }
            self.textures_len += 1;
            self.textures_len - 1
        }) as u32;
        if let Some(slot) = self.by_texture.get_mut(number).and_then(|meanings| meanings.get_mut(at)) {
            *slot = position;
        }
        Ok(Some(position))
    }

    /// What was wanted, in order.
    pub(crate) fn into_parts(self) -> (&'x [StagedTexture], &'x [WantedImage]) {
        let (textures, images): (&'x [StagedTexture], &'x [WantedImage]) = (self.textures, self.images);
        (textures.get(..self.textures_len).unwrap_or_default(), images.get(..self.images_len).unwrap_or_default())
    }

    fn image(&mut self, index: u32, meaning: Meaning) -> u32 {
        let Some(slot) = self.by_image.get_mut(index as usize).and_then(|meanings| meanings.get_mut(meaning as usize))
        else {
            return 0;
        };
        if *slot == NONE {
            *slot = self.images_len as u32;
            if let Some(place) = self.images.get_mut(self.images_len) {
                *place = WantedImage { index, meaning };
            }
            self.images_len += 1;
        }
        *slot
    }
}

/// For each image of the document the first one that is the same: of the same uri, or the same view.
fn same_images<'x>(root: &json::Root, scratch: Tagged<'x>) -> Result<&'x [u32], MemoryError> {
    let hashes = scratch.try_alloc_iter(root.images.iter().map(|image| {
        match (image.buffer_view, image.uri.as_deref()) {
            (Some(view), _) => view.value() as u64,
            // FNV-1a; what it finds equal is compared.
            (None, uri) => uri
                .unwrap_or_default()
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        }
    }))?;
    let hashes: &[u64] = hashes;
    let same = scratch.try_alloc_iter((0..root.images.len()).map(|at| {
        let (Some(image), Some(hash)) = (root.images.get(at), hashes.get(at)) else {
            return at as u32;
        };
        let mut before = hashes.iter().take(at).enumerate().filter(|(_, other)| *other == hash);
        let first = before.find(|(other, _)| {
            root.images.get(*other).is_some_and(|other| match (image.buffer_view, other.buffer_view) {
                (Some(one), Some(other)) => one.value() == other.value(),
                (None, None) => image.uri.is_some() && image.uri == other.uri,
                _ => false,
            })
        });
        first.map_or(at, |(first, _)| first) as u32
    }))?;
    Ok(same)
}

/// The image and the sampler of a texture; `None` when it has no image that can be read.
fn texture(
    root: &json::Root,
    number: usize,
    from: Place,
    store: &mut Store<'_>,
) -> Result<Option<(usize, SamplerDesc)>, AssetError> {
    let texture = root.textures.get(number).ok_or(Fault::Reference {
        from,
        to: "texture",
        index: number as u64,
        count: root.textures.len() as u64,
    })?;
    let place = Place::new("texture", number);
    const BASIS: &str = "KHR_texture_basisu";
    let value = texture.extensions.as_ref().and_then(|extensions| extensions.others.get(BASIS));
    let other = match Extension::of(value, BASIS, place, store)? {
        Some(object) => object.whole("source", store)?,
        None => None,
    };
    // A PNG or JPEG that is there besides is what every device can show.
    let own = texture.source.value();
    let image = if own == u32::MAX as usize { other.map(|image| image as usize) } else { Some(own) };
    let Some(image) = image else {
        store.note(format_args!("{place} has no image of a kind that can be read: surfaces are shown without it"))?;
        return Ok(None);
    };
    if image >= root.images.len() {
        return Err(Fault::Reference {
            from: place,
            to: "image",
            index: image as u64,
            count: root.images.len() as u64,
        }
        .into());
    }
    let sampler = match texture.sampler {
        None => SamplerDesc::default(),
        Some(index) => {
            let sampler = root.samplers.get(index.value()).ok_or(Fault::Reference {
                from: place,
                to: "sampler",
                index: index.value() as u64,
                count: root.samplers.len() as u64,
            })?;
            sampler_desc(sampler)
        }
    };
    Ok(Some((image, sampler)))
}

/// Unknown filters and wraps become the default ones.
fn sampler_desc(sampler: &json::texture::Sampler) -> SamplerDesc {
    use json::texture::{MagFilter, MinFilter, WrappingMode};
    let magnify = match sampler.mag_filter {
        Some(Checked::Valid(MagFilter::Nearest)) => Filter::Nearest,
        _ => Filter::Linear,
    };
    let (minify, mip) = match sampler.min_filter {
        Some(Checked::Valid(filter)) => match filter {
            MinFilter::Nearest => (Filter::Nearest, MipFilter::None),
            MinFilter::Linear => (Filter::Linear, MipFilter::None),
            MinFilter::NearestMipmapNearest => (Filter::Nearest, MipFilter::Nearest),
            MinFilter::LinearMipmapNearest => (Filter::Linear, MipFilter::Nearest),
            MinFilter::NearestMipmapLinear => (Filter::Nearest, MipFilter::Linear),
            MinFilter::LinearMipmapLinear => (Filter::Linear, MipFilter::Linear),
        },
        _ => (Filter::Linear, MipFilter::Linear),
    };
    let wrap = |mode: &Checked<WrappingMode>| match mode {
        Checked::Valid(WrappingMode::ClampToEdge) => Wrap::Clamp,
        Checked::Valid(WrappingMode::MirroredRepeat) => Wrap::Mirror,
        _ => Wrap::Repeat,
    };
    SamplerDesc { magnify, minify, mip, wrap: [wrap(&sampler.wrap_s), wrap(&sampler.wrap_t)] }
}
