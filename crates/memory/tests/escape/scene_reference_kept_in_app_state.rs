use voltrum_memory::Tagged;

struct State<'app> {
    last: Option<&'app mut u32>,
}

fn open<'app, 'scene>(state: &mut State<'app>, scene: Tagged<'scene>) {
    state.last = Some(scene.alloc(1));
}

fn main() {
    let _ = open;
}
