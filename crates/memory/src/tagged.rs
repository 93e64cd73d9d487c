//! Tagged handles: what subsystems keep and what collections take as their allocator; values and children.
//!
//! The other ways to allocate have files of their own: `boxed.rs`, `slices.rs`, `text.rs`, `allocator.rs`; `forms.rs` repeats
//! them all on `Scope` and in the form that panics.
//!
//! # Invariants
//! 1. A handle points at the arena's header; the borrow of the scope it came from lives in its lifetime.
//! 2. A handle isn't `Send`: the arena has one writer.

use crate::arena::Arena;
use crate::backing::PagePolicy;
use crate::error::MemoryError;
use crate::header::Header;
#[cfg(doc)]
use crate::scope::Scope;
use crate::tag::Tag;
use crate::tracking::{LoggedHere, Owner, Site};
use crate::view::ArenaView;
use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr::NonNull;

/// A copyable handle to an arena that charges one tag. Made by [`Scope::tagged`].
///
/// It implements `Allocator` of allocator-api2 0.2, so the collections of that crate and of hashbrown can live in an arena.
///
/// ```
/// use voltrum_memory::{Arena, Tag, Tagged};
///
/// struct Listeners<'app> {
///     permanent: Tagged<'app>,
///     names: &'app mut [u32],
/// }
///
/// let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
/// let scope = arena.open();
/// let permanent = scope.tagged(Tag::EVENTS);
/// let names = permanent.try_alloc_slice_copy(&[1, 2, 3])?;
/// let listeners = permanent.try_alloc(Listeners { permanent, names })?;
/// assert_eq!(listeners.names, [1, 2, 3]);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Tagged<'a> {
    header: NonNull<Header>,
    owner: Owner,
    /// Where the handle was made: what collections that know no better allocate for.
    site: Site,
    life: PhantomData<&'a ()>,
}

/// Ends the program's thread of work over an allocation that it said it can't go on without.
#[cold]
#[inline(never)]
#[track_caller]
#[allow(clippy::panic, reason = "the documented behaviour of the forms without try_")]
pub(crate) fn refuse(error: &MemoryError) -> ! {
    panic!("{error}")
}

impl<'a> Tagged<'a> {
    /// The header lives for `'a`, and this thread is its writer as long as the handle is used.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn new(header: NonNull<Header>, owner: Owner) -> Tagged<'a> {
        let tagged = Tagged { header, owner, site: Site::here(), life: PhantomData };
        tagged.header().counters().uses(owner);
        tagged
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> &'a Header {
        // SAFETY:
        // - invariant 1: the header lives for 'a.
        unsafe { self.header.as_ref() }
    }

    #[inline]
    pub(crate) fn owner(self) -> Owner {
        self.owner
    }

    /// While it lives, what collections take from this arena is logged for the line that calls this.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn logged_here(self) -> LoggedHere<'a> {
        self.header().counters().logged_here()
    }

    /// Logs the block, which an allocator's function granted or grew, for the line that is known best.
    #[inline(always)]
    pub(crate) fn log_site(self, block: NonNull<u8>) {
        self.header().counters().log_site(block.as_ptr(), self.site);
    }

    /// The same arena, charging another tag.
    ///
    /// ```
    /// use voltrum_memory::Tag;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let scene = scope.tagged(Tag::SCENE);
    /// let undo = scene.with_tag(Tag::UNDO); // the same memory, another account
    /// undo.try_alloc([0u8; 64])?;
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn with_tag(self, tag: Tag) -> Tagged<'a> {
        Tagged::new(self.header, Owner::of(tag))
    }

    /// A view for reports.
    pub fn view(&self) -> ArenaView<'a> {
        ArenaView::new(self.header)
    }

    /// The addresses of the arena's region: whatever it lends lies inside.
    pub fn address_range(&self) -> Range<*const u8> {
        self.header().range()
    }

    /// Bytes of address space that are left for blocks and children; a budget may allow less.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let scene = scope.tagged(voltrum_memory::Tag::SCENE);
    /// let before = scene.left();
    /// let half = scene.try_child("half", before / 2)?;
    /// assert!(scene.left() <= before - half.view().reserved());
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn left(self) -> usize {
        self.header().left()
    }

    /// Room for `layout`, not initialised.
    ///
    /// ```
    /// use std::alloc::Layout;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("blocks", 1 << 20)?;
    /// # let scope = arena.open();
    /// let block = scope.try_alloc_layout(Layout::new::<[u64; 16]>())?;
    /// assert!(block.cast::<u64>().is_aligned());
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When the arena is full, over budget, or the system refuses pages.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_layout(self, layout: Layout) -> Result<NonNull<u8>, MemoryError> {
        self.header().claim(layout, self.owner)
    }

    /// Stores `value`.
    ///
    /// Arenas run no destructors, so a type that has one is refused at compile time: [`Tagged::try_alloc_box`] takes it.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let position = scope.try_alloc([1.0f32, 2.0, 3.0])?;
    /// position[1] = 0.0;
    /// assert_eq!(position, &[1.0, 0.0, 3.0]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When the arena is full, over budget, or the system refuses pages.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc<T>(self, value: T) -> Result<&'a mut T, MemoryError> {
        self.try_alloc_with(|| value)
    }

    /// Makes a value in its place. `make` may allocate here itself.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// struct Node<'a> {
    ///     name: &'a str,
    /// }
    /// let name = scope.try_alloc_str("lamp")?;
    /// let node = scope.try_alloc_with(|| Node { name })?;
    /// assert_eq!(node.name, "lamp");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]; `make` is not called then.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_with<T>(self, make: impl FnOnce() -> T) -> Result<&'a mut T, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        let place = self.header().claim_value::<T>(self.owner)?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned and unaliased: `claim` granted the block to nobody else;
        // - alive: nothing reuses or alters these bytes before 'a ends (header invariants 2 and 5).
        unsafe {
            place.write(make());
            Ok(&mut *place.as_ptr())
        }
    }

    /// Makes a value in its place, or fails to: an error of `make` comes back inside, and the block goes back to the arena
    /// unless `make` allocated behind it.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("settings", 1 << 20)?;
    /// # let scope = arena.open();
    /// let number = scope.try_alloc_try_with(|| "17".parse::<u32>())?;
    /// assert_eq!(number, Ok(&mut 17));
    /// let nothing = scope.try_alloc_try_with(|| "lamp".parse::<u32>())?;
    /// assert!(nothing.is_err());
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]; `make` is not called then.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_try_with<T, E>(
        self,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Result<&'a mut T, E>, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        let place = self.header().claim_value::<T>(self.owner)?.cast::<T>();
        match make() {
            // SAFETY:
            // - in bounds, aligned, unaliased and alive for 'a, as in `try_alloc_with`.
            Ok(value) => Ok(Ok(unsafe {
                place.write(value);
                &mut *place.as_ptr()
            })),
            Err(error) => {
                self.header().free_last(place.cast(), size_of::<T>(), self.owner);
                Ok(Err(error))
            }
        }
    }

    /// Room for one value, not initialised: for what is too large to be made on the stack first. Whoever initialises it
    /// answers for its destructor.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("images", 16 << 20)?;
    /// # let scope = arena.open();
    /// let pixels = scope.try_alloc_uninit::<[[u8; 4]; 1 << 20]>()?; // 4 MiB that no stack has seen
    /// assert_eq!(size_of_val(pixels), 4 << 20);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_uninit<T>(self) -> Result<&'a mut MaybeUninit<T>, MemoryError> {
        let place = self.try_alloc_layout(Layout::new::<T>())?.cast::<MaybeUninit<T>>();
        // SAFETY:
        // - in bounds, aligned, unaliased and alive for 'a, as in `try_alloc_with`; it need not be initialised.
        Ok(unsafe { &mut *place.as_ptr() })
    }

    /// Carves an arena of its own of `bytes` from the top of this one. It shows under this one in reports, dies with it at
    /// the latest, and may be sent to another thread.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 64 << 20)?;
    /// # let scope = arena.open();
    /// let mut child = scope.try_child("decoder", 8 << 20)?;
    /// let sum = std::thread::scope(|threads| {
    ///     let work = || child.open().alloc_slice_fill_with(1_000, |i| i as u64).iter().sum::<u64>();
    ///     threads.spawn(work).join()
    /// });
    /// assert_eq!(sum.ok(), Some(499_500));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When less is left than `bytes`, or its first pages can't be had.
    pub fn try_child(self, name: &'static str, bytes: usize) -> Result<Arena<'a>, MemoryError> {
        self.try_child_with(name, bytes, PagePolicy::Auto)
    }

    /// As [`Tagged::try_child`], with a say over its pages.
    ///
    /// ```
    /// use voltrum_memory::PagePolicy;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut sparse = scope.try_child_with("sparse", 8 << 20, PagePolicy::Small)?;
    /// sparse.open().try_alloc_zeroed::<[u8; 4_096]>(1_000)?;
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_child`].
    pub fn try_child_with(self, name: &'static str, bytes: usize, pages: PagePolicy) -> Result<Arena<'a>, MemoryError> {
        Header::carve(self.header, name, bytes, pages, self.owner).map(Arena::owning)
    }
}

impl fmt::Debug for Tagged<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header();
        out.debug_struct("Tagged")
            .field("arena", &header.name())
            .field("tag", &self.owner.name(header.tags()))
            .finish_non_exhaustive()
    }
}
