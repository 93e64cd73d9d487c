use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let _ = scope.alloc_try_with(|| "lamp".parse::<String>());
}
