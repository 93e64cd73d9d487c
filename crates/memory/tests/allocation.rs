//! Every way to allocate: what it stores, where, and what it takes.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

use backing::on_both_backings;
use std::any::Any;
use std::fmt::Display;
use std::mem::MaybeUninit;
use voltrum_memory::{Arena, ArenaBox, ArenaMap, ArenaString, ArenaVec, Reason, TRACKING, Tag, Zeroable, unsize_box};

fn a_value_that_could_not_be_made_takes_no_room(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let made = scope.alloc_try_with(|| Ok::<_, ()>([1u64; 4]));
    assert_eq!(made, Ok(&mut [1; 4]));
    let used = scope.view().used();
    assert_eq!(scope.alloc_try_with(|| Err::<[u64; 100], _>("no")), Err("no"));
    assert_eq!(scope.view().used(), used);
    // What it allocated meanwhile stays, and with it the room in front.
    let kept = scope.alloc_try_with(|| Err::<u64, _>(scope.alloc(5u8)));
    assert_eq!((kept, scope.view().used()), (Err(&mut 5), used + 16));
    // Two errors: of the arena outside, of the maker inside.
    let outer = scope.try_alloc_try_with(|| Ok::<[u8; 100_000], ()>([0; 100_000]));
    assert_eq!(outer.map(drop).unwrap_err().reason(), Reason::Full);
}

fn boxes_become_trait_objects_and_slices(arena: &mut Arena<'_>) {
    trait Shape {
        fn area(&self) -> f32;
    }
    struct Square(f32);
    impl Shape for Square {
        fn area(&self) -> f32 {
            self.0 * self.0
        }
    }
    impl<F: Fn() -> f32> Shape for F {
        fn area(&self) -> f32 {
            self()
        }
    }
    let scope = arena.open();
    let width = 3.0;
    let name = String::from("borrowed by a closure in the arena");
    let shapes: [ArenaBox<'_, dyn Shape + '_>; 3] = [
        unsize_box!(scope.alloc_box(Square(2.0))),
        unsize_box!(scope.alloc_box(|| width * 2.0)),
        unsize_box!(scope.alloc_box(|| name.len() as f32)),
    ];
    assert_eq!(shapes.each_ref().map(|shape| shape.area()), [4.0, 6.0, 34.0]);
    let shared = unsize_box!(scope.alloc_box(7u64), dyn Any + Send + Sync);
    assert_eq!((*shared).downcast_ref(), Some(&7u64));
    let words: ArenaBox<'_, [String]> = unsize_box!(scope.alloc_box(["a".to_string(), "b".to_string()]));
    assert_eq!(*words, ["a", "b"]);
    let mut numbers: ArenaBox<'_, dyn Iterator<Item = u32>> =
        unsize_box!(scope.alloc_box((0..10).filter(|i| i % 4 == 1)));
    assert_eq!((numbers.next(), numbers.nth(1), numbers.next()), (Some(1), Some(9), None));
    let nothing: ArenaBox<'_, dyn Display> = unsize_box!(scope.alloc_box(""));
    assert_eq!(nothing.to_string(), "");
    // The pointer inside is the compiler's: size and alignment are the value's.
    #[repr(align(64))]
    struct Aligned([u8; 100]);
    impl Shape for Aligned {
        fn area(&self) -> f32 {
            f32::from(self.0[99])
        }
    }
    let aligned: ArenaBox<'_, dyn Shape> = unsize_box!(scope.alloc_box(Aligned([9; 100])));
    assert_eq!((size_of_val(&*aligned), align_of_val(&*aligned), aligned.area()), (128, 64, 9.0));
}

fn boxes_compare_print_and_borrow_as_their_values(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let [a, b] = ["a", "b"].map(|text| scope.alloc_box(text.to_string()));
    assert!(a < b && a != b && a.as_str() == "a");
    assert_eq!((format!("{a}"), format!("{b:?}")), ("a".to_string(), "\"b\"".to_string()));
    let slice = scope.alloc_box_slice_clone(&[1u8, 2, 3]);
    let borrowed: &[u8] = slice.as_ref();
    assert_eq!(borrowed, [1, 2, 3]);
    assert_eq!(slice, scope.alloc_box_iter(1..=3u8));
}

fn slices_are_copied_cloned_filled_and_collected(arena: &mut Arena<'_>) {
    #[derive(Clone, Debug, PartialEq, Default)]
    struct NotCopy(u32);
    let scope = arena.open();
    let source = [NotCopy(1), NotCopy(2)];
    assert_eq!(*scope.alloc_slice_clone(&source), source);
    assert_eq!(*scope.alloc_slice_fill(2, NotCopy(7)), [NotCopy(7), NotCopy(7)]);
    assert_eq!(*scope.alloc_slice_default::<NotCopy>(2), [NotCopy(0), NotCopy(0)]);
    assert_eq!(*scope.alloc_array_with::<NotCopy, 2>(|i| NotCopy(i as u32 + 1)), source);
    assert_eq!(*scope.alloc_iter_exact(source.iter().cloned()), source);
    assert!(scope.alloc_slice_fill(0, 1u8).is_empty() && scope.alloc_array_with::<u8, 0>(|_| 1).is_empty());
    assert!(scope.alloc_slice_uninit::<u64>(0).is_empty() && scope.alloc_box_iter::<String>([]).is_empty());
    // Elements with destructors fit where nothing is dropped: the caller answers for them.
    let room = scope.alloc_slice_uninit::<String>(1);
    let text = room[0].write("dropped by hand".to_string());
    drop(std::mem::take(text));
}

fn boxed_collections_believe_no_hint_and_bear_reentrance(arena: &mut Arena<'_>) {
    let scope = arena.open();
    struct Liar<I>(I, usize);
    impl<I: Iterator> Iterator for Liar<I> {
        type Item = I::Item;
        fn next(&mut self) -> Option<I::Item> {
            self.0.next()
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.1, Some(1))
        }
    }
    for hint in [0, 10, 1_000_000, usize::MAX] {
        let items = (0..500).map(|i| format!("{i} {}", scope.alloc_str("in the way")));
        let boxed = scope.alloc_box_iter(Liar(items, hint));
        assert!(boxed.len() == 500 && boxed.iter().enumerate().all(|(i, text)| *text == format!("{i} in the way")));
    }
    let counted = scope.alloc_box_slice_fill_with(100, |i| (i, scope.alloc_box(i.to_string())));
    assert!(counted.iter().all(|(i, text)| **text == i.to_string()));
}

fn an_exact_iterator_that_was_wrong_gets_what_there_is(arena: &mut Arena<'_>) {
    struct Wrong<I>(I, usize);
    impl<I: Iterator> Iterator for Wrong<I> {
        type Item = I::Item;
        fn next(&mut self) -> Option<I::Item> {
            self.0.next()
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.1, Some(self.1))
        }
    }
    impl<I: Iterator> ExactSizeIterator for Wrong<I> {}
    let scope = arena.open();
    assert_eq!(*scope.alloc_iter_exact(Wrong(0..3u32, 100)), [0, 1, 2]);
    assert_eq!(scope.view().used(), 16, "what was claimed for the others went back");
    assert_eq!(*scope.alloc_iter_exact(Wrong(0.., 4)), [0u32, 1, 2, 3]);
    assert!(scope.alloc_iter_exact(Wrong(0..3u32, 0)).is_empty());
    // Behind it lies what the iterator allocated: nothing goes back, and nothing is overwritten.
    let names = scope.alloc_iter_exact(Wrong((0..3).map(|i| &*scope.alloc(i)), 5));
    assert!(names.iter().copied().eq(&[0, 1, 2]));
    let error = scope.try_alloc_iter_exact(Wrong(0..3u32, usize::MAX)).unwrap_err();
    assert_eq!(error.reason(), Reason::Overflow);
}

fn text_for_c_ends_once(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let tagged = scope.tagged(Tag::RENDERER);
    assert_eq!(scope.alloc_cstr("main"), c"main");
    assert_eq!(scope.alloc_cstr(""), c"");
    assert_eq!(scope.alloc_cstr(b"\xFFnot UTF-8").to_bytes(), b"\xFFnot UTF-8");
    assert_eq!(scope.alloc_cstr(c"from C".to_bytes()), c"from C");
    assert_eq!(scope.alloc_cstr_fmt(format_args!("{}:{:02}", 12, 5)), c"12:05");
    let used = scope.view().used();
    for (text, at) in [("\0", 0), ("lamp\0", 4), ("la\0mp\0", 2)] {
        let error = tagged.try_alloc_cstr(text).unwrap_err();
        assert_eq!((error.reason(), error.asked()), (Reason::InteriorNul { at }, text.len()));
        assert_eq!(tagged.try_alloc_cstr_fmt(format_args!("{text}")).unwrap_err().reason(), error.reason());
        let string = ArenaString::try_from_str_in(text, tagged).unwrap();
        assert_eq!(string.try_into_cstr().unwrap_err().reason(), error.reason());
    }
    assert_eq!(scope.view().used(), used, "what was refused took no room");
    let who = if TRACKING { "RENDERER" } else { "a caller" };
    assert_eq!(
        tagged.try_alloc_cstr("la\0mp").unwrap_err().to_string(),
        format!(
            "test arena: {who} gave 5 B of text for C with a zero byte at 2, where C would end it; cut the text there or \
             refuse it"
        )
    );
}

#[repr(align(2_097_152))]
struct TwoMiB {
    bytes: [u8; 2 << 20],
}
// SAFETY:
// - zero is a value of every byte.
unsafe impl Zeroable for TwoMiB {}

fn values_aligned_to_two_mib_lie_where_they_must(arena: &mut Arena<'_>) {
    let scope = arena.open();
    for round in 0..3u8 {
        scope.alloc(round);
        let place = scope.alloc_uninit::<TwoMiB>();
        assert!(place.as_ptr().addr().is_multiple_of(2 << 20));
        let zeros = &mut scope.alloc_zeroed::<TwoMiB>(2)[1];
        assert!((&raw const *zeros).addr().is_multiple_of(2 << 20));
        assert!(zeros.bytes.iter().all(|byte| *byte == 0));
        zeros.bytes.fill(round);
    }
    let error = scope.try_alloc_slice_uninit::<TwoMiB>(1_000).unwrap_err();
    assert_eq!((error.reason(), error.asked()), (Reason::Full, 2_000 << 20));
}

fn large_arrays_never_pass_the_stack(arena: &mut Arena<'_>) {
    const LEN: usize = 4 << 20;
    type Large = [u64; LEN];
    let fill = || {
        let scope = arena.open();
        let made = scope.alloc_array_with::<u64, LEN>(|i| i as u64);
        assert_eq!(made[LEN - 1], LEN as u64 - 1);
        let zeros = &mut scope.alloc_zeroed::<Large>(1)[0];
        assert_eq!(zeros[LEN - 1], 0);
        let room: &mut MaybeUninit<Large> = scope.alloc_uninit();
        let first = room.as_mut_ptr().cast::<u64>();
        // SAFETY:
        // - in bounds; nothing is read that was not written.
        unsafe {
            first.add(LEN - 1).write(3);
            assert_eq!(first.add(LEN - 1).read(), 3);
        }
        let boxed = scope.alloc_box_slice_fill_with(100_000, |i| i.to_string());
        assert_eq!(boxed[99_999], "99999");
    };
    std::thread::scope(|threads| {
        let small_stack = std::thread::Builder::new().stack_size(128 << 10);
        small_stack.spawn_scoped(threads, fill).unwrap().join().unwrap();
    });
}

fn cursors_lend_what_scopes_do(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let mut cursor = scope.cursor().tagged(Tag::GEOMETRY);
    let made = (cursor.alloc(1u8), cursor.alloc_with(|| [2u16; 3]), cursor.alloc_str("lamp"));
    let slices = (cursor.alloc_slice_copy(&[4u32, 5]), cursor.alloc_slice_fill_with(3, |i| i * 6));
    let boxed = cursor.alloc_box(vec!["dropped once".to_string()]);
    let over_aligned = cursor.alloc_layout(std::alloc::Layout::from_size_align(10, 256).unwrap());
    assert!(over_aligned.addr().get().is_multiple_of(256));
    let error = cursor.try_alloc_slice_fill_with(usize::MAX, |i| i).unwrap_err();
    assert_eq!(error.reason(), Reason::Overflow);
    assert_eq!(cursor.alloc_slice_fill_with(0, |i| i).len(), 0);
    drop(cursor);
    assert_eq!((*made.0, *made.1, &*made.2), (1, [2; 3], "lamp"));
    assert_eq!((&*slices.0, &*slices.1, boxed.len()), (&[4, 5][..], &[0, 6, 12][..], 1));
    assert!(!TRACKING || scope.view().tag(Tag::GEOMETRY).count == 8);
}

fn vectors_append_dedup_shrink_compare_and_are_used_up(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::SCENE);
    let mut vec = ArenaVec::try_from_iter_in([3, 1, 2, 3, 1], memory).unwrap();
    let mut other = ArenaVec::try_from_slice_in(&[2, 2], memory).unwrap();
    vec.try_append(&mut other).unwrap();
    assert!(other.is_empty() && vec == [3, 1, 2, 3, 1, 2, 2]);
    vec.sort_unstable();
    vec.dedup();
    vec.try_extend_from_within(..2).unwrap();
    vec.retain_mut(|i| {
        *i *= 2;
        *i < 6
    });
    assert_eq!(
        (&vec, format!("{vec:?}")),
        (&ArenaVec::try_from_iter_in([2, 4, 2, 4], memory).unwrap(), "[2, 4, 2, 4]".into())
    );
    vec.try_reserve(1_000).unwrap();
    let used = scope.view().used();
    vec.shrink_to_fit();
    assert!(scope.view().used() < used && vec.capacity() == 4);
    assert!(vec.iter().eq(&[2, 4, 2, 4]) && vec.into_iter().rev().eq([4, 2, 4, 2]));
    let mut nothing = ArenaVec::<u8>::new_in(memory);
    nothing.shrink_to_fit();
    assert!(nothing.into_slice().is_empty());
}

#[cfg(feature = "std")]
#[test]
fn bytes_are_written_to_a_vector_until_the_arena_is_full() {
    let mut arena = Arena::reserve("test", 1 << 20);
    let scope = arena.open();
    let mut bytes = ArenaVec::new_in(scope.tagged(Tag::RESOURCES));
    std::io::Write::write_all(&mut bytes, b"glTF").unwrap();
    assert_eq!(bytes, b"glTF");
    let full = std::io::copy(&mut std::io::repeat(1), &mut bytes).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::OutOfMemory);
}

fn strings_are_cut_and_put_together_between_characters(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut text = ArenaString::try_from_str_in("größe", scope.tagged(Tag::UI)).unwrap();
    text.try_insert_str(2, "–").unwrap();
    assert_eq!((text.pop(), &*text), (Some('e'), "gr–öß"));
    text.truncate(100);
    text.truncate(5);
    assert_eq!(text, "gr–");
    text.make_ascii_uppercase();
    assert!(text == *"GR–" && text < ArenaString::try_from_str_in("GS", text.memory()).unwrap());
    for cut in [3, 4] {
        let mut copy = ArenaString::try_from_str_in(&text, text.memory()).unwrap();
        let act = std::panic::AssertUnwindSafe(|| copy.truncate(cut));
        assert!(std::panic::catch_unwind(act).is_err(), "inside a character");
    }
    assert_eq!(ArenaString::new_in(text.memory()).pop(), None);
}

fn maps_get_or_insert_retain_and_list(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut map = ArenaMap::try_with_capacity_in(10, scope.tagged(Tag::RESOURCES)).unwrap();
    assert!(map.capacity() >= 10);
    map.try_extend((0..10u64).map(|i| (i, i * i))).unwrap();
    *map.try_get_or_insert_with(3, || 0).unwrap() += 1;
    assert_eq!(map.get_key_value(&3), Some((&3, &10)));
    assert_eq!((map.remove_entry(&4), map.remove_entry(&4)), (Some((4, 16)), None));
    map.retain(|key, value| {
        *value += 1;
        key % 3 == 0
    });
    let mut keys: Vec<_> = map.keys().copied().collect();
    let mut values: Vec<_> = map.values().copied().collect();
    keys.sort_unstable();
    values.sort_unstable();
    assert_eq!((keys, values), (vec![0, 3, 6, 9], vec![1, 11, 37, 82]));
    map.values_mut().for_each(|value| *value = 0);
    (&mut map).into_iter().for_each(|(key, value)| *value = *key);
    assert!((&map).into_iter().all(|(key, value)| key == value));
    // A map that can't grow still changes what it has.
    let mut last = 9;
    while map.try_insert(last + 1, 0).is_ok() {
        last += 1;
    }
    assert_eq!(map.try_insert(last, 7).unwrap(), Some(0));
    assert_eq!(map.try_get_or_insert_with(last, || 9).unwrap(), &7);
    assert!(map.try_get_or_insert_with(last + 1, || 9).is_err());
}

on_both_backings! {
    cursors_lend_what_scopes_do: 1 << 20;
    large_arrays_never_pass_the_stack: 160 << 20;
    a_value_that_could_not_be_made_takes_no_room: 64 << 10;
    boxes_become_trait_objects_and_slices: 1 << 20;
    boxes_compare_print_and_borrow_as_their_values: 1 << 20;
    slices_are_copied_cloned_filled_and_collected: 1 << 20;
    boxed_collections_believe_no_hint_and_bear_reentrance: 4 << 20;
    an_exact_iterator_that_was_wrong_gets_what_there_is: 1 << 20;
    text_for_c_ends_once: 1 << 20;
    values_aligned_to_two_mib_lie_where_they_must: 256 << 20;
    vectors_append_dedup_shrink_compare_and_are_used_up: 1 << 20;
    strings_are_cut_and_put_together_between_characters: 1 << 20;
    maps_get_or_insert_retain_and_list: 128 << 10;
}
