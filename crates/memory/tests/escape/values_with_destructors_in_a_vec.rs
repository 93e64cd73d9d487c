use voltrum_memory::{Arena, ArenaVec, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    let _ = vec.try_push(String::new());
}
