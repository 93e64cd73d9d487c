//! The journal's format: a head, then records, each with its length, checksum and number.
//!
//! All numbers are little-endian.
//!
//! ```text
//!     head    "VOLTRUMJ", version u32, created u64 (seconds since 1970), length u64 and checksum u32 of the project file
//!             that the edits follow, checksum u32 of the head so far
//!     record  payload's length u32, checksum u32 of the rest of the record and of that length, number u64,
//!             written u64 (seconds since 1970), payload
//! ```
//!
//! A payload's first byte says what it is: 1, a step; 2, a save, with length u64 and checksum u32 of the project file that
//! holds all edits so far; 3, the step before it as it stands now, because it was told of while it went on; 4, that it was
//! taken back.
//!
//! # Invariants
//! 1. Numbers go up by one. Records from a file that was there before can't be taken for this one's.
//! 2. Zeros are no record.

use super::checksum::{Crc32c, Fingerprint};

/// How a journal begins.
const MARK: &[u8; 8] = b"VOLTRUMJ";

/// The format's version.
const VERSION: u32 = 1;

/// Bytes of a head.
pub(super) const HEAD_BYTES: usize = 36;

/// Bytes of a record without its payload.
pub(super) const RECORD_BYTES: usize = 24;

/// A payload that is a step.
pub(super) const STEP: u8 = 1;

/// A payload that tells of a save.
pub(super) const SAVED: u8 = 2;

/// A payload that tells of the step before it once more: all of it, as it stands now.
pub(super) const CONTINUED: u8 = 3;

/// A payload that tells that the step before it was taken back.
pub(super) const TAKEN_BACK: u8 = 4;

/// Bytes of a payload that tells of a save.
pub(super) const SAVED_BYTES: usize = 13;

/// What a journal's head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) created_unix_secs: u64,
    pub(super) base: Fingerprint,
}

/// Why a head can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadHead {
    /// It is cut off, or was never written: nothing was reported as safe yet.
    Torn,
    /// It is there, and damaged.
    Damaged,
    /// A later version wrote it.
    Newer(u32),
}

impl Head {
    pub(super) fn write(&self) -> [u8; HEAD_BYTES] {
        let mut out = [0; HEAD_BYTES];
        out[..8].copy_from_slice(MARK);
        out[8..12].copy_from_slice(&VERSION.to_le_bytes());
        out[12..20].copy_from_slice(&self.created_unix_secs.to_le_bytes());
        out[20..28].copy_from_slice(&self.base.len.to_le_bytes());
        out[28..32].copy_from_slice(&self.base.crc.to_le_bytes());
        let crc = Fingerprint::of(&out[..32]).crc;
        out[32..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Head, BadHead> {
        if bytes.len() < HEAD_BYTES || bytes[..HEAD_BYTES].iter().all(|byte| *byte == 0) {
            return Err(BadHead::Torn);
        }
        if Fingerprint::of(&bytes[..32]).crc != u32_at(bytes, 32) || bytes[..8] != *MARK {
            return Err(BadHead::Damaged);
        }
        match u32_at(bytes, 8) {
            VERSION => Ok(Head {
                created_unix_secs: u64_at(bytes, 12),
                base: Fingerprint { len: u64_at(bytes, 20), crc: u32_at(bytes, 28) },
            }),
            newer => Err(BadHead::Newer(newer)),
        }
    }
}

/// A record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) sequence: u64,
    pub(super) unix_secs: u64,
    pub(super) payload: &'a [u8],
}

/// The first bytes of a record with this payload.
pub(super) fn record_head(sequence: u64, unix_secs: u64, payload: &[u8]) -> [u8; RECORD_BYTES] {
    let mut out = [0; RECORD_BYTES];
    // a payload that long doesn't fit the journal's memory
    out[..4].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    out[8..16].copy_from_slice(&sequence.to_le_bytes());
    out[16..24].copy_from_slice(&unix_secs.to_le_bytes());
    let crc = crc_of(&out, payload);
    out[4..8].copy_from_slice(&crc.to_le_bytes());
    out
}

/// The record at the beginning of `bytes`, unless it is cut off, damaged or of another number.
pub(super) fn read_record(bytes: &[u8], sequence: Option<u64>) -> Option<Record<'_>> {
    let head = bytes.first_chunk::<RECORD_BYTES>()?;
    let found = u64_at(head, 8);
    if sequence.is_some_and(|expected| expected != found) {
        return None;
    }
    let payload = bytes.get(RECORD_BYTES..)?.get(..u32_at(head, 0) as usize)?;
    let is_whole = !payload.is_empty() && crc_of(head, payload) == u32_at(head, 4);
    is_whole.then_some(Record { sequence: found, unix_secs: u64_at(head, 16), payload })
}

fn crc_of(head: &[u8; RECORD_BYTES], payload: &[u8]) -> u32 {
    let mut crc = Crc32c::new();
    crc.add(&head[..4]);
    crc.add(&head[8..]);
    crc.add(payload);
    crc.value()
}

/// A payload that tells of a save.
pub(super) fn saved_payload(saved: Fingerprint) -> [u8; SAVED_BYTES] {
    let mut out = [0; SAVED_BYTES];
    out[0] = SAVED;
    out[1..9].copy_from_slice(&saved.len.to_le_bytes());
    out[9..].copy_from_slice(&saved.crc.to_le_bytes());
    out
}

/// The project file that a payload tells of, if it does.
pub(super) fn read_saved(payload: &[u8]) -> Option<Fingerprint> {
    let is_saved = payload.len() == SAVED_BYTES && payload[0] == SAVED;
    is_saved.then(|| Fingerprint { len: u64_at(payload, 1), crc: u32_at(payload, 9) })
}

/// The number at a place that is known to be there.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
