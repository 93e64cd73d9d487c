//! How vectors in an arena grow, fail to, and end: for those that run no destructors and those that a box takes over.

use crate::error::{MemoryError, Reason};
use crate::lender::{Lender, handle_of};
use crate::tagged::Tagged;
use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;
use core::alloc::Layout;

/// Why there is no room for `additional` more elements.
#[cold]
pub(crate) fn refused<'a, T>(vec: &Vec<T, impl Lender<'a>>, additional: usize) -> MemoryError {
    let memory = handle_of(vec.allocator());
    let bytes = vec.len().checked_add(additional).map(Layout::array::<T>);
    match bytes {
        Some(Ok(layout)) => memory.header().explain(layout, memory.owner()),
        _ => memory.header().overflow(memory.owner()),
    }
}

/// Room for `additional` more elements, doubling as it grows.
#[cfg_attr(feature = "allocation-log", track_caller)]
pub(crate) fn try_reserve<'a, T>(vec: &mut Vec<T, impl Lender<'a>>, additional: usize) -> Result<(), MemoryError> {
    if vec.capacity() - vec.len() >= additional {
        return Ok(());
    }
    let _site = handle_of(vec.allocator()).logged_here();
    // Doubling may be refused where exactly enough fits.
    match vec.try_reserve(additional).or_else(|_| vec.try_reserve_exact(additional)) {
        Ok(()) => Ok(()),
        Err(_) => Err(refused(vec, additional)),
    }
}

/// Adds what an iterator gives; what was added before an error stays. Elements may have destructors: the vector owns them.
#[inline]
#[cfg_attr(feature = "allocation-log", track_caller)]
pub(crate) fn try_extend<'a, T>(
    vec: &mut Vec<T, impl Lender<'a>>,
    items: impl IntoIterator<Item = T>,
) -> Result<(), MemoryError> {
    let items = items.into_iter();
    // A lying hint must not fail what would fit: it only helps where it can be had.
    let _best_effort = {
        let _site = handle_of(vec.allocator()).logged_here();
        vec.try_reserve(items.size_hint().0)
    };
    for item in items {
        if vec.len() == vec.capacity() {
            try_reserve(vec, 1)?;
        }
        vec.push(item);
    }
    Ok(())
}

/// Leaves the elements to the arena and, where they are its last block, gives back the room that was reserved ahead.
pub(crate) fn leak_exactly<'a, T, M: Lender<'a> + 'a>(mut vec: Vec<T, M>) -> &'a mut [T] {
    if vec.capacity() > vec.len() {
        let (memory, len, capacity) = (handle_of(vec.allocator()), vec.len(), vec.capacity());
        if let (Ok(from), Ok(to), Some(block)) =
            (Layout::array::<T>(capacity), Layout::array::<T>(len), core::ptr::NonNull::new(vec.as_mut_ptr()))
            && from.size() > 0
        {
            // SAFETY:
            // - the block is the vector's own, with the layout that it has; the vector is not used as one again.
            let _ = unsafe { memory.shrink(block.cast(), from, to) };
        }
    }
    Vec::leak(vec)
}

/// A fixed-capacity container's refusal, charged to the arena it lives in.
#[cold]
pub(crate) fn capacity_error(memory: Tagged<'_>, asked: usize, left: usize, limit: usize) -> MemoryError {
    let header = memory.header();
    MemoryError::new(header.name(), memory.owner().name(header.tags()), Reason::Capacity, asked, left, limit)
}
