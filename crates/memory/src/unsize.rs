//! From `ArenaBox<T>` to `ArenaBox<dyn Trait>`, on stable Rust.
//!
//! The standard library's own boxes do this by themselves, through a trait that only it may implement. Here a macro lets the
//! compiler do the same to the pointer inside, which it does for `NonNull`, and puts the box together again.

use crate::boxed::ArenaBox;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// Makes an `ArenaBox<dyn Trait>` of an `ArenaBox<T>`, and an `ArenaBox<[T]>` of an `ArenaBox<[T; N]>`. What it is to become
/// is read from where the result goes, or named after a comma.
///
/// ```
/// use std::fmt::Display;
/// use voltrum_memory::{ArenaBox, unsize_box};
/// # let mut arena = voltrum_memory::Arena::try_reserve("states", 1 << 20)?;
/// # let scope = arena.open();
/// let text: ArenaBox<dyn Display> = unsize_box!(scope.try_alloc_box("lamp".to_string())?);
/// let number = unsize_box!(scope.try_alloc_box(7u32)?, dyn Display + Send);
/// assert_eq!(format!("{text} {number}"), "lamp 7");
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// Nothing else than such a coercion gets through:
///
/// ```compile_fail
/// use voltrum_memory::{ArenaBox, unsize_box};
/// # let mut arena = voltrum_memory::Arena::reserve("states", 1 << 20);
/// # let scope = arena.open();
/// let number: ArenaBox<u64> = unsize_box!(scope.alloc_box(7u32));
/// ```
#[macro_export]
macro_rules! unsize_box {
    ($boxed:expr $(,)?) => {{
        let (value, life) = $crate::__unsize_parts($boxed);
        // SAFETY:
        // - the box gave the value up for this one; the pointer changes by a coercion only, so it is the same value, with
        //   what the compiler knows of it beside its address.
        unsafe { $crate::__unsize_from(value, life) }
    }};
    ($boxed:expr, $target:ty $(,)?) => {{
        let boxed: $crate::ArenaBox<'_, $target> = $crate::unsize_box!($boxed);
        boxed
    }};
}

/// Takes a box apart.
#[doc(hidden)]
pub fn __unsize_parts<'a, T: ?Sized>(boxed: ArenaBox<'a, T>) -> (NonNull<T>, PhantomData<&'a ()>) {
    (ArenaBox::into_raw(boxed), PhantomData)
}

/// Puts a box together again.
///
/// # Safety
/// `value` is what `__unsize_parts` gave with `life`, coerced at most, and used once.
#[doc(hidden)]
pub unsafe fn __unsize_from<'a, T: ?Sized>(value: NonNull<T>, life: PhantomData<&'a ()>) -> ArenaBox<'a, T> {
    let _: PhantomData<&'a ()> = life;
    // SAFETY:
    // - the caller's obligation; the value's bytes stay intact for 'a, as the first box's did.
    unsafe { ArenaBox::from_raw(value) }
}
