//! The handle as an allocator of allocator-api2: `Vec` and `Box` of that crate, `HashMap` of hashbrown, in an arena.
//!
//! # Invariants
//! 1. A block that is the arena's last grows, shrinks and goes back in place. Any other stays until its scope ends: it
//!    shrinks where it is and moves to grow.
//! 2. Blocks without size lie where the arena's next block will; nothing is ever read or written through them.

use crate::asan;
use crate::size::rounded;
use crate::tagged::Tagged;
use allocator_api2::alloc::{AllocError, Allocator};
use core::alloc::Layout;
use core::ptr::NonNull;

/// Resizes a block within the bytes that rounding gave it, be it the last or not. Whoever grows or frees it afterwards says the
/// new size, so the totals have to know.
#[inline]
fn refit(memory: Tagged<'_>, block: NonNull<u8>, old: usize, new: usize) -> bool {
    let is_fit = old > 0 && rounded(old) == rounded(new);
    if is_fit {
        let (from, to) = ([old, rounded(old) - old], [new, rounded(new) - new]);
        memory.header().counters().resized(memory.owner(), block.as_ptr(), from, to);
        // It may have been larger once: what it gave up then was poisoned.
        asan::unpoison(block.as_ptr(), new);
    }
    is_fit
}

// SAFETY:
// - blocks stay valid and in place until 'a ends; copies of the handle name the same arena;
// - a block is given back or resized in place only where it is the arena's last, and its owner says so.
unsafe impl Allocator for Tagged<'_> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        match self.try_alloc_layout(layout) {
            Ok(block) => {
                self.log_site(block);
                Ok(NonNull::slice_from_raw_parts(block, layout.size()))
            }
            Err(_) => Err(AllocError),
        }
    }

    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.allocate(layout)?;
        let stale = self.header().stale_bytes(block.cast(), layout.size());
        // SAFETY:
        // - the block was just granted and holds that many bytes; the rest has not been written since the system gave it.
        unsafe { block.cast::<u8>().write_bytes(0, stale) };
        Ok(block)
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        self.header().free_last(block, layout.size(), self.owner());
    }

    #[inline]
    unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if block.addr().get().is_multiple_of(new.align())
            && (refit(*self, block, old.size(), new.size())
                || self.header().resize_last(block, old.size(), new.size(), self.owner()))
        {
            self.log_site(block);
            return Ok(NonNull::slice_from_raw_parts(block, new.size()));
        }
        let moved = self.allocate(new)?;
        // SAFETY:
        // - the caller's block holds `old.size()` bytes, the new one at least as many, and it is new, so apart.
        unsafe { moved.cast::<u8>().copy_from_nonoverlapping(block, old.size()) };
        Ok(moved)
    }

    #[inline]
    unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if block.addr().get().is_multiple_of(new.align()) {
            if !refit(*self, block, old.size(), new.size())
                && !self.header().resize_last(block, old.size(), new.size(), self.owner())
            {
                // The block keeps the bytes that it doesn't use any more: they are padding from here on.
                let (from, to) = ([old.size(), 0], [new.size(), old.size() - new.size()]);
                self.header().counters().resized(self.owner(), block.as_ptr(), from, to);
            }
            return Ok(NonNull::slice_from_raw_parts(block, new.size()));
        }
        let moved = self.allocate(new)?;
        // SAFETY:
        // - both blocks hold `new.size()` bytes, and the new one is apart.
        unsafe { moved.cast::<u8>().copy_from_nonoverlapping(block, new.size()) };
        Ok(moved)
    }

    unsafe fn grow_zeroed(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY:
        // - the caller's obligations are those of `grow`; the bytes past the old size are ours to write.
        unsafe {
            let grown = self.grow(block, old, new)?;
            grown.cast::<u8>().add(old.size()).write_bytes(0, new.size() - old.size());
            Ok(grown)
        }
    }
}
