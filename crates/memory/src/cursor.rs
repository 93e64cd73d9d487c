//! Cursors: position and limit in registers, for hot loops.
//!
//! # Invariants
//! 1. While a cursor is open the arena's position is its limit, so nobody else is granted the bytes between; dropping the
//!    cursor gives the rest back. A forgotten one loses the rest until its scope ends.
//! 2. What an open or forgotten cursor holds ahead counts as padding, so that the totals add up at every moment.
//! 3. While a nested cursor is open the one around it has nothing left; dropping the nested one hands back where it began,
//!    and all that is committed. A forgotten one loses the rest, as in 1. What it wrote lies below the limit it began with, or
//!    below the header's `written`.
//! 4. The slow path takes and returns values, never the cursor's address: otherwise no cursor would stay in registers.

use crate::asan;
use crate::error::MemoryError;
use crate::header::{ABOVE_LIMIT, Header, raise};
use crate::size::{ALIGN_MIN, rounded};
use crate::tag::Tag;
use crate::tagged::refuse;
use crate::tracking::{Owner, Snapshot, TRACKING};
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
    room: Room,
    header: NonNull<Header>,
    owner: Owner,
    around: Option<Around>,
    /// Not so during the slow path, which can't panic, but the compiler doesn't know: what it must keep for a destructor then
    /// it must keep in each turn of a loop.
    is_open: bool,
    life: PhantomData<(&'s mut (), &'a ())>,
}

/// What a cursor may still lend.
#[derive(Clone, Copy)]
struct Room {
    position: *mut u8,
    limit: *mut u8,
}

/// The cursor around a nested one, and what to hand back to it.
struct Around {
    room: NonNull<Room>,
    position: *mut u8,
    snapshot: Snapshot,
}

impl<'s, 'a> Cursor<'s, 'a> {
    /// The caller lends its scope, open for `'a`, for `'s`.
    #[inline]
    pub(crate) fn new(header: NonNull<Header>, tag: Tag) -> Cursor<'s, 'a> {
        // SAFETY:
        // - the caller's scope keeps the header alive.
        let at = unsafe { header.as_ref() };
        let room = Room { position: take(at), limit: at.limit() };
        Cursor { room, header, owner: Owner::of(tag), around: None, is_open: true, life: PhantomData }
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY:
        // - the header outlives 'a.
        unsafe { self.header.as_ref() }
    }

    /// Why elements can't be had that no address space holds.
    #[cold]
    pub(crate) fn overflow(&self) -> MemoryError {
        self.header().overflow(self.owner)
    }

    /// Charges `tag` from here on.
    ///
    /// ```
    /// use voltrum_memory::Tag;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor().tagged(Tag::GEOMETRY);
    /// for vertex in 0..1_000u32 {
    ///     cursor.try_alloc([vertex as f32; 3])?;
    /// }
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[inline]
    pub fn tagged(mut self, tag: Tag) -> Cursor<'s, 'a> {
        self.owner = Owner::of(tag);
        self.header().counters().uses(self.owner);
        self
    }

    /// Begins a nested cursor, whose memory is free again when it ends, as with [`crate::Scope::temp`].
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("loads", 1 << 20)?;
    /// let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// let sum = cursor.try_alloc(0u64)?;
    /// for number in 1..=3u64 {
    ///     let mut temp = cursor.temp();
    ///     *sum += *temp.try_alloc(number * number)?;
    /// } // the squares are free again
    /// assert_eq!(*sum, 14);
    /// drop(cursor);
    /// assert_eq!(scope.view().used(), 8);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[inline]
    pub fn temp(&mut self) -> Cursor<'_, '_> {
        let limit = self.header().limit();
        if TRACKING && self.room.limit != limit {
            // A nested cursor that grew was forgotten: what it lent stays charged, so it can't be lent again.
            self.room.position = limit;
        }
        let position = self.room.position;
        self.header().fill_popped(position);
        let snapshot = self.header().snapshot();
        self.room = Room { position: limit, limit };
        let around = Around { room: NonNull::from(&mut self.room), position, snapshot };
        let room = Room { position, limit };
        Cursor { room, header: self.header, owner: self.owner, around: Some(around), is_open: true, life: PhantomData }
    }

    /// Stores `value`; see [`crate::Tagged::try_alloc`].
    ///
    /// # Errors
    /// As there.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc<T>(&mut self, value: T) -> Result<&'a mut T, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        let place = self.try_place::<T>()?.cast::<T>();
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

    /// Makes a value in its place.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("loads", 1 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// assert_eq!(cursor.try_alloc_with(|| [7u8; 100])?.len(), 100);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`crate::Tagged::try_alloc`]; `make` is not called then.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_with<T>(&mut self, make: impl FnOnce() -> T) -> Result<&'a mut T, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        let place = self.try_place::<T>()?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned, granted to nobody else (invariant 1), alive for 'a.
        unsafe {
            place.write(make());
            Ok(&mut *place.as_ptr())
        }
    }

    /// Copies a slice, as bytes.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("loads", 1 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// assert_eq!(cursor.try_alloc_slice_copy(&[1u16, 2, 3])?, [1, 2, 3]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`crate::Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_copy<T: Copy>(&mut self, source: &[T]) -> Result<&'a mut [T], MemoryError> {
        let place = self.try_alloc_layout(Layout::for_value(source))?.cast::<T>();
        // SAFETY:
        // - room for `source.len()` elements, new, so apart from them; granted to nobody else (invariant 1), alive for 'a.
        unsafe {
            place.as_ptr().copy_from_nonoverlapping(source.as_ptr(), source.len());
            Ok(core::slice::from_raw_parts_mut(place.as_ptr(), source.len()))
        }
    }

    /// Copies text.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("loads", 1 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// assert_eq!(cursor.try_alloc_str("lamp.gltf")?, "lamp.gltf");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`crate::Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_str(&mut self, text: &str) -> Result<&'a mut str, MemoryError> {
        let bytes = self.try_alloc_slice_copy(text.as_bytes())?;
        // SAFETY:
        // - a copy of a `str` is UTF-8.
        Ok(unsafe { core::str::from_utf8_unchecked_mut(bytes) })
    }

    /// Room for `layout`, not initialised.
    ///
    /// # Errors
    /// As [`crate::Tagged::try_alloc`].
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_layout(&mut self, layout: Layout) -> Result<NonNull<u8>, MemoryError> {
        let size = rounded(layout.size());
        let Room { position, limit } = self.room;
        if layout.align() <= ALIGN_MIN && limit.addr() - position.addr() >= size {
            return Ok(self.lend(layout, position.wrapping_add(size)));
        }
        self.refill(layout)
    }

    /// Room for a `T`, by the shorter test of [`Header::claim_value`].
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    fn try_place<T>(&mut self) -> Result<NonNull<u8>, MemoryError> {
        let layout = Layout::new::<T>();
        if const { align_of::<T>() > ALIGN_MIN || rounded(size_of::<T>()) > ABOVE_LIMIT } {
            return self.try_alloc_layout(layout);
        }
        let end = self.room.position.wrapping_add(const { rounded(size_of::<T>()) });
        if end <= self.room.limit {
            return Ok(self.lend(layout, end));
        }
        self.refill(layout)
    }

    /// Lends what lies before `end`, which is not above the limit.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    fn lend(&mut self, layout: Layout, end: *mut u8) -> NonNull<u8> {
        let position = self.room.position;
        self.room.position = end;
        asan::unpoison(position, layout.size());
        // The block was held ahead, as padding (invariant 2): only its own padding stays.
        self.header().counters().lent(self.owner, position, layout.size(), rounded(layout.size()) - layout.size());
        // SAFETY:
        // - inside the arena's region, so not null.
        unsafe { NonNull::new_unchecked(position) }
    }

    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    fn refill(&mut self, layout: Layout) -> Result<NonNull<u8>, MemoryError> {
        self.is_open = false;
        let Room { position, limit } = self.room;
        // Called by name: a pointer to a function would not know its caller.
        let (granted, position) = if self.around.is_some() {
            claim_beyond::<true>(self.header, position, limit, layout, self.owner)
        } else {
            claim_beyond::<false>(self.header, position, limit, layout, self.owner)
        };
        self.room = Room { position, limit: self.header().limit() };
        let result = granted.ok_or_else(|| self.header().refusal());
        self.is_open = true;
        result
    }
}

/// Takes all that is committed: position becomes limit. Where it begins.
#[inline]
fn take(header: &Header) -> *mut u8 {
    let (position, limit) = (header.position(), header.limit());
    header.set_position(limit);
    header.counters().held_ahead(limit.addr() - position.addr());
    position
}

/// Gives back what a cursor didn't lend. Where its limit is out of date a nested cursor was forgotten, and the rest is lost.
#[inline]
fn give_back(header: &Header, position: *mut u8, limit: *mut u8) {
    if limit == header.limit() {
        header.set_position(position);
        header.counters().gave_back(limit.addr() - position.addr());
    }
}

/// The slow path: a block from the arena itself, and where the cursor goes on; its limit is the arena's then. A nested cursor
/// may be forgotten, and nobody learns how far it wrote: to the limit, at most.
#[cold]
#[inline(never)]
#[cfg_attr(feature = "allocation-log", track_caller)]
fn claim_beyond<const IS_NESTED: bool>(
    header: NonNull<Header>,
    position: *mut u8,
    limit: *mut u8,
    layout: Layout,
    owner: Owner,
) -> (Option<NonNull<u8>>, *mut u8) {
    // SAFETY:
    // - the cursor's scope keeps the header alive.
    let header = unsafe { header.as_ref() };
    give_back(header, position, limit);
    let granted = header.claim_slow(layout, owner);
    if IS_NESTED {
        raise(&header.written, header.limit());
    }
    (granted, take(header))
}

impl Drop for Cursor<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        let Some(around) = &mut self.around else {
            return give_back(self.header(), self.room.position, self.room.limit);
        };
        // SAFETY:
        // - the cursor around is borrowed until this one is gone, so it is in place and nobody else looks at its room.
        let room = unsafe { around.room.as_mut() };
        // SAFETY:
        // - the header outlives 'a.
        let header = unsafe { self.header.as_ref() };
        header.note_written(self.room.position);
        header.counters().restore(&around.snapshot);
        let limit = header.limit();
        header.counters().held_ahead(limit.addr() - room.limit.addr());
        *room = Room { position: around.position, limit };
    }
}
