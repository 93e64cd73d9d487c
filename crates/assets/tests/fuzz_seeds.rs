//! The fuzz targets' seeds, and some thousand changes of each, without a fuzzer: what it would report fails here.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail loudly")]
#![allow(unreachable_pub, reason = "the fuzz targets' own files, which are a library there")]

#[path = "../fuzz/src/gltf.rs"]
mod gltf;
#[path = "../fuzz/src/images.rs"]
mod images;

use std::fs;
use std::path::Path;

/// Changes of each seed.
const CHANGES: u64 = 3_000;

/// SplitMix64 (Steele, Lea, Flood 2014): a fixed seed gives the same changes on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Runs every seed of a target, then changes of it: bits, digits, stretches that are cut out, doubled or taken elsewhere.
fn each(target: &str, run: fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds: Vec<Vec<u8>> =
        fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    seeds.sort();
    assert!(seeds.len() >= 4);
    assert!(seeds.iter().all(|seed| run(seed)), "each seed is good");
    let mut numbers = Numbers(0x766f_6c74_7275_6d21);
    for _ in 0..CHANGES {
        for seed in &seeds {
            let mut bytes = seed.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(bytes.len());
                let length = numbers.below(12).min(bytes.len() - at);
                match numbers.below(7) {
                    0 => bytes[at] ^= 1 << numbers.below(8),
                    1 => bytes[at] = numbers.next() as u8,
                    2 => bytes[at] = b'0' + numbers.below(10) as u8,
                    3 => drop(bytes.drain(at..at + length)),
                    4 => {
                        let part = bytes[at..at + length].to_vec();
                        bytes.splice(at..at, part);
                    }
                    5 => {
                        let other = &seeds[numbers.below(seeds.len())];
                        let from = numbers.below(other.len());
                        let part = other[from..other.len().min(from + length)].to_vec();
                        bytes.splice(at..at + length, part);
                    }
                    // The next number of the text becomes one that is hard to hold.
                    _ => {
                        let start = bytes[at..].iter().position(u8::is_ascii_digit).map_or(at, |digit| at + digit);
                        let end = bytes[start..].iter().position(|byte| !byte.is_ascii_digit());
                        let end = end.map_or(bytes.len(), |length| start + length);
                        const HARD: [&str; 8] =
                            ["0", "-1", "255", "65536", "4294967295", "18446744073709551615", "1e300", "0.5"];
                        bytes.splice(start..end, HARD[numbers.below(8)].bytes());
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            run(&bytes);
        }
    }
}

#[test]
fn what_fuzzers_found_is_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found/images");
    let found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!found.is_empty());
    for path in found {
        assert!(!images::run(&fs::read(&path).unwrap()), "{}", path.display());
    }
}

#[test]
fn changed_documents_keep_the_promises_of_a_staged_scene_or_are_refused() {
    each("gltf", gltf::run);
}

#[test]
fn changed_pictures_decode_or_are_refused() {
    each("images", images::run);
}

#[test]
fn changed_ktx2_pictures_decode_or_are_refused() {
    each("ktx2", images::ktx2);
}
