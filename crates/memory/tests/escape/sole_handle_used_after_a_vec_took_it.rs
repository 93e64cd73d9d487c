use voltrum_memory::{Arena, ArenaVec, Tag};

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let sole = scope.child("own", 64 << 10).into_sole(Tag::SCENE);
    let vec = ArenaVec::<u32, _>::new_in(sole);
    sole.try_alloc(1u32).is_ok();
    drop(vec);
}
