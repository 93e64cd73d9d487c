//! Boxes: values with destructors, in an arena.

use core::fmt;
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
pub struct ArenaBox<'a, T: ?Sized> {
    value: NonNull<T>,
    life: PhantomData<(&'a mut T, T)>,
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
    /// # Safety
    /// `value` is initialised, owned by nobody else, and its bytes stay intact for `'a`.
    pub unsafe fn from_raw(value: NonNull<T>) -> ArenaBox<'a, T> {
        ArenaBox { value, life: PhantomData }
    }

    /// Gives the value up to the arena; its destructor never runs.
    pub fn leak(boxed: ArenaBox<'a, T>) -> &'a mut T {
        let boxed = ManuallyDrop::new(boxed);
        // SAFETY:
        // - the box owned the value, for 'a, and is gone without dropping it.
        unsafe { &mut *boxed.value.as_ptr() }
    }

    /// Gives the pointer up; `from_raw` takes it back.
    pub fn into_raw(boxed: ArenaBox<'a, T>) -> NonNull<T> {
        ManuallyDrop::new(boxed).value
    }
}

impl<T> ArenaBox<'_, T> {
    /// Moves the value out.
    pub fn into_inner(boxed: Self) -> T {
        let boxed = ManuallyDrop::new(boxed);
        // SAFETY:
        // - the box owned the value and will not drop it.
        unsafe { boxed.value.read() }
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

impl<T: ?Sized + fmt::Debug> fmt::Debug for ArenaBox<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(out)
    }
}
