use voltrum_memory::{Arena, Pool, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let _ = Pool::<String>::try_new_in(scope.tagged(Tag::SCENE), 4);
}
