//! Faults for tests: host memory and GPU memory that run out when the test says so.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Which request fails, and how many there were.
#[derive(Debug)]
struct Countdown {
    at: AtomicU64,
    seen: AtomicU64,
}

impl Countdown {
    const fn new() -> Countdown {
        Countdown { at: AtomicU64::new(u64::MAX), seen: AtomicU64::new(0) }
    }

    fn plan(&self, at: u64) {
        self.at.store(at, Relaxed);
        self.seen.store(0, Relaxed);
    }

    /// Counts a request; whether it is to fail.
    fn fails(&self) -> bool {
        self.seen.fetch_add(1, Relaxed) == self.at.load(Relaxed)
    }
}

/// Faults that a test plans for a GPU: see [`Driver::Watched`](crate::Driver::Watched). Feature `stub`.
#[derive(Debug)]
pub struct GpuFaults {
    host: Countdown,
    device: Countdown,
}

impl GpuFaults {
    /// None.
    pub const fn new() -> GpuFaults {
        GpuFaults { host: Countdown::new(), device: Countdown::new() }
    }

    /// Of the driver's requests for host memory from now on, the one numbered `n` is refused: allocations and
    /// reallocations through Vulkan's callbacks, the memory allocator's included.
    pub fn fail_host(&self, n: u64) {
        self.host.plan(n);
    }

    /// Of the requests for GPU memory from now on, the one numbered `n` is refused: buffers and images.
    pub fn fail_device(&self, n: u64) {
        self.device.plan(n);
    }

    /// Requests for host memory since the plan was made.
    pub fn host_requests(&self) -> u64 {
        self.host.seen.load(Relaxed)
    }

    /// Requests for GPU memory since the plan was made.
    pub fn device_requests(&self) -> u64 {
        self.device.seen.load(Relaxed)
    }

    /// Ends both plans.
    pub fn end(&self) {
        self.host.plan(u64::MAX);
        self.device.plan(u64::MAX);
    }

    pub(crate) fn refuses_host(&self) -> bool {
        self.host.fails()
    }

    pub(crate) fn refuses_device(&self) -> bool {
        self.device.fails()
    }
}

impl Default for GpuFaults {
    fn default() -> Self {
        GpuFaults::new()
    }
}

impl PartialEq for GpuFaults {
    /// A plan is itself alone.
    fn eq(&self, other: &GpuFaults) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for GpuFaults {}
