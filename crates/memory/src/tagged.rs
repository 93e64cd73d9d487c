//! Tagged handles: what subsystems keep, what collections take as their allocator, and every way to allocate.
//!
//! # Invariants
//! 1. A handle points at the arena's header; the borrow of the scope it came from lives in its lifetime.
//! 2. A handle isn't `Send`: the arena has one writer.

use crate::arena::Arena;
use crate::boxed::ArenaBox;
use crate::error::MemoryError;
use crate::header::{Header, PagePolicy};
use crate::scope::Scope;
use crate::string::ArenaString;
use crate::tag::Tag;
use crate::tracking::Owner;
use crate::vec::ArenaVec;
use crate::view::ArenaView;
use allocator_api2::alloc::{AllocError, Allocator};
use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;
use core::slice;

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

/// Types whose every bit pattern of zeros is a value.
///
/// # Safety
/// All-zero bytes are a valid `Self`.
pub unsafe trait Zeroable: Copy {}
macro_rules! zeroable {
    ($($t:ty)*) => { $(
        // SAFETY:
        // - zero is a value of every number type.
        unsafe impl Zeroable for $t {}
    )* };
}
zeroable!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool);
// SAFETY:
// - an array of zeroable elements is zeroable.
unsafe impl<T: Zeroable, const N: usize> Zeroable for [T; N] {}

impl<'a> Tagged<'a> {
    /// The header lives for `'a`, and this thread is its writer as long as the handle is used.
    #[inline]
    pub(crate) fn new(header: NonNull<Header>, owner: Owner) -> Tagged<'a> {
        Tagged { header, owner, life: PhantomData }
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

    /// The same arena, charging another tag.
    #[inline]
    pub fn with_tag(self, tag: Tag) -> Tagged<'a> {
        Tagged { owner: Owner::of(tag), ..self }
    }

    /// A view for reports.
    pub fn view(&self) -> ArenaView<'a> {
        ArenaView::new(self.header)
    }

    /// The addresses of the arena's region: whatever it lends lies inside.
    pub fn address_range(&self) -> Range<*const u8> {
        self.header().range()
    }

    /// Room for `layout`, not initialised.
    ///
    /// # Errors
    /// When the arena is full, over budget, or the system refuses pages.
    #[inline(always)]
    pub fn try_alloc_layout(self, layout: Layout) -> Result<NonNull<u8>, MemoryError> {
        self.header().claim(layout, self.owner)
    }

    /// Stores `value`.
    ///
    /// Arenas run no destructors, so a type that has one is refused at compile time: [`Tagged::try_alloc_box`] takes it.
    ///
    /// # Errors
    /// When the arena is full, over budget, or the system refuses pages.
    #[inline(always)]
    pub fn try_alloc<T>(self, value: T) -> Result<&'a mut T, MemoryError> {
        self.try_alloc_with(|| value)
    }

    /// Makes a value in its place.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]; `make` is not called then.
    #[inline(always)]
    pub fn try_alloc_with<T>(self, make: impl FnOnce() -> T) -> Result<&'a mut T, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        let place = self.try_alloc_layout(Layout::new::<T>())?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned and unaliased: `claim` granted the block to nobody else;
        // - alive: nothing reuses or alters these bytes before 'a ends (header invariants 2 and 5).
        unsafe {
            place.write(make());
            Ok(&mut *place.as_ptr())
        }
    }

    /// Stores a value that has a destructor; the box runs it.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    pub fn try_alloc_box<T>(self, value: T) -> Result<ArenaBox<'a, T>, MemoryError> {
        let place = self.try_alloc_layout(Layout::new::<T>())?.cast::<T>();
        // SAFETY:
        // - in bounds, aligned, unaliased and alive for 'a, as in `try_alloc_with`; the box becomes the value's one owner.
        unsafe {
            place.write(value);
            Ok(ArenaBox::from_raw(place))
        }
    }

    #[inline]
    fn try_array<T>(self, len: usize) -> Result<NonNull<T>, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use alloc_box") }
        match Layout::array::<T>(len) {
            Ok(layout) => Ok(self.try_alloc_layout(layout)?.cast()),
            Err(_) => Err(self.header().overflow(self.owner)),
        }
    }

    /// Copies a slice.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    pub fn try_alloc_slice_copy<T: Copy>(self, source: &[T]) -> Result<&'a mut [T], MemoryError> {
        let place = self.try_array::<T>(source.len())?;
        // SAFETY:
        // - the block has room for `source.len()` elements, is new, so it can't overlap, and lives for 'a.
        unsafe {
            place.as_ptr().copy_from_nonoverlapping(source.as_ptr(), source.len());
            Ok(slice::from_raw_parts_mut(place.as_ptr(), source.len()))
        }
    }

    /// A slice of `len` elements, the `i`-th made by `make(i)`.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`], and [`crate::Reason::Overflow`] when no address space could hold `len` elements.
    #[inline]
    pub fn try_alloc_slice_fill_with<T>(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> T,
    ) -> Result<&'a mut [T], MemoryError> {
        let place = self.try_array::<T>(len)?;
        for index in 0..len {
            // SAFETY:
            // - the block has room for `len` elements; a panic in `make` loses the block and nothing else.
            unsafe { place.add(index).write(make(index)) };
        }
        // SAFETY:
        // - all `len` elements were written; unaliased and alive for 'a.
        Ok(unsafe { slice::from_raw_parts_mut(place.as_ptr(), len) })
    }

    /// Collects an iterator. It may allocate in this arena itself; its size hint is a hint.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    pub fn try_alloc_iter<T>(self, items: impl IntoIterator<Item = T>) -> Result<&'a mut [T], MemoryError> {
        let mut vec = ArenaVec::new_in(self);
        match vec.try_extend(items) {
            Ok(()) => Ok(vec.into_slice()),
            Err(error) => {
                vec.give_back();
                Err(error)
            }
        }
    }

    /// `len` zeros. Bytes that the system has just given are known to be zero and not touched.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    pub fn try_alloc_zeroed<T: Zeroable>(self, len: usize) -> Result<&'a mut [T], MemoryError> {
        let place = self.try_array::<T>(len)?;
        let bytes = len * size_of::<T>();
        let stale = self.header().stale_bytes(place.cast(), bytes);
        // SAFETY:
        // - the block has room for `len` elements; the bytes that were not fresh are written here, so all are zero, which is
        //   a value (`Zeroable`); unaliased and alive for 'a.
        unsafe {
            place.cast::<u8>().write_bytes(0, stale);
            Ok(slice::from_raw_parts_mut(place.as_ptr(), len))
        }
    }

    /// Copies text.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    pub fn try_alloc_str(self, text: &str) -> Result<&'a mut str, MemoryError> {
        let bytes = self.try_alloc_slice_copy(text.as_bytes())?;
        // SAFETY:
        // - a copy of a `str` is UTF-8.
        Ok(unsafe { core::str::from_utf8_unchecked_mut(bytes) })
    }

    /// Formats text: `format!` into the arena. A `Display` that reports an error ends the text there.
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    pub fn try_alloc_fmt(self, text: fmt::Arguments<'_>) -> Result<&'a mut str, MemoryError> {
        let mut string = ArenaString::new_in(self);
        match string.try_fmt(text) {
            Ok(()) => Ok(string.into_str()),
            Err(error) => {
                string.give_back();
                Err(error)
            }
        }
    }

    /// Carves an arena of its own of `bytes` from the top of this one. It shows under this one in reports, dies with it at
    /// the latest, and may be sent to another thread.
    ///
    /// # Errors
    /// When less is left than `bytes`, or its first pages can't be had.
    pub fn try_child(self, name: &'static str, bytes: usize) -> Result<Arena<'a>, MemoryError> {
        self.try_child_with(name, bytes, PagePolicy::Auto)
    }

    /// As [`Tagged::try_child`], with a say over its pages.
    ///
    /// # Errors
    /// As [`Tagged::try_child`].
    pub fn try_child_with(self, name: &'static str, bytes: usize, pages: PagePolicy) -> Result<Arena<'a>, MemoryError> {
        Header::carve(self.header, name, bytes, pages, self.owner).map(Arena::carved)
    }
}

/// The same functions on `Scope`, and the forms that panic on both.
macro_rules! forms {
    ($($name:ident $try_name:ident [$($generics:tt)*] ($($arg:ident: $t:ty),*) -> $out:ty;)*) => {
        impl<'a> Tagged<'a> {
            $(
                #[doc = concat!("[`Tagged::", stringify!($try_name), "`], for programs that can't go on without.")]
                ///
                /// # Panics
                /// Where the `try_` form returns an error.
                #[inline(always)]
                #[track_caller]
                pub fn $name<$($generics)*>(self, $($arg: $t),*) -> $out {
                    match self.$try_name($($arg),*) {
                        Ok(granted) => granted,
                        Err(error) => refuse(&error),
                    }
                }
            )*
        }
        impl<'a> Scope<'a> {
            $(
                #[doc = concat!("[`Tagged::", stringify!($name), "`], charged to [`Tag::UNTAGGED`].")]
                ///
                /// # Panics
                /// Where the `try_` form returns an error.
                #[inline(always)]
                #[track_caller]
                pub fn $name<$($generics)*>(&self, $($arg: $t),*) -> $out {
                    self.untagged().$name($($arg),*)
                }
                #[doc = concat!("[`Tagged::", stringify!($try_name), "`], charged to [`Tag::UNTAGGED`].")]
                ///
                /// # Errors
                /// As there.
                #[inline(always)]
                pub fn $try_name<$($generics)*>(&self, $($arg: $t),*) -> Result<$out, MemoryError> {
                    self.untagged().$try_name($($arg),*)
                }
            )*
        }
    };
}

forms! {
    alloc try_alloc [T] (value: T) -> &'a mut T;
    alloc_with try_alloc_with [T] (make: impl FnOnce() -> T) -> &'a mut T;
    alloc_box try_alloc_box [T] (value: T) -> ArenaBox<'a, T>;
    alloc_slice_copy try_alloc_slice_copy [T: Copy] (source: &[T]) -> &'a mut [T];
    alloc_slice_fill_with try_alloc_slice_fill_with [T] (len: usize, make: impl FnMut(usize) -> T) -> &'a mut [T];
    alloc_iter try_alloc_iter [T] (items: impl IntoIterator<Item = T>) -> &'a mut [T];
    alloc_zeroed try_alloc_zeroed [T: Zeroable] (len: usize) -> &'a mut [T];
    alloc_str try_alloc_str [] (text: &str) -> &'a mut str;
    alloc_fmt try_alloc_fmt [] (text: fmt::Arguments<'_>) -> &'a mut str;
    alloc_layout try_alloc_layout [] (layout: Layout) -> NonNull<u8>;
    child try_child [] (name: &'static str, bytes: usize) -> Arena<'a>;
}

// SAFETY:
// - blocks stay valid and in place until 'a ends; copies of the handle name the same arena;
// - a block is given back or resized in place only where it is the arena's last, and its owner says so.
unsafe impl Allocator for Tagged<'_> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        match self.try_alloc_layout(layout) {
            Ok(block) => Ok(NonNull::slice_from_raw_parts(block, layout.size())),
            Err(_) => Err(AllocError),
        }
    }

    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.allocate(layout)?;
        let stale = self.header().stale_bytes(block.cast(), layout.size());
        // SAFETY:
        // - the block was just granted and holds that many bytes; the rest has not been written since the system gave it.
        unsafe { block.cast::<u8>().write_bytes(0, stale) };
        Ok(block)
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        self.header().free_last(block, layout.size(), self.owner);
    }

    #[inline]
    unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if block.addr().get().is_multiple_of(new.align())
            && self.header().resize_last(block, old.size(), new.size(), self.owner)
        {
            return Ok(NonNull::slice_from_raw_parts(block, new.size()));
        }
        let moved = self.allocate(new)?;
        // SAFETY:
        // - the caller's block holds `old.size()` bytes, the new one at least as many, and it is new, so apart.
        unsafe { moved.cast::<u8>().copy_from_nonoverlapping(block, old.size()) };
        Ok(moved)
    }

    #[inline]
    unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if block.addr().get().is_multiple_of(new.align()) {
            self.header().resize_last(block, old.size(), new.size(), self.owner);
            return Ok(NonNull::slice_from_raw_parts(block, new.size()));
        }
        let moved = self.allocate(new)?;
        // SAFETY:
        // - both blocks hold `new.size()` bytes, and the new one is apart.
        unsafe { moved.cast::<u8>().copy_from_nonoverlapping(block, new.size()) };
        Ok(moved)
    }

    unsafe fn grow_zeroed(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY:
        // - the caller's obligations are those of `grow`; the bytes past the old size are ours to write.
        unsafe {
            let grown = self.grow(block, old, new)?;
            grown.cast::<u8>().add(old.size()).write_bytes(0, new.size() - old.size());
            Ok(grown)
        }
    }
}
