//! Children: arenas carved from an arena, on this thread and on others.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use backing::{aside, on_both_backings};
use random::assert_adds_up;
use std::sync::atomic::{AtomicBool, Ordering};
use voltrum_memory::{Arena, ArenaConfig, MemoryReport, Tag};

fn budgeted(bytes: usize) -> ArenaConfig {
    ArenaConfig { limit_bytes: Some(bytes), ..ArenaConfig::new("budgeted", 256 << 20) }
}

fn a_child_of_a_temp_ends_with_it_although_an_outer_child_ended_before(arena: &mut Arena<'_>) {
    let mut frame = arena.open();
    let committed = frame.view().committed();
    for _ in 0..200 {
        let outer = frame.child("outer", 8 << 20);
        let temp = frame.temp();
        drop(outer);
        // It takes the room, and part of the addresses, that the outer child had when the temp began.
        let inner = temp.child("inner", 1 << 20).into_tagged(Tag::FRAME);
        inner.alloc([1u8; 1_000]);
        assert_eq!(temp.view().used(), 1_000);
        drop(temp);
        assert_eq!(frame.view().used(), 0);
        assert_adds_up(frame.view());
    }
    assert_eq!(frame.temp().view().committed(), committed);
}

fn a_child_of_a_dropped_scope_stays_usable_for_the_scopes_lifetime(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut child = scope.child("child", 1 << 20);
    let array = scope.child("array", 4 << 20).into_tagged(Tag::SCENE);
    let lent = array.alloc([7u8; 300]);
    drop(scope);
    let inner = child.open();
    let numbers = inner.alloc_slice_fill_with(50_000, |i| i);
    let more = array.alloc_slice_fill_with(400_000, |i| i as u64);
    assert!(numbers.iter().enumerate().all(|(i, v)| *v == i));
    assert!(more.iter().enumerate().all(|(i, v)| *v == i as u64));
    assert!(lent.iter().all(|v| *v == 7));
    drop(inner);
    drop(child);
    assert_eq!(arena.open().view().used(), 0);
}

fn children_of_children_end_with_the_root_of_them(arena: &mut Arena<'_>) {
    let empty = arena.open().view().committed();
    for round in 0..20 {
        let scope = arena.open();
        let mut child = scope.child("child", 16 << 20);
        let inner = child.open();
        let mut grandchild = inner.child("grandchild", 2 << 20);
        let innermost = grandchild.open();
        innermost.tagged(Tag::GEOMETRY).alloc_slice_fill_with(round * 1_000, |i| i as u8);
        inner.alloc([0u8; 5]);
        assert_eq!(scope.view().used(), round * 1_000 + 8);
        assert_adds_up(scope.view());
        if round % 2 == 0 {
            std::mem::forget((innermost, scope.child("forgotten", 1 << 20)));
        }
    }
    assert_eq!(arena.open().view().committed(), empty);
}

fn a_parent_takes_back_a_dropped_child_while_its_scope_goes_on(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let before = scope.view().committed();
    for round in 0..25u8 {
        let mut child = scope.child("load", 3 << 20);
        // More than half of the reservation: it fits only where the one before has been taken back.
        let bytes = child.open().alloc_zeroed::<u8>(2 << 20).iter().filter(|byte| **byte != 0).count();
        assert_eq!(bytes, 0, "round {round}");
        child.open().alloc_slice_fill_with(2 << 20, |_| 0xAAu8);
    }
    scope.alloc_zeroed::<u8>(7 << 20);
    assert!(scope.view().committed() > before.max(7 << 20));
}

fn dropping_a_child_on_another_thread_hands_its_bytes_over(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let written = vec![0xABu8; 5 << 20];
    std::thread::scope(|threads| {
        for round in 0..20u8 {
            let mut child = scope.child("worker", 3 << 20);
            let worker = threads.spawn(move || {
                child.open().alloc_slice_fill_with(100_000, |_| round);
                drop(child);
            });
            if round % 2 == 0 {
                worker.join().unwrap();
                let zeros =
                    scope.try_child("after", 4 << 20).unwrap().open().alloc_zeroed::<u8>(3 << 20).iter().sum::<u8>();
                assert_eq!(zeros, 0);
            } else {
                // Without waiting: the room is there, or it isn't yet.
                let mut after = loop {
                    match scope.try_child("after", 6 << 20) {
                        Ok(after) => break after,
                        Err(_) => std::thread::yield_now(),
                    }
                };
                let copy = after.open().alloc_slice_copy(&written).to_vec();
                assert!(copy == written);
            }
        }
    });
}

fn a_view_reads_from_another_thread_while_the_owner_opens_closes_carves_and_trims(arena: &mut Arena<'_>) {
    let done = AtomicBool::new(false);
    let (mut watched, view) = arena.watched();
    std::thread::scope(|threads| {
        let done = &done;
        threads.spawn(move || {
            for round in 0..300usize {
                let mut scope = watched.open();
                scope.tagged(Tag::UI).alloc_slice_fill_with(round * 7, |i| i as u8);
                {
                    let temp = scope.temp();
                    let mut child = temp.child("child", 2 << 20);
                    child.open().alloc([0u64; 400]);
                    temp.child("array", 1 << 20).into_tagged(Tag::SCENE).alloc([1u8; 900]);
                }
                let mut cursor = scope.cursor();
                cursor.alloc(round);
                drop(cursor);
                drop(scope);
                if round % 16 == 0 {
                    watched.trim(64 << 10);
                }
            }
            done.store(true, Ordering::Release);
        });
        let mut reports = aside("report", 4 << 20);
        while !done.load(Ordering::Acquire) {
            let scope = reports.open();
            let report = MemoryReport::try_collect(scope.tagged(Tag::REPORT), &[view.per_frame()]).unwrap();
            assert!(report.committed() <= view.reserved());
            assert!(report.json().to_string().starts_with('{'));
        }
    });
    assert_eq!(arena.open().view().used(), 0);
}

fn children_cant_take_what_the_parent_uses_nor_the_parent_what_children_have(arena: &mut Arena<'_>) {
    let scope = arena.open();
    scope.alloc_zeroed::<u8>(600 << 10);
    assert!(scope.try_child("too large", 500 << 10).is_err());
    let child = scope.try_child("fits", 256 << 10).unwrap();
    assert!(scope.try_alloc_zeroed::<u8>(256 << 10).is_err());
    scope.try_alloc_zeroed::<u8>(64 << 10).unwrap();
    assert!(scope.try_child("absurd", usize::MAX - 4_096).is_err());
    assert!(scope.try_child("absurd", isize::MAX as usize).is_err());
    drop(child);
    scope.try_alloc_zeroed::<u8>(256 << 10).unwrap();
    assert_adds_up(scope.view());
}

fn a_budget_holds_for_children_and_their_children(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let mut child = scope.child("child", 64 << 20);
    let inner = child.open();
    let mut grandchild = inner.child("grandchild", 16 << 20);
    let deepest = grandchild.open();
    let mut granted = 0;
    let error = loop {
        match deepest.try_alloc_zeroed::<u8>(50_000) {
            Ok(_) => granted += 50_000,
            Err(error) => break error,
        }
    };
    assert_eq!((error.arena(), error.reason()), ("budgeted", voltrum_memory::Reason::Budget));
    assert!(granted > 500_000 && granted < 1 << 20, "{granted}");
    assert!(scope.view().committed() <= 1 << 20);
    drop(deepest);
    drop(grandchild);
    inner.alloc_zeroed::<u8>(granted - 100_000);
}

fn workers_near_a_budget_fail_alone(arena: &mut Arena<'_>) {
    for _ in 0..50 {
        let scope = arena.open();
        let (mut greedy, mut modest) = (scope.child("greedy", 64 << 20), scope.child("modest", 64 << 20));
        std::thread::scope(|threads| {
            threads.spawn(move || {
                let scope = greedy.open();
                assert!((0..200).all(|_| scope.try_alloc_zeroed::<u8>(32 << 20).is_err()));
            });
            threads.spawn(move || {
                let scope = modest.open();
                // Requests that can't be granted don't get in the way of one that can.
                assert!((0..10).all(|_| scope.try_alloc_zeroed::<u8>(50_000).is_ok()));
            });
        });
    }
}

fn the_peak_counts_children_that_were_there_together_also_after_their_end(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let view = scope.view();
    scope.alloc_zeroed::<u8>(1_000);
    {
        let temp = scope.temp();
        temp.alloc_zeroed::<u8>(3_000);
        for name in ["one", "two", "three"] {
            temp.child(name, 4 << 20).into_tagged(Tag::SCENE).alloc_zeroed::<u8>(1_000_000);
        }
        assert_eq!((view.used(), view.peak()), (3_004_000, 3_004_000));
    }
    assert_eq!((view.used(), view.peak()), (1_000, 3_004_000));
    scope.temp().alloc(1u64);
    assert_eq!((view.used(), view.peak()), (1_000, 3_004_000));
}

on_both_backings! {
    a_view_reads_from_another_thread_while_the_owner_opens_closes_carves_and_trims: 64 << 20;
    a_budget_holds_for_children_and_their_children: budgeted(1 << 20);
    workers_near_a_budget_fail_alone: budgeted(2 << 20);
    a_child_of_a_temp_ends_with_it_although_an_outer_child_ended_before: 64 << 20;
    a_child_of_a_dropped_scope_stays_usable_for_the_scopes_lifetime: 64 << 20;
    children_of_children_end_with_the_root_of_them: 64 << 20;
    a_parent_takes_back_a_dropped_child_while_its_scope_goes_on: 8 << 20;
    dropping_a_child_on_another_thread_hands_its_bytes_over: 8 << 20;
    children_cant_take_what_the_parent_uses_nor_the_parent_what_children_have: 1 << 20;
    the_peak_counts_children_that_were_there_together_also_after_their_end: 64 << 20;
}
