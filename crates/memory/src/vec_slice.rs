//! What a vector has in common with slices: being one, borrowing, comparing, iterating, printing; bytes can be written to.

use crate::lender::Lender;
use crate::vec::ArenaVec;
use core::borrow::{Borrow, BorrowMut};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::{Deref, DerefMut};
#[cfg(feature = "std")]
use std::io;

impl<'a, T, M: Lender<'a>> Deref for ArenaVec<'a, T, M> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<'a, T, M: Lender<'a>> DerefMut for ArenaVec<'a, T, M> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

impl<'a, T: fmt::Debug, M: Lender<'a>> fmt::Debug for ArenaVec<'a, T, M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(out)
    }
}

impl<'v, 'a, T, M: Lender<'a>> IntoIterator for &'v ArenaVec<'a, T, M> {
    type Item = &'v T;
    type IntoIter = core::slice::Iter<'v, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

impl<'v, 'a, T, M: Lender<'a>> IntoIterator for &'v mut ArenaVec<'a, T, M> {
    type Item = &'v mut T;
    type IntoIter = core::slice::IterMut<'v, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.as_mut_slice().iter_mut()
    }
}

impl<'a, T, M: Lender<'a>> AsRef<[T]> for ArenaVec<'a, T, M> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<'a, T, M: Lender<'a>> AsMut<[T]> for ArenaVec<'a, T, M> {
    fn as_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<'a, T, M: Lender<'a>> Borrow<[T]> for ArenaVec<'a, T, M> {
    fn borrow(&self) -> &[T] {
        self
    }
}

impl<'a, T, M: Lender<'a>> BorrowMut<[T]> for ArenaVec<'a, T, M> {
    fn borrow_mut(&mut self) -> &mut [T] {
        self
    }
}

/// `==` with whatever holds a slice.
macro_rules! equal {
    ($($($life:lifetime)? [$($generics:tt)*] $other:ty;)*) => { $(
        impl<'a, $($life,)? T: PartialEq<U>, U, M: Lender<'a>, $($generics)*> PartialEq<$other> for ArenaVec<'a, T, M> {
            fn eq(&self, other: &$other) -> bool {
                **self == other[..]
            }
        }
    )* };
}
equal! {
    'b [N: Lender<'b>] ArenaVec<'b, U, N>;
    [] [U];
    [] &[U];
    [] &mut [U];
    [const N: usize] [U; N];
    [const N: usize] &[U; N];
}

impl<'a, T: Eq, M: Lender<'a>> Eq for ArenaVec<'a, T, M> {}

impl<'a, T: PartialOrd, M: Lender<'a>> PartialOrd for ArenaVec<'a, T, M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<'a, T: Ord, M: Lender<'a>> Ord for ArenaVec<'a, T, M> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<'a, T: Hash, M: Lender<'a>> Hash for ArenaVec<'a, T, M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// Bytes to write into; an arena that is full is an [`io::ErrorKind::OutOfMemory`] with the [`crate::MemoryError`] inside. With
/// feature `std`.
#[cfg(feature = "std")]
impl<'a, M: Lender<'a>> io::Write for ArenaVec<'a, u8, M> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.try_extend_from_slice(bytes).map_err(|error| io::Error::new(io::ErrorKind::OutOfMemory, error))
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
