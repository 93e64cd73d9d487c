//! The swapchain: the images that a window shows.
//!
//! # Invariants
//! 1. One render-finished semaphore per image: it is waited for by the presentation of that very image, so it is
//!    free again when the image is acquired again.
//! 2. A surface that was lost is made anew from its window, once a frame at most; the swapchain on it goes first.
//! 3. `images[..count]` have views and semaphores; with `count` 0 there is no swapchain (a window without area).

use ash::vk;
use voltrum_memory::{Tag, heap_scope};
use voltrum_platform::Window;

use super::device::Device;
use super::semaphore::Semaphore;
use super::surface::Surface;
use crate::error::{Named, RenderError};

const IMAGES_MAX: usize = 8;
const FORMATS_MAX: usize = 128;
/// How long to wait for an image; a compositor may keep all of them while the window is hidden.
const ACQUIRE_NANOS: u64 = 250_000_000;
/// How often to try for an image in one frame: a window that is dragged changes its size between two calls.
const ATTEMPTS_MAX: usize = 3;

#[derive(Default)]
struct SwapImage<'gpu> {
    raw: vk::Image,
    view: vk::ImageView,
    finished: Option<Semaphore<'gpu>>,
}

/// What acquiring an image came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acquired {
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
    surface_is_lost: bool,
    device: &'gpu Device,
    surface: Surface<'gpu>,
    window: &'gpu Window,
}

impl<'gpu> Swapchain<'gpu> {
    /// Makes the surface and chooses a format; images are made when the first is asked for.
    pub(crate) fn try_new(device: &'gpu Device, window: &'gpu Window) -> Result<Swapchain<'gpu>, RenderError> {
        let surface = Surface::try_new(device.instance(), window)?;
        let format = choose_format(device, &surface)?;
        Ok(Swapchain {
            images: Default::default(),
            count: 0,
            raw: vk::SwapchainKHR::null(),
            format,
            size: [0, 0],
            asked: [0, 0],
            stale: true,
            surface_is_lost: false,
            device,
            surface,
            window,
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

    /// The next image to draw to, in a swapchain that fits the window; `None` where the window has none to spare, or
    /// no area. `signal` is signalled when the image may be drawn to.
    pub(crate) fn next_image(
        &mut self,
        window_size: [u32; 2],
        signal: vk::Semaphore,
    ) -> Result<Option<u32>, RenderError> {
        let mut renewed = false;
        for _ in 0..ATTEMPTS_MAX {
            let acquired = if self.surface_is_lost {
                Err(RenderError::SurfaceLost { operation: "vkQueuePresentKHR" })
            } else {
                match self.fit(window_size) {
                    Ok(true) => self.acquire(signal),
                    Ok(false) => return Ok(None),
                    Err(error) => Err(error),
                }
            };
            match acquired {
                Ok(Acquired::Image(index)) => return Ok(Some(index)),
                Ok(Acquired::OutOfDate) => {}
                Ok(Acquired::NotYet) => return Ok(None),
                Err(RenderError::SurfaceLost { operation }) if !renewed => {
                    tracing::warn!("the window's surface was lost during {operation} and is made anew");
                    renewed = true;
                    self.renew_surface()?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Makes another surface for the window (invariant 2).
    fn renew_surface(&mut self) -> Result<(), RenderError> {
        // If it fails, the next frame tries again.
        self.surface_is_lost = true;
        self.device.wait_idle()?;
        self.drop_images();
        self.drop_chain();
        let surface = Surface::try_new(self.device.instance(), self.window)?;
        // Pipelines were made for this format.
        if choose_format(self.device, &surface)?.format != self.format.format {
            return Err(RenderError::NoWindowSupport { extension: "the colour format that the window had before" });
        }
        self.surface = surface;
        self.surface_is_lost = false;
        self.stale = true;
        Ok(())
    }

    /// Makes the swapchain fit the window; `false` where the window has no area.
    fn fit(&mut self, window_size: [u32; 2]) -> Result<bool, RenderError> {
        if window_size[0] == 0 || window_size[1] == 0 {
            return Ok(false);
        }
        if !self.stale && self.count > 0 && self.asked == window_size {
            return Ok(true);
        }
        self.recreate(window_size)
    }

    fn acquire(&mut self, signal: vk::Semaphore) -> Result<Acquired, RenderError> {
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
            Err(vk::Result::ERROR_SURFACE_LOST_KHR) => self.surface_is_lost = true,
            Err(result) => {
                // The image is still acquired and its semaphore signalled: both go with the swapchain.
                self.stale = true;
                return Err(RenderError::from_vulkan("vkQueuePresentKHR", result));
            }
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
        self.stale = true;
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
        // Retired by the call above, whatever it returned.
        self.drop_chain();
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

    /// The device is idle, and the images' views are gone.
    fn drop_chain(&mut self) {
        if let (Some(functions), true) = (self.device.swapchain(), self.raw != vk::SwapchainKHR::null()) {
            // SAFETY: made from this device, destroyed once; the device is idle.
            unsafe { functions.destroy_swapchain(self.raw, self.device.callbacks()) };
            self.device.account().gone();
            self.raw = vk::SwapchainKHR::null();
        }
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
        self.drop_chain();
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
