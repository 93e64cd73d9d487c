//! The choice of a physical device: the best one that can do what the renderer asks for.

use std::ffi::CStr;

use ash::{khr, vk};
use voltrum_memory::{Tag, heap_scope};

use super::instance::Instance;
use super::pipeline::DEPTH_FORMAT;
use super::surface::Surface;
use crate::error::{Named, RenderError};

const DEVICES_MAX: usize = 16;
const FAMILIES_MAX: usize = 16;

/// The chosen device, with what was learnt while choosing.
pub(crate) struct PhysicalDevice {
    pub(crate) raw: vk::PhysicalDevice,
    pub(crate) family: u32,
    pub(crate) limits: vk::PhysicalDeviceLimits,
    pub(crate) api_version: u32,
    pub(crate) anisotropy: bool,
    pub(crate) block_compression: bool,
    pub(crate) wireframe: bool,
    pub(crate) alpha_to_one: bool,
    pub(crate) dual_source: bool,
    pub(crate) software: bool,
    name: Name,
    driver: Name,
    driver_detail: Name,
}

/// A name that Vulkan gave, kept in place.
type Name = [u8; 256];

impl PhysicalDevice {
    /// Picks a discrete GPU before an integrated one before a software driver.
    pub(crate) fn try_choose(
        instance: &Instance,
        surface: Option<&Surface<'_>>,
    ) -> Result<PhysicalDevice, RenderError> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let mut devices = [vk::PhysicalDevice::null(); DEVICES_MAX];
        let mut count = DEVICES_MAX as u32;
        let list = instance.raw().fp_v1_0().enumerate_physical_devices;
        // SAFETY: `devices` has room for `count` handles.
        let result = unsafe { list(instance.raw().handle(), &mut count, devices.as_mut_ptr()) };
        if result != vk::Result::SUCCESS && result != vk::Result::INCOMPLETE {
            return Err(match result {
                vk::Result::ERROR_INITIALIZATION_FAILED => {
                    RenderError::NoDevice { found: 0, reason: "the drivers failed to start" }
                }
                result => RenderError::from_vulkan("vkEnumeratePhysicalDevices", result),
            });
        }

        let mut reason = "none is there";
        let mut best: Option<(u32, PhysicalDevice)> = None;
        for &raw in &devices[..count as usize] {
            match examine(instance, raw, surface)? {
                Ok((rank, device)) => {
                    if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                        best = Some((rank, device));
                    }
                }
                Err(lack) => reason = lack,
            }
        }
        best.map(|(_, device)| device).ok_or(RenderError::NoDevice { found: count, reason })
    }

    pub(crate) fn name(&self) -> &str {
        text(&self.name)
    }

    pub(crate) fn driver(&self) -> &str {
        text(&self.driver)
    }

    pub(crate) fn driver_detail(&self) -> &str {
        text(&self.driver_detail)
    }
}

/// The device with its rank, or what it lacks.
fn examine(
    instance: &Instance,
    raw: vk::PhysicalDevice,
    surface: Option<&Surface<'_>>,
) -> Result<Result<(u32, PhysicalDevice), &'static str>, RenderError> {
    // SAFETY: (for all queries below) the handle came from this live instance, and the structures are chained properly.
    let basic = unsafe { instance.raw().get_physical_device_properties(raw) };
    if basic.api_version < vk::API_VERSION_1_3 {
        return Ok(Err("the last one is older than Vulkan 1.3"));
    }
    let mut driver = vk::PhysicalDeviceDriverProperties::default();
    let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
    // SAFETY: as above.
    unsafe { instance.raw().get_physical_device_properties2(raw, &mut properties) };
    let basic = properties.properties;

    let mut features12 = vk::PhysicalDeviceVulkan12Features::default();
    let mut features13 = vk::PhysicalDeviceVulkan13Features::default();
    let mut features = vk::PhysicalDeviceFeatures2::default().push_next(&mut features12).push_next(&mut features13);
    // SAFETY: as above.
    unsafe { instance.raw().get_physical_device_features2(raw, &mut features) };
    let basic_features = features.features;
    let anisotropy = basic_features.sampler_anisotropy == vk::TRUE;
    let robust = basic_features.robust_buffer_access == vk::TRUE;
    if features12.timeline_semaphore != vk::TRUE
        || features13.dynamic_rendering != vk::TRUE
        || features13.synchronization2 != vk::TRUE
        || !robust
    {
        return Ok(Err("the last one lacks dynamic rendering, synchronization2, timeline semaphores or robust access"));
    }
    // SAFETY: as above.
    let depth = unsafe { instance.raw().get_physical_device_format_properties(raw, DEPTH_FORMAT) };
    if !depth.optimal_tiling_features.contains(vk::FormatFeatureFlags::DEPTH_STENCIL_ATTACHMENT) {
        return Ok(Err("the last one can't draw with 32-bit depth"));
    }
    if surface.is_some() && !has_swapchain(instance, raw)? {
        return Ok(Err("the last one can't present to a window"));
    }
    let Some(family) = find_family(instance, raw, surface)? else {
        return Ok(Err("the last one has no queue that draws and presents"));
    };
    let rank = match basic.device_type {
        vk::PhysicalDeviceType::DISCRETE_GPU => 4,
        vk::PhysicalDeviceType::INTEGRATED_GPU => 3,
        vk::PhysicalDeviceType::VIRTUAL_GPU => 2,
        _ => 1,
    };
    Ok(Ok((
        rank,
        PhysicalDevice {
            raw,
            family,
            limits: basic.limits,
            api_version: basic.api_version,
            anisotropy,
            block_compression: basic_features.texture_compression_bc == vk::TRUE,
            dual_source: basic_features.dual_src_blend == vk::TRUE,
            alpha_to_one: basic_features.alpha_to_one == vk::TRUE,
            wireframe: basic_features.fill_mode_non_solid == vk::TRUE,
            software: basic.device_type == vk::PhysicalDeviceType::CPU,
            name: keep(basic.device_name_as_c_str().unwrap_or_default()),
            driver: keep(driver.driver_name_as_c_str().unwrap_or_default()),
            driver_detail: keep(driver.driver_info_as_c_str().unwrap_or_default()),
        },
    )))
}

fn has_swapchain(instance: &Instance, raw: vk::PhysicalDevice) -> Result<bool, RenderError> {
    // SAFETY: the handle came from this live instance.
    let extensions = unsafe { instance.raw().enumerate_device_extension_properties(raw) }
        .named("vkEnumerateDeviceExtensionProperties")?;
    Ok(extensions.iter().any(|extension| extension.extension_name_as_c_str() == Ok(khr::swapchain::NAME)))
}

fn find_family(
    instance: &Instance,
    raw: vk::PhysicalDevice,
    surface: Option<&Surface<'_>>,
) -> Result<Option<u32>, RenderError> {
    let mut families = [vk::QueueFamilyProperties::default(); FAMILIES_MAX];
    let mut count = FAMILIES_MAX as u32;
    let list = instance.raw().fp_v1_0().get_physical_device_queue_family_properties;
    // SAFETY: `families` has room for `count` entries.
    unsafe { list(raw, &mut count, families.as_mut_ptr()) };
    for (index, family) in families[..count as usize].iter().enumerate() {
        let index = index as u32;
        if !family.queue_flags.contains(vk::QueueFlags::GRAPHICS) {
            continue;
        }
        let Some(surface) = surface else { return Ok(Some(index)) };
        // SAFETY: device and surface belong to the same instance; `index` is one of the device's families.
        let presents = unsafe { surface.functions().get_physical_device_surface_support(raw, index, surface.raw()) }
            .named("vkGetPhysicalDeviceSurfaceSupportKHR")?;
        if presents {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn keep(name: &CStr) -> Name {
    let mut kept = [0; 256];
    let bytes = name.to_bytes();
    let length = bytes.len().min(kept.len() - 1);
    kept[..length].copy_from_slice(&bytes[..length]);
    kept
}

fn text(name: &Name) -> &str {
    let length = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    std::str::from_utf8(&name[..length]).unwrap_or("unnamed")
}
