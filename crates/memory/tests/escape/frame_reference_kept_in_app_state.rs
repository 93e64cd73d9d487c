use voltrum_memory::{Scope, Tagged};

struct State<'app> {
    permanent: Tagged<'app>,
    last: Option<&'app mut u32>,
}

fn update<'app, 'frame>(state: &mut State<'app>, frame: &Scope<'frame>) {
    state.last = Some(state.permanent.alloc(1));
    state.last = Some(frame.alloc(2));
}

fn main() {
    let _ = update;
}
