use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let mut scope = arena.open();
    let mut cursor = scope.cursor();
    scope.alloc(1u32);
    cursor.alloc(2u32);
}
