//! Without a system: a receiver that decodes packets in a static buffer. Nothing in it knows of files, threads or a heap.
//!
//! `cargo run -p voltrum-memory --example no_std_buffer` runs it as an ordinary program. Without std the same file is a
//! freestanding one, `no_std` and `no_main`, against the crate without its default features: `tests/no_std.rs` builds and runs
//! it so, which takes `panic = "abort"`.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use voltrum_memory::{Arena, ArenaMap, ArenaVec, Bytes, MemoryError, Reason, Scope, Tag, Tagged};

const SENSORS: Tag = Tag::new(20, "SENSORS", "what each sensor said last");
const PACKETS: Tag = Tag::new(21, "PACKETS", "the packet in hand");

/// All the memory there is.
const MEMORY_BYTES: usize = 64 << 10;

/// What comes in: sensor, length, values.
const RECEIVED: &[&[u8]] = &[&[1, 3, 10, 20, 30], &[2, 2, 5, 7], &[1, 4, 40, 40, 60, 60], &[9, 200, 1], &[3, 1, 255]];

/// A decoded packet, which lives for one turn of the loop.
struct Packet<'t> {
    sensor: u8,
    values: &'t [u16],
}

fn decode<'t>(raw: &[u8], memory: Tagged<'t>) -> Result<Option<Packet<'t>>, MemoryError> {
    let [sensor, len, values @ ..] = raw else { return Ok(None) };
    if values.len() != usize::from(*len) {
        return Ok(None);
    }
    let mut scaled = ArenaVec::new_in(memory);
    scaled.try_extend(values.iter().map(|value| u16::from(*value) * 4))?;
    Ok(Some(Packet { sensor: *sensor, values: scaled.into_slice() }))
}

/// The program: state in one arena, each packet in a temp of another, both in the one buffer.
fn receive(memory: &mut [MaybeUninit<u8>], out: &mut dyn Write) -> Result<(), MemoryError> {
    let mut memory = Arena::in_buffer("device", memory)?;
    let device = memory.open();
    let mut packets = device.try_child("packets", 8 << 10)?;
    let mut packets = packets.open();
    let mut latest = ArenaMap::new_in(device.tagged(SENSORS));

    let mut dropped = 0;
    for raw in RECEIVED {
        let turn = packets.temp();
        match decode(raw, turn.tagged(PACKETS))? {
            Some(Packet { sensor, values }) => {
                let sum: u32 = values.iter().copied().map(u32::from).sum();
                latest.try_insert(sensor, sum / values.len().max(1) as u32)?;
            }
            None => dropped += 1,
        }
    } // whatever the packet was made of is free again

    for sensor in 1..=3u8 {
        say(out, format_args!("sensor {sensor}: {}\n", latest.get(&sensor).copied().unwrap_or_default()));
    }
    say(out, format_args!("{dropped} broken, {} held by packets now\n", Bytes(packets.view().used())));
    let refused = hoard(&device);
    say(out, format_args!("a full buffer: {}\n", if refused == Reason::Full { "an error" } else { "something else" }));
    Ok(())
}

/// Takes all there is, as nobody should, for what it says then.
fn hoard(device: &Scope<'_>) -> Reason {
    let filled = (0..MEMORY_BYTES).try_for_each(|_| match device.try_alloc([0u8; 64]) {
        Ok(_) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error.reason()),
    });
    filled.break_value().unwrap_or(Reason::Overflow)
}

/// A line that can't be written is a line lost.
fn say(out: &mut dyn Write, line: fmt::Arguments<'_>) {
    let _ = out.write_fmt(line);
}

#[cfg(feature = "std")]
fn main() -> Result<(), MemoryError> {
    struct Stdout;
    impl Write for Stdout {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            print!("{text}");
            Ok(())
        }
    }
    let mut memory = [const { MaybeUninit::uninit() }; MEMORY_BYTES];
    receive(&mut memory, &mut Stdout)
}

/// What the program is on a system that has nothing but a C library: on a device this part is the board's.
#[cfg(not(feature = "std"))]
mod freestanding {
    use super::{MEMORY_BYTES, receive};
    use core::fmt::{self, Write};
    use core::mem::MaybeUninit;
    use voltrum_memory::NoHeap;

    #[global_allocator]
    static HEAP: NoHeap = NoHeap;

    static mut MEMORY: [MaybeUninit<u8>; MEMORY_BYTES] = [const { MaybeUninit::uninit() }; MEMORY_BYTES];

    #[link(name = "c")]
    unsafe extern "C" {
        fn write(file: i32, bytes: *const u8, len: usize) -> isize;
        fn abort() -> !;
    }

    struct Serial;

    impl Write for Serial {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            // SAFETY:
            // - the bytes are the text's, for the call.
            let written = unsafe { write(1, text.as_ptr(), text.len()) };
            if usize::try_from(written) == Ok(text.len()) { Ok(()) } else { Err(fmt::Error) }
        }
    }

    #[panic_handler]
    fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
        // SAFETY:
        // - ends the process, whatever state it is in.
        unsafe { abort() }
    }

    /// Named by the `alloc` that was compiled for a system with unwinding; never called where panics abort.
    #[unsafe(no_mangle)]
    extern "C" fn rust_eh_personality() {}

    #[unsafe(no_mangle)]
    extern "C" fn main() -> i32 {
        // SAFETY:
        // - `main` is called once, and nobody else names the static.
        let memory: &'static mut [MaybeUninit<u8>] = unsafe { &mut *(&raw mut MEMORY) };
        i32::from(receive(memory, &mut Serial).is_err())
    }
}
