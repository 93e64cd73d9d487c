//! Views: an arena's figures, readable from any thread while its owner allocates.

use crate::allocation::{Allocation, LogUsage};
use crate::header::Header;
use crate::tag::{TAGS_MAX, Tag};
use crate::tracking::{TRACKING, TagUsage};
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;

/// Reads an arena's figures. While another thread allocates, each figure is true of some moment, not all of the same.
///
/// ```
/// use voltrum_memory::{Arena, TRACKING, Tag};
///
/// let mut arena = Arena::try_reserve("loads", 16 << 20)?;
/// let (mut arena, view) = arena.watched();
/// std::thread::scope(|threads| {
///     let worker = threads.spawn(move || arena.open().tagged(Tag::RESOURCES).alloc_zeroed::<u8>(1_000).len());
///     println!("so far: {} of {} bytes", view.used(), view.reserved()); // while the worker allocates
///     worker.join().unwrap_or(0)
/// });
/// assert!(view.peak() >= 1_000 && view.committed() < view.reserved());
/// assert!(!TRACKING || view.tag(Tag::RESOURCES).peak == 1_000);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[derive(Clone, Copy)]
pub struct ArenaView<'a> {
    header: NonNull<Header>,
    is_per_frame: bool,
    life: PhantomData<&'a ()>,
}

// SAFETY:
// - a view only reads atomics, and children's headers under their lock.
unsafe impl Send for ArenaView<'_> {}
// SAFETY:
// - as above.
unsafe impl Sync for ArenaView<'_> {}

impl<'a> ArenaView<'a> {
    /// The header lives for `'a`.
    pub(crate) fn new(header: NonNull<Header>) -> ArenaView<'a> {
        ArenaView { header, is_per_frame: false, life: PhantomData }
    }

    fn header(&self) -> &'a Header {
        // SAFETY:
        // - the maker of the view promised 'a.
        unsafe { self.header.as_ref() }
    }

    /// The same view of an arena that is emptied each frame: the text report then prints its peak.
    #[must_use]
    pub fn per_frame(self) -> ArenaView<'a> {
        ArenaView { is_per_frame: true, ..self }
    }

    /// Whether it was marked so.
    pub fn is_per_frame(&self) -> bool {
        self.is_per_frame
    }

    /// The arena's name.
    pub fn name(&self) -> &'static str {
        self.header().name()
    }

    /// Address space, in bytes; of an arena in a buffer, what it uses of that.
    pub fn reserved(&self) -> usize {
        self.header().reserved()
    }

    /// Bytes committed, here and in children; the arena's own header and the rounding to pages included. Of a buffer: what was
    /// taken up so far.
    pub fn committed(&self) -> usize {
        self.header().committed()
    }

    /// Bytes in use here, without children.
    pub fn used_here(&self) -> usize {
        self.header().used_here()
    }

    /// Bytes in use, here and in children.
    pub fn used(&self) -> usize {
        let mut sum = self.used_here();
        self.each_child(|child| sum = sum.saturating_add(child.used()));
        sum
    }

    /// The most bytes ever in use, children included. Where children grew and shrank at different times it is an upper
    /// bound.
    pub fn peak(&self) -> usize {
        self.header().peak_with_children()
    }

    /// Bytes lost to alignment and rounding here, as each allocation counted them; `None` where tracking is off.
    pub fn padding(&self) -> Option<usize> {
        self.header().counters().padding()
    }

    /// What `tag` holds here; zeros where tracking is off.
    pub fn tag(&self, tag: Tag) -> TagUsage {
        self.header().counters().tag(tag.index())
    }

    /// Calls `visit` with each tag that holds or held bytes here.
    ///
    /// ```
    /// use voltrum_memory::{TRACKING, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// scope.tagged(Tag::UI).try_alloc([0u8; 10])?;
    /// let mut sum = 0;
    /// scope.view().each_tag(|tag, usage| {
    ///     println!("{}: {} bytes in {} blocks", tag.name(), usage.bytes, usage.count);
    ///     sum += usage.bytes;
    /// });
    /// assert!(!TRACKING || sum == 10);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn each_tag(&self, mut visit: impl FnMut(Tag, TagUsage)) {
        if TRACKING {
            for index in 0..TAGS_MAX {
                let usage = self.header().counters().tag(index);
                if usage.peak > 0 || usage.count > 0 {
                    visit(Tag::at(index, self.header().tags()), usage);
                }
            }
        }
    }

    /// The live blocks here, without children's, in the order they were made in, which is that of their addresses but for
    /// blocks without bytes. None without feature `allocation-log`; see [`ArenaView::log`] for what is not listed.
    ///
    /// ```
    /// use voltrum_memory::{ALLOCATION_LOG, Arena, Tag};
    ///
    /// let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// let scope = arena.open();
    /// scope.tagged(Tag::SCENE).try_alloc([0u8; 13])?;
    /// let logged = scope.view().allocations().next();
    /// if let Some(block) = logged {
    ///     assert_eq!((block.offset, block.size, block.padding), (0, 13, 3));
    ///     assert_eq!((block.tag, block.file), (Tag::SCENE, file!()));
    /// }
    /// assert_eq!(logged.is_some(), ALLOCATION_LOG);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// Of a block that another thread makes or ends meanwhile, it may give parts of two.
    pub fn allocations(&self) -> impl Iterator<Item = Allocation> + Clone + use<'a> {
        let header = self.header();
        header.counters().allocations(header.start(), header.tags())
    }

    /// What the log holds; `None` without feature `allocation-log`.
    ///
    /// ```
    /// use voltrum_memory::ALLOCATION_LOG;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// scope.try_alloc([0u8; 10])?;
    /// assert_eq!(scope.view().log().map(|log| (log.listed, log.missed)), if ALLOCATION_LOG { Some((1, 0)) } else { None });
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn log(&self) -> Option<LogUsage> {
        self.header().counters().log_usage()
    }

    /// Calls `visit` with each child, the last carved first. Children can't be carved or closed meanwhile: a `visit` that
    /// allocates in this arena, or asks another view of it for children, `used` or `peak`, waits for ever.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut child = scope.try_child("decoder", 1 << 20)?;
    /// child.open().try_alloc([0u8; 64])?;
    /// scope.view().each_child(|child| assert_eq!((child.name(), child.used()), ("decoder", 0)));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn each_child(&self, mut visit: impl FnMut(ArenaView<'_>)) {
        self.header().each_child(|child| visit(ArenaView::new(NonNull::from(child))));
    }

    /// The addresses of the arena's region, children included.
    pub fn address_range(&self) -> Range<*const u8> {
        self.header().range()
    }
}
