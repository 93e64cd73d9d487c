use voltrum_memory::{Scope, Scratch, Tag, Tagged};

fn parse<'a>(memory: Tagged<'a>, scratch: &mut Scope<'_>) -> &'a u32 {
    scratch.temp().alloc([0u8; 64]);
    memory.alloc(1)
}

fn main() {
    let mut scratch = Scratch::try_reserve("scratch", 1 << 20).unwrap();
    let (mut memory, _other) = scratch.open();
    parse(memory.tagged(Tag::SCENE), &mut memory);
}
