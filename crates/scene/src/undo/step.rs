//! A step of the history: what one undo takes back.
//!
//! Its head lies in the ring before its records: links to its neighbours and to its first and last record as distances in
//! words, 0 for none; then its label.

use super::ring::Ring;

const PREVIOUS: u64 = 0;
const NEXT: u64 = 1;
const FIRST: u64 = 2;
const LAST: u64 = 3;
const EDITS: u64 = 4;
const LABEL_BYTES: u64 = 5;
const KEY: u64 = 6;
const SERIAL: u64 = 8;
const WORDS: u64 = 10;
const HEAD: u64 = 11;

/// Longest label that is kept, in bytes.
const LABEL_MAX: usize = 96;

/// A step at a place in the ring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step(pub(crate) u64);

/// A step as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepView<'a> {
    /// What it was called when it was done, shortened where it was long.
    pub label: &'a str,
    /// How many edits it holds.
    pub edits: u32,
    /// Bytes that it takes.
    pub bytes: usize,
    /// Whether it is done; else it can be redone.
    pub is_done: bool,
    /// The state that it leads to: see [`HistoryState::state`](super::HistoryState::state).
    pub state: u64,
}

/// As much of a label as is kept.
fn shortened(label: &str) -> &str {
    let mut end = label.len().min(LABEL_MAX);
    while !label.is_char_boundary(end) {
        end -= 1;
    }
    &label[..end]
}

impl Step {
    /// Words of a step's head.
    pub(crate) fn head_words(label: &str) -> usize {
        HEAD as usize + shortened(label).len().div_ceil(4)
    }

    /// Writes a head into a block that was granted for it.
    pub(crate) fn write(self, ring: &mut Ring<'_>, previous: Option<u64>, label: &str, key: u64, serial: u64) {
        let label = shortened(label);
        let words = ring.words_mut(self.0, HEAD as usize + label.len().div_ceil(4));
        words.fill(0);
        words[LABEL_BYTES as usize] = label.len() as u32;
        (words[KEY as usize], words[KEY as usize + 1]) = (key as u32, (key >> 32) as u32);
        (words[SERIAL as usize], words[SERIAL as usize + 1]) = (serial as u32, (serial >> 32) as u32);
        let text: &mut [u8] = bytemuck::cast_slice_mut(&mut words[HEAD as usize..]);
        text[..label.len()].copy_from_slice(label.as_bytes());
        if let Some(previous) = previous {
            ring.put(self.0 + PREVIOUS, (self.0 - previous) as u32);
            ring.put(previous + NEXT, (self.0 - previous) as u32);
        }
    }

    pub(crate) fn previous(self, ring: &Ring<'_>) -> Option<u64> {
        back(self.0, ring.word(self.0 + PREVIOUS))
    }

    pub(crate) fn next(self, ring: &Ring<'_>) -> Option<u64> {
        forth(self.0, ring.word(self.0 + NEXT))
    }

    pub(crate) fn first(self, ring: &Ring<'_>) -> Option<u64> {
        forth(self.0, ring.word(self.0 + FIRST))
    }

    pub(crate) fn last(self, ring: &Ring<'_>) -> Option<u64> {
        forth(self.0, ring.word(self.0 + LAST))
    }

    pub(crate) fn key(self, ring: &Ring<'_>) -> u64 {
        long(ring, self.0 + KEY)
    }

    pub(crate) fn serial(self, ring: &Ring<'_>) -> u64 {
        long(ring, self.0 + SERIAL)
    }

    pub(crate) fn set_serial(self, ring: &mut Ring<'_>, serial: u64) {
        ring.put(self.0 + SERIAL, serial as u32);
        ring.put(self.0 + SERIAL + 1, (serial >> 32) as u32);
    }

    /// It is the oldest from now on.
    pub(crate) fn begin(self, ring: &mut Ring<'_>) {
        ring.put(self.0 + PREVIOUS, 0);
    }

    /// It is the newest from now on.
    pub(crate) fn end(self, ring: &mut Ring<'_>) {
        ring.put(self.0 + NEXT, 0);
    }

    /// Makes a record its last one.
    pub(crate) fn append(self, ring: &mut Ring<'_>, record: u64) {
        let distance = (record - self.0) as u32;
        if ring.word(self.0 + FIRST) == 0 {
            ring.put(self.0 + FIRST, distance);
        }
        ring.put(self.0 + LAST, distance);
    }

    /// Notes edits, and how far the step reaches.
    pub(crate) fn note(self, ring: &mut Ring<'_>, edits: u32) {
        ring.put(self.0 + EDITS, ring.word(self.0 + EDITS).saturating_add(edits));
        ring.put(self.0 + WORDS, (ring.head - self.0) as u32);
    }

    pub(crate) fn view<'a>(self, ring: &'a Ring<'_>, is_done: bool) -> StepView<'a> {
        let label_bytes = ring.word(self.0 + LABEL_BYTES) as usize;
        let text: &[u8] = bytemuck::cast_slice(ring.words(self.0 + HEAD, label_bytes.div_ceil(4)));
        StepView {
            label: core::str::from_utf8(&text[..label_bytes]).unwrap_or(""),
            edits: ring.word(self.0 + EDITS),
            bytes: ring.word(self.0 + WORDS) as usize * size_of::<u32>(),
            is_done,
            state: self.serial(ring),
        }
    }
}

pub(crate) fn back(place: u64, distance: u32) -> Option<u64> {
    (distance != 0).then(|| place - u64::from(distance))
}

pub(crate) fn forth(place: u64, distance: u32) -> Option<u64> {
    (distance != 0).then(|| place + u64::from(distance))
}

fn long(ring: &Ring<'_>, place: u64) -> u64 {
    u64::from(ring.word(place)) | u64::from(ring.word(place + 1)) << 32
}
