use voltrum_memory::{Arena, ArenaMap, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let mut map = ArenaMap::new_in(scope.tagged(Tag::SCENE));
    let _ = map.try_insert(1u32, String::new());
}
