//! A good file with its bytes changed: whatever comes of it is a result, never a panic, and memory stays bounded.

mod model;

use std::fs;
use std::io::{Seek, Write};

use model::{Memory, Model};
use voltrum_assets::LoadLimits;

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
        (self.next() % end as u64) as usize
    }
}

fn small() -> LoadLimits {
    LoadLimits { scratch_bytes_max: 8 << 20, vertices_max: 1 << 16, image_side_max: 1 << 10, ..LoadLimits::default() }
}

#[test]
fn every_prefix_of_a_glb_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.glb");
    let good = Model::triangle().glb();
    let mut memory = Memory::reserve();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        memory.load(&path, small(), |loaded| assert!(loaded.is_err(), "{length}"));
    }
}

#[test]
fn twenty_thousand_changed_glbs_load_or_fail_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.glb");
    let good = Model::triangle().glb();
    let mut file = fs::File::create(&path).unwrap();
    let mut memory = Memory::reserve();
    let mut numbers = Numbers(0x766f_6c74_7275_6d21);
    let mut loads = 0;
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(bytes.len());
            match numbers.below(4) {
                0 => bytes[at] ^= 1 << numbers.below(8),
                1 => bytes[at] = numbers.next() as u8,
                // Digits are what offsets and counts are made of.
                2 => bytes[at] = b'0' + numbers.below(10) as u8,
                _ => {
                    let from = numbers.below(bytes.len());
                    bytes[at] = bytes[from];
                }
            }
        }
        // In place: the changes keep the length, and truncating a file is slow.
        file.rewind().unwrap();
        file.write_all(&bytes).unwrap();
        memory.load(&path, small(), |loaded| match loaded {
            Ok(_) => loads += 1,
            Err(error) => assert!(!error.to_string().is_empty()),
        });
    }
    assert!((100..19_900).contains(&loads), "{loads} of 20,000 loaded");
}
