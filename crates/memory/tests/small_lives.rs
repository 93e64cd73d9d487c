//! Short lives of small arenas, with everything that there is in them: small enough for Miri, which looks at each access for
//! whether its pointer may make it, and at threads for races.
//!
//! `cargo +nightly miri test -p voltrum-memory --no-default-features --test small_lives`
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use backing::on_both_backings;
use random::{Random, assert_adds_up};
use std::mem::{MaybeUninit, forget};
use voltrum_memory::{
    Arena, ArenaBox, ArenaHeap, ArenaMap, ArenaString, ArenaVec, Fill, MemoryReport, Pool, Scope, Scratch, Tag,
    unsize_box,
};

fn what_scopes_temps_and_cursors_lend_stays_apart(arena: &mut Arena<'_>) {
    for round in 0..2u8 {
        let mut scope = arena.open();
        let kept = scope.alloc([round; 5]);
        {
            let mut temp = scope.temp();
            let (a, b) = (temp.alloc(1u64), temp.alloc_slice_copy(&[2u16, 3]));
            let inner = temp.temp();
            let c = inner.alloc_str("lamp");
            drop(inner);
            c.make_ascii_uppercase();
            (*a, b[0]) = (4, 5);
            assert_eq!((*a, &*b, &*c), (4, &[5, 3][..], "LAMP"));
            forget(temp.temp());
            temp.alloc(6u8);
        }
        let mut cursor = scope.cursor().tagged(Tag::UI);
        let first = cursor.alloc(7u32);
        let mut nested = cursor.temp();
        let second = nested.alloc_slice_fill_with(40, |i| i);
        nested.try_alloc_layout(std::alloc::Layout::from_size_align(9, 128).unwrap()).unwrap();
        second[39] += 1;
        drop(nested);
        let third = cursor.alloc_box(String::from("bulb"));
        let mut lost = cursor.temp();
        let late = lost.alloc(8u8);
        *late += 1;
        forget(lost);
        *first += 1;
        drop(cursor);
        let _ = scope.try_alloc(9u8); // there may be nothing left
        assert_eq!((*first, third.as_str(), *kept), (8, "bulb", [round; 5]));
        assert_adds_up(scope.view());
    }
}

fn what_owns_its_arena_grows_where_it_went_to(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let (texts, list) = (scope.child("texts", 300).into_sole(Tag::SCENE), scope.child("list", 700));
    let mut names = ArenaVec::new_in(list.into_sole(Tag::SCENE));
    let first: &mut str = texts.try_alloc_str("lamp").unwrap();
    names.try_push(&*first).unwrap();
    let beside = scope.alloc(1u32);
    let (texts, mut names) = std::thread::scope(|threads| {
        let grow = move || {
            for text in ["bulb", "arm", "foot"] {
                names.try_push(&*texts.try_alloc_str(text).unwrap()).unwrap();
            }
            (texts, names)
        };
        threads.spawn(grow).join().unwrap()
    });
    *beside += 1;
    names.try_push(texts.try_alloc_str("table").unwrap()).unwrap();
    assert_eq!((&*names, *beside), (&["lamp", "bulb", "arm", "foot", "table"][..], 2));
    assert_eq!(ArenaVec::try_from_slice_in(&names, texts.tagged()).unwrap(), names);
    let names: &mut [&str] = names.into_slice();
    names.reverse();
    assert_eq!(names[0], "table");
    assert_adds_up(scope.view());
}

fn zeroed_bytes_and_uninitialised_ones_are_what_they_say(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    scope.temp().alloc_slice_fill(300, 0xAAu8);
    scope.temp().child("child", 200).open().alloc([0xBBu8; 150]);
    let zeros = scope.alloc_zeroed::<u32>(400);
    assert!(zeros.iter().all(|zero| *zero == 0));
    let room = scope.alloc_slice_uninit::<u16>(4);
    assert_eq!(room.write_copy_of_slice(&[1, 2, 3, 4]), [1, 2, 3, 4]);
    let place = scope.alloc_uninit::<[u64; 8]>();
    assert_eq!(place.write([5; 8])[7], 5);
    assert_eq!(scope.alloc_cstr("main"), c"main");
    scope.alloc([(); 3]);
}

fn collections_grow_move_and_shrink(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::SCENE);
    let (mut alone, mut pushed) = (ArenaVec::new_in(memory), ArenaVec::new_in(memory));
    for i in 0..40u32 {
        alone.try_push(i).unwrap();
        if i % 8 == 0 {
            pushed.try_push(i).unwrap(); // now the other one is not the last block any more
        }
    }
    let numbers = alone.into_slice();
    assert!(numbers.iter().copied().eq(0..40) && pushed == [0, 8, 16, 24, 32]);
    let mut text = ArenaString::new_in(memory);
    text.try_fmt(format_args!("{}-{}", numbers[39], "lamp")).unwrap();
    let mut map = ArenaMap::new_in(memory);
    map.try_extend((0..20u8).map(|key| (key, key * 2))).unwrap();
    map.retain(|key, _| key % 2 == 0);
    assert_eq!((&*text, map.len(), map.get(&4)), ("39-lamp", 10, Some(&8)));
    let mut pool = Pool::try_new_in(memory, 3).unwrap();
    let handles = [1u8, 2, 3].map(|value| pool.try_insert(value).unwrap());
    assert_eq!((pool.remove(handles[1]), pool.get(handles[1]), pool.len()), (Some(2), None, 2));
    let mut foreign = allocator_api2::vec::Vec::new_in(memory);
    foreign.extend((0..10).map(|i| i.to_string()));
    foreign.shrink_to_fit();
    assert_eq!(foreign.concat(), "0123456789");
    let closure: ArenaBox<'_, dyn Fn(u32) -> u32> = unsize_box!(memory.alloc_box(move |i| i + numbers[1]));
    assert_eq!(closure(1), 2);
    assert_adds_up(scope.view());
}

fn children_fill_on_threads_while_they_are_watched(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let view = scope.view();
    for round in 0..2 {
        let mut temp = scope.temp();
        let mut children = [temp.child("one", 12_000), temp.child("two", 12_000)];
        std::thread::scope(|threads| {
            for child in &mut children {
                threads.spawn(move || {
                    let inner = child.open();
                    let mut numbers = ArenaVec::new_in(inner.tagged(Tag::TEXTURE));
                    numbers.try_extend(0..50u16).unwrap();
                    inner.child("grandchild", 100).open().alloc([round; 9]);
                });
            }
            temp.alloc([round; 30]);
            assert!(view.used() <= view.reserved());
            let mut seen = 0;
            view.each_child(|child| seen += usize::from(child.peak() <= child.reserved()));
            assert_eq!(seen, 2);
        });
        let [first, second] = children;
        drop(first);
        std::thread::scope(|threads| threads.spawn(move || drop(second)).join()).unwrap();
        temp.alloc_slice_fill(3_000, 1u8); // where they were
        temp.temp().child("array", 1_000).into_tagged(Tag::SCENE).alloc([2u8; 900]);
    }
    assert_eq!(view.used(), 0);
}

struct Twice(u32);

impl Fill for Twice {
    type Filled<'s> = &'s mut [u32];
    type Error = u32;
    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<&'s mut [u32], u32> {
        self.0 += 1;
        let numbers = memory.alloc_slice_fill(10, self.0);
        if self.0 < 2 { Err(self.0) } else { Ok(numbers) }
    }
}

fn an_arena_is_filled_handed_over_and_reported(arena: &mut Arena<'_>) {
    let mut fill = Twice(0);
    let Err((arena, 1)) = arena.open_with(&mut fill) else { unreachable!("the first time fails") };
    let Ok((scope, numbers)) = arena.open_with(&mut fill) else { unreachable!("the second doesn't") };
    let mut buffers = [const { [const { MaybeUninit::uninit() }; 16 << 10] }; 3];
    let [mut reports, first, second] = buffers.each_mut().map(|buffer| Arena::in_buffer("aside", buffer).unwrap());
    let reports = reports.open();
    let view = scope.view();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            numbers[0] = scope.alloc_slice_copy(numbers)[9];
            drop(scope);
            assert_eq!(numbers[0], 2);
        });
        let report = MemoryReport::try_collect(reports.tagged(Tag::REPORT), &[view]).unwrap();
        assert!(report.to_string().contains("TOTAL") && report.json().to_string().ends_with('}'));
    });
    let (watched, view) = arena.watched();
    drop(watched);
    assert_eq!(view.used(), 0);
    arena.trim(0);
    let mut pair = Scratch::of(first, second);
    let (mut memory, mut notes) = pair.open();
    let (result, note) = (memory.temp().alloc(1u8).to_owned(), notes.temp().alloc(2u8).to_owned());
    assert_eq!((result, note), (1, 2));
}

#[test]
fn a_heap_grants_frees_and_moves_blocks_on_two_threads() {
    let buffer: *mut [MaybeUninit<u8>] = Box::into_raw(Box::new_uninit_slice(48 << 10));
    {
        // SAFETY:
        // - the heap is the buffer's one owner, and is gone before it.
        let heap = ArenaHeap::in_buffer("heap", unsafe { &mut *buffer }, Tag::UI).unwrap();
        let work = |seed: u64| {
            let mut random = Random::seeded(seed);
            for _ in 0..12 {
                let (size, align) = (random.below(200) + 1, 1 << random.below(7));
                let block = heap.allocate(size, align).unwrap();
                // SAFETY:
                // - granted just now with this size, moved to one that holds as much, and given back once.
                unsafe {
                    block.write_bytes(seed as u8, size);
                    let moved = heap.reallocate(block, size + random.below(300), align).unwrap();
                    assert_eq!(moved.add(size - 1).read(), seed as u8);
                    heap.deallocate(moved);
                }
            }
        };
        std::thread::scope(|threads| {
            threads.spawn(|| work(1));
            work(2);
        });
        assert_eq!(heap.stats().live_count, 0);
    }
    // SAFETY:
    // - from `into_raw`, and nobody's any more.
    drop(unsafe { Box::from_raw(buffer) });
}

on_both_backings! {
    what_scopes_temps_and_cursors_lend_stays_apart: 32 << 10;
    what_owns_its_arena_grows_where_it_went_to: 32 << 10;
    zeroed_bytes_and_uninitialised_ones_are_what_they_say: 32 << 10;
    collections_grow_move_and_shrink: 32 << 10;
    children_fill_on_threads_while_they_are_watched: 128 << 10;
    an_arena_is_filled_handed_over_and_reported: 32 << 10;
}
