//! Slices and arrays in an arena, of elements without destructors (those with: `boxed.rs`).
//!
//! # Invariants
//! 1. A block is claimed before any code of the caller's runs that could fail; a panic in that code loses the block until
//!    the scope ends, and nothing else.

use crate::cursor::Cursor;
use crate::error::MemoryError;
use crate::tagged::Tagged;
use crate::vec::ArenaVec;
use crate::zeroable::Zeroable;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::slice;

impl<'a> Tagged<'a> {
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn try_array<T>(self, len: usize) -> Result<NonNull<T>, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use the alloc_box functions") }
        self.try_array_of_any(len)
    }

    /// Room for `len` elements; the caller answers for their destructors.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn try_array_of_any<T>(self, len: usize) -> Result<NonNull<T>, MemoryError> {
        match Layout::array::<T>(len) {
            Ok(layout) => Ok(self.try_alloc_layout(layout)?.cast()),
            Err(_) => Err(self.header().overflow(self.owner())),
        }
    }

    /// Copies a slice, as bytes.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let indices = scope.try_alloc_slice_copy(&[0u16, 1, 2])?;
    /// indices.reverse();
    /// assert_eq!(indices, [2, 1, 0]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_copy<T: Copy>(self, source: &[T]) -> Result<&'a mut [T], MemoryError> {
        let place = self.try_array::<T>(source.len())?;
        // SAFETY:
        // - the block has room for `source.len()` elements, is new, so it can't overlap, and lives for 'a.
        unsafe {
            place.as_ptr().copy_from_nonoverlapping(source.as_ptr(), source.len());
            Ok(slice::from_raw_parts_mut(place.as_ptr(), source.len()))
        }
    }

    /// Clones a slice, element by element. For elements with destructors: [`Tagged::try_alloc_box_slice_clone`].
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let ranges = scope.try_alloc_slice_clone(&[0..3, 3..9])?; // `Range` is `Clone`, not `Copy`
    /// assert_eq!(ranges[1], 3..9);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_clone<T: Clone>(self, source: &[T]) -> Result<&'a mut [T], MemoryError> {
        self.try_alloc_slice_fill_with(source.len(), |index| source[index].clone())
    }

    /// A slice of `len` clones of `value`.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// assert_eq!(scope.try_alloc_slice_fill(3, 1.5f32)?, [1.5; 3]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_fill<T: Clone>(self, len: usize, value: T) -> Result<&'a mut [T], MemoryError> {
        self.try_alloc_slice_fill_with(len, |_| value.clone())
    }

    /// A slice of `len` elements, the `i`-th made by `make(i)`, which may allocate here itself.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let squares = scope.try_alloc_slice_fill_with(4, |i| i * i)?;
    /// assert_eq!(squares, [0, 1, 4, 9]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`], and [`crate::Reason::Overflow`] when no address space could hold `len` elements.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
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

    /// A slice of `len` defaults. Of numbers, [`Tagged::try_alloc_zeroed`] is cheaper.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// assert_eq!(scope.try_alloc_slice_default::<Option<u8>>(2)?, [None, None]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_default<T: Default>(self, len: usize) -> Result<&'a mut [T], MemoryError> {
        self.try_alloc_slice_fill_with(len, |_| T::default())
    }

    /// Room for `len` elements, not initialised. Whoever initialises them answers for their destructors.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("images", 1 << 20)?;
    /// # let scope = arena.open();
    /// let room = scope.try_alloc_slice_uninit::<u8>(4)?;
    /// let filled = room.write_copy_of_slice(&[1, 2, 3, 4]);
    /// assert_eq!(filled, [1, 2, 3, 4]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_uninit<T>(self, len: usize) -> Result<&'a mut [MaybeUninit<T>], MemoryError> {
        let place = self.try_array_of_any::<MaybeUninit<T>>(len)?;
        // SAFETY:
        // - the block has room for `len` elements, which need not be initialised; unaliased and alive for 'a.
        Ok(unsafe { slice::from_raw_parts_mut(place.as_ptr(), len) })
    }

    /// An array, each element made in its place: no array of that size on the stack.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("tables", 16 << 20)?;
    /// # let scope = arena.open();
    /// let table = scope.try_alloc_array_with::<u32, 1_000_000>(|i| i as u32 * 2)?;
    /// assert_eq!(table[999_999], 1_999_998);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_array_with<T, const N: usize>(
        self,
        make: impl FnMut(usize) -> T,
    ) -> Result<&'a mut [T; N], MemoryError> {
        let elements = self.try_alloc_slice_fill_with(N, make)?;
        // SAFETY:
        // - N elements in a row are an array of N; the borrow passes on.
        Ok(unsafe { &mut *elements.as_mut_ptr().cast::<[T; N]>() })
    }

    /// Collects an iterator. It may allocate in this arena itself; its size hint is a hint.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let odd = scope.try_alloc_iter((0..10).filter(|i| i % 2 == 1))?;
    /// assert_eq!(odd, [1, 3, 5, 7, 9]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`]. What was collected is given back.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
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

    /// Collects an iterator that knows its length: one block of exactly that size, which never moves. If the iterator was
    /// wrong about it, the slice ends where the iterator or the room does.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let scope = arena.open();
    /// let names = scope.try_alloc_iter_exact(["lamp", "bulb"].iter().map(|name| name.len()))?;
    /// assert_eq!(names, [4, 4]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_iter_exact<T>(
        self,
        items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    ) -> Result<&'a mut [T], MemoryError> {
        let mut items = items.into_iter();
        let room = items.len();
        let place = self.try_array::<T>(room)?;
        let mut len = 0;
        while len < room
            && let Some(item) = items.next()
        {
            // SAFETY:
            // - `len < room`, and the block has room for `room` elements.
            unsafe { place.add(len).write(item) };
            len += 1;
        }
        if len < room {
            let element = size_of::<T>();
            self.header().resize_last(place.cast(), room * element, len * element, self.owner());
        }
        // SAFETY:
        // - `len` elements were written; unaliased and alive for 'a.
        Ok(unsafe { slice::from_raw_parts_mut(place.as_ptr(), len) })
    }

    /// `len` zeros. Bytes that the system has just given are known to be zero and not touched.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 64 << 20)?;
    /// # let scope = arena.open();
    /// let grid = scope.try_alloc_zeroed::<[f32; 4]>(1 << 20)?; // 16 MiB, none of it written
    /// assert_eq!(grid[12_345], [0.0; 4]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_slice_fill_with`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
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
}

impl<'a> Cursor<'_, 'a> {
    /// A slice of `len` elements, the `i`-th made by `make(i)`; see [`Tagged::try_alloc_slice_fill_with`].
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// assert_eq!(cursor.try_alloc_slice_fill_with(4, |i| i * i)?, [0, 1, 4, 9]);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As there.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_slice_fill_with<T>(
        &mut self,
        len: usize,
        mut make: impl FnMut(usize) -> T,
    ) -> Result<&'a mut [T], MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arenas run no destructors: use the alloc_box functions") }
        let Ok(layout) = Layout::array::<T>(len) else { return Err(self.overflow()) };
        let place = self.try_alloc_layout(layout)?.cast::<T>();
        // SAFETY:
        // - the block has room for `len` elements, which are initialised one by one; granted to nobody else, alive for 'a.
        unsafe {
            for index in 0..len {
                place.add(index).write(make(index));
            }
            Ok(slice::from_raw_parts_mut(place.as_ptr(), len))
        }
    }
}
