//! What an arena's bytes are: pages of the system, or a caller's buffer. Children have their parent's.
//!
//! Arenas work alike on both: they commit in steps, charge budgets, carve, trim. Only what the system is asked for differs,
//! and a buffer asks for nothing: its bytes are there from the start, and are the caller's again when the arena ends.
//!
//! # Invariants
//! 1. Bytes of a buffer are never known to be zero, nor ever out of reach.

#[cfg(feature = "std")]
use crate::pages;
use crate::size::{HUGE_PAGE, MIB};

/// Arenas from this size on ask for huge pages, unless told otherwise.
const HUGE_FROM: usize = 4 * MIB;

/// Which pages an arena asks the system for.
///
/// ```
/// use voltrum_memory::{Arena, ArenaConfig, PagePolicy};
///
/// // Touched here and there: on huge pages each touch would cost 2 MiB.
/// let config = ArenaConfig { pages: PagePolicy::Small, ..ArenaConfig::new("table", 64 << 20) };
/// let mut arena = Arena::try_reserve_with(&config)?;
/// let scope = arena.open();
/// let table = scope.try_alloc_zeroed::<[u8; 4_096]>(4_096)?;
/// table[1_000][0] = 1;
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
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

/// Where the bytes come from.
#[derive(Clone, Copy)]
pub(crate) enum Backing {
    /// Address space of the system, of which pages are committed.
    #[cfg(feature = "std")]
    Pages,
    /// Memory of the caller's.
    Buffer,
}

/// A refusal by the system: its error code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(pub(crate) i32);

impl Backing {
    /// A cache line, so that a header begins one.
    pub(crate) const BUFFER_GRANULE: usize = 64;

    /// Regions and limits are multiples of this.
    pub(crate) fn granule(self) -> usize {
        match self {
            #[cfg(feature = "std")]
            Backing::Pages => pages::page_size(),
            Backing::Buffer => Backing::BUFFER_GRANULE,
        }
    }

    /// What a region of `bytes` begins at a multiple of.
    pub(crate) fn align(self, policy: PagePolicy, bytes: usize) -> usize {
        if self.commits_zeros() && policy.is_huge(bytes) { HUGE_PAGE } else { self.granule() }
    }

    /// Inaccessible bytes below each child.
    pub(crate) fn guard(self) -> usize {
        match self {
            #[cfg(feature = "std")]
            Backing::Pages => pages::page_size(),
            Backing::Buffer => 0,
        }
    }

    /// Whether bytes that the arena has not written since they were committed are zero.
    pub(crate) fn commits_zeros(self) -> bool {
        match self {
            #[cfg(feature = "std")]
            Backing::Pages => true,
            Backing::Buffer => false,
        }
    }

    /// Makes `bytes` from `base` on readable and writable.
    ///
    /// # Safety
    /// The range lies inside one reservation, or one buffer, that has not ended.
    pub(crate) unsafe fn commit(self, base: *mut u8, bytes: usize) -> Result<(), Refused> {
        match self {
            #[cfg(feature = "std")]
            // SAFETY:
            // - the caller's obligation.
            Backing::Pages => unsafe { pages::commit(base, bytes) },
            Backing::Buffer => {
                let _ = (base, bytes);
                Ok(())
            }
        }
    }

    /// Gives the range back to the system where it came from there.
    ///
    /// # Safety
    /// As [`Backing::commit`], and nothing refers to the bytes.
    pub(crate) unsafe fn decommit(self, base: *mut u8, bytes: usize) {
        match self {
            #[cfg(feature = "std")]
            // SAFETY:
            // - the caller's obligation.
            Backing::Pages => unsafe { pages::decommit(base, bytes) },
            Backing::Buffer => {
                let _ = (base, bytes);
            }
        }
    }

    /// Asks for huge pages in the range, or for small ones: a wish, not a demand.
    ///
    /// # Safety
    /// As [`Backing::commit`].
    pub(crate) unsafe fn prefer_huge(self, base: *mut u8, bytes: usize, huge: bool) {
        match self {
            #[cfg(feature = "std")]
            // SAFETY:
            // - the caller's obligation.
            Backing::Pages => unsafe { pages::prefer_huge(base, bytes, huge) },
            Backing::Buffer => {
                let _ = (base, bytes, huge);
            }
        }
    }

    /// Ends the reservation `base` and `bytes`; the caller of a buffer has it back as it is.
    ///
    /// # Safety
    /// The range is the root's whole mapping, ended once, and nothing refers to its bytes.
    pub(crate) unsafe fn release(self, base: *mut u8, bytes: usize) {
        match self {
            #[cfg(feature = "std")]
            // SAFETY:
            // - the caller's obligation.
            Backing::Pages => unsafe { pages::release(base, bytes) },
            Backing::Buffer => {
                let _ = (base, bytes);
            }
        }
    }
}
