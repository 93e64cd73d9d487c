use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let (mut watched, view) = arena.watched();
    let scope = arena.open();
    watched.open().alloc(1u32);
    scope.alloc(view.used());
}
