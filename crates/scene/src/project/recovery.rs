//! What a journal gives back after a crash: the longest prefix of whole records, and what is wrong with the rest.

use core::fmt;

use super::checksum::Fingerprint;
use super::record::{
    BadHead, CONTINUED, HEAD_BYTES, Head, RECORD_BYTES, Record, STEP, TAKEN_BACK, read_record, read_saved,
};

/// What is wrong with a journal, beyond a tail that a crash cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Bytes have changed, or are missing, before records that are whole.
    Records {
        /// Where it begins, in bytes.
        offset: u64,
        /// Whole records behind it, which can't be applied without what is missing.
        lost: u64,
    },
    /// The head has changed.
    Head,
    /// A later version of the program wrote it.
    Newer,
    /// It follows another state of the project file than the one that is there.
    OtherProject,
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Records { offset, lost } => {
                write!(out, "the journal is damaged at byte {offset}: {lost} later edits can't be applied")
            }
            Damage::Head => out.write_str("the journal's head is damaged: its edits can't be applied"),
            Damage::Newer => {
                out.write_str("the journal was written by a newer version of voltrum; update voltrum to apply it")
            }
            Damage::OtherProject => out.write_str(
                "the project file was replaced since the journal began: the journal's edits are not applied",
            ),
        }
    }
}

/// What a journal gives back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery<'s> {
    /// The records to replay, as they stand in the file.
    pub(super) records: &'s [u8],
    /// The number of the first of them.
    pub(super) first: u64,
    /// Steps to replay.
    pub steps: u64,
    /// When the first of them was written, in seconds since 1970.
    pub since_unix_secs: u64,
    /// When the last of them was written, in seconds since 1970.
    pub until_unix_secs: u64,
    /// Bytes behind the last whole record, which a crash cut off.
    pub torn_bytes: u64,
    /// What else is wrong.
    pub damage: Option<Damage>,
    /// What is whole, from the beginning: what the next record follows.
    pub(super) whole: &'s [u8],
    /// The number that the next record has.
    pub(super) next: u64,
}

impl fmt::Display for Recovery<'_> {
    /// `recovered 37 edits from 14:02` and what was wrong. Times are UTC.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.since_unix_secs / 60 % (24 * 60);
        let plural = if self.steps == 1 { "" } else { "s" };
        match self.steps {
            0 => out.write_str("recovered no edits")?,
            steps => write!(out, "recovered {steps} edit{plural} from {:02}:{:02} UTC", minutes / 60, minutes % 60)?,
        }
        match (self.damage, self.torn_bytes) {
            (Some(damage), _) => write!(out, "; {damage}"),
            (None, 0) => Ok(()),
            (None, torn) => write!(out, "; {torn} bytes behind them were cut off"),
        }
    }
}

impl<'s> Recovery<'s> {
    /// A journal that isn't there.
    pub(super) const NONE: Recovery<'static> = Recovery {
        records: &[],
        first: 1,
        steps: 0,
        since_unix_secs: 0,
        until_unix_secs: 0,
        torn_bytes: 0,
        damage: None,
        whole: &[],
        next: 1,
    };

    /// Reads a journal that follows the project file with the fingerprint `base`.
    pub(super) fn read(journal: &'s [u8], base: Fingerprint) -> Recovery<'s> {
        let head = match Head::read(journal) {
            Ok(head) => head,
            Err(BadHead::Torn) => return Recovery { torn_bytes: journal.len() as u64, ..Recovery::NONE },
            Err(BadHead::Damaged) if is_torn_head(journal) => {
                return Recovery { torn_bytes: journal.len() as u64, ..Recovery::NONE };
            }
            Err(BadHead::Damaged) => return Recovery { damage: Some(Damage::Head), ..Recovery::NONE },
            Err(BadHead::Newer(_)) => return Recovery { damage: Some(Damage::Newer), ..Recovery::NONE },
        };
        let mut at = HEAD_BYTES;
        // from where the records are to be replayed: the last place at which the project file was this one
        let mut from = (head.base == base).then_some((at, 0));
        let mut next = None;
        while let Some(record) = journal.get(at..).and_then(|rest| read_record(rest, next)) {
            at += RECORD_BYTES + record.payload.len();
            next = Some(record.sequence.wrapping_add(1));
            if read_saved(record.payload) == Some(base) {
                from = Some((at, record.sequence));
            }
        }
        let rest = journal.get(at..).unwrap_or_default();
        let lost = whole_records(rest, next.unwrap_or(0));
        let mut recovery = Recovery {
            whole: journal.get(..at).unwrap_or_default(),
            next: next.unwrap_or(1),
            torn_bytes: rest.len() as u64,
            damage: (lost > 0).then_some(Damage::Records { offset: at as u64, lost }),
            ..Recovery::NONE
        };
        let Some((from, _)) = from else {
            return Recovery { damage: Some(Damage::OtherProject), ..recovery };
        };
        recovery.records = journal.get(from..at).unwrap_or_default();
        recovery.first = read_record(recovery.records, None).map_or(recovery.next, |record| record.sequence);
        for record in recovery.iter() {
            if recovery.steps == 0 {
                recovery.since_unix_secs = record.unix_secs;
            }
            recovery.until_unix_secs = record.unix_secs;
            match record.payload.first() {
                Some(&CONTINUED) if recovery.steps > 0 => {}
                Some(&TAKEN_BACK) => recovery.steps = recovery.steps.saturating_sub(1),
                _ => recovery.steps += 1,
            }
        }
        recovery
    }

    /// The steps to replay, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Record<'s>> + use<'s> {
        let mut rest = self.records;
        let records = core::iter::from_fn(move || {
            let record = read_record(rest, None)?;
            rest = rest.get(RECORD_BYTES + record.payload.len()..).unwrap_or_default();
            Some(record)
        });
        records.filter(|record| matches!(record.payload.first(), Some(&(STEP | CONTINUED | TAKEN_BACK))))
    }
}

/// Whether nothing whole follows a damaged head: then it was being written when the power went.
fn is_torn_head(journal: &[u8]) -> bool {
    whole_records(journal, 0) == 0
}

/// How many whole records there are from some byte on, with numbers from `next`.
fn whole_records(bytes: &[u8], next: u64) -> u64 {
    let (mut at, mut count) = (0, 0);
    // what looks like a record is checked, and a hostile file might have one at each byte
    let mut check_bytes_left = bytes.len().saturating_mul(8);
    while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() > RECORD_BYTES) {
        // a damaged length may hide where records begin, so all places are tried; few have a number that is near
        let claimed = claimed(rest).filter(|(sequence, len)| {
            *sequence >= next && sequence - next < 1 << 32 && *len <= rest.len() && *len <= check_bytes_left
        });
        check_bytes_left -= claimed.map_or(0, |(_, len)| len);
        match claimed.and_then(|_| read_record(rest, None)) {
            Some(record) => {
                count += 1;
                at += RECORD_BYTES + record.payload.len();
            }
            None => at += 1,
        }
    }
    count
}

/// The number and the length of what would be a record.
fn claimed(bytes: &[u8]) -> Option<(u64, usize)> {
    let len = u32::from_le_bytes(*bytes.first_chunk()?);
    let sequence = u64::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
    Some((sequence, RECORD_BYTES + len as usize))
}
