use voltrum_memory::{Arena, Tag};

fn main() {
    let mut frames = Arena::reserve("frame", 8 << 20);
    let mut frame = frames.open();
    let array;
    {
        let temp = frame.temp();
        array = temp.child("array", 1 << 20).into_tagged(Tag::SCENE);
    }
    frame.alloc(1u32);
    array.alloc(2u32);
}
