//! The journal beside a project: every finished step is appended to it, and durable within a second.
//!
//! Steps gather in memory; [`Journal::update`], called each frame, writes them when they have waited long enough, and tries
//! again by itself after a failure. It doesn't wait for the disk where the file can be synced beside
//! ([`OpenFile::begin_sync`]); [`Journal::flush`] does.
//!
//! # Invariants
//! 1. A step waits in memory until the disk has confirmed it; a failure loses nothing. Steps that come while a sync goes on
//!    are no part of it: the next one is theirs.
//! 2. After a failure the file is opened again and cut to what was confirmed, and what waited is written anew, because a
//!    failed sync may have dropped it.
//! 3. What was recovered is written anew, too, before anything follows it: reading it back doesn't mean that it is on the
//!    disk.
//! 4. No step is written behind one that is missing: past the memory's limit no more are taken until the next save.

use std::path::Path;

use voltrum_assets::words::{Words, whole};
use voltrum_memory::{ArenaVec, Sole, Tag, Tagged};
use voltrum_platform::PlatformError;
use voltrum_platform::files::{FileSystem, OpenFile, Replacement};

use super::checksum::Fingerprint;
use super::error::ProjectError;
use super::limits::ProjectLimits;
use super::paths::Paths;
use super::record::{HEAD_BYTES, Head, RECORD_BYTES, read_record, record_head, saved_payload};
use super::recovery::Recovery;
use crate::array::Array;

/// How long a step waits for others, in seconds. With the sync itself it stays below a second.
pub const SYNC_DELAY_SECS: f64 = 0.25;

/// How long the first try after a failure waits; each further one waits twice as long as the one before.
const RETRY_SECS: f64 = 0.5;

/// The longest wait between tries.
const RETRY_SECS_MAX: f64 = 8.0;

/// What keeps steps from the disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// What it is.
    pub kind: TroubleKind,
    /// In words, with the file and the remedy.
    pub message: Words,
    /// Since when, by the caller's clock.
    pub since_secs: f64,
    /// When the next try is, by the caller's clock.
    pub next_try_secs: f64,
}

/// Kinds of trouble, by what the user can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TroubleKind {
    /// Free space.
    NoSpace,
    /// Make the folder writable, or save elsewhere.
    NotWritable,
    /// Close the program that has the file open.
    Busy,
    /// Save: more steps wait than fit into memory.
    TooMuch,
    /// Read the message.
    Other,
}

impl TroubleKind {
    /// The kind of a failure.
    pub fn of(error: &ProjectError) -> TroubleKind {
        match error {
            ProjectError::Platform(PlatformError::NoSpace { .. }) => TroubleKind::NoSpace,
            ProjectError::Platform(PlatformError::PermissionDenied { .. } | PlatformError::ReadOnly { .. }) => {
                TroubleKind::NotWritable
            }
            ProjectError::Platform(PlatformError::Busy { .. }) => TroubleKind::Busy,
            ProjectError::Memory(_) => TroubleKind::TooMuch,
            _ => TroubleKind::Other,
        }
    }
}

/// See the module.
pub struct Journal<'scene, F: FileSystem> {
    path: &'scene Path,
    unfinished: &'scene Path,
    /// What was recovered and isn't written anew yet.
    recovered: &'scene [u8],
    file: Option<F::File>,
    base: Fingerprint,
    /// Records that wait, as they will stand in the file.
    pub(super) pending: Array<'scene, u8>,
    pending_bytes_max: usize,
    /// Bytes of the file at which no more steps are taken: opening it again has to be possible.
    bytes_max: u64,
    waiting_since_secs: Option<f64>,
    next: u64,
    durable: u64,
    durable_bytes: u64,
    /// Whether nothing in the file is needed: the next write begins it anew.
    is_fresh: bool,
    has_gap: bool,
    trouble: Option<Trouble>,
    retry_secs: f64,
    /// What was written, and is being synced.
    flight: Option<Flight>,
}

/// The first of the steps that wait.
#[derive(Clone, Copy)]
struct Flight {
    /// Their bytes.
    bytes: usize,
    /// The last one's number.
    last: u64,
}

impl<'scene, F: FileSystem> Journal<'scene, F> {
    /// Goes on where a recovery ended; `base` is the project file's fingerprint.
    pub(super) fn try_new(
        paths: &Paths<'scene>,
        base: Fingerprint,
        recovery: &Recovery<'scene>,
        limits: &ProjectLimits,
        memory: Tagged<'scene>,
    ) -> Result<Self, ProjectError> {
        let (child, pending_bytes_max) = room(memory, limits.pending_bytes_max)?;
        Ok(Journal {
            path: paths.journal,
            unfinished: paths.journal_unfinished,
            recovered: recovery.whole,
            file: None,
            base,
            pending: ArenaVec::new_in(child),
            pending_bytes_max,
            bytes_max: limits.journal_bytes_max as u64 / 2,
            waiting_since_secs: None,
            next: recovery.next,
            durable: recovery.first.saturating_sub(1),
            durable_bytes: recovery.whole.len() as u64,
            is_fresh: recovery.whole.is_empty(),
            has_gap: false,
            trouble: None,
            retry_secs: RETRY_SECS,
            flight: None,
        })
    }

    /// A journal that stands in for this one while it is elsewhere: steps gather in its memory and go to no file, until
    /// [`Journal::take_from`] takes them over.
    ///
    /// # Errors
    /// [`ProjectError::Memory`].
    pub fn stand_in(&self, memory: Tagged<'scene>) -> Result<Self, ProjectError> {
        let (child, pending_bytes_max) = room(memory, self.pending_bytes_max)?;
        Ok(Journal {
            recovered: &[],
            file: None,
            pending: ArenaVec::new_in(child),
            pending_bytes_max,
            waiting_since_secs: None,
            next: 1,
            durable: 0,
            durable_bytes: 0,
            is_fresh: true,
            has_gap: false,
            trouble: None,
            flight: None,
            ..*self
        })
    }

    /// Takes the steps over that have gathered in a journal that stood in for this one; it is empty then.
    pub fn take_from(&mut self, other: &mut Self, now_secs: f64) {
        let mut rest = &*other.pending;
        let mut is_whole = !other.has_gap;
        while let Some(record) = read_record(rest, None).filter(|_| is_whole) {
            let at = self.pending.len();
            let head = record_head(self.next, record.unix_secs, record.payload);
            let added = self.pending.try_extend_from_slice(&head);
            is_whole =
                self.takes(now_secs) && added.and_then(|()| self.pending.try_extend_from_slice(record.payload)).is_ok();
            if is_whole {
                self.next += 1;
                self.waiting_since_secs.get_or_insert(now_secs);
            } else {
                self.pending.truncate(at);
            }
            rest = rest.get(RECORD_BYTES + record.payload.len()..).unwrap_or_default();
        }
        if !is_whole {
            self.give_up(now_secs);
        }
        other.begin_empty();
    }

    /// The number of the last step that is safe on the disk.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// The number of the last step that was taken.
    pub fn last(&self) -> u64 {
        self.next - 1
    }

    /// Whether every step that was taken is safe on the disk.
    pub fn is_durable(&self) -> bool {
        self.pending.is_empty() && self.recovered.is_empty() && !self.has_gap
    }

    /// What keeps steps from the disk, if something does. They wait in memory, and the next try comes by itself.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// The project file that the steps follow.
    pub(super) fn base(&self) -> Fingerprint {
        self.base
    }

    /// Removes the file with all steps since the last save, and what waits.
    pub(super) fn discard(&mut self, files: &F) -> Result<(), ProjectError> {
        self.file = None;
        if files.exists(self.path)? {
            files.remove(self.path)?;
            files.sync_folder_of(self.path)?;
        }
        self.is_fresh = true;
        self.begin(files, self.base);
        Ok(())
    }

    /// Whether the next save has something in the file to tell about.
    pub(super) fn has_records(&self) -> bool {
        !self.is_fresh || !self.pending.is_empty()
    }

    /// Whether steps are taken; if not, [`Journal::trouble`] says why.
    pub(super) fn takes(&mut self, now_secs: f64) -> bool {
        if self.has_gap || self.durable_bytes + self.pending.len() as u64 > self.bytes_max {
            self.give_up(now_secs);
        }
        !self.has_gap
    }

    /// No more steps are taken until the next save. To be called after a step that can't be told, because it was larger than
    /// the whole history.
    pub fn give_up(&mut self, now_secs: f64) {
        self.has_gap = true;
        let message = whole(format_args!(
            "{}: the journal lacks edits, because more than {} bytes wait for the disk, it has more than {}, or one was \
             larger than the history; save the project to be safe",
            self.path.display(),
            self.pending_bytes_max,
            self.bytes_max
        ));
        let since_secs = self.trouble.as_ref().map_or(now_secs, |trouble| trouble.since_secs);
        self.trouble = Some(Trouble { kind: TroubleKind::TooMuch, message, since_secs, next_try_secs: now_secs });
    }

    /// Makes a record of the payload that begins `at` bytes into the pending ones, with room for its head before it.
    pub(super) fn seal(&mut self, at: usize, now_secs: f64, unix_secs: u64) -> u64 {
        let sequence = self.next;
        if let Some((head, payload)) =
            self.pending.get_mut(at..).and_then(|rest| rest.split_at_mut_checked(RECORD_BYTES))
        {
            head.copy_from_slice(&record_head(sequence, unix_secs, payload));
        }
        self.next += 1;
        self.waiting_since_secs.get_or_insert(now_secs);
        sequence
    }

    /// Writes what waits when it is time to. To be called each frame.
    ///
    /// Returns whether something came of it: what was durable, or in trouble, may be another then.
    pub fn update(&mut self, files: &F, now_secs: f64, unix_secs: u64) -> bool {
        if self.flight.is_some() {
            let ended = self.file.as_mut().and_then(OpenFile::poll_sync);
            let has_ended = ended.is_some();
            if let Some(ended) = ended {
                self.land(ended.map_err(ProjectError::from), now_secs);
            }
            return has_ended;
        }
        if !self.recovered.is_empty() {
            self.waiting_since_secs.get_or_insert(now_secs);
        }
        let Some(since) = self.waiting_since_secs else { return false };
        let due = match &self.trouble {
            Some(trouble) => trouble.next_try_secs,
            None => since + SYNC_DELAY_SECS,
        };
        if now_secs < due {
            return false;
        }
        match &mut self.file {
            Some(file) if self.recovered.is_empty() && !self.is_fresh => {
                let begun = file.write_all(&self.pending).and_then(|()| file.begin_sync());
                self.flight = Some(Flight { bytes: self.pending.len(), last: self.next - 1 });
                self.waiting_since_secs = None;
                match begun {
                    Ok(()) => return self.update(files, now_secs, unix_secs),
                    Err(error) => self.land(Err(error.into()), now_secs),
                }
            }
            // a file that isn't open yet is made, or mended, and that is waited for
            _ => drop(self.flush(files, now_secs, unix_secs)),
        }
        true
    }

    /// Writes what waits, now, and says whether all of it is durable. [`Journal::trouble`] says why not.
    pub fn flush(&mut self, files: &F, now_secs: f64, unix_secs: u64) -> bool {
        self.settle(now_secs);
        if self.pending.is_empty() && self.recovered.is_empty() {
            return self.is_durable();
        }
        match self.write(files, unix_secs) {
            Ok(()) => {
                self.durable = self.next - 1;
                self.pending.clear();
                self.is_well(now_secs);
            }
            Err(error) => self.is_in_trouble(&error, now_secs),
        }
        self.is_durable()
    }

    /// Waits for a sync that goes on.
    fn settle(&mut self, now_secs: f64) {
        if self.flight.is_some()
            && let Some(file) = &mut self.file
        {
            let synced = file.sync();
            self.land(synced.map_err(ProjectError::from), now_secs);
        }
    }

    /// A sync that was begun has ended.
    fn land(&mut self, synced: Result<(), ProjectError>, now_secs: f64) {
        let Some(flight) = self.flight.take() else { return };
        match synced {
            Ok(()) => {
                self.durable = flight.last;
                self.durable_bytes += flight.bytes as u64;
                self.pending.copy_within(flight.bytes.., 0);
                self.pending.truncate(self.pending.len() - flight.bytes);
                self.is_well(now_secs);
            }
            Err(error) => self.is_in_trouble(&error, now_secs),
        }
    }

    fn is_well(&mut self, now_secs: f64) {
        if self.pending.is_empty() {
            self.waiting_since_secs = None;
        }
        self.retry_secs = RETRY_SECS;
        self.trouble = None;
        if self.has_gap {
            self.give_up(now_secs);
        }
    }

    fn is_in_trouble(&mut self, error: &ProjectError, now_secs: f64) {
        self.file = None;
        self.waiting_since_secs.get_or_insert(now_secs);
        let since_secs = self.trouble.as_ref().map_or(now_secs, |trouble| trouble.since_secs);
        let (kind, message) = (TroubleKind::of(error), whole(error));
        let next_try_secs = now_secs + self.retry_secs;
        self.retry_secs = (self.retry_secs * 2.0).min(RETRY_SECS_MAX);
        self.trouble = Some(Trouble { kind, message, since_secs, next_try_secs });
    }

    fn write(&mut self, files: &F, unix_secs: u64) -> Result<(), ProjectError> {
        if !self.recovered.is_empty() {
            return self.write_anew(files);
        }
        let mut written = self.pending.len() as u64;
        let mut file = match self.file.take() {
            Some(file) => file,
            None if self.is_fresh => {
                let mut file = files.create(self.path, None)?;
                file.write_all(&Head { created_unix_secs: unix_secs, base: self.base }.write())?;
                written += HEAD_BYTES as u64;
                file
            }
            None => {
                let mut file = files.open(self.path)?;
                file.truncate(self.durable_bytes)?;
                file
            }
        };
        file.write_all(&self.pending)?;
        file.sync()?;
        if self.is_fresh {
            files.sync_folder_of(self.path)?;
            self.durable_bytes = 0;
            self.is_fresh = false;
        }
        self.durable_bytes += written;
        self.file = Some(file);
        Ok(())
    }

    /// Puts a new file with what was recovered and what waits in the old one's place.
    fn write_anew(&mut self, files: &F) -> Result<(), ProjectError> {
        let mut anew = Replacement::begin(files, self.path, self.unfinished)?;
        anew.write(self.recovered)?;
        anew.write(&self.pending)?;
        anew.place()?;
        files.sync_folder_of(self.path)?;
        self.durable_bytes = (self.recovered.len() + self.pending.len()) as u64;
        self.recovered = &[];
        Ok(())
    }

    /// Tells the journal that a project file with this fingerprint, which has all steps so far, is about to take its place:
    /// whichever of the two files a crash leaves, the journal knows which steps it lacks.
    ///
    /// Returns whether that is durable. If not, it is forgotten.
    pub(super) fn announce(&mut self, files: &F, saved: Fingerprint, now_secs: f64, unix_secs: u64) -> bool {
        self.settle(now_secs);
        let (at, next, waiting) = (self.pending.len(), self.next, self.waiting_since_secs);
        if self.put_saved(saved, now_secs, unix_secs) {
            self.flush(files, now_secs, unix_secs);
            if self.pending.is_empty() {
                return true;
            }
        }
        self.pending.truncate(at);
        (self.next, self.waiting_since_secs) = (next, waiting);
        false
    }

    /// As [`Journal::announce`], for a file that has taken its place already: told before any later step.
    pub(super) fn announce_later(&mut self, saved: Fingerprint, now_secs: f64, unix_secs: u64) {
        let at = self.pending.len();
        if !self.put_saved(saved, now_secs, unix_secs) {
            self.pending.truncate(at);
            self.give_up(now_secs);
        }
    }

    fn put_saved(&mut self, saved: Fingerprint, now_secs: f64, unix_secs: u64) -> bool {
        let payload = saved_payload(saved);
        let added = self.pending.try_extend_from_slice(&record_head(self.next, unix_secs, &payload));
        let is_added = added.and_then(|()| self.pending.try_extend_from_slice(&payload)).is_ok();
        if is_added {
            self.next += 1;
            self.waiting_since_secs.get_or_insert(now_secs);
        }
        is_added
    }

    /// Begins anew behind a project file that has all steps so far.
    pub(super) fn begin(&mut self, files: &F, base: Fingerprint) {
        // whether it goes now or is replaced later is no matter: what it holds is in the project file
        self.flight = None;
        let had_file = self.file.take().is_some() || !self.is_fresh;
        if had_file {
            let _ = files.remove(self.path);
        }
        self.base = base;
        self.begin_empty();
    }

    /// Nothing waits, and nothing that came before is missed.
    fn begin_empty(&mut self) {
        self.recovered = &[];
        self.pending.clear();
        self.waiting_since_secs = None;
        self.durable = self.next - 1;
        self.durable_bytes = 0;
        self.is_fresh = true;
        self.has_gap = false;
        self.trouble = None;
        self.retry_secs = RETRY_SECS;
    }
}

/// A child arena for what waits: as large as asked, or half of that, and so on, where the scene arena has less.
fn room<'scene>(memory: Tagged<'scene>, asked: usize) -> Result<(Sole<'scene>, usize), ProjectError> {
    let mut bytes = asked.max(64 << 10);
    loop {
        match memory.try_child("journal", bytes.saturating_add(64 << 10)) {
            Ok(child) => return Ok((child.into_sole(Tag::PROJECT), bytes)),
            Err(_) if bytes > 64 << 10 => bytes /= 2,
            Err(error) => return Err(error.into()),
        }
    }
}
