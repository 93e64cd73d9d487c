//! Pictures: whatever the bytes are, decoding ends in pixels or in words.

use std::sync::Once;
use voltrum_assets::Progress;
use voltrum_assets::image::{ImageKind, decode, hdr, probe};

/// The most bytes that are decoded: a fuzzer learns nothing from large pictures.
const BYTES_MAX: usize = 1 << 20;

/// PNG, JPEG and Radiance, by their first bytes. Says whether pixels came of it.
pub fn run(data: &[u8]) -> bool {
    if let Ok(info) = hdr::probe(data) {
        if info.pixels() * 12 > BYTES_MAX {
            return false;
        }
        let mut pixels = vec![[0.0; 3]; info.pixels()];
        let decoded = hdr::decode(data, info, &mut pixels).is_ok();
        let good = |value: &f32| value.is_finite() && *value >= 0.0;
        assert!(pixels.as_flattened().iter().all(good));
        return decoded;
    }
    picture(data)
}

/// KTX2: the mark is put in front, so that the fuzzer needs not find it.
pub fn ktx2(data: &[u8]) -> bool {
    let bytes = [&b"\xabKTX 20\xbb\r\n\x1a\n"[..], data].concat();
    picture(&bytes)
}

fn picture(data: &[u8]) -> bool {
    // libFuzzer's own hook ends the process at any panic; those that the decoders' caller catches are none of ours. What is
    // not caught ends it all the same.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| drop(std::panic::take_hook()));
    let Ok(info) = probe(data) else { return false };
    assert!(info.size.iter().all(|side| *side > 0) && info.levels > 0);
    assert!(info.levels == 1 || info.kind == ImageKind::Ktx2);
    let Some(bytes) = info.bytes().filter(|bytes| *bytes <= BYTES_MAX) else { return false };
    let mut out = vec![0; bytes];
    decode(data, info, &mut out, &Progress::new()).is_ok()
}
