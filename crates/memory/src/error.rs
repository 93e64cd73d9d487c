//! What can go wrong with memory, with the numbers and the remedy.

use crate::size::Bytes;
use core::fmt;

/// A request that an arena could not grant. Nothing has changed: the next request that fits succeeds.
///
/// ```
/// use voltrum_memory::{Arena, Reason, Tag};
///
/// let mut arena = Arena::try_reserve("scene", 1 << 20)?;
/// let scope = arena.open();
/// let geometry = scope.tagged(Tag::GEOMETRY);
/// let Err(error) = geometry.try_alloc_zeroed::<u8>(2 << 20) else { return Ok(()) };
/// assert_eq!((error.arena(), error.reason(), error.asked()), ("scene", Reason::Full, 2 << 20));
/// println!("{error}"); // scene arena is full: GEOMETRY asked for 2.0 MiB, ...
/// geometry.try_alloc_zeroed::<u8>(1 << 16)?; // the next one that fits succeeds
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryError {
    arena: &'static str,
    tag: Option<&'static str>,
    reason: Reason,
    asked: usize,
    left: usize,
    limit: usize,
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The reservation, or the buffer, has no room left.
    Full,
    /// The arena's budget, or that of an arena it is carved from, is spent.
    Budget,
    /// The system refused to reserve address space, down to the stated minimum; its error code.
    Reserve(i32),
    /// The system refused to commit pages; its error code.
    Commit(i32),
    /// The size, rounded to its alignment, does not fit an address.
    Overflow,
    /// A buffer can't hold an arena's header.
    SmallBuffer,
    /// Two names for one tag index.
    TagClash {
        /// The index in question.
        index: u8,
        /// The name that has it already.
        taken_by: &'static str,
    },
    /// A fixed-capacity container is full; capacity in elements, not bytes.
    Capacity,
    /// Text for C has a zero byte inside.
    InteriorNul {
        /// Its index, in bytes.
        at: usize,
    },
}

impl MemoryError {
    #[cold]
    pub(crate) const fn new(
        arena: &'static str,
        tag: Option<&'static str>,
        reason: Reason,
        asked: usize,
        left: usize,
        limit: usize,
    ) -> MemoryError {
        MemoryError { arena, tag, reason, asked, left, limit }
    }

    /// The arena that refused.
    pub fn arena(&self) -> &'static str {
        self.arena
    }

    /// The tag the request was charged to; `None` where tracking is off.
    pub fn tag(&self) -> Option<&'static str> {
        self.tag
    }

    /// Why it refused.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Bytes asked for (elements for [`Reason::Capacity`]).
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Bytes that were left.
    pub fn left(&self) -> usize {
        self.left
    }

    /// The limit that was met, in bytes (elements for [`Reason::Capacity`]).
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (arena, who) = (self.arena, self.tag.unwrap_or("a caller"));
        let (asked, left, limit) = (Bytes(self.asked), Bytes(self.left), Bytes(self.limit));
        match self.reason {
            Reason::Full => write!(
                out,
                "{arena} arena is full: {who} asked for {asked}, {left} of {limit} left; raise the arena's reservation, \
                 or give it a larger buffer, or load less"
            ),
            Reason::Budget => write!(
                out,
                "{arena} arena is over its budget: {who} asked for {asked}, {left} of {limit} left; raise the arena's limit \
                 or load less"
            ),
            Reason::Reserve(code) => write!(
                out,
                "{arena} arena could not reserve {asked} of address space, nor {limit}, its minimum (system error {code}); \
                 raise the process's address-space limit (ulimit -v) or reserve less"
            ),
            Reason::Commit(code) => write!(
                out,
                "{arena} arena could not commit {asked} for {who}, {left} of {limit} left (system error {code}); close other \
                 programs or load less"
            ),
            Reason::Overflow => {
                write!(out, "{arena} arena: {who} asked for a size that no address can hold; check the element count")
            }
            Reason::SmallBuffer => write!(
                out,
                "{arena} arena: its buffer of {left} is too small, the header alone takes {asked}; give it a larger one"
            ),
            Reason::TagClash { index, taken_by } => write!(
                out,
                "{arena} arena: tag {who} has index {index}, which belongs to {taken_by}; give it an index from 19 to 63 of \
                 its own"
            ),
            Reason::Capacity => write!(
                out,
                "{arena} arena: {who} asked for {} more elements, {} of {} left; raise the capacity",
                self.asked, self.left, self.limit
            ),
            Reason::InteriorNul { at } => write!(
                out,
                "{arena} arena: {who} gave {asked} of text for C with a zero byte at {at}, where C would end it; cut the \
                 text there or refuse it"
            ),
        }
    }
}

impl core::error::Error for MemoryError {}
