use voltrum_memory::{Arena, Tag};

fn main() {
    let mut frames = Arena::reserve("frame", 1 << 20);
    let mut frame = frames.open();
    let tagged = frame.tagged(Tag::FRAME);
    let temp = frame.temp();
    tagged.alloc(1u32);
    temp.alloc(2u32);
}
