use voltrum_memory::{Arena, Pool, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let mut pool = Pool::try_new_in(scope.tagged(Tag::SCENE), 8).unwrap();
    std::thread::scope(|threads| {
        threads.spawn(|| pool.try_insert(1u32));
    });
}
