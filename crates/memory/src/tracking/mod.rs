//! Tracking: bytes, count and peak per tag, exact after every pop; and, with feature `allocation-log`, each live block.
//!
//! Two pairs of files with one interface each: `counters` and `nothing`, `log` and `no_log`. The types of those that are off
//! have no size and their functions no instructions, so no other file needs a `cfg` (but for `track_caller`, which can't be
//! had otherwise).
//!
//! # Invariants
//! 1. Sum of tag bytes + padding = position - start, after every operation.
//! 2. Padding is what each allocation counted for itself, never a remainder.
//! 3. With the log: sum of sizes by tag = tag bytes, and sizes + padding + what belongs to no block = position - start,
//!    where what the log had no room for is counted in.

#[cfg(any(debug_assertions, feature = "tracking"))]
mod counters;
#[cfg(any(debug_assertions, feature = "tracking"))]
pub(crate) use counters::{Counters, Owner, Snapshot};

#[cfg(not(any(debug_assertions, feature = "tracking")))]
mod nothing;
#[cfg(not(any(debug_assertions, feature = "tracking")))]
pub(crate) use nothing::{Counters, Owner, Snapshot};

#[cfg(feature = "allocation-log")]
mod log;
#[cfg(feature = "allocation-log")]
pub(crate) use log::{LoggedHere, Site};

#[cfg(not(feature = "allocation-log"))]
mod no_log;
#[cfg(not(feature = "allocation-log"))]
pub(crate) use no_log::{LoggedHere, Site};

/// Whether this build counts bytes by tag.
pub const TRACKING: bool = cfg!(any(debug_assertions, feature = "tracking"));

/// Whether this build logs each allocation: feature `allocation-log`.
pub const ALLOCATION_LOG: bool = cfg!(feature = "allocation-log");

/// How many live allocations an arena's log remembers, unless told otherwise: 32 MiB of address space.
pub(crate) const LOG_MAX: usize = 1 << 20;

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
