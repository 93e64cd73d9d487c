//! Device memory, buffers and images.
//!
//! Memory that is mapped is real; what is never mapped costs an object and nothing else.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use ash::vk;
use ash::vk::Handle;
use voltrum_memory::{Tag, heap_scope};

use super::Stub;
use super::control::Can;
use super::object::{self, Callbacks, Kind, result, stub_of};

/// Vulkan's smallest `minMemoryMapAlignment`.
const ALIGNMENT: usize = 64;

struct Memory {
    stub: &'static Stub,
    bytes: u64,
    mapped: AtomicBool,
    /// Where it lies, once it has been mapped.
    block: AtomicPtr<u8>,
}

impl Memory {
    /// Zeros come from fresh pages for nothing only at the alignment that all blocks have, so the rest is made here.
    fn layout(&self) -> Option<Layout> {
        let bytes = usize::try_from(self.bytes).ok()?.checked_add(ALIGNMENT)?;
        Layout::from_size_align(bytes, 16).ok()
    }

    fn address(&self) -> Option<*mut u8> {
        let mut block = self.block.load(Relaxed);
        if block.is_null() {
            let _foreign = heap_scope(Tag::FOREIGN);
            // SAFETY: the size is not 0.
            block = unsafe { alloc_zeroed(self.layout()?) };
            self.block.store(block, Relaxed);
        }
        (!block.is_null()).then(|| block.wrapping_add(block.align_offset(ALIGNMENT)))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.stub.give_bytes(self.bytes);
        let block = *self.block.get_mut();
        if let (false, Some(layout)) = (block.is_null(), self.layout()) {
            let _foreign = heap_scope(Tag::FOREIGN);
            // SAFETY: allocated with this layout, freed once.
            unsafe { dealloc(block, layout) };
        }
    }
}

struct Resource {
    bytes: u64,
    bound: AtomicBool,
}

/// # Safety
/// Called as `vkAllocateMemory`.
pub(super) unsafe extern "system" fn allocate(
    device: vk::Device,
    info: *const vk::MemoryAllocateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::DeviceMemory,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkAllocateMemory", Can::MEMORY)?;
            let bytes = (*info).allocation_size;
            stub.take_bytes(bytes)?;
            // If there is no room for the object, its `Drop` gives the bytes back.
            let memory = Memory { stub, bytes, mapped: AtomicBool::new(false), block: AtomicPtr::default() };
            out.write(vk::DeviceMemory::from_raw(object::create(stub, Kind::Memory, callbacks, memory)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkFreeMemory`.
pub(super) unsafe extern "system" fn free(device: vk::Device, memory: vk::DeviceMemory, callbacks: Callbacks<'_>) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        object::destroy::<Memory>(stub, Kind::Memory, memory.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkMapMemory`.
pub(super) unsafe extern "system" fn map(
    device: vk::Device,
    memory: vk::DeviceMemory,
    offset: vk::DeviceSize,
    _size: vk::DeviceSize,
    _flags: vk::MemoryMapFlags,
    out: *mut *mut c_void,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkMapMemory", Can::MEMORY.or(Can::MAP))?;
            let failed = vk::Result::ERROR_MEMORY_MAP_FAILED;
            let memory = &object::get::<Memory>(stub, Kind::Memory, memory.as_raw()).ok_or(failed)?.body;
            if memory.mapped.swap(true, Relaxed) {
                stub.misuse("memory is mapped twice");
            }
            out.write(memory.address().ok_or(failed)?.wrapping_add(offset as usize).cast());
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkUnmapMemory`.
pub(super) unsafe extern "system" fn unmap(device: vk::Device, memory: vk::DeviceMemory) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        let Some(memory) = object::get::<Memory>(stub, Kind::Memory, memory.as_raw()) else { return };
        if !memory.body.mapped.swap(false, Relaxed) {
            stub.misuse("memory is unmapped that was not mapped");
        }
    }
}

/// # Safety
/// Called as `vkFlushMappedMemoryRanges` or `vkInvalidateMappedMemoryRanges`.
pub(super) unsafe extern "system" fn flush(
    device: vk::Device,
    _count: u32,
    _ranges: *const vk::MappedMemoryRange<'_>,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    result(|| unsafe { stub_of(device) }.enter("vkFlushMappedMemoryRanges", Can::MEMORY))
}

/// # Safety
/// Called as `vkCreateBuffer`.
pub(super) unsafe extern "system" fn create_buffer(
    device: vk::Device,
    info: *const vk::BufferCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::Buffer,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkCreateBuffer", Can::MEMORY)?;
            if (*info).size == 0 || (*info).usage.is_empty() {
                stub.misuse("a buffer has no bytes or no use");
            }
            let body = Resource { bytes: (*info).size, bound: AtomicBool::new(false) };
            out.write(vk::Buffer::from_raw(object::create(stub, Kind::Buffer, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroyBuffer`.
pub(super) unsafe extern "system" fn destroy_buffer(device: vk::Device, buffer: vk::Buffer, callbacks: Callbacks<'_>) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        object::destroy::<Resource>(stub, Kind::Buffer, buffer.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkCreateImage`.
pub(super) unsafe extern "system" fn create_image(
    device: vk::Device,
    info: *const vk::ImageCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::Image,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkCreateImage", Can::MEMORY)?;
            let body = Resource { bytes: image_bytes(&*info), bound: AtomicBool::new(false) };
            out.write(vk::Image::from_raw(object::create(stub, Kind::Image, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroyImage`.
pub(super) unsafe extern "system" fn destroy_image(device: vk::Device, image: vk::Image, callbacks: Callbacks<'_>) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        object::destroy::<Resource>(stub, Kind::Image, image.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkBindBufferMemory`.
pub(super) unsafe extern "system" fn bind_buffer(
    device: vk::Device,
    buffer: vk::Buffer,
    memory: vk::DeviceMemory,
    _offset: vk::DeviceSize,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe { bind(device, Kind::Buffer, buffer.as_raw(), memory) }
}

/// # Safety
/// Called as `vkBindImageMemory`.
pub(super) unsafe extern "system" fn bind_image(
    device: vk::Device,
    image: vk::Image,
    memory: vk::DeviceMemory,
    _offset: vk::DeviceSize,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe { bind(device, Kind::Image, image.as_raw(), memory) }
}

/// # Safety
/// Called as `vkBindBufferMemory2`.
pub(super) unsafe extern "system" fn bind_buffers(
    device: vk::Device,
    count: u32,
    infos: *const vk::BindBufferMemoryInfo<'_>,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe {
        for info in std::slice::from_raw_parts(infos, count as usize) {
            let result = bind(device, Kind::Buffer, info.buffer.as_raw(), info.memory);
            if result != vk::Result::SUCCESS {
                return result;
            }
        }
    }
    vk::Result::SUCCESS
}

/// # Safety
/// Called as `vkBindImageMemory2`.
pub(super) unsafe extern "system" fn bind_images(
    device: vk::Device,
    count: u32,
    infos: *const vk::BindImageMemoryInfo<'_>,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe {
        for info in std::slice::from_raw_parts(infos, count as usize) {
            let result = bind(device, Kind::Image, info.image.as_raw(), info.memory);
            if result != vk::Result::SUCCESS {
                return result;
            }
        }
    }
    vk::Result::SUCCESS
}

/// # Safety
/// The handles are a command's.
unsafe fn bind(device: vk::Device, kind: Kind, raw: u64, memory: vk::DeviceMemory) -> vk::Result {
    result(|| {
        // SAFETY: the contract.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkBindMemory", Can::MEMORY)?;
            object::get::<Memory>(stub, Kind::Memory, memory.as_raw());
            if object::get::<Resource>(stub, kind, raw).is_some_and(|found| found.body.bound.swap(true, Relaxed)) {
                stub.misuse("memory is bound twice");
            }
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkGetBufferMemoryRequirements2`.
pub(super) unsafe extern "system" fn buffer_requirements(
    device: vk::Device,
    info: *const vk::BufferMemoryRequirementsInfo2<'_>,
    out: *mut vk::MemoryRequirements2<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe { (*out).memory_requirements = requirements(device, Kind::Buffer, (*info).buffer.as_raw()) };
}

/// # Safety
/// Called as `vkGetImageMemoryRequirements2`.
pub(super) unsafe extern "system" fn image_requirements(
    device: vk::Device,
    info: *const vk::ImageMemoryRequirementsInfo2<'_>,
    out: *mut vk::MemoryRequirements2<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe { (*out).memory_requirements = requirements(device, Kind::Image, (*info).image.as_raw()) };
}

/// # Safety
/// Called as `vkGetBufferMemoryRequirements`.
pub(super) unsafe extern "system" fn buffer_requirements1(
    device: vk::Device,
    buffer: vk::Buffer,
    out: *mut vk::MemoryRequirements,
) {
    // SAFETY: the arguments are the command's.
    unsafe { out.write(requirements(device, Kind::Buffer, buffer.as_raw())) };
}

/// # Safety
/// Called as `vkGetImageMemoryRequirements`.
pub(super) unsafe extern "system" fn image_requirements1(
    device: vk::Device,
    image: vk::Image,
    out: *mut vk::MemoryRequirements,
) {
    // SAFETY: the arguments are the command's.
    unsafe { out.write(requirements(device, Kind::Image, image.as_raw())) };
}

/// # Safety
/// Called as `vkGetDeviceBufferMemoryRequirements`.
pub(super) unsafe extern "system" fn future_buffer_requirements(
    device: vk::Device,
    info: *const vk::DeviceBufferMemoryRequirements<'_>,
    out: *mut vk::MemoryRequirements2<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        stub_of(device).count();
        (*out).memory_requirements = needs((*(*info).p_create_info).size);
    }
}

/// # Safety
/// Called as `vkGetDeviceImageMemoryRequirements`.
pub(super) unsafe extern "system" fn future_image_requirements(
    device: vk::Device,
    info: *const vk::DeviceImageMemoryRequirements<'_>,
    out: *mut vk::MemoryRequirements2<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        stub_of(device).count();
        (*out).memory_requirements = needs(image_bytes(&*(*info).p_create_info));
    }
}

/// # Safety
/// The handles are a command's.
unsafe fn requirements(device: vk::Device, kind: Kind, raw: u64) -> vk::MemoryRequirements {
    // SAFETY: the contract.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        needs(object::get::<Resource>(stub, kind, raw).map_or(1, |resource| resource.body.bytes))
    }
}

fn needs(bytes: u64) -> vk::MemoryRequirements {
    vk::MemoryRequirements { size: bytes.next_multiple_of(256), alignment: 256, memory_type_bits: 0b111 }
}

fn image_bytes(info: &vk::ImageCreateInfo<'_>) -> u64 {
    let texel = match info.format {
        vk::Format::R8_UNORM => 1,
        vk::Format::R8G8_UNORM => 2,
        vk::Format::R16G16B16A16_SFLOAT => 8,
        vk::Format::R32G32B32A32_SFLOAT => 16,
        format if (vk::Format::BC1_RGB_UNORM_BLOCK..=vk::Format::BC7_SRGB_BLOCK).contains(&format) => 1,
        _ => 4,
    };
    let vk::Extent3D { width, height, depth } = info.extent;
    let texels = u64::from(width) * u64::from(height) * u64::from(depth);
    let largest = texels * texel * u64::from(info.array_layers) * u64::from(info.samples.as_raw());
    if info.mip_levels > 1 { largest + largest / 3 } else { largest }
}
