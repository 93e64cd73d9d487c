//! Scopes: stretches of an arena's life, which lend memory.
//!
//! # Invariants
//! 1. A scope begins from `&mut` of its arena or of the scope around it; while it is open, nothing else allocates there.
//! 2. Dropping a scope lowers the position and restores the tag totals, and no more: what it lent for `'a` stays intact
//!    until `'a` ends.
//! 3. A forgotten scope only leaks, until the scope around it ends.

use crate::cursor::Cursor;
use crate::header::Header;
use crate::tag::Tag;
use crate::tagged::Tagged;
use crate::tracking::{Owner, Snapshot};
use crate::view::ArenaView;
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;

/// A stretch of an arena's life. What it lends lives for `'a`, whatever happens to the handle's own borrows.
///
/// ```
/// # let mut arena = voltrum_memory::Arena::try_reserve("frames", 1 << 20)?;
/// let mut frame = arena.open();
/// let kept = frame.try_alloc(1u32)?;
/// {
///     let temp = frame.temp(); // nothing allocates in `frame` while `temp` is open
///     temp.try_alloc([0u8; 4_096])?;
/// } // the 4 KiB are free again
/// assert_eq!(*kept, 1);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[must_use]
pub struct Scope<'a> {
    header: NonNull<Header>,
    mark: *mut u8,
    depth: usize,
    snapshot: Snapshot,
    life: PhantomData<&'a ()>,
}

// SAFETY:
// - a scope is the one writer of its arena's position while it is open, and moving it moves that role;
// - handles that write too (`Tagged`, `Cursor`, nested scopes) borrow the scope, so it can't move while they live.
unsafe impl Send for Scope<'_> {}

impl<'a> Scope<'a> {
    /// The caller's `&mut` of the arena or the outer scope lasts for `'a`.
    #[inline]
    pub(crate) fn begin(header: NonNull<Header>) -> Scope<'a> {
        // SAFETY:
        // - the caller's borrow keeps the header alive.
        let at = unsafe { header.as_ref() };
        Scope { header, mark: at.position(), depth: at.enter(), snapshot: at.snapshot(), life: PhantomData }
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY:
        // - the header lives at least for 'a.
        unsafe { self.header.as_ref() }
    }

    /// Begins a nested scope, whose memory is free again when it ends: the specification's `temp_begin`.
    #[inline]
    pub fn temp(&mut self) -> Scope<'_> {
        self.header().begin();
        Scope::begin(self.header)
    }

    /// As [`Scope::temp`], for one turn of a frame loop: where the arena was told to
    /// ([`crate::ArenaConfig::trim_after`]), it gives back pages that the last frames didn't need.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaConfig};
    ///
    /// let config = ArenaConfig { trim_after: 60, ..ArenaConfig::new("frame", 64 << 20) };
    /// let mut arena = Arena::try_reserve_with(&config)?;
    /// let mut frames = arena.open();
    /// frames.frame().try_alloc_zeroed::<u8>(32 << 20)?; // one large frame
    /// let committed = frames.view().committed();
    /// for _ in 0..200 {
    ///     frames.frame().try_alloc([0u8; 1_000])?; // and many small ones
    /// }
    /// assert!(frames.view().committed() < committed / 4);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn frame(&mut self) -> Scope<'_> {
        self.header().begin();
        self.header().frame_began();
        Scope::begin(self.header)
    }

    /// A copyable handle that charges `tag`.
    ///
    /// ```
    /// use voltrum_memory::{TRACKING, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let ui = scope.tagged(Tag::UI);
    /// ui.try_alloc_str("Inspector")?;
    /// assert!(!TRACKING || scope.view().tag(Tag::UI).bytes == 9);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn tagged(&self, tag: Tag) -> Tagged<'_> {
        Tagged::new(self.header, Owner::of(tag))
    }

    /// A handle with position and limit in registers, for hot loops.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let mut scope = arena.open();
    /// let mut cursor = scope.cursor();
    /// let mut last = None;
    /// for i in 0..1_000u64 {
    ///     let node = cursor.try_alloc((i, last.take()))?; // one load and one store less than `scope.try_alloc`
    ///     last = Some(node.0);
    /// }
    /// drop(cursor); // the scope allocates again
    /// assert_eq!(last, Some(999));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[inline]
    pub fn cursor(&mut self) -> Cursor<'_, 'a> {
        Cursor::new(self.header, Tag::UNTAGGED)
    }

    /// A view for reports, for as long as the memory.
    pub fn view(&self) -> ArenaView<'a> {
        ArenaView::new(self.header)
    }

    /// The addresses of the arena's region: whatever it lends lies inside.
    pub fn address_range(&self) -> Range<*const u8> {
        self.header().range()
    }

    /// The handle behind this type's allocating methods. It must not get out: it could allocate beside a nested scope.
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub(crate) fn untagged(&self) -> Tagged<'a> {
        Tagged::new(self.header, Owner::of(Tag::UNTAGGED))
    }
}

impl Drop for Scope<'_> {
    #[inline]
    fn drop(&mut self) {
        self.header().close(self.mark, self.depth, &self.snapshot);
    }
}
