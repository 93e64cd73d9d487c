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

mod arena;
mod boxed;
mod children;
mod counting_heap;
mod cursor;
mod error;
mod header;
mod heap;
mod map;
mod pages;
mod pool;
mod report;
mod scope;
mod size;
mod string;
mod tag;
mod tagged;
mod tracking;
mod vec;
mod view;

pub use arena::{Arena, ArenaConfig, Fill, Opened};
pub use boxed::ArenaBox;
pub use counting_heap::{CountingHeap, HeapScope, HeapUsage, heap_scope, heap_usage};
pub use cursor::Cursor;
pub use error::{MemoryError, Reason};
pub use header::PagePolicy;
pub use heap::{ArenaHeap, HeapStats};
pub use map::ArenaMap;
pub use pool::{Handle, Pool};
pub use report::{ArenaReport, FrameReport, GpuReport, HeapReport, MemoryReport, ProcessReport, ReportJson, TagReport};
pub use scope::Scope;
pub use size::Bytes;
pub use string::ArenaString;
pub use tag::{TAGS_MAX, Tag};
pub use tagged::{Tagged, Zeroable};
pub use tracking::{TRACKING, TagUsage};
pub use vec::ArenaVec;
pub use view::ArenaView;
