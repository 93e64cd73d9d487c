use voltrum_memory::{Arena, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let sole = scope.child("own", 64 << 10).into_sole(Tag::SCENE);
    let tagged = sole.tagged();
    std::thread::scope(|threads| {
        threads.spawn(move || sole.try_alloc(1u32).is_ok());
        tagged.alloc(2u32);
    });
}
