use std::fmt::Display;
use voltrum_memory::{Arena, ArenaBox, unsize_box};

fn main() {
    let mut arena = Arena::reserve("states", 1 << 20);
    let kept: ArenaBox<'_, dyn Display> = {
        let mut scope = arena.open();
        let temp = scope.temp();
        unsize_box!(temp.alloc_box(1u32))
    };
    println!("{kept}");
}
