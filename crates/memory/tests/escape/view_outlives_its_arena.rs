use voltrum_memory::Arena;

fn main() {
    let view;
    {
        let mut arena = Arena::reserve("scene", 1 << 20);
        view = arena.open().view();
    }
    view.used();
}
