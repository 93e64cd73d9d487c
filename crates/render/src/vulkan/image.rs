//! Images with their memory and their views.

use ash::vk;
use vk_mem::Alloc;

use super::account::Charge;
use super::device::Device;
use crate::error::{Named, RenderError};
use crate::usage::{GpuLifetime, GpuTag};

/// What an image is for; decides usage flags and views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageKind {
    /// Sampled; filled by copies.
    Texture,
    /// A colour attachment that is sampled and copied from.
    Color,
    /// A colour attachment that only lives to be resolved.
    Multisampled,
    /// A depth attachment.
    Depth,
    /// A depth attachment that is sampled.
    Shadow,
}

/// How to make an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImageDesc {
    pub(crate) kind: ImageKind,
    pub(crate) format: vk::Format,
    pub(crate) size: [u32; 2],
    pub(crate) mips: u32,
    pub(crate) samples: u32,
    pub(crate) lifetime: GpuLifetime,
    pub(crate) tag: GpuTag,
}

/// An image that frees itself. Owners see to it that the GPU no longer uses it (module invariant 1 of `vulkan`).
pub(crate) struct Image<'gpu> {
    device: &'gpu Device,
    raw: vk::Image,
    allocation: vk_mem::Allocation,
    view: vk::ImageView,
    bytes_view: vk::ImageView,
    desc: ImageDesc,
    charge: Charge,
}

impl<'gpu> Image<'gpu> {
    /// # Errors
    /// [`RenderError::ImageTooLarge`] beyond the device's limit, [`RenderError::ImageEmpty`] for no pixels.
    pub(crate) fn try_new(device: &'gpu Device, desc: &ImageDesc) -> Result<Image<'gpu>, RenderError> {
        use vk::ImageUsageFlags as Usage;
        check_size(device, desc.size)?;
        if desc.kind != ImageKind::Texture {
            let limits = &device.physical().limits;
            check_sides(desc.size, limits.max_framebuffer_width.min(limits.max_framebuffer_height))?;
        }
        let usage = match desc.kind {
            ImageKind::Texture => Usage::SAMPLED | Usage::TRANSFER_DST,
            ImageKind::Color => Usage::COLOR_ATTACHMENT | Usage::SAMPLED | Usage::TRANSFER_SRC,
            ImageKind::Multisampled => Usage::COLOR_ATTACHMENT | Usage::TRANSIENT_ATTACHMENT,
            ImageKind::Depth => Usage::DEPTH_STENCIL_ATTACHMENT,
            ImageKind::Shadow => Usage::DEPTH_STENCIL_ATTACHMENT | Usage::SAMPLED,
        };
        // sRGB images are looked at in two ways: decoded by the lit pass, as plain bytes by the UI.
        let formats = [vk::Format::R8G8B8A8_SRGB, vk::Format::R8G8B8A8_UNORM];
        let two_views = desc.format == vk::Format::R8G8B8A8_SRGB && desc.kind != ImageKind::Multisampled;
        let mut list = vk::ImageFormatListCreateInfo::default().view_formats(&formats);
        let mut info = vk::ImageCreateInfo::default()
            .image_type(vk::ImageType::TYPE_2D)
            .format(desc.format)
            .extent(vk::Extent3D { width: desc.size[0], height: desc.size[1], depth: 1 })
            .mip_levels(desc.mips)
            .array_layers(1)
            .samples(sample_flags(desc.samples))
            .tiling(vk::ImageTiling::OPTIMAL)
            .usage(usage);
        if two_views {
            info = info.flags(vk::ImageCreateFlags::MUTABLE_FORMAT).push_next(&mut list);
        }
        check_bytes(device, desc, &info)?;
        let mut flags = vk_mem::AllocationCreateFlags::empty();
        if desc.kind != ImageKind::Texture {
            flags |= vk_mem::AllocationCreateFlags::DEDICATED_MEMORY;
        }
        let wish =
            vk_mem::AllocationCreateInfo { flags, usage: vk_mem::MemoryUsage::AutoPreferDevice, ..Default::default() };
        // SAFETY: the allocator is live; size, mips and samples are within the device's limits, the formats are
        // those that Vulkan guarantees for these usages.
        let (raw, mut allocation) = device
            .grant()
            .and_then(|()| unsafe { device.allocator().create_image(&info, &wish) })
            .map_err(|result| match result {
                vk::Result::ERROR_OUT_OF_DEVICE_MEMORY => {
                    RenderError::OutOfDeviceMemory { operation: "vmaCreateImage", asked: byte_count(desc) }
                }
                result => RenderError::from_vulkan("vmaCreateImage", result),
            })?;
        let views = create_view(device, raw, desc, desc.format).and_then(|view| {
            if !two_views {
                return Ok((view, view));
            }
            match create_view(device, raw, desc, vk::Format::R8G8B8A8_UNORM) {
                Ok(bytes_view) => Ok((view, bytes_view)),
                Err(error) => {
                    // SAFETY: made above, used by nobody.
                    unsafe { device.raw().destroy_image_view(view, device.callbacks()) };
                    Err(error)
                }
            }
        });
        let (view, bytes_view) = match views {
            Ok(views) => views,
            Err(error) => {
                // SAFETY: made above, used by nobody.
                unsafe { device.allocator().destroy_image(raw, &mut allocation) };
                return Err(error);
            }
        };
        let bytes = device.allocator().get_allocation_info(&allocation).size;
        let charge = Charge { lifetime: desc.lifetime, tag: desc.tag, bytes };
        device.account().charge(charge);
        device.account().born();
        Ok(Image { device, raw, allocation, view, bytes_view, desc: *desc, charge })
    }

    pub(crate) fn raw(&self) -> vk::Image {
        self.raw
    }

    /// The image in its own format.
    pub(crate) fn view(&self) -> vk::ImageView {
        self.view
    }

    /// The image's stored bytes, without sRGB decoding.
    pub(crate) fn bytes_view(&self) -> vk::ImageView {
        self.bytes_view
    }

    pub(crate) fn size(&self) -> [u32; 2] {
        self.desc.size
    }

    /// What the account has it down for.
    pub(crate) fn charged_bytes(&self) -> u64 {
        self.charge.bytes
    }

    pub(crate) fn mips(&self) -> u32 {
        self.desc.mips
    }
}

impl Drop for Image<'_> {
    fn drop(&mut self) {
        // SAFETY: (all) made from this device, destroyed once, no longer used by the GPU (module invariant 1).
        unsafe {
            if self.bytes_view != self.view {
                self.device.raw().destroy_image_view(self.bytes_view, self.device.callbacks());
            }
            self.device.raw().destroy_image_view(self.view, self.device.callbacks());
            self.device.allocator().destroy_image(self.raw, &mut self.allocation);
        }
        self.device.account().refund(self.charge);
        self.device.account().gone();
    }
}

/// Refuses what the device can't hold.
pub(crate) fn check_size(device: &Device, size: [u32; 2]) -> Result<(), RenderError> {
    check_sides(size, device.physical().limits.max_image_dimension2_d)
}

/// Refuses what is within the limits of each side and still too much in all.
fn check_bytes(device: &Device, desc: &ImageDesc, info: &vk::ImageCreateInfo<'_>) -> Result<(), RenderError> {
    // SAFETY: the physical device is the live instance's.
    let most = unsafe {
        device.instance().raw().get_physical_device_image_format_properties(
            device.physical().raw,
            info.format,
            info.image_type,
            info.tiling,
            info.usage,
            info.flags,
        )
    }
    .named("vkGetPhysicalDeviceImageFormatProperties")?
    .max_resource_size;
    let asked = byte_count(desc);
    if asked > most {
        return Err(RenderError::OutOfDeviceMemory { operation: "vkCreateImage", asked });
    }
    Ok(())
}

/// Four bytes a sample, and a third more for mip levels.
fn byte_count(desc: &ImageDesc) -> u64 {
    let largest = u64::from(desc.size[0]) * u64::from(desc.size[1]) * 4 * u64::from(desc.samples);
    if desc.mips > 1 { largest + largest / 3 } else { largest }
}

fn check_sides([width, height]: [u32; 2], limit: u32) -> Result<(), RenderError> {
    if width == 0 || height == 0 {
        return Err(RenderError::ImageEmpty { width, height });
    }
    if width > limit || height > limit {
        return Err(RenderError::ImageTooLarge { width, height, limit });
    }
    Ok(())
}

pub(crate) fn sample_flags(samples: u32) -> vk::SampleCountFlags {
    if samples == 4 { vk::SampleCountFlags::TYPE_4 } else { vk::SampleCountFlags::TYPE_1 }
}

fn create_view(
    device: &Device,
    raw: vk::Image,
    desc: &ImageDesc,
    format: vk::Format,
) -> Result<vk::ImageView, RenderError> {
    let aspect = match desc.kind {
        ImageKind::Depth | ImageKind::Shadow => vk::ImageAspectFlags::DEPTH,
        _ => vk::ImageAspectFlags::COLOR,
    };
    let info = vk::ImageViewCreateInfo::default()
        .image(raw)
        .view_type(vk::ImageViewType::TYPE_2D)
        .format(format)
        .subresource_range(vk::ImageSubresourceRange {
            aspect_mask: aspect,
            base_mip_level: 0,
            level_count: desc.mips,
            base_array_layer: 0,
            layer_count: 1,
        });
    // SAFETY: the image is live and was made for views of this format.
    unsafe { device.raw().create_image_view(&info, device.callbacks()) }.named("vkCreateImageView")
}
