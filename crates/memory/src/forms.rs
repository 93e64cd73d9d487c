//! Every allocating function once more: on `Scope` and `Sole`, and in the form that panics on `Scope`, `Tagged` and `Cursor`.

use crate::arena::Arena;
use crate::backing::PagePolicy;
use crate::boxed::ArenaBox;
use crate::cursor::Cursor;
use crate::error::MemoryError;
use crate::scope::Scope;
use crate::sole::Sole;
#[cfg(doc)]
use crate::tag::Tag;
use crate::tagged::{Tagged, refuse};
use crate::zeroable::Zeroable;
use core::alloc::Layout;
use core::ffi::CStr;
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// `name try_name [generics] (arguments) -> what is granted;`
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
                #[cfg_attr(feature = "allocation-log", track_caller)]
                pub fn $try_name<$($generics)*>(&self, $($arg: $t),*) -> Result<$out, MemoryError> {
                    self.untagged().$try_name($($arg),*)
                }
            )*
        }
        impl<'a> Sole<'a> {
            $(
                #[doc = concat!("[`Tagged::", stringify!($try_name), "`].")]
                ///
                /// # Errors
                /// As there.
                #[inline(always)]
                #[cfg_attr(feature = "allocation-log", track_caller)]
                pub fn $try_name<$($generics)*>(&self, $($arg: $t),*) -> Result<$out, MemoryError> {
                    self.handle().$try_name($($arg),*)
                }
            )*
        }
    };
}

// Values and raw blocks.
forms! {
    alloc try_alloc [T] (value: T) -> &'a mut T;
    alloc_with try_alloc_with [T] (make: impl FnOnce() -> T) -> &'a mut T;
    alloc_try_with try_alloc_try_with [T, E] (make: impl FnOnce() -> Result<T, E>) -> Result<&'a mut T, E>;
    alloc_uninit try_alloc_uninit [T] () -> &'a mut MaybeUninit<T>;
    alloc_layout try_alloc_layout [] (layout: Layout) -> NonNull<u8>;
    child try_child [] (name: &'static str, bytes: usize) -> Arena<'a>;
    child_with try_child_with [] (name: &'static str, bytes: usize, pages: PagePolicy) -> Arena<'a>;
}

// Values with destructors.
forms! {
    alloc_box try_alloc_box [T] (value: T) -> ArenaBox<'a, T>;
    alloc_box_with try_alloc_box_with [T] (make: impl FnOnce() -> T) -> ArenaBox<'a, T>;
    alloc_box_slice_fill_with try_alloc_box_slice_fill_with [T] (len: usize, make: impl FnMut(usize) -> T) -> ArenaBox<'a, [T]>;
    alloc_box_slice_clone try_alloc_box_slice_clone [T: Clone] (source: &[T]) -> ArenaBox<'a, [T]>;
    alloc_box_iter try_alloc_box_iter [T] (items: impl IntoIterator<Item = T>) -> ArenaBox<'a, [T]>;
}

// Slices and arrays.
forms! {
    alloc_slice_copy try_alloc_slice_copy [T: Copy] (source: &[T]) -> &'a mut [T];
    alloc_slice_clone try_alloc_slice_clone [T: Clone] (source: &[T]) -> &'a mut [T];
    alloc_slice_fill try_alloc_slice_fill [T: Clone] (len: usize, value: T) -> &'a mut [T];
    alloc_slice_fill_with try_alloc_slice_fill_with [T] (len: usize, make: impl FnMut(usize) -> T) -> &'a mut [T];
    alloc_slice_default try_alloc_slice_default [T: Default] (len: usize) -> &'a mut [T];
    alloc_slice_uninit try_alloc_slice_uninit [T] (len: usize) -> &'a mut [MaybeUninit<T>];
    alloc_array_with try_alloc_array_with [T, const N: usize] (make: impl FnMut(usize) -> T) -> &'a mut [T; N];
    alloc_iter try_alloc_iter [T] (items: impl IntoIterator<Item = T>) -> &'a mut [T];
    alloc_iter_exact try_alloc_iter_exact [T] (items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>) -> &'a mut [T];
    alloc_zeroed try_alloc_zeroed [T: Zeroable] (len: usize) -> &'a mut [T];
}

// Text.
forms! {
    alloc_str try_alloc_str [] (text: &str) -> &'a mut str;
    alloc_fmt try_alloc_fmt [] (text: fmt::Arguments<'_>) -> &'a mut str;
    alloc_cstr try_alloc_cstr [] (text: impl AsRef<[u8]>) -> &'a CStr;
    alloc_cstr_fmt try_alloc_cstr_fmt [] (text: fmt::Arguments<'_>) -> &'a CStr;
}

/// `name try_name [generics] (arguments) -> what is granted;`
macro_rules! cursor_forms {
    ($($name:ident $try_name:ident [$($generics:tt)*] ($($arg:ident: $t:ty),*) -> $out:ty;)*) => {
        impl<'a> Cursor<'_, 'a> {
            $(
                #[doc = concat!("[`Cursor::", stringify!($try_name), "`], for programs that can't go on without.")]
                ///
                /// # Panics
                /// Where the `try_` form returns an error.
                #[inline(always)]
                #[track_caller]
                pub fn $name<$($generics)*>(&mut self, $($arg: $t),*) -> $out {
                    match self.$try_name($($arg),*) {
                        Ok(granted) => granted,
                        Err(error) => refuse(&error),
                    }
                }
            )*
        }
    };
}

cursor_forms! {
    alloc_with try_alloc_with [T] (make: impl FnOnce() -> T) -> &'a mut T;
    alloc_box try_alloc_box [T] (value: T) -> ArenaBox<'a, T>;
    alloc_slice_copy try_alloc_slice_copy [T: Copy] (source: &[T]) -> &'a mut [T];
    alloc_slice_fill_with try_alloc_slice_fill_with [T] (len: usize, make: impl FnMut(usize) -> T) -> &'a mut [T];
    alloc_str try_alloc_str [] (text: &str) -> &'a mut str;
    alloc_layout try_alloc_layout [] (layout: Layout) -> NonNull<u8>;
}
