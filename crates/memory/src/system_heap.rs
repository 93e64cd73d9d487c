//! The C library's heap: what graphics drivers and other foreign code take their memory from, where no callback and no arena
//! reaches.

/// The smallest block that has pages of its own, which go back to the system with it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_PAGES_BYTES: libc::c_int = 256 << 10;
/// How much more than what is asked for the heap takes from the system at once, and how much that is free at its end it may
/// keep: a driver that allocates and frees in turns would have the same pages cleared again and again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const GROWS_BY_BYTES: libc::c_int = 256 << 10;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_BYTES: libc::c_int = 8 << 20;

/// Keeps the C library's heap small, for the whole process and for good: all threads share one, large blocks go back to the
/// system when they are freed, and at most 8 MiB that are free stay at its end. By default each thread that finds the heap
/// busy begins another, and blocks of up to 32 MiB stay in it once one of them was freed.
///
/// For programs that live shortly or hardly allocate there; threads that do so at once wait for each other. Says whether the
/// system has heeded; only the GNU C library does, and only while its heap has not been replaced, as a sanitizer replaces it.
pub fn limit_system_heap() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY:
        // - these settings exist, and their values are within their ranges (mallopt(3));
        // - it takes the heap's own lock, so other threads may allocate meanwhile.
        let heeded = unsafe {
            [
                libc::mallopt(libc::M_ARENA_MAX, 1),
                libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_PAGES_BYTES),
                libc::mallopt(libc::M_TOP_PAD, GROWS_BY_BYTES),
                libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES),
            ]
        };
        heeded == [1; 4]
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_gnu_c_library_heeds() {
        let heeds = cfg!(all(target_os = "linux", target_env = "gnu", not(feature = "asan")));
        assert_eq!(super::limit_system_heap(), heeds);
    }
}
