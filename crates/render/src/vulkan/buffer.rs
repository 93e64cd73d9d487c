//! Buffers with their memory.

use std::ptr::NonNull;

use ash::vk;
use vk_mem::Alloc;

use super::account::Charge;
use super::device::Device;
use crate::error::RenderError;
use crate::usage::{GpuLifetime, GpuTag};

/// What a buffer is for; decides usage flags and the kind of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BufferKind {
    /// Vertices and indices on the GPU, filled by a copy.
    Geometry,
    /// Written and read by the GPU: posed vertices, instances, indirect draws.
    Work,
    /// Written by the host each frame, read by the GPU.
    Ring,
    /// Written by the host once, copied from by the GPU.
    Staging,
    /// Copied to by the GPU, read by the host.
    Readback,
}

/// A buffer that frees itself. Owners see to it that the GPU no longer uses it (module invariant 1 of `vulkan`).
pub(crate) struct Buffer<'gpu> {
    device: &'gpu Device,
    raw: vk::Buffer,
    allocation: vk_mem::Allocation,
    mapped: Option<NonNull<u8>>,
    size: u64,
    charge: Charge,
}

// SAFETY: the handle and the mapping may be used from any thread, by one at a time; `Device` is `Sync`.
unsafe impl Send for Buffer<'_> {}

impl<'gpu> Buffer<'gpu> {
    pub(crate) fn try_new(
        device: &'gpu Device,
        kind: BufferKind,
        size: u64,
        lifetime: GpuLifetime,
        tag: GpuTag,
    ) -> Result<Buffer<'gpu>, RenderError> {
        use vk::BufferUsageFlags as Usage;
        use vk_mem::AllocationCreateFlags as Flags;
        let (usage, flags) = match kind {
            BufferKind::Geometry => (
                Usage::VERTEX_BUFFER | Usage::INDEX_BUFFER | Usage::STORAGE_BUFFER | Usage::TRANSFER_DST,
                Flags::empty(),
            ),
            BufferKind::Work => (
                Usage::VERTEX_BUFFER
                    | Usage::STORAGE_BUFFER
                    | Usage::INDIRECT_BUFFER
                    | Usage::TRANSFER_DST
                    | Usage::TRANSFER_SRC,
                Flags::empty(),
            ),
            BufferKind::Ring => (
                Usage::VERTEX_BUFFER
                    | Usage::INDEX_BUFFER
                    | Usage::UNIFORM_BUFFER
                    | Usage::STORAGE_BUFFER
                    | Usage::TRANSFER_SRC,
                Flags::MAPPED | Flags::HOST_ACCESS_SEQUENTIAL_WRITE,
            ),
            // Mip levels are made from what is there already. Its memory goes back to the system with it; in a block it
            // would stay.
            BufferKind::Staging => {
                (Usage::TRANSFER_SRC, Flags::MAPPED | Flags::HOST_ACCESS_RANDOM | Flags::DEDICATED_MEMORY)
            }
            BufferKind::Readback => (Usage::TRANSFER_DST, Flags::MAPPED | Flags::HOST_ACCESS_RANDOM),
        };
        let info = vk::BufferCreateInfo::default().size(size).usage(usage);
        let wish = vk_mem::AllocationCreateInfo { flags, usage: vk_mem::MemoryUsage::Auto, ..Default::default() };
        // SAFETY: the allocator is live; sizes and usage are valid (`size` is never 0 here, checked by callers).
        let (raw, allocation) = device
            .grant()
            .and_then(|()| unsafe { device.allocator().create_buffer(&info, &wish) })
            .map_err(|result| match result {
                vk::Result::ERROR_OUT_OF_DEVICE_MEMORY => {
                    RenderError::OutOfDeviceMemory { operation: "vmaCreateBuffer", asked: size }
                }
                result => RenderError::from_vulkan("vmaCreateBuffer", result),
            })?;
        let details = device.allocator().get_allocation_info(&allocation);
        let charge = Charge { lifetime, tag, bytes: details.size };
        device.account().charge(charge);
        device.account().born();
        Ok(Buffer { device, raw, allocation, mapped: NonNull::new(details.mapped_data.cast()), size, charge })
    }

    pub(crate) fn raw(&self) -> vk::Buffer {
        self.raw
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// What the account has it down for.
    pub(crate) fn charged_bytes(&self) -> u64 {
        self.charge.bytes
    }

    /// The mapped bytes; empty for a buffer that is not mapped.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let Some(mapped) = self.mapped else { return &mut [] };
        // SAFETY:
        // - in bounds: the mapping covers `size` bytes and stays until the buffer is destroyed;
        // - initialised enough: device memory is plain bytes whose value the driver decided;
        // - unaliased: the buffer is borrowed mutably, and the GPU does not write what the host writes.
        unsafe { std::slice::from_raw_parts_mut(mapped.as_ptr(), self.size as usize) }
    }

    /// Makes host writes visible to the GPU where memory isn't coherent.
    pub(crate) fn flush(&self, offset: u64, size: u64) -> Result<(), RenderError> {
        self.device
            .allocator()
            .flush_allocation(&self.allocation, offset, size)
            .map_err(|result| RenderError::from_vulkan("vmaFlushAllocation", result))
    }

    /// Makes GPU writes visible to the host where memory isn't coherent.
    pub(crate) fn invalidate(&self) -> Result<(), RenderError> {
        self.device
            .allocator()
            .invalidate_allocation(&self.allocation, 0, vk::WHOLE_SIZE)
            .map_err(|result| RenderError::from_vulkan("vmaInvalidateAllocation", result))
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        // SAFETY: made by this allocator, destroyed once, no longer used by the GPU (module invariant 1).
        unsafe { self.device.allocator().destroy_buffer(self.raw, &mut self.allocation) };
        self.device.account().refund(self.charge);
        self.device.account().gone();
    }
}
