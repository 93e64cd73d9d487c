use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let mut scope = arena.open();
    let mut cursor = scope.cursor();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            cursor.alloc(1u32);
        });
    });
}
