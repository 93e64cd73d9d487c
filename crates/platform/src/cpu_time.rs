//! CPU time of the calling thread: what it computed, not what it waited for.

use std::time::Duration;

/// CPU time that this thread has spent since it began; `None` where the system is not asked for it (only Unix is).
///
/// ```
/// use voltrum_platform::thread_cpu_time;
///
/// let before = thread_cpu_time();
/// std::thread::sleep(std::time::Duration::from_millis(50));
/// if let (Some(before), Some(after)) = (before, thread_cpu_time()) {
///     assert!(after - before < std::time::Duration::from_millis(50), "sleeping is not computing");
/// }
/// ```
pub fn thread_cpu_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
    }
    #[cfg(not(unix))]
    None
}
