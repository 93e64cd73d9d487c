//! How an arena gets pages and gives them back: commits ahead of need, budgets, trimming.
//!
//! # Invariants
//! 1. Bytes are charged to the arena and to all that it is carved from before they are committed, and uncharged after they
//!    went back: no budget is ever exceeded, on whichever thread a child grows.
//! 2. What goes back lies above the position, so nothing refers to it.

use crate::asan;
use crate::error::{MemoryError, Reason};
use crate::header::{Header, lower};
use crate::pages;
use crate::size::{KIB, MIB, align_up};
use crate::tracking::Owner;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

/// The first commit of an arena, and the smallest later one where the reservation has room for it.
pub(crate) const COMMIT_STEP_MIN: usize = 64 * KIB;
/// The largest commit that is made ahead of need.
const COMMIT_STEP_MAX: usize = 16 * MIB;

impl Header {
    /// Commits at least up to `end`, at most up to `top`.
    pub(crate) fn commit_to(&self, end: usize, owner: Owner) -> Result<(), MemoryError> {
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

    /// Gives committed bytes from address `to` on back to the system; `to` is page-aligned and not below `position`.
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
        lower(&self.dirty, to);
        asan::unpoison(to, excess);
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
