//! Textures: images with their mip levels and their sampler.

use crate::error::RenderError;
use crate::handle::TextureId;
use crate::image_format::level_size;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::sampler::SamplerDesc;
use crate::uploads::{ImageUpload, UploadBatch};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::command::{Commands, ImageRegion};
use crate::vulkan::descriptor::DescriptorSet;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};

pub(crate) struct Texture<'gpu> {
    pub(crate) image: Image<'gpu>,
    pub(crate) sampler: SamplerDesc,
    /// Samples the stored bytes, for the UI.
    pub(crate) ui_set: DescriptorSet,
    /// Where its pixels wait to be copied from.
    pending: Option<ImageUpload>,
    ready: bool,
}

impl<'gpu> Texture<'gpu> {
    /// Whether the copy of its pixels has been recorded.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Records the copy, if `batch` has the pixels.
    /// Says whether it had.
    pub(crate) fn upload(&mut self, batch: &UploadBatch<'gpu>, commands: Commands<'gpu>) -> bool {
        let Some(upload) = self.pending.filter(|upload| upload.place.batch == batch.id()) else { return false };
        let Some(buffer) = batch.buffer(upload.place) else { return false };
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
        self.ready = true;
        true
    }
}

/// Makes a texture from an image of `batch`. It shows its pixels once the batch is submitted, the visible default
/// until then.
///
/// # Errors
/// [`RenderError::LimitReached`], [`RenderError::ForeignUpload`], [`RenderError::ForeignGpu`],
/// [`RenderError::OutOfDeviceMemory`].
pub fn create_texture(
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    upload: ImageUpload,
    sampler: SamplerDesc,
    lifetime: GpuLifetime,
) -> Result<TextureId, RenderError> {
    batch.check_gpu(renderer.gpu)?;
    batch.check(upload.place)?;
    if renderer.textures.is_full() {
        let limit = renderer.limits.textures_max;
        return Err(RenderError::LimitReached { what: "textures", limit, field: "textures_max" });
    }
    batch.release_reserve();
    let device = renderer.gpu.device();
    let desc = ImageDesc {
        kind: ImageKind::Texture,
        format: upload.format.raw(),
        size: upload.size,
        mips: upload.levels,
        samples: 1,
        lifetime,
        tag: GpuTag::Texture,
    };
    let image = Image::try_new(device, &desc)?;
    let raw_sampler = renderer.samplers.try_get(sampler)?;
    let ui_set = renderer.allocate_texture_set()?;
    renderer.sets.write_texture(ui_set, image.bytes_view(), raw_sampler);
    let texture = Texture { image, sampler, ui_set, pending: Some(upload), ready: false };
    match renderer.textures.try_insert(texture) {
        Ok(key) => Ok(TextureId::new(key)),
        Err(texture) => {
            // Full was ruled out above; the set is unused, so it can go at once.
            renderer.sets.free(texture.ui_set);
            Err(RenderError::LimitReached {
                what: "textures",
                limit: renderer.limits.textures_max,
                field: "textures_max",
            })
        }
    }
}

/// Destroys a texture once the last frame that may use it is done; at once nothing draws with it. A stale handle
/// changes nothing.
pub fn destroy_texture(renderer: &mut RendererState<'_>, id: TextureId) {
    if let Some(texture) = renderer.textures.remove(id.key()) {
        renderer.retire(Garbage::Image(texture.image));
        renderer.retire(Garbage::Set(texture.ui_set));
        renderer.textures_epoch += 1;
    }
}
