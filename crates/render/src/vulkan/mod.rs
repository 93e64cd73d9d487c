//! Vulkan, one noun per file. All of this crate's `unsafe` is here.
//!
//! # Invariants
//! 1. What a submitted command buffer names is dropped only after its serial is done: through
//!    [`Retired`](crate::retired::Retired), or after waiting for the device. Types here free themselves on drop and
//!    rely on that.
//! 2. Children borrow the [`Device`], the device owns the instance, the instance owns the host memory; each is
//!    destroyed after its children. A leaked child leaks its parents (see [`device`]).
//! 3. Every create and destroy call, and the memory allocator, is passed the callbacks of [`host_memory`].
//! 4. Each live object is counted in [`account`].
//!
//! # Deliberately absent
//! No descriptor indexing, no geometry or tessellation stages, no second queue: the renderer asks for nothing that
//! Mesa's software driver lacks.

pub(crate) mod account;
pub(crate) mod barrier;
pub(crate) mod buffer;
pub(crate) mod command;
pub(crate) mod descriptor;
pub(crate) mod device;
#[cfg(feature = "stub")]
pub(crate) mod faults;
pub(crate) mod frame;
pub(crate) mod host_memory;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod messenger;
pub(crate) mod physical;
pub(crate) mod pipeline;
pub(crate) mod ring;
pub(crate) mod sampler;
pub(crate) mod semaphore;
pub(crate) mod shader;
#[cfg(feature = "stub")]
pub(crate) mod stub;
pub(crate) mod surface;
pub(crate) mod swapchain;

pub(crate) use device::Device;
