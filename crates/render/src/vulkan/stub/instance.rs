//! Commands of the loader and of instances.

use std::ffi::{CStr, c_char};

use ash::vk::Handle;
use ash::{ext, khr, vk};

use super::control::Can;
use super::object::{self, Callbacks, Kind, result, stub_of};
use super::{Stub, StubInfo};

/// # Safety
/// Called as `vkCreateInstance`, with a [`StubInfo`] in the chain.
pub(super) unsafe extern "system" fn create_instance(
    info: *const vk::InstanceCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::Instance,
) -> vk::Result {
    result(|| {
        // SAFETY: the structures of a chain begin alike and live until the call returns; a `StubInfo` is told by its type.
        let stub: &'static Stub = unsafe {
            let mut link = (*info).p_next.cast::<vk::BaseInStructure<'static>>();
            while !link.is_null() && (*link).s_type != StubInfo::TYPE {
                link = (*link).p_next;
            }
            link.cast::<StubInfo>().as_ref().ok_or(vk::Result::ERROR_INITIALIZATION_FAILED)?.stub
        };
        stub.enter("vkCreateInstance", Can::MEMORY.or(Can::START))?;
        // SAFETY: the arguments are the command's.
        unsafe {
            let raw = object::create(stub, Kind::Instance, callbacks, ())?;
            out.write(vk::Instance::from_raw(raw));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroyInstance`.
pub(super) unsafe extern "system" fn destroy_instance(instance: vk::Instance, callbacks: Callbacks<'_>) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(instance);
        stub.count();
        object::destroy::<()>(stub, Kind::Instance, instance.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkEnumerateInstanceVersion`.
pub(super) unsafe extern "system" fn enumerate_instance_version(out: *mut u32) -> vk::Result {
    // SAFETY: the argument is the command's.
    unsafe { out.write(vk::API_VERSION_1_3) };
    vk::Result::SUCCESS
}

/// # Safety
/// Called as `vkEnumerateInstanceExtensionProperties`.
pub(super) unsafe extern "system" fn enumerate_instance_extensions(
    _layer: *const c_char,
    count: *mut u32,
    out: *mut vk::ExtensionProperties,
) -> vk::Result {
    let names = [extension(khr::surface::NAME), extension(ext::headless_surface::NAME)];
    // SAFETY: the arguments are the command's.
    unsafe { list(&names, count, out) }
}

/// # Safety
/// Called as `vkEnumerateInstanceLayerProperties`.
pub(super) unsafe extern "system" fn enumerate_instance_layers(
    count: *mut u32,
    out: *mut vk::LayerProperties,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe { list(&[], count, out) }
}

/// # Safety
/// Called as `vkEnumeratePhysicalDevices`.
pub(super) unsafe extern "system" fn enumerate_physical_devices(
    instance: vk::Instance,
    count: *mut u32,
    out: *mut vk::PhysicalDevice,
) -> vk::Result {
    // The one physical device has the instance's address: it is the instance, seen from another side.
    // SAFETY: the arguments are the command's.
    unsafe {
        match stub_of(instance).enter("vkEnumeratePhysicalDevices", Can::MEMORY.or(Can::START)) {
            Ok(()) => list(&[vk::PhysicalDevice::from_raw(instance.as_raw())], count, out),
            Err(result) => result,
        }
    }
}

/// # Safety
/// Called as `vkEnumerateDeviceExtensionProperties`.
pub(super) unsafe extern "system" fn enumerate_device_extensions(
    device: vk::PhysicalDevice,
    _layer: *const c_char,
    count: *mut u32,
    out: *mut vk::ExtensionProperties,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe {
        match stub_of(device).enter("vkEnumerateDeviceExtensionProperties", Can::MEMORY) {
            Ok(()) => list(&[extension(khr::swapchain::NAME)], count, out),
            Err(result) => result,
        }
    }
}

/// Vulkan's way to list things: how many, or as many as there is room for.
///
/// # Safety
/// `count` is valid, and `out` is null or has room for that many.
pub(super) unsafe fn list<T: Copy>(items: &[T], count: *mut u32, out: *mut T) -> vk::Result {
    // SAFETY: the contract.
    unsafe {
        if out.is_null() {
            count.write(items.len() as u32);
            return vk::Result::SUCCESS;
        }
        let room = (*count as usize).min(items.len());
        out.copy_from_nonoverlapping(items.as_ptr(), room);
        count.write(room as u32);
        if room < items.len() { vk::Result::INCOMPLETE } else { vk::Result::SUCCESS }
    }
}

fn extension(name: &CStr) -> vk::ExtensionProperties {
    let mut properties = vk::ExtensionProperties { spec_version: 1, ..Default::default() };
    for (place, &byte) in properties.extension_name.iter_mut().zip(name.to_bytes_with_nul()) {
        *place = byte as c_char;
    }
    properties
}
