use voltrum_memory::Arena;

fn main() {
    let mut frames = Arena::reserve("frame", 8 << 20);
    let mut frame = frames.open();
    let mut child;
    {
        let temp = frame.temp();
        child = temp.child("child", 1 << 20);
    }
    frame.alloc(1u32);
    child.open().alloc(2u32);
}
