//! Upload memory that leads nowhere, for commands that need no GPU: images are not even decoded, and each piece of vertices
//! overwrites the one before, so that a large file needs little.

use voltrum::assets::{AssetError, UploadMemory};
use voltrum::memory::{Arena, MemoryError, Scope};
use voltrum::render::ImageFormat;

/// Address space for the largest piece of vertices.
const SCRATCH_BYTES: usize = 2 << 30;

/// See the module.
pub struct NoUploads<'a> {
    scratch: Scope<'a>,
}

impl NoUploads<'_> {
    /// Room for the largest piece.
    ///
    /// # Errors
    /// When the system gives no address space.
    pub fn memory() -> Result<Arena<'static>, MemoryError> {
        Arena::try_reserve("upload scratch", SCRATCH_BYTES)
    }
}

impl<'a> NoUploads<'a> {
    /// Uploads into that room.
    pub fn new(memory: &'a mut Arena<'_>) -> NoUploads<'a> {
        NoUploads { scratch: memory.open() }
    }

    fn piece(&mut self, bytes: usize) -> Result<&mut [u8], MemoryError> {
        self.scratch.temp().try_alloc_zeroed(bytes)
    }
}

impl UploadMemory for NoUploads<'_> {
    type Image = ();
    type Buffer = ();

    fn try_images<'u>(
        &'u mut self,
        wanted: &[([u32; 2], ImageFormat, u32)],
        take: &mut dyn FnMut((), &'u mut [u8]),
    ) -> Result<(), AssetError> {
        wanted.iter().for_each(|_| take((), &mut []));
        Ok(())
    }

    fn takes_pixels(&self) -> bool {
        false
    }

    fn try_buffer(&mut self, bytes: usize) -> Result<((), &mut [u8]), AssetError> {
        Ok(((), self.piece(bytes)?))
    }
}
