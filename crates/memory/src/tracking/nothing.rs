//! Tracking that is off: no bytes, no instructions.

use super::{LoggedHere, Site, TagUsage};
use crate::allocation::{Allocation, LogUsage};
use crate::tag::Tag;
use core::marker::PhantomData;

/// Whom an allocation is charged to: nobody.
#[derive(Clone, Copy)]
pub(crate) struct Owner;

impl Owner {
    #[inline(always)]
    pub(crate) const fn of(_tag: Tag) -> Owner {
        Owner
    }

    pub(crate) fn name(self, _own: &'static [Tag]) -> Option<&'static str> {
        None
    }
}

/// What a scope would restore.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot;

/// An arena's counters.
pub(crate) struct Counters;

impl Counters {
    pub(crate) const fn new(_log_max: usize) -> Counters {
        Counters
    }
    #[inline(always)]
    pub(crate) fn uses(&self, _owner: Owner) {}
    #[inline(always)]
    pub(crate) fn allocated(&self, _owner: Owner, _block: *mut u8, _size: usize, _padding: usize) {}
    #[inline(always)]
    pub(crate) fn lent(&self, _owner: Owner, _block: *mut u8, _size: usize, _padding: usize) {}
    #[inline(always)]
    pub(crate) fn freed(&self, _owner: Owner, _block: *mut u8, _size: usize, _padding: usize) {}
    #[inline(always)]
    pub(crate) fn resized(&self, _owner: Owner, _block: *mut u8, _from: [usize; 2], _to: [usize; 2]) {}
    #[inline(always)]
    pub(crate) fn log_site(&self, _block: *mut u8, _known: Site) {}
    #[inline(always)]
    pub(crate) fn logged_here(&self) -> LoggedHere<'_> {
        LoggedHere(PhantomData)
    }
    #[inline(always)]
    pub(crate) fn held_ahead(&self, _bytes: usize) {}
    #[inline(always)]
    pub(crate) fn gave_back(&self, _bytes: usize) {}
    #[inline(always)]
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot
    }
    #[inline(always)]
    pub(crate) fn restore(&self, _snapshot: &Snapshot) {}
    #[inline(always)]
    pub(crate) fn clear(&self) {}
    pub(crate) fn allocations(&self, _start: *mut u8, _own: &'static [Tag]) -> core::iter::Empty<Allocation> {
        core::iter::empty()
    }
    pub(crate) fn log_usage(&self) -> Option<LogUsage> {
        None
    }
    pub(crate) fn padding(&self) -> Option<usize> {
        None
    }
    pub(crate) fn tag(&self, _index: usize) -> TagUsage {
        TagUsage::default()
    }
}
