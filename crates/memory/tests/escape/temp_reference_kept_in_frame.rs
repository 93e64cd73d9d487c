use voltrum_memory::Arena;

fn main() {
    let mut frames = Arena::reserve("frame", 1 << 20);
    let mut frame = frames.open();
    let kept;
    {
        let temp = frame.temp();
        kept = temp.alloc(1u32);
    }
    frame.alloc(2u32);
    *kept += 1;
}
