//! The heap that Dear ImGui allocates from: its allocator hook on one process-wide [`ArenaHeap`].
//!
//! # Invariants
//! 1. The hook is installed once, before the first context exists, and never replaced.
//! 2. The heap lives in a `static`, so its pages are never unmapped: a pointer that the library still holds when the
//!    last context dies stays valid.
//!
//! # Deliberately absent
//! No growth beyond the reservation and no error: the library can't be told that memory is short, it would write
//! through the null pointer. So an exhausted heap ends the process with one line that says so.

use crate::UiError;
use core::ffi::c_void;
use core::ptr;
use dear_imgui_sys as sys;
use std::sync::{Mutex, OnceLock, PoisonError};
use voltrum_memory::{ArenaHeap, Tag};

/// Address space for all contexts of the process; only what is used is committed. A large interface takes 8 MiB.
const RESERVE_BYTES: usize = 512 << 20;

/// What the library expects of its allocator, as of `malloc`.
const ALIGN: usize = 16;

static HEAP: OnceLock<ArenaHeap> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// The heap, once the first context has been asked for.
pub(crate) fn heap() -> Option<&'static ArenaHeap> {
    HEAP.get()
}

/// Reserves the heap and hooks it into the library, the first time.
pub(crate) fn install() -> Result<(), UiError> {
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if HEAP.get().is_some() {
        return Ok(());
    }
    // SAFETY: reads a pointer; no context of ours exists yet, and another library's use of Dear ImGui on a second
    // thread at this very moment is the misuse that this check reports when it can.
    if !unsafe { sys::igGetCurrentContext() }.is_null() {
        return Err(UiError::ForeignContext);
    }
    let heap = ArenaHeap::try_reserve("ui heap", RESERVE_BYTES, Tag::UI)?;
    if HEAP.set(heap).is_ok() {
        // SAFETY:
        // - both functions have the signatures that the library calls, and never unwind;
        // - they use the static heap only, so no user data is needed;
        // - no allocation of the default allocator is alive that the new `free` could be given: no context exists.
        unsafe { sys::igSetAllocatorFunctions(Some(allocate), Some(free), ptr::null_mut()) };
    }
    Ok(())
}

unsafe extern "C" fn allocate(size: usize, _user: *mut c_void) -> *mut c_void {
    // a size of zero is legal for malloc; a block of one byte keeps the pointer unique
    match HEAP.get().and_then(|heap| heap.allocate(size.max(1), ALIGN)) {
        Some(block) => block.as_ptr().cast(),
        None => exhausted(size),
    }
}

unsafe extern "C" fn free(block: *mut c_void, _user: *mut c_void) {
    if let (Some(heap), Some(block)) = (HEAP.get(), ptr::NonNull::new(block.cast())) {
        // SAFETY: the library frees what it got from `allocate`, once: that is the contract of the hook (invariant 1
        // keeps blocks of any other allocator out).
        unsafe { heap.deallocate(block) };
    }
}

#[cold]
fn exhausted(size: usize) -> ! {
    tracing::error!(
        asked = size,
        reserved = RESERVE_BYTES,
        "ui heap is full: the interface asked for {size} bytes; show fewer widgets or smaller fonts"
    );
    std::process::abort()
}
