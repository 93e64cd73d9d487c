//! Pages: the only code that asks the system for memory. With feature `std`.
//!
//! One contract, one small file per system behind it. Addresses and lengths are multiples of [`page_size`].
//!
//! # Invariants
//! 1. Reserved bytes are address space only: touching one is a fault until it is committed.
//! 2. Bytes just committed, or committed again after [`decommit`], read as zero.

use crate::backing::Refused;
use core::ptr::NonNull;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{decommit, page_size, prefer_huge, release};

/// Reserves `bytes` of address space that nothing may touch yet.
pub(crate) fn reserve(bytes: usize) -> Result<NonNull<u8>, Refused> {
    grant()?;
    system::reserve(bytes)
}

/// Makes `bytes` from `base` on readable and writable; they read as zero.
///
/// # Safety
/// The range lies inside one reservation of [`reserve`] that has not been released.
pub(crate) unsafe fn commit(base: *mut u8, bytes: usize) -> Result<(), Refused> {
    grant()?;
    // SAFETY:
    // - the caller's obligation.
    unsafe { system::commit(base, bytes) }
}

/// Whether the system is to be asked at all: where a test says so, it has just refused.
fn grant() -> Result<(), Refused> {
    #[cfg(feature = "faults")]
    crate::faults::grant()?;
    Ok(())
}
