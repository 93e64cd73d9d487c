//! Pages on Windows: `VirtualAlloc`, `VirtualFree`. It compiles for Windows and has not been run there: untested.

use crate::backing::Refused;
use core::ptr::{self, NonNull};
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};

fn refused() -> Refused {
    // SAFETY:
    // - reads a thread-local error code.
    Refused(unsafe { GetLastError() } as i32)
}

/// The system's page size in bytes, a power of two.
pub(crate) fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        let mut info = SYSTEM_INFO::default();
        // SAFETY:
        // - `info` is a live, writable structure of the right type.
        unsafe { GetSystemInfo(&mut info) };
        info.dwPageSize as usize
    })
}

/// Reserves `bytes` of address space that nothing may touch yet.
pub(crate) fn reserve(bytes: usize) -> Result<NonNull<u8>, Refused> {
    // SAFETY:
    // - a fresh reservation at an address of the system's choice touches nothing that exists.
    let base = unsafe { VirtualAlloc(ptr::null(), bytes, MEM_RESERVE, PAGE_NOACCESS) };
    NonNull::new(base.cast()).ok_or_else(refused)
}

/// Makes `bytes` from `base` on readable and writable; they read as zero.
///
/// # Safety
/// The range lies inside one reservation of [`reserve`] that has not been released.
pub(crate) unsafe fn commit(base: *mut u8, bytes: usize) -> Result<(), Refused> {
    // SAFETY:
    // - the caller's range is ours; committing invalidates no reference.
    let got = unsafe { VirtualAlloc(base.cast(), bytes, MEM_COMMIT, PAGE_READWRITE) };
    if got.is_null() { Err(refused()) } else { Ok(()) }
}

/// Gives the range's pages back to the system; touching it is a fault until it is committed again.
///
/// # Safety
/// The range lies inside one reservation that has not been released, and nothing refers to its bytes.
pub(crate) unsafe fn decommit(base: *mut u8, bytes: usize) {
    // SAFETY:
    // - the caller's range is ours and unreferenced.
    if unsafe { VirtualFree(base.cast(), bytes, MEM_DECOMMIT) } == 0 {
        // To go on would be to lend old bytes as zeros.
        std::process::abort();
    }
}

/// Huge pages need a privilege on Windows: the wish is ignored.
///
/// # Safety
/// None needed; the signature is the contract's.
pub(crate) unsafe fn prefer_huge(_base: *mut u8, _bytes: usize, _huge: bool) {}

/// Ends a reservation.
///
/// # Safety
/// `base` and `bytes` are those of one [`reserve`], released once, and nothing refers to its bytes.
pub(crate) unsafe fn release(base: *mut u8, _bytes: usize) {
    // SAFETY:
    // - the caller gives up the whole reservation.
    unsafe { VirtualFree(base.cast(), 0, MEM_RELEASE) };
}
