//! Damaged journals: an error, or steps that can be replayed and taken back.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _whole = voltrum_scene_fuzz::journal::run(data);
});
