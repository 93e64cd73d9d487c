//! Sole handles: arenas that one owner allocates from, who may take them to another thread.
//!
//! # Invariants
//! 1. A sole handle is made of an arena, which it uses up, and can't be copied: whoever has it is the arena's one writer.
//! 2. What it lends for `'a` is plain references. A handle ([`Sole::tagged`]) is lent for a borrow only, and the borrow is
//!    not to be sent: [`Sole`] is `Send` and not `Sync`.

use crate::arena::Arena;
#[cfg(doc)]
use crate::scope::Scope;
use crate::tag::Tag;
use crate::tagged::Tagged;
use crate::view::ArenaView;
use allocator_api2::alloc::{AllocError, Allocator};
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;

/// The only handle of an arena, with a tag. Made by [`Arena::into_sole`].
///
/// It lends as [`Scope`] does, and collections can own it: such a collection is `Send`, where its elements are, and so is
/// whatever is made of such collections. This is how a worker builds what another thread goes on with, without a copy.
///
/// ```
/// use voltrum_memory::{Arena, ArenaVec, MemoryError, Sole, Tag};
///
/// struct Cloud<'a> {
///     names: Sole<'a>,
///     points: ArenaVec<'a, (f32, &'a str), Sole<'a>>,
/// }
///
/// let mut arena = Arena::try_reserve("scene", 16 << 20)?;
/// let scope = arena.open();
/// let (names, points) = (scope.try_child("names", 1 << 20)?, scope.try_child("points", 4 << 20)?);
/// let built = std::thread::scope(|threads| {
///     let build = move || {
///         let names = names.into_sole(Tag::SCENE);
///         let mut points = ArenaVec::new_in(points.into_sole(Tag::SCENE));
///         points.try_push((1.0, &*names.try_alloc_str("first")?))?;
///         Ok::<_, MemoryError>(Cloud { names, points })
///     };
///     threads.spawn(build).join()
/// });
/// let mut cloud = built.expect("no panic")?;
/// cloud.points.try_push((2.0, cloud.names.try_alloc_str("second")?))?; // on this thread now
/// assert_eq!(cloud.points, [(1.0, "first"), (2.0, "second")]);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[must_use]
pub struct Sole<'a>(Tagged<'a>);

// SAFETY:
// - invariant 1: moving the handle moves the role of the arena's one writer; handles that it lent borrow it (invariant 2),
//   so it can't move while they live.
unsafe impl Send for Sole<'_> {}

impl<'a> Sole<'a> {
    /// For the moment of a call: a copy must not be kept beside the handle.
    #[inline(always)]
    pub(crate) fn handle(&self) -> Tagged<'a> {
        self.0
    }

    /// A copyable handle, for as long as this one is borrowed: for what takes one.
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let own = scope.try_child("names", 1 << 20)?.into_sole(Tag::SCENE);
    /// let mut found = ArenaVec::new_in(own.tagged());
    /// found.try_push("lamp")?;
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[inline]
    pub fn tagged(&self) -> Tagged<'_> {
        self.0
    }

    /// A view for reports, for as long as the memory.
    pub fn view(&self) -> ArenaView<'a> {
        self.0.view()
    }
}

impl<'p> Arena<'p> {
    /// As [`Arena::into_tagged`]: the only handle there will be of this arena, which therefore may go to another thread, and
    /// so may a collection that it is given to.
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut positions = ArenaVec::new_in(scope.try_child("positions", 4 << 20)?.into_sole(Tag::SCENE));
    /// let grow = move || positions.try_extend((0..1_000).map(|i| [i as f32; 3])).map(|()| positions.len());
    /// let len = std::thread::scope(|threads| threads.spawn(grow).join());
    /// assert!(matches!(len, Ok(Ok(1_000))));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn into_sole(self, tag: Tag) -> Sole<'p> {
        Sole(self.into_tagged(tag))
    }
}

// SAFETY:
// - as `Tagged`, whose functions these are; the handle can't be copied, and moving it moves no block.
unsafe impl Allocator for Sole<'_> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }

    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate_zeroed(layout)
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY:
        // - the caller's obligations are the same.
        unsafe { self.0.deallocate(block, layout) }
    }

    #[inline]
    unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY:
        // - the caller's obligations are the same.
        unsafe { self.0.grow(block, old, new) }
    }

    #[inline]
    unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY:
        // - the caller's obligations are the same.
        unsafe { self.0.shrink(block, old, new) }
    }

    unsafe fn grow_zeroed(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY:
        // - the caller's obligations are the same.
        unsafe { self.0.grow_zeroed(block, old, new) }
    }
}

impl fmt::Debug for Sole<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Sole").field(&self.0).finish()
    }
}
