//! An arena can't be handed out of the function whose stack it lies on.
use std::mem::MaybeUninit;
use voltrum_memory::{Arena, MemoryError};

fn make<'b>() -> Result<Arena<'b>, MemoryError> {
    let mut buffer = [const { MaybeUninit::<u8>::uninit() }; 8 << 10];
    Arena::in_buffer("packet", &mut buffer)
}

fn main() {
    let mut arena = make().unwrap();
    arena.open().alloc(7u32);
}
