//! PNG, JPEG and Radiance pictures.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    voltrum_assets_fuzz::images::run(data);
});
