//! KTX2 pictures, behind the mark that begins them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    voltrum_assets_fuzz::images::ktx2(data);
});
