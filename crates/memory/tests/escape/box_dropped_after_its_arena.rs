use voltrum_memory::{Arena, ArenaBox};

struct Application<'app> {
    arena: Arena<'static>,
    state: Option<ArenaBox<'app, Vec<u8>>>,
}

fn main() {
    let mut application = Application { arena: Arena::reserve("permanent", 1 << 20), state: None };
    let scope = application.arena.open();
    application.state = Some(scope.alloc_box(vec![1u8]));
    drop(scope);
    drop(application);
}
