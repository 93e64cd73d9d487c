use voltrum_memory::{Arena, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let sole = scope.child("own", 64 << 10).into_sole(Tag::SCENE);
    drop(scope);
    drop(arena.open());
    sole.try_alloc(1u32).is_ok();
}
