//! The memory report as a value: who holds what, at one moment.
//!
//! It is built in memory of the caller's choice (the frame arena, as a rule) from the views that the caller gives it; there
//! is no registry. [`MemoryReport`] prints as text; [`MemoryReport::json`] is for programs; [`MemoryReport::since`] tells two
//! of them apart.
//!
//! # Invariants
//! 1. For each arena that nobody else fills meanwhile: sum of tags + padding + children's used = used.

mod difference;
mod json;
mod text;

pub use difference::{ArenaPath, Change, Difference, Holder, Quantity};
pub use json::ReportJson;

#[cfg(feature = "std")]
use crate::counting_heap::heap_usage;
use crate::error::MemoryError;
use crate::tag::Tag;
use crate::tagged::Tagged;
use crate::tracking::{ALLOCATION_LOG, TRACKING, TagUsage};
use crate::vec::ArenaVec;
use crate::view::ArenaView;

/// What one tag holds, in one arena, on the Rust heap or on the GPU.
#[derive(Clone, Copy, Debug, Default)]
pub struct TagReport {
    /// The tag's name.
    pub name: &'static str,
    /// What it stands for.
    pub description: &'static str,
    /// Bytes held now.
    pub bytes: usize,
    /// The most it held.
    pub peak: usize,
    /// Allocations held now.
    pub count: usize,
}

/// One arena's figures, in bytes, children counted in.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArenaReport<'a> {
    /// The arena's name.
    pub name: &'static str,
    /// How deep it is carved: 0 for the arenas the caller named.
    pub depth: usize,
    /// Whether it is a frame arena, emptied each frame.
    pub is_per_frame: bool,
    /// Address space.
    pub reserved: usize,
    /// Pages in hand.
    pub committed: usize,
    /// Bytes in use.
    pub used: usize,
    /// The most that was in use.
    pub peak: usize,
    /// Lost to alignment and rounding, without children; `None` where tracking is off.
    pub padding: Option<usize>,
    /// By tag, without children; empty where tracking is off.
    pub tags: &'a [TagReport],
}

/// GPU memory, in bytes: the application fills it in.
#[derive(Clone, Copy, Debug, Default)]
pub struct GpuReport<'a> {
    /// The device's name.
    pub device: &'a str,
    /// Held in all.
    pub used: usize,
    /// Of it for the application's life.
    pub permanent: usize,
    /// Of it for the open project's.
    pub scene: usize,
    /// Of it for frames in flight.
    pub frame: usize,
    /// By tag.
    pub tags: &'a [TagReport],
}

/// The Rust heap, in bytes; `None` where it is not counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeapReport<'a> {
    /// In live blocks.
    pub live_bytes: usize,
    /// Live blocks.
    pub live_count: usize,
    /// By tag of the scope in which they were taken.
    pub tags: &'a [TagReport],
}

/// The process as the system sees it, in bytes: the application fills it in.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessReport {
    /// Resident memory.
    pub resident: usize,
}

/// The last frame: the application fills it in.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameReport {
    /// Its number.
    pub index: u64,
    /// Rust-heap allocations in the last steady frame; `None` where they are not counted.
    pub heap_allocations: Option<usize>,
    /// ImGui's allocations in the last steady frame.
    pub ui_allocations: Option<usize>,
    /// Allocations by Vulkan callbacks in the last steady frame.
    pub driver_allocations: Option<usize>,
    /// CPU time of the frame in milliseconds.
    pub cpu_ms: f64,
    /// The most that a frame held in the frame arena, in bytes.
    pub frame_arena_peak: usize,
}

/// Who holds what, at one moment. See [`MemoryReport::try_collect`].
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryReport<'a> {
    /// The arenas, each followed by its children (see [`ArenaReport::depth`]).
    pub arenas: &'a [ArenaReport<'a>],
    /// GPU memory, where there is a GPU.
    pub gpu: Option<GpuReport<'a>>,
    /// The Rust heap, where it is counted.
    pub heap: Option<HeapReport<'a>>,
    /// The process, where the system tells.
    pub process: Option<ProcessReport>,
    /// The last frame, where there are frames.
    pub frame: Option<FrameReport>,
    /// Bytes committed for the allocation logs of these arenas; 0 without feature `allocation-log`.
    pub logs_committed: usize,
}

/// How many rows a walk needs.
#[derive(Default)]
struct Rows {
    arenas: usize,
    tags: usize,
}

impl Rows {
    fn count(&mut self, view: ArenaView<'_>) {
        self.arenas += 1;
        view.each_tag(|_, _| self.tags += 1);
        view.each_child(|child| self.count(child));
    }
}

impl TagReport {
    fn of(tag: Tag, usage: TagUsage) -> TagReport {
        let TagUsage { bytes, peak, count } = usage;
        TagReport { name: tag.name(), description: tag.description(), bytes, peak, count }
    }
}

impl<'a> HeapReport<'a> {
    /// The Rust heap where it is counted, which takes feature `std`.
    fn try_collect(memory: Tagged<'a>) -> Result<Option<HeapReport<'a>>, MemoryError> {
        #[cfg(feature = "std")]
        if let Some(heap) = heap_usage() {
            let mut rows = 0;
            heap.each_tag(|_, _| rows += 1);
            let mut tags = ArenaVec::try_with_capacity_in(rows, memory)?;
            // Room was just taken: this can't be refused.
            heap.each_tag(|tag, usage| drop(tags.try_push(TagReport::of(tag, usage))));
            let tags = tags.into_slice_with_room();
            return Ok(Some(HeapReport { live_bytes: heap.live_bytes, live_count: heap.live_count, tags }));
        }
        let _ = memory;
        Ok(None)
    }
}

/// Rows being filled: nothing is allocated during the walk, since an arena that is being walked is locked.
struct Walk<'w, 'a> {
    arenas: &'w mut ArenaVec<'a, ArenaReport<'a>>,
    tags: &'w mut [TagReport],
    spans: &'w mut ArenaVec<'a, (usize, usize)>,
    tags_used: usize,
    logs_committed: usize,
}

impl Walk<'_, '_> {
    fn visit(&mut self, view: ArenaView<'_>, depth: usize) -> usize {
        let row = self.arenas.len();
        if row == self.arenas.capacity() {
            return 0;
        }
        let first = self.tags_used;
        self.logs_committed += view.log().map_or(0, |log| log.committed);
        let own = view.used_here();
        let report = ArenaReport {
            name: view.name(),
            depth,
            is_per_frame: view.is_per_frame(),
            reserved: view.reserved(),
            committed: view.committed(),
            used: own,
            peak: view.peak(),
            padding: view.padding(),
            tags: &[],
        };
        view.each_tag(|tag, usage| {
            if let Some(slot) = self.tags.get_mut(self.tags_used) {
                *slot = TagReport::of(tag, usage);
                self.tags_used += 1;
            }
        });
        // Room was reserved before the walk: these can't be refused.
        let Ok(()) = self.arenas.try_push(report) else { return own };
        let Ok(()) = self.spans.try_push((first, self.tags_used)) else { return own };
        let mut used = own;
        view.each_child(|child| used += self.visit(child, depth + 1));
        self.arenas[row].used = used;
        used
    }
}

impl<'a> MemoryReport<'a> {
    /// Reads the arenas behind `views`, and the Rust heap where it is counted. The other parts are the caller's to fill in.
    ///
    /// The report takes the room it needs before it reads, so its own bytes show where it lives.
    ///
    /// ```
    /// use voltrum_memory::{Arena, MemoryReport, Tag};
    ///
    /// let mut permanent = Arena::try_reserve("permanent", 1 << 20)?;
    /// let mut frames = Arena::try_reserve("frame", 1 << 20)?;
    /// let (permanent, frame) = (permanent.open(), frames.open());
    /// permanent.try_alloc([0u8; 100])?;
    /// let views = [permanent.view(), frame.view().per_frame()];
    /// let mut report = MemoryReport::try_collect(frame.tagged(Tag::REPORT), &views)?;
    /// report.process = Some(voltrum_memory::ProcessReport { resident: 12 << 20 }); // what the application knows
    /// assert_eq!((report.arenas[0].name, report.arenas[0].used), ("permanent", 104));
    /// println!("{report}");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When `memory` can't hold the report.
    pub fn try_collect(memory: Tagged<'a>, views: &[ArenaView<'_>]) -> Result<MemoryReport<'a>, MemoryError> {
        let mut rows = Rows::default();
        for view in views {
            rows.count(*view);
        }
        // Other threads may carve a few children in between; what doesn't fit is left out of this report. The report's own
        // tag may be new to the arena it lives in.
        let mut arenas = ArenaVec::try_with_capacity_in(rows.arenas + 8, memory)?;
        let mut spans = ArenaVec::try_with_capacity_in(rows.arenas + 8, memory)?;
        let tags = memory.try_alloc_slice_fill_with(rows.tags + 16, |_| TagReport::default())?;
        let heap = HeapReport::try_collect(memory)?;

        let mut walk = Walk { arenas: &mut arenas, tags, spans: &mut spans, tags_used: 0, logs_committed: 0 };
        for view in views {
            walk.visit(*view, 0);
        }
        let logs_committed = walk.logs_committed;
        let tags: &'a [TagReport] = tags;
        for (arena, (first, end)) in arenas.iter_mut().zip(spans.iter()) {
            arena.tags = tags.get(*first..*end).unwrap_or_default();
        }
        // Without giving spare room back: the figures above count it.
        let arenas = arenas.into_slice_with_room();
        Ok(MemoryReport { arenas, gpu: None, heap, process: None, frame: None, logs_committed })
    }

    /// The report for programs; the contract is the crate's README's.
    ///
    /// ```
    /// use voltrum_memory::{MemoryReport, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let report = MemoryReport::try_collect(scope.tagged(Tag::REPORT), &[scope.view()])?;
    /// let text = scope.try_alloc_fmt(format_args!("{}", report.json()))?;
    /// assert!(text.starts_with(r#"{"schema":1,"tracking":"#));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn json(&self) -> ReportJson<'_> {
        ReportJson(self)
    }

    /// How much was counted in this build: `off`, `tags` or `log`.
    pub fn tracking(&self) -> &'static str {
        match (TRACKING, ALLOCATION_LOG) {
            (_, true) => "log",
            (true, false) => "tags",
            (false, false) => "off",
        }
    }

    /// Bytes committed in the arenas that the caller named.
    pub fn committed(&self) -> usize {
        self.roots().map(|arena| arena.committed).sum()
    }

    /// The arenas that the caller named, without their children.
    pub fn roots(&self) -> impl Iterator<Item = &'a ArenaReport<'a>> + use<'a> {
        self.arenas.iter().filter(|arena| arena.depth == 0)
    }

    /// Bytes that the report can name an owner for: committed in arenas and for their logs, and live on the Rust heap.
    pub fn attributed(&self) -> usize {
        self.committed() + self.logs_committed + self.heap.map_or(0, |heap| heap.live_bytes)
    }
}
