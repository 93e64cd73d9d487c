//! The screen image: what the UI is drawn to where there is no window.

use ash::vk;

use crate::error::RenderError;
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};

pub(crate) struct Screen<'gpu> {
    pub(crate) image: Image<'gpu>,
    /// Whether a UI has been drawn to it.
    pub(crate) drawn: bool,
}

impl<'gpu> Screen<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device, size: [u32; 2]) -> Result<Screen<'gpu>, RenderError> {
        let desc = ImageDesc {
            kind: ImageKind::Color,
            format: vk::Format::R8G8B8A8_UNORM,
            size,
            mips: 1,
            samples: 1,
            lifetime: GpuLifetime::Permanent,
            tag: GpuTag::Renderer,
        };
        Ok(Screen { image: Image::try_new(device, &desc)?, drawn: false })
    }
}
