//! The logical device, its queue, command pools and their buffers.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ash::vk;
use ash::vk::Handle;

use super::control::Can;
use super::object::{self, Callbacks, Header, Kind, result, stub_of};

/// The queue lies in the device.
struct Device {
    queue: Header,
}

struct Pool {
    /// The pool's buffers: a chain by [`Buffer::next`].
    first: AtomicU64,
}

struct Buffer {
    next: u64,
}

/// # Safety
/// Called as `vkCreateDevice`.
pub(super) unsafe extern "system" fn create_device(
    physical: vk::PhysicalDevice,
    _info: *const vk::DeviceCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::Device,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(physical);
            stub.enter("vkCreateDevice", Can::MEMORY.or(Can::LOST).or(Can::START))?;
            let body = Device { queue: Header::new(stub, Kind::Device) };
            out.write(vk::Device::from_raw(object::create(stub, Kind::Device, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroyDevice`.
pub(super) unsafe extern "system" fn destroy_device(device: vk::Device, callbacks: Callbacks<'_>) {
    if device == vk::Device::null() {
        return;
    }
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        if stub.has_children() {
            stub.misuse("a device is destroyed with objects alive");
        }
        object::destroy::<Device>(stub, Kind::Device, device.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkGetDeviceQueue`.
pub(super) unsafe extern "system" fn get_queue(device: vk::Device, _family: u32, _index: u32, out: *mut vk::Queue) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        if let Some(device) = object::get::<Device>(stub, Kind::Device, device.as_raw()) {
            out.write(vk::Queue::from_raw(std::ptr::from_ref(&device.body.queue) as u64));
        }
    }
}

/// # Safety
/// Called as `vkDeviceWaitIdle`.
pub(super) unsafe extern "system" fn wait_idle(device: vk::Device) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        let stub = unsafe { stub_of(device) };
        stub.enter("vkDeviceWaitIdle", Can::MEMORY.or(Can::LOST))?;
        super::queue::finish(stub);
        stub.idle();
        Ok(())
    })
}

/// # Safety
/// Called as `vkCreateCommandPool`.
pub(super) unsafe extern "system" fn create_pool(
    device: vk::Device,
    _info: *const vk::CommandPoolCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::CommandPool,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkCreateCommandPool", Can::MEMORY)?;
            // Its buffers come from the same callbacks, which are not passed again: kept beside the pool.
            let body = (Pool { first: AtomicU64::new(0) }, *callbacks_of(callbacks)?);
            out.write(vk::CommandPool::from_raw(object::create(stub, Kind::CommandPool, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Null or valid; the answer is not kept.
unsafe fn callbacks_of<'a>(callbacks: Callbacks<'_>) -> Result<&'a vk::AllocationCallbacks<'a>, vk::Result> {
    // SAFETY: the contract.
    unsafe { callbacks.cast::<vk::AllocationCallbacks<'a>>().as_ref() }.ok_or(vk::Result::ERROR_OUT_OF_HOST_MEMORY)
}

type PoolBody = (Pool, vk::AllocationCallbacks<'static>);

/// # Safety
/// Called as `vkDestroyCommandPool`.
pub(super) unsafe extern "system" fn destroy_pool(device: vk::Device, pool: vk::CommandPool, callbacks: Callbacks<'_>) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        if pool == vk::CommandPool::null() {
            return;
        }
        if let Some(found) = object::get::<PoolBody>(stub, Kind::CommandPool, pool.as_raw()) {
            let (buffers, callbacks) = &found.body;
            let mut raw = buffers.first.load(Relaxed);
            while let Some(buffer) = (raw != 0).then(|| object::get::<Buffer>(stub, Kind::CommandBuffer, raw)).flatten()
            {
                let next = buffer.body.next;
                object::destroy::<Buffer>(stub, Kind::CommandBuffer, raw, callbacks);
                raw = next;
            }
        }
        object::destroy::<PoolBody>(stub, Kind::CommandPool, pool.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkResetCommandPool`.
pub(super) unsafe extern "system" fn reset_pool(
    device: vk::Device,
    pool: vk::CommandPool,
    _flags: vk::CommandPoolResetFlags,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkResetCommandPool", Can::MEMORY)?;
            object::get::<PoolBody>(stub, Kind::CommandPool, pool.as_raw());
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkAllocateCommandBuffers`.
pub(super) unsafe extern "system" fn allocate_buffers(
    device: vk::Device,
    info: *const vk::CommandBufferAllocateInfo<'_>,
    out: *mut vk::CommandBuffer,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkAllocateCommandBuffers", Can::MEMORY)?;
            let none = vk::Result::ERROR_OUT_OF_HOST_MEMORY;
            let pool = object::get::<PoolBody>(stub, Kind::CommandPool, (*info).command_pool.as_raw()).ok_or(none)?;
            let (buffers, callbacks) = &pool.body;
            for index in 0..(*info).command_buffer_count as usize {
                let body = Buffer { next: buffers.first.load(Relaxed) };
                let raw = object::create(stub, Kind::CommandBuffer, callbacks, body)?;
                buffers.first.store(raw, Relaxed);
                out.add(index).write(vk::CommandBuffer::from_raw(raw));
            }
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkBeginCommandBuffer`.
pub(super) unsafe extern "system" fn begin_buffer(
    buffer: vk::CommandBuffer,
    _info: *const vk::CommandBufferBeginInfo<'_>,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    result(|| unsafe { stub_of(buffer) }.enter("vkBeginCommandBuffer", Can::MEMORY))
}

/// # Safety
/// Called as `vkEndCommandBuffer`.
pub(super) unsafe extern "system" fn end_buffer(buffer: vk::CommandBuffer) -> vk::Result {
    // SAFETY: the arguments are the command's.
    result(|| unsafe { stub_of(buffer) }.enter("vkEndCommandBuffer", Can::MEMORY))
}
