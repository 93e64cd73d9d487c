use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let kept = scope.alloc(1u32);
    drop(scope);
    assert_eq!(*kept, 1);
}
