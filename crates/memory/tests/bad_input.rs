//! Bad input, entry by entry: a typed error or nothing at all, and the arena is as it was.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

use backing::on_both_backings;
use std::alloc::Layout;
use std::mem::forget;
#[cfg(feature = "std")]
use voltrum_memory::ArenaHeap;
use voltrum_memory::{
    Arena, ArenaConfig, ArenaMap, ArenaString, ArenaVec, MemoryError, Pool, Reason, Scope, Scratch, Tag,
};

/// Sizes with alignments that no arena holds, and many that no address space does.
const ABSURD: &[(usize, usize)] = &[
    (isize::MAX as usize, 1),
    (isize::MAX as usize - 7, 8),
    (isize::MAX as usize - 8, 8),
    (isize::MAX as usize / 2, 1 << 61),
    (1 << 62, 1 << 62),
    (0, 1 << 62),
    (1, 1 << 62),
    (8, 1 << 46),
    ((1 << 47) - 4_096, 4_096),
];

fn absurd() -> impl Iterator<Item = Layout> {
    ABSURD.iter().map(|(size, align)| Layout::from_size_align(*size, *align).unwrap())
}

fn is_refusal<T>(result: Result<T, MemoryError>) -> bool {
    matches!(result.map_err(|error| error.reason()), Err(Reason::Full | Reason::Overflow))
}

fn sizes_and_alignments_whose_arithmetic_overflows_are_errors(arena: &mut Arena<'_>) {
    let mut outer = arena.open();
    let view = outer.view();
    for layout in absurd() {
        let mut scope = outer.temp();
        assert!(is_refusal(scope.tagged(Tag::SCENE).try_alloc_layout(layout)), "{layout:?}");
        assert!(is_refusal(scope.temp().try_alloc_layout(layout)), "{layout:?}");
        let mut cursor = scope.cursor();
        assert!(is_refusal(cursor.try_alloc_layout(layout)), "{layout:?}");
        assert!(is_refusal(cursor.temp().try_alloc_layout(layout)), "{layout:?}");
        cursor.try_alloc(7u64).unwrap();
        drop(cursor);
        assert_eq!(view.used(), 8, "{layout:?}");
    }
}

fn counts_of_elements_that_no_address_space_holds_are_errors(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::SCENE);
    let kept = scope.alloc([1u8; 100]);
    let used = scope.view().used();
    for len in [usize::MAX, usize::MAX / 2, isize::MAX as usize, isize::MAX as usize / 8, usize::MAX / 8 + 1] {
        assert!(is_refusal(memory.try_alloc_slice_fill(len, 1u64)), "{len}");
        assert!(is_refusal(memory.try_alloc_slice_fill_with(len, |i| i)), "{len}");
        assert!(is_refusal(memory.try_alloc_slice_default::<u64>(len)), "{len}");
        assert!(is_refusal(memory.try_alloc_slice_uninit::<u64>(len)), "{len}");
        assert!(is_refusal(memory.try_alloc_zeroed::<u64>(len)), "{len}");
        assert!(is_refusal(memory.try_alloc_box_slice_fill_with(len, |_| String::new())), "{len}");
        assert!(is_refusal(ArenaVec::<u64>::try_with_capacity_in(len, memory)), "{len}");
        assert!(is_refusal(ArenaVec::<u64>::new_in(memory).try_reserve_exact(len)), "{len}");
        assert!(is_refusal(ArenaVec::<u64>::new_in(memory).try_resize(len, 0)), "{len}");
        assert!(is_refusal(ArenaString::try_with_capacity_in(len, memory)), "{len}");
        assert!(is_refusal(ArenaMap::<u64, u64>::try_with_capacity_in(len, memory)), "{len}");
        assert_eq!(scope.view().used(), used, "{len}");
    }
    assert!(is_refusal(Pool::<[u64; 64]>::try_new_in(memory, u32::MAX)));
    assert_eq!((scope.view().used(), *kept), (used, [1; 100]));
}

fn nothing_is_granted_without_room(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    while scope.try_alloc(0u64).is_ok() {}
    let (used, memory) = (scope.view().used(), scope.tagged(Tag::UI));
    assert_eq!((memory.alloc_slice_copy::<u64>(&[]).len(), memory.alloc_str("").len()), (0, 0));
    assert_eq!((memory.alloc_zeroed::<u64>(0).len(), memory.alloc_iter::<u8>([]).len()), (0, 0));
    memory.alloc([(); 1_000]);
    memory.alloc_box([(); 0]);
    memory.alloc_layout(Layout::from_size_align(0, 8).unwrap());
    let mut pool = Pool::<u64>::try_new_in(memory, 0).unwrap();
    assert_eq!(pool.try_insert(1).map_err(|error| error.reason()), Err(Reason::Capacity));
    assert_eq!(scope.temp().try_alloc(1u8).map_err(|error| error.reason()), Err(Reason::Full));
    assert_eq!(scope.cursor().try_alloc(1u8).map_err(|error| error.reason()), Err(Reason::Full));
    assert_eq!(scope.view().used(), used);
}

fn a_child_larger_than_what_is_left_is_an_error(arena: &mut Arena<'_>) {
    let scope = arena.open();
    scope.alloc_slice_fill(600 << 10, 1u8);
    let before = (scope.view().used(), scope.view().committed());
    for bytes in [600 << 10, 1 << 20, 1 << 40, isize::MAX as usize, usize::MAX - 4_096, usize::MAX] {
        let error = scope.try_child("child", bytes).map(drop).unwrap_err();
        assert!(matches!(error.reason(), Reason::Full | Reason::Overflow), "{bytes}: {error}");
        assert!(is_refusal(Scratch::try_carve("pair", bytes, scope.tagged(Tag::UI))));
    }
    assert_eq!((scope.view().used(), scope.view().committed()), before);
    let mut children = 0;
    scope.view().each_child(|_| children += 1);
    assert_eq!(children, 0);
    scope.child("child", 100 << 10).open().alloc([0u8; 50 << 10]);
    // A child of nothing grants what rounding left it, and then nothing.
    let mut nothing = scope.child("nothing", 0);
    assert!(is_refusal(nothing.open().try_alloc([0u8; 8 << 10])));
}

/// Ends each scope inside `scope` out of order, as far as safe code can: by forgetting those within.
fn leak<'a>(scope: &mut Scope<'a>) -> &'a mut [u64] {
    let kept = scope.alloc_slice_fill(100, 1u64);
    let mut temp = scope.temp();
    temp.alloc_slice_fill(1_000, 2u64);
    let mut inner = temp.temp();
    let mut child = inner.child("child", 10_000);
    let lent = child.open();
    lent.alloc([3u64; 50]);
    forget(lent);
    forget(child);
    let mut cursor = inner.cursor();
    cursor.alloc(4u64);
    forget(cursor.temp());
    forget(cursor);
    forget(inner);
    forget(temp);
    kept
}

fn guards_that_were_leaked_end_with_the_scope_around_them(arena: &mut Arena<'_>) {
    let empty = arena.view().committed();
    for _ in 0..20 {
        let mut scope = arena.open();
        let view = scope.view();
        let mut temp = scope.temp();
        let (first, second) = (leak(&mut temp), leak(&mut temp));
        assert!(first.iter().chain(&*second).all(|number| *number == 1));
        assert!(view.used() > 2 * 8_800);
        drop(temp);
        assert_eq!((view.used(), view.padding().unwrap_or(0), view.tag(Tag::UNTAGGED).count), (0, 0, 0));
        leak(&mut scope);
        forget(scope);
        // Of what was forgotten nothing is left. (A cursor is forgotten with all that is committed, so lives would take more and
        // more without the trim.)
        arena.trim(0);
        assert_eq!((arena.view().used(), arena.view().committed()), (0, empty));
    }
}

fn a_box_that_outlives_a_leaked_scope_still_drops_its_value(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let text = {
        let temp = scope.temp();
        let text = temp.alloc_box("kept".to_string());
        forget(temp);
        text.to_uppercase()
    };
    let next = scope.alloc_box(text);
    assert_eq!(*next, "KEPT");
}

#[cfg(feature = "std")]
#[test]
fn a_limit_below_what_an_arena_begins_with_is_an_error() {
    for limit in [0, 1, 4_096, (64 << 10) - 1] {
        let config = ArenaConfig { limit_bytes: Some(limit), ..ArenaConfig::new("poor", 1 << 20) };
        let error = Arena::try_reserve_with(&config).map(drop).unwrap_err();
        assert_eq!((error.reason(), error.asked(), error.limit()), (Reason::Budget, 64 << 10, limit));
    }
    let config = ArenaConfig { limit_bytes: Some(64 << 10), ..ArenaConfig::new("least", 1 << 20) };
    let mut arena = Arena::try_reserve_with(&config).unwrap();
    arena.open().alloc([0u8; 1_000]);
}

fn a_limit_below_what_children_need_is_theirs_to_hear_of(arena: &mut Arena<'_>) {
    let scope = arena.open();
    scope.alloc_slice_fill(100 << 10, 1u8); // commits 128 KiB
    let error = scope.try_child("child", 1 << 20).map(drop).unwrap_err();
    assert_eq!((error.arena(), error.reason(), error.limit()), ("poor", Reason::Budget, 160 << 10));
    assert_eq!(scope.alloc([0u8; 1_000]), &[0; 1_000]);
}

#[cfg(feature = "std")]
#[test]
fn a_reservation_larger_than_the_address_space_is_an_error() {
    for bytes in [1 << 48, 1 << 62, isize::MAX as usize, isize::MAX as usize + 1, usize::MAX] {
        let config = ArenaConfig { reserve_bytes_min: bytes, ..ArenaConfig::new("vast", bytes) };
        let error = Arena::try_reserve_with(&config).map(drop).unwrap_err();
        assert!(matches!(error.reason(), Reason::Reserve(_) | Reason::Overflow), "{error}");
        let heap = ArenaHeap::try_reserve("vast", bytes.max(isize::MAX as usize), Tag::UI).map(drop).unwrap_err();
        assert_eq!(heap.reason(), Reason::Overflow);
    }
    // A minimum above the wish is no minimum.
    let config = ArenaConfig { reserve_bytes_min: 1 << 30, ..ArenaConfig::new("modest", 1 << 20) };
    assert!(Arena::try_reserve_with(&config).is_ok());
}

on_both_backings! {
    sizes_and_alignments_whose_arithmetic_overflows_are_errors: 1 << 20;
    counts_of_elements_that_no_address_space_holds_are_errors: 1 << 20;
    nothing_is_granted_without_room: 256 << 10;
    a_child_larger_than_what_is_left_is_an_error: 1 << 20;
    guards_that_were_leaked_end_with_the_scope_around_them: 1 << 20;
    a_box_that_outlives_a_leaked_scope_still_drops_its_value: 64 << 10;
    a_limit_below_what_children_need_is_theirs_to_hear_of:
        ArenaConfig { limit_bytes: Some(160 << 10), ..ArenaConfig::new("poor", 4 << 20) };
}
