use voltrum_memory::{Arena, Fill, Scope};

struct Loader;

impl Fill for Loader {
    type Filled<'s> = ();
    type Error = &'s mut u32;
    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<(), &'s mut u32> {
        Err(memory.alloc(1))
    }
}

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let _ = arena.open_with(&mut Loader);
}
