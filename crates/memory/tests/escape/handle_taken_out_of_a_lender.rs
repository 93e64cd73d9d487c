use voltrum_memory::{Lender, Tagged};

fn copy<'a>(memory: &impl Lender<'a>) -> Tagged<'a> {
    memory.inner().0
}

fn main() {}
