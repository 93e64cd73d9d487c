//! Live blocks as the log has them, with feature `allocation-log`.

use crate::tag::Tag;
use core::fmt;

/// A live block of an arena. Made by [`crate::ArenaView::allocations`].
///
/// A block that a collection left behind when it moved to grow is live until its scope ends: its bytes are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Bytes from the arena's first one to the block.
    pub offset: usize,
    /// Bytes that were asked for.
    pub size: usize,
    /// Bytes lost in front of it, to its alignment, and behind it, to the next multiple of 8.
    pub padding: usize,
    /// Whom it is charged to.
    pub tag: Tag,
    /// Where it was asked for; of a block that a collection grew in place, where it last grew. For a collection of another
    /// crate, where its handle was made.
    pub file: &'static str,
    /// The line in that file, from 1.
    pub line: u32,
}

impl fmt::Display for Allocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Allocation { offset, size, file, line, .. } = self;
        write!(out, "{} at {offset}: {size} B ({file}:{line})", self.tag.name())
    }
}

/// What an arena's log holds. Made by [`crate::ArenaView::log`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogUsage {
    /// Live blocks that are listed.
    pub listed: usize,
    /// Live blocks that the log had no room for; see [`crate::ArenaConfig::log_max`].
    pub missed: usize,
    /// The bytes of those, padding included.
    pub missed_bytes: usize,
    /// Bytes in use that belong to no block: what a cursor holds ahead or was forgotten with, and the gap that alignment
    /// left in front of a block that was given back.
    pub unowned_bytes: usize,
    /// Bytes committed for the log itself, in an arena of its own.
    pub committed: usize,
}
