//! The header of an arena: position, limit and everything else that is known of one, at a fixed address at its start.
//!
//! The owner of an arena (its one writer) may move; handles, children and reports point here.
//!
//! # Invariants
//! 1. `base <= start <= position <= limit <= top <= end`; `[base, limit)` is committed, `[limit, top)` is not. `limit`,
//!    `top` and `end` are multiples of the backing's granule, `position` of 8.
//! 2. Bytes below `position` never move and are never given back; growth commits, it never copies.
//! 3. `position`, `limit` and the counters have one writer at a time; others may only read them (relaxed atomics: plain
//!    loads and stores). The writer reads what only it writes without atomics ([`own`]): such loads fold into other
//!    instructions, atomic ones don't.
//! 4. Children lie in `[top, end)`, the backing's guard below each, lowest first in the list. The list, `top` and the
//!    children's memory change only under the `children` lock; a report walks under the same lock (see `children.rs`).
//! 5. A popped scope's bytes and children stay as they are until the next operation that proves the scope's lifetime over:
//!    a claim, a new scope, a new child. Only those call [`Header::settle`].
//! 6. Bytes in `[max(fresh, written, position), limit)` have not been written since the system gave them. In a buffer
//!    `written` is `end`: there are none.

use crate::asan;
use crate::backing::{Backing, PagePolicy};
use crate::commit::{COMMIT_STEP_MIN, Frames};
use crate::error::{MemoryError, Reason};
use crate::lock::Lock;
use crate::size::{ALIGN_MIN, KIB, align_up, rounded};
use crate::tag::Tag;
use crate::tracking::{Counters, Owner, Snapshot};
use core::alloc::Layout;
use core::cell::Cell;
use core::mem::offset_of;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::Relaxed};

/// An end so far above a limit is still an address: above every region in pages lie inaccessible bytes, and a buffer that
/// reaches higher than that is not used to its end.
pub(crate) const ABOVE_LIMIT: usize = 4 * KIB;
/// Whether popped bytes are looked at again.
const MARKS_POPPED: bool = cfg!(debug_assertions) || asan::POISONS;
/// What popped bytes hold in debug builds.
const FILL: u8 = 0xDD;

/// What a new region is to be.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Region {
    pub(crate) base: NonNull<u8>,
    pub(crate) end: *mut u8,
    pub(crate) name: &'static str,
    pub(crate) tags: &'static [Tag],
    /// How many allocations the arena's log remembers at most.
    pub(crate) log_max: usize,
    pub(crate) policy: PagePolicy,
    pub(crate) budget: usize,
    /// After how many frames pages that none of them needed go back; 0 for never.
    pub(crate) trim_after: u32,
    pub(crate) parent: Option<NonNull<Header>>,
    /// How many scopes of the parent were open when it was carved.
    pub(crate) depth: usize,
    pub(crate) backing: Backing,
    /// What a root of pages ends with.
    pub(crate) mapping: (*mut u8, usize),
}

/// What values and scopes take lies in the first cache line.
#[repr(C)]
pub(crate) struct Header {
    position: AtomicPtr<u8>,
    pub(crate) limit: AtomicPtr<u8>,
    /// The highest position that was ever lowered, since the pages above were last given back (and since the frame began,
    /// where frames are counted: earlier ones are in `written`).
    pub(crate) fresh: AtomicPtr<u8>,
    /// As `fresh`, of all frames before this one, and of nested cursors that grew, which may be forgotten.
    pub(crate) written: AtomicPtr<u8>,
    pub(crate) top: AtomicPtr<u8>,
    /// Scopes that are open here; forgotten ones count until the scope around them ends.
    depth: AtomicUsize,
    pub(crate) region: Region,
    pub(crate) frames: Frames,
    pub(crate) dirty: AtomicPtr<u8>,
    /// Children carved at this depth or deeper belong to scopes that have ended.
    pub(crate) closed_depth: AtomicUsize,
    /// The peak until pages were last given back; later ones show in `fresh`.
    pub(crate) peak: AtomicUsize,
    pub(crate) peak_with_children: AtomicUsize,
    pub(crate) committed: AtomicUsize,
    pub(crate) dropped: AtomicBool,
    /// Why the last request failed, for the moment between a slow path and its caller. The writer's own.
    refusal: Cell<Option<MemoryError>>,
    pub(crate) children: Lock<Option<NonNull<Header>>>,
    pub(crate) next: AtomicPtr<Header>,
    counters: Counters,
}

const _: () = assert!(offset_of!(Header, region) + offset_of!(Region, end) + size_of::<*mut u8>() <= 64);

/// No scope has ended since children were last settled.
pub(crate) const NONE_CLOSED: usize = usize::MAX;

/// Bytes at the start of a region that its header takes.
pub(crate) const HEADER_BYTES: usize = (size_of::<Header>() + 63) & !63;

/// What the arena's one writer reads of what only it writes.
#[inline(always)]
pub(crate) fn own<T>(pointer: &AtomicPtr<T>) -> *mut T {
    // SAFETY:
    // - no data race: the caller is the one writer (invariant 3), so nobody else writes meanwhile; aligned and initialised.
    unsafe { pointer.as_ptr().read() }
}

#[inline]
pub(crate) fn raise(pointer: &AtomicPtr<u8>, to: *mut u8) {
    if to > own(pointer) {
        pointer.store(to, Relaxed);
    }
}

#[inline]
pub(crate) fn lower(pointer: &AtomicPtr<u8>, to: *mut u8) {
    if to < own(pointer) {
        pointer.store(to, Relaxed);
    }
}

impl Header {
    /// Commits the region's first pages and writes its header there.
    ///
    /// # Safety
    /// `[base, end)` is of the backing and uncommitted, aligned to its granule, larger than a header and nobody else's;
    /// `parent` outlives it.
    pub(crate) unsafe fn place(region: Region) -> Result<NonNull<Header>, MemoryError> {
        let base = region.base.as_ptr();
        let room = region.end.addr() - base.addr();
        let first =
            COMMIT_STEP_MIN.max(align_up(HEADER_BYTES, region.backing.granule()).unwrap_or(HEADER_BYTES)).min(room);
        let limit = base.wrapping_add(first);
        let start = base.wrapping_add(HEADER_BYTES);
        let written = if region.backing.commits_zeros() { start } else { region.end };
        let header = Header {
            position: AtomicPtr::new(start),
            limit: AtomicPtr::new(limit),
            counters: Counters::new(region.log_max),
            fresh: AtomicPtr::new(start),
            written: AtomicPtr::new(written),
            frames: Frames::new(),
            dirty: AtomicPtr::new(start),
            top: AtomicPtr::new(region.end),
            depth: AtomicUsize::new(0),
            closed_depth: AtomicUsize::new(NONE_CLOSED),
            peak: AtomicUsize::new(0),
            peak_with_children: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
            dropped: AtomicBool::new(false),
            refusal: Cell::new(None),
            children: Lock::new(None),
            next: AtomicPtr::new(ptr::null_mut()),
            region,
        };
        header.charge(first).map_err(|blocker| blocker.error(Reason::Budget, None, first, blocker.budget_left()))?;
        // SAFETY:
        // - the range is inside the region, which is the caller's and nobody uses;
        // - `base` is aligned to the granule, so aligned for a header, and the header fits the committed bytes.
        unsafe {
            region.backing.prefer_huge(base, room, region.policy.is_huge(room));
            if let Err(refused) = region.backing.commit(base, first) {
                header.uncharge(first);
                return Err(header.error(Reason::Commit(refused.0), None, first, room));
            }
            region.base.cast::<Header>().write(header);
        }
        Ok(region.base.cast())
    }

    pub(crate) fn name(&self) -> &'static str {
        self.region.name
    }
    pub(crate) fn tags(&self) -> &'static [Tag] {
        self.region.tags
    }
    #[inline(always)]
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
    pub(crate) fn is_root(&self) -> bool {
        self.region.parent.is_none()
    }
    /// Where the next block lies: for the writer.
    #[inline(always)]
    pub(crate) fn position(&self) -> *mut u8 {
        own(&self.position)
    }
    #[inline(always)]
    pub(crate) fn set_position(&self, position: *mut u8) {
        self.position.store(position, Relaxed);
    }
    #[inline(always)]
    pub(crate) fn limit(&self) -> *mut u8 {
        own(&self.limit)
    }
    #[inline]
    pub(crate) fn top(&self) -> *mut u8 {
        own(&self.top)
    }
    /// First and one past the last byte of the region, header included.
    pub(crate) fn range(&self) -> core::ops::Range<*const u8> {
        self.region.base.as_ptr().cast_const()..self.region.end.cast_const()
    }
    pub(crate) fn reserved(&self) -> usize {
        self.region.end.addr() - self.region.base.addr().get()
    }
    /// Bytes committed here and in children.
    pub(crate) fn committed(&self) -> usize {
        self.committed.load(Relaxed)
    }
    /// Bytes in use, for any thread.
    #[inline]
    pub(crate) fn used_here(&self) -> usize {
        self.position.load(Relaxed).addr() - self.start().addr()
    }
    #[inline]
    pub(crate) fn peak_here(&self) -> usize {
        let highest = self.fresh.load(Relaxed).max(self.position.load(Relaxed));
        self.peak.load(Relaxed).max(highest.addr() - self.start().addr())
    }
    #[inline]
    pub(crate) fn start(&self) -> *mut u8 {
        self.region.base.as_ptr().wrapping_add(HEADER_BYTES)
    }

    #[cold]
    pub(crate) fn error(&self, reason: Reason, owner: Option<Owner>, asked: usize, left: usize) -> MemoryError {
        let limit = match reason {
            Reason::Budget => self.region.budget,
            _ => self.region.end.addr() - self.start().addr(),
        };
        MemoryError::new(self.name(), owner.and_then(|owner| owner.name(self.tags())), reason, asked, left, limit)
    }

    /// Why a block of `layout` can't be had: for callers that only know that it failed. Takes nothing.
    #[cold]
    pub(crate) fn explain(&self, layout: Layout, owner: Owner) -> MemoryError {
        match self.make_room(layout, owner) {
            Err(error) => error,
            // It fits after all (the failed attempt was a larger one): report what was asked against what is left.
            Ok(_) => self.error(Reason::Full, Some(owner), layout.size(), self.left()),
        }
    }

    #[cold]
    pub(crate) fn overflow(&self, owner: Owner) -> MemoryError {
        self.error(Reason::Overflow, Some(owner), usize::MAX, self.left())
    }

    pub(crate) fn left(&self) -> usize {
        self.top().addr() - self.position().addr()
    }

    /// Takes the next block: in bounds, aligned, nobody else's.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn claim(&self, layout: Layout, owner: Owner) -> Result<NonNull<u8>, MemoryError> {
        let position = self.position();
        let size = rounded(layout.size());
        if layout.align() <= ALIGN_MIN && self.limit().addr() - position.addr() >= size {
            self.set_position(position.wrapping_add(size));
            asan::unpoison(position, layout.size());
            self.counters.allocated(owner, position, layout.size(), size - layout.size());
            // SAFETY:
            // - not null: position lies inside a mapping (invariant 1).
            return Ok(unsafe { NonNull::new_unchecked(position) });
        }
        self.claim_slow(layout, owner).ok_or_else(|| self.refusal())
    }

    /// Takes room for a `T`, as [`Header::claim`] does. Its size is known while compiling, so the end of a small one needs no
    /// test of its own: two instructions less.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn claim_value<T>(&self, owner: Owner) -> Result<NonNull<u8>, MemoryError> {
        let layout = Layout::new::<T>();
        if const { align_of::<T>() > ALIGN_MIN || rounded(size_of::<T>()) > ABOVE_LIMIT } {
            return self.claim(layout, owner);
        }
        let size = const { rounded(size_of::<T>()) };
        let position = self.position();
        let end = position.wrapping_add(size);
        if end <= self.limit() {
            self.set_position(end);
            asan::unpoison(position, layout.size());
            self.counters.allocated(owner, position, layout.size(), size - layout.size());
            // SAFETY:
            // - not null: position lies inside a mapping (invariant 1).
            return Ok(unsafe { NonNull::new_unchecked(position) });
        }
        self.claim_slow(layout, owner).ok_or_else(|| self.refusal())
    }

    #[cold]
    #[inline(never)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn claim_slow(&self, layout: Layout, owner: Owner) -> Option<NonNull<u8>> {
        let before = match self.make_room(layout, owner) {
            Ok(before) => before,
            Err(error) => {
                self.refusal.set(Some(error));
                return None;
            }
        };
        let (position, size) = (self.position(), rounded(layout.size()));
        self.set_position(position.wrapping_add(before + size));
        let block = position.wrapping_add(before);
        asan::unpoison(block, layout.size());
        self.counters.allocated(owner, block, layout.size(), before + size - layout.size());
        // SAFETY:
        // - not null: the block lies inside a mapping (invariant 1).
        Some(unsafe { NonNull::new_unchecked(block) })
    }

    /// Why [`Header::claim_slow`] has just failed. An error is too large to travel through hot code in registers, so it waits
    /// here for the caller's own cold path.
    #[cold]
    #[inline(never)]
    pub(crate) fn refusal(&self) -> MemoryError {
        self.refusal.take().unwrap_or_else(|| self.error(Reason::Full, None, 0, self.left()))
    }

    /// Commits what a block of `layout` needs; how many bytes lie between the position and the block, for its alignment.
    fn make_room(&self, layout: Layout, owner: Owner) -> Result<usize, MemoryError> {
        let position = self.position().addr();
        let begin = align_up(position, layout.align().max(ALIGN_MIN));
        let end = begin.and_then(|begin| begin.checked_add(rounded(layout.size())));
        let (Some(begin), Some(end)) = (begin, end) else { return Err(self.overflow(owner)) };
        if end > self.limit().addr() {
            self.settle();
            if end > self.top().addr() {
                return Err(self.error(Reason::Full, Some(owner), layout.size(), self.left()));
            }
            self.commit_to(end, owner)?;
        }
        Ok(begin - position)
    }

    /// Grows or shrinks the block in place where it is the last one. `true` if it was done.
    pub(crate) fn resize_last(&self, block: NonNull<u8>, from: usize, to: usize, owner: Owner) -> bool {
        let position = self.position();
        let begin = block.as_ptr();
        if begin.wrapping_add(rounded(from)) != position || begin < self.start() {
            return false;
        }
        let Some(end) = begin.addr().checked_add(rounded(to)) else { return false };
        if end > self.limit().addr() {
            self.settle();
            if end > self.top().addr() || self.commit_to(end, owner).is_err() {
                return false;
            }
        }
        if end < position.addr() {
            self.note_high();
        }
        self.set_position(begin.wrapping_add(rounded(to)));
        if to < from {
            asan::poison(begin.wrapping_add(to), from - to);
        } else {
            asan::unpoison(begin, to);
        }
        self.counters.resized(owner, begin, [from, rounded(from) - from], [to, rounded(to) - to]);
        true
    }

    /// Takes the block back where it is the last one; otherwise it stays until its scope ends.
    #[inline]
    pub(crate) fn free_last(&self, block: NonNull<u8>, size: usize, owner: Owner) {
        let begin = block.as_ptr();
        if begin.wrapping_add(rounded(size)) == self.position() && begin >= self.start() {
            self.note_high();
            self.set_position(begin);
            asan::poison(begin, size);
            self.counters.freed(owner, begin, size, rounded(size) - size);
        }
    }

    /// How many of the `size` bytes from `block` on (the last block) may hold something else than zero.
    #[inline]
    pub(crate) fn stale_bytes(&self, block: NonNull<u8>, size: usize) -> usize {
        own(&self.fresh).max(own(&self.written)).addr().saturating_sub(block.addr().get()).min(size)
    }

    /// Remembers how far the arena was written, before `position` is lowered.
    #[inline]
    fn note_high(&self) {
        let position = self.position();
        self.note_written(position);
    }

    /// Remembers that bytes below `end` may have been written.
    #[inline]
    pub(crate) fn note_written(&self, end: *mut u8) {
        raise(&self.fresh, end);
        if MARKS_POPPED {
            raise(&self.dirty, end);
        }
    }

    #[inline]
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.counters.snapshot()
    }

    /// The end of a scope: lowers the position, and no more. What the scope lent stays intact (invariant 5).
    #[inline]
    pub(crate) fn close(&self, mark: *mut u8, depth: usize, snapshot: &Snapshot) {
        let position = self.position();
        if position > mark {
            self.note_written(position);
            self.set_position(mark);
        }
        self.leave(depth - 1, depth);
        self.counters.restore(snapshot);
    }

    /// How many scopes are open.
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        // SAFETY:
        // - no data race: only the arena's one writer reads and writes it.
        unsafe { self.depth.as_ptr().read() }
    }

    /// Counts a scope that begins; its depth, from 1.
    #[inline]
    pub(crate) fn enter(&self) -> usize {
        let depth = self.depth() + 1;
        self.depth.store(depth, Relaxed);
        depth
    }

    /// Counts the end of the scopes from depth `closed` on, the forgotten ones too: `open` are left.
    #[inline]
    fn leave(&self, open: usize, closed: usize) {
        self.depth.store(open, Relaxed);
        if self.has_children() {
            self.closed_depth.store(self.closed_depth.load(Relaxed).min(closed), Relaxed);
        }
    }

    /// The beginning of a nested scope: what earlier ones lent is over.
    #[inline]
    pub(crate) fn begin(&self) {
        self.settle();
        self.fill_popped(self.position());
    }

    /// Everything the arena ever lent is over.
    pub(crate) fn reset(&self) {
        self.note_high();
        self.set_position(self.start());
        self.leave(0, 0);
        self.counters.clear();
        self.begin();
    }

    /// Fills what was popped, all of it from `from` on, in debug builds, and poisons it with feature `asan`.
    #[inline]
    pub(crate) fn fill_popped(&self, from: *mut u8) {
        if MARKS_POPPED {
            let to = self.dirty.load(Relaxed);
            if to > from {
                let bytes = to.addr() - from.addr();
                // Between blocks some bytes are poisoned still.
                asan::unpoison(from, bytes);
                if cfg!(debug_assertions) {
                    // SAFETY:
                    // - `dirty <= limit`, so the bytes are committed; they were popped and nobody refers to them
                    //   (invariant 5).
                    unsafe { from.write_bytes(FILL, bytes) };
                }
                asan::poison(from, bytes);
            }
            self.dirty.store(from, Relaxed);
        }
    }
}
