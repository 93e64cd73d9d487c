//! What an arena promises: growth in place, scopes, children, budgets, exact totals.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

use backing::{aside, on_both_backings};
use std::cell::Cell;
use voltrum_memory::{Arena, ArenaBox, ArenaConfig, ArenaVec, Fill, MemoryReport, Reason, Scope, TRACKING, Tag};

fn temp_end_restores_position_and_tag_totals(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    scope.tagged(Tag::UI).alloc([1u8; 13]);
    let (used, ui) = (scope.view().used(), scope.view().tag(Tag::UI));
    {
        let temp = scope.temp();
        temp.tagged(Tag::UI).alloc([2u64; 100]);
        temp.alloc(3u8);
        assert!(temp.view().used() > used);
    }
    assert_eq!(scope.view().used(), used);
    let after = scope.view().tag(Tag::UI);
    assert_eq!((after.bytes, after.count), (ui.bytes, ui.count));
    if TRACKING {
        assert_eq!(ui.bytes, 13);
        assert_eq!(after.peak, 813);
    }
}

fn what_a_scope_lent_outlives_the_dropped_handle(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let kept = scope.alloc_slice_fill_with(1_000, |i| i as u32);
    let boxed = scope.alloc_box(vec![7u8; 100]);
    drop(scope);
    assert!(kept.iter().enumerate().all(|(i, v)| *v == i as u32));
    assert!(boxed.iter().all(|v| *v == 7));
}

fn a_growing_vector_on_top_of_its_arena_stays_in_place(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    vec.try_push(0u64).unwrap();
    let first = vec.as_slice().as_ptr();
    vec.try_extend(1..1_000_000).unwrap();
    assert_eq!(first, vec.as_slice().as_ptr());
    assert!(vec.iter().enumerate().all(|(i, v)| *v == i as u64));
}

fn a_childs_bytes_show_under_its_parent_and_die_with_it(arena: &mut Arena<'_>) {
    {
        let scope = arena.open();
        let mut child = scope.child("child", 1 << 20);
        let inner = child.open();
        inner.tagged(Tag::GEOMETRY).alloc([1u8; 4_000]);
        assert_eq!(scope.view().used(), 4_000);
        let mut names = Vec::new();
        scope.view().each_child(|child| names.push((child.name(), child.used())));
        assert_eq!(names, [("child", 4_000)]);
        drop(inner);
        drop(child);
        assert_eq!(scope.view().used(), 0);
    }
    let committed = arena.open().view().committed();
    for _ in 0..100 {
        let scope = arena.open();
        let array = scope.child("array", 16 << 20).into_tagged(Tag::SCENE);
        array.alloc_slice_fill_with(100_000, |i| i);
    }
    let scope = arena.open();
    assert_eq!(scope.view().committed(), committed);
}

fn children_fill_on_other_threads_while_the_parent_is_reported(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut children: Vec<_> = (0..4).map(|_| scope.child("worker", 8 << 20)).collect();
    let view = scope.view();
    std::thread::scope(|threads| {
        for child in &mut children {
            threads.spawn(move || {
                let memory = child.open();
                for i in 0..10_000u64 {
                    memory.tagged(Tag::TEXTURE).alloc([i; 4]);
                }
                std::mem::forget(memory);
            });
        }
        let mut reports = aside("reports", 1 << 20);
        for _ in 0..100 {
            let scope = reports.open();
            let report = MemoryReport::try_collect(scope.tagged(Tag::REPORT), &[view]).unwrap();
            assert_eq!(report.arenas.len(), 5);
        }
    });
    assert_eq!(view.used(), 4 * 10_000 * 32);
}

fn a_budget_is_an_error_that_changes_nothing(arena: &mut Arena<'_>) {
    let scope = arena.open();
    scope.try_alloc([0u8; 100_000]).unwrap();
    let error = scope.try_alloc_zeroed::<u8>(1 << 20).unwrap_err();
    assert_eq!(error.reason(), Reason::Budget);
    assert_eq!(error.limit(), 256 << 10);
    scope.try_alloc([0u8; 100_000]).unwrap();
    let mut child = scope.try_child("child", 1 << 20);
    if let Ok(child) = &mut child {
        assert_eq!(child.open().try_alloc_zeroed::<u8>(200_000).unwrap_err().arena(), "budgeted");
    }
}

fn a_full_arena_says_what_was_asked_and_what_is_left(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let error = scope.tagged(Tag::GEOMETRY).try_alloc_zeroed::<u8>(2 << 20).unwrap_err();
    assert_eq!((error.reason(), error.asked()), (Reason::Full, 2 << 20));
    assert!(error.left() >= 1 << 20);
    let text = error.to_string();
    assert!(text.starts_with("small arena is full"), "{text}");
    assert!(!TRACKING || text.contains("GEOMETRY"), "{text}");
}

fn forgotten_cursors_lose_the_rest_and_never_alias(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let mut cursor = scope.cursor();
    let a = cursor.alloc(1u64);
    std::mem::forget(cursor);
    let b = scope.alloc(2u64);
    *b += 1;
    assert_eq!((*a, *b), (1, 3));
    let mut cursor = scope.cursor();
    let c = cursor.alloc(4u64);
    drop(cursor);
    let d = scope.alloc(5u64);
    assert_eq!((*a, *b, *c, *d), (1, 3, 4, 5));
}

fn zeroed_bytes_are_zero_also_where_others_were(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    for round in 0..3 {
        {
            let temp = scope.temp();
            temp.alloc_slice_fill_with(100_000, |_| 0xFFu8);
            let child = temp.child("child", 4 << 20).into_tagged(Tag::FRAME);
            child.alloc_slice_fill_with(3 << 20, |_| 0xFFu8);
        }
        let temp = scope.temp();
        let zeros = temp.alloc_zeroed::<u8>(12 << 20);
        assert!(zeros.iter().all(|v| *v == 0), "round {round}");
    }
}

fn totals_add_up_while_a_cursor_is_open_and_after_it_is_forgotten(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let view = scope.view();
    let adds_up = || {
        let mut tags = 0;
        view.each_tag(|_, usage| tags += usage.bytes);
        assert!(!TRACKING || tags + view.padding().unwrap() == view.used());
    };
    let mut cursor = scope.cursor().tagged(Tag::UI);
    cursor.alloc(1u8);
    adds_up();
    cursor.alloc([0u16; 5]);
    cursor.try_alloc_layout(std::alloc::Layout::from_size_align(100, 256).unwrap()).unwrap();
    cursor.alloc([0u8; 70_000]);
    adds_up();
    drop(cursor);
    adds_up();
    let mut cursor = scope.cursor();
    cursor.alloc(1u8);
    std::mem::forget(cursor);
    adds_up();
    drop(scope);
    adds_up();
    assert_eq!((view.used(), view.padding().unwrap_or(0)), (0, 0));
}

fn a_refused_vector_takes_nothing(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let tagged = scope.tagged(Tag::SCENE);
    let mut vec = ArenaVec::new_in(tagged);
    vec.try_extend(0..1_000u64).unwrap();
    tagged.alloc(0u8);
    let (used, usage) = (scope.view().used(), scope.view().tag(Tag::SCENE));
    for _ in 0..100 {
        assert!(vec.try_reserve(1 << 20).is_err());
        assert!(vec.try_reserve(usize::MAX).is_err());
    }
    assert_eq!(vec.len(), 1_000);
    assert_eq!((scope.view().used(), scope.view().tag(Tag::SCENE)), (used, usage));
}

struct Loader {
    attempts: usize,
}

impl Fill for Loader {
    type Filled<'s> = (&'s mut [u64], Arena<'s>, ArenaBox<'s, Vec<u8>>);
    type Error = usize;
    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<Self::Filled<'s>, usize> {
        self.attempts += 1;
        let numbers = memory.alloc_slice_fill_with(10_000, |i| i as u64);
        let mut child = memory.child("child", 1 << 20);
        child.open().alloc([1u8; 5_000]);
        let boxed = memory.alloc_box(vec![3u8; 100]);
        if self.attempts < 3 { Err(self.attempts) } else { Ok((numbers, child, boxed)) }
    }
}

fn an_arena_that_could_not_be_filled_comes_back_free_and_a_filled_one_moves_to_another_thread(arena: &mut Arena<'_>) {
    let mut loader = Loader { attempts: 0 };
    let mut free = &mut *arena;
    for attempt in 1..3 {
        let Err((back, error)) = free.open_with(&mut loader) else { panic!("the loader fails twice") };
        assert_eq!((error, back.view().used()), (attempt, 0));
        free = back;
    }
    std::thread::scope(|threads| {
        let Ok((scope, (numbers, mut child, boxed))) = free.open_with(&mut loader) else { panic!("not a third time") };
        threads.spawn(move || {
            let more = scope.alloc_slice_copy(numbers);
            child.open().alloc_zeroed::<u8>(500_000);
            drop(scope);
            assert!(numbers.iter().chain(more.iter()).enumerate().all(|(i, v)| *v == (i % 10_000) as u64));
            assert_eq!(boxed.len(), 100);
        });
    });
    assert_eq!(arena.open().view().used(), 0);
}

fn a_child_that_a_worker_filled_lives_as_long_as_its_parents_scope(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut loader = Loader { attempts: 1 };
    let child = scope.try_child("import", 8 << 20).unwrap();
    let Err((back, error)) = child.into_filled(&mut loader) else { panic!("the loader fails twice") };
    assert_eq!((error, back.view().used()), (2, 0));
    drop(back);
    let child = scope.try_child("import", 8 << 20).unwrap();
    let numbers = std::thread::scope(|threads| {
        let worker = threads.spawn(|| {
            let Ok((inner, (numbers, _, _))) = child.into_filled(&mut loader) else { panic!("not a third time") };
            std::mem::forget(inner);
            &*numbers
        });
        scope.alloc_zeroed::<u8>(500_000);
        worker.join().unwrap()
    });
    assert!(numbers.iter().enumerate().all(|(i, v)| *v == (i % 10_000) as u64));
    assert!(scope.view().used() > 500_000 + size_of_val(numbers));
}

struct Noisy<'d>(&'d Cell<usize>);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

fn boxes_drop_their_value_once_wherever_they_go(arena: &mut Arena<'_>) {
    let drops = Cell::new(0);
    let mut scope = arena.open();
    drop(scope.alloc_box(Noisy(&drops)));
    assert_eq!(drops.get(), 1);
    drop(ArenaBox::into_inner(scope.alloc_box(Noisy(&drops))));
    assert_eq!(drops.get(), 2);
    let raw = ArenaBox::into_raw(scope.alloc_box(Noisy(&drops)));
    // SAFETY:
    // - the pointer is a box's, given up just before; the scope is still open.
    drop(unsafe { ArenaBox::from_raw(raw) });
    assert_eq!(drops.get(), 3);
    ArenaBox::leak(scope.alloc_box(Noisy(&drops)));
    std::mem::forget(scope.alloc_box(Noisy(&drops)));
    {
        let temp = scope.temp();
        let nested = temp.alloc_box((temp.alloc_box(Noisy(&drops)), Noisy(&drops)));
        drop(temp);
        assert_eq!(drops.get(), 3);
        drop(nested);
    }
    assert_eq!(drops.get(), 5);
    let late = scope.alloc_box(Noisy(&drops));
    drop(scope);
    drop(late);
    assert_eq!(drops.get(), 6);
    arena.open().alloc([0u8; 10_000]);
    assert_eq!(drops.get(), 6);
}

#[test]
fn a_root_given_up_for_a_handle_stays_for_good() {
    let root = aside("root", 1 << 20).into_tagged(Tag::UI);
    let kept: &'static mut u32 = root.alloc(7);
    let mut vec = ArenaVec::new_in(root);
    vec.try_extend(0..10_000u32).unwrap();
    assert_eq!((*kept, vec.len(), root.view().name()), (7, 10_000, "root"));
}

fn popped_bytes_are_filled_in_debug_builds_once_nothing_can_refer_to_them(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let temp = scope.temp();
    let popped = temp.alloc([0x11u8; 64]);
    drop(temp);
    assert!(popped.iter().all(|byte| *byte == 0x11), "the handle is gone, the lifetime isn't");
    let again = scope.temp().alloc_layout(std::alloc::Layout::new::<[u8; 64]>());
    // SAFETY:
    // - the block is granted and was written before: by the fill in debug builds, else as an array.
    let bytes = unsafe { std::slice::from_raw_parts(again.as_ptr(), 64) };
    let wanted = if cfg!(debug_assertions) { 0xDD } else { 0x11 };
    assert!(bytes.iter().all(|byte| *byte == wanted));
}

on_both_backings! {
    children_fill_on_other_threads_while_the_parent_is_reported: 64 << 20;
    a_child_that_a_worker_filled_lives_as_long_as_its_parents_scope: 64 << 20;
    a_budget_is_an_error_that_changes_nothing:
        ArenaConfig { limit_bytes: Some(256 << 10), ..ArenaConfig::new("budgeted", 64 << 20) };
    temp_end_restores_position_and_tag_totals: 1 << 20;
    what_a_scope_lent_outlives_the_dropped_handle: 1 << 20;
    a_growing_vector_on_top_of_its_arena_stays_in_place: 64 << 20;
    a_childs_bytes_show_under_its_parent_and_die_with_it: 64 << 20;
    a_full_arena_says_what_was_asked_and_what_is_left: ArenaConfig::new("small", 1 << 20);
    forgotten_cursors_lose_the_rest_and_never_alias: 1 << 20;
    zeroed_bytes_are_zero_also_where_others_were: 16 << 20;
    totals_add_up_while_a_cursor_is_open_and_after_it_is_forgotten: 1 << 20;
    a_refused_vector_takes_nothing: 256 << 10;
    an_arena_that_could_not_be_filled_comes_back_free_and_a_filled_one_moves_to_another_thread: 64 << 20;
    boxes_drop_their_value_once_wherever_they_go: 1 << 20;
    popped_bytes_are_filled_in_debug_builds_once_nothing_can_refer_to_them: 1 << 20;
}
