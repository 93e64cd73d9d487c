//! The queue, and semaphores of both kinds.
//!
//! Work is done when it is submitted. While the stub holds the GPU back, timelines show that only to those who wait.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use ash::vk;
use ash::vk::Handle;

use super::Stub;
use super::control::Can;
use super::object::{self, Callbacks, Kind, result, stub_of};

struct Semaphore {
    is_timeline: bool,
    /// The last value that was submitted.
    submitted: AtomicU64,
    /// The last value that the host may see.
    seen: AtomicU64,
    signalled: AtomicBool,
}

impl Semaphore {
    fn catch_up(&self) -> u64 {
        let value = self.submitted.load(Relaxed);
        self.seen.store(value, Relaxed);
        value
    }

    /// What the host sees.
    fn value(&self, stub: &Stub) -> u64 {
        if stub.is_held() { self.seen.load(Relaxed) } else { self.catch_up() }
    }
}

/// The GPU has done everything, held back or not.
pub(super) fn finish(stub: &Stub) {
    for place in stub.timelines() {
        let raw = place.load(Relaxed);
        if raw != 0 {
            // SAFETY: a live semaphore: `destroy_semaphore` takes it from the list.
            if let Some(semaphore) = unsafe { object::get::<Semaphore>(stub, Kind::Semaphore, raw) } {
                semaphore.body.catch_up();
            }
        }
    }
}

/// # Safety
/// Called as `vkCreateSemaphore`.
pub(super) unsafe extern "system" fn create_semaphore(
    device: vk::Device,
    info: *const vk::SemaphoreCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::Semaphore,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's; each structure of a chain is told by its type.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkCreateSemaphore", Can::MEMORY)?;
            let kind = (*info).p_next.cast::<vk::SemaphoreTypeCreateInfo<'_>>().as_ref();
            let kind = kind.filter(|kind| kind.s_type == vk::StructureType::SEMAPHORE_TYPE_CREATE_INFO);
            let is_timeline = kind.is_some_and(|kind| kind.semaphore_type == vk::SemaphoreType::TIMELINE);
            let value = kind.map_or(0, |kind| kind.initial_value);
            let body = Semaphore {
                is_timeline,
                submitted: AtomicU64::new(value),
                seen: AtomicU64::new(value),
                signalled: AtomicBool::new(false),
            };
            let raw = object::create(stub, Kind::Semaphore, callbacks, body)?;
            if is_timeline {
                let free = stub.timelines().iter().find(|place| place.load(Relaxed) == 0);
                match free {
                    Some(place) => place.store(raw, Relaxed),
                    None => stub.misuse("more timelines than the stub keeps in mind"),
                }
            }
            out.write(vk::Semaphore::from_raw(raw));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroySemaphore`.
pub(super) unsafe extern "system" fn destroy_semaphore(
    device: vk::Device,
    semaphore: vk::Semaphore,
    callbacks: Callbacks<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        let raw = semaphore.as_raw();
        if let Some(place) = stub.timelines().iter().find(|place| place.load(Relaxed) == raw && raw != 0) {
            place.store(0, Relaxed);
        }
        object::destroy::<Semaphore>(stub, Kind::Semaphore, raw, callbacks);
    }
}

/// # Safety
/// Called as `vkGetSemaphoreCounterValue`.
pub(super) unsafe extern "system" fn counter_value(
    device: vk::Device,
    semaphore: vk::Semaphore,
    out: *mut u64,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkGetSemaphoreCounterValue", Can::MEMORY.or(Can::LOST))?;
            let semaphore = object::get::<Semaphore>(stub, Kind::Semaphore, semaphore.as_raw());
            out.write(semaphore.map_or(0, |semaphore| semaphore.body.value(stub)));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkWaitSemaphores`.
pub(super) unsafe extern "system" fn wait_semaphores(
    device: vk::Device,
    info: *const vk::SemaphoreWaitInfo<'_>,
    _timeout: u64,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkWaitSemaphores", Can::MEMORY.or(Can::LOST))?;
            for index in 0..(*info).semaphore_count as usize {
                let (raw, wanted) = ((*(*info).p_semaphores.add(index)).as_raw(), *(*info).p_values.add(index));
                let Some(semaphore) = object::get::<Semaphore>(stub, Kind::Semaphore, raw) else { continue };
                let semaphore = &semaphore.body;
                if semaphore.value(stub) >= wanted {
                    continue;
                }
                if semaphore.submitted.load(Relaxed) < wanted {
                    stub.misuse("the wait is for a value that was never submitted: it would not end");
                }
                stub.stall();
                semaphore.seen.store(wanted, Relaxed);
            }
        }
        Ok(())
    })
}

/// Waits for a binary semaphore on the queue.
///
/// # Safety
/// `raw` is a semaphore's handle.
pub(super) unsafe fn consume(stub: &Stub, raw: u64) {
    // SAFETY: the contract.
    let Some(semaphore) = (unsafe { object::get::<Semaphore>(stub, Kind::Semaphore, raw) }) else { return };
    if !semaphore.body.is_timeline && !semaphore.body.signalled.swap(false, Relaxed) {
        stub.misuse("the queue waits for a semaphore that nothing signals");
    }
}

/// Signals a binary semaphore, or moves a timeline on.
///
/// # Safety
/// `raw` is a semaphore's handle.
pub(super) unsafe fn signal(stub: &Stub, raw: u64, value: u64) {
    // SAFETY: the contract.
    let Some(semaphore) = (unsafe { object::get::<Semaphore>(stub, Kind::Semaphore, raw) }) else { return };
    let semaphore = &semaphore.body;
    if semaphore.is_timeline {
        if semaphore.submitted.swap(value, Relaxed) >= value {
            stub.misuse("a timeline does not grow");
        }
    } else if semaphore.signalled.swap(true, Relaxed) {
        stub.misuse("a semaphore is signalled twice without a wait between");
    }
}

/// # Safety
/// Called as `vkQueueSubmit2`.
pub(super) unsafe extern "system" fn submit(
    queue: vk::Queue,
    count: u32,
    submits: *const vk::SubmitInfo2<'_>,
    _fence: vk::Fence,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(queue);
            stub.enter("vkQueueSubmit2", Can::MEMORY.or(Can::LOST))?;
            for submit in (0..count as usize).map(|index| &*submits.add(index)) {
                for index in 0..submit.wait_semaphore_info_count as usize {
                    consume(stub, (*submit.p_wait_semaphore_infos.add(index)).semaphore.as_raw());
                }
                for index in 0..submit.signal_semaphore_info_count as usize {
                    let info = &*submit.p_signal_semaphore_infos.add(index);
                    signal(stub, info.semaphore.as_raw(), info.value);
                }
            }
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkQueueWaitIdle`.
pub(super) unsafe extern "system" fn wait_idle(queue: vk::Queue) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        let stub = unsafe { stub_of(queue) };
        stub.enter("vkQueueWaitIdle", Can::MEMORY.or(Can::LOST))?;
        finish(stub);
        stub.idle();
        Ok(())
    })
}
