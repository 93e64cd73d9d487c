//! glTF documents with their binary chunk, or whole files, loaded into plain memory.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    voltrum_assets_fuzz::gltf::run(data);
});
