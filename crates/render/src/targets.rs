//! Offscreen targets: sRGB colour, depth, one or four samples, and reading them back.
//!
//! Colours in a target are premultiplied by alpha; what is read back has straight alpha.

use ash::vk;
use voltrum_memory::Scope;

use crate::error::RenderError;
use crate::handle::TargetId;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::sampler::{MipFilter, SamplerDesc, Wrap};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::descriptor::DescriptorSet;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};
use crate::vulkan::pipeline::DEPTH_FORMAT;

/// The colour format of every target.
pub(crate) const COLOR_FORMAT: vk::Format = vk::Format::R8G8B8A8_SRGB;

/// How the UI samples targets, the screen and its own textures.
pub(crate) const UI_SAMPLER: SamplerDesc = SamplerDesc {
    magnify: crate::sampler::Filter::Linear,
    minify: crate::sampler::Filter::Linear,
    mip: MipFilter::None,
    wrap: [Wrap::Clamp, Wrap::Clamp],
};

/// The images of a target.
pub(crate) struct TargetImages<'gpu> {
    pub(crate) color: Image<'gpu>,
    pub(crate) multisampled: Option<Image<'gpu>>,
    pub(crate) depth: Image<'gpu>,
}

pub(crate) struct Target<'gpu> {
    pub(crate) images: TargetImages<'gpu>,
    pub(crate) samples: u32,
    /// Samples the stored bytes, for the UI.
    pub(crate) ui_set: DescriptorSet,
    /// Whether a view has been drawn to these images.
    pub(crate) drawn: bool,
    name: &'static str,
}

/// What is read back at once, one row at least.
const READ_BYTES_MAX: u32 = 512 << 10;

/// Pixels read back: rows from top to bottom, sRGB bytes with straight alpha.
#[derive(Debug)]
pub struct Pixels<'a> {
    /// Pixels across and down.
    pub size: [u32; 2],
    /// Four bytes a pixel.
    pub rgba: &'a mut [u8],
}

impl Pixels<'_> {
    /// The pixel at column `x` and row `y`, counted from the upper left.
    ///
    /// # Panics
    /// When it is outside of the picture.
    pub fn at(&self, x: u32, y: u32) -> [u8; 4] {
        assert!(x < self.size[0] && y < self.size[1], "pixel {x}, {y} is outside of {:?}", self.size);
        let first = (y as usize * self.size[0] as usize + x as usize) * 4;
        [self.rgba[first], self.rgba[first + 1], self.rgba[first + 2], self.rgba[first + 3]]
    }
}

/// Makes a target of `size` pixels with 1 or 4 `samples` each. `name` is for the log.
///
/// # Errors
/// [`RenderError::Samples`], [`RenderError::ImageTooLarge`], [`RenderError::ImageEmpty`],
/// [`RenderError::LimitReached`], [`RenderError::OutOfDeviceMemory`].
pub fn create_target(
    renderer: &mut RendererState<'_>,
    size: [u32; 2],
    samples: u32,
    name: &'static str,
) -> Result<TargetId, RenderError> {
    let full = RenderError::LimitReached { what: "targets", limit: renderer.limits.targets_max, field: "targets_max" };
    if samples != 1 && samples != 4 {
        return Err(RenderError::Samples { samples });
    }
    if renderer.targets.is_full() {
        return Err(full);
    }
    let images = create_images(renderer.gpu.device(), size, samples)?;
    let sampler = renderer.samplers.try_get(UI_SAMPLER)?;
    let ui_set = renderer.allocate_texture_set()?;
    renderer.sets.write_texture(ui_set, images.color.bytes_view(), sampler);
    renderer.gpu.device().pipeline_needs().note_samples(samples);
    let target = Target { images, samples, ui_set, drawn: false, name };
    match renderer.targets.try_insert(target) {
        Ok(key) => Ok(TargetId::new(key)),
        Err(target) => {
            renderer.sets.free(target.ui_set);
            Err(full)
        }
    }
}

/// Gives a target another size; its handle stays, its picture goes. The size it has already changes nothing.
///
/// # Errors
/// As [`create_target`], and [`RenderError::StaleHandle`]; on failure the target stays as it was.
pub fn resize_target(renderer: &mut RendererState<'_>, id: TargetId, size: [u32; 2]) -> Result<(), RenderError> {
    let target = renderer.targets.get(id.key()).ok_or(RenderError::StaleHandle { what: "target" })?;
    if target.images.color.size() == size {
        return Ok(());
    }
    tracing::debug!(target = target.name, ?size, "target resized");
    let images = create_images(renderer.gpu.device(), size, target.samples)?;
    let sampler = renderer.samplers.try_get(UI_SAMPLER)?;
    let ui_set = renderer.allocate_texture_set()?;
    renderer.sets.write_texture(ui_set, images.color.bytes_view(), sampler);
    let Some(target) = renderer.targets.get_mut(id.key()) else {
        renderer.sets.free(ui_set);
        return Err(RenderError::StaleHandle { what: "target" });
    };
    let old_images = std::mem::replace(&mut target.images, images);
    let old_set = std::mem::replace(&mut target.ui_set, ui_set);
    target.drawn = false;
    retire_target(renderer, old_images, old_set);
    Ok(())
}

/// A target's size in pixels, or `None` for a stale handle.
pub fn target_size(renderer: &RendererState<'_>, id: TargetId) -> Option<[u32; 2]> {
    renderer.targets.get(id.key()).map(|target| target.images.color.size())
}

/// Destroys a target once the last frame that may use it is done. A stale handle changes nothing.
pub fn destroy_target(renderer: &mut RendererState<'_>, id: TargetId) {
    if let Some(target) = renderer.targets.remove(id.key()) {
        retire_target(renderer, target.images, target.ui_set);
    }
}

/// Reads a target's picture into `memory`; waits for the frames that draw it.
///
/// # Errors
/// [`RenderError::TargetEmpty`] before the first view, [`RenderError::StaleHandle`],
/// [`RenderError::Memory`], [`RenderError::OutOfDeviceMemory`].
pub fn read_target<'a>(
    renderer: &mut RendererState<'_>,
    id: TargetId,
    memory: &Scope<'a>,
) -> Result<Pixels<'a>, RenderError> {
    let size = target_size(renderer, id).ok_or(RenderError::StaleHandle { what: "target" })?;
    let (rgba, mut put) = (memory.try_alloc_zeroed(bytes_of(size))?, 0);
    read_target_rows(renderer, id, |rows| {
        put = put_rows(rgba, put, &rows);
        Ok::<(), RenderError>(())
    })?;
    Ok(Pixels { size, rgba })
}

/// As [`read_target`], some rows at a time from the top: `take` is lent them where the GPU put them, so that a picture of any
/// size takes no more than half a MiB to be read.
///
/// # Errors
/// As [`read_target`], and those of `take`, which ends it.
pub fn read_target_rows<E: From<RenderError>>(
    renderer: &mut RendererState<'_>,
    id: TargetId,
    mut take: impl FnMut(Pixels<'_>) -> Result<(), E>,
) -> Result<(), E> {
    renderer.check_alive()?;
    renderer.flush_open_frame()?;
    let target = renderer.targets.get(id.key()).ok_or(RenderError::StaleHandle { what: "target" })?;
    if !target.drawn {
        return Err(RenderError::TargetEmpty.into());
    }
    read_rows(renderer.gpu.device(), &mut renderer.frames, &target.images.color, |rows| {
        straighten_alpha(rows.rgba);
        take(rows)
    })
}

/// Copies an image that is in use as [`ImageUse::Sampled`] to the host.
pub(crate) fn read_image<'a, 'gpu>(
    device: &'gpu Device,
    frames: &mut crate::vulkan::frame::Frames<'gpu>,
    image: &Image<'gpu>,
    memory: &Scope<'a>,
) -> Result<Pixels<'a>, RenderError> {
    let size = image.size();
    let (rgba, mut put) = (memory.try_alloc_zeroed(bytes_of(size))?, 0);
    read_rows(device, frames, image, |rows| {
        put = put_rows(rgba, put, &rows);
        Ok::<(), RenderError>(())
    })?;
    Ok(Pixels { size, rgba })
}

fn bytes_of([width, height]: [u32; 2]) -> usize {
    width as usize * height as usize * 4
}

/// Puts rows behind those that are there; says where the next go.
fn put_rows(rgba: &mut [u8], at: usize, rows: &Pixels<'_>) -> usize {
    let behind = at + rows.rgba.len();
    rgba[at..behind].copy_from_slice(rows.rgba);
    behind
}

/// Lends an image's rows where the host can read them, from the top.
fn read_rows<'gpu, E: From<RenderError>>(
    device: &'gpu Device,
    frames: &mut crate::vulkan::frame::Frames<'gpu>,
    image: &Image<'gpu>,
    mut take: impl FnMut(Pixels<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let [width, height] = image.size();
    let rows_max = (READ_BYTES_MAX / (width * 4).max(1)).clamp(1, height.max(1));
    let bytes = bytes_of([width, rows_max]) as u64;
    let mut buffer = Buffer::try_new(device, BufferKind::Readback, bytes, GpuLifetime::Frame, GpuTag::Renderer)?;
    let mut top = 0;
    while top < height {
        let size = [width, rows_max.min(height - top)];
        let read = frames.run_now(|commands| {
            commands.transition(image, ImageUse::Sampled, ImageUse::CopySource);
            commands.copy_from_image(image, top, size[1], &buffer);
            commands.transition(image, ImageUse::CopySource, ImageUse::Sampled);
            commands.publish_copies();
        });
        if let Err(error) = read {
            // Whatever was submitted may still write to the buffer.
            let _ = device.wait_idle();
            return Err(error.into());
        }
        buffer.invalidate()?;
        take(Pixels { size, rgba: &mut buffer.bytes_mut()[..bytes_of(size)] })?;
        top += size[1];
    }
    Ok(())
}

fn retire_target<'app>(renderer: &mut RendererState<'app>, images: TargetImages<'app>, set: DescriptorSet) {
    renderer.retire(Garbage::Image(images.color));
    renderer.retire(Garbage::Image(images.depth));
    if let Some(image) = images.multisampled {
        renderer.retire(Garbage::Image(image));
    }
    renderer.retire(Garbage::Set(set));
}

fn create_images(device: &Device, size: [u32; 2], samples: u32) -> Result<TargetImages<'_>, RenderError> {
    let desc = |kind, format, samples| ImageDesc {
        kind,
        format,
        size,
        mips: 1,
        samples,
        lifetime: GpuLifetime::Permanent,
        tag: GpuTag::Renderer,
    };
    let color = Image::try_new(device, &desc(ImageKind::Color, COLOR_FORMAT, 1))?;
    let multisampled = if samples > 1 {
        Some(Image::try_new(device, &desc(ImageKind::Multisampled, COLOR_FORMAT, samples))?)
    } else {
        None
    };
    let depth = Image::try_new(device, &desc(ImageKind::Depth, DEPTH_FORMAT, samples))?;
    Ok(TargetImages { color, multisampled, depth })
}

/// Divides colour by alpha, in linear light.
fn straighten_alpha(rgba: &mut [u8]) {
    for pixel in rgba.chunks_exact_mut(4) {
        let alpha = pixel[3];
        if alpha == 0 || alpha == 255 {
            continue;
        }
        let alpha = f32::from(alpha) / 255.0;
        for channel in &mut pixel[..3] {
            let linear = linear_from_srgb(f32::from(*channel) / 255.0) / alpha;
            *channel = (srgb_from_linear(linear.min(1.0)) * 255.0).round() as u8;
        }
    }
}

fn linear_from_srgb(value: f32) -> f32 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn srgb_from_linear(value: f32) -> f32 {
    if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_alpha_undoes_premultiplication_in_linear_light() {
        // Half-transparent white holds linear 0.5, which sRGB stores as 188.
        let mut rgba = [188, 188, 188, 128, 10, 20, 30, 255, 9, 9, 9, 0];
        straighten_alpha(&mut rgba);
        assert!(rgba[0] >= 254, "{rgba:?}");
        assert_eq!(rgba[4..], [10, 20, 30, 255, 9, 9, 9, 0]);
    }
}
