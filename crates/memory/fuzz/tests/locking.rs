//! What an arena's header is to several threads at once: loom tries every order of events, and every value that a relaxed load
//! may give.
//!
//! The model has those fields of a header that threads share, with the orderings of `header.rs`, `children.rs`, `commit.rs`,
//! `heap.rs` and `lock.rs`, and cells for the bytes that they guard: loom stops where two threads may meet in one.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "loom runs its threads one at a time, and checks itself what they share"
)]

use loom::cell::UnsafeCell;
use loom::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};
use loom::sync::atomic::{AtomicBool, AtomicUsize};
use loom::sync::{Mutex, MutexGuard};
use loom::thread;
use std::sync::Arc;

const START: usize = 64;

struct Header {
    position: AtomicUsize,
    committed: AtomicUsize,
    budget: usize,
    dropped: AtomicBool,
    /// A list that is never longer than one.
    children: Mutex<Option<Arc<Header>>>,
    parent: Option<Arc<Header>>,
    /// The header's own memory: read by whoever looks at it, written where it ends.
    place: UnsafeCell<bool>,
    /// What its owner lends.
    bytes: UnsafeCell<u8>,
}

impl Header {
    fn new(budget: usize, parent: Option<&Arc<Header>>) -> Arc<Header> {
        Arc::new(Header {
            position: AtomicUsize::new(START),
            committed: AtomicUsize::new(0),
            budget,
            dropped: AtomicBool::new(false),
            children: Mutex::new(None),
            parent: parent.cloned(),
            place: UnsafeCell::new(true),
            bytes: UnsafeCell::new(0),
        })
    }

    fn lock_children(&self) -> MutexGuard<'_, Option<Arc<Header>>> {
        self.children.lock().unwrap()
    }

    /// `Header::carve`, by the parent's owner.
    fn carve(self: &Arc<Header>) -> Arc<Header> {
        let child = Header::new(usize::MAX, Some(self));
        *self.lock_children() = Some(child.clone());
        child
    }

    /// `Header::claim`, by the owner: it reads what only it writes without atomics.
    fn claim(&self, size: usize) {
        // SAFETY: the caller is the one writer; loom checks it.
        let position = unsafe { self.position.unsync_load() };
        self.position.store(position + size, Relaxed);
        // SAFETY: the bytes were just granted, to nobody else; loom checks it.
        self.bytes.with_mut(|bytes| unsafe { *bytes += 1 });
    }

    /// `Header::unlink_closed`, by the parent's owner; whether the child was over.
    fn settle(&self, flag: Ordering) -> bool {
        let mut list = self.lock_children();
        let Some(child) = list.take_if(|child| child.dropped.load(flag)) else { return list.is_none() };
        child.end();
        // The parent lends the child's bytes from here on.
        // SAFETY: the child's owner is gone; loom checks it.
        child.bytes.with_mut(|bytes| unsafe { *bytes = 0xDD });
        true
    }

    /// `Header::end`, with its own children.
    fn end(&self) {
        if let Some(child) = self.lock_children().take() {
            child.end();
        }
        // SAFETY: nobody looks at this header any more; loom checks it.
        self.place.with_mut(|place| unsafe { *place = false });
    }

    /// What a report makes of a header: from parent to child, each list under its lock.
    fn report(&self) -> usize {
        // SAFETY: who lists a header keeps it; loom checks it.
        assert!(self.place.with(|place| unsafe { *place }), "a header that has ended was reported");
        let used = self.position.load(Relaxed) - START;
        used + self.lock_children().as_ref().map_or(0, |child| child.report())
    }

    /// `Header::charge`.
    fn charge(&self, bytes: usize) -> bool {
        let within = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= self.budget);
        if self.committed.fetch_update(Relaxed, Relaxed, within).is_err() {
            return false;
        }
        let is_charged = self.parent.as_ref().is_none_or(|parent| parent.charge(bytes));
        if !is_charged {
            self.committed.fetch_sub(bytes, Relaxed);
        }
        is_charged
    }

    /// `Header::uncharge`.
    fn uncharge(&self, bytes: usize) {
        self.committed.fetch_sub(bytes, Relaxed);
        self.parent.iter().for_each(|parent| parent.uncharge(bytes));
    }
}

/// A worker fills a child and drops it with `store`; the parent's owner looks for it with `load`, while a third thread reports.
fn a_child_is_dropped(store: Ordering, load: Ordering) {
    loom::model(move || {
        let parent = Header::new(usize::MAX, None);
        let child = parent.carve();
        let worker = thread::spawn(move || {
            child.claim(8);
            child.dropped.store(true, store);
        });
        let reporter = thread::spawn({
            let parent = parent.clone();
            move || assert!([0, 8].contains(&parent.report()))
        });
        if parent.settle(load) {
            assert_eq!(parent.report(), 0);
        }
        worker.join().unwrap();
        reporter.join().unwrap();
        assert!(parent.settle(load), "who has joined the worker sees its flag");
    });
}

#[test]
fn a_dropped_childs_bytes_are_its_parents_once_it_is_unlinked() {
    a_child_is_dropped(Release, Acquire);
}

#[test]
#[should_panic(expected = "Causality violation")]
fn a_flag_that_releases_nothing_would_not_do() {
    a_child_is_dropped(Relaxed, Acquire);
}

#[test]
#[should_panic(expected = "Causality violation")]
fn a_look_at_the_flag_that_acquires_nothing_would_not_do() {
    a_child_is_dropped(Release, Relaxed);
}

#[test]
fn a_report_and_an_unlinking_owner_lock_downwards_and_never_wait_for_each_other() {
    loom::model(|| {
        let parent = Header::new(usize::MAX, None);
        let child = parent.carve();
        let worker = thread::spawn(move || {
            let grandchild = child.carve();
            grandchild.claim(16);
            child.dropped.store(true, Release);
        });
        let reporter = thread::spawn({
            let parent = parent.clone();
            move || assert!([0, 16].contains(&parent.report()))
        });
        parent.settle(Acquire);
        worker.join().unwrap();
        reporter.join().unwrap();
    });
}

#[test]
fn no_order_of_commits_exceeds_the_budget_that_children_share() {
    loom::model(|| {
        let parent = Header::new(5, None);
        let granted: Vec<_> = [3, 3]
            .map(|bytes| {
                let child = Header::new(usize::MAX, Some(&parent));
                thread::spawn(move || {
                    let is_granted = child.charge(bytes);
                    assert_eq!(child.committed.load(Relaxed), if is_granted { bytes } else { 0 });
                    (is_granted, child)
                })
            })
            .into_iter()
            .map(|worker| {
                assert!(parent.committed.load(Relaxed) <= 5);
                worker.join().unwrap()
            })
            .filter(|(is_granted, _)| *is_granted)
            .collect();
        assert_eq!(granted.len(), 1, "one fits, and a request that fails takes nothing from it");
        granted.iter().for_each(|(_, child)| child.uncharge(3));
        assert_eq!(parent.committed.load(Relaxed), 0);
    });
}

/// `lock.rs` without the system.
struct SpinLock {
    is_held: AtomicBool,
    value: UnsafeCell<usize>,
}

impl SpinLock {
    fn with<R>(&self, work: impl FnOnce(&mut usize) -> R) -> R {
        while self.is_held.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
            while self.is_held.load(Relaxed) {
                loom::hint::spin_loop();
            }
        }
        // SAFETY: the lock is held; loom checks it.
        let result = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.is_held.store(false, Release);
        result
    }
}

#[test]
fn the_spin_lock_lets_one_in_at_a_time_and_shows_what_the_last_one_did() {
    loom::model(|| {
        let lock = Arc::new(SpinLock { is_held: AtomicBool::new(false), value: UnsafeCell::new(0) });
        let other = thread::spawn({
            let lock = lock.clone();
            move || lock.with(|value| *value += 1)
        });
        lock.with(|value| *value += 1);
        other.join().unwrap();
        assert_eq!(lock.with(|value| *value), 2);
    });
}

/// A heap of one block: what it hands out, and its arena, which grows under the same lock.
struct Heap {
    is_free: Mutex<Option<bool>>,
    arena: Arc<Header>,
    block: UnsafeCell<u8>,
}

impl Heap {
    fn allocate(&self) -> bool {
        let mut is_free = self.is_free.lock().unwrap();
        if is_free.is_none() {
            self.arena.claim(32);
            *is_free = Some(true);
        }
        is_free.replace(false) == Some(true)
    }

    fn deallocate(&self) {
        *self.is_free.lock().unwrap() = Some(true);
    }
}

#[test]
fn a_heaps_block_has_one_owner_at_a_time_who_sees_it_as_the_last_one_left_it() {
    loom::model(|| {
        let heap = Arc::new(Heap {
            is_free: Mutex::new(None),
            arena: Header::new(usize::MAX, None),
            block: UnsafeCell::new(0),
        });
        let life = |heap: &Heap| {
            if heap.allocate() {
                // SAFETY: the block was granted to this thread; loom checks it.
                heap.block.with_mut(|block| unsafe { *block += 1 });
                heap.deallocate();
            }
        };
        let workers = [(), ()].map(|()| {
            let heap = heap.clone();
            thread::spawn(move || life(&heap))
        });
        // A view reads without the heap's lock.
        assert!([0, 32].contains(&heap.arena.report()));
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        assert!(heap.allocate(), "whoever had it gave it back");
        // SAFETY: as above.
        assert!(heap.block.with(|block| (1..=2).contains(unsafe { &*block })));
    });
}
