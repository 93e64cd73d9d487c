//! What must be true of arenas: blocks apart, aligned and intact; totals that add up.

use crate::input::TAGS;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use voltrum_memory::{ArenaView, TRACKING, Tag};

/// Live blocks by address: length and the byte that fills them.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) live: BTreeMap<usize, (usize, u8)>,
    fill: u8,
}

impl Model {
    /// Another byte than last time.
    pub(crate) fn next_fill(&mut self) -> u8 {
        self.fill = self.fill.wrapping_add(37);
        self.fill
    }

    /// Fills a new block and remembers it, after checking that it lies apart from all that are live.
    ///
    /// # Safety
    /// `len` bytes were granted from `block` on, and the program itself uses them no more.
    pub(crate) unsafe fn add(&mut self, block: NonNull<u8>, len: usize, align: usize) {
        assert!(block.addr().get().is_multiple_of(align), "{block:?} is not aligned to {align}");
        if len == 0 {
            return;
        }
        self.assert_apart(block.addr().get(), len);
        let fill = self.next_fill();
        // SAFETY:
        // - the caller's bytes; that nobody else uses them is what this model finds out.
        unsafe { block.write_bytes(fill, len) };
        self.live.insert(block.as_ptr().expose_provenance(), (len, fill));
    }

    pub(crate) fn add_slice(&mut self, slice: &mut [u8]) {
        let len = slice.len();
        // SAFETY:
        // - the slice's bytes.
        unsafe { self.add(NonNull::from(slice).cast(), len, 1) };
    }

    /// No live block shares a byte with these.
    pub(crate) fn assert_apart(&self, at: usize, len: usize) {
        if let Some((other, (bytes, _))) = self.live.range(..at + len).next_back().filter(|_| len > 0) {
            assert!(other + bytes <= at, "{other:#x}+{bytes} overlaps {at:#x}+{len}");
        }
    }

    /// Every live block holds what was written into it.
    pub(crate) fn check(&self) {
        for (at, (len, fill)) in &self.live {
            let block = std::ptr::with_exposed_provenance::<u8>(*at);
            // SAFETY:
            // - the block is live: programs take it out of the model where its lifetime ends.
            let bytes = unsafe { std::slice::from_raw_parts(block, *len) };
            assert!(is_filled(bytes, *fill), "{at:#x}+{len} was overwritten");
        }
    }
}

/// Whether each byte is `fill`; by one comparison of memory, since programs ask it all the time.
pub(crate) fn is_filled(bytes: &[u8], fill: u8) -> bool {
    bytes.first().is_none_or(|first| *first == fill && bytes[1..] == bytes[..bytes.len() - 1])
}

/// What a scope restores when it ends, and what a refused request leaves as it was.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    used_here: usize,
    padding: Option<usize>,
    tags: [(usize, usize); TAGS.len()],
}

impl Figures {
    pub(crate) fn of(view: ArenaView<'_>) -> Figures {
        let tags = TAGS.map(|tag| (view.tag(tag).bytes, view.tag(tag).count));
        Figures { used_here: view.used_here(), padding: view.padding(), tags }
    }

    /// Since then `tag` has been charged with so many bytes in so many blocks, and no other tag with any.
    pub(crate) fn assert_charged(&self, view: ArenaView<'_>, tag: Tag, bytes: usize, count: usize) {
        if !TRACKING {
            return;
        }
        let now = Figures::of(view);
        for (index, (before, after)) in self.tags.iter().zip(now.tags).enumerate() {
            let charged = if TAGS[index] == tag { (bytes, count) } else { (0, 0) };
            assert_eq!((before.0 + charged.0, before.1 + charged.1), after, "{}", TAGS[index].name());
        }
    }
}

/// Bytes by tag + padding + children = used, here and in children; and figures that can't be otherwise.
pub(crate) fn assert_adds_up(view: ArenaView<'_>) {
    let (mut tags, mut children) = (0, 0);
    view.each_child(|child| {
        assert_adds_up(child);
        children += child.used();
    });
    view.each_tag(|_, usage| {
        assert!(usage.peak >= usage.bytes);
        tags += usage.bytes;
    });
    assert_eq!(view.used(), view.used_here() + children, "{}", view.name());
    assert!(view.peak() >= view.used() && view.reserved() >= view.used_here());
    if TRACKING {
        assert_eq!(view.padding(), Some(view.used_here() - tags), "{}", view.name());
    }
}
