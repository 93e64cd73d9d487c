//! Programs on an [`ArenaHeap`]: contents, alignment, overlaps, statistics.

use crate::input::Input;
use crate::model::{assert_adds_up, is_filled};
use std::ptr::NonNull;
use voltrum_memory::{ArenaHeap, HeapStats, Tag};

const STEPS_MAX: usize = 300;

struct Block {
    at: NonNull<u8>,
    len: usize,
    align: usize,
    fill: u8,
}

impl Block {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY:
        // - the block is live, and the heap granted `len` bytes to it alone: that is what this program finds out.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr(), self.len) }
    }

    fn check(&mut self) {
        assert!(self.at.addr().get().is_multiple_of(self.align.max(16)), "{:?} is not aligned", self.at);
        let fill = self.fill;
        assert!(is_filled(self.bytes(), fill), "{:?}+{} was overwritten", self.at, self.len);
    }
}

/// Runs the program that `data` says.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let bytes = (64 << 10) + input.below(1 << 20);
    let Ok(heap) = ArenaHeap::try_reserve("heap", bytes, Tag::UI) else { return };
    let mut blocks: Vec<Block> = Vec::new();
    let (mut expected, mut fill, mut largest) = (HeapStats::default(), 0u8, 0);
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        fill = fill.wrapping_add(37);
        let choice = input.below(8);
        if choice < 4 || blocks.is_empty() {
            let (len, align) = (size(&mut input), input.align(17));
            let Some(at) = heap.allocate(len, align) else { continue };
            let mut block = Block { at, len, align, fill };
            block.bytes().fill(fill);
            blocks.push(block);
            expected.allocations += 1;
        } else {
            let index = input.below(blocks.len());
            if choice < 6 {
                let block = blocks.swap_remove(index);
                // SAFETY:
                // - a live block of this heap, forgotten here.
                unsafe { heap.deallocate(block.at) };
            } else {
                let len = size(&mut input);
                let block = &mut blocks[index];
                // SAFETY:
                // - a live block of this heap, with the alignment it was granted with; its old address is forgotten.
                let moved = unsafe { heap.reallocate(block.at, len, block.align) };
                if let Some(at) = moved {
                    let (kept, held) = (block.len.min(len), block.fill);
                    (block.at, block.len) = (at, len);
                    assert!(is_filled(&block.bytes()[..kept], held), "contents were lost on the way");
                    block.bytes().fill(fill);
                    block.fill = fill;
                    expected.allocations += 1;
                }
            }
        }
        largest = largest.max(blocks.iter().map(|block| block.len).max().unwrap_or(0));
        check(&heap, &mut blocks, &mut expected);
    }
    for mut block in blocks.drain(..) {
        block.check();
        // SAFETY:
        // - a live block of this heap, forgotten here.
        unsafe { heap.deallocate(block.at) };
    }
    check(&heap, &mut blocks, &mut expected);
    // Half of it, since a request is rounded up to a class of sizes that growth in place has not to keep to.
    assert!(
        heap.allocate(largest / 2, 16).is_some(),
        "empty, no room for half of {largest} bytes, which it held before"
    );
}

/// Now and then beyond what the heap holds.
fn size(input: &mut Input<'_>) -> usize {
    if input.one_in(32) { input.extreme() } else { input.size() }
}

fn check(heap: &ArenaHeap, blocks: &mut [Block], expected: &mut HeapStats) {
    blocks.iter_mut().for_each(Block::check);
    let mut places: Vec<_> = blocks.iter().map(|block| (block.at.addr().get(), block.len)).collect();
    places.sort_unstable();
    for pair in places.windows(2) {
        assert!(pair[0].0 + pair[0].1 <= pair[1].0 && pair[0].0 != pair[1].0, "blocks overlap: {pair:x?}");
    }
    let range = heap.view().address_range();
    assert!(places.iter().all(|(at, len)| *at >= range.start.addr() && at + len <= range.end.addr()));

    let stats = heap.stats();
    let live_bytes = blocks.iter().map(|block| block.len).sum();
    // A block that moves is there twice for a moment, so the peak may be higher than what is seen from here.
    assert!(stats.peak_bytes >= expected.peak_bytes.max(live_bytes));
    *expected = HeapStats { live_bytes, live_count: blocks.len(), peak_bytes: stats.peak_bytes, ..*expected };
    assert_eq!(stats, *expected);
    assert_adds_up(heap.view());
}
