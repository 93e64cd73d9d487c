//! What a test sees of the stub, and says to it.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use ash::vk;

use super::object::Kind;
use crate::vulkan::faults::GpuFaults;

/// Timeline semaphores alive at once.
const TIMELINES_MAX: usize = 16;

/// Which errors a call may return, by bit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Can(u16);

impl Can {
    pub(super) const MEMORY: Can = Can(1 | 2);
    pub(super) const LOST: Can = Can(4);
    pub(super) const SURFACE: Can = Can(8);
    pub(super) const MAP: Can = Can(16);
    pub(super) const POOL: Can = Can(32);
    pub(super) const START: Can = Can(64);
    pub(super) const DATE: Can = Can(128);

    pub(super) const fn or(self, other: Can) -> Can {
        Can(self.0 | other.0)
    }

    fn of(result: vk::Result) -> Can {
        match result {
            vk::Result::ERROR_OUT_OF_HOST_MEMORY => Can(1),
            vk::Result::ERROR_OUT_OF_DEVICE_MEMORY => Can(2),
            vk::Result::ERROR_DEVICE_LOST => Can::LOST,
            vk::Result::ERROR_SURFACE_LOST_KHR => Can::SURFACE,
            vk::Result::ERROR_OUT_OF_DATE_KHR => Can::DATE,
            vk::Result::ERROR_MEMORY_MAP_FAILED => Can::MAP,
            vk::Result::ERROR_OUT_OF_POOL_MEMORY | vk::Result::ERROR_FRAGMENTED_POOL => Can::POOL,
            vk::Result::ERROR_INITIALIZATION_FAILED => Can::START,
            _ => Can(0),
        }
    }
}

struct Plan {
    result: vk::Result,
    /// `None` for any call.
    call: Option<&'static str>,
    at: u64,
    seen: u64,
    /// The call that failed.
    fired: Option<&'static str>,
}

impl Plan {
    const NONE: Plan = Plan { result: vk::Result::SUCCESS, call: None, at: u64::MAX, seen: 0, fired: None };
}

/// A Vulkan device that does nothing, with what was done to it. Feature `stub`.
///
/// ```
/// use voltrum_memory::{Arena, Tag};
/// use voltrum_render::{Driver, GpuConfig, RendererLimits, Stub, gpu, renderer};
///
/// static STUB: Stub = Stub::new();
/// let mut permanent = Arena::try_reserve("permanent", 1 << 30)?;
/// let permanent = permanent.open();
/// let memory = permanent.tagged(Tag::RENDERER);
/// {
///     let gpu = gpu::startup(memory, None, &GpuConfig { driver: Driver::Stub(&STUB), ..GpuConfig::default() })?;
///     let mut renderer = renderer::startup(memory, &gpu, None, RendererLimits::default())?;
///     renderer::begin_frame(&mut renderer, [64, 64])?;
///     renderer::end_frame(&mut renderer)?;
/// }
/// assert!(STUB.calls() > 0);
/// assert_eq!((STUB.live(), STUB.misuses()), (0, 0));
/// # Ok::<(), voltrum_render::RenderError>(())
/// ```
pub struct Stub {
    bare: bool,
    calls: AtomicU64,
    live: [AtomicI64; Kind::COUNT],
    misuses: AtomicU64,
    plan: Mutex<Plan>,
    lost: AtomicBool,
    holds: AtomicBool,
    stalls: AtomicU64,
    idles: AtomicU64,
    timelines: [AtomicU64; TIMELINES_MAX],
    device_bytes: AtomicI64,
    sets: AtomicI64,
    device_bytes_max: AtomicI64,
    surface_size: AtomicU64,
    lacks: AtomicI32,
    faults: GpuFaults,
    makers: Mutex<Makers>,
}

/// Pipelines made on one thread, and on all others.
struct Makers {
    thread: Option<ThreadId>,
    made: [u64; 2],
}

impl Stub {
    /// A device that has everything the renderer can make use of.
    pub const fn new() -> Stub {
        Stub::with(false)
    }

    /// A device that has only what the renderer can't do without.
    pub const fn bare() -> Stub {
        Stub::with(true)
    }

    const fn with(bare: bool) -> Stub {
        Stub {
            bare,
            calls: AtomicU64::new(0),
            live: [const { AtomicI64::new(0) }; Kind::COUNT],
            misuses: AtomicU64::new(0),
            plan: Mutex::new(Plan::NONE),
            lost: AtomicBool::new(false),
            holds: AtomicBool::new(false),
            stalls: AtomicU64::new(0),
            idles: AtomicU64::new(0),
            timelines: [const { AtomicU64::new(0) }; TIMELINES_MAX],
            device_bytes: AtomicI64::new(0),
            sets: AtomicI64::new(0),
            device_bytes_max: AtomicI64::new(64 << 30),
            surface_size: AtomicU64::new(u64::MAX),
            lacks: AtomicI32::new(vk::Format::UNDEFINED.as_raw()),
            faults: GpuFaults::new(),
            makers: Mutex::new(Makers { thread: None, made: [0; 2] }),
        }
    }

    /// Vulkan calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Objects that are alive, instance and device included.
    pub fn live(&self) -> i64 {
        self.live.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// Bytes of device memory that are allocated.
    pub fn device_bytes(&self) -> i64 {
        self.device_bytes.load(Relaxed)
    }

    /// Descriptor sets that are allocated; those that go with their pool are counted on.
    pub fn sets(&self) -> i64 {
        self.sets.load(Relaxed)
    }

    /// What the caller did that Vulkan does not allow; each is told to the log.
    pub fn misuses(&self) -> u64 {
        self.misuses.load(Relaxed)
    }

    /// Waits that were for work which the GPU had not finished.
    pub fn stalls(&self) -> u64 {
        self.stalls.load(Relaxed)
    }

    /// Waits for the whole device.
    pub fn idles(&self) -> u64 {
        self.idles.load(Relaxed)
    }

    /// Faults besides those of calls: host memory and GPU memory.
    pub fn faults(&self) -> &GpuFaults {
        &self.faults
    }

    /// Begins to count anew which pipelines are made on the calling thread.
    pub fn watch_pipelines(&self) {
        *self.makers() = Makers { thread: Some(thread::current().id()), made: [0; 2] };
    }

    /// How many pipelines have been made on the thread that began to count, and how many on others.
    pub fn pipelines(&self) -> [u64; 2] {
        self.makers().made
    }

    /// Counts a call that makes pipelines.
    pub(super) fn note_pipelines(&self, count: u32) {
        let mut makers = self.makers();
        let is_other = makers.thread != Some(thread::current().id());
        makers.made[usize::from(is_other)] += u64::from(count);
    }

    fn makers(&self) -> MutexGuard<'_, Makers> {
        self.makers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, the call numbered `n` of those that may return `result` returns it; a device that is lost stays
    /// lost until its instance is gone. Counting starts anew.
    pub fn fail_call(&self, n: u64, result: vk::Result) {
        *self.plan() = Plan { result, at: n, ..Plan::NONE };
    }

    /// From now on, the first call of this name returns `result`, if it may. The name is as in errors, but that plain
    /// objects are made by `vkCreate*` and pipelines by `vkCreate*Pipelines`.
    pub fn fail_next(&self, call: &'static str, result: vk::Result) {
        *self.plan() = Plan { result, call: Some(call), at: 0, ..Plan::NONE };
    }

    /// Ends the plan; the name of the call that failed, if it came to that.
    pub fn end_faults(&self) -> Option<&'static str> {
        std::mem::replace(&mut *self.plan(), Plan::NONE).fired
    }

    /// From now on the GPU finishes what it is given only when it is waited for, or released.
    pub fn hold(&self) {
        super::queue::finish(self);
        self.holds.store(true, Relaxed);
    }

    /// The GPU has finished everything, and does so at once again.
    pub fn release(&self) {
        self.holds.store(false, Relaxed);
    }

    /// How much device memory there is.
    pub fn limit_device_bytes(&self, bytes: i64) {
        self.device_bytes_max.store(bytes, Relaxed);
    }

    /// Takes one format away; [`vk::Format::UNDEFINED`] gives it back.
    pub fn lack(&self, format: vk::Format) {
        self.lacks.store(format.as_raw(), Relaxed);
    }

    pub(super) fn lacks(&self, format: vk::Format) -> bool {
        self.lacks.load(Relaxed) == format.as_raw()
    }

    /// The size of the window behind the surface; `None` where the swapchain decides, as with Wayland.
    pub fn set_surface_size(&self, size: Option<[u32; 2]>) {
        let size = size.map_or(u64::MAX, |[width, height]| u64::from(width) << 32 | u64::from(height));
        self.surface_size.store(size, Relaxed);
    }

    pub(super) fn surface_size(&self) -> Option<[u32; 2]> {
        let size = self.surface_size.load(Relaxed);
        (size != u64::MAX).then_some([(size >> 32) as u32, size as u32])
    }

    pub(super) fn is_bare(&self) -> bool {
        self.bare
    }

    /// Whether the GPU keeps its work unfinished.
    pub(super) fn is_held(&self) -> bool {
        self.holds.load(Relaxed)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call that can't fail.
    pub(super) fn count(&self) {
        self.calls.fetch_add(1, Relaxed);
    }

    /// Counts a call, and fails it if that is the plan.
    pub(super) fn enter(&self, call: &'static str, can: Can) -> Result<(), vk::Result> {
        self.count();
        if self.lost.load(Relaxed) && can.0 & Can::LOST.0 != 0 {
            return Err(vk::Result::ERROR_DEVICE_LOST);
        }
        let mut plan = self.plan();
        if can.0 & Can::of(plan.result).0 == 0 || plan.call.is_some_and(|planned| planned != call) {
            return Ok(());
        }
        plan.seen += 1;
        if plan.seen - 1 != plan.at {
            return Ok(());
        }
        plan.fired = Some(call);
        self.lost.fetch_or(plan.result == vk::Result::ERROR_DEVICE_LOST, Relaxed);
        Err(plan.result)
    }

    /// Says what the caller did wrong.
    #[cold]
    pub(super) fn misuse(&self, what: &'static str) {
        self.misuses.fetch_add(1, Relaxed);
        tracing::error!("misuse of Vulkan: {what}");
    }

    pub(super) fn born(&self, kind: Kind) {
        self.live[kind as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn gone(&self, kind: Kind) {
        self.live[kind as usize].fetch_sub(1, Relaxed);
        if kind == Kind::Instance {
            self.lost.store(false, Relaxed);
        }
    }

    /// Whether something made from a device is alive.
    pub(super) fn has_children(&self) -> bool {
        let mut any = false;
        for (index, count) in self.live.iter().enumerate() {
            if index > Kind::Surface as usize && count.load(Relaxed) > 0 {
                tracing::error!("{} objects of kind {index} are alive", count.load(Relaxed));
                any = true;
            }
        }
        any
    }

    /// Takes device memory, where there is enough.
    pub(super) fn take_bytes(&self, bytes: u64) -> Result<(), vk::Result> {
        let bytes = i64::try_from(bytes).map_err(|_| vk::Result::ERROR_OUT_OF_DEVICE_MEMORY)?;
        let held = self.device_bytes.fetch_add(bytes, Relaxed);
        if held.checked_add(bytes).is_none_or(|sum| sum > self.device_bytes_max.load(Relaxed)) {
            self.device_bytes.fetch_sub(bytes, Relaxed);
            return Err(vk::Result::ERROR_OUT_OF_DEVICE_MEMORY);
        }
        Ok(())
    }

    pub(super) fn give_bytes(&self, bytes: u64) {
        self.device_bytes.fetch_sub(bytes as i64, Relaxed);
    }

    /// Counts descriptor sets.
    pub(super) fn add_sets(&self, count: i64) {
        self.sets.fetch_add(count, Relaxed);
    }

    /// Counts a wait for what the GPU had not finished.
    pub(super) fn stall(&self) {
        self.stalls.fetch_add(1, Relaxed);
    }

    /// Counts a wait for the device.
    pub(super) fn idle(&self) {
        self.idles.fetch_add(1, Relaxed);
    }

    /// Where the addresses of the timeline semaphores are kept, 0 for none.
    pub(super) fn timelines(&self) -> &[AtomicU64] {
        &self.timelines
    }
}

impl Default for Stub {
    fn default() -> Self {
        Stub::new()
    }
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stub").field("calls", &self.calls()).field("live", &self.live()).finish_non_exhaustive()
    }
}

impl PartialEq for Stub {
    /// A stub is itself alone.
    fn eq(&self, other: &Stub) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Stub {}
