use voltrum_memory::{Arena, ArenaVec, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    std::thread::scope(|threads| {
        threads.spawn(move || vec.try_push(1u32));
    });
}
