//! What is particular to an arena in a caller's buffer; all else it shares with others, and their tests run on both.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::mem::MaybeUninit;
use voltrum_memory::{Arena, ArenaConfig, ArenaHeap, ArenaVec, PagePolicy, Reason, Scratch, Tag};

fn uninit(bytes: usize) -> Box<[MaybeUninit<u8>]> {
    Box::new_uninit_slice(bytes)
}

#[test]
fn nothing_outside_the_buffer_is_written() {
    for (before, len) in [(0, 20_000), (1, 20_001), (63, 30_000), (64, 70_007)] {
        let mut memory = vec![MaybeUninit::new(0xA5u8); before + len + 100];
        {
            let mut arena = Arena::in_buffer("middle", &mut memory[before..before + len]).unwrap();
            for _ in 0..2 {
                let scope = arena.open();
                let mut child = scope.child("child", 2_000);
                let inner = child.open();
                while inner.try_alloc_slice_fill(8, 0u8).is_ok() {}
                while scope.try_alloc_slice_fill(8, 0u8).is_ok() {}
                let range = scope.address_range();
                assert!(range.end.addr() - range.start.addr() > len - 128);
            }
        }
        // SAFETY:
        // - both ends were initialised, and are the test's own.
        let is_intact = |bytes: &[MaybeUninit<u8>]| bytes.iter().all(|byte| unsafe { byte.assume_init() } == 0xA5);
        assert!(is_intact(&memory[..before]) && is_intact(&memory[before + len..]), "{before} {len}");
    }
}

#[test]
fn a_buffer_with_the_overhead_added_holds_what_it_is_for() {
    for (bytes, skip) in [(8, 0), (1_000, 1), (1_000, 63), (4_096, 33), (100_000, 7)] {
        let mut buffer = uninit(skip + bytes + Arena::BUFFER_OVERHEAD);
        let mut arena = Arena::in_buffer("exact", &mut buffer[skip..]).unwrap();
        assert_eq!(arena.open().alloc_slice_fill(bytes, 1u8).len(), bytes);
    }
}

#[test]
fn a_buffer_that_is_too_small_is_an_error_with_the_numbers() {
    for bytes in [0, 1, 63, 64, 128, 200] {
        let mut buffer = uninit(bytes);
        let error = Arena::in_buffer("tiny", &mut buffer).map(drop).unwrap_err();
        assert_eq!((error.reason(), error.asked(), error.left()), (Reason::SmallBuffer, Arena::BUFFER_OVERHEAD, bytes));
        let text = error.to_string();
        assert!(text.starts_with("tiny arena: its buffer of ") && text.ends_with("give it a larger one"), "{text}");
    }
    let mut buffer = uninit(Arena::BUFFER_OVERHEAD + 8);
    let mut arena = Arena::in_buffer("least", &mut buffer).unwrap();
    arena.open().try_alloc(1u64).unwrap();
}

#[test]
fn a_buffer_is_the_callers_again_when_its_arena_ends() {
    let mut buffer = [const { MaybeUninit::new(0) }; 16 << 10];
    for round in 0..3u8 {
        {
            let mut arena = Arena::in_buffer("lent", &mut buffer).unwrap();
            let scope = arena.open();
            scope.child("child", 100).into_tagged(Tag::UI).alloc([round; 64]);
            if round == 1 {
                std::mem::forget(scope);
                std::mem::forget(arena);
            }
        }
        buffer.fill(MaybeUninit::new(round));
    }
    let mut first = Arena::in_buffer("first", &mut buffer).unwrap();
    let handle = first.watched().0.into_tagged(Tag::UI);
    assert_eq!(*handle.alloc(5u8), 5);
}

#[test]
fn zeros_are_written_over_what_the_buffer_held() {
    let mut buffer = vec![MaybeUninit::new(0xFFu8); 300_000];
    let mut arena = Arena::in_buffer("dirty", &mut buffer).unwrap();
    for _ in 0..2 {
        let scope = arena.open();
        let mut child = scope.child("child", 50_000);
        assert!(child.open().alloc_zeroed::<u8>(50_000).iter().all(|byte| *byte == 0));
        assert!(scope.alloc_zeroed::<u8>(200_000).iter().all(|byte| *byte == 0));
    }
    arena.trim(0);
    assert!(arena.open().alloc_zeroed::<u8>(280_000).iter().all(|byte| *byte == 0));
}

#[test]
fn trimming_a_buffer_changes_figures_only() {
    let mut buffer = uninit(1 << 20);
    let config = ArenaConfig { trim_after: 1, pages: PagePolicy::Huge, ..ArenaConfig::new("trimmed", 0) };
    let mut arena = Arena::in_buffer_with(&config, &mut buffer).unwrap();
    let first = arena.open().view().committed();
    arena.open().alloc_slice_fill(900_000, 1u8);
    let all = arena.view().committed();
    assert!(first < all && all <= arena.view().reserved());
    for _ in 0..10 {
        arena.open().alloc(1u8);
    }
    assert_eq!(arena.view().committed(), all, "it does not trim itself");
    arena.trim(0);
    assert_eq!((arena.view().committed(), arena.view().peak()), (first, 900_000));
    assert_eq!(arena.open().alloc_slice_fill(900_000, 2u8).len(), 900_000);
}

#[test]
fn a_budget_below_the_buffer_holds() {
    let mut buffer = uninit(1 << 20);
    let config = ArenaConfig { limit_bytes: Some(256 << 10), ..ArenaConfig::new("budgeted", 0) };
    let mut arena = Arena::in_buffer_with(&config, &mut buffer).unwrap();
    let scope = arena.open();
    let error = scope.try_alloc_slice_fill(300 << 10, 0u8).unwrap_err();
    assert_eq!((error.reason(), error.limit()), (Reason::Budget, 256 << 10));
    scope.try_alloc_slice_fill(200 << 10, 0u8).unwrap();
    drop(scope);
    drop(arena);
    let config = ArenaConfig { limit_bytes: Some(1_000), ..config };
    assert_eq!(Arena::in_buffer_with(&config, &mut buffer).map(drop).unwrap_err().reason(), Reason::Budget);
}

#[test]
fn children_in_a_buffer_lie_side_by_side() {
    let mut buffer = uninit(64 << 10);
    let mut arena = Arena::in_buffer("parent", &mut buffer).unwrap();
    let scope = arena.open();
    let mut children: Vec<_> = (0..4).map(|_| scope.child("child", 5_000)).collect();
    let mut ranges: Vec<_> = children.iter_mut().map(|child| child.open().address_range()).collect();
    ranges.sort_by_key(|range| range.start);
    assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "no guard pages lie between");
    assert_eq!(ranges[3].end, scope.address_range().end);
}

#[test]
fn vectors_grow_in_place_in_a_buffer() {
    let mut buffer = uninit(1 << 20);
    let mut arena = Arena::in_buffer("array", &mut buffer).unwrap();
    let scope = arena.open();
    let mut numbers = ArenaVec::new_in(scope.tagged(Tag::CLIENT));
    numbers.try_push(0u32).unwrap();
    let first = numbers.as_ptr();
    while numbers.try_push(numbers.len() as u32).is_ok() {}
    assert!(numbers.as_ptr() == first && numbers.len() > 250_000, "{}", numbers.len());
}

#[test]
fn a_heap_in_a_buffer_grants_frees_and_coalesces() {
    let buffer = Box::leak(uninit(256 << 10));
    let heap = ArenaHeap::in_buffer("heap", buffer, Tag::FOREIGN).unwrap();
    for _ in 0..20 {
        let blocks: Vec<_> = (0..100).map(|size| heap.allocate(size * 10, 8).unwrap()).collect();
        assert_eq!(heap.allocate(1 << 20, 8), None);
        for block in blocks {
            // SAFETY: a live block of this heap, not used again.
            unsafe { heap.deallocate(block) };
        }
        // SAFETY: as above.
        unsafe { heap.deallocate(heap.allocate(200 << 10, 64).unwrap()) };
    }
    assert_eq!(heap.stats().live_count, 0);
    assert!(heap.view().address_range().contains(&heap.allocate(1, 1).unwrap().as_ptr().cast_const()));
}

#[test]
fn two_buffers_make_a_scratch_pair() {
    let (mut first, mut second) = (uninit(16 << 10), uninit(16 << 10));
    let mut scratch =
        Scratch::of(Arena::in_buffer("one", &mut first).unwrap(), Arena::in_buffer("two", &mut second).unwrap());
    let (memory, notes) = scratch.open();
    notes.alloc([1u8; 100]);
    assert_eq!((*memory.alloc(7u32), memory.view().used(), notes.view().used()), (7, 8, 104));
}
