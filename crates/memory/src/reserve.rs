//! Arenas in pages of the system: address space that is reserved once. With feature `std`.
//!
//! # Invariants
//! 1. A region lies inside its mapping, a guard page away from either end.

use crate::arena::{Arena, ArenaConfig};
use crate::backing::Backing;
use crate::error::{MemoryError, Reason};
use crate::header::{HEADER_BYTES, Header, Region};
use crate::pages;
use crate::size::align_up;
use crate::tag::Tag;
use core::ptr::NonNull;

impl Arena<'static> {
    /// Reserves `bytes` of address space from the system. With feature `std`.
    ///
    /// ```
    /// use voltrum_memory::Arena;
    ///
    /// let mut arena = Arena::try_reserve("scene", 1 << 30)?; // commits 64 KiB of it
    /// assert!(arena.view().committed() < arena.view().reserved());
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Arena::try_reserve_with`].
    pub fn try_reserve(name: &'static str, bytes: usize) -> Result<Arena<'static>, MemoryError> {
        Self::try_reserve_with(&ArenaConfig::new(name, bytes))
    }

    /// As [`Arena::try_reserve`], for programs that can't go on without.
    ///
    /// # Panics
    /// Where `try_reserve` fails.
    pub fn reserve(name: &'static str, bytes: usize) -> Arena<'static> {
        Self::try_reserve(name, bytes).unwrap_or_else(|error| crate::tagged::refuse(&error))
    }

    /// Reserves address space as `config` says. Inaccessible guard pages stand at both ends.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaConfig, Reason};
    ///
    /// let config = ArenaConfig { limit_bytes: Some(1 << 20), ..ArenaConfig::new("request", 1 << 30) };
    /// let mut arena = Arena::try_reserve_with(&config)?;
    /// let refused = arena.open().try_alloc_zeroed::<u8>(2 << 20).map(drop);
    /// assert_eq!(refused.map_err(|error| error.reason()), Err(Reason::Budget));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// [`Reason::Reserve`] when the system refuses even the stated minimum, [`Reason::Commit`] or [`Reason::Budget`] when
    /// the first 64 KiB can't be had, [`Reason::TagClash`] when two tags share an index, [`Reason::Overflow`] for sizes no
    /// address space holds.
    pub fn try_reserve_with(config: &ArenaConfig) -> Result<Arena<'static>, MemoryError> {
        Tag::check(config.name, config.tags)?;
        let page = pages::page_size();
        let fail = |reason, limit| MemoryError::new(config.name, None, reason, config.reserve_bytes, 0, limit);
        let mut wanted = config.reserve_bytes;
        let (region_bytes, mapping, mapping_bytes) = loop {
            let align = Backing::Pages.align(config.pages, wanted);
            let region = wanted.checked_add(HEADER_BYTES).and_then(|bytes| align_up(bytes, page));
            let mapping = region.and_then(|bytes| bytes.checked_add(align + 2 * page));
            let (Some(region), Some(mapping)) = (region, mapping.filter(|bytes| isize::try_from(*bytes).is_ok()))
            else {
                return Err(fail(Reason::Overflow, isize::MAX as usize));
            };
            match pages::reserve(mapping) {
                Ok(base) => break (region, base, mapping),
                Err(_) if wanted / 2 >= config.reserve_bytes_min.max(1) => wanted /= 2,
                Err(refused) => return Err(fail(Reason::Reserve(refused.0), config.reserve_bytes_min)),
            }
        };
        let align = Backing::Pages.align(config.pages, wanted);
        let first = mapping.addr().get() + page;
        let offset = align_up(first, align).unwrap_or(first) - mapping.addr().get();
        let base = mapping.as_ptr().wrapping_add(offset);
        let region = Region {
            // SAFETY:
            // - inside the mapping, so not null.
            base: unsafe { NonNull::new_unchecked(base) },
            end: base.wrapping_add(region_bytes),
            name: config.name,
            tags: config.tags,
            log_max: config.log_max,
            policy: config.pages,
            budget: config.limit_bytes.unwrap_or(usize::MAX),
            trim_after: config.trim_after,
            parent: None,
            depth: 0,
            backing: Backing::Pages,
            mapping: (mapping.as_ptr(), mapping_bytes),
        };
        // SAFETY:
        // - the region lies inside the mapping that was just made, a guard page away from either end.
        match unsafe { Header::place(region) } {
            Ok(header) => Ok(Arena::owning(header)),
            Err(error) => {
                // SAFETY:
                // - the mapping is ours and nothing refers to it.
                unsafe { pages::release(mapping.as_ptr(), mapping_bytes) };
                Err(error)
            }
        }
    }
}
