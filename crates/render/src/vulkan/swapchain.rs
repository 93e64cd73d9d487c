//! The swapchain: the images that a window shows.
//!
//! # Invariants
//! 1. One render-finished semaphore per image: it is waited for by the presentation of that very image, so it is
//!    free again when the image is acquired again.
//! 2. `images[..count]` have views and semaphores; with `count` 0 there is no swapchain (a window without area).

use ash::vk;
use voltrum_memory::{Tag, heap_scope};

use super::device::Device;
use super::semaphore::Semaphore;
use super::surface::Surface;
use crate::error::{Named, RenderError};

const IMAGES_MAX: usize = 8;
const FORMATS_MAX: usize = 128;
/// How long to wait for an image; a compositor may keep all of them while the window is hidden.
const ACQUIRE_NANOS: u64 = 250_000_000;

#[derive(Default)]
struct SwapImage<'gpu> {
    raw: vk::Image,
    view: vk::ImageView,
    finished: Option<Semaphore<'gpu>>,
}

/// What acquiring an image came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquired {
    Image(u32),
    /// The swapchain no longer fits the window.
    OutOfDate,
    /// The window system has no image to spare, as when it hides the window.
    NotYet,
}

pub(crate) struct Swapchain<'gpu> {
    images: [SwapImage<'gpu>; IMAGES_MAX],
    count: usize,
    raw: vk::SwapchainKHR,
    format: vk::SurfaceFormatKHR,
    size: [u32; 2],
    /// The window's size that the swapchain was made for; the surface may have had another.
    asked: [u32; 2],
    stale: bool,
    device: &'gpu Device,
    surface: Surface<'gpu>,
}

impl<'gpu> Swapchain<'gpu> {
    /// Chooses a format; [`Swapchain::fit`] makes the images.
    pub(crate) fn try_new(device: &'gpu Device, surface: Surface<'gpu>) -> Result<Swapchain<'gpu>, RenderError> {
        let format = choose_format(device, &surface)?;
        Ok(Swapchain {
            images: Default::default(),
            count: 0,
            raw: vk::SwapchainKHR::null(),
            format,
            size: [0, 0],
            asked: [0, 0],
            stale: true,
            device,
            surface,
        })
    }

    pub(crate) fn format(&self) -> vk::Format {
        self.format.format
    }

    pub(crate) fn size(&self) -> [u32; 2] {
        self.size
    }

    pub(crate) fn image(&self, index: u32) -> vk::Image {
        self.images[index as usize].raw
    }

    pub(crate) fn view(&self, index: u32) -> vk::ImageView {
        self.images[index as usize].view
    }

    /// The semaphore that the frame drawing image `index` signals.
    pub(crate) fn finished(&self, index: u32) -> Option<vk::Semaphore> {
        self.images[index as usize].finished.as_ref().map(Semaphore::raw)
    }

    /// Makes the swapchain fit the window; `false` where the window has no area.
    pub(crate) fn fit(&mut self, window_size: [u32; 2]) -> Result<bool, RenderError> {
        if window_size[0] == 0 || window_size[1] == 0 {
            return Ok(false);
        }
        if !self.stale && self.count > 0 && self.asked == window_size {
            return Ok(true);
        }
        self.recreate(window_size)
    }

    pub(crate) fn acquire(&mut self, signal: vk::Semaphore) -> Result<Acquired, RenderError> {
        let Some(functions) = self.device.swapchain() else { return Ok(Acquired::OutOfDate) };
        // SAFETY: the swapchain is live; the semaphore is unsignalled and nothing waits for it: its frame is done.
        let result = unsafe { functions.acquire_next_image(self.raw, ACQUIRE_NANOS, signal, vk::Fence::null()) };
        match result {
            Ok((index, suboptimal)) => {
                self.stale |= suboptimal;
                Ok(Acquired::Image(index))
            }
            Err(vk::Result::ERROR_OUT_OF_DATE_KHR) => {
                self.stale = true;
                Ok(Acquired::OutOfDate)
            }
            Err(vk::Result::TIMEOUT | vk::Result::NOT_READY) => Ok(Acquired::NotYet),
            Err(result) => Err(RenderError::from_vulkan("vkAcquireNextImageKHR", result)),
        }
    }

    pub(crate) fn present(&mut self, index: u32) -> Result<(), RenderError> {
        let (Some(functions), Some(finished)) = (self.device.swapchain(), self.finished(index)) else {
            return Ok(());
        };
        let waits = [finished];
        let swapchains = [self.raw];
        let indices = [index];
        let info =
            vk::PresentInfoKHR::default().wait_semaphores(&waits).swapchains(&swapchains).image_indices(&indices);
        let queue = self.device.queue();
        // SAFETY: the queue is ours while its guard lives; the image was acquired, drawn, and `finished` is signalled
        // by the submission before.
        match unsafe { functions.queue_present(*queue, &info) } {
            Ok(suboptimal) => self.stale |= suboptimal,
            Err(vk::Result::ERROR_OUT_OF_DATE_KHR) => self.stale = true,
            Err(result) => return Err(RenderError::from_vulkan("vkQueuePresentKHR", result)),
        }
        Ok(())
    }

    fn recreate(&mut self, window_size: [u32; 2]) -> Result<bool, RenderError> {
        let Some(functions) = self.device.swapchain() else { return Ok(false) };
        let _foreign = heap_scope(Tag::FOREIGN);
        let physical = self.device.physical().raw;
        // SAFETY: surface and device are of the same instance.
        let abilities =
            unsafe { self.surface.functions().get_physical_device_surface_capabilities(physical, self.surface.raw()) }
                .named("vkGetPhysicalDeviceSurfaceCapabilitiesKHR")?;
        let extent = if abilities.current_extent.width == u32::MAX {
            vk::Extent2D {
                width: window_size[0].clamp(abilities.min_image_extent.width, abilities.max_image_extent.width),
                height: window_size[1].clamp(abilities.min_image_extent.height, abilities.max_image_extent.height),
            }
        } else {
            abilities.current_extent
        };
        if extent.width == 0 || extent.height == 0 {
            return Ok(false);
        }
        // Nothing may still draw to or show the old images.
        self.device.wait_idle()?;
        self.drop_images();

        let mut wanted = abilities.min_image_count + 1;
        if abilities.max_image_count != 0 {
            wanted = wanted.min(abilities.max_image_count);
        }
        let alpha = if abilities.supported_composite_alpha.contains(vk::CompositeAlphaFlagsKHR::OPAQUE) {
            vk::CompositeAlphaFlagsKHR::OPAQUE
        } else {
            vk::CompositeAlphaFlagsKHR::INHERIT
        };
        let old = self.raw;
        let info = vk::SwapchainCreateInfoKHR::default()
            .surface(self.surface.raw())
            .min_image_count(wanted)
            .image_format(self.format.format)
            .image_color_space(self.format.color_space)
            .image_extent(extent)
            .image_array_layers(1)
            .image_usage(vk::ImageUsageFlags::COLOR_ATTACHMENT)
            .image_sharing_mode(vk::SharingMode::EXCLUSIVE)
            .pre_transform(abilities.current_transform)
            .composite_alpha(alpha)
            .present_mode(vk::PresentModeKHR::FIFO)
            .clipped(true)
            .old_swapchain(old);
        // SAFETY: the surface is live and everything is within the abilities it stated.
        let created = unsafe { functions.create_swapchain(&info, self.device.callbacks()) };
        if old != vk::SwapchainKHR::null() {
            // SAFETY: retired by the call above, whatever it returned; the device is idle.
            unsafe { functions.destroy_swapchain(old, self.device.callbacks()) };
            self.device.account().gone();
            self.raw = vk::SwapchainKHR::null();
        }
        self.raw = created.named("vkCreateSwapchainKHR")?;
        self.device.account().born();
        self.size = [extent.width, extent.height];

        let mut images = [vk::Image::null(); IMAGES_MAX];
        let mut count = IMAGES_MAX as u32;
        let list = functions.fp().get_swapchain_images_khr;
        // SAFETY: the swapchain is live and `images` has room for `count` handles.
        let result = unsafe { list(self.device.raw().handle(), self.raw, &mut count, images.as_mut_ptr()) };
        if result != vk::Result::SUCCESS {
            return Err(RenderError::from_vulkan("vkGetSwapchainImagesKHR", result));
        }
        for (slot, &raw) in self.images.iter_mut().zip(&images[..count as usize]) {
            let info = vk::ImageViewCreateInfo::default()
                .image(raw)
                .view_type(vk::ImageViewType::TYPE_2D)
                .format(self.format.format)
                .subresource_range(vk::ImageSubresourceRange {
                    aspect_mask: vk::ImageAspectFlags::COLOR,
                    base_mip_level: 0,
                    level_count: 1,
                    base_array_layer: 0,
                    layer_count: 1,
                });
            // SAFETY: the image is the live swapchain's, in its format.
            slot.view = unsafe { self.device.raw().create_image_view(&info, self.device.callbacks()) }
                .named("vkCreateImageView")?;
            slot.raw = raw;
            self.device.account().born();
            self.count += 1;
            slot.finished = Some(Semaphore::try_new(self.device)?);
        }
        self.asked = window_size;
        self.stale = false;
        Ok(true)
    }

    fn drop_images(&mut self) {
        for image in &mut self.images[..self.count] {
            // SAFETY: made from this device, destroyed once; the device is idle.
            unsafe { self.device.raw().destroy_image_view(image.view, self.device.callbacks()) };
            self.device.account().gone();
            *image = SwapImage::default();
        }
        self.count = 0;
    }
}

impl Drop for Swapchain<'_> {
    fn drop(&mut self) {
        // A lost device is idle enough.
        let _ = self.device.wait_idle();
        self.drop_images();
        if let (Some(functions), true) = (self.device.swapchain(), self.raw != vk::SwapchainKHR::null()) {
            // SAFETY: made from this device, destroyed once; the device is idle.
            unsafe { functions.destroy_swapchain(self.raw, self.device.callbacks()) };
            self.device.account().gone();
        }
    }
}

/// Prefers plain bytes: the UI blends sRGB values as they are.
fn choose_format(device: &Device, surface: &Surface<'_>) -> Result<vk::SurfaceFormatKHR, RenderError> {
    let _foreign = heap_scope(Tag::FOREIGN);
    let mut formats = [vk::SurfaceFormatKHR::default(); FORMATS_MAX];
    let mut count = FORMATS_MAX as u32;
    let list = surface.functions().fp().get_physical_device_surface_formats_khr;
    // SAFETY: surface and device are of the same instance; `formats` has room for `count` entries.
    let result = unsafe { list(device.physical().raw, surface.raw(), &mut count, formats.as_mut_ptr()) };
    if result != vk::Result::SUCCESS && result != vk::Result::INCOMPLETE {
        return Err(RenderError::from_vulkan("vkGetPhysicalDeviceSurfaceFormatsKHR", result));
    }
    let offered = &formats[..count as usize];
    let wanted =
        [vk::Format::B8G8R8A8_UNORM, vk::Format::R8G8B8A8_UNORM, vk::Format::B8G8R8A8_SRGB, vk::Format::R8G8B8A8_SRGB];
    wanted
        .iter()
        .find_map(|&format| {
            offered
                .iter()
                .find(|offer| offer.format == format && offer.color_space == vk::ColorSpaceKHR::SRGB_NONLINEAR)
        })
        .or(offered.first())
        .copied()
        .ok_or(RenderError::NoWindowSupport { extension: "a colour format" })
}
