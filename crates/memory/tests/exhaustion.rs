//! Out of memory in what takes memory in its own way: heaps, arenas in arenas, scratch arenas, nested cursors. Each request in
//! turn fails, alone or with all that follow.
#![cfg(feature = "faults")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::ptr::NonNull;
use voltrum_memory::{Arena, ArenaHeap, ArenaVec, ArenaView, Cursor, Faults, MemoryError, Reason, Scratch, Tag};

/// A block of a heap, and the byte that fills it.
struct Block {
    at: NonNull<u8>,
    size: usize,
    align: usize,
    fill: u8,
}

impl Block {
    fn assert_filled(&self, size: usize) {
        // SAFETY: a live block of at least so many bytes, all written.
        let bytes = unsafe { std::slice::from_raw_parts(self.at.as_ptr(), size) };
        // By one comparison of memory: blocks are looked at all the time.
        assert!(
            bytes[0] == self.fill && bytes[1..] == bytes[..size - 1],
            "a block of {} bytes was overwritten",
            self.size
        );
    }

    fn fill(&self) {
        // SAFETY: a live block of that size.
        unsafe { self.at.write_bytes(self.fill, self.size) };
    }
}

/// Allocates, reallocates and frees; every refusal leaves the heap as it was, and every block whole.
fn live_in(heap: &ArenaHeap) {
    let mut blocks: Vec<Block> = Vec::new();
    for step in 0..200usize {
        let (size, align) = (step * 7_919 % 30_000 + 1, 8 << (step % 11));
        let before = heap.stats();
        match step % 5 {
            0 | 1 => match heap.allocate(size, align) {
                Some(at) => {
                    blocks.push(Block { at, size, align, fill: step as u8 });
                    blocks[blocks.len() - 1].fill();
                }
                None => assert_eq!(heap.stats(), before),
            },
            2 | 3 if !blocks.is_empty() => {
                let index = step % blocks.len();
                let block = &mut blocks[index];
                // SAFETY: a live block with its alignment; where it moved, only its new address is used.
                match unsafe { heap.reallocate(block.at, size * 2, block.align) } {
                    Some(at) => {
                        let kept = block.size.min(size * 2);
                        (block.at, block.size) = (at, size * 2);
                        block.assert_filled(kept);
                        block.fill();
                    }
                    None => assert_eq!(heap.stats(), before),
                }
            }
            _ if blocks.len() > 20 => {
                let block = blocks.swap_remove(step % blocks.len());
                // SAFETY: a live block, forgotten here.
                unsafe { heap.deallocate(block.at) };
            }
            _ => {}
        }
        blocks.iter().for_each(|block| block.assert_filled(block.size));
        assert_eq!(heap.stats().live_bytes, blocks.iter().map(|block| block.size).sum::<usize>());
    }
    for block in blocks {
        // SAFETY: a live block, forgotten here.
        unsafe { heap.deallocate(block.at) };
    }
    assert_eq!((heap.stats().live_bytes, heap.stats().live_count), (0, 0));
}

/// Runs with the plans for request 0, 1, 2... until none was refused: how many requests there are.
fn with_each_request_refused(plan: fn(u64) -> Faults, mut run: impl FnMut()) -> u64 {
    for n in 0.. {
        assert!(n < 1_000);
        let faults = plan(n);
        run();
        if faults.refused() == 0 {
            return n;
        }
    }
    unreachable!()
}

#[test]
fn a_heap_that_is_refused_a_page_keeps_its_blocks_and_grows_again_later() {
    for plan in [Faults::at_request, Faults::from_request] {
        let requests = with_each_request_refused(plan, || {
            if let Ok(heap) = ArenaHeap::try_reserve("heap", 64 << 20, Tag::UI) {
                live_in(&heap);
            }
        });
        assert!(requests > 4, "{requests}");
    }
    let heap = ArenaHeap::try_reserve("heap", 64 << 20, Tag::UI).unwrap();
    let faults = Faults::from_request(0);
    live_in(&heap);
    assert!(faults.refused() > 0);
    drop(faults);
    live_in(&heap);
    assert!(heap.view().committed() > 1 << 20);
}

/// What a step that failed must leave alone: what is in use, here and in children.
fn unchanged<T>(view: ArenaView<'_>, step: impl FnOnce() -> Result<T, MemoryError>) -> Result<T, MemoryError> {
    let before = (view.used(), view.padding());
    let result = step();
    if let Err(error) = &result {
        assert_eq!(((view.used(), view.padding()), error.reason()), (before, Reason::Commit(12)), "{error}");
    }
    result
}

/// A child, its child, and an array alone in a child of that.
fn descend(arena: &mut Arena<'_>) -> Result<(), MemoryError> {
    let scope = arena.open();
    let view = scope.view();
    let mut child = unchanged(view, || scope.try_child("child", 32 << 20))?;
    let child = child.open();
    unchanged(view, || child.try_alloc_zeroed::<u8>(300_000))?;
    let mut grandchild = unchanged(view, || child.try_child("grandchild", 8 << 20))?;
    let inner = grandchild.open();
    unchanged(view, || inner.try_alloc_zeroed::<u8>(1_000_000))?;
    let array = unchanged(view, || inner.try_child("array", 4 << 20))?.into_tagged(Tag::SCENE);
    let mut numbers = ArenaVec::new_in(array);
    for number in 0..200_000u32 {
        unchanged(array.view(), || numbers.try_push(number))?;
    }
    assert!(numbers.iter().enumerate().all(|(index, number)| *number == index as u32));
    let mut scratch = unchanged(view, || Scratch::try_carve("scratch", 2 << 20, scope.tagged(Tag::UI)))?;
    let (memory, mut other) = scratch.open();
    memory.try_alloc_zeroed::<u8>(200_000)?;
    other.temp().try_alloc_zeroed::<u8>(400_000)?;
    drop((memory, other));
    // What fits is granted, whatever was refused.
    inner.try_alloc([1u8; 64])?;
    Ok(())
}

/// Cursors in cursors, each of which grows.
fn nest(cursor: &mut Cursor<'_, '_>, depth: u32) -> Result<(), MemoryError> {
    let mark = cursor.try_alloc(u64::from(depth))?;
    for number in 0..4_000u64 {
        let block = cursor.try_alloc([number; 4])?;
        assert_eq!(*block, [number; 4]);
    }
    let result = if depth < 4 { nest(&mut cursor.temp(), depth + 1) } else { Ok(()) };
    assert_eq!(*mark, u64::from(depth), "no nested cursor writes over what it is nested in");
    result
}

#[test]
fn arenas_in_arenas_say_what_was_refused_and_end_as_they_were() {
    for plan in [Faults::at_request, Faults::from_request] {
        let mut arena = Arena::reserve("root", 128 << 20);
        let empty = arena.open().view().committed();
        let mut errors = 0;
        let requests = with_each_request_refused(plan, || {
            errors += u64::from(descend(&mut arena).is_err());
            let scope = arena.open();
            assert_eq!((scope.view().used(), scope.view().committed()), (0, empty));
        });
        assert!(requests > 10 && errors > 5 && errors <= requests, "{errors} of {requests}");
    }
}

#[test]
fn nested_cursors_that_are_refused_pages_hand_back_what_they_had() {
    for (plan, is_made_up_for) in [(Faults::at_request as fn(u64) -> Faults, true), (Faults::from_request, false)] {
        let mut errors = 0;
        let requests = with_each_request_refused(plan, || {
            let Ok(mut arena) = Arena::try_reserve("root", 64 << 20) else { return };
            let mut scope = arena.open();
            let mut cursor = scope.cursor();
            errors += u64::from(nest(&mut cursor, 0).is_err());
            drop(cursor);
            assert_eq!(scope.view().used() % 8, 0);
            assert!(scope.view().used() <= 8 + 4_000 * 32, "what nested cursors had is free again");
            // What is committed, but for the header: no page has to be asked for.
            let rest = scope.view().committed().saturating_sub(scope.view().used() + (8 << 10));
            assert!(scope.try_alloc_zeroed::<u8>(rest).unwrap().iter().all(|byte| *byte == 0));
        });
        // A cursor asks for more than it needs: refused that, it is content with less.
        assert!(requests > 4 && (errors > 0) != is_made_up_for, "{errors} of {requests}");
    }
}
