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
        clock(rustix::time::ClockId::ThreadCPUTime)
    }
    #[cfg(not(unix))]
    None
}

/// How long all threads of this process have computed so far, as [`thread_cpu_time`].
pub fn process_cpu_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        clock(rustix::time::ClockId::ProcessCPUTime)
    }
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
fn clock(id: rustix::time::ClockId) -> Option<Duration> {
    let time = rustix::time::clock_gettime(id);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}
