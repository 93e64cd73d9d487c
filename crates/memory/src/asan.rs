//! AddressSanitizer: popped bytes are poisoned, granted ones are not.
//!
//! With feature `asan` in builds with `-Zsanitizer=address` (the build script looks); functions without instructions in all
//! others.

#[cfg(voltrum_asan)]
mod calls {
    use core::ffi::c_void;

    // The interface of the sanitizer's runtime: `sanitizer/asan_interface.h` of LLVM.
    unsafe extern "C" {
        pub(super) fn __asan_poison_memory_region(address: *const c_void, bytes: usize);
        pub(super) fn __asan_unpoison_memory_region(address: *const c_void, bytes: usize);
    }
}

/// Whether popped bytes are poisoned.
pub(crate) const POISONS: bool = cfg!(voltrum_asan);

/// A read or write of these bytes is an error from here on. They lie in an arena and nobody refers to them.
#[inline(always)]
pub(crate) fn poison(from: *mut u8, bytes: usize) {
    #[cfg(voltrum_asan)]
    // SAFETY:
    // - marks addresses and touches nothing; the runtime is linked, as the build script saw.
    unsafe {
        calls::__asan_poison_memory_region(from.cast(), bytes);
    }
    #[cfg(not(voltrum_asan))]
    let _ = (from, bytes);
}

/// These bytes may be read and written again.
#[inline(always)]
pub(crate) fn unpoison(from: *mut u8, bytes: usize) {
    #[cfg(voltrum_asan)]
    // SAFETY:
    // - as in `poison`.
    unsafe {
        calls::__asan_unpoison_memory_region(from.cast(), bytes);
    }
    #[cfg(not(voltrum_asan))]
    let _ = (from, bytes);
}
