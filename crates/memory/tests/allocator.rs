//! The `Allocator` contract of allocator-api2: random operations on raw blocks against a plain model, and foreign collections
//! in an arena against those of the standard library.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use allocator_api2::alloc::Allocator;
use backing::on_both_backings;
use random::{Random, assert_adds_up};
use std::alloc::Layout;
use std::ptr::NonNull;
use std::rc::Rc;
use voltrum_memory::{Arena, Tag, Tagged};

struct Block {
    at: NonNull<u8>,
    layout: Layout,
    fill: u8,
}

impl Block {
    /// Writes all of it, so that an overlap with another block shows there.
    fn fill(at: NonNull<[u8]>, layout: Layout, random: &mut Random) -> Block {
        assert_eq!(at.len(), layout.size());
        let (at, fill) = (at.cast::<u8>(), random.next() as u8 | 1);
        assert!(at.addr().get().is_multiple_of(layout.align()));
        // SAFETY:
        // - the block was granted with this size.
        unsafe { at.write_bytes(fill, layout.size()) };
        Block { at, layout, fill }
    }

    fn bytes(&self, len: usize) -> &[u8] {
        // SAFETY:
        // - the block is live and as large.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr(), len) }
    }

    fn assert_holds(&self, len: usize) {
        assert!(self.bytes(len).iter().all(|byte| *byte == self.fill), "{:?}+{len} was overwritten", self.at);
    }

    fn end(&self) -> usize {
        self.at.addr().get() + self.layout.size().next_multiple_of(8)
    }
}

fn layout(size: usize, random: &mut Random) -> Layout {
    let align = match random.below(60) {
        0 => 1 << 21,
        1..5 => 1 << random.below(17),
        _ => 1 << random.below(7),
    };
    Layout::from_size_align(size, align).expect("small")
}

/// Where the arena's next block without alignment will lie.
fn position(memory: Tagged<'_>) -> usize {
    let nothing = memory.allocate(Layout::new::<()>()).expect("nothing always fits").cast::<u8>();
    // SAFETY:
    // - granted just now.
    unsafe { memory.deallocate(nothing, Layout::new::<()>()) };
    nothing.addr().get()
}

/// One random operation through one of two copies of the handle.
fn step(memory: Tagged<'_>, live: &mut Vec<Block>, random: &mut Random) {
    let copy = memory;
    let memory = &if random.below(2) == 0 { memory } else { copy };
    let size = random.size();
    let wanted = layout(size, random);
    match random.below(6) {
        0 => live.push(Block::fill(memory.allocate(wanted).expect("fits"), wanted, random)),
        1 => {
            let zeros = memory.allocate_zeroed(wanted).expect("fits");
            // SAFETY:
            // - granted just now, all zeros.
            assert!(unsafe { zeros.as_ref() }.iter().all(|byte| *byte == 0));
            live.push(Block::fill(zeros, wanted, random));
        }
        _ if live.is_empty() => {}
        2 => {
            // Often the last one, whose bytes go back.
            let index = if random.below(2) == 0 { live.len() - 1 } else { random.below(live.len()) };
            let block = live.swap_remove(index);
            block.assert_holds(block.layout.size());
            let was_last = block.end() == position(*memory) && block.layout.size() > 0;
            // SAFETY:
            // - live, with this layout, and given up.
            unsafe { memory.deallocate(block.at, block.layout) };
            assert!(!was_last || position(*memory) == block.at.addr().get());
        }
        operation => {
            let index = if random.below(2) == 0 { live.len() - 1 } else { random.below(live.len()) };
            let block = live.swap_remove(index);
            let (old, kept) = (block.layout, size.min(block.layout.size()));
            let was_last = block.end() == position(*memory);
            let grows = size >= old.size();
            // SAFETY:
            // - live, with this layout, and the new size is on the right side of the old one.
            let moved = unsafe {
                match operation {
                    3 if grows => memory.grow(block.at, old, wanted),
                    _ if grows => memory.grow_zeroed(block.at, old, wanted),
                    _ => memory.shrink(block.at, old, wanted),
                }
            };
            let moved = moved.expect("fits");
            let held = Block { at: moved.cast(), layout: wanted, fill: block.fill };
            held.assert_holds(kept);
            if grows && operation != 3 {
                assert!(held.bytes(size)[kept..].iter().all(|byte| *byte == 0));
            }
            let aligned = block.at.addr().get().is_multiple_of(wanted.align());
            assert!(held.at == block.at || !aligned || (grows && !was_last), "moved without need");
            live.push(Block::fill(moved, wanted, random));
        }
    }
}

fn raw_blocks_keep_the_contract_under_random_operations(arena: &mut Arena<'_>) {
    let rounds = if cfg!(debug_assertions) { 300 } else { 3_000 };
    for seed in 0..rounds {
        let mut random = Random::seeded(seed);
        let mut scope = arena.open();
        for _ in 0..3 {
            let temp = scope.temp();
            let memory = temp.tagged(Tag::CLIENT);
            let mut live = Vec::new();
            for _ in 0..random.below(150) {
                step(memory, &mut live, &mut random);
                assert_adds_up(temp.view());
            }
            live.iter().for_each(|block| block.assert_holds(block.layout.size()));
            // Freed in reverse order of address, all but padding and what was left behind by moves goes back.
            live.sort_unstable_by_key(|block| std::cmp::Reverse((block.at, block.layout.size())));
            for block in live {
                // SAFETY:
                // - live, with this layout, and given up.
                unsafe { memory.deallocate(block.at, block.layout) };
            }
            if voltrum_memory::TRACKING {
                assert_adds_up(temp.view());
            }
        }
        assert_eq!(scope.view().used(), 0);
    }
}

fn what_can_not_be_had_is_an_error_and_leaves_the_block_as_it_was(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::CLIENT);
    let small = Layout::from_size_align(100, 8).unwrap();
    let block = Block::fill(memory.allocate(small).unwrap(), small, &mut Random::seeded(1));
    let used = scope.view().used();
    for (size, align) in [(2 << 20, 8), (isize::MAX as usize - 7, 8), (200, 1 << 40), (1 << 62, 1 << 20)] {
        let huge = Layout::from_size_align(size, align).unwrap();
        assert!(memory.allocate(huge).is_err() && memory.allocate_zeroed(huge).is_err());
        // SAFETY:
        // - live, with this layout; on error the caller keeps it.
        unsafe {
            assert!(memory.grow(block.at, small, huge).is_err());
            assert!(memory.grow_zeroed(block.at, small, huge).is_err());
        }
        block.assert_holds(100);
        assert_eq!(scope.view().used(), used);
    }
}

fn a_block_without_size_can_grow_and_be_given_back(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::CLIENT);
    let (nothing, some) = (Layout::new::<()>(), Layout::from_size_align(24, 8).unwrap());
    let blocks = [(); 3].map(|()| memory.allocate(nothing).unwrap().cast::<u8>());
    // SAFETY:
    // - live, without size; the second is grown twice and shrunk to nothing.
    unsafe {
        let grown = memory.grow(blocks[1], nothing, some).unwrap().cast::<u8>();
        grown.write_bytes(7, 24);
        let other = memory.grow(blocks[0], nothing, some).unwrap().cast::<u8>();
        assert_ne!(grown, other);
        other.write_bytes(9, 24);
        assert!((0..24).all(|i| grown.add(i).read() == 7));
        memory.deallocate(other, some);
        let shrunk = memory.shrink(grown, some, nothing).unwrap().cast::<u8>();
        memory.deallocate(shrunk, nothing);
        memory.deallocate(blocks[2], nothing);
    }
    assert_eq!(scope.view().used(), 0);
    assert_adds_up(scope.view());
}

#[derive(Clone)]
struct Counted(u64, #[allow(dead_code, reason = "counts who is alive")] Rc<()>);

fn vectors_of_allocator_api2_do_what_those_of_std_do(arena: &mut Arena<'_>) {
    for seed in 0..if cfg!(debug_assertions) { 200 } else { 2_000 } {
        let mut random = Random::seeded(seed);
        let scope = arena.open();
        let memory = scope.tagged(Tag::CLIENT);
        let alive = Rc::new(());
        let counted = |number| Counted(number, alive.clone());
        let mut theirs: Vec<u64> = Vec::new();
        let mut ours = allocator_api2::vec::Vec::new_in(memory);
        for _ in 0..random.below(120) {
            let (number, len) = (random.next(), ours.len());
            match random.below(12) {
                0..4 => {
                    ours.push(counted(number));
                    theirs.push(number);
                }
                4 => {
                    let at = random.below(len + 1);
                    ours.insert(at, counted(number));
                    theirs.insert(at, number);
                }
                5 if len > 0 => {
                    let at = random.below(len);
                    assert_eq!(ours.remove(at).0, theirs.remove(at));
                }
                6 => {
                    let more = random.below(200) as u64;
                    ours.extend((0..more).map(counted));
                    theirs.extend(0..more);
                }
                7 if len > 0 => {
                    let (from, to) = (random.below(len), random.below(len));
                    let range = from.min(to)..from.max(to);
                    assert!(ours.drain(range.clone()).map(|item| item.0).eq(theirs.drain(range)));
                }
                8 => {
                    ours.retain(|item| item.0 % 3 != 0);
                    theirs.retain(|item| item % 3 != 0);
                    ours.shrink_to_fit();
                }
                9 => {
                    let at = random.below(len + 1);
                    let (tail, theirs_tail) = (ours.split_off(at), theirs.split_off(at));
                    assert!(tail.iter().map(|item| item.0).eq(theirs_tail));
                }
                // A clone allocates through a clone of the handle; the old one goes.
                10 => ours = ours.clone(),
                _ => ours.reserve(random.below(500)),
            }
            assert!(ours.iter().map(|item| &item.0).eq(&theirs));
            assert_eq!(Rc::strong_count(&alive), 1 + theirs.len());
            assert_adds_up(scope.view());
        }
        drop(ours);
        assert_eq!(Rc::strong_count(&alive), 1);
    }
}

fn maps_of_hashbrown_do_what_those_of_std_do(arena: &mut Arena<'_>) {
    for seed in 0..if cfg!(debug_assertions) { 100 } else { 1_000 } {
        let mut random = Random::seeded(seed);
        let scope = arena.open();
        let memory = scope.tagged(Tag::CLIENT);
        let alive = Rc::new(());
        let mut theirs = std::collections::HashMap::new();
        let mut ours = hashbrown::HashMap::with_hasher_in(hashbrown::DefaultHashBuilder::default(), memory);
        for _ in 0..random.below(600) {
            let (key, number) = (random.below(300), random.next());
            match random.below(12) {
                0..7 => {
                    let was = ours.insert(key, Counted(number, alive.clone())).map(|item: Counted| item.0);
                    assert_eq!(was, theirs.insert(key, number));
                }
                7..9 => assert_eq!(ours.remove(&key).map(|item| item.0), theirs.remove(&key)),
                9 => {
                    ours.retain(|key, _| key % 5 != 0);
                    theirs.retain(|key, _| key % 5 != 0);
                }
                10 => ours.shrink_to_fit(),
                _ => ours = ours.clone(),
            }
            assert_eq!((ours.len(), ours.get(&key).map(|item| item.0)), (theirs.len(), theirs.get(&key).copied()));
        }
        assert!(theirs.iter().all(|(key, number)| ours.get(key).is_some_and(|item| item.0 == *number)));
        assert_eq!(Rc::strong_count(&alive), 1 + theirs.len());
        assert_adds_up(scope.view());
        drop(ours);
        assert_eq!(Rc::strong_count(&alive), 1);
    }
}

fn boxes_of_allocator_api2_drop_their_values_and_give_their_bytes_back(arena: &mut Arena<'_>) {
    use allocator_api2::boxed::Box;
    #[repr(align(256))]
    struct Aligned([u8; 300]);
    let scope = arena.open();
    let memory = scope.tagged(Tag::CLIENT);
    let alive = Rc::new(());
    {
        let one = Box::new_in(Counted(1, alive.clone()), memory);
        let two = one.clone();
        let aligned = Box::new_in(Aligned([3; 300]), memory);
        let slice: Box<[Counted], _> = [one, two].into_iter().map(|b| (*b).clone()).collect_in(memory);
        assert!((&raw const *aligned).addr().is_multiple_of(256) && aligned.0 == [3; 300]);
        assert_eq!((slice.len(), Rc::strong_count(&alive)), (2, 3));
    }
    assert_eq!(Rc::strong_count(&alive), 1);
    assert_adds_up(scope.view());
}

/// `collect` with an allocator.
trait CollectIn: Iterator + Sized {
    fn collect_in<'a>(self, memory: Tagged<'a>) -> allocator_api2::boxed::Box<[Self::Item], Tagged<'a>> {
        let mut vec = allocator_api2::vec::Vec::new_in(memory);
        vec.extend(self);
        vec.into_boxed_slice()
    }
}
impl<I: Iterator> CollectIn for I {}

on_both_backings! {
    raw_blocks_keep_the_contract_under_random_operations: 4 << 30;
    what_can_not_be_had_is_an_error_and_leaves_the_block_as_it_was: 1 << 20;
    a_block_without_size_can_grow_and_be_given_back: 1 << 20;
    vectors_of_allocator_api2_do_what_those_of_std_do: 1 << 30;
    maps_of_hashbrown_do_what_those_of_std_do: 1 << 30;
    boxes_of_allocator_api2_drop_their_values_and_give_their_bytes_back: 1 << 20;
}
