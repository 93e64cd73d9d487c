//! Pages on Unix: `mmap`, `mprotect`, `madvise`, `munmap`.

use crate::backing::Refused;
use core::ptr::{self, NonNull};
use std::io;
use std::sync::OnceLock;

fn refused() -> Refused {
    Refused(io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// The system's page size in bytes, a power of two.
pub(crate) fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        // SAFETY:
        // - sysconf reads a constant and has no preconditions.
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(size).ok().filter(|size| size.is_power_of_two()).unwrap_or(4_096)
    })
}

/// Reserves `bytes` of address space that nothing may touch yet.
pub(crate) fn reserve(bytes: usize) -> Result<NonNull<u8>, Refused> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY:
    // - a fresh anonymous mapping at an address of the system's choice touches nothing that exists.
    let base = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return Err(refused());
    }
    NonNull::new(base.cast()).ok_or(Refused(0))
}

/// Makes `bytes` from `base` on readable and writable; they read as zero.
///
/// # Safety
/// The range lies inside one reservation of [`reserve`] that has not been released.
pub(crate) unsafe fn commit(base: *mut u8, bytes: usize) -> Result<(), Refused> {
    // SAFETY:
    // - the caller's range is ours; widening its protection invalidates no reference.
    let code = unsafe { libc::mprotect(base.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) };
    if code == 0 { Ok(()) } else { Err(refused()) }
}

/// Gives the range's pages back to the system; touching it is a fault until it is committed again, as zeros.
///
/// # Safety
/// The range lies inside one reservation that has not been released, and nothing refers to its bytes.
pub(crate) unsafe fn decommit(base: *mut u8, bytes: usize) {
    // Linux drops the pages and remembers the advice about huge ones.
    #[cfg(target_os = "linux")]
    // SAFETY:
    // - the caller's range is ours and unreferenced.
    unsafe {
        if libc::madvise(base.cast(), bytes, libc::MADV_DONTNEED) == 0
            && libc::mprotect(base.cast(), bytes, libc::PROT_NONE) == 0
        {
            return;
        }
    }
    // Elsewhere MADV_DONTNEED may keep the contents, and Linux refuses it for locked pages: a new mapping drops them.
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    // SAFETY:
    // - as above; what the new mapping replaces is the caller's range and nothing else.
    unsafe {
        if libc::mmap(base.cast(), bytes, libc::PROT_NONE, flags, -1, 0) != libc::MAP_FAILED {
            return;
        }
        // The process has no mapping left to give. The pages stay, and invariant 2 must still hold.
        if libc::mprotect(base.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) == 0 {
            base.write_bytes(0, bytes);
        } else {
            // To go on would be to lend old bytes as zeros.
            std::process::abort();
        }
    }
}

/// Asks for huge pages in the range (a wish, not a demand) where the system has them.
///
/// # Safety
/// The range lies inside one reservation that has not been released.
pub(crate) unsafe fn prefer_huge(base: *mut u8, bytes: usize, huge: bool) {
    #[cfg(target_os = "linux")]
    // SAFETY:
    // - advice about a range that is ours changes no contents.
    unsafe {
        let advice = if huge { libc::MADV_HUGEPAGE } else { libc::MADV_NOHUGEPAGE };
        libc::madvise(base.cast(), bytes, advice);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (base, bytes, huge);
}

/// Ends a reservation.
///
/// # Safety
/// `base` and `bytes` are those of one [`reserve`], released once, and nothing refers to its bytes.
pub(crate) unsafe fn release(base: *mut u8, bytes: usize) {
    // SAFETY:
    // - the caller gives up the whole mapping.
    unsafe { libc::munmap(base.cast(), bytes) };
}
