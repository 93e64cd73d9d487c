//! Bytes that go from one thread to another without a join between: whoever gets them sees them as they were left.
//!
//! A thread stays until the other one has used what it handed over: ThreadSanitizer forgets what ended threads did, and under
//! it these tests say whether each hand-over is one, or only a matter of luck.

#![cfg(feature = "std")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use voltrum_memory::{Arena, ArenaHeap, Tag};

/// Waits without ordering anything: neither thread learns from it what the other one wrote.
fn wait_for(flag: &AtomicBool) {
    while !flag.load(Relaxed) {
        std::thread::yield_now();
    }
}

#[test]
fn a_dropped_child_hands_its_bytes_to_its_parent() {
    let mut arena = Arena::reserve("parent", 4 << 20);
    for round in 0..20u8 {
        let mut scope = arena.open();
        let used = AtomicBool::new(false);
        std::thread::scope(|threads| {
            let mut child = scope.child("worker", 3 << 20);
            let used = &used;
            threads.spawn(move || {
                let grandchild = child.open().child("grandchild", 1 << 20).into_tagged(Tag::SCENE);
                grandchild.alloc_slice_fill(50_000, round);
                child.open().alloc_slice_fill(100_000, round);
                drop(child);
                wait_for(used);
            });
            let all = loop {
                match scope.try_alloc_zeroed::<u8>(7 << 19) {
                    Ok(all) => break all,
                    Err(_) => std::thread::yield_now(),
                }
            };
            assert!(all.iter().all(|byte| *byte == 0), "round {round}");
            all.fill(round);
            used.store(true, Relaxed);
        });
        drop(scope.temp());
    }
}

#[test]
fn a_block_that_one_thread_frees_may_be_granted_to_another() {
    let heap = ArenaHeap::try_reserve("heap", 64 << 20, Tag::UI).unwrap();
    let (freed, used) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|threads| {
        let (heap, freed, used) = (&heap, &freed, &used);
        threads.spawn(move || {
            let block = heap.allocate(10_000, 16).unwrap();
            // SAFETY: a live block of this heap of 10,000 bytes, freed once and not used again.
            unsafe {
                block.write_bytes(1, 10_000);
                heap.deallocate(block);
            }
            freed.store(block.addr().get(), Relaxed);
            wait_for(used);
        });
        while freed.load(Relaxed) == 0 {
            std::thread::yield_now();
        }
        let block = heap.allocate(10_000, 16).unwrap();
        assert_eq!(block.addr().get(), freed.load(Relaxed), "the only block that was ever free");
        // SAFETY: as above.
        unsafe {
            block.write_bytes(2, 10_000);
            heap.deallocate(block);
        }
        used.store(true, Relaxed);
    });
}
