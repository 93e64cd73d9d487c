//! The log: each live block with its tag, sizes and line, exact after everything that ends one.
#![cfg(feature = "allocation-log")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use allocator_api2::vec::Vec as AnyVec;
use std::alloc::Layout;
use voltrum_memory::{
    Allocation, Arena, ArenaConfig, ArenaMap, ArenaString, ArenaVec, ArenaView, LogUsage, Pool, Scratch, Tag,
};

fn last(view: ArenaView<'_>) -> Allocation {
    view.allocations().last().unwrap()
}

/// Offsets and sizes of what is listed.
fn listed(view: ArenaView<'_>) -> Vec<(usize, usize)> {
    view.allocations().map(|block| (block.offset, block.size)).collect()
}

fn usage(view: ArenaView<'_>) -> LogUsage {
    view.log().unwrap()
}

/// Each expression adds a block that is logged for its own line.
macro_rules! logged_here {
    ($view:expr; $($make:expr;)*) => {
        $(
            let before = $view.allocations().count();
            let line = line!(); let _made = $make;
            assert_eq!((last($view).file, last($view).line), (file!(), line), "{}", stringify!($make));
            assert!($view.allocations().count() > before, "{}", stringify!($make));
        )*
    };
}

#[test]
fn each_block_is_logged_for_the_line_that_asked() {
    let mut arena = Arena::reserve("lines", 64 << 20);
    let mut scope = arena.open();
    let view = scope.view();
    // A macro's lines are those of its call: one call for each line.
    logged_here!(view; scope.alloc(1u8););
    logged_here!(view; scope.try_alloc(1u8););
    logged_here!(view; scope.alloc_with(|| 1u8););
    logged_here!(view; scope.alloc_try_with(|| Ok::<u8, ()>(1)););
    logged_here!(view; scope.alloc_uninit::<u64>(););
    logged_here!(view; scope.alloc_layout(Layout::new::<[u64; 9]>()););
    logged_here!(view; scope.alloc_layout(Layout::from_size_align(4, 4_096).unwrap()););
    logged_here!(view; scope.alloc_box(String::new()););
    logged_here!(view; scope.alloc_box_with(String::new););
    logged_here!(view; scope.alloc_box_slice_fill_with(2, |_| String::new()););
    logged_here!(view; scope.alloc_box_slice_clone(&[String::new()]););
    logged_here!(view; scope.alloc_box_iter([String::new()]););
    logged_here!(view; scope.alloc_slice_copy(&[1, 2]););
    logged_here!(view; scope.alloc_slice_clone(&[1, 2]););
    logged_here!(view; scope.alloc_slice_fill(2, 1););
    logged_here!(view; scope.alloc_slice_fill_with(2, |i| i););
    logged_here!(view; scope.alloc_slice_default::<u8>(2););
    logged_here!(view; scope.alloc_slice_uninit::<u8>(2););
    logged_here!(view; scope.alloc_array_with::<_, 3>(|i| i););
    logged_here!(view; scope.alloc_iter((0..9).filter(|i| i % 2 == 0)););
    logged_here!(view; scope.alloc_iter_exact(0..9u8););
    logged_here!(view; scope.alloc_zeroed::<u8>(1 << 20););
    logged_here!(view; scope.alloc_str("lamp"););
    logged_here!(view; scope.alloc_fmt(format_args!("{}", 1)););
    logged_here!(view; scope.alloc_cstr("lamp"););
    logged_here!(view; scope.alloc_cstr_fmt(format_args!("{}", 1)););
    let tagged = scope.tagged(Tag::SCENE);
    logged_here!(view; tagged.alloc(1u8););
    logged_here!(view; tagged.try_alloc_str("lamp"););
    logged_here!(view; ArenaVec::<u8>::try_with_capacity_in(8, tagged););
    logged_here!(view; ArenaVec::try_from_iter_in(0..8, tagged););
    logged_here!(view; ArenaVec::try_from_slice_in(&[1], tagged););
    logged_here!(view; ArenaString::try_from_str_in("lamp", tagged););
    logged_here!(view; Pool::<u8>::try_new_in(tagged, 8););
    logged_here!(view; tagged.try_child("child", 1 << 20).unwrap().open().alloc(tagged.alloc(1u8)););
    let mut vec = ArenaVec::new_in(tagged);
    logged_here!(view; vec.try_push(1u8););
    tagged.alloc(0u8);
    logged_here!(view; vec.try_extend(0..200););
    tagged.alloc(0u8);
    logged_here!(view; vec.try_reserve_exact(4_000););
    let mut string = ArenaString::new_in(tagged);
    logged_here!(view; string.try_push('x'););
    tagged.alloc(0u8);
    logged_here!(view; string.try_fmt(format_args!("{:100}", 1)););
    let mut map = ArenaMap::new_in(tagged);
    logged_here!(view; map.try_insert(1, 2););
    logged_here!(view; map.try_extend((0..100).map(|i| (i, i))););
    // Another crate's collection: the line where its handle was made.
    let (handle, line) = (scope.tagged(Tag::UI), line!());
    let mut other = AnyVec::new_in(handle);
    other.push(1u8);
    assert_eq!((last(view).file, last(view).line, last(view).tag), (file!(), line, Tag::UI));
    drop(other);

    let mut cursor = scope.cursor();
    logged_here!(view; cursor.alloc(1u8););
    logged_here!(view; cursor.try_alloc_layout(Layout::new::<u16>()););
    logged_here!(view; cursor.try_alloc_layout(Layout::from_size_align(1, 512).unwrap()););
}

#[test]
fn a_vector_that_grows_in_place_is_one_block_of_the_line_that_grew_it() {
    let mut arena = Arena::reserve("vector", 1 << 20);
    let scope = arena.open();
    let mut vec = ArenaVec::try_with_capacity_in(3, scope.tagged(Tag::SCENE)).unwrap();
    vec.try_extend([1u8, 2, 3]).unwrap();
    assert_eq!(listed(scope.view()), [(0, 3)]);
    assert_eq!(last(scope.view()).padding, 5);
    let line = line!() + 1;
    vec.try_push(4).unwrap();
    assert_eq!(last(scope.view()).line, line);
    assert_eq!(listed(scope.view()), [(0, vec.capacity())]);
    vec.shrink_to_fit();
    assert_eq!(listed(scope.view()), [(0, 4)]);
    assert_eq!(last(scope.view()).padding, 4);
    assert_eq!(vec.into_slice(), [1, 2, 3, 4]);
}

#[test]
fn blocks_leave_the_log_with_their_scope() {
    let mut arena = Arena::reserve("scopes", 1 << 20);
    let mut scope = arena.open();
    scope.alloc(1u64);
    {
        let mut temp = scope.temp();
        temp.alloc([0u8; 100]);
        let inner = temp.temp();
        inner.alloc(1u8);
        std::mem::forget(inner);
        temp.alloc(2u8);
        assert_eq!(listed(temp.view()), [(0, 8), (8, 100), (112, 1), (120, 1)]);
    }
    assert_eq!(listed(scope.view()), [(0, 8)]);
    drop(scope);
    assert_eq!(listed(arena.open().view()), []);
    arena.open().alloc(1u32);
    arena.trim(0);
    assert_eq!(listed(arena.view()), []);
}

#[test]
fn a_block_that_is_given_back_leaves_the_gap_in_front_of_it_to_nobody() {
    let mut arena = Arena::reserve("gaps", 1 << 20);
    let scope = arena.open();
    let memory = scope.tagged(Tag::UNDO);
    memory.alloc(1u64);
    let mut aligned = AnyVec::<Page, _>::new_in(memory);
    aligned.reserve_exact(1);
    let in_front = last(scope.view()).padding;
    assert!(in_front > 0);
    drop(aligned);
    assert_eq!(listed(scope.view()), [(0, 8)]);
    assert_eq!(usage(scope.view()).unowned_bytes, in_front);
    assert_eq!(scope.view().used_here(), 8 + in_front);
    assert_eq!(scope.view().padding(), Some(in_front));
}

#[repr(align(4096))]
struct Page(#[allow(dead_code, reason = "it only takes room")] [u8; 4_096]);

#[test]
fn blocks_without_bytes_are_told_apart() {
    let mut arena = Arena::reserve("nothing", 1 << 20);
    let scope = arena.open();
    let memory = scope.tagged(Tag::UI);
    let failing = memory.alloc_try_with(|| {
        memory.alloc_layout(Layout::new::<()>()); // lies behind the block that is given back now
        Err::<u64, ()>(())
    });
    assert_eq!(failing, Err(()));
    assert_eq!(listed(scope.view()), [(8, 0)]);
    memory.alloc(1u64);
    assert_eq!(listed(scope.view()), [(8, 0), (0, 8)]);
    assert_eq!(scope.view().tag(Tag::UI).count, 2);
    // With a block of no bytes again where the next will lie, the older blocks are still found.
    memory.alloc_layout(Layout::new::<()>());
    let mut vec = ArenaVec::try_from_slice_in(&[1u8], memory).unwrap();
    memory.alloc_layout(Layout::new::<()>());
    memory.alloc_layout(Layout::new::<()>());
    assert!(vec.try_reserve_exact(30).is_ok());
    assert_eq!(usage(scope.view()).missed, 0);
    assert_eq!(scope.view().tag(Tag::UI).bytes, scope.view().allocations().map(|block| block.size).sum::<usize>());
}

#[test]
fn a_cursors_rest_belongs_to_nobody_until_it_is_given_back() {
    let mut arena = Arena::reserve("cursors", 1 << 20);
    let mut scope = arena.open();
    let view = scope.view();
    let mut cursor = scope.cursor().tagged(Tag::SCENE);
    cursor.alloc([0u8; 13]);
    assert_eq!(usage(view).unowned_bytes, view.used_here() - 16);
    drop(cursor);
    assert_eq!((usage(view).unowned_bytes, view.used_here()), (0, 16));
    let mut temp = scope.temp();
    let mut cursor = temp.cursor();
    cursor.alloc(1u64);
    std::mem::forget(cursor);
    assert_eq!(usage(view).unowned_bytes, view.used_here() - 24);
    drop(temp);
    assert_eq!((usage(view).unowned_bytes, listed(view)), (0, vec![(0, 13)]));
}

#[test]
fn a_full_log_counts_what_it_misses_and_fails_nothing() {
    let config = ArenaConfig { log_max: 4, ..ArenaConfig::new("full", 1 << 20) };
    let mut arena = Arena::try_reserve_with(&config).unwrap();
    let mut scope = arena.open();
    for value in 0..3u64 {
        scope.alloc(value);
    }
    {
        let temp = scope.temp();
        let memory = temp.tagged(Tag::SCENE);
        memory.alloc(3u64);
        let mut vec = ArenaVec::new_in(memory);
        vec.try_extend(0..20u8).unwrap();
        let missed = usage(temp.view());
        assert_eq!((missed.listed, missed.missed, missed.missed_bytes), (4, 1, vec.capacity().next_multiple_of(8)));
        // What is missing grows, shrinks and goes like any other.
        vec.try_reserve_exact(480).unwrap();
        assert_eq!(usage(temp.view()).missed_bytes, vec.capacity().next_multiple_of(8));
        let mut other = AnyVec::<u8, _>::with_capacity_in(64, memory);
        other.shrink_to(9);
        assert_eq!(usage(temp.view()).missed, 2);
        drop(other);
        assert_eq!((usage(temp.view()).missed, usage(temp.view()).listed), (1, 4));
        assert_eq!(usage(temp.view()).missed_bytes + 32, temp.view().used_here());
    }
    let after = usage(scope.view());
    assert_eq!((after.listed, after.missed, after.missed_bytes), (3, 0, 0));
    scope.alloc(4u64);
    assert_eq!(usage(scope.view()).listed, 4);

    let config = ArenaConfig { log_max: 0, ..ArenaConfig::new("none", 1 << 20) };
    let mut arena = Arena::try_reserve_with(&config).unwrap();
    let scope = arena.open();
    scope.alloc(1u64);
    let usage = usage(scope.view());
    assert_eq!((usage.listed, usage.missed, usage.missed_bytes, usage.committed), (0, 1, 8, 0));
}

#[test]
fn a_log_the_system_refuses_fails_no_allocation() {
    let config = ArenaConfig { log_max: usize::MAX, ..ArenaConfig::new("refused", 1 << 20) };
    let mut arena = Arena::try_reserve_with(&config).unwrap();
    let scope = arena.open();
    scope.alloc(1u64);
    assert_eq!((usage(scope.view()).listed, usage(scope.view()).missed), (0, 1));
}

/// What a scope with a thousand blocks and more says, some of them gone, some grown.
#[cfg(feature = "faults")]
fn live(arena: &mut Arena<'_>) -> (LogUsage, usize, usize) {
    let mut scope = arena.open();
    let memory = scope.tagged(Tag::SCENE);
    let mut vec = ArenaVec::new_in(memory);
    for value in 0..3_000u64 {
        vec.try_push(value).unwrap();
        memory.alloc(value);
        drop(AnyVec::<u8, _>::with_capacity_in(13, memory));
    }
    scope.temp().alloc_zeroed::<u8>(100);
    let (view, held) = (scope.view(), scope.view().tag(Tag::SCENE));
    let log = usage(view);
    let listed: usize = view.allocations().map(|block| block.size + block.padding).sum();
    assert_eq!(listed + log.missed_bytes + log.unowned_bytes, view.used_here());
    (log, held.bytes, held.count)
}

#[cfg(feature = "faults")]
#[test]
fn a_log_that_runs_out_of_memory_anywhere_fails_nothing_and_says_what_it_misses() {
    use voltrum_memory::Faults;
    let mut complete = Arena::reserve("logged", 64 << 20);
    let (whole, bytes, count) = live(&mut complete);
    assert_eq!((whole.missed, whole.listed), (0, count));
    for n in 0.. {
        let faults = Faults::from_log_request(n);
        let mut arena = Arena::reserve("logged", 64 << 20);
        let (log, held, live_count) = live(&mut arena);
        assert_eq!((held, live_count, log.listed + log.missed), (bytes, count, count), "request {n}");
        assert_eq!(log.missed > 0, faults.refused() > 0);
        if faults.refused() == 0 {
            assert!(n > 2, "the reservation, its first pages, and more of them");
            break;
        }
        drop(faults);
        // The next life of the arena has all of its log.
        assert_eq!(live(&mut arena).0.missed, 0, "request {n}");
    }
}

#[test]
fn the_log_grows_past_its_first_chunk() {
    let mut arena = Arena::reserve("many", 64 << 20);
    let scope = arena.open();
    for value in 0..100_000u64 {
        scope.alloc(value);
    }
    let blocks = scope.view().allocations();
    assert!(blocks.enumerate().all(|(index, block)| (block.offset, block.size) == (8 * index, 8)));
    assert!(usage(scope.view()).committed > 3 << 20);
    assert_eq!(usage(scope.view()).listed, 100_000);
}

#[test]
fn children_have_logs_of_their_own_that_other_threads_may_read() {
    let mut arena = Arena::reserve("parent", 64 << 20);
    let scope = arena.open();
    let view = scope.view();
    let mut pair = Scratch::try_carve("pair", 4 << 20, scope.tagged(Tag::UI)).unwrap();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            for round in 0..200 {
                let (mut memory, _other) = pair.open();
                for value in 0..round {
                    memory.alloc(value);
                    memory.temp().alloc_str("gone again");
                }
            }
        });
        for _ in 0..200 {
            view.each_child(|child| {
                for block in child.allocations() {
                    assert!(block.offset < 4 << 20 && block.file == file!(), "{block}");
                }
            });
        }
    });
    assert_eq!(listed(view), []);
}
