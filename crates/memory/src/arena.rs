//! Arenas: memory that dies all at once.
//!
//! An [`Arena`] reserves address space once, commits pages as it grows, and lends references for as long as the scope they
//! came from.
//!
//! # Invariants
//! 1. A root owns its reservation, or holds its buffer, and ends when dropped; a child only flags that it is gone, its parent takes the bytes
//!    back; a watched arena does neither.
//! 2. A scope begins from `&mut`; nothing the arena lent before is alive then.
//!
//! # Deliberately absent
//! A free for single blocks (but the last one, for collections), a global arena, sharing between threads.

use crate::backing::PagePolicy;
use crate::header::Header;
use crate::scope::Scope;
use crate::size::KIB;
use crate::tag::Tag;
use crate::tagged::Tagged;
use crate::tracking::{LOG_MAX, Owner};
use crate::view::ArenaView;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

/// What an arena is to be. `ArenaConfig::new` gives the defaults.
///
/// ```
/// use voltrum_memory::{Arena, ArenaConfig, PagePolicy, Tag};
///
/// const AUDIO: Tag = Tag::new(40, "AUDIO", "mixer voices");
///
/// let config = ArenaConfig {
///     limit_bytes: Some(256 << 20),   // a budget, for children too
///     reserve_bytes_min: 1 << 30,     // what to settle for
///     pages: PagePolicy::Small,       // used sparsely
///     tags: &[AUDIO],
///     ..ArenaConfig::new("project", 64 << 30) // address space to grow into
/// };
/// let mut arena = Arena::try_reserve_with(&config)?;
/// assert!(arena.open().try_alloc_zeroed::<u8>(300 << 20).is_err());
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ArenaConfig {
    /// The name in reports and errors.
    pub name: &'static str,
    /// Address space to reserve, in bytes; costs no memory until it is used.
    pub reserve_bytes: usize,
    /// What to settle for when the system refuses `reserve_bytes` (it is halved until it is granted or falls below this).
    pub reserve_bytes_min: usize,
    /// The most bytes that may be committed, children included: a budget below the reservation.
    pub limit_bytes: Option<usize>,
    /// Which pages to ask for.
    pub pages: PagePolicy,
    /// The client's own tags, for the report.
    pub tags: &'static [Tag],
    /// How many live allocations the log remembers, with feature `allocation-log`; those beyond are counted, not listed.
    pub log_max: usize,
    /// After how many frames pages that none of them needed go back to the system by themselves; 0, the default, for never.
    /// A frame begins with [`Arena::open`] or [`Scope::frame`]. More than twice what those frames used must be committed, and
    /// 16 MiB go back in one frame at most.
    pub trim_after: u32,
}

impl ArenaConfig {
    /// An arena called `name` with `reserve_bytes` of address space, no budget, and pages chosen by size.
    pub const fn new(name: &'static str, reserve_bytes: usize) -> ArenaConfig {
        ArenaConfig {
            name,
            reserve_bytes,
            reserve_bytes_min: if reserve_bytes < 64 * KIB { reserve_bytes } else { 64 * KIB },
            limit_bytes: None,
            pages: PagePolicy::Auto,
            tags: &[],
            log_max: LOG_MAX,
            trim_after: 0,
        }
    }
}

/// Owns a stretch of memory that is lent and taken back as a whole. `'p` is the life of what it lies in.
///
/// [`Arena::try_reserve`] takes address space from the system (`'static`), [`Arena::in_buffer`] bytes of yours, and
/// [`Tagged::try_child`] a part of another arena.
///
/// ```
/// use voltrum_memory::Arena;
///
/// let mut arena = Arena::try_reserve("project", 1 << 30)?; // address space only
/// {
///     let scope = arena.open();
///     let numbers = scope.try_alloc_slice_fill_with(1_000, |i| i as u64)?;
///     assert_eq!(numbers.iter().sum::<u64>(), 499_500);
/// } // everything is gone, in one step
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[must_use]
pub struct Arena<'p> {
    header: NonNull<Header>,
    watched: bool,
    life: PhantomData<&'p ()>,
}

// SAFETY:
// - the arena is its header's one writer, and moving the owner moves that role; what it lent is bound to borrows of it.
unsafe impl Send for Arena<'_> {}
// SAFETY:
// - `&Arena` gives only a view, which reads atomics.
unsafe impl Sync for Arena<'_> {}

impl<'p> Arena<'p> {
    /// The header is a new one, and what it lies in lives for `'p`.
    pub(crate) fn owning(header: NonNull<Header>) -> Arena<'p> {
        Arena { header, watched: false, life: PhantomData }
    }

    /// Gives up the owner's part: whoever takes it answers for the arena's end.
    #[cfg(feature = "allocation-log")]
    pub(crate) fn into_header(self) -> NonNull<Header> {
        ManuallyDrop::new(self).header
    }

    fn header(&self) -> &Header {
        // SAFETY:
        // - the header lives as long as the reservation, which 'p or this owner keeps alive.
        unsafe { self.header.as_ref() }
    }

    /// Begins the arena's life anew: everything it lent before is over, the scope lends from an empty arena.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 1 << 20)?;
    /// let scope = arena.open();
    /// scope.try_alloc([0u8; 1_000])?;
    /// drop(scope);
    /// assert_eq!(arena.open().view().used(), 0); // at whatever point the scope before was
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn open(&mut self) -> Scope<'_> {
        self.header().reset();
        self.header().frame_began();
        Scope::begin(self.header)
    }

    /// Opens the arena and fills it; on error the arena comes back, free again.
    ///
    /// For owners that must hand the opened scope on (to another thread, say) and keep the arena where filling failed.
    ///
    /// ```
    /// use voltrum_memory::{Arena, Fill, MemoryError, Scope};
    ///
    /// struct Load<'t>(&'t str);
    ///
    /// impl Fill for Load<'_> {
    ///     type Filled<'s> = &'s [u32];
    ///     type Error = MemoryError;
    ///     fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<&'s [u32], MemoryError> {
    ///         Ok(memory.try_alloc_iter(self.0.split(' ').filter_map(|word| word.parse().ok()))?)
    ///     }
    /// }
    ///
    /// let mut arena = Arena::try_reserve("project", 1 << 20)?;
    /// match arena.open_with(&mut Load("1 lamp 3")) {
    ///     Ok((_scope, numbers)) => assert_eq!(numbers, [1, 3]),
    ///     Err((arena, error)) => println!("{error}; {} bytes are free again", arena.view().reserved()),
    /// }
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// The filler's own error, with the arena.
    pub fn open_with<'s, F: Fill>(
        &'s mut self,
        filler: &mut F,
    ) -> Result<Opened<'s, F::Filled<'s>>, (&'s mut Self, F::Error)> {
        let this: *mut Self = self;
        // SAFETY:
        // - one `&mut` at a time: this one ends with `scope`, or lives on in the result while `this` is not used again.
        let scope = unsafe { &mut *this }.open();
        match filler.fill(&scope) {
            Ok(filled) => Ok((scope, filled)),
            Err(error) => {
                drop(scope);
                // SAFETY:
                // - `F::Error` can't name 's, so nothing borrows the arena here.
                Err((unsafe { &mut *this }, error))
            }
        }
    }

    /// A handle for as long as what the arena was carved from: the arena is used up, its memory ends with its parent's
    /// scope. This is how an array gets a stretch of its own in which it grows in place. (A root's reservation is kept for
    /// the rest of the process.)
    ///
    /// ```
    /// use voltrum_memory::{ArenaVec, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let entities = scope.try_child("entities", 4 << 20)?.into_tagged(Tag::SCENE);
    /// let mut positions = ArenaVec::new_in(entities);
    /// positions.try_push([0.0f32; 3])?;
    /// let first = positions.as_ptr();
    /// scope.try_alloc([0u8; 1_000])?; // elsewhere: it is in nobody's way
    /// positions.try_extend((0..100_000).map(|i| [i as f32; 3]))?;
    /// assert_eq!(positions.as_ptr(), first); // never moved
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn into_tagged(self, tag: Tag) -> Tagged<'p> {
        let arena = ManuallyDrop::new(self);
        arena.header().reset();
        Tagged::new(arena.header, Owner::of(tag))
    }

    /// Uses the arena up to fill it: what was made lives as long as what the arena was carved from, and the scope may be
    /// forgotten to keep it so. On error the arena comes back, free again.
    ///
    /// This is how a worker fills a child of an arena that is in use meanwhile.
    ///
    /// # Errors
    /// The filler's own error, with the arena.
    pub fn into_filled<F: Fill>(self, filler: &mut F) -> Result<Opened<'p, F::Filled<'p>>, (Arena<'p>, F::Error)> {
        let arena = ManuallyDrop::new(self);
        arena.header().reset();
        let scope = Scope::begin(arena.header);
        match filler.fill(&scope) {
            Ok(filled) => Ok((scope, filled)),
            Err(error) => {
                drop(scope);
                // a filler fills for any 's, so `F::Error` can't name this one: nothing borrows the arena here
                Err((ManuallyDrop::into_inner(arena), error))
            }
        }
    }

    /// The same arena for a shorter life, and a view of it for reports that stays usable while the arena is in use, be it
    /// on another thread.
    pub fn watched<'x>(&'x mut self) -> (Arena<'x>, ArenaView<'x>) {
        (Arena { header: self.header, watched: true, life: PhantomData }, ArenaView::new(self.header))
    }

    /// A view for reports.
    pub fn view(&self) -> ArenaView<'_> {
        ArenaView::new(self.header)
    }

    /// Ends everything the arena lent and gives committed bytes above the first `keep_bytes` back to the system.
    ///
    /// Takes system calls: keep it off a frame's path. In a buffer there is nobody to give them to: they are no longer charged
    /// to budgets, and no more.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 64 << 20)?;
    /// arena.open().try_alloc_zeroed::<u8>(32 << 20)?;
    /// assert!(arena.view().committed() >= 32 << 20); // kept for the next project
    /// arena.trim(1 << 20);
    /// assert!(arena.view().committed() <= 2 << 20);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn trim(&mut self, keep_bytes: usize) {
        self.header().reset();
        self.header().trim(keep_bytes);
    }
}

/// An open arena and what was made in it. Both can go to another thread together.
pub type Opened<'s, T> = (Scope<'s>, T);

/// Fills a newly opened arena; see [`Arena::open_with`].
pub trait Fill {
    /// What was made, for as long as the scope's memory.
    type Filled<'s>;
    /// Why it could not be made. It can't name the scope's lifetime, so after an error nothing borrows the arena.
    type Error;
    /// Makes it.
    ///
    /// # Errors
    /// Whatever the filler says.
    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<Self::Filled<'s>, Self::Error>;
}

impl Drop for Arena<'_> {
    fn drop(&mut self) {
        if self.watched {
            return;
        }
        if self.header().is_root() {
            let (backing, (mapping, bytes)) = (self.header().region.backing, self.header().region.mapping);
            self.header().reset();
            // SAFETY:
            // - the owner is gone and no borrow of it is left, so nothing refers to the reservation;
            // - the header is dropped once, before its memory goes.
            unsafe {
                Header::end(self.header);
                backing.release(mapping, bytes);
            }
        } else {
            self.header().mark_dropped();
        }
    }
}
