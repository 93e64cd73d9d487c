//! The children of an arena: arenas of their own, carved from its top downwards.
//!
//! # Invariants
//! 1. A child remembers how many of its parent's scopes were open when it was carved. Scopes nest, so the depths in the
//!    list never rise from the lowest child up, and the children of a scope that ends are the lowest ones.
//! 2. An owner that drops its child only sets a flag (release). The parent's owner takes the bytes back when it next looks
//!    (acquire), so that what the child's thread wrote comes before what the parent writes there.
//! 3. In pages, below each child lies one that is never committed while the child lives.
//! 4. Locks are taken from parent to child, never upwards.
//!
//! Why that is enough: what one thread writes plainly and another one looks at later (a child's bytes, its header, the list) is
//! handed over either by the lock or by the flag. All else that threads share are single figures, each with one writer or
//! changed in one step: a report may find figures of different moments, and none that never was. `fuzz/tests/locking.rs`
//! models it, with these orderings, and has loom try every order of events.

use crate::asan;
use crate::backing::PagePolicy;
use crate::error::{MemoryError, Reason};
use crate::header::{HEADER_BYTES, Header, NONE_CLOSED, Region};
use crate::lock::LockGuard;
use crate::size::{align_down, align_up};
use crate::tracking::Owner;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

impl Header {
    /// The child's owner is gone.
    pub(crate) fn mark_dropped(&self) {
        self.dropped.store(true, Release);
    }

    fn lock_children(&self) -> LockGuard<'_, Option<NonNull<Header>>> {
        self.children.lock()
    }

    /// Whether this child's owner is gone, or the scope it was carved in, where its parent closed all from depth `closed`.
    fn is_over(&self, closed: usize) -> bool {
        self.region.depth >= closed || self.dropped.load(Acquire)
    }

    /// Whether children are listed. Where there are none, no scope's end is noted: `closed_depth` stays at [`NONE_CLOSED`].
    #[inline]
    pub(crate) fn has_children(&self) -> bool {
        self.top() != self.region.end
    }

    /// Unlinks the lowest children that are over (their scope has ended, or their owner has been dropped) and gives their
    /// pages back.
    #[inline]
    pub(crate) fn settle(&self) {
        if self.has_children() {
            self.unlink_closed();
        }
    }

    #[cold]
    fn unlink_closed(&self) {
        let mut list = self.lock_children();
        let closed = self.closed_depth.load(Relaxed);
        let mut is_peak_noted = false;
        while let Some(lowest) = *list {
            // SAFETY:
            // - a listed child's header is alive: only this function ends it, under the lock (header invariant 4).
            let child = unsafe { lowest.as_ref() };
            if !child.is_over(closed) {
                break;
            }
            let (base, end) = (child.region.base.as_ptr(), child.region.end);
            let committed = child.committed();
            if !is_peak_noted {
                // Of all that are listed, not one by one: they were there together.
                self.peak_with_children.fetch_max(self.peak_of(*list), Relaxed);
                is_peak_noted = true;
            }
            *list = NonNull::new(child.next.load(Relaxed));
            let is_huge = self.region.policy.is_huge(self.reserved());
            let was_huge = child.region.policy.is_huge(child.reserved());
            // SAFETY:
            // - the child's scope or owner is gone, so nothing refers to its bytes, its own children included
            //   (header invariant 5), and it is no longer listed;
            // - its header is dropped once, here, before its memory goes.
            unsafe {
                Header::end(lowest);
                self.region.backing.decommit(base, end.addr() - base.addr());
                if was_huge != is_huge {
                    self.region.backing.prefer_huge(base, end.addr() - base.addr(), is_huge);
                }
            }
            self.uncharge(committed);
            self.top.store(end, Relaxed);
        }
        self.closed_depth.store(NONE_CLOSED, Relaxed);
    }

    /// Drops a header and those of its children.
    ///
    /// # Safety
    /// The arena is over: nothing refers to it or to anything carved from it, and it is not used again.
    pub(crate) unsafe fn end(header: NonNull<Header>) {
        // SAFETY:
        // - alive until the last line.
        let mut at = unsafe { header.as_ref() }.lock_children().take();
        while let Some(child) = at {
            // SAFETY:
            // - a listed child's header is alive, and over with its parent.
            unsafe {
                at = NonNull::new(child.as_ref().next.load(Relaxed));
                Header::end(child);
            }
        }
        // SAFETY:
        // - alive until the next line.
        let (base, limit) = unsafe { (header.cast::<u8>().as_ptr(), header.as_ref().limit()) };
        asan::unpoison(base, limit.addr() - base.addr());
        // SAFETY:
        // - the caller gives it up, once.
        unsafe { header.as_ptr().drop_in_place() };
    }

    /// Peak of this arena and its children. Children's peaks may have come at different times, so it is an upper bound.
    pub(crate) fn peak_with_children(&self) -> usize {
        let list = self.lock_children();
        self.peak_of(*list).max(self.peak_with_children.load(Relaxed))
    }

    /// The peaks of this arena and of the children in `list`, which the caller has locked.
    fn peak_of(&self, list: Option<NonNull<Header>>) -> usize {
        let (mut sum, mut at) = (self.peak_here(), list);
        while let Some(child) = at {
            // SAFETY:
            // - listed children are alive while the lock is held (header invariant 4).
            let child = unsafe { child.as_ref() };
            sum = sum.saturating_add(child.peak_with_children());
            at = NonNull::new(child.next.load(Relaxed));
        }
        sum
    }

    /// Calls `visit` with each child that has not been closed, the last carved first, under the lock.
    pub(crate) fn each_child(&self, mut visit: impl FnMut(&Header)) {
        let list = self.lock_children();
        let closed = self.closed_depth.load(Relaxed);
        let mut at = *list;
        while let Some(child) = at {
            // SAFETY:
            // - listed children are alive while the lock is held (header invariant 4).
            let child = unsafe { child.as_ref() };
            if !child.is_over(closed) {
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
        let backing = this.region.backing;
        let (granule, guard_bytes) = (backing.granule(), backing.guard());
        let size = bytes.checked_add(HEADER_BYTES).and_then(|size| align_up(size, granule));
        let Some(size) = size else { return Err(this.overflow(owner)) };
        let (position, top) = (this.position(), this.top());
        let floor = align_up(position.addr(), granule).and_then(|floor| floor.checked_add(guard_bytes));
        let floor = floor.unwrap_or(usize::MAX);
        let fits = |align: usize| Some(align_down(top.addr().checked_sub(size)?, align)).filter(|base| *base >= floor);
        let Some(base) = fits(backing.align(policy, size)).or_else(|| fits(granule)) else {
            return Err(this.error(Reason::Full, Some(owner), bytes, this.left()));
        };
        let base = top.wrapping_sub(top.addr() - base);
        let guard = base.wrapping_sub(guard_bytes);
        this.lower_limit(guard.addr());
        let region = Region {
            // SAFETY:
            // - not null: inside the parent's mapping.
            base: unsafe { NonNull::new_unchecked(base) },
            end: top,
            name,
            tags: this.tags(),
            log_max: this.region.log_max,
            policy,
            budget: usize::MAX,
            trim_after: 0,
            parent: Some(self_),
            depth: this.depth(),
            backing,
            mapping: (ptr::null_mut(), 0),
        };
        let mut list = this.lock_children();
        // SAFETY:
        // - `[base, top)` lies above this arena's limit and below its children, so it is this arena's and nobody's;
        // - this header outlives the child.
        let child = unsafe { Header::place(region)? };
        // SAFETY:
        // - just written.
        unsafe { child.as_ref() }.next.store(list.map_or(ptr::null_mut(), NonNull::as_ptr), Relaxed);
        *list = Some(child);
        this.top.store(guard, Relaxed);
        Ok(child)
    }
}
