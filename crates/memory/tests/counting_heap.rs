//! The counting global allocator: what the Rust heap holds, by the tag of the scope it was taken in.
#![cfg(feature = "std")]

use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;
use std::sync::Mutex;
use voltrum_memory::{CountingHeap, TRACKING, Tag, heap_scope, heap_usage};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

/// The counters are process-wide: tests that read them take turns.
static TURN: Mutex<()> = Mutex::new(());

const OWN: Tag = Tag::new(41, "OWN", "what these tests take");

fn own() -> (usize, usize) {
    heap_usage().map_or((0, 0), |heap| (heap.tag(OWN).bytes, heap.tag(OWN).count))
}

#[test]
fn bytes_are_charged_to_the_scope_they_were_taken_in_and_given_back_to_it() {
    let _turn = TURN.lock();
    let before = own();
    let (boxed, mut vec) = {
        let _own = heap_scope(OWN);
        let vec = Vec::<u64>::with_capacity(100);
        let _foreign = heap_scope(Tag::FOREIGN);
        drop(vec![0u8; 5_000]);
        (Box::new([1u8; 300]), vec)
    };
    if TRACKING {
        assert_eq!(own(), (before.0 + 800, before.1 + 1)); // the box was taken in the inner scope
    }
    vec.extend(0..101); // grows outside of the scope: its tag stays
    if TRACKING {
        assert_eq!(own(), (before.0 + 1_600, before.1 + 1));
    }
    assert!(boxed.iter().all(|byte| *byte == 1));
    std::thread::spawn(move || drop((boxed, vec))).join().unwrap();
    assert_eq!(own(), before);
}

#[test]
fn a_scope_ends_with_its_guard_on_its_own_thread_alone() {
    // A tag of its own: a thread frees its last blocks, charged here, at some moment after it was waited for.
    let held = || heap_usage().map_or(0, |heap| heap.tag(Tag::CLIENT).bytes);
    let _turn = TURN.lock();
    let before = held();
    let _client = heap_scope(Tag::CLIENT);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let there = black_box(vec![0u8; 70_000]);
            assert!(held() < before + 70_000);
            drop(there);
        });
    });
}

#[test]
fn blocks_of_every_alignment_keep_their_contents_when_they_move() {
    let _turn = TURN.lock();
    let before = own();
    let guard = heap_scope(OWN);
    for align in (0..16).map(|power| 1usize << power) {
        for (size, new_size) in [(1, 100), (100, 1), (5_000, 70_000), (300_000, 10)] {
            let layout = Layout::from_size_align(size, align).unwrap();
            // SAFETY:
            // - sizes are above zero; blocks are used within their size and freed once, with the layout they have.
            unsafe {
                let block = HEAP.alloc(layout);
                assert!(!block.is_null() && block.addr().is_multiple_of(align));
                block.write_bytes(0xA5, size);
                let moved = HEAP.realloc(block, layout, new_size);
                assert!(moved.addr().is_multiple_of(align));
                let kept = std::slice::from_raw_parts(moved, size.min(new_size));
                assert!(kept.iter().all(|byte| *byte == 0xA5), "{align} {size} {new_size}");
                HEAP.dealloc(moved, Layout::from_size_align(new_size, align).unwrap());
                let zeros = HEAP.alloc_zeroed(layout);
                assert!(std::slice::from_raw_parts(zeros, size).iter().all(|byte| *byte == 0));
                HEAP.dealloc(zeros, layout);
            }
        }
    }
    drop(guard);
    assert_eq!(own(), before);
}

#[test]
fn sizes_at_the_end_of_the_address_space_are_refused() {
    let _turn = TURN.lock();
    let before = own();
    let guard = heap_scope(OWN);
    for align in [1usize, 8, 16, 4_096] {
        let largest = (isize::MAX as usize) & !(align - 1);
        let layout = Layout::from_size_align(largest, align).unwrap();
        let small = Layout::from_size_align(64, align).unwrap();
        // SAFETY:
        // - sizes are above zero; what is refused isn't used, and the small block stays as it was.
        unsafe {
            // Seen by black_box, or the optimiser takes an unused block for granted.
            assert!(black_box(HEAP.alloc(layout)).is_null());
            assert!(black_box(HEAP.alloc_zeroed(layout)).is_null());
            let block = HEAP.alloc(small);
            // With the prefix, or with its rounding to the alignment, these pass the end.
            for less in [0, 8, 15, 16].into_iter().filter(|less| *less < 16 || align < 16) {
                let Ok(new) = Layout::from_size_align(largest - less, align) else { continue };
                assert!(black_box(HEAP.realloc(block, small, new.size())).is_null());
            }
            HEAP.dealloc(block, small);
        }
    }
    drop(guard);
    assert_eq!(own(), before);
}

#[test]
fn threads_that_pass_blocks_on_leave_the_totals_at_zero() {
    let _turn = TURN.lock();
    let before = own();
    let (send, receive) = std::sync::mpsc::sync_channel::<Vec<u8>>(16);
    std::thread::scope(|threads| {
        for seed in 0..3usize {
            let send = send.clone();
            threads.spawn(move || {
                for index in 0..2_000 {
                    let vec = {
                        let _own = heap_scope(OWN);
                        vec![seed as u8; 1 + index % 777]
                    };
                    send.send(vec).unwrap();
                }
            });
        }
        drop(send);
        for vec in receive {
            assert!(vec.iter().all(|byte| *byte == vec[0]));
        }
    });
    assert_eq!(own(), before);
    if TRACKING {
        let heap = heap_usage().unwrap();
        assert!(heap.tag(OWN).peak >= 777 && heap.allocations >= 6_000);
        assert!(heap.live_bytes_without(OWN) <= heap.live_bytes);
    } else {
        assert!(heap_usage().is_none());
    }
}
