//! Frames in flight: command buffers, rings, and the timeline that says which are done.
//!
//! # Invariants
//! 1. A slot is reused only after the GPU has finished its last submission.
//! 2. Serials grow by one with each submission; the timeline reaches a serial when everything up to it is done.

use ash::vk;

use super::buffer::Buffer;
use super::command::{CommandPool, Commands};
use super::descriptor::{DescriptorPools, DescriptorSet, SetLayout};
use super::device::Device;
use super::ring::Ring;
use super::semaphore::{Semaphore, Timeline};
use crate::error::{Named, RenderError};

/// How many frames the host may be ahead of the GPU.
pub(crate) const FRAMES_IN_FLIGHT: usize = 2;

struct Slot<'gpu> {
    pool: CommandPool<'gpu>,
    ring: Ring<'gpu>,
    acquired: Semaphore<'gpu>,
    view_set: DescriptorSet,
    serial: u64,
}

/// What a submission waits for and signals besides the timeline: the swapchain's semaphores.
#[derive(Clone, Copy, Default)]
pub(crate) struct Presentation {
    /// Waited for, where the frame draws to an image that has just been acquired.
    pub(crate) acquired: Option<vk::Semaphore>,
    /// Signalled, where the image is presented next.
    pub(crate) finished: Option<vk::Semaphore>,
}

pub(crate) struct Frames<'gpu> {
    device: &'gpu Device,
    slots: [Slot<'gpu>; FRAMES_IN_FLIGHT],
    current: usize,
    immediate: CommandPool<'gpu>,
    timeline: Timeline<'gpu>,
    submitted: u64,
}

impl<'gpu> Frames<'gpu> {
    /// `view_bytes` is the size of a view's uniforms.
    pub(crate) fn try_new(
        device: &'gpu Device,
        ring_bytes: u64,
        sets: &mut DescriptorPools<'gpu>,
        view_layout: &SetLayout<'gpu>,
        view_bytes: u64,
    ) -> Result<Frames<'gpu>, RenderError> {
        let mut slot = || {
            let ring = Ring::try_new(device, ring_bytes)?;
            let view_set = sets.try_allocate(view_layout)?;
            sets.write_view(view_set, ring.buffer(), view_bytes, ring.buffer());
            Ok::<_, RenderError>(Slot {
                pool: CommandPool::try_new(device)?,
                ring,
                acquired: Semaphore::try_new(device)?,
                view_set,
                serial: 0,
            })
        };
        Ok(Frames {
            device,
            slots: [slot()?, slot()?],
            current: 0,
            immediate: CommandPool::try_new(device)?,
            timeline: Timeline::try_new(device)?,
            submitted: 0,
        })
    }

    /// Waits until the next slot is free; the earlier the frame begins, the less there is to wait for.
    pub(crate) fn wait_for_slot(&mut self) -> Result<(), RenderError> {
        self.wait(self.slots[self.current].serial)
    }

    /// Opens the slot's command buffer and empties its ring. Call [`Frames::wait_for_slot`] first.
    pub(crate) fn begin(&mut self) -> Result<(), RenderError> {
        let slot = &mut self.slots[self.current];
        slot.ring.clear();
        slot.pool.begin()
    }

    pub(crate) fn commands(&self) -> Commands<'gpu> {
        self.slots[self.current].pool.commands()
    }

    pub(crate) fn ring(&mut self) -> &mut Ring<'gpu> {
        &mut self.slots[self.current].ring
    }

    /// Which slot the open frame has.
    pub(crate) fn current(&self) -> usize {
        self.current
    }

    /// The buffer of a slot's ring.
    pub(crate) fn ring_of(&self, slot: usize) -> &Buffer<'gpu> {
        self.slots[slot].ring.buffer()
    }

    /// Blocks until a submission is done.
    pub(crate) fn wait_for(&self, serial: u64) -> Result<(), RenderError> {
        self.timeline.wait(serial)
    }

    pub(crate) fn view_set(&self) -> DescriptorSet {
        self.slots[self.current].view_set
    }

    /// The semaphore that the swapchain signals for this frame.
    pub(crate) fn acquired(&self) -> vk::Semaphore {
        self.slots[self.current].acquired.raw()
    }

    /// The last serial that the GPU has finished.
    pub(crate) fn completed(&self) -> Result<u64, RenderError> {
        self.timeline.completed()
    }

    /// The serial of the last submission.
    pub(crate) fn submitted(&self) -> u64 {
        self.submitted
    }

    /// The most that any frame has taken from its ring.
    pub(crate) fn ring_peak(&self) -> u64 {
        self.slots.iter().map(|slot| slot.ring.peak()).max().unwrap_or(0)
    }

    /// Closes the frame and hands it to the GPU.
    pub(crate) fn submit(&mut self, presentation: Presentation) -> Result<(), RenderError> {
        let slot = &mut self.slots[self.current];
        slot.ring.flush()?;
        slot.pool.end()?;
        let buffer = slot.pool.buffer();
        self.submit_buffer(buffer, presentation)?;
        self.slots[self.current].serial = self.submitted;
        self.current = (self.current + 1) % FRAMES_IN_FLIGHT;
        Ok(())
    }

    /// Submits what the open frame holds so far, waits for it, and opens the same slot again.
    pub(crate) fn flush(&mut self, presentation: Presentation) -> Result<(), RenderError> {
        let slot = &mut self.slots[self.current];
        slot.ring.flush()?;
        slot.pool.end()?;
        let buffer = slot.pool.buffer();
        self.submit_buffer(buffer, presentation)?;
        self.wait(self.submitted)?;
        self.begin()
    }

    /// Records, submits, and waits until it is done.
    pub(crate) fn run_now(&mut self, record: impl FnOnce(Commands<'gpu>)) -> Result<(), RenderError> {
        self.begin_immediate()?;
        record(self.immediate());
        self.finish_immediate()
    }

    /// Opens a command buffer outside of frames.
    pub(crate) fn begin_immediate(&mut self) -> Result<(), RenderError> {
        self.immediate.begin()
    }

    pub(crate) fn immediate(&self) -> Commands<'gpu> {
        self.immediate.commands()
    }

    /// Submits that command buffer and waits until it is done.
    pub(crate) fn finish_immediate(&mut self) -> Result<(), RenderError> {
        self.immediate.end()?;
        self.submit_buffer(self.immediate.buffer(), Presentation::default())?;
        self.wait(self.submitted)
    }

    /// Blocks until everything submitted is done.
    pub(crate) fn wait_for_all(&self) -> Result<(), RenderError> {
        self.wait(self.submitted)
    }

    /// Waits for a serial; where the wait itself fails, for the device, since what follows relies on it.
    fn wait(&self, serial: u64) -> Result<(), RenderError> {
        match self.timeline.wait(serial) {
            Err(error) if !matches!(error, RenderError::DeviceLost { .. }) => {
                self.device.wait_idle().map_err(|_| error)
            }
            result => result,
        }
    }

    fn submit_buffer(&mut self, buffer: vk::CommandBuffer, presentation: Presentation) -> Result<(), RenderError> {
        use vk::PipelineStageFlags2 as Stage;
        let semaphore =
            |raw, value, stages| vk::SemaphoreSubmitInfo::default().semaphore(raw).value(value).stage_mask(stages);
        let serial = self.submitted + 1;
        let buffers = [vk::CommandBufferSubmitInfo::default().command_buffer(buffer)];
        let none = vk::Semaphore::null();
        let waits = [semaphore(presentation.acquired.unwrap_or(none), 0, Stage::COLOR_ATTACHMENT_OUTPUT)];
        let signals = [
            semaphore(self.timeline.raw(), serial, Stage::ALL_COMMANDS),
            semaphore(presentation.finished.unwrap_or(none), 0, Stage::ALL_COMMANDS),
        ];
        let info = vk::SubmitInfo2::default()
            .command_buffer_infos(&buffers)
            .wait_semaphore_infos(&waits[..usize::from(presentation.acquired.is_some())])
            .signal_semaphore_infos(&signals[..1 + usize::from(presentation.finished.is_some())]);
        let submit = || {
            let queue = self.device.queue();
            // SAFETY:
            // - the queue is ours alone while its guard lives;
            // - the buffer is closed and not pending; the semaphores named are live and, the binary ones, unsignalled.
            unsafe { self.device.raw().queue_submit2(*queue, &[info], vk::Fence::null()) }
        };
        submit().or_else(|result| match result {
            // Memory comes back when the GPU is done; what failed has changed nothing ("vkQueueSubmit2").
            vk::Result::ERROR_OUT_OF_HOST_MEMORY | vk::Result::ERROR_OUT_OF_DEVICE_MEMORY => {
                self.device.wait_idle().and_then(|()| submit().named("vkQueueSubmit2"))
            }
            result => Err(RenderError::from_vulkan("vkQueueSubmit2", result)),
        })?;
        self.submitted = serial;
        Ok(())
    }
}
