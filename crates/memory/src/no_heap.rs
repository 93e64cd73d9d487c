//! The global allocator of programs that have none.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;

/// Refuses every request: for `#[global_allocator]` in programs without std that want no Rust heap.
///
/// The crate takes nothing from a global allocator, but the collections it wraps come from crates that link `alloc`, for which
/// a program must name one.
///
/// ```
/// use std::alloc::{GlobalAlloc, Layout};
/// use voltrum_memory::NoHeap;
///
/// // In the program: #[global_allocator] static HEAP: NoHeap = NoHeap;
/// // SAFETY: the layout has a size.
/// assert!(unsafe { NoHeap.alloc(Layout::new::<u64>()) }.is_null());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHeap;

// SAFETY:
// - it grants nothing, so there is nothing to be wrong about.
unsafe impl GlobalAlloc for NoHeap {
    unsafe fn alloc(&self, _layout: Layout) -> *mut u8 {
        ptr::null_mut()
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
}
