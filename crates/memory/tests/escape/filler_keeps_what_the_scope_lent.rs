use voltrum_memory::{Fill, Scope};

struct Loader<'l> {
    kept: Option<&'l mut u32>,
}

impl<'l> Fill for Loader<'l> {
    type Filled<'s> = ();
    type Error = ();
    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<(), ()> {
        self.kept = Some(memory.alloc(1));
        Err(())
    }
}

fn main() {}
