//! Upload memory that leads nowhere, for commands that need no GPU: each piece overwrites the one before (images of one
//! wave lie beside each other), so that a large file needs little.

use voltrum::assets::{AssetError, UploadMemory};
use voltrum::memory::{Arena, MemoryError, Scope};
use voltrum::render::ImageFormat;

/// Address space for the largest piece of vertices or pixels.
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
        let together = self.scratch.temp();
        for &(size, format, levels) in wanted {
            let bytes: u64 = (0..levels).map(|level| format.level_bytes(size, level)).sum();
            take((), together.try_alloc_zeroed(bytes as usize)?);
        }
        Ok(())
    }

    fn try_buffer(&mut self, bytes: usize) -> Result<((), &mut [u8]), AssetError> {
        Ok(((), self.piece(bytes)?))
    }
}
