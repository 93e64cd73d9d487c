//! Types for which zeros are a value.

use core::mem::MaybeUninit;
use core::sync::atomic;

/// Types whose every byte may be zero; see [`crate::Tagged::try_alloc_zeroed`].
///
/// ```
/// use voltrum_memory::Zeroable;
///
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Pixel {
///     rgba: [u8; 4],
/// }
/// // SAFETY: zero is a value of every field.
/// unsafe impl Zeroable for Pixel {}
///
/// # let mut arena = voltrum_memory::Arena::try_reserve("images", 1 << 20)?;
/// # let scope = arena.open();
/// let image = scope.try_alloc_zeroed::<Pixel>(64 * 64)?;
/// assert!(image.iter().all(|pixel| pixel.rgba == [0; 4]));
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// # Safety
/// All-zero bytes are a valid `Self`, and `Self` has no destructor.
pub unsafe trait Zeroable {}

macro_rules! zeroable {
    ($($t:ty)*) => { $(
        // SAFETY:
        // - zero is a value of every number type, of `bool` and of `char`; none has a destructor.
        unsafe impl Zeroable for $t {}
    )* };
}
zeroable!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);
zeroable!(atomic::AtomicBool atomic::AtomicU8 atomic::AtomicU16 atomic::AtomicU32 atomic::AtomicUsize);
zeroable!(atomic::AtomicI8 atomic::AtomicI16 atomic::AtomicI32 atomic::AtomicIsize);
#[cfg(target_has_atomic = "64")]
zeroable!(atomic::AtomicU64 atomic::AtomicI64);

// SAFETY:
// - an array of zeroable elements is zeroable.
unsafe impl<T: Zeroable, const N: usize> Zeroable for [T; N] {}
// SAFETY:
// - any bytes will do, and it has no destructor.
unsafe impl<T> Zeroable for MaybeUninit<T> {}
// SAFETY:
// - null is a pointer.
unsafe impl<T> Zeroable for *const T {}
// SAFETY:
// - null is a pointer.
unsafe impl<T> Zeroable for *mut T {}
