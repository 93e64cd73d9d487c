//! The logical device with its queue, its memory allocator and its account.
//!
//! # Invariants
//! 1. The queue is used only under its lock.
//! 2. Children borrow the device. If some were leaked (`mem::forget`), dropping the device leaks it too: an open
//!    device with its arena harms nobody, a destroyed one with live children would.
//!
//! # Deliberately absent
//! No pool of memory for each lifetime. Vulkan has no way to destroy buffers, images and views but one by one, and that is most
//! of what a closed project costs: for 10,000 objects 13 ms in Mesa's software driver, of which 2 ms are the allocator's and
//! ours. A pool would save half of the latter; the allocator gives empty blocks back either way (156 MiB before the close, 4 MiB
//! after it). What is retired is freed over a few frames instead (`retired.rs`), so that none is longer for it.

use std::ffi::c_char;
use std::mem::ManuallyDrop;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ash::{khr, vk};
use voltrum_memory::{Tag, heap_scope};

use super::account::Account;
use super::instance::Instance;
use super::physical::PhysicalDevice;
use crate::early_pipelines::PipelineNeeds;
use crate::error::{Named, RenderError};

/// Blocks that the allocator asks the driver for; small enough that a small scene stays small.
const BLOCK_BYTES: u64 = 32 << 20;
/// Host memory that the memory allocator is sure to start with (measured: 0.3 MiB).
const ALLOCATOR_BYTES: usize = 1 << 20;
/// Host memory for the records of one more block of GPU memory.
const RECORDS_BYTES_MIN: usize = 256 << 10;
/// What the allocator keeps of one allocation, rounded up.
const RECORD_BYTES: usize = 128;

pub(crate) struct Device {
    raw: ash::Device,
    swapchain: Option<khr::swapchain::Device>,
    queue: Mutex<vk::Queue>,
    allocator: ManuallyDrop<vk_mem::Allocator>,
    account: Account,
    pipeline_needs: PipelineNeeds,
    physical: PhysicalDevice,
    instance: ManuallyDrop<Instance>,
}

impl Device {
    /// Opens the chosen device. `presents` asks for the swapchain.
    pub(crate) fn try_new(instance: Instance, physical: PhysicalDevice, presents: bool) -> Result<Device, RenderError> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let priorities = [1.0];
        let queues =
            [vk::DeviceQueueCreateInfo::default().queue_family_index(physical.family).queue_priorities(&priorities)];
        let mut extensions = [std::ptr::null::<c_char>(); 1];
        let mut count = 0;
        if presents {
            extensions[count] = khr::swapchain::NAME.as_ptr();
            count += 1;
        }
        // Robust access makes a wrong index in a mesh read zeros instead of someone else's memory.
        let features = vk::PhysicalDeviceFeatures::default()
            .robust_buffer_access(true)
            .sampler_anisotropy(physical.anisotropy)
            .texture_compression_bc(physical.block_compression)
            .fill_mode_non_solid(physical.wireframe)
            .alpha_to_one(physical.alpha_to_one)
            .dual_src_blend(physical.dual_source);
        let mut features12 = vk::PhysicalDeviceVulkan12Features::default().timeline_semaphore(true);
        // Every device of this version has the last of these: pipelines outlive the layout that they were made with.
        let mut features13 = vk::PhysicalDeviceVulkan13Features::default()
            .dynamic_rendering(true)
            .synchronization2(true)
            .maintenance4(true);
        let info = vk::DeviceCreateInfo::default()
            .queue_create_infos(&queues)
            .enabled_extension_names(&extensions[..count])
            .enabled_features(&features)
            .push_next(&mut features12)
            .push_next(&mut features13);
        // SAFETY:
        // - the physical device belongs to this instance and has what is asked for (`PhysicalDevice::try_choose`);
        // - the callbacks outlive the device: the instance owns them and goes after it.
        let raw = unsafe { instance.raw().create_device(physical.raw, &info, Some(instance.host().callbacks())) }
            .named("vkCreateDevice")?;

        let mut info = vk_mem::AllocatorCreateInfo::new(instance.raw(), &raw, physical.raw);
        info.vulkan_api_version = vk::API_VERSION_1_3;
        info.allocation_callbacks = Some(instance.host().allocator_callbacks());
        info.preferred_large_heap_block_size = BLOCK_BYTES;
        let room = instance.host().check_room(ALLOCATOR_BYTES);
        // SAFETY: instance and device are live and outlive the allocator (`Drop` below).
        let allocator = room.and_then(|()| unsafe { vk_mem::Allocator::new(info) });
        let allocator = match allocator {
            Ok(allocator) => allocator,
            Err(result) => {
                // SAFETY: nothing has been made from the device yet.
                unsafe { raw.destroy_device(Some(instance.host().callbacks())) };
                return Err(RenderError::from_vulkan("vmaCreateAllocator", result));
            }
        };
        // SAFETY: the family was asked for with one queue.
        let queue = unsafe { raw.get_device_queue(physical.family, 0) };
        let swapchain = presents.then(|| khr::swapchain::Device::new(instance.raw(), &raw));
        Ok(Device {
            raw,
            swapchain,
            queue: Mutex::new(queue),
            allocator: ManuallyDrop::new(allocator),
            account: Account::default(),
            pipeline_needs: PipelineNeeds::default(),
            physical,
            instance: ManuallyDrop::new(instance),
        })
    }

    pub(crate) fn raw(&self) -> &ash::Device {
        &self.raw
    }

    pub(crate) fn allocator(&self) -> &vk_mem::Allocator {
        &self.allocator
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn pipeline_needs(&self) -> &PipelineNeeds {
        &self.pipeline_needs
    }

    pub(crate) fn physical(&self) -> &PhysicalDevice {
        &self.physical
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    pub(crate) fn swapchain(&self) -> Option<&khr::swapchain::Device> {
        self.swapchain.as_ref()
    }

    /// What every create and destroy call is passed.
    pub(crate) fn callbacks(&self) -> Option<&vk::AllocationCallbacks<'static>> {
        Some(self.instance.host().callbacks())
    }

    /// The queue, for this thread alone until the guard goes.
    pub(crate) fn queue(&self) -> MutexGuard<'_, vk::Queue> {
        // A panic elsewhere can't leave a handle half-written.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be asked before the memory allocator: whether there is host memory for its records.
    pub(crate) fn grant(&self) -> Result<(), vk::Result> {
        // The allocator keeps its records in blocks, each half as large again as the one before.
        let records = self.account.objects() as usize * RECORD_BYTES;
        self.instance.host().check_room(RECORDS_BYTES_MIN + records / 2)?;
        #[cfg(feature = "stub")]
        if self.instance.driver().faults().is_some_and(super::faults::GpuFaults::refuses_device) {
            return Err(vk::Result::ERROR_OUT_OF_DEVICE_MEMORY);
        }
        Ok(())
    }

    /// Blocks until the GPU has nothing left to do.
    pub(crate) fn wait_idle(&self) -> Result<(), RenderError> {
        let _queue = self.queue();
        // SAFETY: the device is live and its only queue is locked, as the call demands.
        unsafe { self.raw.device_wait_idle() }.named("vkDeviceWaitIdle")
    }

    /// Bytes in the blocks that the driver has handed out.
    pub(crate) fn blocks_bytes(&self) -> u64 {
        self.allocator.calculate_statistics().map_or(0, |statistics| statistics.total.statistics.blockBytes)
    }

    /// What the device can do with images of `format` in optimal tiling.
    pub(crate) fn format_features(&self, format: vk::Format) -> vk::FormatFeatureFlags {
        // SAFETY: the physical device is the live instance's.
        unsafe { self.instance.raw().get_physical_device_format_properties(self.physical.raw, format) }
            .optimal_tiling_features
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // A lost device is idle enough.
        let _ = self.wait_idle();
        let leaked = self.account.objects();
        if leaked != 0 {
            tracing::error!("{leaked} Vulkan objects were leaked; the device stays open (invariant 2)");
            return;
        }
        let _foreign = heap_scope(Tag::FOREIGN);
        // SAFETY:
        // - dropped once, in the order allocator, device, instance, each child before its parent;
        // - no object made from the device is left: all are counted.
        unsafe {
            ManuallyDrop::drop(&mut self.allocator);
            self.raw.destroy_device(Some(self.instance.host().callbacks()));
            ManuallyDrop::drop(&mut self.instance);
        }
    }
}
