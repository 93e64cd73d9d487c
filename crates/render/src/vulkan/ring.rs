//! A frame's slice of GPU memory: the frame arena's twin.

use super::buffer::{Buffer, BufferKind};
use super::device::Device;
use crate::error::RenderError;
use crate::usage::{GpuLifetime, GpuTag};

/// Bumps through a mapped buffer; emptied when its frame begins again.
pub(crate) struct Ring<'gpu> {
    buffer: Buffer<'gpu>,
    used: u64,
    peak: u64,
}

impl<'gpu> Ring<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device, bytes: u64) -> Result<Ring<'gpu>, RenderError> {
        let buffer = Buffer::try_new(device, BufferKind::Ring, bytes, GpuLifetime::Frame, GpuTag::Renderer)?;
        Ok(Ring { buffer, used: 0, peak: 0 })
    }

    pub(crate) fn clear(&mut self) {
        self.used = 0;
    }

    pub(crate) fn buffer(&self) -> &Buffer<'gpu> {
        &self.buffer
    }

    /// The most that a frame has used.
    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    /// Copies bytes in; `alignment` is a power of two. `None` where the ring is full.
    pub(crate) fn push(&mut self, bytes: &[u8], alignment: u64) -> Option<u64> {
        let (offset, place) = self.take(bytes.len() as u64, alignment)?;
        place.copy_from_slice(bytes);
        Some(offset)
    }

    /// Room for `size` bytes, to be written by the caller.
    pub(crate) fn take(&mut self, size: u64, alignment: u64) -> Option<(u64, &mut [u8])> {
        let offset = self.used.checked_next_multiple_of(alignment)?;
        let end = offset.checked_add(size).filter(|&end| end <= self.buffer.size())?;
        self.used = end;
        self.peak = self.peak.max(end);
        let bytes = self.buffer.bytes_mut().get_mut(offset as usize..end as usize)?;
        Some((offset, bytes))
    }

    /// Makes what was written visible to the GPU.
    pub(crate) fn flush(&self) -> Result<(), RenderError> {
        if self.used == 0 { Ok(()) } else { self.buffer.flush(0, self.used) }
    }
}
