use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    std::thread::scope(|threads| {
        threads.spawn(|| scope.alloc(1u32));
    });
}
