//! The header of an arena: position, limit and everything else that is known of one, at a fixed address at its start.
//!
//! The owner of an arena (its one writer) may move; handles, children and reports point here.
//!
//! # Invariants
//! 1. `base <= start <= position <= limit <= top <= end`; `[base, limit)` is committed, `[limit, top)` is not. `limit`,
//!    `top` and `end` are multiples of the page size, `position` of 8.
//! 2. Bytes below `position` never move and are never given back; growth commits, it never copies.
//! 3. `position`, `limit` and the counters have one writer at a time; others may only read them (relaxed atomics: plain
//!    loads and stores).
//! 4. Children lie in `[top, end)`, lowest first in the list. The list, `top` and the children's memory change only under
//!    the `children` lock; a report walks under the same lock.
//! 5. A popped scope's bytes and children stay as they are until the next operation that proves the scope's lifetime over:
//!    a claim, a new scope, a new child. Only those call [`Header::settle`].
//! 6. Bytes in `[fresh.max(position), limit)` have not been written since the system gave them.

use crate::error::{MemoryError, Reason};
use crate::pages;
use crate::size::{ALIGN_MIN, HUGE_PAGE, KIB, MIB, align_down, align_up, rounded};
use crate::tag::Tag;
use crate::tracking::{Counters, Owner, Snapshot};
use core::alloc::Layout;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The first commit of an arena, and the smallest later one where the reservation has room for it.
const COMMIT_STEP_MIN: usize = 64 * KIB;
/// The largest commit that is made ahead of need.
const COMMIT_STEP_MAX: usize = 16 * MIB;
/// Arenas from this size on ask for huge pages, unless told otherwise.
const HUGE_FROM: usize = 4 * MIB;
/// What popped bytes hold in debug builds.
const FILL: u8 = 0xDD;

/// Which pages an arena asks the system for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PagePolicy {
    /// Huge pages for arenas of 4 MiB and more, small ones below.
    #[default]
    Auto,
    /// Small pages: right for sparse use.
    Small,
    /// Huge pages: right for dense use.
    Huge,
}

impl PagePolicy {
    pub(crate) fn is_huge(self, bytes: usize) -> bool {
        match self {
            PagePolicy::Auto => bytes >= HUGE_FROM,
            PagePolicy::Small => false,
            PagePolicy::Huge => true,
        }
    }
}

/// What a new region is to be.
#[derive(Clone, Copy)]
pub(crate) struct Region {
    pub(crate) base: NonNull<u8>,
    pub(crate) end: *mut u8,
    pub(crate) name: &'static str,
    pub(crate) tags: &'static [Tag],
    pub(crate) policy: PagePolicy,
    pub(crate) budget: usize,
    pub(crate) parent: Option<NonNull<Header>>,
    pub(crate) mapping: (*mut u8, usize),
}

pub(crate) struct Header {
    position: AtomicPtr<u8>,
    limit: AtomicPtr<u8>,
    counters: Counters,
    fresh: AtomicPtr<u8>,
    dirty: AtomicPtr<u8>,
    top: AtomicPtr<u8>,
    closed_top: AtomicPtr<u8>,
    peak: AtomicUsize,
    peak_with_children: AtomicUsize,
    committed: AtomicUsize,
    dropped: AtomicBool,
    children: Mutex<Option<NonNull<Header>>>,
    next: AtomicPtr<Header>,
    region: Region,
}

/// Bytes at the start of a region that its header takes.
pub(crate) const HEADER_BYTES: usize = (size_of::<Header>() + 63) & !63;

fn raise(pointer: &AtomicPtr<u8>, to: *mut u8) {
    if to > pointer.load(Relaxed) {
        pointer.store(to, Relaxed);
    }
}

fn lower(pointer: &AtomicPtr<u8>, to: *mut u8) {
    if to < pointer.load(Relaxed) {
        pointer.store(to, Relaxed);
    }
}

impl Header {
    /// Commits the region's first pages and writes its header there.
    ///
    /// # Safety
    /// `[base, end)` is reserved, uncommitted, page-aligned, larger than a header and nobody else's; `parent` outlives it.
    pub(crate) unsafe fn place(region: Region) -> Result<NonNull<Header>, MemoryError> {
        let base = region.base.as_ptr();
        let room = region.end.addr() - base.addr();
        let first = COMMIT_STEP_MIN.max(align_up(HEADER_BYTES, pages::page_size()).unwrap_or(HEADER_BYTES)).min(room);
        let limit = base.wrapping_add(first);
        let start = base.wrapping_add(HEADER_BYTES);
        let header = Header {
            position: AtomicPtr::new(start),
            limit: AtomicPtr::new(limit),
            counters: Counters::new(),
            fresh: AtomicPtr::new(start),
            dirty: AtomicPtr::new(start),
            top: AtomicPtr::new(region.end),
            closed_top: AtomicPtr::new(ptr::null_mut()),
            peak: AtomicUsize::new(0),
            peak_with_children: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
            dropped: AtomicBool::new(false),
            children: Mutex::new(None),
            next: AtomicPtr::new(ptr::null_mut()),
            region,
        };
        header.charge(first).map_err(|blocker| blocker.error(Reason::Budget, None, first, blocker.budget_left()))?;
        // SAFETY:
        // - the range is inside the region, which the caller reserved and nobody uses;
        // - `base` is page-aligned, so aligned for a header, and the header fits the committed bytes.
        unsafe {
            pages::prefer_huge(base, room, region.policy.is_huge(room));
            if let Err(refused) = pages::commit(base, first) {
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
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
    pub(crate) fn is_root(&self) -> bool {
        self.region.parent.is_none()
    }
    pub(crate) fn mapping(&self) -> (*mut u8, usize) {
        self.region.mapping
    }
    pub(crate) fn mark_dropped(&self) {
        self.dropped.store(true, Relaxed);
    }
    pub(crate) fn position(&self) -> *mut u8 {
        self.position.load(Relaxed)
    }
    pub(crate) fn set_position(&self, position: *mut u8) {
        self.position.store(position, Relaxed);
    }
    pub(crate) fn limit(&self) -> *mut u8 {
        self.limit.load(Relaxed)
    }
    pub(crate) fn top(&self) -> *mut u8 {
        self.top.load(Relaxed)
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
    pub(crate) fn used_here(&self) -> usize {
        self.position().addr() - self.start().addr()
    }
    pub(crate) fn peak_here(&self) -> usize {
        self.peak.load(Relaxed).max(self.used_here())
    }
    fn start(&self) -> *mut u8 {
        self.region.base.as_ptr().wrapping_add(HEADER_BYTES)
    }

    #[cold]
    fn error(&self, reason: Reason, owner: Option<Owner>, asked: usize, left: usize) -> MemoryError {
        let limit = match reason {
            Reason::Budget => self.region.budget,
            _ => self.region.end.addr() - self.start().addr(),
        };
        MemoryError::new(self.name(), owner.and_then(|owner| owner.name(self.tags())), reason, asked, left, limit)
    }

    /// Why a block of `layout` can't be had: for callers that only know that it failed.
    #[cold]
    pub(crate) fn explain(&self, layout: Layout, owner: Owner) -> MemoryError {
        match self.claim_slow(layout, owner) {
            Err(error) => error,
            // It fits after all (the failed attempt was a larger one): report what was asked against what is left.
            Ok(_) => self.error(Reason::Full, Some(owner), layout.size(), self.left()),
        }
    }

    #[cold]
    pub(crate) fn overflow(&self, owner: Owner) -> MemoryError {
        self.error(Reason::Overflow, Some(owner), usize::MAX, self.left())
    }

    fn left(&self) -> usize {
        self.top().addr() - self.position().addr()
    }

    /// Takes the next block: in bounds, aligned, nobody else's.
    #[inline(always)]
    pub(crate) fn claim(&self, layout: Layout, owner: Owner) -> Result<NonNull<u8>, MemoryError> {
        let position = self.position();
        let size = rounded(layout.size());
        if layout.align() <= ALIGN_MIN && self.limit().addr() - position.addr() >= size {
            self.set_position(position.wrapping_add(size));
            self.counters.allocated(owner, layout.size(), size - layout.size());
            // SAFETY:
            // - not null: position lies inside a mapping (invariant 1).
            return Ok(unsafe { NonNull::new_unchecked(position) });
        }
        self.claim_slow(layout, owner)
    }

    #[cold]
    #[inline(never)]
    fn claim_slow(&self, layout: Layout, owner: Owner) -> Result<NonNull<u8>, MemoryError> {
        let position = self.position();
        let size = rounded(layout.size());
        let begin = align_up(position.addr(), layout.align().max(ALIGN_MIN));
        let Some((begin, end)) = begin.and_then(|begin| Some((begin, begin.checked_add(size)?))) else {
            return Err(self.overflow(owner));
        };
        if end > self.limit().addr() {
            self.settle();
            if end > self.top().addr() {
                return Err(self.error(Reason::Full, Some(owner), layout.size(), self.left()));
            }
            self.commit_to(end, owner)?;
        }
        let before = begin - position.addr();
        self.set_position(position.wrapping_add(before + size));
        self.counters.allocated(owner, layout.size(), before + size - layout.size());
        let block = position.wrapping_add(before);
        // SAFETY:
        // - not null: the block lies inside a mapping (invariant 1).
        Ok(unsafe { NonNull::new_unchecked(block) })
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
        self.counters.resized(owner, from, to, rounded(from) - from, rounded(to) - to);
        true
    }

    /// Takes the block back where it is the last one; otherwise it stays until its scope ends.
    pub(crate) fn free_last(&self, block: NonNull<u8>, size: usize, owner: Owner) {
        let begin = block.as_ptr();
        if begin.wrapping_add(rounded(size)) == self.position() && begin >= self.start() {
            self.note_high();
            self.set_position(begin);
            self.counters.freed(owner, size, rounded(size) - size);
        }
    }

    /// How many of the `size` bytes from `block` on (the last block) may hold something else than zero.
    pub(crate) fn stale_bytes(&self, block: NonNull<u8>, size: usize) -> usize {
        self.fresh.load(Relaxed).addr().saturating_sub(block.addr().get()).min(size)
    }

    /// Commits at least up to `end`, at most up to `top`.
    fn commit_to(&self, end: usize, owner: Owner) -> Result<(), MemoryError> {
        let (limit, top) = (self.limit(), self.top());
        let base = self.region.base.addr().get();
        let step = (limit.addr() - base).clamp(COMMIT_STEP_MIN, COMMIT_STEP_MAX);
        let least = align_up(end, pages::page_size()).unwrap_or(end).min(top.addr());
        let wanted = least.max(limit.addr().saturating_add(step)).min(top.addr());
        let mut result = self.try_commit(limit, wanted - limit.addr(), owner);
        if result.is_err() && wanted > least {
            result = self.try_commit(limit, least - limit.addr(), owner);
        }
        result
    }

    fn try_commit(&self, limit: *mut u8, bytes: usize, owner: Owner) -> Result<(), MemoryError> {
        self.charge(bytes)
            .map_err(|blocker| blocker.error(Reason::Budget, Some(owner), bytes, blocker.budget_left()))?;
        // SAFETY:
        // - `[limit, top)` is reserved for this arena and holds nothing (invariant 1).
        match unsafe { pages::commit(limit, bytes) } {
            Ok(()) => {
                self.limit.store(limit.wrapping_add(bytes), Relaxed);
                Ok(())
            }
            Err(refused) => {
                self.uncharge(bytes);
                Err(self.error(Reason::Commit(refused.0), Some(owner), bytes, self.left()))
            }
        }
    }

    fn budget_left(&self) -> usize {
        self.region.budget.saturating_sub(self.committed())
    }

    fn parent(&self) -> Option<&Header> {
        // SAFETY:
        // - a parent's header outlives its children (the lifetime of a child is a borrow of its parent's scope).
        self.region.parent.map(|parent| unsafe { parent.as_ref() })
    }

    /// Counts committed bytes here and in every arena this one is carved from; the arena whose budget forbids it otherwise.
    fn charge(&self, bytes: usize) -> Result<(), &Header> {
        let mut at = Some(self);
        while let Some(header) = at {
            if header.committed.fetch_add(bytes, Relaxed).saturating_add(bytes) > header.region.budget {
                let mut undo = Some(self);
                while let Some(charged) = undo {
                    charged.committed.fetch_sub(bytes, Relaxed);
                    undo = if ptr::eq(charged, header) { None } else { charged.parent() };
                }
                return Err(header);
            }
            at = header.parent();
        }
        Ok(())
    }

    fn uncharge(&self, bytes: usize) {
        let mut at = Some(self);
        while let Some(header) = at {
            header.committed.fetch_sub(bytes, Relaxed);
            at = header.parent();
        }
    }

    /// Remembers how far the arena was written, before `position` is lowered.
    fn note_high(&self) {
        let position = self.position();
        raise(&self.fresh, position);
        raise(&self.dirty, position);
        self.peak.store(self.peak_here(), Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.counters.snapshot()
    }

    /// The end of a scope: lowers the position, and no more. What the scope lent stays intact (invariant 5).
    pub(crate) fn close(&self, mark: *mut u8, mark_top: *mut u8, snapshot: &Snapshot) {
        self.note_high();
        lower(&self.position, mark);
        raise(&self.closed_top, mark_top);
        self.counters.restore(snapshot);
    }

    /// The beginning of a nested scope: what earlier ones lent is over.
    pub(crate) fn begin(&self) {
        self.settle();
        self.fill_popped();
    }

    /// Everything the arena ever lent is over.
    pub(crate) fn reset(&self) {
        self.note_high();
        self.set_position(self.start());
        raise(&self.closed_top, self.region.end);
        self.counters.clear();
        self.begin();
    }

    fn fill_popped(&self) {
        if cfg!(debug_assertions) {
            let (from, to) = (self.position(), self.dirty.load(Relaxed));
            if to > from {
                // SAFETY:
                // - `dirty <= limit`, so the bytes are committed; they were popped and nobody refers to them (invariant 5).
                unsafe { from.write_bytes(FILL, to.addr() - from.addr()) };
            }
            self.dirty.store(from, Relaxed);
        }
    }

    fn lock_children(&self) -> MutexGuard<'_, Option<NonNull<Header>>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unlinks the lowest children that are over (their scope has ended, or their owner has been dropped) and gives their
    /// pages back.
    pub(crate) fn settle(&self) {
        if self.top() == self.region.end {
            self.closed_top.store(ptr::null_mut(), Relaxed);
            return;
        }
        let mut list = self.lock_children();
        let closed = self.closed_top.load(Relaxed);
        while let Some(lowest) = *list {
            // SAFETY:
            // - a listed child's header is alive: only this function ends it, under the lock (invariant 4).
            let child = unsafe { lowest.as_ref() };
            let base = child.region.base.as_ptr();
            if base >= closed && !child.dropped.load(Relaxed) {
                break;
            }
            let (end, committed, peak) = (child.region.end, child.committed(), child.peak_with_children());
            *list = NonNull::new(child.next.load(Relaxed));
            self.peak_with_children.fetch_max(self.used_here().saturating_add(peak), Relaxed);
            // SAFETY:
            // - the child's scope or owner is gone, so nothing refers to its bytes, its own children included
            //   (invariant 5), and it is no longer listed;
            // - its header is dropped once, here.
            unsafe {
                lowest.as_ptr().drop_in_place();
                pages::decommit(base, end.addr() - base.addr());
            }
            self.uncharge(committed);
            self.top.store(end, Relaxed);
        }
        self.closed_top.store(ptr::null_mut(), Relaxed);
    }

    /// Peak of this arena and its children. Children's peaks may have come at different times, so it is an upper bound.
    pub(crate) fn peak_with_children(&self) -> usize {
        let mut sum = self.peak_here();
        self.each_child(|child| sum = sum.saturating_add(child.peak_with_children()));
        sum.max(self.peak_with_children.load(Relaxed))
    }

    /// Calls `visit` with each child that has not been closed, the last carved first, under the lock.
    pub(crate) fn each_child(&self, mut visit: impl FnMut(&Header)) {
        let list = self.lock_children();
        let closed = self.closed_top.load(Relaxed);
        let mut at = *list;
        while let Some(child) = at {
            // SAFETY:
            // - listed children are alive while the lock is held (invariant 4).
            let child = unsafe { child.as_ref() };
            if child.region.base.as_ptr() >= closed && !child.dropped.load(Relaxed) {
                visit(child);
            }
            at = NonNull::new(child.next.load(Relaxed));
        }
    }

    /// Carves a child of at least `bytes` usable bytes from the top of this arena.
    pub(crate) fn carve(
        self_: NonNull<Header>,
        name: &'static str,
        bytes: usize,
        policy: PagePolicy,
        owner: Owner,
    ) -> Result<NonNull<Header>, MemoryError> {
        // SAFETY:
        // - the caller's handle proves that the header is alive.
        let this = unsafe { self_.as_ref() };
        this.settle();
        let page = pages::page_size();
        let size = bytes.checked_add(HEADER_BYTES).and_then(|size| align_up(size, page));
        let Some(size) = size else { return Err(this.overflow(owner)) };
        let (position, top) = (this.position(), this.top());
        let align = if policy.is_huge(size) { HUGE_PAGE } else { page };
        let floor = align_up(position.addr(), page).unwrap_or(usize::MAX);
        let fits = |align: usize| Some(align_down(top.addr().checked_sub(size)?, align)).filter(|base| *base >= floor);
        let Some(base) = fits(align).or_else(|| fits(page)) else {
            return Err(this.error(Reason::Full, Some(owner), bytes, this.left()));
        };
        this.lower_limit(base);
        let base = top.wrapping_sub(top.addr() - base);
        let region = Region {
            // SAFETY:
            // - not null: inside the parent's mapping.
            base: unsafe { NonNull::new_unchecked(base) },
            end: top,
            name,
            tags: this.tags(),
            policy,
            budget: usize::MAX,
            parent: Some(self_),
            mapping: (ptr::null_mut(), 0),
        };
        let mut list = this.lock_children();
        // SAFETY:
        // - `[base, top)` lies above this arena's limit and below its children, so it is reserved and nobody's;
        // - this header outlives the child.
        let child = unsafe { Header::place(region)? };
        // SAFETY:
        // - just written.
        unsafe { child.as_ref() }.next.store(list.map_or(ptr::null_mut(), NonNull::as_ptr), Relaxed);
        *list = Some(child);
        this.top.store(base, Relaxed);
        Ok(child)
    }

    /// Gives committed bytes from address `to` on back to the system; `to` is page-aligned and not below `position`.
    fn lower_limit(&self, to: usize) {
        let limit = self.limit();
        let excess = limit.addr().saturating_sub(to);
        if excess == 0 {
            return;
        }
        let to = limit.wrapping_sub(excess);
        self.limit.store(to, Relaxed);
        lower(&self.fresh, to);
        lower(&self.dirty, to);
        // SAFETY:
        // - the range is committed, above `position`, so nothing refers to it (invariants 1, 5).
        unsafe { pages::decommit(to, excess) };
        self.uncharge(excess);
    }

    /// Gives what lies above `keep` used bytes, and above the position, back to the system.
    pub(crate) fn trim(&self, keep: usize) {
        self.begin();
        let keep = self.start().addr().saturating_add(keep).max(self.position().addr());
        let first = self.region.base.addr().get().saturating_add(COMMIT_STEP_MIN);
        self.lower_limit(align_up(keep.max(first), pages::page_size()).unwrap_or(usize::MAX));
    }
}
