//! Boxes: values with destructors, in an arena.
//!
//! # Invariants
//! 1. A box owns an initialised value and runs its destructor once; no other way to the value exists.
//! 2. A box never touches its arena, only its value: it may outlive the handle it came from, and go to another thread.

use crate::cursor::Cursor;
use crate::error::MemoryError;
use crate::tagged::Tagged;
use crate::vec_growth;
use allocator_api2::vec::Vec;
use core::alloc::Layout;
use core::any::Any;
use core::borrow::{Borrow, BorrowMut};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

/// Owns a value in an arena and runs its destructor. The bytes stay with the arena.
///
/// It offers no `Pin`: an arena's memory may be reused after its lifetime without the destructor having run.
///
/// ```
/// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
/// # let scope = arena.open();
/// let mut names = scope.try_alloc_box(vec!["lamp".to_string()])?;
/// names.push("bulb".to_string());
/// assert_eq!(names.len(), 2);
/// drop(names); // the Vec's own memory is freed here
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// [`crate::unsize_box`] makes an `ArenaBox<dyn Trait>` of an `ArenaBox<T>`.
pub struct ArenaBox<'a, T: ?Sized> {
    value: NonNull<T>,
    life: PhantomData<(&'a (), T)>,
}

// SAFETY:
// - the box owns its value as a `T` would be owned; the arena is not touched through it.
unsafe impl<T: ?Sized + Send> Send for ArenaBox<'_, T> {}
// SAFETY:
// - `&ArenaBox` gives only `&T`.
unsafe impl<T: ?Sized + Sync> Sync for ArenaBox<'_, T> {}

impl<'a, T: ?Sized> ArenaBox<'a, T> {
    /// Takes over a value in an arena.
    ///
    /// ```
    /// use voltrum_memory::ArenaBox;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let place = scope.try_alloc_uninit::<String>()?;
    /// let value = place.write("lamp".to_string());
    /// // SAFETY: initialised just now, ours alone, and intact as long as the scope lends.
    /// let boxed = unsafe { ArenaBox::from_raw(value.into()) };
    /// assert_eq!(*boxed, "lamp");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Safety
    /// `value` is initialised, owned by nobody else, and its bytes stay intact for `'a`.
    pub unsafe fn from_raw(value: NonNull<T>) -> ArenaBox<'a, T> {
        ArenaBox { value, life: PhantomData }
    }

    /// Gives the value up to the arena; its destructor never runs.
    ///
    /// ```
    /// use voltrum_memory::ArenaBox;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let boxed = scope.try_alloc_box(7u32)?;
    /// let number: &mut u32 = ArenaBox::leak(boxed);
    /// assert_eq!(*number, 7);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn leak(boxed: ArenaBox<'a, T>) -> &'a mut T {
        let boxed = ManuallyDrop::new(boxed);
        // SAFETY:
        // - the box owned the value, for 'a, and is gone without dropping it.
        unsafe { &mut *boxed.value.as_ptr() }
    }

    /// Gives the pointer up; [`ArenaBox::from_raw`] takes it back.
    ///
    /// ```
    /// use voltrum_memory::ArenaBox;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let raw = ArenaBox::into_raw(scope.try_alloc_box("lamp".to_string())?);
    /// // SAFETY: given up just now; the scope still lends.
    /// let boxed: ArenaBox<'_, String> = unsafe { ArenaBox::from_raw(raw) };
    /// assert_eq!(*boxed, "lamp");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn into_raw(boxed: ArenaBox<'a, T>) -> NonNull<T> {
        ManuallyDrop::new(boxed).value
    }
}

impl<T> ArenaBox<'_, T> {
    /// Moves the value out.
    ///
    /// ```
    /// use voltrum_memory::ArenaBox;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let name: String = ArenaBox::into_inner(scope.try_alloc_box("lamp".to_string())?);
    /// # assert_eq!(name, "lamp");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn into_inner(boxed: Self) -> T {
        let boxed = ManuallyDrop::new(boxed);
        // SAFETY:
        // - the box owned the value and will not drop it.
        unsafe { boxed.value.read() }
    }
}

impl<'a> ArenaBox<'a, dyn Any> {
    /// The box of what the value is, if it is a `T`.
    ///
    /// ```
    /// use std::any::Any;
    /// use voltrum_memory::{ArenaBox, unsize_box};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let any: ArenaBox<dyn Any> = unsize_box!(scope.try_alloc_box(7u32)?);
    /// let number = any.downcast::<u32>();
    /// assert_eq!(number.ok().as_deref(), Some(&7));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// The box as it was, when the value is something else.
    pub fn downcast<T: Any>(self) -> Result<ArenaBox<'a, T>, Self> {
        if self.is::<T>() {
            // SAFETY:
            // - the value is a `T`; the box gives it up.
            Ok(unsafe { ArenaBox::from_raw(ArenaBox::into_raw(self).cast()) })
        } else {
            Err(self)
        }
    }
}

impl<T: ?Sized> Drop for ArenaBox<'_, T> {
    fn drop(&mut self) {
        // SAFETY:
        // - the box owns an initialised value and drops it once.
        unsafe { self.value.drop_in_place() }
    }
}

impl<T: ?Sized> Deref for ArenaBox<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY:
        // - owned, initialised, alive for 'a.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for ArenaBox<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY:
        // - as in `deref`, and `&mut self` makes it unique.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized> AsRef<T> for ArenaBox<'_, T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> AsMut<T> for ArenaBox<'_, T> {
    fn as_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for ArenaBox<'_, T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> BorrowMut<T> for ArenaBox<'_, T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ArenaBox<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(out)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for ArenaBox<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(out)
    }
}

impl<T: ?Sized + core::error::Error> core::error::Error for ArenaBox<'_, T> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        (**self).source()
    }
}

impl<T: ?Sized + PartialEq> PartialEq for ArenaBox<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl<T: ?Sized + Eq> Eq for ArenaBox<'_, T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for ArenaBox<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(other)
    }
}
impl<T: ?Sized + Ord> Ord for ArenaBox<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(other)
    }
}

impl<T: ?Sized + Hash> Hash for ArenaBox<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<I: Iterator + ?Sized> Iterator for ArenaBox<'_, I> {
    type Item = I::Item;
    fn next(&mut self) -> Option<I::Item> {
        (**self).next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (**self).size_hint()
    }
    fn nth(&mut self, n: usize) -> Option<I::Item> {
        (**self).nth(n)
    }
}
impl<I: DoubleEndedIterator + ?Sized> DoubleEndedIterator for ArenaBox<'_, I> {
    fn next_back(&mut self) -> Option<I::Item> {
        (**self).next_back()
    }
}
impl<I: ExactSizeIterator + ?Sized> ExactSizeIterator for ArenaBox<'_, I> {}
impl<I: FusedIterator + ?Sized> FusedIterator for ArenaBox<'_, I> {}

/// Elements that were made so far; drops them if it is dropped itself, when making the next one panics.
struct Made<T> {
    place: NonNull<T>,
    len: usize,
}

impl<T> Drop for Made<T> {
    fn drop(&mut self) {
        // SAFETY:
        // - the first `len` elements are initialised, and nobody else owns them.
        unsafe { NonNull::slice_from_raw_parts(self.place, self.len).drop_in_place() }
    }
}

impl<'a> Tagged<'a> {
    /// Stores a value that has a destructor; the box runs it.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let file = std::fs::File::open("/dev/null");
    /// let kept = scope.try_alloc_box(file)?; // closed when the box is dropped
    /// # drop(kept);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]; the value is dropped then.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_box<T>(self, value: T) -> Result<ArenaBox<'a, T>, MemoryError> {
        self.try_alloc_box_with(|| value)
    }

    /// Makes a value that has a destructor in its place; the box runs it.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let names = scope.try_alloc_box_with(|| vec!["lamp"; 3])?;
    /// assert_eq!(names.len(), 3);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]; `make` is not called then.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_box_with<T>(self, make: impl FnOnce() -> T) -> Result<ArenaBox<'a, T>, MemoryError> {
        let place = self.header().claim_value::<T>(self.owner())?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned, unaliased and alive for 'a, as in `try_alloc_with`; the box becomes the value's one owner.
        unsafe {
            place.write(make());
            Ok(ArenaBox::from_raw(place))
        }
    }

    /// A boxed slice of `len` elements, the `i`-th made by `make(i)`. If `make` panics, those made before are dropped.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let names = scope.try_alloc_box_slice_fill_with(3, |i| format!("node {i}"))?;
    /// assert_eq!(names[2], "node 2");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_box_slice_fill_with<T>(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> T,
    ) -> Result<ArenaBox<'a, [T]>, MemoryError> {
        let mut made = Made { place: self.try_array_of_any::<T>(len)?, len: 0 };
        while made.len < len {
            // SAFETY:
            // - the block has room for `len` elements.
            unsafe { made.place.add(made.len).write(make(made.len)) };
            made.len += 1;
        }
        let made = ManuallyDrop::new(made);
        // SAFETY:
        // - all `len` elements are initialised, and `made` gives them up; unaliased and alive for 'a.
        Ok(unsafe { ArenaBox::from_raw(NonNull::slice_from_raw_parts(made.place, len)) })
    }

    /// Clones a slice, element by element, into a box.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let names = vec!["lamp".to_string(), "bulb".to_string()];
    /// let kept = scope.try_alloc_box_slice_clone(&names)?;
    /// assert_eq!(*kept, *names);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_box_slice_clone<T: Clone>(self, source: &[T]) -> Result<ArenaBox<'a, [T]>, MemoryError> {
        self.try_alloc_box_slice_fill_with(source.len(), |index| source[index].clone())
    }

    /// Collects an iterator into a box. It may allocate in this arena itself; its size hint is a hint; if it panics, what
    /// it gave before is dropped.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let scope = arena.open();
    /// let words = scope.try_alloc_box_iter("a lamp and a bulb".split(' ').map(str::to_string))?;
    /// assert_eq!(words.len(), 5);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]. What was collected is dropped.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_box_iter<T>(self, items: impl IntoIterator<Item = T>) -> Result<ArenaBox<'a, [T]>, MemoryError> {
        let mut collected = Vec::new_in(self);
        vec_growth::try_extend(&mut collected, items)?;
        // SAFETY:
        // - the vector gives its elements up, in a block that it leaves to the arena for 'a.
        Ok(unsafe { ArenaBox::from_raw(NonNull::from(vec_growth::leak_exactly(collected))) })
    }
}

impl<'a> Cursor<'_, 'a> {
    /// Stores a value that has a destructor; see [`Tagged::try_alloc_box`].
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// let name = cursor.try_alloc_box("lamp".to_string())?;
    /// assert_eq!(*name, "lamp");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As there.
    #[inline(always)]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_box<T>(&mut self, value: T) -> Result<ArenaBox<'a, T>, MemoryError> {
        let place = self.try_alloc_layout(Layout::new::<T>())?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned, granted to nobody else, alive for 'a; the box becomes the value's one owner.
        unsafe {
            place.write(value);
            Ok(ArenaBox::from_raw(place))
        }
    }
}
