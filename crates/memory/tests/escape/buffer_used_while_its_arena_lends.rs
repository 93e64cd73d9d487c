//! A buffer is its arena's until the arena ends.
use std::mem::MaybeUninit;
use voltrum_memory::Arena;

fn main() {
    let mut buffer = [const { MaybeUninit::<u8>::uninit() }; 8 << 10];
    let mut arena = Arena::in_buffer("packet", &mut buffer).unwrap();
    let scope = arena.open();
    let number = scope.alloc(7u32);
    buffer.fill(MaybeUninit::new(0));
    println!("{number}");
}
