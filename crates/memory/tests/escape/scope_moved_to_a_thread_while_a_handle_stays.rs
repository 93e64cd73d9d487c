use voltrum_memory::{Arena, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let tagged = scope.tagged(Tag::SCENE);
    std::thread::scope(|threads| {
        threads.spawn(move || {
            scope.alloc(1u32);
        });
    });
    tagged.alloc(2u32);
}
