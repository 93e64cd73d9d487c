//! Vectors in an arena.
//!
//! # Invariants
//! 1. No drop glue: elements with destructors are refused at compile time, and the bytes belong to the arena.
//! 2. Growth is by `try_` functions only; the wrapped vector never reallocates by itself (its growth would abort).
//! 3. What takes `&self` reads elements and never the arena, so that a vector that owns its arena can be read by many threads.
//!
//! # Deliberately absent
//! No `Extend` and no `FromIterator`: they can't return an error. No `drain` and `split_off`: what leaves an arena's vector
//! gives no memory back, so take a slice.

use crate::error::MemoryError;
use crate::lender::{Lender, handle_of};
use crate::sole::Sole;
use crate::tagged::Tagged;
use crate::vec_growth::{leak_exactly, refused, try_extend, try_reserve};
use allocator_api2::vec::Vec;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::RangeBounds;

/// A vector in an arena. As the last thing in its arena it grows in place; a child of its own
/// ([`crate::Arena::into_tagged`]) guarantees that. It is a slice in all else: `sort_unstable`, `binary_search`, `iter`,
/// `chunks` (mind that `sort` takes memory of the Rust heap while it works).
///
/// Elements with destructors are refused at compile time, for nobody would run them: `Vec` of allocator-api2 over a [`Tagged`]
/// takes them, and [`Tagged::try_alloc_box_iter`] where the number stays.
///
/// ```
/// use voltrum_memory::{Arena, ArenaVec, Tag};
/// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
/// # let scope = arena.open();
/// let mut nodes = ArenaVec::new_in(scope.tagged(Tag::SCENE));
/// nodes.try_push(7u32)?;
/// nodes.try_extend(0..3)?;
/// assert_eq!(*nodes, [7, 0, 1, 2]);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// Over a [`Sole`] handle it owns its arena: it may go to another thread, and be read by many.
pub struct ArenaVec<'a, T, M: Lender<'a> = Tagged<'a>> {
    inner: ManuallyDrop<Vec<T, M>>,
    life: PhantomData<&'a ()>,
}

// SAFETY:
// - a shared borrow gives `&T` and never gets at the handle (invariant 3), which is why the handle need not be `Sync`.
unsafe impl<'a, T: Sync> Sync for ArenaVec<'a, T, Sole<'a>> {}

impl<'a, T> ArenaVec<'a, T> {
    /// The handle that it allocates from.
    pub fn memory(&self) -> Tagged<'a> {
        *self.inner.allocator()
    }
}

impl<'a, T, M: Lender<'a>> ArenaVec<'a, T, M> {
    /// An empty vector; allocates nothing yet.
    pub fn new_in(memory: M) -> ArenaVec<'a, T, M> {
        const { assert!(!core::mem::needs_drop::<T>(), "arena collections run no destructors") }
        ArenaVec { inner: ManuallyDrop::new(Vec::new_in(memory)), life: PhantomData }
    }

    /// An empty vector with room for `capacity` elements.
    ///
    /// # Errors
    /// When the arena can't hold them.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_with_capacity_in(capacity: usize, memory: M) -> Result<ArenaVec<'a, T, M>, MemoryError> {
        let mut vec = ArenaVec::new_in(memory);
        vec.try_reserve_exact(capacity)?;
        Ok(vec)
    }

    /// A vector of what an iterator gives.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaVec, Tag};
    /// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let odd = ArenaVec::try_from_iter_in((0..10).filter(|i| i % 2 == 1), scope.tagged(Tag::SCENE))?;
    /// assert_eq!(odd, [1, 3, 5, 7, 9]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When the arena can't hold them. What was collected is given back.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_from_iter_in(items: impl IntoIterator<Item = T>, memory: M) -> Result<ArenaVec<'a, T, M>, MemoryError> {
        let mut vec = ArenaVec::new_in(memory);
        match vec.try_extend(items) {
            Ok(()) => Ok(vec),
            Err(error) => {
                vec.give_back();
                Err(error)
            }
        }
    }

    /// A vector with a copy of a slice.
    ///
    /// # Errors
    /// When the arena can't hold it.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_from_slice_in(source: &[T], memory: M) -> Result<ArenaVec<'a, T, M>, MemoryError>
    where
        T: Copy,
    {
        let mut vec = ArenaVec::try_with_capacity_in(source.len(), memory)?;
        vec.try_extend_from_slice(source)?;
        Ok(vec)
    }

    /// Room for `additional` more elements, doubling as it grows.
    ///
    /// # Errors
    /// When the arena can't hold them. The vector is as it was.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), MemoryError> {
        try_reserve(&mut self.inner, additional)
    }

    /// Room for exactly `additional` more elements.
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_reserve_exact(&mut self, additional: usize) -> Result<(), MemoryError> {
        let _site = handle_of(self.inner.allocator()).logged_here();
        match self.inner.try_reserve_exact(additional) {
            Ok(()) => Ok(()),
            Err(_) => Err(refused(&self.inner, additional)),
        }
    }

    /// Adds an element at the end.
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`].
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_push(&mut self, value: T) -> Result<(), MemoryError> {
        if self.inner.len() == self.inner.capacity() {
            self.try_reserve(1)?;
        }
        self.inner.push(value);
        Ok(())
    }

    /// Inserts an element at `index`, moving the later ones up.
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut layers = ArenaVec::try_from_slice_in(&["sky", "ui"], scope.tagged(Tag::UI))?;
    /// layers.try_insert(1, "scene")?;
    /// assert_eq!(layers, ["sky", "scene", "ui"]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`].
    ///
    /// # Panics
    /// When `index` is past the end.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_insert(&mut self, index: usize, value: T) -> Result<(), MemoryError> {
        self.try_reserve(1)?;
        self.inner.insert(index, value);
        Ok(())
    }

    /// Adds what an iterator gives.
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`]; what was added before stays.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_extend(&mut self, items: impl IntoIterator<Item = T>) -> Result<(), MemoryError> {
        try_extend(&mut self.inner, items)
    }

    /// Adds a copy of a slice.
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_extend_from_slice(&mut self, source: &[T]) -> Result<(), MemoryError>
    where
        T: Copy,
    {
        self.try_reserve(source.len())?;
        self.inner.extend_from_slice(source);
        Ok(())
    }

    /// Adds a copy of some of its own elements.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaVec, Tag};
    /// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut beat = ArenaVec::try_from_slice_in(&[1, 0, 0], scope.tagged(Tag::CLIENT))?;
    /// beat.try_extend_from_within(1..)?;
    /// assert_eq!(beat, [1, 0, 0, 0, 0]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`].
    ///
    /// # Panics
    /// When `range` reaches past the end.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_extend_from_within(&mut self, range: impl RangeBounds<usize>) -> Result<(), MemoryError>
    where
        T: Copy,
    {
        let range = (range.start_bound().cloned(), range.end_bound().cloned());
        self.try_reserve(self[range].len())?;
        self.inner.extend_from_within(range);
        Ok(())
    }

    /// Moves the elements of another vector, of this arena or another, to the end of this one.
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut all = ArenaVec::try_from_slice_in(&[1, 2], scope.tagged(Tag::SCENE))?;
    /// let mut more = ArenaVec::try_from_slice_in(&[3], scope.tagged(Tag::UNDO))?;
    /// all.try_append(&mut more)?;
    /// assert_eq!((&*all, more.len()), (&[1, 2, 3][..], 0));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`]; both are as they were.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_append<'b>(&mut self, other: &mut ArenaVec<'b, T, impl Lender<'b>>) -> Result<(), MemoryError> {
        self.try_reserve(other.len())?;
        let (len, more) = (self.len(), other.len());
        // SAFETY:
        // - there is room for all of them; they move: the other vector gives them up.
        unsafe {
            self.inner.as_mut_ptr().add(len).copy_from_nonoverlapping(other.inner.as_ptr(), more);
            self.inner.set_len(len + more);
            other.inner.set_len(0);
        }
        Ok(())
    }

    /// Makes it `len` long, with copies of `value` where it grows.
    ///
    /// # Errors
    /// As [`ArenaVec::try_reserve`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_resize(&mut self, len: usize, value: T) -> Result<(), MemoryError>
    where
        T: Copy,
    {
        self.try_reserve(len.saturating_sub(self.len()))?;
        self.inner.resize(len, value);
        Ok(())
    }

    /// Takes the last element.
    pub fn pop(&mut self) -> Option<T> {
        self.inner.pop()
    }

    /// Forgets all elements; the room stays.
    pub fn clear(&mut self) {
        self.inner.clear();
    }

    /// Forgets elements from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.inner.truncate(len);
    }

    /// Takes an element; the last one takes its place.
    ///
    /// # Panics
    /// When `index` is past the end.
    pub fn swap_remove(&mut self, index: usize) -> T {
        self.inner.swap_remove(index)
    }

    /// Takes an element; the later ones move down.
    ///
    /// # Panics
    /// When `index` is past the end.
    pub fn remove(&mut self, index: usize) -> T {
        self.inner.remove(index)
    }

    /// Keeps the elements of which `keep` is true.
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut numbers = ArenaVec::try_from_iter_in(0..10, scope.tagged(Tag::SCENE))?;
    /// numbers.retain(|number| number % 4 == 0);
    /// assert_eq!(numbers, [0, 4, 8]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.inner.retain(keep);
    }

    /// As [`ArenaVec::retain`]; `keep` may change them.
    pub fn retain_mut(&mut self, keep: impl FnMut(&mut T) -> bool) {
        self.inner.retain_mut(keep);
    }

    /// Of equal elements in a row, keeps the first.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaVec, Tag};
    /// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut names = ArenaVec::try_from_slice_in(&["b", "a", "b", "a"], scope.tagged(Tag::SCENE))?;
    /// names.sort_unstable();
    /// names.dedup();
    /// assert_eq!(names, ["a", "b"]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        self.inner.dedup();
    }

    /// Of elements in a row for which `key` gives the same, keeps the first.
    pub fn dedup_by_key<K: PartialEq>(&mut self, key: impl FnMut(&mut T) -> K) {
        self.inner.dedup_by_key(key);
    }

    /// Of elements in a row that `same` finds the same, keeps the first.
    pub fn dedup_by(&mut self, same: impl FnMut(&mut T, &mut T) -> bool) {
        self.inner.dedup_by(same);
    }

    /// Gives the room that was reserved ahead back, where it is the arena's last block.
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut found = ArenaVec::<u64>::try_with_capacity_in(1_000, scope.tagged(Tag::SCENE))?;
    /// found.try_push(1)?;
    /// found.shrink_to_fit();
    /// assert_eq!(scope.view().used(), 8); // it was on top of the arena
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.inner.shrink_to_fit();
    }

    /// The room behind the elements, not initialised: for code that fills memory itself.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaVec, Tag};
    /// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut bytes = ArenaVec::<u8>::try_with_capacity_in(16, scope.tagged(Tag::RESOURCES))?;
    /// bytes.spare_capacity_mut()[..4].write_copy_of_slice(b"glTF");
    /// // SAFETY: there is room for 16 bytes, and four were just written.
    /// unsafe { bytes.set_len(4) };
    /// assert_eq!(bytes, *b"glTF");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn spare_capacity_mut(&mut self) -> &mut [MaybeUninit<T>] {
        self.inner.spare_capacity_mut()
    }

    /// Says how many elements there are.
    ///
    /// # Safety
    /// `len` is not above the capacity, and the first `len` elements are initialised.
    pub unsafe fn set_len(&mut self, len: usize) {
        // SAFETY:
        // - the caller's obligation.
        unsafe { self.inner.set_len(len) }
    }

    /// How many elements fit without growing.
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// The elements.
    pub fn as_slice(&self) -> &[T] {
        &self.inner
    }

    /// The elements.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.inner
    }

    /// As [`ArenaVec::into_slice`], keeping the room that was reserved ahead.
    pub(crate) fn into_slice_with_room(self) -> &'a mut [T]
    where
        M: 'a,
    {
        Vec::leak(ManuallyDrop::into_inner(self.inner))
    }

    /// Ends the vector and, where it is the arena's last block, gives its room back.
    pub(crate) fn give_back(self) {
        drop(ManuallyDrop::into_inner(self.inner));
    }

    /// Ends the vector: its elements become a slice that lives as long as the arena's scope. Where it is the arena's last
    /// block, room that was reserved ahead goes back.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaVec, Tag};
    /// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut found = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    /// found.try_extend(0..3)?;
    /// let found: &mut [i32] = found.into_slice();
    /// assert_eq!(found, [0, 1, 2]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn into_slice(self) -> &'a mut [T]
    where
        M: 'a,
    {
        leak_exactly(ManuallyDrop::into_inner(self.inner))
    }
}

impl<'a, T, M: Lender<'a>> IntoIterator for ArenaVec<'a, T, M> {
    type Item = T;
    type IntoIter = allocator_api2::vec::IntoIter<T, M>;
    fn into_iter(self) -> Self::IntoIter {
        ManuallyDrop::into_inner(self.inner).into_iter()
    }
}
