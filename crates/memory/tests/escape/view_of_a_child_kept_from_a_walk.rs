use voltrum_memory::Arena;

fn main() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let _child = scope.child("child", 1 << 16);
    let mut kept = None;
    scope.view().each_child(|child| kept = Some(child));
}
