use voltrum_memory::Arena;

fn main() {
    let mut frames = Arena::reserve("frame", 1 << 20);
    let mut frame = frames.open();
    let temp = frame.temp();
    frame.alloc(1u32);
    temp.alloc(2u32);
}
