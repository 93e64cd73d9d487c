//! The heap inside an arena: blocks that come, go and move, from several threads.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use random::Random;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use voltrum_memory::{ArenaHeap, HeapStats, MemoryReport, TRACKING, Tag};

/// Small as a rule, now and then large.
fn size(random: &mut Random) -> usize {
    match random.below(30) {
        0 => random.below(400_000),
        1 => 0,
        2..8 => random.below(8_000),
        _ => random.below(200),
    }
}

struct Block {
    at: NonNull<u8>,
    size: usize,
    align: usize,
    fill: u8,
}

impl Block {
    fn new(at: NonNull<u8>, size: usize, align: usize, fill: u8) -> Block {
        assert!(at.addr().get().is_multiple_of(align.max(16)));
        // SAFETY:
        // - the heap granted `size` bytes.
        unsafe { at.write_bytes(fill, size) };
        Block { at, size, align, fill }
    }
    fn check(&self, bytes: usize) {
        // SAFETY:
        // - the block is live and at least that long.
        let slice = unsafe { std::slice::from_raw_parts(self.at.as_ptr(), bytes) };
        assert!(slice.iter().all(|byte| *byte == self.fill));
    }
}

fn live(heap: &ArenaHeap, seed: u64, rounds: usize) {
    let mut random = Random::seeded(seed);
    let mut blocks: Vec<Block> = Vec::new();
    for _ in 0..rounds {
        match random.below(5) {
            0 | 1 => {
                let (size, align) = (size(&mut random), 1 << random.below(14));
                let at = heap.allocate(size, align).unwrap();
                blocks.push(Block::new(at, size, align, random.below(256) as u8));
            }
            2 if !blocks.is_empty() => {
                let block = blocks.swap_remove(random.below(blocks.len()));
                block.check(block.size);
                // SAFETY:
                // - live, and forgotten here.
                unsafe { heap.deallocate(block.at) };
            }
            3 if !blocks.is_empty() => {
                let index = random.below(blocks.len());
                let (size, block) = (size(&mut random), &mut blocks[index]);
                // SAFETY:
                // - live; only the new block is used from here on.
                block.at = unsafe { heap.reallocate(block.at, size, block.align) }.unwrap();
                block.check(block.size.min(size));
                *block = Block::new(block.at, size, block.align, block.fill.wrapping_add(1));
            }
            _ => blocks.iter().for_each(|block| block.check(block.size.min(64))),
        }
        if blocks.len() > 300 {
            blocks.drain(..150).for_each(|block| {
                block.check(block.size);
                // SAFETY:
                // - live, and forgotten here.
                unsafe { heap.deallocate(block.at) };
            });
        }
    }
    for block in blocks {
        block.check(block.size);
        // SAFETY:
        // - live, and forgotten here.
        unsafe { heap.deallocate(block.at) };
    }
}

fn blocks_keep_their_contents_on_several_threads_and_nothing_is_left_after(heap: &ArenaHeap) {
    let rounds = if cfg!(debug_assertions) { 4_000 } else { 20_000 };
    std::thread::scope(|threads| {
        for seed in 1..=4u64 {
            threads.spawn(move || live(heap, seed, rounds));
        }
        for _ in 0..100 {
            let stats = heap.stats();
            assert!(stats.peak_bytes >= stats.live_bytes && heap.view().used() <= heap.view().committed());
        }
    });
    let HeapStats { live_bytes, live_count, peak_bytes, allocations } = heap.stats();
    assert_eq!((live_bytes, live_count), (0, 0));
    assert!(peak_bytes > 0 && allocations > rounds);
}

fn a_heap_that_was_emptied_grants_the_same_again(heap: &ArenaHeap) {
    live(heap, 7, 3_000);
    let committed = heap.view().committed();
    for _ in 0..20 {
        live(heap, 7, 3_000);
    }
    assert_eq!(heap.view().committed(), committed);
}

fn a_full_heap_says_no_and_works_on(heap: &ArenaHeap) {
    let kept = heap.allocate(100_000, 16).unwrap();
    let before = heap.stats();
    for (size, align) in [
        (2 << 20, 16),
        (usize::MAX, 1),
        (usize::MAX - 64, 16),
        (isize::MAX as usize, 8),
        (16, 1 << 40),
        (16, 1 << 62),
        (16, 1 << 63),
        (16, 0),
        (16, 24),
    ] {
        assert_eq!(heap.allocate(size, align), None, "{size} {align}");
    }
    for size in [2 << 20, usize::MAX, usize::MAX - 16, isize::MAX as usize] {
        // SAFETY:
        // - the block is live and stays so: the heap can't grant these.
        assert_eq!(unsafe { heap.reallocate(kept, size, 16) }, None);
        // SAFETY:
        // - as above.
        assert_eq!(unsafe { heap.reallocate(kept, size, 4_096) }, None);
    }
    assert_eq!(heap.stats(), before);
    // SAFETY:
    // - live, and not used after.
    unsafe { heap.deallocate(kept) };
    let again = heap.allocate(900_000, 16).unwrap();
    // SAFETY:
    // - live, and not used after.
    unsafe { heap.deallocate(again) };
    assert_eq!((heap.stats().live_bytes, heap.stats().live_count), (0, 0));
}

fn a_heaps_arena_shows_in_the_report_under_its_tag(heap: &ArenaHeap) {
    heap.allocate(1_000, 16).unwrap();
    let mut reports = backing::aside("report", 1 << 20);
    let scope = reports.open();
    let report = MemoryReport::try_collect(scope.tagged(Tag::REPORT), &[heap.view()]).unwrap();
    assert_eq!((report.arenas[0].name, report.arenas[0].used >= 1_000), ("heap", true));
    assert!(!TRACKING || report.arenas[0].tags[0].name == "UI");
}

#[cfg(feature = "std")]
fn on_pages(bytes: usize, test: fn(&ArenaHeap)) {
    test(&ArenaHeap::try_reserve("heap", bytes, Tag::UI).unwrap());
}

fn in_a_buffer(bytes: usize, test: fn(&ArenaHeap)) {
    let buffer: *mut [MaybeUninit<u8>] =
        Box::into_raw(Box::new_uninit_slice(bytes + voltrum_memory::Arena::BUFFER_OVERHEAD));
    // SAFETY:
    // - the heap is the buffer's one owner, and is gone before it.
    unsafe {
        test(&ArenaHeap::in_buffer("heap", &mut *buffer, Tag::UI).unwrap());
        drop(Box::from_raw(buffer));
    }
}

/// `name: bytes;` for functions that take the heap to test.
macro_rules! on_both_backings {
    ($($test:ident: $bytes:expr;)*) => { $(
        mod $test {
            #[cfg(feature = "std")]
            #[test]
            fn on_pages() {
                super::on_pages($bytes, super::$test);
            }

            #[test]
            fn in_a_buffer() {
                super::in_a_buffer($bytes, super::$test);
            }
        }
    )* };
}

on_both_backings! {
    blocks_keep_their_contents_on_several_threads_and_nothing_is_left_after: 256 << 20;
    a_heap_that_was_emptied_grants_the_same_again: 64 << 20;
    a_full_heap_says_no_and_works_on: 1 << 20;
    a_heaps_arena_shows_in_the_report_under_its_tag: 8 << 20;
}
