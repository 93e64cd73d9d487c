//! Arenas in a caller's buffer: no system is asked for anything, so they work without one.
//!
//! # Invariants
//! 1. The arena holds the buffer's `&mut` for `'b`; what it lends ends before, so whoever has the buffer again has it alone.
//! 2. The arena's header lies at the buffer's first multiple of the granule; nothing outside the buffer is written.

use crate::arena::{Arena, ArenaConfig};
use crate::backing::{Backing, PagePolicy};
use crate::error::{MemoryError, Reason};
use crate::header::{ABOVE_LIMIT, HEADER_BYTES, Header, Region};
use crate::size::{align_down, align_up};
use crate::tag::Tag;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

impl<'b> Arena<'b> {
    /// An arena in memory of the caller's: a static, an array on the stack, a block of another allocator. Needs no system and
    /// no feature.
    ///
    /// ```
    /// use std::mem::MaybeUninit;
    /// use voltrum_memory::{Arena, ArenaVec, Tag};
    ///
    /// let mut buffer = [const { MaybeUninit::uninit() }; 16 << 10];
    /// let mut arena = Arena::in_buffer("packet", &mut buffer)?;
    /// for round in 0..3u32 {
    ///     let packet = arena.open();
    ///     let mut fields = ArenaVec::new_in(packet.tagged(Tag::CLIENT));
    ///     fields.try_extend(0..round)?;
    /// }
    /// drop(arena);
    /// buffer.fill(MaybeUninit::new(0)); // the caller's again
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// All of it works as in pages of the system, children and budgets too, with these differences:
    /// - The arena's header takes a part of the buffer ([`Arena::BUFFER_OVERHEAD`] at most, with alignment).
    /// - No guard pages: an overrun by unsafe code is not stopped.
    /// - `alloc_zeroed` always writes the zeros.
    /// - [`Arena::trim`] ends what was lent, and uncharges budgets; nothing goes back to anybody. The arena does not trim itself.
    /// - [`ArenaView::committed`](crate::ArenaView::committed) is how much of the buffer was taken up so far, in steps.
    ///
    /// # Errors
    /// [`Reason::SmallBuffer`] when the buffer can't hold the arena's header.
    pub fn in_buffer(name: &'static str, buffer: &'b mut [MaybeUninit<u8>]) -> Result<Arena<'b>, MemoryError> {
        Arena::in_buffer_with(&ArenaConfig::new(name, buffer.len()), buffer)
    }

    /// As [`Arena::in_buffer`], with the name, `tags`, `limit_bytes` and `log_max` of `config`; the others are about pages.
    ///
    /// ```
    /// use std::mem::MaybeUninit;
    /// use voltrum_memory::{Arena, ArenaConfig, Tag};
    ///
    /// const AUDIO: Tag = Tag::new(40, "AUDIO", "mixer voices");
    ///
    /// let mut buffer = [const { MaybeUninit::uninit() }; 16 << 10];
    /// let config = ArenaConfig { tags: &[AUDIO], ..ArenaConfig::new("mixer", 0) };
    /// let mut arena = Arena::in_buffer_with(&config, &mut buffer)?;
    /// arena.open().tagged(AUDIO).try_alloc([0.0f32; 256])?;
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Arena::in_buffer`]; [`Reason::Budget`] when the limit forbids the first 64 KiB, or all of a smaller buffer;
    /// [`Reason::TagClash`] when two tags share an index.
    pub fn in_buffer_with(config: &ArenaConfig, buffer: &'b mut [MaybeUninit<u8>]) -> Result<Arena<'b>, MemoryError> {
        Tag::check(config.name, config.tags)?;
        let bytes = buffer.as_mut_ptr_range();
        let (first, last) = (bytes.start.addr(), bytes.end.addr().min(usize::MAX - ABOVE_LIMIT));
        let granule = Backing::Buffer.granule();
        let base = align_up(first, granule).unwrap_or(usize::MAX);
        let end = align_down(last, granule);
        let room = end.saturating_sub(base);
        if room <= HEADER_BYTES {
            let (reason, asked) = (Reason::SmallBuffer, Arena::BUFFER_OVERHEAD);
            return Err(MemoryError::new(config.name, None, reason, asked, buffer.len(), buffer.len()));
        }
        let base = bytes.start.cast::<u8>().wrapping_add(base - first);
        let region = Region {
            // SAFETY:
            // - inside the buffer, so not null.
            base: unsafe { NonNull::new_unchecked(base) },
            end: base.wrapping_add(room),
            name: config.name,
            tags: config.tags,
            log_max: config.log_max,
            policy: PagePolicy::Small,
            budget: config.limit_bytes.unwrap_or(usize::MAX),
            trim_after: 0,
            parent: None,
            depth: 0,
            backing: Backing::Buffer,
            mapping: (ptr::null_mut(), 0),
        };
        // SAFETY:
        // - the region lies inside the buffer, which is ours alone for 'b, and any bytes may be written there.
        unsafe { Header::place(region) }.map(Arena::owning)
    }
}

impl Arena<'_> {
    /// The most bytes of a buffer that an arena in it can't lend: for its header, and to align both ends. 1.6 KiB more where
    /// tracking is on, for the figures by tag.
    ///
    /// ```
    /// use std::mem::MaybeUninit;
    /// use voltrum_memory::Arena;
    ///
    /// let mut buffer = [const { MaybeUninit::uninit() }; 1_000 + Arena::BUFFER_OVERHEAD];
    /// let mut arena = Arena::in_buffer("exact", &mut buffer)?;
    /// arena.open().try_alloc([0u8; 1_000])?;
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub const BUFFER_OVERHEAD: usize = HEADER_BYTES + 2 * (Backing::BUFFER_GRANULE - 1);
}
