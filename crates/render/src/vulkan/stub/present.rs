//! Surfaces and swapchains: a window that nobody sees.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use ash::vk;
use ash::vk::Handle;

use super::Stub;
use super::control::Can;
use super::instance::list;
use super::object::{self, Callbacks, Header, Kind, result, stub_of};
use super::queue;

const IMAGES: usize = 3;

struct Surface {
    /// Once lost, it stays so.
    lost: AtomicBool,
}

struct Swapchain {
    surface: u64,
    size: [u32; 2],
    images: [Header; IMAGES],
    acquired: [AtomicBool; IMAGES],
    next: AtomicUsize,
    retired: AtomicBool,
}

/// Fails where the surface is lost; a planned loss makes it so.
///
/// # Safety
/// `surface` is a surface's handle.
unsafe fn enter(stub: &Stub, call: &'static str, can: Can, surface: u64) -> Result<(), vk::Result> {
    let entered = stub.enter(call, can.or(Can::SURFACE));
    // SAFETY: the contract.
    let Some(surface) = (unsafe { object::get::<Surface>(stub, Kind::Surface, surface) }) else { return entered };
    if entered == Err(vk::Result::ERROR_SURFACE_LOST_KHR) {
        surface.body.lost.store(true, Relaxed);
    }
    entered?;
    if surface.body.lost.load(Relaxed) { Err(vk::Result::ERROR_SURFACE_LOST_KHR) } else { Ok(()) }
}

/// The swapchain behind a handle that may be null.
///
/// # Safety
/// `swapchain` is null or was a handle; the answer is not kept beyond the object's life.
unsafe fn live<'a>(stub: &Stub, swapchain: vk::SwapchainKHR) -> Option<&'a Swapchain> {
    if swapchain == vk::SwapchainKHR::null() {
        return None;
    }
    // SAFETY: the contract.
    unsafe { object::get::<Swapchain>(stub, Kind::Swapchain, swapchain.as_raw()) }.map(|found| &found.body)
}

/// # Safety
/// Called as `vkCreateHeadlessSurfaceEXT`.
pub(super) unsafe extern "system" fn create_surface(
    instance: vk::Instance,
    _info: *const vk::HeadlessSurfaceCreateInfoEXT<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::SurfaceKHR,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(instance);
            stub.enter("vkCreateHeadlessSurfaceEXT", Can::MEMORY)?;
            let body = Surface { lost: AtomicBool::new(false) };
            out.write(vk::SurfaceKHR::from_raw(object::create(stub, Kind::Surface, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroySurfaceKHR`.
pub(super) unsafe extern "system" fn destroy_surface(
    instance: vk::Instance,
    surface: vk::SurfaceKHR,
    callbacks: Callbacks<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(instance);
        stub.count();
        object::destroy::<Surface>(stub, Kind::Surface, surface.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceSurfaceSupportKHR`.
pub(super) unsafe extern "system" fn support(
    device: vk::PhysicalDevice,
    _family: u32,
    surface: vk::SurfaceKHR,
    out: *mut vk::Bool32,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            enter(stub_of(device), "vkGetPhysicalDeviceSurfaceSupportKHR", Can::MEMORY, surface.as_raw())?;
            out.write(vk::TRUE);
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkGetPhysicalDeviceSurfaceCapabilitiesKHR`.
pub(super) unsafe extern "system" fn capabilities(
    device: vk::PhysicalDevice,
    surface: vk::SurfaceKHR,
    out: *mut vk::SurfaceCapabilitiesKHR,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            enter(stub, "vkGetPhysicalDeviceSurfaceCapabilitiesKHR", Can::MEMORY, surface.as_raw())?;
            let [width, height] = stub.surface_size().unwrap_or([u32::MAX; 2]);
            out.write(vk::SurfaceCapabilitiesKHR {
                min_image_count: 2,
                max_image_count: IMAGES as u32,
                current_extent: vk::Extent2D { width, height },
                min_image_extent: vk::Extent2D { width: 1, height: 1 },
                max_image_extent: vk::Extent2D { width: 16_384, height: 16_384 },
                max_image_array_layers: 1,
                supported_transforms: vk::SurfaceTransformFlagsKHR::IDENTITY,
                current_transform: vk::SurfaceTransformFlagsKHR::IDENTITY,
                supported_composite_alpha: vk::CompositeAlphaFlagsKHR::OPAQUE,
                supported_usage_flags: vk::ImageUsageFlags::COLOR_ATTACHMENT,
            });
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkGetPhysicalDeviceSurfaceFormatsKHR`.
pub(super) unsafe extern "system" fn formats(
    device: vk::PhysicalDevice,
    surface: vk::SurfaceKHR,
    count: *mut u32,
    out: *mut vk::SurfaceFormatKHR,
) -> vk::Result {
    let color_space = vk::ColorSpaceKHR::SRGB_NONLINEAR;
    let offered = [vk::Format::B8G8R8A8_SRGB, vk::Format::B8G8R8A8_UNORM];
    // SAFETY: the arguments are the command's.
    unsafe {
        match enter(stub_of(device), "vkGetPhysicalDeviceSurfaceFormatsKHR", Can::MEMORY, surface.as_raw()) {
            Ok(()) => list(&offered.map(|format| vk::SurfaceFormatKHR { format, color_space }), count, out),
            Err(result) => result,
        }
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceSurfacePresentModesKHR`.
pub(super) unsafe extern "system" fn modes(
    device: vk::PhysicalDevice,
    surface: vk::SurfaceKHR,
    count: *mut u32,
    out: *mut vk::PresentModeKHR,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe {
        match enter(stub_of(device), "vkGetPhysicalDeviceSurfacePresentModesKHR", Can::MEMORY, surface.as_raw()) {
            Ok(()) => list(&[vk::PresentModeKHR::FIFO], count, out),
            Err(result) => result,
        }
    }
}

/// # Safety
/// Called as `vkCreateSwapchainKHR`.
pub(super) unsafe extern "system" fn create_swapchain(
    device: vk::Device,
    info: *const vk::SwapchainCreateInfoKHR<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::SwapchainKHR,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let (stub, info) = (stub_of(device), &*info);
            // Whatever becomes of this call, the old one is retired by it.
            if let Some(old) = live(stub, info.old_swapchain) {
                old.retired.store(true, Relaxed);
            }
            let surface = info.surface.as_raw();
            enter(stub, "vkCreateSwapchainKHR", Can::MEMORY.or(Can::LOST), surface)?;
            let vk::Extent2D { width, height } = info.image_extent;
            if width == 0 || height == 0 || stub.surface_size().is_some_and(|size| size != [width, height]) {
                stub.misuse("a swapchain does not have the surface's size");
            }
            let body = Swapchain {
                surface,
                size: [width, height],
                images: std::array::from_fn(|_| Header::new(stub, Kind::SwapImage)),
                acquired: Default::default(),
                next: AtomicUsize::new(0),
                retired: AtomicBool::new(false),
            };
            out.write(vk::SwapchainKHR::from_raw(object::create(stub, Kind::Swapchain, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroySwapchainKHR`.
pub(super) unsafe extern "system" fn destroy_swapchain(
    device: vk::Device,
    swapchain: vk::SwapchainKHR,
    callbacks: Callbacks<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        if let Some(chain) = live(stub, swapchain) {
            // Says so where the surface went first.
            object::get::<Surface>(stub, Kind::Surface, chain.surface);
        }
        object::destroy::<Swapchain>(stub, Kind::Swapchain, swapchain.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkGetSwapchainImagesKHR`.
pub(super) unsafe extern "system" fn images(
    device: vk::Device,
    swapchain: vk::SwapchainKHR,
    count: *mut u32,
    out: *mut vk::Image,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        if let Err(result) = stub.enter("vkGetSwapchainImagesKHR", Can::MEMORY) {
            return result;
        }
        let Some(found) = object::get::<Swapchain>(stub, Kind::Swapchain, swapchain.as_raw()) else {
            return vk::Result::ERROR_OUT_OF_HOST_MEMORY;
        };
        let images: [vk::Image; IMAGES] =
            std::array::from_fn(|index| vk::Image::from_raw(&raw const found.body.images[index] as u64));
        list(&images, count, out)
    }
}

/// # Safety
/// Called as `vkAcquireNextImageKHR`.
pub(super) unsafe extern "system" fn acquire(
    device: vk::Device,
    swapchain: vk::SwapchainKHR,
    _timeout: u64,
    semaphore: vk::Semaphore,
    _fence: vk::Fence,
    out: *mut u32,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            let Some(found) = object::get::<Swapchain>(stub, Kind::Swapchain, swapchain.as_raw()) else {
                return Err(vk::Result::ERROR_OUT_OF_DATE_KHR);
            };
            let chain = &found.body;
            enter(stub, "vkAcquireNextImageKHR", Can::MEMORY.or(Can::LOST).or(Can::DATE), chain.surface)?;
            if chain.retired.load(Relaxed) || stub.surface_size().is_some_and(|size| size != chain.size) {
                return Err(vk::Result::ERROR_OUT_OF_DATE_KHR);
            }
            let first = chain.next.load(Relaxed);
            let free = (first..first + IMAGES).map(|index| index % IMAGES);
            let Some(index) = free.into_iter().find(|&index| !chain.acquired[index].load(Relaxed)) else {
                return Err(vk::Result::TIMEOUT);
            };
            chain.acquired[index].store(true, Relaxed);
            chain.next.store(index + 1, Relaxed);
            queue::signal(stub, semaphore.as_raw(), 0);
            out.write(index as u32);
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkQueuePresentKHR`.
pub(super) unsafe extern "system" fn present(queue: vk::Queue, info: *const vk::PresentInfoKHR<'_>) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let (stub, info) = (stub_of(queue), &*info);
            let mut outcome = Ok(());
            for index in 0..info.swapchain_count as usize {
                let raw = (*info.p_swapchains.add(index)).as_raw();
                let Some(found) = object::get::<Swapchain>(stub, Kind::Swapchain, raw) else { continue };
                let chain = &found.body;
                let entered = enter(stub, "vkQueuePresentKHR", Can::MEMORY.or(Can::LOST).or(Can::DATE), chain.surface);
                if matches!(entered, Err(vk::Result::ERROR_OUT_OF_HOST_MEMORY | vk::Result::ERROR_OUT_OF_DEVICE_MEMORY))
                {
                    // Nothing has happened: neither the wait nor the release of the image.
                    return entered;
                }
                outcome = outcome.and(entered);
                let image = *info.p_image_indices.add(index) as usize;
                if !chain.acquired.get(image).is_some_and(|acquired| acquired.swap(false, Relaxed)) {
                    stub.misuse("an image is presented that was not acquired");
                }
                if stub.surface_size().is_some_and(|size| size != chain.size) {
                    outcome = outcome.and(Err(vk::Result::ERROR_OUT_OF_DATE_KHR));
                }
            }
            for index in 0..info.wait_semaphore_count as usize {
                queue::consume(stub, (*info.p_wait_semaphores.add(index)).as_raw());
            }
            outcome
        }
    })
}
