//! What may cross to another thread, and what may not, in both directions; scratch arenas in workers.
#![cfg(feature = "std")]

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use voltrum_memory::{
    Arena, ArenaBox, ArenaConfig, ArenaHeap, ArenaMap, ArenaString, ArenaVec, ArenaView, Bytes, CountingHeap, Cursor,
    Handle, HeapScope, HeapStats, HeapUsage, MemoryError, MemoryReport, PagePolicy, Pool, Reason, Scope, Scratch, Tag,
    TagUsage, Tagged,
};

/// Whether a type has a trait: an inherent constant, which exists where it has, goes before the one of a trait.
macro_rules! has {
    ($t:ty: $bound:path) => {{
        #[allow(dead_code, reason = "only where the bound does not hold")]
        trait Otherwise {
            const HAS: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "only where the bound holds")]
        impl<T: ?Sized + $bound> Probe<T> {
            const HAS: bool = true;
        }
        <Probe<$t>>::HAS
    }};
}

/// `Type: can it be sent, can it be shared;`
macro_rules! assert_threads {
    ($($t:ty: $send:literal, $sync:literal;)*) => { $(
        assert_eq!((has!($t: Send), has!($t: Sync)), ($send, $sync), stringify!($t));
    )* };
}

#[test]
fn each_type_is_send_and_sync_exactly_where_it_is_sound() {
    assert_threads! {
        // The probe itself.
        u32: true, true;
        Cell<u32>: true, false;
        Rc<u32>: false, false;
        // Owners move their role as the one writer; shared, they only show figures.
        Arena<'_>: true, true;
        Scratch<'_>: true, true;
        // A scope moves while nothing borrows it; shared, two threads would allocate at once.
        Scope<'_>: true, false;
        // Copies of a handle stay behind when one moves.
        Tagged<'_>: false, false;
        Cursor<'_, '_>: false, false;
        // Collections hold a handle and give it out.
        ArenaVec<'_, u32>: false, false;
        ArenaString<'_>: false, false;
        ArenaMap<'_, u32, u32>: false, false;
        Pool<'_, u32>: false, false;
        // A box is its value.
        ArenaBox<'_, u32>: true, true;
        ArenaBox<'_, [String]>: true, true;
        ArenaBox<'_, Cell<u32>>: true, false;
        ArenaBox<'_, Rc<u32>>: false, false;
        ArenaBox<'_, [Rc<u32>]>: false, false;
        ArenaBox<'_, std::sync::MutexGuard<'_, u32>>: false, true;
        ArenaBox<'_, dyn Any>: false, false;
        ArenaBox<'_, dyn Any + Send>: true, false;
        ArenaBox<'_, dyn Any + Send + Sync>: true, true;
        // References that were lent are references.
        &mut [u32]: true, true;
        &mut Cell<u32>: true, false;
        // Names, figures, plain data.
        Handle<Rc<u32>>: true, true;
        ArenaView<'_>: true, true;
        MemoryReport<'_>: true, true;
        MemoryError: true, true;
        Reason: true, true;
        ArenaConfig: true, true;
        PagePolicy: true, true;
        Tag: true, true;
        TagUsage: true, true;
        Bytes: true, true;
        // Heaps lock.
        ArenaHeap: true, true;
        HeapStats: true, true;
        CountingHeap: true, true;
        HeapUsage: true, true;
        // Guards a thread's own state.
        HeapScope: false, false;
    }
}

#[test]
fn boxes_and_data_made_by_a_worker_arrive_whole() {
    let mut arena = Arena::reserve("loads", 64 << 20);
    let scope = arena.open();
    let mut children: Vec<Arena<'_>> = (0..4).map(|_| scope.child("worker", 4 << 20)).collect();
    let words: Vec<ArenaBox<'_, [String]>> = std::thread::scope(|threads| {
        let workers: Vec<_> = children
            .iter_mut()
            .enumerate()
            .map(|(n, child)| {
                threads.spawn(move || child.open().alloc_box_slice_fill_with(100, |i| format!("{n}-{i}")))
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    for (n, words) in words.iter().enumerate() {
        assert!(words.iter().enumerate().all(|(i, word)| *word == format!("{n}-{i}")));
    }
}

/// Fibonacci numbers by a tree of calls, each with results in one arena and its notes in the other, exchanged at each level.
fn tree<'a>(depth: u32, memory: &mut Scope<'a>, scratch: &mut Scope<'_>) -> &'a [u64] {
    let mut temp = scratch.temp();
    let notes = temp.alloc_slice_fill(10 + depth as usize, u64::from(depth));
    let result = if depth < 2 {
        memory.alloc_slice_fill(1, u64::from(depth))
    } else {
        let left = tree(depth - 1, &mut temp, memory);
        let right = tree(depth - 2, &mut temp, memory);
        memory.alloc_iter(left.iter().chain(right).copied())
    };
    assert!(notes.iter().all(|note| *note == u64::from(depth)), "nobody wrote over the notes");
    result
}

#[test]
fn two_scratch_arenas_are_enough_for_any_depth() {
    let mut arena = Arena::reserve("loads", 64 << 20);
    let scope = arena.open();
    let sums: Vec<u64> = std::thread::scope(|threads| {
        let workers: Vec<_> = (0..4)
            .map(|n| {
                let carved = Scratch::try_carve("worker scratch", 4 << 20, scope.tagged(Tag::RESOURCES));
                let mut scratch = carved.unwrap();
                threads.spawn(move || {
                    let mut sum = 0;
                    for _ in 0..3 {
                        let (mut memory, mut other) = scratch.open();
                        let leaves = tree(12 + n, &mut memory, &mut other);
                        sum = leaves.iter().sum();
                        assert_eq!(memory.view().used(), leaves.len() * 8, "only the result is left");
                        assert_eq!(other.view().used(), 0);
                    }
                    scratch.trim(0);
                    assert!(scratch.views().iter().all(|view| view.used() == 0));
                    sum
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(sums, [144, 233, 377, 610]);
}
