//! Environments: pictures of what surrounds a scene, filtered for every roughness; and the set that shaders read them
//! from, together with the shadow map.

use ash::vk;
use voltrum_memory::Tagged;

use crate::error::RenderError;
use crate::handle::EnvironmentId;
use crate::image_format::{ImageFormat, level_size};
use crate::prefilter;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::sampler::{SamplerDesc, Wrap};
use crate::uploads::{ImageUpload, UploadBatch};
use crate::usage::{GpuLifetime, GpuTag};
use crate::view_uniforms::Harmonics;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::command::{Commands, ImageRegion};
use crate::vulkan::descriptor::DescriptorSet;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};

mod sky {
    //! The built-in environment, filtered by the build script.
    include!(concat!(env!("OUT_DIR"), "/sky.rs"));
    pub(super) const TEXELS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sky.bin"));
    pub(super) const fn size() -> [u32; 2] {
        SIZE
    }
    pub(super) const fn levels() -> u32 {
        LEVELS
    }
    pub(super) const fn harmonics() -> [[f32; 4]; 9] {
        HARMONICS
    }
}

/// Environments alive at once, the built-in one included.
pub(crate) const ENVIRONMENTS_MAX: u32 = 16;

const SAMPLER: SamplerDesc = SamplerDesc {
    magnify: crate::sampler::Filter::Linear,
    minify: crate::sampler::Filter::Linear,
    mip: crate::sampler::MipFilter::Linear,
    wrap: [Wrap::Repeat, Wrap::Clamp],
};

/// The widest that a loaded environment is kept.
const WIDTH_MAX: u32 = 1024;
/// Rows of the level for roughness 1.
const LAST_ROWS: u32 = 8;
/// Directions asked per texel; the source's mip levels make up for what is between them.
const SAMPLES: u32 = 48;

/// A filtered environment within a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvironmentUpload {
    image: ImageUpload,
    harmonics: [[f32; 4]; 9],
}

pub(crate) struct Environment<'gpu> {
    image: Image<'gpu>,
    harmonics: Harmonics,
    pub(crate) set: DescriptorSet,
    pending: Option<ImageUpload>,
}

impl<'gpu> Environment<'gpu> {
    pub(crate) fn is_ready(&self) -> bool {
        self.pending.is_none()
    }

    pub(crate) fn harmonics(&self) -> &Harmonics {
        &self.harmonics
    }

    /// Records the copy of its texels, if `batch` has them.
    pub(crate) fn upload(&mut self, batch: &UploadBatch<'gpu>, commands: Commands<'gpu>) {
        let Some(upload) = self.pending.filter(|upload| upload.place.batch == batch.id()) else { return };
        let Some(buffer) = batch.buffer(upload.place) else { return };
        commands.transition(&self.image, ImageUse::Discard, ImageUse::CopyTarget);
        let mut offset = upload.place.offset;
        for level in 0..upload.levels {
            let size = level_size(upload.size, level);
            let region = ImageRegion { offset, row_pixels: 0, level, origin: [0, 0], size };
            commands.copy_to_image(buffer, &self.image, region);
            offset += upload.format.level_bytes(upload.size, level);
        }
        commands.transition(&self.image, ImageUse::CopyTarget, ImageUse::Sampled);
        self.pending = None;
    }
}

/// Filters an equirectangular picture (`.hdr`) into staging memory: three linear floats a pixel, rows from top to
/// bottom, the middle column looking along -Z. Takes a good part of a second; call it on a loader's thread. `scratch`
/// gives memory for smaller copies of the picture, half as much as the picture takes.
///
/// # Errors
/// [`RenderError::EnvironmentInvalid`] where the picture is no panorama or has the wrong number of floats, and those
/// of [`UploadBatch::try_image`].
pub fn try_environment(
    batch: &mut UploadBatch<'_>,
    size: [u32; 2],
    rgb: &[f32],
    scratch: Tagged<'_>,
) -> Result<EnvironmentUpload, RenderError> {
    let [width, height] = size;
    let floats = u64::from(width) * u64::from(height) * 3;
    if width < 4 || height < 2 || floats != rgb.len() as u64 {
        return Err(RenderError::EnvironmentInvalid { width, height, floats: rgb.len() as u64 });
    }
    let pyramid = Pyramid::try_new(size, rgb, scratch)?;
    let across = 1 << width.clamp(4 * LAST_ROWS, WIDTH_MAX).ilog2();
    let fine = [across, across / 2];
    let levels = (fine[1] / LAST_ROWS).ilog2() + 1;
    let radiance = |direction, angle| pyramid.average(direction, angle);
    let harmonics = prefilter::harmonics([64, 32], radiance);
    let (image, mut texels) = batch.try_image_levels(fine, ImageFormat::Rgba16Float, levels)?;
    for level in 0..levels {
        let size = level_size(fine, level);
        let roughness = level as f32 / (levels - 1).max(1) as f32;
        let bytes = ImageFormat::Rgba16Float.level_bytes(fine, level) as usize;
        let (here, rest) = texels.split_at_mut(bytes);
        prefilter::fill_level(size, roughness, SAMPLES, radiance, here);
        texels = rest;
    }
    Ok(EnvironmentUpload { image, harmonics })
}

/// Makes an environment from what [`try_environment`] filtered. Until the batch is submitted, the built-in one stands
/// in for it.
///
/// # Errors
/// [`RenderError::LimitReached`], [`RenderError::ForeignUpload`], [`RenderError::OutOfDeviceMemory`].
pub fn create_environment(
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    upload: EnvironmentUpload,
    lifetime: GpuLifetime,
) -> Result<EnvironmentId, RenderError> {
    batch.check_gpu(renderer.gpu)?;
    batch.check(upload.image.place)?;
    let limit = ENVIRONMENTS_MAX;
    let full = RenderError::LimitReached { what: "environments", limit, field: "none, it is fixed" };
    if renderer.environments.is_full() {
        return Err(full);
    }
    let desc = ImageDesc {
        kind: ImageKind::Texture,
        format: upload.image.format.raw(),
        size: upload.image.size,
        mips: upload.image.levels,
        samples: 1,
        lifetime,
        tag: GpuTag::Texture,
    };
    batch.release_reserve();
    let image = Image::try_new(renderer.gpu.device(), &desc)?;
    let set = renderer.write_surroundings(&image)?;
    let last_level = (upload.image.levels - 1) as f32;
    let harmonics = Harmonics { coefficients: upload.harmonics, last_level };
    let environment = Environment { image, harmonics, set, pending: Some(upload.image) };
    match renderer.environments.try_insert(environment) {
        Ok(key) => Ok(EnvironmentId::new(key)),
        Err(environment) => {
            renderer.sets.free(environment.set);
            Err(full)
        }
    }
}

/// Destroys an environment once the last frame that may use it is done. A stale handle changes nothing.
pub fn destroy_environment(renderer: &mut RendererState<'_>, id: EnvironmentId) {
    if let Some(environment) = renderer.environments.remove(id.key()) {
        renderer.retire(Garbage::Image(environment.image));
        renderer.retire(Garbage::Set(environment.set));
    }
}

/// The built-in environment's texels in `batch`.
pub(crate) fn sky(batch: &mut UploadBatch<'_>) -> Result<EnvironmentUpload, RenderError> {
    let (image, texels) = batch.try_image_levels(sky::size(), ImageFormat::Rgba16Float, sky::levels())?;
    texels.copy_from_slice(sky::TEXELS);
    Ok(EnvironmentUpload { image, harmonics: sky::harmonics() })
}

impl<'app> RendererState<'app> {
    /// The environment that a view shows: its own, or the built-in one.
    pub(crate) fn environment(&self, id: EnvironmentId) -> Option<&Environment<'app>> {
        let own = self.environments.get(id.key()).filter(|environment| environment.is_ready());
        own.or_else(|| self.environments.get(self.defaults.sky.key()))
    }

    fn write_surroundings(&mut self, image: &Image<'app>) -> Result<DescriptorSet, RenderError> {
        let sampler = self.samplers.try_get(SAMPLER)?;
        let comparing = self.samplers.try_get_comparing()?;
        let set = self.allocate_set(|passes| &passes.surroundings_set)?;
        let shadow: vk::ImageView = self.shadow_map.view();
        self.sets.write_surroundings(set, (image.view(), sampler), (shadow, comparing));
        Ok(set)
    }

    /// Points all environments' sets at the present shadow map.
    pub(crate) fn rewrite_surroundings(&mut self) -> Result<(), RenderError> {
        let sampler = self.samplers.try_get(SAMPLER)?;
        let comparing = self.samplers.try_get_comparing()?;
        let mut keys = [None; ENVIRONMENTS_MAX as usize];
        for (place, (key, _)) in keys.iter_mut().zip(self.environments.iter()) {
            *place = Some(key);
        }
        for key in keys.into_iter().flatten() {
            let set = self.allocate_set(|passes| &passes.surroundings_set)?;
            let Some(environment) = self.environments.get_mut(key) else { continue };
            let shadow = (self.shadow_map.view(), comparing);
            self.sets.write_surroundings(set, (environment.image.view(), sampler), shadow);
            let old = std::mem::replace(&mut environment.set, set);
            self.retire(Garbage::Set(old));
        }
        Ok(())
    }
}

const PYRAMID_LEVELS: usize = 16;

/// A picture and its halves, for averages over any solid angle.
struct Pyramid<'p> {
    levels: [(&'p [f32], [u32; 2]); PYRAMID_LEVELS],
    count: usize,
}

impl<'p> Pyramid<'p> {
    fn try_new(size: [u32; 2], rgb: &'p [f32], scratch: Tagged<'p>) -> Result<Pyramid<'p>, RenderError> {
        let mut levels: [(&'p [f32], [u32; 2]); PYRAMID_LEVELS] = [(&[], [0, 0]); PYRAMID_LEVELS];
        levels[0] = (rgb, size);
        let mut count = 1;
        while count < PYRAMID_LEVELS && levels[count - 1].1[1] > 4 && levels[count - 1].1[0] > 4 {
            let (above, above_size) = levels[count - 1];
            let size = above_size.map(|side| side / 2);
            let texel = |x: u32, y: u32, channel: usize| {
                let (x, y) = (x.min(above_size[0] - 1), y.min(above_size[1] - 1));
                above[(y as usize * above_size[0] as usize + x as usize) * 3 + channel]
            };
            let halved = scratch.try_alloc_slice_fill_with(size[0] as usize * size[1] as usize * 3, |index| {
                let (pixel, channel) = (index / 3, index % 3);
                let (x, y) = ((pixel % size[0] as usize) as u32 * 2, (pixel / size[0] as usize) as u32 * 2);
                let sum = texel(x, y, channel)
                    + texel(x + 1, y, channel)
                    + texel(x, y + 1, channel)
                    + texel(x + 1, y + 1, channel);
                sum * 0.25
            })?;
            levels[count] = (halved, size);
            count += 1;
        }
        Ok(Pyramid { levels, count })
    }

    /// The average around a direction over a solid angle, from the level whose texels are about as wide.
    fn average(&self, [x, y, z]: [f32; 3], angle: f32) -> [f32; 3] {
        use std::f32::consts::PI;
        let [width, height] = self.levels[0].1;
        let texel_angle = 4.0 * PI / (width as f32 * height as f32);
        let level = (0.5 * (angle / texel_angle).max(1.0).log2()).round() as usize;
        let (texels, [width, height]) = self.levels[level.min(self.count - 1)];
        let u = x.atan2(-z) / (2.0 * PI) + 0.5;
        let v = y.clamp(-1.0, 1.0).acos() / PI;
        let (across, down) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
        let (left, top) = (across.floor(), down.floor());
        let (share_x, share_y) = (across - left, down - top);
        let texel = |dx: i64, dy: i64, channel: usize| {
            let x = (left as i64 + dx).rem_euclid(i64::from(width)) as usize;
            let y = (top as i64 + dy).clamp(0, i64::from(height) - 1) as usize;
            texels[(y * width as usize + x) * 3 + channel]
        };
        std::array::from_fn(|channel| {
            let upper = texel(0, 0, channel) * (1.0 - share_x) + texel(1, 0, channel) * share_x;
            let lower = texel(0, 1, channel) * (1.0 - share_x) + texel(1, 1, channel) * share_x;
            upper * (1.0 - share_y) + lower * share_y
        })
    }
}

#[cfg(test)]
mod tests {
    use voltrum_memory::{Arena, Tag};

    use super::*;

    #[test]
    fn a_white_picture_is_white_from_everywhere_and_at_every_level() {
        let mut arena = Arena::try_reserve("scratch", 1 << 22).unwrap();
        let scope = arena.open();
        let rgb = [1.0f32; 64 * 32 * 3];
        let pyramid = Pyramid::try_new([64, 32], &rgb, scope.tagged(Tag::RENDERER)).unwrap();
        assert_eq!(pyramid.average([0.0, 1.0, 0.0], 0.001), [1.0; 3]);
        assert_eq!(pyramid.average([-0.6, 0.0, 0.8], 4.0), [1.0; 3]);
        let harmonics = prefilter::harmonics([64, 32], |direction, angle| pyramid.average(direction, angle));
        assert!((harmonics[0][0] - 1.0).abs() < 1e-3, "{harmonics:?}");
        assert!(harmonics[1..].iter().flatten().all(|value| value.abs() < 1e-2), "{harmonics:?}");
    }

    #[test]
    fn half_floats_round_to_the_nearest_and_never_overflow() {
        for (value, bits) in [(0.0, 0), (1.0, 0x3C00), (0.5, 0x3800), (65504.0, 0x7BFF), (1e9, 0x7BFF), (-1.0, 0)] {
            assert_eq!(prefilter::half(value), bits, "{value}");
        }
        assert_eq!(prefilter::half(f32::NAN), 0);
        assert_eq!(prefilter::half(1.0 + 1.0 / 4096.0), 0x3C00);
        assert_eq!(prefilter::half(5.960_464_5e-8), 1, "the least there is");
    }
}
