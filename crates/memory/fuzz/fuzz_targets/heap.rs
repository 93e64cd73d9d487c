//! Programs of allocations, reallocations and frees on a heap in an arena, against a plain model.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| voltrum_memory_fuzz::heap::run(data));
