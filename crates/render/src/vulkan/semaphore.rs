//! Semaphores: binary ones for the swapchain, a timeline for everything else.

use ash::vk;

use super::device::Device;
use crate::error::{Named, RenderError};

/// A binary semaphore, between queue and window system.
pub(crate) struct Semaphore<'gpu> {
    device: &'gpu Device,
    raw: vk::Semaphore,
}

impl<'gpu> Semaphore<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device) -> Result<Semaphore<'gpu>, RenderError> {
        let raw = create(device, vk::SemaphoreType::BINARY)?;
        Ok(Semaphore { device, raw })
    }

    pub(crate) fn raw(&self) -> vk::Semaphore {
        self.raw
    }
}

impl Drop for Semaphore<'_> {
    fn drop(&mut self) {
        destroy(self.device, self.raw);
    }
}

/// Counts submissions: its value is the serial of the last one that the GPU has finished.
pub(crate) struct Timeline<'gpu> {
    device: &'gpu Device,
    raw: vk::Semaphore,
}

impl<'gpu> Timeline<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device) -> Result<Timeline<'gpu>, RenderError> {
        let raw = create(device, vk::SemaphoreType::TIMELINE)?;
        Ok(Timeline { device, raw })
    }

    pub(crate) fn raw(&self) -> vk::Semaphore {
        self.raw
    }

    /// The last serial that is done.
    pub(crate) fn completed(&self) -> Result<u64, RenderError> {
        // SAFETY: the semaphore is live and a timeline.
        unsafe { self.device.raw().get_semaphore_counter_value(self.raw) }.named("vkGetSemaphoreCounterValue")
    }

    /// Blocks until `serial` is done.
    pub(crate) fn wait(&self, serial: u64) -> Result<(), RenderError> {
        let semaphores = [self.raw];
        let values = [serial];
        let info = vk::SemaphoreWaitInfo::default().semaphores(&semaphores).values(&values);
        // SAFETY: the semaphore is live and a timeline; the value has been submitted, so the wait ends.
        unsafe { self.device.raw().wait_semaphores(&info, u64::MAX) }.named("vkWaitSemaphores")
    }
}

impl Drop for Timeline<'_> {
    fn drop(&mut self) {
        destroy(self.device, self.raw);
    }
}

fn create(device: &Device, kind: vk::SemaphoreType) -> Result<vk::Semaphore, RenderError> {
    let mut kind = vk::SemaphoreTypeCreateInfo::default().semaphore_type(kind);
    let info = vk::SemaphoreCreateInfo::default().push_next(&mut kind);
    // SAFETY: the device is live and has timeline semaphores on.
    let raw = unsafe { device.raw().create_semaphore(&info, device.callbacks()) }.named("vkCreateSemaphore")?;
    device.account().born();
    Ok(raw)
}

fn destroy(device: &Device, raw: vk::Semaphore) {
    // SAFETY: made from this device, destroyed once; the owner waited for the GPU (module invariant 1).
    unsafe { device.raw().destroy_semaphore(raw, device.callbacks()) };
    device.account().gone();
}
