//! A log that is off: no bytes, no instructions.

use core::marker::PhantomData;

/// A line of the caller's: not known.
#[derive(Clone, Copy)]
pub(crate) struct Site;

impl Site {
    #[inline(always)]
    pub(crate) fn here() -> Site {
        Site
    }
}

/// Would name the line that collections allocate for.
pub(crate) struct LoggedHere<'l>(pub(super) PhantomData<&'l ()>);

#[cfg(any(debug_assertions, feature = "tracking"))]
pub(super) use log::{Log, LogMark};

#[cfg(any(debug_assertions, feature = "tracking"))]
mod log {
    use super::{LoggedHere, Site};
    use crate::allocation::{Allocation, LogUsage};
    use crate::tag::Tag;
    use crate::tracking::Owner;
    use core::marker::PhantomData;

    /// What a scope would restore.
    #[derive(Clone, Copy)]
    pub(crate) struct LogMark;

    /// An arena's log.
    pub(crate) struct Log;

    impl Log {
        pub(crate) const fn new(_max: usize) -> Log {
            Log
        }
        #[inline(always)]
        pub(crate) fn allocated(&self, _owner: Owner, _block: *mut u8, _size: usize, _padding: usize) {}
        #[inline(always)]
        pub(crate) fn lent(&self, _owner: Owner, _block: *mut u8, _size: usize, _padding: usize) {}
        #[inline(always)]
        pub(crate) fn freed(&self, _block: *mut u8, _size: usize, _padding: usize) {}
        #[inline(always)]
        pub(crate) fn resized(&self, _block: *mut u8, _from: [usize; 2], _to: [usize; 2]) {}
        #[inline(always)]
        pub(crate) fn held_ahead(&self, _bytes: usize) {}
        #[inline(always)]
        pub(crate) fn gave_back(&self, _bytes: usize) {}
        #[inline(always)]
        pub(crate) fn mark(&self) -> LogMark {
            LogMark
        }
        #[inline(always)]
        pub(crate) fn restore(&self, _mark: LogMark) {}
        #[inline(always)]
        pub(crate) fn clear(&self) {}
        #[inline(always)]
        pub(crate) fn site(&self, _block: *mut u8, _known: Site) {}
        pub(crate) fn allocations(&self, _start: *mut u8, _own: &'static [Tag]) -> core::iter::Empty<Allocation> {
            core::iter::empty()
        }
        pub(crate) fn usage(&self) -> Option<LogUsage> {
            None
        }
        #[inline(always)]
        pub(crate) fn logged_here(&self) -> LoggedHere<'_> {
            LoggedHere(PhantomData)
        }
    }
}
