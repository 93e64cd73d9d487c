use voltrum_memory::Scratch;

fn main() {
    let mut scratch = Scratch::try_reserve("scratch", 1 << 20).unwrap();
    let (memory, _other) = scratch.open();
    let kept = memory.alloc(1u32);
    let _temp = scratch.open_one();
    assert_eq!(*kept, 1);
}
