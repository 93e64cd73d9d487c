//! Bytes that go from one thread to another without a join between: whoever gets them sees them as they were left.
//!
//! A thread stays until the other one has used what it handed over: ThreadSanitizer forgets what ended threads did, and under
//! it these tests say whether each hand-over is one, or only a matter of luck.

#![cfg(feature = "std")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use voltrum_memory::{Arena, ArenaHeap, ArenaMap, ArenaVec, MemoryError, Sole, Tag};

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

/// What one thread builds and another goes on with: every part owns the arena that it lies in.
struct Built<'a> {
    memory: Sole<'a>,
    names: ArenaVec<'a, &'a str, Sole<'a>>,
    numbers: ArenaMap<'a, &'a str, usize, std::hash::BuildHasherDefault<std::hash::DefaultHasher>, Sole<'a>>,
}

impl<'a> Built<'a> {
    fn add(&mut self, count: usize) -> Result<(), MemoryError> {
        for number in self.names.len()..self.names.len() + count {
            let name = &*self.memory.try_alloc_fmt(format_args!("node {number}"))?;
            self.names.try_push(name)?;
            self.numbers.try_insert(name, number)?;
        }
        Ok(())
    }
}

#[test]
fn what_owns_its_arenas_is_built_on_one_thread_and_goes_on_growing_on_another() {
    let mut arena = Arena::reserve("scene", 64 << 20);
    for round in 1..20 {
        let scope = arena.open();
        let child = scope.child("worker", 32 << 20);
        let (handed, used) = (Mutex::new(None), AtomicBool::new(false));
        std::thread::scope(|threads| {
            let (handed, used) = (&handed, &used);
            threads.spawn(move || {
                let own = child.into_tagged(Tag::SCENE);
                let part = |name, bytes| own.child(name, bytes).into_sole(Tag::SCENE);
                let mut built = Built {
                    memory: part("texts", 4 << 20),
                    names: ArenaVec::new_in(part("names", 4 << 20)),
                    numbers: ArenaMap::with_hasher_in(Default::default(), part("numbers", 8 << 20)),
                };
                built.add(round * 100).unwrap();
                *handed.lock().unwrap() = Some(built);
                // the arena around them is this thread's still
                while !used.load(Relaxed) {
                    own.alloc([round; 8]);
                    drop(own.child("more", 64 << 10));
                    std::thread::yield_now();
                    if own.view().used_here() > 1 << 20 {
                        wait_for(used);
                    }
                }
            });
            let mut built: Built<'_> = loop {
                match handed.lock().unwrap().take() {
                    Some(built) => break built,
                    None => std::thread::yield_now(),
                }
            };
            built.add(2_000).unwrap();
            assert_eq!(built.names.len(), round * 100 + 2_000);
            for (number, name) in built.names.iter().enumerate() {
                assert_eq!(built.numbers.get(name), Some(&number), "{name}");
            }
            used.store(true, Relaxed);
        });
    }
}
