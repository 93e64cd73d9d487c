//! Where a load puts vertices, indices and pixels: memory that the graphics device can copy from.
//!
//! The loader sees only [`UploadMemory`]. With a device that is the renderer's [`UploadBatch`]; without one (tests,
//! `info`) it is [`HostUploads`], plain arena memory.

use voltrum_memory::{ArenaVec, Tagged};
use voltrum_render::{BufferUpload, ImageFormat, ImageUpload, TextureId, UploadBatch};

use crate::error::AssetError;
use crate::image_key::KnowsImages;
use crate::staged::{StagedMesh, StagedNode};
use crate::surface::Surface;
use crate::{LoadLimits, Progress};

/// Memory that takes images and buffers on their way to the device.
pub trait UploadMemory {
    /// Names an image in this memory.
    type Image: Copy + Send + 'static;
    /// Names a buffer in this memory.
    type Buffer: Copy + Send + 'static;

    /// Room for images: each of a size in pixels, with so many mip levels, the largest first, rows tight. `take` is given
    /// them in their order, and may pass the slices on to threads that fill them side by side. All or none.
    ///
    /// # Errors
    /// When an image is larger than the device can hold or of a format that it hasn't got, or the memory's budget is spent.
    fn try_images<'u>(
        &'u mut self,
        wanted: &[([u32; 2], ImageFormat, u32)],
        take: &mut dyn FnMut(Self::Image, &'u mut [u8]),
    ) -> Result<(), AssetError>;

    /// Whether anything looks at the pixels. Where nothing does, images are measured and not decoded, and the slices that
    /// `try_images` gives may be empty.
    fn takes_pixels(&self) -> bool {
        true
    }

    /// Room for a buffer.
    ///
    /// # Errors
    /// When the memory's budget is spent.
    fn try_buffer(&mut self, bytes: usize) -> Result<(Self::Buffer, &mut [u8]), AssetError>;

    /// Surfaces like this one are going to be drawn: the device may make ready what it takes to draw them.
    fn announce(&mut self, _surface: &Surface<u32>) {}

    /// The load is complete: sets the device's memory aside for what will be made of it.
    ///
    /// # Errors
    /// When the device has not enough.
    fn try_reserve(&mut self) -> Result<(), AssetError> {
        Ok(())
    }
}

impl UploadMemory for UploadBatch<'_> {
    type Image = ImageUpload;
    type Buffer = BufferUpload;

    fn try_images<'u>(
        &'u mut self,
        wanted: &[([u32; 2], ImageFormat, u32)],
        take: &mut dyn FnMut(ImageUpload, &'u mut [u8]),
    ) -> Result<(), AssetError> {
        Ok(UploadBatch::try_images(self, wanted, take)?)
    }

    fn try_buffer(&mut self, bytes: usize) -> Result<(BufferUpload, &mut [u8]), AssetError> {
        Ok(UploadBatch::try_buffer(self, bytes)?)
    }

    fn announce(&mut self, surface: &Surface<u32>) {
        self.expect_material(&surface.desc(|_| TextureId::NONE));
    }

    fn try_reserve(&mut self) -> Result<(), AssetError> {
        Ok(UploadBatch::try_reserve(self)?)
    }
}

/// What a load needs besides its file and its arena.
pub struct Loading<'c, U: UploadMemory> {
    /// Where vertices and pixels go.
    pub uploads: &'c mut U,
    /// How far it is; another thread may read it and ask the load to stop.
    pub progress: &'c Progress,
    /// How much it may take.
    pub limits: LoadLimits,
    /// Which of the file's scenes is loaded.
    pub scene: SceneChoice<'c>,
    /// Hears of the shapes before the images are decoded, on the thread that loads: for showing them meanwhile.
    pub on_shapes: Option<&'c dyn Fn(&Shapes<'_>)>,
    /// Asked for each image that lies in a file, before it is read: one that is there already is not read once more, and
    /// [`Pixels::Shared`](crate::Pixels::Shared) stands for it.
    pub known: Option<&'c KnowsImages<'c>>,
}

/// What is known of a scene before its images are. The load may still fail.
#[derive(Clone, Copy, Debug)]
pub struct Shapes<'a> {
    /// The hierarchy; parents stand before their children.
    pub nodes: &'a [StagedNode<'a>],
    /// The meshes, with the triangles that are kept for picking.
    pub meshes: &'a [StagedMesh<'a>],
    /// How many triangles each primitive has, and the linear base colour of its material.
    pub primitives: &'a [(u32, [f32; 4])],
}

/// Which of a file's scenes is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SceneChoice<'c> {
    /// The one that the file says, or its first.
    #[default]
    Usual,
    /// By its number.
    Number(u32),
    /// By its name, or else by its number, as a person says it.
    Named(&'c str),
}

impl<'c, U: UploadMemory> Loading<'c, U> {
    /// A load with the default limits.
    pub fn new(uploads: &'c mut U, progress: &'c Progress) -> Self {
        let limits = LoadLimits::default();
        Self { uploads, progress, limits, scene: SceneChoice::Usual, on_shapes: None, known: None }
    }

    /// The same load, lent: to be changed in one point, as `Loading { scene, ..loading.lend() }`.
    pub fn lend(&mut self) -> Loading<'_, U> {
        Loading { uploads: &mut *self.uploads, ..*self }
    }
}

/// Upload memory without a device: slices of an arena, which can be read back.
pub struct HostUploads<'a> {
    memory: Tagged<'a>,
    slices: ArenaVec<'a, &'a mut [u8]>,
    left_bytes: usize,
    limit_bytes: usize,
}

/// Names a slice of [`HostUploads`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostUpload(u32);

impl<'a> HostUploads<'a> {
    /// Upload memory of at most `limit_bytes` in an arena.
    pub fn new_in(memory: Tagged<'a>, limit_bytes: usize) -> Self {
        Self { memory, slices: ArenaVec::new_in(memory), left_bytes: limit_bytes, limit_bytes }
    }

    /// What was written to an upload.
    pub fn bytes(&self, upload: HostUpload) -> &[u8] {
        self.slices.as_slice().get(upload.0 as usize).map_or(&[], |slice| &**slice)
    }

    /// Bytes handed out so far.
    pub fn used_bytes(&self) -> usize {
        self.limit_bytes - self.left_bytes
    }

    /// The next upload's name, once its slice is there.
    fn add(&mut self, bytes: usize) -> Result<HostUpload, AssetError> {
        let Some(left) = self.left_bytes.checked_sub(bytes) else {
            return Err(AssetError::limit(
                "bytes to upload",
                (self.used_bytes() as u64).saturating_add(bytes as u64),
                self.limit_bytes as u64,
                "upload_bytes_max",
            ));
        };
        let name = HostUpload(u32::try_from(self.slices.len()).unwrap_or(u32::MAX));
        let slice = self.memory.try_alloc_zeroed::<u8>(bytes)?;
        self.slices.try_push(slice)?;
        self.left_bytes = left;
        Ok(name)
    }
}

impl UploadMemory for HostUploads<'_> {
    type Image = HostUpload;
    type Buffer = HostUpload;

    fn try_images<'u>(
        &'u mut self,
        wanted: &[([u32; 2], ImageFormat, u32)],
        take: &mut dyn FnMut(HostUpload, &'u mut [u8]),
    ) -> Result<(), AssetError> {
        let first = self.slices.len();
        for &(size, format, levels) in wanted {
            let bytes: u64 = (0..levels.min(32)).map(|level| format.level_bytes(size, level)).sum();
            self.add(usize::try_from(bytes).unwrap_or(usize::MAX))?;
        }
        for (name, slice) in (0..).zip(self.slices.as_mut_slice()).skip(first) {
            take(HostUpload(name), slice);
        }
        Ok(())
    }

    fn try_buffer(&mut self, bytes: usize) -> Result<(HostUpload, &mut [u8]), AssetError> {
        let name = self.add(bytes)?;
        let slice = self.slices.as_mut_slice().last_mut();
        Ok((name, slice.map_or(&mut [], |slice| &mut **slice)))
    }
}
