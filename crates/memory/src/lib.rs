//! Reserve/commit arenas whose lifetimes are Rust lifetimes, with tags and a report that says who holds what.
//!
//! ```
//! use voltrum_memory::{Arena, ArenaVec, MemoryReport, Tag};
//!
//! let mut permanent = Arena::try_reserve("permanent", 1 << 30)?; // address space, not memory
//! let mut frames = Arena::try_reserve("frame", 64 << 20)?;
//!
//! let permanent = permanent.open();
//! let names = permanent.tagged(Tag::RESOURCES).try_alloc_str("lamp.gltf")?;
//!
//! let mut frame = frames.open();
//! for _ in 0..3 {
//!     let temp = frame.temp(); // 'frame: one turn of the loop
//!     let mut visible = ArenaVec::new_in(temp.tagged(Tag::RENDERER));
//!     visible.try_extend(0..1_000u32)?;
//! } // ... and everything in it is gone
//!
//! let report = MemoryReport::try_collect(frame.tagged(Tag::REPORT), &[permanent.view(), frame.view()])?;
//! println!("{report}");
//! # assert_eq!(names, "lamp.gltf");
//! # Ok::<(), voltrum_memory::MemoryError>(())
//! ```
//!
//! # Which type
//! - [`Arena`]: a reservation, one for each life (the program's, a project's, a frame's). [`Arena::open`] begins it anew.
//! - [`Scope`]: a stretch of that life, which lends memory; [`Scope::temp`] nests a shorter one.
//! - [`Tagged`]: a copyable handle that charges a [`Tag`]; what subsystems keep and what collections take.
//! - [`Cursor`]: position and limit in registers, for hot loops.
//! - [`ArenaBox`]: a value with a destructor, or a slice of them; [`unsize_box!`] makes a trait object of one. Everything
//!   else here refuses such types at compile time.
//! - [`ArenaVec`], [`ArenaString`], [`ArenaMap`], [`Pool`]: collections. An array that must never move lives alone in a child:
//!   [`Tagged::try_child`], then [`Arena::into_tagged`].
//! - [`Scratch`]: a thread's two arenas for what is needed only for a while; memory and scratch can't be the same one.
//! - [`ArenaHeap`]: free and realloc in a reservation of its own, for C code and drivers; thread-safe.
//! - [`CountingHeap`], [`heap_scope`]: what the Rust heap holds, and for whom.
//! - [`ArenaView`], [`MemoryReport`]: the figures, from any thread; [`MemoryReport::since`] for what changed.
//! - [`assert_no_growth`], [`GrowthCheck`]: for tests, that work leaves nothing behind.
//! - [`Allocation`], [`Chart`]: each live block with its line of source, and a map of them, with feature `allocation-log`.
//!
//! # Without a system
//! Without feature `std`, which is on by default, the crate is `no_std`: arenas lie in buffers ([`Arena::in_buffer`]), and what
//! needs a system is absent: [`Arena::try_reserve`], [`Scratch::try_reserve`], [`ArenaHeap::try_reserve`], [`CountingHeap`],
//! [`GrowthCheck`], features `allocation-log` and `faults`.
//!
//! # Threads
//! [`Arena`] and [`Scope`] are `Send`: a worker gets one, fills it, and hands it back with plain data. [`Tagged`], [`Cursor`]
//! and the collections are not: an arena has one writer.
//!
//! # Invariants
//! 1. What a scope lent stays in place and intact for the lifetime it was lent for, whatever is dropped or forgotten.
//! 2. For every arena, at every moment its owner isn't in the middle of an operation: bytes by tag + padding + children's
//!    use = use (where [`TRACKING`] is on).
//! 3. Nothing outside `pages` calls the system for memory.
//!
//! # Deliberately absent
//! A free for single blocks (but the last one of an arena, and in [`ArenaHeap`]), destructors run by arenas, a registry of arenas, a safe `Pin`.

#![no_std]
#![cfg_attr(
    not(feature = "std"),
    allow(rustdoc::broken_intra_doc_links, reason = "texts name what needs a system, where it is absent too")
)]

#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(all(feature = "std", not(any(unix, windows))))]
compile_error!(
    "feature `std` needs the pages of Unix or Windows: build with `default-features = false`, for arenas in buffers"
);

mod allocation;
mod allocator;
mod arena;
mod asan;
mod backing;
mod boxed;
mod buffer;
mod chart;
mod children;
mod commit;
#[cfg(feature = "std")]
mod counting_heap;
mod cursor;
mod error;
#[cfg(feature = "faults")]
mod faults;
mod forms;
#[cfg(feature = "std")]
mod growth;
mod header;
mod heap;
mod lender;
mod lock;
mod map;
mod no_heap;
#[cfg(feature = "std")]
mod pages;
mod pool;
mod report;
#[cfg(feature = "std")]
mod reserve;
mod scope;
mod scratch;
mod size;
mod slices;
mod sole;
mod string;
#[cfg(feature = "std")]
mod system_heap;
mod tag;
mod tagged;
mod text;
mod tracking;
mod unsize;
mod vec;
mod vec_growth;
mod vec_slice;
mod view;
mod zeroable;

pub use allocation::{Allocation, LogUsage};
pub use arena::{Arena, ArenaConfig, Fill, Opened};
pub use backing::PagePolicy;
pub use boxed::ArenaBox;
pub use chart::{Chart, ChartSvg};
#[cfg(feature = "std")]
pub use counting_heap::{CountingHeap, HeapScope, HeapUsage, heap_scope, heap_usage};
pub use cursor::Cursor;
pub use error::{MemoryError, Reason};
#[cfg(feature = "faults")]
pub use faults::Faults;
#[cfg(feature = "std")]
pub use growth::{Grown, GrownAt, Growth, GrowthCheck, GrowthError, assert_no_growth};
/// What [`ArenaMap`] hashes with unless told otherwise.
pub use hashbrown::DefaultHashBuilder;
pub use heap::{ArenaHeap, HeapStats};
pub use lender::Lender;
pub use map::ArenaMap;
pub use no_heap::NoHeap;
pub use pool::{Handle, Pool};
pub use report::{
    ArenaPath, ArenaReport, Change, Difference, FrameReport, GpuReport, HeapReport, Holder, MemoryReport,
    ProcessReport, Quantity, ReportJson, TagReport,
};
pub use scope::Scope;
pub use scratch::Scratch;
pub use size::Bytes;
pub use sole::Sole;
pub use string::ArenaString;
#[cfg(feature = "std")]
pub use system_heap::limit_system_heap;
pub use tag::{TAGS_MAX, Tag};
pub use tagged::Tagged;
pub use tracking::{ALLOCATION_LOG, TRACKING, TagUsage};
#[doc(hidden)]
pub use unsize::{__unsize_from, __unsize_parts};
pub use vec::ArenaVec;
pub use view::ArenaView;
pub use zeroable::Zeroable;

/// The README: which type, which call, what each costs, what peers do better. Its examples run with the others.
#[cfg(all(feature = "std", any(doc, doctest)))]
#[doc = include_str!("../README.md")]
pub mod guide {}
