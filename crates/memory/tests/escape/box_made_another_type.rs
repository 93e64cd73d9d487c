use voltrum_memory::{Arena, ArenaBox, unsize_box};

fn main() {
    let mut arena = Arena::reserve("states", 1 << 20);
    let scope = arena.open();
    let _shorter: ArenaBox<'_, [u8]> = unsize_box!(scope.alloc_box([1u32; 4]));
}
