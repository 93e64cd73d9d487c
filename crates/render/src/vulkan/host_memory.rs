//! Host memory for the driver: `VkAllocationCallbacks` that serve every Vulkan object from one arena.
//!
//! # Invariants
//! 1. Everything that driver threads reach through the callbacks ([`Shared`]) lies in the heap's own root
//!    reservation. Whoever forgets a [`HostMemory`] leaks that reservation; nothing is left dangling.
//! 2. Whoever calls the memory allocator sees to room for it first ([`HostMemory::check_room`]): it aborts where it
//!    gets none for its own records.
//! 3. The reservation goes when the `HostMemory` is dropped, which its owner does after the instance is gone.

use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};

use ash::vk;
use voltrum_memory::{ArenaHeap, HeapStats, Tag};

use crate::driver::Driver;
use crate::error::RenderError;

/// What callbacks on any thread may touch.
pub(crate) struct Shared {
    heap: ArenaHeap,
    /// Warnings and errors of the validation layer.
    pub(crate) messages: AtomicU64,
    #[cfg(feature = "stub")]
    faults: Option<&'static super::faults::GpuFaults>,
}

impl Shared {
    /// Whether a test wants this request refused.
    fn refuses(&self) -> bool {
        #[cfg(feature = "stub")]
        return self.faults.is_some_and(super::faults::GpuFaults::refuses_host);
        #[cfg(not(feature = "stub"))]
        false
    }
}

/// Owns the heap that the driver allocates from.
pub(crate) struct HostMemory {
    shared: NonNull<Shared>,
    callbacks: vk::AllocationCallbacks<'static>,
    allocator_callbacks: vk::AllocationCallbacks<'static>,
}

// SAFETY:
// - `shared` is owned and points to a `Sync` value: the heap locks itself, the counter is atomic;
// - the callbacks are plain function pointers with that address, and Vulkan may call them from any thread.
unsafe impl Send for HostMemory {}
// SAFETY: as above; `&HostMemory` only reads.
unsafe impl Sync for HostMemory {}

impl HostMemory {
    /// Reserves `bytes` of address space for the driver.
    pub(crate) fn try_reserve(bytes: usize, driver: Driver) -> Result<HostMemory, RenderError> {
        let heap = ArenaHeap::try_reserve("vulkan host", bytes, Tag::RENDERER)?;
        let place = heap
            .allocate(size_of::<Shared>(), align_of::<Shared>())
            .ok_or(RenderError::OutOfHostMemory { operation: "reserving the driver's heap" })?
            .cast::<Shared>();
        // SAFETY:
        // - in bounds and aligned: `allocate` was asked for the layout of `Shared`;
        // - unaliased: nobody else has the block, and the heap never looks into blocks in use.
        unsafe {
            place.write(Shared {
                heap,
                messages: AtomicU64::new(0),
                #[cfg(feature = "stub")]
                faults: driver.faults(),
            });
        }
        #[cfg(not(feature = "stub"))]
        let _ = driver;
        let callbacks = vk::AllocationCallbacks {
            p_user_data: place.as_ptr().cast::<c_void>(),
            pfn_allocation: Some(allocate),
            pfn_reallocation: Some(reallocate),
            pfn_free: Some(free),
            ..Default::default()
        };
        let allocator_callbacks = vk::AllocationCallbacks {
            pfn_allocation: Some(allocate_always),
            pfn_reallocation: Some(reallocate_always),
            ..callbacks
        };
        Ok(HostMemory { shared: place, callbacks, allocator_callbacks })
    }

    /// What every `vkCreate*` and `vkDestroy*` is passed.
    pub(crate) fn callbacks(&self) -> &vk::AllocationCallbacks<'static> {
        &self.callbacks
    }

    /// The same without a test's faults, for the memory allocator.
    pub(crate) fn allocator_callbacks(&self) -> &vk::AllocationCallbacks<'static> {
        &self.allocator_callbacks
    }

    /// Sees to it that `bytes` can be had.
    pub(crate) fn check_room(&self, bytes: usize) -> Result<(), vk::Result> {
        let shared = self.shared();
        let probe = if shared.refuses() { None } else { shared.heap.allocate(bytes, 16) };
        let probe = probe.ok_or(vk::Result::ERROR_OUT_OF_HOST_MEMORY)?;
        // SAFETY: just allocated, used by nobody. What it committed stays committed.
        unsafe { shared.heap.deallocate(probe) };
        Ok(())
    }

    pub(crate) fn shared(&self) -> &Shared {
        // SAFETY: the block is live and only shared until `drop` (invariant 3).
        unsafe { self.shared.as_ref() }
    }

    /// The block that callbacks get as user data.
    pub(crate) fn shared_address(&self) -> *mut c_void {
        self.shared.as_ptr().cast::<c_void>()
    }

    pub(crate) fn stats(&self) -> HeapStats {
        self.shared().heap.stats()
    }

    pub(crate) fn heap(&self) -> &ArenaHeap {
        &self.shared().heap
    }

    pub(crate) fn messages(&self) -> u64 {
        self.shared().messages.load(Ordering::Relaxed)
    }
}

impl Drop for HostMemory {
    fn drop(&mut self) {
        // SAFETY:
        // - the block is live and initialised, and is not read again: `self` is going;
        // - no callback runs any more: the owner dropped the instance first (invariant 2).
        let shared = unsafe { ptr::read(self.shared.as_ptr()) };
        // Dropping the heap gives the reservation back, the block it lay in included.
        drop(shared);
    }
}

/// # Safety
/// Called by Vulkan with the user data of [`HostMemory::callbacks`].
unsafe extern "system" fn allocate(
    user_data: *mut c_void,
    size: usize,
    alignment: usize,
    scope: vk::SystemAllocationScope,
) -> *mut c_void {
    // SAFETY: the user data is the `Shared` of a `HostMemory` that outlives the instance (invariants 1 and 3).
    let shared = unsafe { &*user_data.cast::<Shared>() };
    if shared.refuses() {
        return ptr::null_mut();
    }
    // SAFETY: same contract.
    unsafe { allocate_always(user_data, size, alignment, scope) }
}

/// # Safety
/// As for [`allocate`].
unsafe extern "system" fn allocate_always(
    user_data: *mut c_void,
    size: usize,
    alignment: usize,
    _scope: vk::SystemAllocationScope,
) -> *mut c_void {
    // SAFETY: as in `allocate`.
    let shared = unsafe { &*user_data.cast::<Shared>() };
    // Drivers copy lists that are empty, and take null for a failure: Mesa's from 22.3 on.
    shared.heap.allocate(size.max(1), alignment).map_or(ptr::null_mut(), |block| block.as_ptr().cast())
}

/// # Safety
/// Called by Vulkan with the user data of [`HostMemory::callbacks`] and null or a block from these callbacks.
unsafe extern "system" fn reallocate(
    user_data: *mut c_void,
    original: *mut c_void,
    size: usize,
    alignment: usize,
    scope: vk::SystemAllocationScope,
) -> *mut c_void {
    // SAFETY: as in `allocate`.
    let shared = unsafe { &*user_data.cast::<Shared>() };
    if shared.refuses() {
        return ptr::null_mut();
    }
    // SAFETY: same contract.
    unsafe { reallocate_always(user_data, original, size, alignment, scope) }
}

/// # Safety
/// As for [`reallocate`].
unsafe extern "system" fn reallocate_always(
    user_data: *mut c_void,
    original: *mut c_void,
    size: usize,
    alignment: usize,
    scope: vk::SystemAllocationScope,
) -> *mut c_void {
    let Some(block) = NonNull::new(original.cast::<u8>()) else {
        // SAFETY: same contract.
        return unsafe { allocate_always(user_data, size, alignment, scope) };
    };
    if size == 0 {
        // SAFETY: same contract.
        unsafe { free(user_data, original) };
        return ptr::null_mut();
    }
    // SAFETY: as in `allocate`.
    let shared = unsafe { &*user_data.cast::<Shared>() };
    // SAFETY:
    // - the block came from this heap: Vulkan passes back what the callbacks gave it, and uses it no more;
    // - Vulkan must ask for the alignment of the original allocation.
    unsafe { shared.heap.reallocate(block, size, alignment) }.map_or(ptr::null_mut(), |block| block.as_ptr().cast())
}

/// # Safety
/// Called by Vulkan with the user data of [`HostMemory::callbacks`] and null or a block from these callbacks.
unsafe extern "system" fn free(user_data: *mut c_void, memory: *mut c_void) {
    if let Some(block) = NonNull::new(memory.cast::<u8>()) {
        // SAFETY: as in `allocate`.
        let shared = unsafe { &*user_data.cast::<Shared>() };
        // SAFETY: the block came from this heap and Vulkan gives it back once.
        unsafe { shared.heap.deallocate(block) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_no_bytes_is_a_block() {
        let host = HostMemory::try_reserve(1 << 20, Driver::System).expect("address space");
        let before = host.stats().live_count;
        // SAFETY: the user data is that of these callbacks.
        let block = unsafe { allocate(host.shared_address(), 0, 8, vk::SystemAllocationScope::COMMAND) };
        assert!(!block.is_null() && block.cast::<u64>().is_aligned());
        // SAFETY: as above, and the block is theirs.
        unsafe { free(host.shared_address(), block) };
        assert_eq!(host.stats().live_count, before);
    }
}
