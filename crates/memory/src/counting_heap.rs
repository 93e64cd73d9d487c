//! The counting global allocator: what the Rust heap holds, by tag of the scope it was taken in.
//!
//! Where tracking is off it is the inner allocator itself.
//!
//! # Invariants
//! 1. Where tracking is on, each block has a prefix of `max(align, 16)` bytes whose last byte but seven names its tag, so
//!    that it is given back to the tag it was taken for.
//! 2. The counters are process-wide, as the global allocator is.

use crate::tag::{TAGS_MAX, Tag};
use crate::tracking::{TRACKING, TagUsage};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::alloc::System;

struct Counter {
    bytes: AtomicUsize,
    count: AtomicUsize,
    peak: AtomicUsize,
}

static HELD: [Counter; TAGS_MAX] =
    [const { Counter { bytes: AtomicUsize::new(0), count: AtomicUsize::new(0), peak: AtomicUsize::new(0) } }; TAGS_MAX];
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

std::thread_local! {
    static TAG: Cell<u8> = const { Cell::new(0) };
}

/// A global allocator that counts; opt in with `#[global_allocator]`.
///
/// ```
/// use voltrum_memory::{CountingHeap, Tag, TRACKING, heap_scope, heap_usage};
///
/// #[global_allocator]
/// static HEAP: CountingHeap = CountingHeap::system();
///
/// let before = heap_usage().map(|heap| heap.tag(Tag::FOREIGN).bytes);
/// let text = {
///     let _foreign = heap_scope(Tag::FOREIGN); // charged to third-party crates
///     "x".repeat(1_000)
/// };
/// let after = heap_usage().map(|heap| heap.tag(Tag::FOREIGN).bytes);
/// if TRACKING {
///     assert_eq!(after, before.map(|bytes| bytes + 1_000));
/// }
/// # drop(text);
/// ```
pub struct CountingHeap<A = System> {
    inner: A,
}

impl CountingHeap<System> {
    /// Counts what the system's allocator grants.
    pub const fn system() -> CountingHeap<System> {
        CountingHeap { inner: System }
    }
}

impl<A> CountingHeap<A> {
    /// Counts what `inner` grants.
    pub const fn new(inner: A) -> CountingHeap<A> {
        CountingHeap { inner }
    }
}

/// While it lives, what this thread takes from the Rust heap is charged to a tag. Made by [`heap_scope`].
#[must_use]
pub struct HeapScope {
    outer: u8,
    thread: PhantomData<*const ()>,
}

/// Charges what this thread takes from the Rust heap to `tag` until the guard drops. Guards drop in reverse order; a
/// forgotten one charges its tag for the rest of the thread, or until a guard around it drops.
///
/// ```
/// use voltrum_memory::{Tag, heap_scope};
///
/// let outer = heap_scope(Tag::FOREIGN);
/// let parsed = "1 2 3".split(' ').collect::<Vec<_>>(); // charged to FOREIGN, where a `CountingHeap` is installed
/// {
///     let _inner = heap_scope(Tag::UI);
///     let _label = parsed.join(", "); // charged to UI
/// }
/// drop(outer);
/// ```
pub fn heap_scope(tag: Tag) -> HeapScope {
    let outer = if TRACKING { TAG.replace(tag.index() as u8) } else { 0 };
    HeapScope { outer, thread: PhantomData }
}

impl Drop for HeapScope {
    fn drop(&mut self) {
        if TRACKING {
            TAG.set(self.outer);
        }
    }
}

/// The Rust heap's figures.
#[derive(Clone, Copy, Debug)]
pub struct HeapUsage {
    /// Bytes in live blocks.
    pub live_bytes: usize,
    /// Live blocks.
    pub live_count: usize,
    /// Blocks taken since the process began; reallocations count too.
    pub allocations: usize,
    tags: [TagUsage; TAGS_MAX],
}

impl HeapUsage {
    /// What was taken in scopes of `tag` and is still held.
    pub fn tag(&self, tag: Tag) -> TagUsage {
        self.tags[tag.index()]
    }

    /// Live bytes of everything but `tag`.
    pub fn live_bytes_without(&self, tag: Tag) -> usize {
        self.live_bytes - self.tag(tag).bytes
    }

    /// Calls `visit` with each tag that holds or held bytes.
    pub fn each_tag(&self, mut visit: impl FnMut(Tag, TagUsage)) {
        for (index, usage) in self.tags.iter().enumerate().filter(|(_, usage)| usage.peak > 0) {
            visit(Tag::at(index, &[]), *usage);
        }
    }
}

/// The Rust heap's figures; `None` where tracking is off or no [`CountingHeap`] is installed. Allocates nothing.
pub fn heap_usage() -> Option<HeapUsage> {
    let allocations = ALLOCATIONS.load(Relaxed);
    if !TRACKING || allocations == 0 {
        return None;
    }
    let mut usage = HeapUsage { live_bytes: 0, live_count: 0, allocations, tags: [TagUsage::default(); TAGS_MAX] };
    for (tag, counter) in usage.tags.iter_mut().zip(&HELD) {
        *tag = TagUsage {
            bytes: counter.bytes.load(Relaxed),
            peak: counter.peak.load(Relaxed),
            count: counter.count.load(Relaxed),
        };
        usage.live_bytes += tag.bytes;
        usage.live_count += tag.count;
    }
    Some(usage)
}

/// Room in front of a block for its tag.
fn prefix(layout: Layout) -> usize {
    layout.align().max(16)
}

fn prefixed(layout: Layout) -> Option<Layout> {
    let size = layout.size().checked_add(prefix(layout))?;
    Layout::from_size_align(size, layout.align().max(16)).ok()
}

fn took(tag: u8, size: usize) {
    let counter = &HELD[usize::from(tag) % TAGS_MAX];
    let held = counter.bytes.fetch_add(size, Relaxed) + size;
    counter.count.fetch_add(1, Relaxed);
    counter.peak.fetch_max(held, Relaxed);
    ALLOCATIONS.fetch_add(1, Relaxed);
}

fn gave_back(tag: u8, size: usize) {
    let counter = &HELD[usize::from(tag) % TAGS_MAX];
    counter.bytes.fetch_sub(size, Relaxed);
    counter.count.fetch_sub(1, Relaxed);
}

/// Writes the tag into the prefix of what was granted and returns the block behind it.
///
/// # Safety
/// `granted` is null or has room for the prefix of `layout`.
unsafe fn label(granted: *mut u8, layout: Layout, tag: u8) -> *mut u8 {
    if granted.is_null() {
        return granted;
    }
    took(tag, layout.size());
    // SAFETY:
    // - the prefix is at least 16 bytes, and the grant holds it.
    unsafe {
        let block = granted.add(prefix(layout));
        block.sub(8).write(tag);
        block
    }
}

// SAFETY:
// - blocks are the inner allocator's, `prefix` bytes further on: as aligned (the prefix is a multiple of the alignment), as
//   large, as unaliased; they go back with the layout they were taken with.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingHeap<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !TRACKING {
            // SAFETY:
            // - the caller's obligations, passed on.
            return unsafe { self.inner.alloc(layout) };
        }
        let Some(whole) = prefixed(layout) else { return core::ptr::null_mut() };
        // SAFETY:
        // - `whole` has a size above zero; the grant holds prefix and block.
        unsafe { label(self.inner.alloc(whole), layout, TAG.get()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !TRACKING {
            // SAFETY:
            // - the caller's obligations, passed on.
            return unsafe { self.inner.alloc_zeroed(layout) };
        }
        let Some(whole) = prefixed(layout) else { return core::ptr::null_mut() };
        // SAFETY:
        // - as in `alloc`; the tag is written in front of the block only.
        unsafe { label(self.inner.alloc_zeroed(whole), layout, TAG.get()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (true, Some(whole)) = (TRACKING, prefixed(layout)) else {
            // SAFETY:
            // - the caller's obligations, passed on.
            return unsafe { self.inner.dealloc(block, layout) };
        };
        // SAFETY:
        // - the block lies behind its prefix (invariant 1), and `whole` is what it was taken with.
        unsafe {
            gave_back(block.sub(8).read(), layout.size());
            self.inner.dealloc(block.sub(prefix(layout)), whole);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (true, Some(whole)) = (TRACKING, prefixed(layout)) else {
            // SAFETY:
            // - the caller's obligations, passed on.
            return unsafe { self.inner.realloc(block, layout, size) };
        };
        let new = Layout::from_size_align(size, layout.align()).ok().and_then(prefixed);
        let Some(new) = new else { return core::ptr::null_mut() };
        // SAFETY:
        // - as in `dealloc`; the inner allocator moves prefix and block together, and `size` fits the same alignment.
        unsafe {
            let tag = block.sub(8).read();
            let moved = self.inner.realloc(block.sub(prefix(layout)), whole, new.size());
            if moved.is_null() {
                return moved;
            }
            gave_back(tag, layout.size());
            took(tag, size);
            moved.add(prefix(layout))
        }
    }
}
