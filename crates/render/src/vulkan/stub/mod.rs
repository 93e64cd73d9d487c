//! A Vulkan made of function pointers in this process: nothing is drawn, everything is counted.
//!
//! It serves two ends. A frame's cost on the CPU can be measured without the driver's work; and a test can have any
//! call fail, hold the GPU back, and see each object that was leaked or used wrongly, at thousands of start-ups a minute.
//!
//! # Invariants
//! 1. A handle is the address of an [`Object`](object::Object), or lies within one (queues, sets, images of a swapchain).
//! 2. Objects lie in memory from the caller's allocation callbacks, as a real driver's do; only mapped memory comes
//!    from the heap, under [`Tag::FOREIGN`](voltrum_memory::Tag::FOREIGN).
//! 3. What the caller may not do is counted as a misuse and does nothing, as far as that can be seen from the handles.
//!
//! # Deliberately absent
//! No pictures: what is read back are zeros. No fences, no queries' results, no sparse memory, no second queue.

mod command;
mod control;
mod descriptor;
mod device;
mod instance;
mod memory;
mod object;
mod physical;
mod present;
mod queue;
mod table;

pub use control::Stub;

pub(crate) use table::entry;

/// Chained to `VkInstanceCreateInfo`, it says which [`Stub`] the instance belongs to.
#[repr(C)]
pub(crate) struct StubInfo {
    s_type: ash::vk::StructureType,
    p_next: *const std::ffi::c_void,
    stub: &'static Stub,
}

impl StubInfo {
    const TYPE: ash::vk::StructureType = ash::vk::StructureType::from_raw(0x7374_7562);

    pub(crate) fn new(stub: &'static Stub) -> StubInfo {
        StubInfo { s_type: StubInfo::TYPE, p_next: std::ptr::null(), stub }
    }
}

// SAFETY: the first two members are those of every structure in a chain.
unsafe impl ash::vk::ExtendsInstanceCreateInfo for StubInfo {}
