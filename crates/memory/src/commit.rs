//! How an arena gets pages and gives them back: commits ahead of need, budgets, trimming.
//!
//! # Invariants
//! 1. Bytes are charged to the arena and to all that it is carved from before they are committed, and uncharged after they
//!    went back: no budget is ever exceeded, on whichever thread a child grows.
//! 2. What goes back lies above the position, so nothing refers to it.
//! 3. Frames are counted only where the arena was told to trim itself: others pay one comparison at the begin of a frame.

use crate::asan;
use crate::error::{MemoryError, Reason};
use crate::header::{Header, lower, own, raise};
use crate::size::{KIB, MIB, align_up};
use crate::tracking::Owner;
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

/// The first commit of an arena, and the smallest later one where the reservation has room for it.
pub(crate) const COMMIT_STEP_MIN: usize = 64 * KIB;
/// The largest commit that is made ahead of need.
const COMMIT_STEP_MAX: usize = 16 * MIB;

/// The most that goes back at the begin of one frame.
const TRIM_STEP: usize = 16 * MIB;

/// What an arena that trims itself knows of its last frames; its writer's own.
pub(crate) struct Frames {
    /// Frames since they were last looked back at.
    count: Cell<u32>,
    /// The highest address that those used.
    highest: Cell<usize>,
    /// Where the limit is on its way to, if it is; else 0.
    trim_to: Cell<usize>,
}

impl Frames {
    pub(crate) const fn new() -> Frames {
        Frames { count: Cell::new(0), highest: Cell::new(0), trim_to: Cell::new(0) }
    }
}

impl Header {
    /// The begin of a frame: what the one before lent is over. Every so many frames the arena looks back.
    #[inline]
    pub(crate) fn frame_began(&self) {
        if self.region.trim_after > 0 {
            self.look_back();
        }
    }

    #[cold]
    fn look_back(&self) {
        let frames = &self.frames;
        // How high the last frame was, nested scopes included; from here on `fresh` is about the next one.
        let last = own(&self.fresh);
        self.peak.store(self.peak_here(), Relaxed);
        raise(&self.written, last);
        self.fresh.store(self.position(), Relaxed);

        let base = self.region.base.addr().get();
        frames.highest.set(frames.highest.get().max(last.addr()));
        frames.count.set(frames.count.get() + 1);
        if frames.count.get() >= self.region.trim_after {
            let page = self.region.backing.align(self.region.policy, self.reserved());
            let keep = frames.highest.get().max(self.position().addr()).max(base.saturating_add(COMMIT_STEP_MIN));
            let keep = align_up(keep, page).unwrap_or(usize::MAX);
            let is_worth_it = self.limit().addr() - base > keep.saturating_sub(base).saturating_mul(2);
            frames.trim_to.set(if is_worth_it { keep } else { 0 });
            frames.count.set(0);
            frames.highest.set(0);
        }
        let to = frames.trim_to.get();
        if to == 0 {
            return;
        }
        let limit = self.limit().addr();
        if last.addr() > to || limit <= to {
            frames.trim_to.set(0);
        } else {
            let least = align_up(self.position().addr(), self.region.backing.granule()).unwrap_or(usize::MAX);
            self.lower_limit((limit - TRIM_STEP.min(limit - to)).max(least));
        }
    }

    /// Commits at least up to `end`, at most up to `top`.
    pub(crate) fn commit_to(&self, end: usize, owner: Owner) -> Result<(), MemoryError> {
        let (limit, top) = (self.limit(), self.top());
        let base = self.region.base.addr().get();
        let step = (limit.addr() - base).clamp(COMMIT_STEP_MIN, COMMIT_STEP_MAX);
        let least = align_up(end, self.region.backing.granule()).unwrap_or(end).min(top.addr());
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
        match unsafe { self.region.backing.commit(limit, bytes) } {
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

    pub(crate) fn budget_left(&self) -> usize {
        self.region.budget.saturating_sub(self.committed())
    }

    fn parent(&self) -> Option<&Header> {
        // SAFETY:
        // - a parent's header outlives its children (the lifetime of a child is a borrow of its parent's scope).
        self.region.parent.map(|parent| unsafe { parent.as_ref() })
    }

    /// Counts committed bytes here and in every arena this one is carved from; the arena whose budget forbids it otherwise.
    pub(crate) fn charge(&self, bytes: usize) -> Result<(), &Header> {
        let mut at = Some(self);
        while let Some(header) = at {
            // Added only where it fits: a request that will fail must not make another thread's fail.
            let within = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= header.region.budget);
            if header.committed.fetch_update(Relaxed, Relaxed, within).is_err() {
                let mut undo = Some(self);
                while let Some(charged) = undo.filter(|charged| !ptr::eq(*charged, header)) {
                    charged.committed.fetch_sub(bytes, Relaxed);
                    undo = charged.parent();
                }
                return Err(header);
            }
            at = header.parent();
        }
        Ok(())
    }

    pub(crate) fn uncharge(&self, bytes: usize) {
        let mut at = Some(self);
        while let Some(header) = at {
            header.committed.fetch_sub(bytes, Relaxed);
            at = header.parent();
        }
    }

    /// Gives committed bytes from address `to` on back to the system; `to` is a multiple of the
    /// granule and not below `position`.
    pub(crate) fn lower_limit(&self, to: usize) {
        let limit = self.limit();
        let excess = limit.addr().saturating_sub(to);
        if excess == 0 {
            return;
        }
        let to = limit.wrapping_sub(excess);
        self.limit.store(to, Relaxed);
        self.peak.store(self.peak_here(), Relaxed);
        lower(&self.fresh, to);
        if self.region.backing.commits_zeros() {
            lower(&self.written, to);
        }
        lower(&self.dirty, to);
        asan::unpoison(to, excess);
        // SAFETY:
        // - the range is committed, above `position`, so nothing refers to it (invariants 1, 5).
        unsafe { self.region.backing.decommit(to, excess) };
        self.uncharge(excess);
    }

    /// Gives what lies above `keep` used bytes, and above the position, back to the system.
    pub(crate) fn trim(&self, keep: usize) {
        self.begin();
        let keep = self.start().addr().saturating_add(keep).max(self.position().addr());
        let first = self.region.base.addr().get().saturating_add(COMMIT_STEP_MIN);
        self.lower_limit(align_up(keep.max(first), self.region.backing.granule()).unwrap_or(usize::MAX));
    }
}
