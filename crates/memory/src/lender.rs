//! What a collection takes its memory from: a copyable handle, or the only one of its arena.

use crate::arena::Arena;
use crate::error::MemoryError;
use crate::sole::Sole;
use crate::tagged::Tagged;
use allocator_api2::alloc::Allocator;

/// What [`ArenaVec`](crate::ArenaVec) and [`ArenaMap`](crate::ArenaMap) allocate from: a [`Tagged`], or a [`Sole`], with
/// which the collection owns its arena and may go to another thread. Nothing else can be one.
pub trait Lender<'a>: Allocator + sealed::Sealed<'a> {
    /// As [`Tagged::try_child`].
    ///
    /// # Errors
    /// As there.
    fn try_child(&self, name: &'static str, bytes: usize) -> Result<Arena<'a>, MemoryError> {
        handle_of(self).try_child(name, bytes)
    }
}

impl<'a> Lender<'a> for Tagged<'a> {}
impl<'a> Lender<'a> for Sole<'a> {}

pub(crate) mod sealed {
    use crate::sole::Sole;
    use crate::tagged::Tagged;

    /// A handle that nobody outside of this crate can take out: a copy of a sole one must not stay behind.
    pub struct Inner<'a>(pub(crate) Tagged<'a>);

    pub trait Sealed<'a> {
        #[doc(hidden)]
        fn inner(&self) -> Inner<'a>;
    }

    impl<'a> Sealed<'a> for Tagged<'a> {
        #[inline(always)]
        fn inner(&self) -> Inner<'a> {
            Inner(*self)
        }
    }

    impl<'a> Sealed<'a> for Sole<'a> {
        #[inline(always)]
        fn inner(&self) -> Inner<'a> {
            Inner(self.handle())
        }
    }
}

/// The handle, for the moment of a call.
#[inline(always)]
pub(crate) fn handle_of<'a>(memory: &(impl Lender<'a> + ?Sized)) -> Tagged<'a> {
    memory.inner().0
}
