//! Programs of every operation on arenas, against a plain model.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| voltrum_memory_fuzz::operations::run(data));
