//! The GPU: instance, device, queue, memory allocator, and the host memory that the driver takes.
//!
//! Shared by `&'app Gpu`; [`Gpu`] is `Sync`, so that loaders on other threads can fill [`UploadBatch`]es.
//!
//! # Invariants
//! 1. Only the renderer submits work.
//! 2. The driver's host memory lies in a root reservation of the `Gpu`'s own, unmapped after the instance is gone.

use std::sync::atomic::{AtomicU64, Ordering};

use ash::vk;
use voltrum_memory::{ArenaBox, ArenaView, GpuReport, HeapStats, MemoryError, Tag, TagReport, Tagged};
use voltrum_platform::Window;

use crate::driver::Driver;
use crate::error::RenderError;
use crate::image_format::ImageFormat;
use crate::uploads::UploadBatch;
use crate::usage::{GpuLifetime, GpuTag, GpuTagUsage, GpuUsage};
use crate::vulkan::Device;
use crate::vulkan::host_memory::HostMemory;
use crate::vulkan::instance::Instance;
use crate::vulkan::physical::PhysicalDevice;
use crate::vulkan::surface::Surface;

/// How to open the GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuConfig {
    /// Whose Vulkan to open.
    pub driver: Driver,
    /// Turns the validation layers on; where they are not installed, a warning is logged.
    pub validation: bool,
    /// Address space for what the driver allocates on the host through Vulkan's callbacks.
    pub host_heap_bytes: usize,
}

impl Default for GpuConfig {
    fn default() -> Self {
        GpuConfig { driver: Driver::System, validation: cfg!(debug_assertions), host_heap_bytes: 256 << 20 }
    }
}

/// An open GPU.
pub struct Gpu {
    device: Device,
    next_batch: AtomicU64,
}

/// Opens the best GPU there is; with a window, one that can present to it. On failure nothing is left open.
///
/// # Errors
/// [`RenderError::NoLoader`] and [`RenderError::NoDevice`] say what to install.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    window: Option<&'app Window>,
    config: &GpuConfig,
) -> Result<ArenaBox<'app, Gpu>, RenderError> {
    let window = window.filter(|window| can_present(config.driver, window));
    let host = HostMemory::try_reserve(config.host_heap_bytes, config.driver)?;
    let instance = Instance::try_new(host, window, config)?;
    let physical = {
        let surface = window.map(|window| Surface::try_new(&instance, window)).transpose()?;
        PhysicalDevice::try_choose(&instance, surface.as_ref())?
    };
    let device = Device::try_new(instance, physical, window.is_some())?;
    let physical = device.physical();
    let (driver, detail) = (physical.driver(), physical.driver_detail());
    tracing::info!(device = physical.name(), driver, detail, "GPU opened");
    Ok(permanent.with_tag(Tag::RENDERER).try_alloc_box(Gpu { device, next_batch: AtomicU64::new(1) })?)
}

impl Gpu {
    /// The device's name.
    pub fn device_name(&self) -> &str {
        self.device.physical().name()
    }

    /// The driver's name.
    pub fn driver_name(&self) -> &str {
        self.device.physical().driver()
    }

    /// The driver's version and details, in its own words.
    pub fn driver_detail(&self) -> &str {
        self.device.physical().driver_detail()
    }

    /// Major, minor and patch of the Vulkan version that the device offers.
    pub fn api_version(&self) -> [u32; 3] {
        let version = self.device.physical().api_version;
        [vk::api_version_major(version), vk::api_version_minor(version), vk::api_version_patch(version)]
    }

    /// Whether the device is a software driver.
    pub fn is_software(&self) -> bool {
        self.device.physical().software
    }

    /// Whether the validation layers are on.
    pub fn is_validated(&self) -> bool {
        self.device.instance().has_messenger()
    }

    /// Warnings and errors that the validation layers have reported.
    pub fn validation_messages(&self) -> u64 {
        self.device.instance().host().messages()
    }

    /// The longest side of an image, in pixels.
    pub fn image_side_max(&self) -> u32 {
        self.device.physical().limits.max_image_dimension2_d
    }

    /// Whether images of this format can be sampled with a linear filter.
    pub fn supports(&self, format: ImageFormat) -> bool {
        let needed = vk::FormatFeatureFlags::SAMPLED_IMAGE
            | vk::FormatFeatureFlags::SAMPLED_IMAGE_FILTER_LINEAR
            | vk::FormatFeatureFlags::TRANSFER_DST;
        let enabled = format.block_side() == 1 || self.device.physical().block_compression;
        enabled && self.device.format_features(format.raw()).contains(needed)
    }

    /// Whether views can be drawn as wireframes; where not, they are drawn as solid surfaces.
    pub fn has_wireframe(&self) -> bool {
        self.device.physical().wireframe
    }

    /// GPU memory in use.
    pub fn usage(&self) -> GpuUsage {
        self.device.account().usage()
    }

    /// Bytes that the driver has handed out in blocks; more than what is used. Walks all blocks: not for every frame.
    pub fn blocks_bytes(&self) -> u64 {
        self.device.blocks_bytes()
    }

    /// GPU memory as a part of the memory report; its rows are kept in `memory`.
    ///
    /// # Errors
    /// When the arena is full.
    pub fn report<'a>(&'a self, memory: Tagged<'a>) -> Result<GpuReport<'a>, MemoryError> {
        let usage = self.usage();
        let row = |tag: GpuTag| {
            let GpuTagUsage { bytes, count } = usage.tag(tag);
            let (name, description) = (tag.tag().name(), tag.description());
            TagReport {
                name,
                description,
                bytes: bytes as usize,
                peak: self.device.account().peak(tag) as usize,
                count: count as usize,
            }
        };
        let bytes = |lifetime| usage.lifetime(lifetime) as usize;
        Ok(GpuReport {
            device: self.device_name(),
            used: usage.used_bytes as usize,
            permanent: bytes(GpuLifetime::Permanent),
            scene: bytes(GpuLifetime::Scene),
            frame: bytes(GpuLifetime::Frame),
            tags: memory.try_alloc_slice_fill_with(GpuTag::COUNT, |index| row(GpuTag::ALL[index]))?,
        })
    }

    /// What the driver has taken through Vulkan's allocation callbacks.
    pub fn host_heap(&self) -> HeapStats {
        self.device.instance().host().stats()
    }

    /// The arena behind [`Gpu::host_heap`], for the memory report.
    pub fn host_view(&self) -> ArenaView<'_> {
        self.device.instance().host().heap().view()
    }

    /// Vulkan objects that are alive, device and instance aside.
    pub fn live_objects(&self) -> u64 {
        self.device.account().objects()
    }

    /// A batch for up to `limit_bytes` of uploads, to be filled on any thread.
    pub fn upload_batch(&self, limit_bytes: u64) -> UploadBatch<'_> {
        UploadBatch::new(self, self.next_batch.fetch_add(1, Ordering::Relaxed), limit_bytes)
    }

    /// Whether frames can be shown in `window`.
    pub(crate) fn can_present(&self, window: &Window) -> bool {
        can_present(self.device.instance().driver(), window)
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }
}

/// A window without a screen shows frames to the stub alone.
fn can_present(driver: Driver, window: &Window) -> bool {
    !window.is_headless() || driver.is_stub()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sync<T: Sync>() {}
    fn is_send<T: Send>() {}

    #[test]
    fn the_gpu_is_shared_between_threads_and_batches_travel() {
        is_sync::<Gpu>();
        is_send::<UploadBatch<'_>>();
    }
}
