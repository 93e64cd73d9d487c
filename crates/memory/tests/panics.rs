//! Whatever panics midway (closures, iterators, clones, comparators, hashers, destructors) leaves the arena usable, and every
//! value is dropped exactly once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use backing::on_both_backings;
use random::assert_adds_up;
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use voltrum_memory::{Arena, ArenaBox, ArenaMap, ArenaVec, Pool, Scope, Tag, unsize_box};

/// Who was made and how often each was dropped.
#[derive(Default)]
struct Ledger {
    drops: RefCell<Vec<u32>>,
    clones_left: Cell<usize>,
    /// Whose destructor panics.
    bomb: Cell<usize>,
}

struct Counted {
    number: usize,
    ledger: Rc<Ledger>,
}

impl Ledger {
    fn new() -> Rc<Ledger> {
        Rc::new(Ledger { clones_left: Cell::new(usize::MAX), bomb: Cell::new(usize::MAX), ..Ledger::default() })
    }

    fn make(self: &Rc<Ledger>) -> Counted {
        self.drops.borrow_mut().push(0);
        Counted { number: self.drops.borrow().len() - 1, ledger: self.clone() }
    }

    fn assert_each_dropped_once(&self, made: usize) {
        let drops = self.drops.borrow();
        assert_eq!((drops.len(), drops.iter().all(|count| *count == 1)), (made, true), "{drops:?}");
    }
}

impl Clone for Counted {
    fn clone(&self) -> Counted {
        let left = self.ledger.clones_left.get();
        assert!(left > 0, "no clone left");
        self.ledger.clones_left.set(left - 1);
        self.ledger.make()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger.drops.borrow_mut()[self.number] += 1;
        assert!(self.number != self.ledger.bomb.get() || std::thread::panicking(), "a destructor");
    }
}

fn fails(act: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(act)).is_err(), "it should have panicked");
}

thread_local!(static QUIET: Cell<bool> = const { Cell::new(false) });

/// Runs `act` in a temp of an arena of each backing whose bytes around it must stay, without printing the panics that it provokes.
fn in_a_used_arena(act: impl Fn(&mut Scope<'_>)) {
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                print(info);
            }
        }));
    });
    #[cfg(feature = "std")]
    backing::on_pages(8 << 20, |arena| in_this_arena(arena, &act));
    backing::in_a_buffer(8 << 20, |arena| in_this_arena(arena, &act));
}

fn in_this_arena(arena: &mut Arena<'_>, act: &impl Fn(&mut Scope<'_>)) {
    let mut scope = arena.open();
    let kept = scope.alloc([7u8; 100]);
    for _ in 0..3 {
        let mut temp = scope.temp();
        QUIET.set(true);
        let outcome = catch_unwind(AssertUnwindSafe(|| act(&mut temp)));
        QUIET.set(false);
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
        assert_eq!(temp.alloc_slice_fill(1_000, 5u32), [5; 1_000]);
        assert_eq!(temp.alloc_iter(0..100).len(), 100);
        assert_adds_up(temp.view());
        drop(temp);
        assert_eq!(scope.view().used(), 104);
    }
    assert!(kept.iter().all(|byte| *byte == 7));
}

#[test]
fn a_boxed_slice_that_is_not_finished_drops_what_was_made() {
    in_a_used_arena(|scope| {
        for (at, ledger) in (0..20).map(|at| (at, Ledger::new())) {
            fails(|| {
                scope.alloc_box_slice_fill_with(20, |i| if i == at { panic!("make") } else { ledger.make() });
            });
            ledger.assert_each_dropped_once(at);
        }
    });
}

#[test]
fn a_boxed_clone_that_is_not_finished_drops_what_was_cloned() {
    in_a_used_arena(|scope| {
        for at in 0..10 {
            let ledger = Ledger::new();
            let source: Vec<Counted> = (0..10).map(|_| ledger.make()).collect();
            ledger.clones_left.set(at);
            fails(|| {
                scope.alloc_box_slice_clone(&source);
            });
            drop(source);
            ledger.assert_each_dropped_once(10 + at);
        }
    });
}

#[test]
fn a_boxed_collection_that_is_not_finished_drops_what_it_was_given() {
    in_a_used_arena(|scope| {
        for at in [0, 1, 3, 4, 5, 100] {
            let ledger = Ledger::new();
            fails(|| {
                let items = (0..).map(|i| {
                    assert!(i < at, "next");
                    scope.alloc(i); // the collection is not the last block: it moves as it grows
                    ledger.make()
                });
                scope.alloc_box_iter(items);
            });
            ledger.assert_each_dropped_once(at);
        }
    });
}

fn a_boxed_collection_that_the_arena_can_not_hold_drops_what_it_was_given(arena: &mut Arena<'_>) {
    let ledger = Ledger::new();
    let scope = arena.open();
    assert!(scope.try_alloc_box_iter(std::iter::repeat_with(|| ledger.make())).is_err());
    ledger.assert_each_dropped_once(ledger.drops.borrow().len());
    assert!(scope.try_alloc_box_slice_fill_with(1 << 20, |_| ledger.make()).is_err());
    assert!(scope.try_alloc_box([0u8; 100_000]).is_err());
    let made = ledger.drops.borrow().len();
    let boxed = scope.alloc_box_slice_fill_with(100, |_| ledger.make());
    assert_eq!(ledger.drops.borrow().iter().sum::<u32>() as usize, made);
    drop(boxed);
    ledger.assert_each_dropped_once(made + 100);
}

#[test]
fn a_destructor_that_panics_keeps_no_other_from_running() {
    in_a_used_arena(|scope| {
        for bomb in 0..10 {
            let ledger = Ledger::new();
            ledger.bomb.set(bomb);
            let boxed = scope.alloc_box_slice_fill_with(10, |_| ledger.make());
            fails(|| drop(boxed));
            ledger.assert_each_dropped_once(10);
        }
        let ledger = Ledger::new();
        ledger.bomb.set(0);
        let one: ArenaBox<'_, dyn std::any::Any> = unsize_box!(scope.alloc_box(ledger.make()));
        fails(|| drop(one));
        ledger.assert_each_dropped_once(1);
    });
}

#[test]
fn boxes_drop_once_however_they_are_passed_on() {
    in_a_used_arena(|scope| {
        let ledger = Ledger::new();
        drop(scope.alloc_box(ledger.make()));
        drop(ArenaBox::into_inner(scope.alloc_box_with(|| ledger.make())));
        let dynamic: ArenaBox<'_, dyn std::any::Any> = unsize_box!(scope.alloc_box(ledger.make()));
        let other = dynamic.downcast::<u32>().unwrap_err();
        let back = other.downcast::<Counted>().unwrap();
        assert_eq!(ledger.drops.borrow()[back.number], 0);
        drop(back);
        let slice: ArenaBox<'_, [Counted]> = unsize_box!(scope.alloc_box([ledger.make(), ledger.make()]));
        drop(slice);
        ledger.assert_each_dropped_once(5);
        // What is leaked is not dropped; a box made of it again drops it, once.
        let leaked = ArenaBox::leak(scope.alloc_box(ledger.make()));
        let raw = ArenaBox::into_raw(scope.alloc_box(ledger.make()));
        assert_eq!(ledger.drops.borrow()[5..], [0, 0]);
        // SAFETY:
        // - given up just now, in memory that the scope still lends.
        unsafe {
            drop(ArenaBox::from_raw(std::ptr::NonNull::from(leaked)));
            drop(ArenaBox::from_raw(raw));
        }
        ledger.assert_each_dropped_once(7);
    });
}

#[test]
fn closures_and_iterators_that_panic_lose_their_block_at_most() {
    in_a_used_arena(|scope| {
        fails(|| {
            scope.alloc_with(|| -> u32 { panic!("make {}", scope.alloc(1)) });
        });
        fails(|| {
            let _ = scope.alloc_try_with(|| -> Result<u64, ()> { panic!("make") });
        });
        fails(|| {
            scope.alloc_array_with::<usize, 50>(|i| if i == 49 { panic!("make") } else { i });
        });
        fails(|| {
            scope.alloc_iter_exact((0..100).inspect(|i| assert!(*i < 50)));
        });
        fails(|| {
            scope.alloc_slice_clone(&[Explosive, Explosive]);
        });
        fails(|| {
            scope.alloc_cstr_fmt(format_args!("{Explosive}"));
        });
        fails(|| {
            scope.alloc_box_with(|| -> String { panic!("make") });
        });
    });
}

struct Explosive;
impl Clone for Explosive {
    fn clone(&self) -> Explosive {
        panic!("clone")
    }
}
impl std::fmt::Display for Explosive {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("half")?;
        panic!("fmt")
    }
}

#[test]
fn a_vector_whose_comparator_panics_still_holds_elements_of_its_own() {
    in_a_used_arena(|scope| {
        let memory = scope.tagged(Tag::SCENE);
        for at in [0usize, 1, 10, 100, 300] {
            let fuse = Cell::new(at);
            let burn = || fuse.set(fuse.get().checked_sub(1).unwrap_or_else(|| panic!("burnt down")));
            let fresh = || ArenaVec::try_from_iter_in((0..500u32).map(|i| i * 7 % 500), memory).unwrap();
            let sorted = |vec: &[u32]| {
                let mut all = vec.to_vec();
                all.sort_unstable();
                all
            };
            let mut vec = fresh();
            fails(|| {
                vec.sort_unstable_by(|a, b| {
                    burn();
                    a.cmp(b)
                });
            });
            assert!(sorted(&vec).into_iter().eq(0..500), "sorting loses nothing");
            type Act<'f> = &'f dyn Fn(&mut ArenaVec<'_, u32>, &dyn Fn());
            let acts: [Act<'_>; 4] = [
                &|vec, burn| vec.retain(|i| (burn(), i % 2 == 0).1),
                &|vec, burn| vec.retain_mut(|i| (burn(), *i % 2 == 0).1),
                &|vec, burn| vec.dedup_by(|a, b| (burn(), *a / 9 == *b / 9).1),
                &|vec, burn| vec.dedup_by_key(|a| (burn(), *a / 9).1),
            ];
            for act in acts {
                fuse.set(at);
                let mut vec = fresh();
                fails(|| act(&mut vec, &burn));
                let mut left = sorted(&vec);
                left.dedup();
                assert_eq!(left.len(), vec.len(), "none is there twice");
                assert!(left.iter().all(|i| *i < 500));
                vec.try_push(500).unwrap();
                assert_eq!(vec.pop(), Some(500));
            }
            let mut vec = fresh();
            fuse.set(at);
            fails(|| vec.try_extend((0..).inspect(|_| burn())).unwrap());
            assert_eq!(vec.len(), 500 + at, "what came before the panic stays");
        }
    });
}

/// A hasher that panics when its fuse has burnt down.
#[derive(Clone, Copy)]
struct Fused<'f>(&'f Cell<usize>);
struct Hashing<'f>(&'f Cell<usize>, u64);
impl<'f> BuildHasher for Fused<'f> {
    type Hasher = Hashing<'f>;
    fn build_hasher(&self) -> Hashing<'f> {
        Hashing(self.0, 0)
    }
}
impl Hasher for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.set(self.0.get().checked_sub(1).unwrap_or_else(|| panic!("hash")));
        for byte in bytes {
            self.1 = (self.1 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3).rotate_left(23);
        }
    }
    fn finish(&self) -> u64 {
        self.1
    }
}

#[test]
fn a_map_whose_hasher_panics_stays_a_map() {
    in_a_used_arena(|scope| {
        // Some panic on insert, some as the table grows or is tidied up in place.
        for at in 0..400 {
            let fuse = Cell::new(at);
            let mut map = ArenaMap::with_hasher_in(Fused(&fuse), scope.tagged(Tag::RESOURCES));
            let mut reached = 0u32;
            fails(|| {
                for number in 0.. {
                    map.try_insert(number, number * 2).unwrap();
                    if number >= 20 {
                        map.remove(&(number - 20));
                    }
                    reached = number;
                }
            });
            fuse.set(usize::MAX);
            assert!(map.iter().all(|(key, value)| *value == *key * 2));
            let len = map.len();
            assert!(map.keys().all(|key| *key <= reached + 1) && len <= 22);
            for number in 1_000..1_100 {
                assert_eq!(map.try_insert(number, 0).unwrap(), None);
            }
            assert!((1_000..1_100).all(|number| map.get(&number) == Some(&0)));
            fails(|| {
                map.try_get_or_insert_with(5_000, || panic!("make")).unwrap();
            });
            fails(|| map.retain(|key, _| *key != 1_050 || panic!("retain")));
            assert!(map.get(&5_000).is_none());
        }
    });
}

#[test]
fn a_pool_whose_closure_panics_stays_a_pool() {
    in_a_used_arena(|scope| {
        let mut pool = Pool::try_new_in(scope.tagged(Tag::GEOMETRY), 64).unwrap();
        let handles: Vec<_> = (0..64u32).map(|i| pool.try_insert(i).unwrap()).collect();
        fails(|| pool.retain(|_, value| *value % 2 == 0 || (*value == 33 && panic!("retain"))));
        assert_eq!(pool.iter().count(), pool.len());
        let live = handles.iter().filter(|handle| pool.contains(**handle)).count();
        assert_eq!((live, pool.len()), (64 - 16, 64 - 16));
        while !pool.is_full() {
            pool.try_insert(0).unwrap();
        }
        assert_eq!(pool.len(), 64);
    });
}

on_both_backings! {
    a_boxed_collection_that_the_arena_can_not_hold_drops_what_it_was_given: 64 << 10;
}
