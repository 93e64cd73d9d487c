use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    scope.alloc_slice_fill_with(3, |index| vec![index]);
}
