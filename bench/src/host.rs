//! The machine beneath this one: virtual machines get a page from it when they first touch it, which takes many times what
//! is measured, and may lose the page again when it has been free for a while.

use std::hint::black_box;

use voltrum_memory::{Arena, ArenaConfig, MemoryError, PagePolicy};

/// Touches as much memory as a work takes and frees it, so that the work that follows finds pages that are there.
///
/// # Errors
/// The system has no such memory.
pub(crate) fn warm(bytes: usize) -> Result<(), MemoryError> {
    // the arena's header lies beside the bytes
    let config = ArenaConfig { pages: PagePolicy::Huge, ..ArenaConfig::new("warm", bytes + (1 << 20)) };
    let mut arena = Arena::try_reserve_with(&config)?;
    black_box(arena.open().try_alloc_slice_fill_with(bytes / 8, |at| at as u64)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        assert!(warm(1 << 20).is_ok());
        assert!(warm(1 << 62).is_err());
    }
}
