//! GPU memory that a load sets aside for what will be made of it, so that it runs out on the loader's thread, where a
//! failure leaves the open project alone, and not when the project is opened, where the old one is gone.
//!
//! # Deliberately absent
//! The objects themselves: what is set aside is given back to the allocator when the first of them is made, and serves
//! them a moment later.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::RenderError;
use crate::gpu::Gpu;
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::buffer::{Buffer, BufferKind};

const PARTS_MAX: usize = 64;
const PART_BYTES_MIN: u64 = 64 << 20;
/// What an image may need beyond its texels: alignment, and levels in tiles.
const IMAGE_EXTRA_BYTES: u64 = 64 << 10;
const BUFFER_EXTRA_BYTES: u64 = 256;

pub(crate) struct Reserve<'gpu> {
    /// Bytes that images and buffers will need.
    wanted: u64,
    parts: Mutex<Parts<'gpu>>,
}

struct Parts<'gpu> {
    held: u64,
    count: usize,
    buffers: [Option<Buffer<'gpu>>; PARTS_MAX],
}

impl<'gpu> Reserve<'gpu> {
    pub(crate) fn new() -> Reserve<'gpu> {
        let parts = Parts { held: 0, count: 0, buffers: [const { None }; PARTS_MAX] };
        Reserve { wanted: 0, parts: Mutex::new(parts) }
    }

    /// Counts an image with all its levels.
    pub(crate) fn want_image(&mut self, bytes: u64) {
        self.wanted = self.wanted.saturating_add(bytes + bytes / 16 + IMAGE_EXTRA_BYTES);
    }

    /// Counts a buffer.
    pub(crate) fn want_buffer(&mut self, bytes: u64) {
        self.wanted = self.wanted.saturating_add(bytes + BUFFER_EXTRA_BYTES);
    }

    /// Takes as much GPU memory as was counted. It is told as textures', which most of it will be; staging is what the
    /// batch's limit bounds.
    pub(crate) fn try_take(&self, gpu: &'gpu Gpu) -> Result<(), RenderError> {
        let mut parts = self.lock();
        while parts.held < self.wanted && parts.count < PARTS_MAX {
            let missing = self.wanted - parts.held;
            let share = missing.div_ceil((PARTS_MAX - parts.count) as u64);
            let size = share.max(PART_BYTES_MIN).min(missing);
            let buffer =
                Buffer::try_new(gpu.device(), BufferKind::Geometry, size, GpuLifetime::Scene, GpuTag::Texture)?;
            let index = parts.count;
            parts.buffers[index] = Some(buffer);
            parts.count += 1;
            parts.held += size;
        }
        Ok(())
    }

    /// Gives it back to the allocator.
    pub(crate) fn release(&self) {
        let mut parts = self.lock();
        let count = std::mem::take(&mut parts.count);
        parts.buffers[..count].fill_with(|| None);
        parts.held = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Parts<'gpu>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
