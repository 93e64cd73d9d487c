//! Tracking: bytes, count and peak per tag, exact after every pop.
//!
//! Two files with one interface: `counters` where tracking is on (debug builds and feature `tracking`), `nothing` where it
//! is off. The types of `nothing` have no size and its functions no instructions, so no other file needs a `cfg`.
//!
//! # Invariants
//! 1. Sum of tag bytes + padding = position - start, after every operation.
//! 2. Padding is what each allocation counted for itself, never a remainder.

#[cfg(any(debug_assertions, feature = "tracking"))]
mod counters;
#[cfg(any(debug_assertions, feature = "tracking"))]
pub(crate) use counters::{Counters, Owner, Snapshot};

#[cfg(not(any(debug_assertions, feature = "tracking")))]
mod nothing;
#[cfg(not(any(debug_assertions, feature = "tracking")))]
pub(crate) use nothing::{Counters, Owner, Snapshot};

/// Whether this build counts bytes by tag.
pub const TRACKING: bool = cfg!(any(debug_assertions, feature = "tracking"));

/// What one tag holds in one arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagUsage {
    /// Bytes held now.
    pub bytes: usize,
    /// The most bytes it ever held in this arena.
    pub peak: usize,
    /// Allocations held now.
    pub count: usize,
}
