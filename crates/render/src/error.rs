//! What can go wrong between the renderer and the GPU, with the numbers and the remedy.

use ash::vk;
use voltrum_memory::MemoryError;

use crate::image_format::ImageFormat;
#[cfg(feature = "live-shaders")]
use crate::live_shaders::Fault;

/// A failure of the renderer. After [`RenderError::DeviceLost`], and after a frame that could not be submitted, every
/// call returns the same error: drop the renderer and its [`Gpu`](crate::Gpu). Everything else leaves them usable.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The Vulkan loader is not installed.
    #[error("no Vulkan loader found (libvulkan.so.1); install libvulkan1 and mesa-vulkan-drivers")]
    NoLoader,
    /// The loader is there, and no driver or no device fits.
    #[error(
        "no usable GPU: {found} Vulkan devices found, {reason}; install mesa-vulkan-drivers (a software driver is enough) \
         or update the graphics driver"
    )]
    NoDevice {
        /// How many devices the loader listed.
        found: u32,
        /// What the last one lacked.
        reason: &'static str,
    },
    /// An extension that the window needs is not there.
    #[error(
        "the Vulkan driver can't draw to this window: {extension} is missing; update the driver or render without a window"
    )]
    NoWindowSupport {
        /// The extension's name.
        extension: &'static str,
    },
    /// The window can't lend its handles, or no surface could be made from them.
    #[error("the window lends no handle that Vulkan can draw to; render without a window")]
    WindowHandle,
    /// The GPU or its driver stopped working.
    #[error("the GPU was lost during {operation}; save, then start again")]
    DeviceLost {
        /// The Vulkan call that reported it.
        operation: &'static str,
    },
    /// The window's surface is gone.
    #[error("the window's surface was lost during {operation}; open the window again")]
    SurfaceLost {
        /// The Vulkan call that reported it.
        operation: &'static str,
    },
    /// The arena that the driver allocates from is full.
    #[error("the driver ran out of host memory in {operation}; raise `GpuConfig::host_heap_bytes`")]
    OutOfHostMemory {
        /// The Vulkan call that reported it.
        operation: &'static str,
    },
    /// The GPU's memory is full.
    #[error("the GPU is out of memory: {operation} asked for {asked} bytes; close other programs or load less")]
    OutOfDeviceMemory {
        /// What was to be made.
        operation: &'static str,
        /// Bytes asked for; 0 where Vulkan does not say.
        asked: u64,
    },
    /// Any other result of a Vulkan call.
    #[error("{operation} failed: {result:?}")]
    Vulkan {
        /// The Vulkan call.
        operation: &'static str,
        /// What it returned.
        result: vk::Result,
    },
    /// A shader that a client brought is no good. The renderer draws with what it had.
    #[cfg(feature = "live-shaders")]
    #[error("{0}")]
    Shader(Fault),
    /// A renderer has made or changed pipelines since others were made in their place.
    #[cfg(feature = "live-shaders")]
    #[error("the renderer draws with other pipelines than those that were made anew; make them once more")]
    PipelinesOutdated,
    /// An arena refused.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// An image is beyond what the device can hold.
    #[error("an image of {width} x {height} pixels is too large: this GPU takes {limit} a side; scale it down")]
    ImageTooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The device's limit for either.
        limit: u32,
    },
    /// An image without pixels.
    #[error("an image of {width} x {height} pixels has no pixels; both sides must be 1 or more")]
    ImageEmpty {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// A format that the device can't sample.
    #[error("this GPU can't sample images of format {format:?}; decode them to Rgba8Srgb or Rgba8Unorm first")]
    FormatUnsupported {
        /// The format asked for.
        format: ImageFormat,
    },
    /// A number of mip levels that the image's size does not have.
    #[error("an image of {width} x {height} pixels can't have {levels} mip levels; ask for 1 to {most}")]
    ImageLevels {
        /// Levels asked for.
        levels: u32,
        /// Levels down to one pixel.
        most: u32,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// A picture that can't be an environment.
    #[error(
        "{floats} floats are no environment of {width} x {height} pixels: three a pixel are needed, and at least \
         4 x 2 pixels"
    )]
    EnvironmentInvalid {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Floats passed.
        floats: u64,
    },
    /// A buffer without bytes.
    #[error("a buffer of 0 bytes can't be uploaded; leave it out")]
    BufferEmpty,
    /// An upload batch has spent its bytes.
    #[error("the upload batch is full: {asked} bytes asked for, {left} of {limit} left; raise its limit or load less")]
    UploadLimit {
        /// Bytes asked for.
        asked: u64,
        /// Bytes left.
        left: u64,
        /// The batch's limit.
        limit: u64,
    },
    /// An upload that another batch made.
    #[error("this upload belongs to batch {upload}, not to batch {batch}; pass the batch that made it")]
    ForeignUpload {
        /// The batch that made the upload.
        upload: u64,
        /// The batch that was passed.
        batch: u64,
    },
    /// A batch of another GPU.
    #[error("this upload batch belongs to another GPU than the renderer; make it with the renderer's own")]
    ForeignGpu,
    /// A mesh whose counts reach past its bytes, or that is empty.
    #[error(
        "a mesh of {vertex_count} vertices and {index_count} indices does not fit its {vertex_bytes} + {index_bytes} bytes"
    )]
    MeshInvalid {
        /// Vertices claimed.
        vertex_count: u32,
        /// Indices claimed.
        index_count: u32,
        /// Bytes of vertices uploaded.
        vertex_bytes: u64,
        /// Bytes of indices uploaded.
        index_bytes: u64,
    },
    /// A table of the renderer is full.
    #[error("the renderer holds {limit} {what} and has no room for more; raise `RendererLimits::{field}`")]
    LimitReached {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        limit: u32,
        /// The limit to raise.
        field: &'static str,
    },
    /// A handle whose object has been destroyed.
    #[error("this {what} has been destroyed; make a new one")]
    StaleHandle {
        /// What it named.
        what: &'static str,
    },
    /// A sample count that is neither 1 nor 4.
    #[error("{samples} samples per pixel are not offered; ask for 1 or 4")]
    Samples {
        /// What was asked for.
        samples: u32,
    },
    /// `draw_frame` or `end_frame` without a `begin_frame` that returned `Ready`.
    #[error("no frame is open; call begin_frame first and draw only when it returns Ready")]
    NoFrame,
    /// A target that no view has been drawn to yet can't be read.
    #[error("the target has not been drawn to yet; draw a frame before reading it")]
    TargetEmpty,
    /// A texture update of the UI that does not add up.
    #[error("UI texture {id}: an update of {width} x {height} pixels does not fit its {bytes} bytes or its texture")]
    UiTexture {
        /// The texture's slot.
        id: u32,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Bytes passed.
        bytes: u64,
    },
}

impl RenderError {
    /// The typed error for what a Vulkan call returned.
    #[cold]
    pub(crate) fn from_vulkan(operation: &'static str, result: vk::Result) -> RenderError {
        match result {
            vk::Result::ERROR_DEVICE_LOST => RenderError::DeviceLost { operation },
            vk::Result::ERROR_SURFACE_LOST_KHR | vk::Result::ERROR_NATIVE_WINDOW_IN_USE_KHR => {
                RenderError::SurfaceLost { operation }
            }
            vk::Result::ERROR_OUT_OF_HOST_MEMORY => RenderError::OutOfHostMemory { operation },
            vk::Result::ERROR_OUT_OF_DEVICE_MEMORY => RenderError::OutOfDeviceMemory { operation, asked: 0 },
            result => RenderError::Vulkan { operation, result },
        }
    }

    /// Whether memory is out, the host's or the GPU's: what failed may work later, with less.
    pub fn is_out_of_memory(&self) -> bool {
        let is_driver = matches!(self, RenderError::OutOfDeviceMemory { .. } | RenderError::OutOfHostMemory { .. });
        is_driver || matches!(self, RenderError::Memory(_))
    }

    /// Whether there is no GPU to work with, or no longer: the cases for exit code 5.
    pub fn is_gpu_unusable(&self) -> bool {
        matches!(
            self,
            RenderError::NoLoader
                | RenderError::NoDevice { .. }
                | RenderError::NoWindowSupport { .. }
                | RenderError::WindowHandle
                | RenderError::DeviceLost { .. }
                | RenderError::SurfaceLost { .. }
                | RenderError::OutOfDeviceMemory { .. }
                | RenderError::OutOfHostMemory { .. }
                | RenderError::Vulkan { .. }
        )
    }
}

/// Adds the name of the call to what it returned.
pub(crate) trait Named<T> {
    fn named(self, operation: &'static str) -> Result<T, RenderError>;
}

impl<T> Named<T> for Result<T, vk::Result> {
    fn named(self, operation: &'static str) -> Result<T, RenderError> {
        self.map_err(|result| RenderError::from_vulkan(operation, result))
    }
}
