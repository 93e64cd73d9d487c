//! Damaged project files: an error, or a project that can be saved and opened again.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _whole = voltrum_scene_fuzz::document::run(data);
});
