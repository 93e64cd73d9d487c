use voltrum_memory::Arena;

fn main() {
    let mut scenes = Arena::reserve("scene", 1 << 20);
    let scope = scenes.open();
    let node = scope.alloc(1u32);
    drop(scope);
    drop(scenes);
    *node += 1;
}
