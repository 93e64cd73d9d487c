//! What a heap grants is bound by no borrow, so its buffer must be there for good.
use std::mem::MaybeUninit;
use voltrum_memory::{ArenaHeap, Tag};

fn main() {
    let mut buffer = [const { MaybeUninit::<u8>::uninit() }; 8 << 10];
    let heap = ArenaHeap::in_buffer("codec", &mut buffer, Tag::FOREIGN).unwrap();
    let block = heap.allocate(100, 8);
    drop(heap);
    println!("{block:?}");
}
