//! Upload batches: mapped staging memory that a loader fills on its own thread, and pipelines that it makes there.
//!
//! What is decoded goes straight into memory that the GPU copies from. The batch is handed to
//! [`renderer::submit_uploads`](crate::renderer::submit_uploads); dropped before that, it takes its bytes along and
//! what was made from it stays the visible default.

use crate::early_pipelines::EarlyPipelines;
use crate::error::RenderError;
use crate::gpu::Gpu;
use crate::image_format::ImageFormat;
use crate::reserve::Reserve;
#[cfg(feature = "live-shaders")]
use crate::shader_swap::Remade;
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::image::check_size;

const CHUNKS_MAX: usize = 24;
const CHUNK_BYTES_MIN: u64 = 1 << 20;
const CHUNK_BYTES_MAX: u64 = 64 << 20;
/// Enough for any texel and any vertex.
const ALIGNMENT: u64 = 16;

/// An image's bytes within a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageUpload {
    pub(crate) place: Place,
    pub(crate) size: [u32; 2],
    pub(crate) format: ImageFormat,
    /// How many mip levels it has.
    pub(crate) levels: u32,
}

impl ImageUpload {
    /// Pixels across and down.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// About how many bytes it takes on the GPU.
    pub fn gpu_bytes(&self) -> u64 {
        levels_bytes(self.size, self.format, self.levels)
    }
}

/// A buffer's bytes within a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BufferUpload {
    pub(crate) place: Place,
    pub(crate) size: u64,
}

impl BufferUpload {
    /// How many bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// Where in which batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) batch: u64,
    pub(crate) chunk: u32,
    pub(crate) offset: u64,
}

struct Chunk<'gpu> {
    buffer: Buffer<'gpu>,
    used: u64,
}

/// Staging memory for one load.
pub struct UploadBatch<'gpu> {
    gpu: &'gpu Gpu,
    id: u64,
    limit: u64,
    reserved: u64,
    chunks: [Option<Chunk<'gpu>>; CHUNKS_MAX],
    count: usize,
    reserve: Reserve<'gpu>,
    pub(crate) early: Option<EarlyPipelines<'gpu>>,
    /// For [`renderer::swap_pipelines`](crate::renderer::swap_pipelines).
    #[cfg(feature = "live-shaders")]
    pub(crate) remade: Option<Remade<'gpu>>,
}

impl<'gpu> UploadBatch<'gpu> {
    pub(crate) fn new(gpu: &'gpu Gpu, id: u64, limit: u64) -> UploadBatch<'gpu> {
        let chunks = [const { None }; CHUNKS_MAX];
        UploadBatch {
            gpu,
            id,
            limit,
            reserved: 0,
            chunks,
            count: 0,
            reserve: Reserve::new(),
            early: None,
            #[cfg(feature = "live-shaders")]
            remade: None,
        }
    }

    /// Room for an image, rows from top to bottom without gaps ([`ImageFormat::level_bytes`] in all), and no
    /// smaller mip levels.
    ///
    /// # Errors
    /// [`RenderError::ImageEmpty`], [`RenderError::ImageTooLarge`] beyond what the device can hold,
    /// [`RenderError::FormatUnsupported`], [`RenderError::UploadLimit`] beyond the batch's limit,
    /// [`RenderError::OutOfDeviceMemory`].
    pub fn try_image(&mut self, size: [u32; 2], format: ImageFormat) -> Result<(ImageUpload, &mut [u8]), RenderError> {
        self.try_image_levels(size, format, 1)
    }

    /// Room for an image with mip levels: the largest first, each half as large as the one before (rounded down, at
    /// least 1), without gaps. [`mips::fill`](crate::mips::fill) makes all from the first.
    ///
    /// # Errors
    /// As [`UploadBatch::try_image`], and [`RenderError::ImageLevels`] for more levels than the size has, or none.
    pub fn try_image_levels(
        &mut self,
        size: [u32; 2],
        format: ImageFormat,
        levels: u32,
    ) -> Result<(ImageUpload, &mut [u8]), RenderError> {
        let bytes = self.measure(size, format, levels)?;
        let place = self.take(bytes)?;
        self.count_image(size, format, levels);
        Ok((ImageUpload { place, size, format, levels }, self.slice(place, bytes)))
    }

    /// Room for several images at once, each a size, a format and a number of levels as with
    /// [`UploadBatch::try_image_levels`]: `take` is given them one after the other, in the order of `wanted`, and may pass
    /// the slices on to threads that fill them side by side. All or none.
    ///
    /// # Errors
    /// As [`UploadBatch::try_image_levels`].
    pub fn try_images<'b>(
        &'b mut self,
        wanted: &[([u32; 2], ImageFormat, u32)],
        take: &mut dyn FnMut(ImageUpload, &'b mut [u8]),
    ) -> Result<(), RenderError> {
        for &(size, format, levels) in wanted {
            self.measure(size, format, levels)?;
        }
        let (count, reserved) = (self.count, self.reserved);
        let last = count.checked_sub(1);
        let used = last.and_then(|last| self.chunks[last].as_ref()).map_or(0, |chunk| chunk.used);
        for &(size, format, levels) in wanted {
            if let Err(error) = self.take(levels_bytes(size, format, levels)) {
                self.chunks[count..].fill_with(|| None);
                (self.count, self.reserved) = (count, reserved);
                if let Some(chunk) = last.and_then(|last| self.chunks[last].as_mut()) {
                    chunk.used = used;
                }
                return Err(error);
            }
        }
        for &(size, format, levels) in wanted {
            self.count_image(size, format, levels);
        }
        // The same walk again, now that every chunk is there: the places come out the same.
        let first = last.unwrap_or(0);
        let mut position = if last.is_some() { used } else { 0 };
        let mut chunks = self.chunks[first..].iter_mut().flatten().enumerate();
        let mut open: Option<(usize, u64, &'b mut [u8])> = None;
        for &(size, format, levels) in wanted {
            let bytes = levels_bytes(size, format, levels);
            loop {
                if let Some((index, start, rest)) = open.take() {
                    let offset = position.next_multiple_of(ALIGNMENT);
                    let skipped = (offset - start) as usize;
                    if offset + bytes <= start + rest.len() as u64 {
                        let (slice, rest) = rest[skipped..].split_at_mut(bytes as usize);
                        let place = Place { batch: self.id, chunk: (first + index) as u32, offset };
                        take(ImageUpload { place, size, format, levels }, slice);
                        position = offset + bytes;
                        open = Some((index, position, rest));
                        break;
                    }
                    position = 0;
                }
                let Some((index, chunk)) = chunks.next() else {
                    return Err(RenderError::UploadLimit { asked: bytes, left: 0, limit: self.limit });
                };
                open = Some((index, position, &mut chunk.buffer.bytes_mut()[position as usize..]));
            }
        }
        Ok(())
    }

    /// Sets GPU memory aside for all that this batch has room for so far: when it is called at the end of a load, making
    /// textures and meshes of the batch does not run out of memory any more.
    ///
    /// # Errors
    /// [`RenderError::OutOfDeviceMemory`].
    pub fn try_reserve(&mut self) -> Result<(), RenderError> {
        self.reserve.try_take(self.gpu)
    }

    /// Gives the memory set aside to what is about to be made of the batch.
    pub(crate) fn release_reserve(&self) {
        self.reserve.release();
    }

    /// Room for vertices or indices.
    ///
    /// # Errors
    /// [`RenderError::BufferEmpty`], [`RenderError::UploadLimit`], [`RenderError::OutOfDeviceMemory`].
    pub fn try_buffer(&mut self, bytes: usize) -> Result<(BufferUpload, &mut [u8]), RenderError> {
        if bytes == 0 {
            return Err(RenderError::BufferEmpty);
        }
        let size = bytes as u64;
        let place = self.take(size)?;
        self.reserve.want_buffer(size);
        Ok((BufferUpload { place, size }, self.slice(place, size)))
    }

    /// Bytes of staging memory held.
    pub fn held_bytes(&self) -> u64 {
        self.reserved
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// The GPU that it is for.
    pub(crate) fn gpu(&self) -> &'gpu Gpu {
        self.gpu
    }

    /// The staging buffer that a place lies in.
    pub(crate) fn buffer(&self, place: Place) -> Option<&Buffer<'gpu>> {
        self.chunks.get(place.chunk as usize)?.as_ref().map(|chunk| &chunk.buffer)
    }

    /// Refuses to be used with another GPU.
    pub(crate) fn check_gpu(&self, gpu: &Gpu) -> Result<(), RenderError> {
        if std::ptr::eq(self.gpu, gpu) { Ok(()) } else { Err(RenderError::ForeignGpu) }
    }

    /// Refuses what another batch made. The batch's own GPU is checked first.
    pub(crate) fn check(&self, place: Place) -> Result<(), RenderError> {
        if place.batch == self.id {
            Ok(())
        } else {
            Err(RenderError::ForeignUpload { upload: place.batch, batch: self.id })
        }
    }

    /// Makes what was written visible to the GPU.
    pub(crate) fn flush(&self) -> Result<(), RenderError> {
        self.chunks.iter().flatten().try_for_each(|chunk| chunk.buffer.flush(0, chunk.used))
    }

    /// The staging buffers, for whoever keeps them until the GPU is done.
    pub(crate) fn into_buffers(self) -> impl Iterator<Item = Buffer<'gpu>> {
        self.chunks.into_iter().flatten().map(|chunk| chunk.buffer)
    }

    /// Bytes of an image that can be had.
    fn measure(&self, size: [u32; 2], format: ImageFormat, levels: u32) -> Result<u64, RenderError> {
        check_size(self.gpu.device(), size)?;
        if !self.gpu.supports(format) {
            return Err(RenderError::FormatUnsupported { format });
        }
        let most = levels_max(size);
        if levels == 0 || levels > most {
            return Err(RenderError::ImageLevels { levels, most, width: size[0], height: size[1] });
        }
        Ok(levels_bytes(size, format, levels))
    }

    /// Counts what an image will need on the GPU.
    fn count_image(&mut self, size: [u32; 2], format: ImageFormat, levels: u32) {
        self.reserve.want_image(levels_bytes(size, format, levels));
    }

    fn slice(&mut self, place: Place, bytes: u64) -> &mut [u8] {
        match &mut self.chunks[place.chunk as usize] {
            Some(chunk) => &mut chunk.buffer.bytes_mut()[place.offset as usize..(place.offset + bytes) as usize],
            None => &mut [],
        }
    }

    fn take(&mut self, bytes: u64) -> Result<Place, RenderError> {
        let left = self.limit - self.reserved;
        let fits = |chunk: &Chunk<'_>| {
            chunk
                .used
                .checked_next_multiple_of(ALIGNMENT)
                .is_some_and(|start| start.checked_add(bytes).is_some_and(|end| end <= chunk.buffer.size()))
        };
        if !self.count.checked_sub(1).and_then(|last| self.chunks[last].as_ref()).is_some_and(fits) {
            if bytes > left || self.count == CHUNKS_MAX {
                return Err(RenderError::UploadLimit { asked: bytes, left, limit: self.limit });
            }
            // Chunks double, and the last ones are as large as it takes to reach the limit.
            let grown = (CHUNK_BYTES_MIN << self.count.min(6)).min(CHUNK_BYTES_MAX);
            let reach = left.div_ceil((CHUNKS_MAX - self.count) as u64);
            let reach = if grown == CHUNK_BYTES_MAX { reach } else { 0 };
            let size = bytes.max(grown).max(reach).min(left);
            let device = self.gpu.device();
            let buffer = Buffer::try_new(device, BufferKind::Staging, size, GpuLifetime::Frame, GpuTag::Staging)?;
            self.chunks[self.count] = Some(Chunk { buffer, used: 0 });
            self.count += 1;
            self.reserved += size;
        }
        let index = self.count - 1;
        let Some(chunk) = &mut self.chunks[index] else {
            return Err(RenderError::UploadLimit { asked: bytes, left, limit: self.limit });
        };
        let offset = chunk.used.next_multiple_of(ALIGNMENT);
        chunk.used = offset + bytes;
        Ok(Place { batch: self.id, chunk: index as u32, offset })
    }
}

fn levels_bytes(size: [u32; 2], format: ImageFormat, levels: u32) -> u64 {
    (0..levels).map(|level| format.level_bytes(size, level)).sum()
}

/// Levels down to one pixel.
fn levels_max(size: [u32; 2]) -> u32 {
    size[0].max(size[1]).ilog2() + 1
}
