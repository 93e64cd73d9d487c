//! Vectors, strings, maps, pools and foreign collections in an arena.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

use allocator_api2::alloc::Allocator;
use backing::on_both_backings;
use std::alloc::Layout;
use std::panic::{AssertUnwindSafe, catch_unwind};
use voltrum_memory::{Arena, ArenaMap, ArenaString, ArenaVec, Handle, Pool, Reason, TRACKING, Tag};

/// Says that it has more, or fewer, items than it has.
struct Liar<I>(I, (usize, Option<usize>));

impl<I: Iterator> Iterator for Liar<I> {
    type Item = I::Item;
    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

fn iterators_that_lie_about_their_length_are_collected_all_the_same(arena: &mut Arena<'_>) {
    let scope = arena.open();
    for hint in [(0, Some(0)), (10, Some(1)), (usize::MAX, None), (isize::MAX as usize / 8, None), (1 << 20, None)] {
        let items = scope.alloc_iter(Liar(0..1_000u64, hint));
        assert!(items.iter().copied().eq(0..1_000));
        let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
        vec.try_extend(Liar(0..1_000u64, hint)).unwrap();
        assert!(vec.iter().copied().eq(0..1_000));
    }
    assert!(scope.view().used() < 256 << 10, "what a lying hint reserved was given back");
}

fn iterators_that_allocate_in_the_same_arena_are_collected(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let names = scope.alloc_iter((0..500).map(|i| &*scope.alloc_fmt(format_args!("node {i}"))));
    assert!(names.iter().enumerate().all(|(i, name)| *name == format!("node {i}")));
    let pairs = scope.alloc_slice_fill_with(100, |i| (i, &*scope.alloc_slice_copy(&[i; 3])));
    assert!(pairs.iter().all(|(i, copies)| **copies == [*i; 3]));
    let outer = scope.alloc_with(|| (1u8, scope.alloc_with(|| scope.alloc(2u8))));
    assert_eq!((outer.0, **outer.1), (1, 2));
}

fn a_panic_in_a_closure_or_iterator_leaves_the_arena_usable(arena: &mut Arena<'_>) {
    struct Unprintable;
    impl std::fmt::Display for Unprintable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("unprintable")
        }
    }
    let mut scope = arena.open();
    let kept = scope.alloc([7u8; 100]);
    std::panic::set_hook(Box::new(|_| {}));
    for _ in 0..10 {
        let fails = |act: &mut dyn FnMut()| assert!(catch_unwind(AssertUnwindSafe(act)).is_err());
        fails(&mut || {
            scope.alloc_with(|| -> u64 { panic!("make") });
        });
        fails(&mut || {
            scope.alloc_slice_fill_with(100, |i| if i == 50 { panic!("fill") } else { i });
        });
        fails(&mut || {
            scope.alloc_iter((0..100).inspect(|i| assert!(*i < 50)));
        });
        fails(&mut || {
            scope.alloc_fmt(format_args!("so far {Unprintable}"));
        });
        fails(&mut || {
            let mut vec = ArenaVec::new_in(scope.tagged(Tag::UI));
            vec.try_extend(0..100).unwrap();
            vec.retain(|i| *i != 50 || panic!("retain"));
        });
        fails(&mut || {
            let temp = scope.temp();
            temp.alloc_zeroed::<u8>(10_000);
            panic!("in a temp");
        });
        fails(&mut || {
            let mut cursor = scope.cursor();
            cursor.alloc(1u8);
            panic!("with a cursor");
        });
        assert_eq!(*scope.alloc(5u32), 5);
    }
    drop(std::panic::take_hook());
    assert!(kept.iter().all(|byte| *byte == 7));
    let mut tags = 0;
    scope.view().each_tag(|_, usage| tags += usage.bytes);
    assert!(!TRACKING || Some(scope.view().used() - tags) == scope.view().padding());
    drop(scope);
    assert_eq!(arena.open().view().used(), 0);
}

fn over_aligned_types_are_aligned(arena: &mut Arena<'_>) {
    #[derive(Clone, Copy)]
    #[repr(align(64))]
    struct Line(u8);
    #[repr(align(4096))]
    struct Page(u8);
    #[repr(align(2_097_152))]
    struct Huge;
    let mut scope = arena.open();
    for round in 0..3u8 {
        scope.alloc(round);
        let (line, page) = (scope.alloc(Line(round)), scope.alloc(Page(round)));
        assert!((&raw const *line).addr().is_multiple_of(64) && (&raw const *page).addr().is_multiple_of(4_096));
        // In place: a value of 2 MiB has no business on the stack.
        let huge = scope.alloc_layout(Layout::new::<Huge>());
        assert!(huge.addr().get().is_multiple_of(2 << 20));
        let lines = scope.alloc_slice_copy(&[Line(round); 5]);
        assert!(lines.as_ptr().addr().is_multiple_of(64) && lines.iter().all(|line| line.0 == round));
        let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
        vec.try_extend((0..100).map(Line)).unwrap();
        assert!(vec.as_slice().as_ptr().addr().is_multiple_of(64));
        assert!(vec.iter().enumerate().all(|(i, line)| usize::from(line.0) == i));
        let mut cursor = scope.cursor();
        cursor.alloc(1u8);
        let page = cursor.alloc(Page(round));
        assert!((&raw const *page).addr().is_multiple_of(4_096) && page.0 == round);
        assert_eq!((line.0, cursor.alloc(3u8)), (round, &mut 3));
    }
}

fn types_without_size_take_no_room(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    scope.alloc(());
    scope.alloc([0u64; 0]);
    assert_eq!(scope.alloc_slice_fill_with(5_000, |_| ()).len(), 5_000);
    assert_eq!(scope.alloc_iter((0..1_000).map(|_| ())).len(), 1_000);
    assert!(scope.alloc_slice_copy::<u64>(&[]).is_empty() && scope.alloc_zeroed::<u64>(0).is_empty());
    assert_eq!(scope.alloc_str(""), "");
    let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    vec.try_extend((0..1_000).map(|_| ())).unwrap();
    assert_eq!(vec.into_slice().len(), 1_000);
    let mut cursor = scope.cursor();
    cursor.alloc(());
    drop(cursor);
    scope.alloc_box(());
    assert_eq!(scope.view().used(), 0);
    #[repr(align(64))]
    struct Aligned;
    scope.alloc(1u8);
    assert!((&raw const *scope.alloc(Aligned)).addr().is_multiple_of(64));
}

fn sizes_that_no_address_holds_are_errors_and_change_nothing(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let tagged = scope.tagged(Tag::GEOMETRY);
    let used = scope.view().used();
    let reasons = [
        tagged.try_alloc_zeroed::<u64>(usize::MAX).unwrap_err().reason(),
        tagged.try_alloc_zeroed::<u64>(usize::MAX / 8).unwrap_err().reason(),
        tagged.try_alloc_slice_fill_with(usize::MAX, |i| i).unwrap_err().reason(),
        ArenaVec::<u64>::try_with_capacity_in(usize::MAX, tagged).map(drop).unwrap_err().reason(),
    ];
    assert_eq!(reasons, [Reason::Overflow; 4]);
    for size in [isize::MAX as usize, isize::MAX as usize - 7] {
        assert_eq!(tagged.try_alloc_zeroed::<u8>(size).unwrap_err().reason(), Reason::Full);
        assert_eq!(tagged.try_alloc_layout(Layout::from_size_align(size, 1).unwrap()).unwrap_err().asked(), size);
    }
    let layout = Layout::from_size_align(8, 1 << 62).unwrap();
    assert!(matches!(tagged.try_alloc_layout(layout).unwrap_err().reason(), Reason::Full | Reason::Overflow));
    assert_eq!(scope.view().used(), used);
    assert_eq!(*scope.alloc(1u8), 1);
}

fn a_vector_does_what_a_vector_does(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut ours = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    let mut theirs = Vec::new();
    for i in 0..300u32 {
        ours.try_push(i).unwrap();
        theirs.push(i);
        if i % 3 == 0 {
            ours.try_insert(i as usize / 2, i).unwrap();
            theirs.insert(i as usize / 2, i);
        }
        if i % 7 == 0 {
            assert_eq!(ours.remove(i as usize / 3), theirs.remove(i as usize / 3));
            assert_eq!(ours.swap_remove(0), theirs.swap_remove(0));
            assert_eq!(ours.pop(), theirs.pop());
        }
        scope.alloc(i);
    }
    ours.retain(|i| i % 5 != 0);
    theirs.retain(|i| i % 5 != 0);
    ours.try_resize(400, 9).unwrap();
    theirs.resize(400, 9);
    ours.truncate(390);
    theirs.truncate(390);
    ours.try_extend_from_slice(&[1, 2, 3]).unwrap();
    theirs.extend_from_slice(&[1, 2, 3]);
    assert_eq!(*ours, *theirs);
    assert_eq!(*ours.into_slice(), *theirs);
}

fn text_is_utf_8_whole_and_formatted(arena: &mut Arena<'_>) {
    struct Broken;
    impl std::fmt::Display for Broken {
        fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.write_str("half")?;
            Err(std::fmt::Error)
        }
    }
    let scope = arena.open();
    let mut text = ArenaString::new_in(scope.tagged(Tag::UI));
    text.try_push('ü').unwrap();
    text.try_push_str("ber ").unwrap();
    text.try_fmt(format_args!("{:>5}|{Broken}", 42)).unwrap();
    assert_eq!(text.as_str(), "über    42|half");
    assert_eq!(format!("{text:>17}"), "  über    42|half");
    let before = text.as_str().len();
    assert!(text.try_push_str(&"x".repeat(100_000)).is_err());
    assert!(scope.try_alloc_fmt(format_args!("{:65000}{:65000}", 1, 2)).is_err());
    assert!(scope.try_alloc_iter(std::iter::repeat(1u8)).is_err());
    assert_eq!(text.as_str().len(), before);
    text.clear();
    text.try_push_str("kept").unwrap();
    let kept = text.into_str();
    scope.alloc([0xFFu8; 64]);
    assert_eq!(kept, "kept");
}

fn a_map_finds_what_it_was_given_and_refuses_what_does_not_fit(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut map = ArenaMap::new_in(scope.tagged(Tag::RESOURCES));
    let mut inserted = 0u64;
    let error = loop {
        match map.try_insert(inserted, inserted * 3) {
            Ok(old) => assert_eq!(old, None),
            Err(error) => break error,
        }
        inserted += 1;
    };
    assert_eq!((error.reason(), map.len() as u64), (Reason::Full, inserted));
    assert!((0..inserted).all(|key| map.get(&key) == Some(&(key * 3))));
    for key in (0..inserted).step_by(2) {
        assert_eq!(map.remove(&key), Some(key * 3));
    }
    assert!((0..inserted).all(|key| map.contains_key(&key) == (key % 2 == 1)));
    map.iter_mut().for_each(|(_, value)| *value += 1);
    assert!(map.iter().all(|(key, value)| *value == key * 3 + 1));
    assert_eq!(map.try_insert(1, 0).unwrap(), Some(4));
    map.clear();
    assert!(map.is_empty() && map.get(&1).is_none());
}

fn a_pools_handles_name_one_value_each_for_ever(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut pool = Pool::try_new_in(scope.tagged(Tag::GEOMETRY), 3).unwrap();
    let mut dead = Vec::new();
    for round in 0..100u32 {
        let handles = [0, 1, 2].map(|i| pool.try_insert(round * 3 + i).unwrap());
        let error = pool.try_insert(9).unwrap_err();
        assert_eq!((error.reason(), error.limit(), pool.is_full()), (Reason::Capacity, 3, true));
        assert!(dead.iter().all(|handle| pool.get(*handle).is_none()));
        *pool.get_mut(handles[1]).unwrap() += 1;
        assert!(
            pool.iter().map(|(handle, value)| (handle, *value)).all(|(handle, value)| pool.get(handle) == Some(&value))
        );
        for handle in handles {
            assert!(pool.remove(handle).is_some() && pool.remove(handle).is_none() && pool.get_mut(handle).is_none());
        }
        dead.extend(handles);
        assert_eq!((pool.len(), pool.iter_mut().count()), (0, 0));
    }
    for (index, generation) in [(0, 0), (0, 2), (2, u32::MAX), (3, 1), (u32::MAX, 0), (u32::MAX, u32::MAX)] {
        assert!(pool.get(Handle::from_parts(index, generation)).is_none());
        assert!(pool.remove(Handle::from_parts(index, generation)).is_none());
    }
    assert!(pool.get(Handle::NONE).is_none());
    let mut none = Pool::<u8>::try_new_in(scope.tagged(Tag::GEOMETRY), 0).unwrap();
    assert!(none.is_full() && none.try_insert(1).is_err());
}

fn foreign_collections_grow_shrink_and_free_through_the_handle(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let tagged = scope.tagged(Tag::CLIENT);
    {
        let mut vec = allocator_api2::vec::Vec::new_in(tagged);
        vec.extend(0..1_000u32);
        vec.truncate(10);
        vec.shrink_to_fit();
        assert!(vec.iter().copied().eq(0..10));
        let boxed = allocator_api2::boxed::Box::new_in(String::from("dropped by its box"), tagged);
        assert_eq!(boxed.len(), 18);
    }
    let left = scope.view().used();
    assert!(left <= 40, "{left}: the last blocks went back");
}

fn blocks_of_any_alignment_resize_in_place_or_move_with_their_contents(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let tagged = scope.tagged(Tag::CLIENT);
    let sizes = [0usize, 1, 7, 8, 9, 100, 4_096, 70_000];
    let aligns = [1usize, 8, 16, 64, 4_096];
    for (from, to) in sizes.iter().flat_map(|from| sizes.iter().map(move |to| (*from, *to))) {
        for (align, new_align) in aligns.iter().flat_map(|a| aligns.iter().map(move |b| (*a, *b))) {
            let temp_used = scope.view().used();
            let (old, new) = (Layout::from_size_align(from, align), Layout::from_size_align(to, new_align));
            let (old, new) = (old.unwrap(), new.unwrap());
            let block = tagged.allocate(old).unwrap().cast::<u8>();
            let in_the_way = (from + to) % 3 == 0;
            let zero_size = tagged.allocate(Layout::new::<()>()).unwrap().cast::<u8>();
            let other = in_the_way.then(|| tagged.alloc(0x55u8));
            // SAFETY:
            // - blocks are used within their sizes, with the layouts they have, and given back once.
            unsafe {
                block.write_bytes(0xA5, from);
                let moved = match to >= from {
                    true => tagged.grow_zeroed(block, old, new),
                    false => tagged.shrink(block, old, new),
                };
                let moved = moved.unwrap();
                assert_eq!(moved.len(), to);
                let moved = moved.cast::<u8>();
                assert!(moved.addr().get().is_multiple_of(new_align));
                let bytes = std::slice::from_raw_parts(moved.as_ptr(), to);
                let kept = from.min(to);
                assert!(bytes[..kept].iter().all(|byte| *byte == 0xA5) && bytes[kept..].iter().all(|byte| *byte == 0));
                tagged.deallocate(zero_size, Layout::new::<()>());
                let fresh = tagged.alloc([1u8; 32]);
                assert!(bytes[..kept].iter().all(|byte| *byte == 0xA5), "{from} {to} {align} {new_align}");
                assert!(fresh.iter().all(|byte| *byte == 1));
                tagged.deallocate(moved, new);
            }
            assert!(other.is_none_or(|other| *other == 0x55));
            assert!(scope.view().used() >= temp_used);
            let mut tags = 0;
            scope.view().each_tag(|_, usage| tags += usage.bytes);
            assert!(!TRACKING || Some(scope.view().used() - tags) == scope.view().padding());
        }
    }
}

on_both_backings! {
    iterators_that_lie_about_their_length_are_collected_all_the_same: 4 << 20;
    iterators_that_allocate_in_the_same_arena_are_collected: 4 << 20;
    a_panic_in_a_closure_or_iterator_leaves_the_arena_usable: 1 << 20;
    over_aligned_types_are_aligned: 64 << 20;
    types_without_size_take_no_room: 1 << 20;
    sizes_that_no_address_holds_are_errors_and_change_nothing: 1 << 20;
    a_vector_does_what_a_vector_does: 4 << 20;
    text_is_utf_8_whole_and_formatted: 64 << 10;
    a_map_finds_what_it_was_given_and_refuses_what_does_not_fit: 256 << 10;
    a_pools_handles_name_one_value_each_for_ever: 1 << 20;
    foreign_collections_grow_shrink_and_free_through_the_handle: 4 << 20;
    blocks_of_any_alignment_resize_in_place_or_move_with_their_contents: 1 << 30;
}
