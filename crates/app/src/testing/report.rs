//! Memory reports in tests: what has grown from one to the next.

use voltrum_memory::{Holder, MemoryReport};

/// Fails where anything holds more in the later report: a tag, an arena's padding or committed pages, the Rust heap, the GPU.
/// The process's resident bytes don't count: the system decides on them. The message lists everything that changed.
///
/// ```
/// use voltrum::memory::{Arena, MemoryReport, Tag};
///
/// let mut scene = Arena::try_reserve("scene", 16 << 20)?;
/// let mut reports = Arena::try_reserve("reports", 1 << 20)?;
/// let reports = reports.open();
/// let report = |scene: &Arena<'_>| MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[scene.view()]);
/// let before = report(&scene)?;
/// scene.open().try_alloc([0u8; 100])?;
/// scene.trim(0);
/// voltrum::testing::assert_not_grown(&before, &report(&scene)?);
/// # Ok::<(), voltrum::memory::MemoryError>(())
/// ```
///
/// # Panics
/// When something has grown.
#[track_caller]
pub fn assert_not_grown<'r>(before: &'r MemoryReport<'r>, after: &'r MemoryReport<'r>) {
    let changes = after.since(before);
    let mut grown = 0_usize;
    changes.each_change(|change| {
        let is_ours = !matches!(change.holder, Holder::Process);
        if is_ours && change.after > change.before {
            grown += 1;
        }
    });
    assert!(grown == 0, "{grown} figures have grown:\n{changes}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum_memory::{Arena, MemoryError, Tag};

    #[test]
    #[should_panic(expected = "have grown")]
    fn what_a_tag_holds_more_of_is_seen() {
        let grown = || -> Result<(), MemoryError> {
            let mut arena = Arena::try_reserve("scene", 16 << 20)?;
            let mut reports = Arena::try_reserve("reports", 1 << 20)?;
            let (scope, reports) = (arena.open(), reports.open());
            let report = || MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[scope.view()]);
            let before = report()?;
            let _held = scope.try_alloc([0u8; 100])?;
            assert_not_grown(&before, &report()?);
            Ok(())
        };
        assert_eq!(grown(), Ok(()));
    }
}
