use voltrum_memory::{ArenaVec, Scope};

struct Project<'scene> {
    selected: ArenaVec<'scene, &'scene str>,
}

fn update<'scene, 'frame>(project: &mut Project<'scene>, frame: &Scope<'frame>) {
    let name = frame.alloc_str("lamp");
    let _ = project.selected.try_push(name);
}

fn main() {
    let _ = update;
}
