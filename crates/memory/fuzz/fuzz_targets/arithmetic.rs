//! Sizes and alignments at the ends of their ranges, through every function that takes one.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| voltrum_memory_fuzz::arithmetic::run(data));
