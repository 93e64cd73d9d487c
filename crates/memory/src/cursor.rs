//! Cursors: position and limit in registers, for hot loops.
//!
//! # Invariants
//! 1. While a cursor is open the arena's position is its limit, so nobody else is granted the bytes between; dropping the
//!    cursor gives the rest back. A forgotten one loses the rest until its scope ends.
//! 2. What an open or forgotten cursor holds ahead counts as padding, so that the totals add up at every moment.

use crate::error::MemoryError;
use crate::header::Header;
use crate::size::{ALIGN_MIN, rounded};
use crate::tag::Tag;
use crate::tagged::refuse;
use crate::tracking::Owner;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// Allocates like its [`crate::Scope`], for as long (`'a`), with one load and one store less each time.
///
/// ```
/// # let mut arena = voltrum_memory::Arena::try_reserve("loads", 1 << 20)?;
/// let mut scope = arena.open();
/// let mut cursor = scope.cursor();
/// let first = cursor.try_alloc(1u64)?;
/// let second = cursor.try_alloc(2u64)?;
/// drop(cursor);
/// assert_eq!(*first + *second, 3);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[must_use]
pub struct Cursor<'s, 'a> {
    position: *mut u8,
    limit: *mut u8,
    header: NonNull<Header>,
    owner: Owner,
    life: PhantomData<(&'s mut (), &'a ())>,
}

impl<'s, 'a> Cursor<'s, 'a> {
    /// The caller lends its scope, open for `'a`, for `'s`.
    #[inline]
    pub(crate) fn new(header: NonNull<Header>, tag: Tag) -> Cursor<'s, 'a> {
        let mut cursor = Cursor {
            position: core::ptr::null_mut(),
            limit: core::ptr::null_mut(),
            header,
            owner: Owner::of(tag),
            life: PhantomData,
        };
        cursor.take();
        cursor
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY:
        // - the header outlives 'a.
        unsafe { self.header.as_ref() }
    }

    /// Charges `tag` from here on.
    #[inline]
    pub fn tagged(mut self, tag: Tag) -> Cursor<'s, 'a> {
        self.owner = Owner::of(tag);
        self.header().counters().uses(self.owner);
        self
    }

    #[inline]
    fn take(&mut self) {
        let (position, limit) = (self.header().position(), self.header().limit());
        self.header().set_position(limit);
        self.header().counters().held_ahead(limit.addr() - position.addr());
        (self.position, self.limit) = (position, limit);
    }

    #[inline]
    fn give_back(&self) {
        self.header().set_position(self.position);
        self.header().counters().gave_back(self.limit.addr() - self.position.addr());
    }

    /// Stores `value`; see [`crate::Tagged::try_alloc`].
    ///
    /// # Errors
    /// As there.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc<T>(&mut self, value: T) -> Result<&'a mut T, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        let place = self.try_alloc_layout(Layout::new::<T>())?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned, granted to nobody else (invariant 1), alive for 'a.
        unsafe {
            place.write(value);
            Ok(&mut *place.as_ptr())
        }
    }

    /// As [`Cursor::try_alloc`], for programs that can't go on without.
    ///
    /// # Panics
    /// Where `try_alloc` fails.
    #[inline(always)]
    #[track_caller]
    pub fn alloc<T>(&mut self, value: T) -> &'a mut T {
        match self.try_alloc(value) {
            Ok(granted) => granted,
            Err(error) => refuse(&error),
        }
    }

    /// Room for `layout`, not initialised.
    ///
    /// # Errors
    /// As [`crate::Tagged::try_alloc`].
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_layout(&mut self, layout: Layout) -> Result<NonNull<u8>, MemoryError> {
        let size = rounded(layout.size());
        let position = self.position;
        if layout.align() <= ALIGN_MIN && self.limit.addr() - position.addr() >= size {
            self.position = position.wrapping_add(size);
            // The block was held ahead, as padding (invariant 2): only its own padding stays.
            self.header().counters().lent(self.owner, position, layout.size(), size - layout.size());
            // SAFETY:
            // - inside the arena's region, so not null.
            return Ok(unsafe { NonNull::new_unchecked(position) });
        }
        self.claim_slow(layout)
    }

    #[cold]
    #[inline(never)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    fn claim_slow(&mut self, layout: Layout) -> Result<NonNull<u8>, MemoryError> {
        self.give_back();
        let result = self.header().claim(layout, self.owner);
        self.take();
        result
    }
}

impl Drop for Cursor<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
    }
}
