//! A general-purpose heap inside an arena: for code that must free and reallocate (Dear ImGui, Vulkan drivers).
//!
//! Two-level segregated fit by rlsf, whose free needs no size; a 16-byte header in front of each block remembers where the
//! block began, so over-aligned blocks free like others.
//!
//! # Invariants
//! 1. The heap owns a root arena alone; it grows under its own lock, upwards in place, and never gives bytes back
//!    before it is dropped.
//! 2. In front of each live block lies its `BlockHeader`.

use crate::arena::Arena;
use crate::error::MemoryError;
use crate::header::Header;
use crate::lock::{Lock, LockGuard};
use crate::size::{KIB, MIB};
use crate::tag::Tag;
use crate::tracking::Owner;
use crate::view::ArenaView;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use rlsf::Tlsf;

/// Blocks are aligned to this at least, as `malloc`'s are.
const BLOCK_ALIGN: usize = 16;
/// What the heap takes from its arena at once, at least and at most ahead of need.
const GROW_MIN: usize = 64 * KIB;
const GROW_MAX: usize = 4 * MIB;
const LIVE: u32 = 0x4C49_5645;
const FREED: u32 = 0x4652_4545;

#[repr(C, align(16))]
struct BlockHeader {
    size: usize,
    /// From the start of what rlsf granted to the block.
    offset: u32,
    state: u32,
}

/// What a heap holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapStats {
    /// Bytes in live blocks.
    pub live_bytes: usize,
    /// Live blocks.
    pub live_count: usize,
    /// The most bytes that were ever live.
    pub peak_bytes: usize,
    /// Blocks granted since the start; reallocations count too.
    pub allocations: usize,
}

// One first-level class for each bit above rlsf's granularity: pools of any size coalesce.
type Blocks = Tlsf<'static, u64, u16, { (usize::BITS - rlsf::GRANULARITY.trailing_zeros()) as usize }, 16>;

struct Inner {
    blocks: Blocks,
    pool_end: *mut u8,
    stats: HeapStats,
}

/// A heap with free and realloc in an arena of its own; thread-safe.
///
/// ```
/// use voltrum_memory::{ArenaHeap, Tag};
///
/// let heap = ArenaHeap::try_reserve("imgui", 64 << 20, Tag::UI)?;
/// let block = heap.allocate(100, 8).ok_or("full")?;
/// assert_eq!(heap.stats().live_bytes, 100);
/// // SAFETY: the block came from this heap and is not used again.
/// unsafe { heap.deallocate(block) };
/// assert_eq!(heap.stats().live_count, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ArenaHeap {
    inner: Lock<Inner>,
    owner: Owner,
    arena: Arena<'static>,
    header: NonNull<Header>,
}

// SAFETY:
// - the arena and the block lists are touched under the lock only; views read atomics.
unsafe impl Send for ArenaHeap {}
// SAFETY:
// - as above.
unsafe impl Sync for ArenaHeap {}

impl ArenaHeap {
    /// Reserves a heap of at most `bytes`, charged to `tag`.
    ///
    /// # Errors
    /// As [`Arena::try_reserve`].
    #[cfg(feature = "std")]
    pub fn try_reserve(name: &'static str, bytes: usize, tag: Tag) -> Result<ArenaHeap, MemoryError> {
        Ok(ArenaHeap::owning(Arena::try_reserve(name, bytes)?, tag))
    }

    /// A heap in a buffer that is its own for good, charged to `tag`; needs no system and no feature. What the heap grants can
    /// be with C code, which no borrow binds: hence `'static`.
    ///
    /// ```
    /// use std::mem::MaybeUninit;
    /// use voltrum_memory::{ArenaHeap, Tag};
    ///
    /// let buffer = Box::leak(Box::new_uninit_slice(64 << 10)); // or a static
    /// let heap = ArenaHeap::in_buffer("codec", buffer, Tag::FOREIGN)?;
    /// let block = heap.allocate(100, 8).ok_or("full")?;
    /// // SAFETY: the block came from this heap and is not used again.
    /// unsafe { heap.deallocate(block) };
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Arena::in_buffer`].
    pub fn in_buffer(
        name: &'static str,
        buffer: &'static mut [MaybeUninit<u8>],
        tag: Tag,
    ) -> Result<ArenaHeap, MemoryError> {
        Ok(ArenaHeap::owning(Arena::in_buffer(name, buffer)?, tag))
    }

    fn owning(mut arena: Arena<'static>, tag: Tag) -> ArenaHeap {
        let header = arena.open().untagged().header().into();
        let inner = Inner { blocks: Tlsf::new(), pool_end: core::ptr::null_mut(), stats: HeapStats::default() };
        ArenaHeap { inner: Lock::new(inner), owner: Owner::of(tag), arena, header }
    }

    fn lock(&self) -> LockGuard<'_, Inner> {
        self.inner.lock()
    }

    /// What the heap holds now.
    pub fn stats(&self) -> HeapStats {
        self.lock().stats
    }

    /// A view of the heap's arena, for reports.
    pub fn view(&self) -> ArenaView<'_> {
        self.arena.view()
    }

    /// A block of `size` bytes aligned to `align` (a power of two), or `None` when the heap is full.
    pub fn allocate(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let mut inner = self.lock();
        let block = self.allocate_locked(&mut inner, size, align)?;
        inner.stats.added(size);
        Some(block)
    }

    fn allocate_locked(&self, inner: &mut Inner, size: usize, align: usize) -> Option<NonNull<u8>> {
        if !align.is_power_of_two() {
            return None;
        }
        let slack = if align > BLOCK_ALIGN { align } else { 0 };
        let offset_max = u32::try_from(slack + size_of::<BlockHeader>()).ok()?;
        let total = size.checked_add(offset_max as usize)?;
        let layout = Layout::from_size_align(total, BLOCK_ALIGN).ok()?;
        let granted = inner.blocks.allocate(layout).or_else(|| {
            self.grow(inner, total)?;
            inner.blocks.allocate(layout)
        })?;
        let first = granted.addr().get() + size_of::<BlockHeader>();
        let offset = (first.next_multiple_of(align.max(BLOCK_ALIGN)) - granted.addr().get()) as u32;
        // SAFETY:
        // - `offset <= offset_max`, so `offset + size <= total` bytes were granted, and at least a header's worth lies before `offset`, aligned to 16.
        unsafe {
            let block = granted.add(offset as usize);
            let header = BlockHeader { size, offset, state: LIVE };
            block.cast::<BlockHeader>().sub(1).write(header);
            Some(block)
        }
    }

    /// Takes more of the arena, enough for a block of `total` bytes.
    fn grow(&self, inner: &mut Inner, total: usize) -> Option<()> {
        // SAFETY:
        // - the heap owns the arena, and this runs under the lock, so there is one writer.
        let header = unsafe { self.header.as_ref() };
        // Good fit rounds sizes up to its next class, a sixteenth at most; the first block of a pool pays for its sentinel.
        let least =
            total.checked_add(total / 8 + 4 * rlsf::GRANULARITY)?.checked_next_multiple_of(rlsf::GRANULARITY)?;
        let ahead = header.used_here().clamp(GROW_MIN, GROW_MAX).next_multiple_of(rlsf::GRANULARITY);
        let claim = |bytes: usize| {
            let layout = Layout::from_size_align(bytes, rlsf::GRANULARITY).ok()?;
            Some((header.claim(layout, self.owner).ok()?, bytes))
        };
        // The last resort is all that is left, where it may coalesce with free blocks into enough.
        let rest = header.left().saturating_sub(rlsf::GRANULARITY) & !(rlsf::GRANULARITY - 1);
        let may_suffice = rest > 0 && total <= rest + header.used_here().saturating_sub(inner.stats.live_bytes);
        let (chunk, bytes) = claim(least.max(ahead))
            .or_else(|| claim(least))
            .or_else(|| if may_suffice { claim(rest) } else { None })?;
        let slice = NonNull::slice_from_raw_parts(chunk, bytes);
        // SAFETY:
        // - the chunk is the heap's own for as long as the arena, which outlives the block lists;
        // - it is appended only where it begins at the pool's end.
        let taken = unsafe {
            if chunk.as_ptr() == inner.pool_end {
                inner.blocks.append_free_block_ptr(slice)
            } else {
                inner.blocks.insert_free_block_ptr(slice).map_or(0, core::num::NonZeroUsize::get)
            }
        };
        inner.pool_end = chunk.as_ptr().wrapping_add(taken);
        Some(())
    }

    /// The block's header; `None`, and a stop in debug builds, where `block` is not a live one.
    ///
    /// # Safety
    /// `block` came from this heap.
    unsafe fn header_of(block: NonNull<u8>) -> Option<NonNull<BlockHeader>> {
        // SAFETY:
        // - invariant 2.
        let (at, state) = unsafe {
            let at = block.cast::<BlockHeader>().sub(1);
            (at, (*at.as_ptr()).state)
        };
        debug_assert_eq!(state, LIVE, "freed twice, or not a block of this heap");
        (state == LIVE).then_some(at)
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// `block` came from this heap, has not been freed, and nothing refers to its bytes.
    pub unsafe fn deallocate(&self, block: NonNull<u8>) {
        let mut inner = self.lock();
        // SAFETY:
        // - the caller's block is one of ours.
        let Some(header) = (unsafe { Self::header_of(block) }) else { return };
        // SAFETY:
        // - the header is in place, and the address it leads to is what rlsf granted, with the alignment it was granted with.
        unsafe {
            (*header.as_ptr()).state = FREED;
            let BlockHeader { size, offset, .. } = header.read();
            inner.stats.removed(size);
            inner.blocks.deallocate(block.sub(offset as usize), BLOCK_ALIGN);
        }
    }

    /// Makes a block `size` bytes long, moving it where it must; `None`, and the block as it was, when the heap is full.
    ///
    /// ```
    /// use voltrum_memory::{ArenaHeap, Tag};
    ///
    /// let heap = ArenaHeap::try_reserve("imgui", 64 << 20, Tag::UI)?;
    /// let block = heap.allocate(100, 8).ok_or("full")?;
    /// // SAFETY: the block came from this heap with alignment 8; only what is returned is used from here on.
    /// let block = unsafe { heap.reallocate(block, 10_000, 8) }.ok_or("full, and the block as it was")?;
    /// assert_eq!((heap.stats().live_bytes, heap.stats().live_count), (10_000, 1));
    /// # // SAFETY: live, and not used again.
    /// # unsafe { heap.deallocate(block) };
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Safety
    /// `block` came from this heap with alignment `align`, has not been freed, and nothing refers to its bytes.
    pub unsafe fn reallocate(&self, block: NonNull<u8>, size: usize, align: usize) -> Option<NonNull<u8>> {
        let mut inner = self.lock();
        // SAFETY:
        // - the caller's block is one of ours.
        let header = unsafe { Self::header_of(block) }?;
        // SAFETY:
        // - the header is in place.
        let BlockHeader { size: old, offset, .. } = unsafe { header.read() };
        let prefix = offset as usize;
        if align <= BLOCK_ALIGN && prefix == size_of::<BlockHeader>() {
            let layout = Layout::from_size_align(size.checked_add(prefix)?, BLOCK_ALIGN).ok()?;
            // SAFETY:
            // - the block begins `prefix` bytes before, and was granted with BLOCK_ALIGN; rlsf copies header and contents.
            let moved = unsafe {
                let granted = block.sub(prefix);
                inner.blocks.reallocate(granted, layout).or_else(|| {
                    self.grow(&mut inner, layout.size())?;
                    inner.blocks.reallocate(granted, layout)
                })?
            };
            // SAFETY:
            // - the new grant holds the header and `size` bytes.
            let block = unsafe {
                (*moved.cast::<BlockHeader>().as_ptr()).size = size;
                moved.add(prefix)
            };
            inner.stats.removed(old);
            inner.stats.added(size);
            return Some(block);
        }
        let moved = self.allocate_locked(&mut inner, size, align)?;
        inner.stats.added(size);
        // SAFETY:
        // - both blocks are live, apart, and hold at least the smaller size.
        unsafe { moved.copy_from_nonoverlapping(block, old.min(size)) };
        drop(inner);
        // SAFETY:
        // - the caller's block, given up.
        unsafe { self.deallocate(block) };
        Some(moved)
    }
}

impl HeapStats {
    fn added(&mut self, size: usize) {
        self.live_bytes += size;
        self.live_count += 1;
        self.allocations += 1;
        self.peak_bytes = self.peak_bytes.max(self.live_bytes);
    }

    fn removed(&mut self, size: usize) {
        self.live_bytes -= size;
        self.live_count -= 1;
    }
}
