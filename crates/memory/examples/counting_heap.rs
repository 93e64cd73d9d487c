//! What the program takes from the Rust heap, who takes it, and a proof that a frame takes nothing.
//!
//! `cargo run -p voltrum-memory --features tracking --example counting_heap`

use voltrum_memory::{Arena, Bytes, CountingHeap, MemoryError, Tag, heap_scope, heap_usage};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

/// Stands for a crate that allocates as it likes.
fn parse(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_string).collect()
}

/// `None` in release builds without feature `tracking`: the allocator is the system's itself then.
fn usage() -> Option<(usize, usize, usize)> {
    let usage = heap_usage()?;
    Some((usage.allocations, usage.live_bytes, usage.tag(Tag::FOREIGN).bytes))
}

fn main() -> Result<(), MemoryError> {
    let mut frames = Arena::try_reserve("frame", 1 << 20)?;
    let words = {
        let _foreign = heap_scope(Tag::FOREIGN); // what is taken here is charged to FOREIGN
        parse("a lamp and a bulb in a room with a table")
    };
    let Some((before, ..)) = usage() else {
        println!("this build doesn't count: add `--features tracking`");
        return Ok(());
    };

    let mut frame = frames.open();
    let mut longest = 0;
    for _ in 0..1_000 {
        let turn = frame.temp();
        let lengths = turn.try_alloc_iter_exact(words.iter().map(String::len))?;
        longest = lengths.iter().copied().max().unwrap_or(0);
    }
    drop(frame);

    if let Some((after, live, foreign)) = usage() {
        println!("the longest of {} words has {longest} letters", words.len());
        println!("a thousand frames took {} blocks from the heap", after - before);
        println!("{} are live there, {} of it FOREIGN's", Bytes(live), Bytes(foreign));
        assert_eq!(after, before);
    }
    drop(words);
    if let Some((_, live, foreign)) = usage() {
        println!("without the words: {}, {} of it FOREIGN's", Bytes(live), Bytes(foreign));
    }
    Ok(())
}
