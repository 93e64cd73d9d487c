//! The seeds and many changes of them, where there is no fuzzer: the same ones each time.

use voltrum_platform::files::Chance;

use crate::seeds::{DOCUMENTS, journals};
use crate::{document, journal};

/// Changes that each target is run with.
const CHANGES: usize = 100_000;

/// What JSON and project files are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "-1",
    "0",
    "1e39",
    "1/0",
    "4294967295",
    "4294967296",
    "\"id\": 1",
    "\"parent\": 2",
    "\"before\": 3",
    "\"schema\": 3",
    "\"name\": \"\"",
    "\\ud800",
    "\u{e9}",
    "\"scale\": [0, 0, 0]",
];

#[test]
fn damaged_project_files_are_errors_or_projects() {
    let seeds: Vec<Vec<u8>> = DOCUMENTS.iter().map(|text| text.as_bytes().to_vec()).collect();
    assert!(seeds.iter().all(|seed| document::run(seed)));
    changed(&seeds, document::run);
}

#[test]
fn damaged_journals_are_errors_or_steps() {
    let seeds = journals().unwrap();
    assert!(seeds.iter().all(|seed| journal::run(seed)));
    changed(&seeds, journal::run);
}

/// Runs with changed seeds: bytes flipped, taken out, put in, exchanged, and numbers at their ends.
fn changed(seeds: &[Vec<u8>], run: fn(&[u8]) -> bool) {
    let mut chance = Chance(0x5eed);
    let mut whole = 0;
    for _ in 0..CHANGES {
        let mut bytes = seeds[chance.below(seeds.len())].clone();
        for _ in 0..=chance.below(4) {
            change(&mut bytes, &mut chance);
        }
        whole += usize::from(run(&bytes));
    }
    println!("{whole} of {CHANGES} were whole enough to go all the way");
    assert!((CHANGES / 50..CHANGES).contains(&whole), "neither all nor hardly any: {whole}");
}

fn change(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let len = chance.below(bytes.len() - at + 1).min(chance.below(64));
    match chance.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + len)),
        2 => {
            let copy = bytes[at..at + len].to_vec();
            let to = chance.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        3 | 4 => {
            let piece = PIECES[chance.below(PIECES.len())].bytes();
            let end = (at + chance.below(6)).min(bytes.len());
            bytes.splice(at..end, piece);
        }
        5 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
        6 => bytes[at..].iter_mut().take(8).for_each(|byte| *byte = 0),
        _ => bytes[at..].iter_mut().take(1).for_each(|byte| *byte ^= 1 << chance.below(8)),
    }
}
