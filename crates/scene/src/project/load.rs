//! Opening a project: its lock, its document, and what its journal gives back. May run on a worker: what comes of it is
//! plain data.
//!
//! # Invariants
//! 1. Without the lock nothing on the disk is changed.
//! 2. A journal that can't be applied whole is kept under another name, never thrown away.

use std::path::Path;

use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::PlatformError;
use voltrum_platform::files::{FileSystem, LockOwner, Locking, OpenFile};

use super::checksum::Fingerprint;
use super::document::Document;
use super::error::ProjectError;
use super::limits::ProjectLimits;
use super::paths::Paths;
use super::read::read;
use super::record::STEP;
use super::recovery::{Damage, Recovery};
use super::step_reader::StepReader;

/// What a project is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// To change it: nobody else may.
    Edit,
    /// To look at it: nothing on the disk changes, and nobody is kept out.
    Look,
}

/// What may be done with a project.
#[derive(Debug)]
pub enum Access<'s, L> {
    /// It may be saved.
    Write {
        /// Keeps others out.
        lock: L,
        /// Who had it before and ended without closing it.
        stale: Option<LockOwner<'s>>,
    },
    /// It may only be looked at.
    ReadOnly {
        /// Who has it, where somebody has.
        owner: Option<LockOwner<'s>>,
        /// Why, and what to do.
        reason: &'s str,
    },
}

/// A project that was read. Plain data in the scene arena, but for the lock.
#[derive(Debug)]
pub struct LoadedProject<'s, L> {
    /// What the file says.
    pub document: Document<'s>,
    /// What the journal gives back.
    pub recovery: Recovery<'s>,
    /// What may be done with it.
    pub access: Access<'s, L>,
    /// Whether there is no file yet.
    pub is_new: bool,
    /// Where a journal was kept that couldn't be applied.
    pub kept_aside: Option<&'s Path>,
    pub(super) paths: Paths<'s>,
    pub(super) base: Fingerprint,
}

impl<'s, L> LoadedProject<'s, L> {
    /// The project file, with links followed.
    pub fn path(&self) -> &'s Path {
        self.paths.project
    }
}

impl<'s> Recovery<'s> {
    /// The steps to replay, in order.
    ///
    /// # Errors
    /// [`ProjectError::Record`] for what this version doesn't understand; the steps before it count.
    pub fn replay(&self) -> impl Iterator<Item = Result<StepReader<'s>, ProjectError>> + use<'s> {
        self.iter().map(|record| StepReader::new(record.sequence, record.payload))
    }
}

/// Reads the project at `path`, or begins a new one where nothing is. `now_unix_secs` is written into the lock.
///
/// # Errors
/// As [`read`]; [`ProjectError::Platform`] when a file is there and can't be read, or the folder isn't. Somebody else's
/// lock is no error: the project is open for reading then.
pub fn load<'s, F: FileSystem>(
    files: &F,
    path: &Path,
    intent: Intent,
    now_unix_secs: u64,
    limits: &ProjectLimits,
    memory: Tagged<'s>,
) -> Result<LoadedProject<'s, F::Lock>, ProjectError> {
    let memory = memory.with_tag(Tag::PROJECT);
    let paths = Paths::of(files, path, now_unix_secs, memory)?;
    let mut access = lock(files, &paths, intent, now_unix_secs, memory)?;
    if matches!(access, Access::Write { .. })
        && let Err(error) = files.sync_folder_of(paths.project)
    {
        // a save that failed at its last step may be there to see, and gone after a power cut: nothing may follow it
        access = Access::ReadOnly { owner: None, reason: memory.try_alloc_fmt(format_args!("{error}"))? };
    }
    let is_new = !files.exists(paths.project)?;
    let (document, base) = if is_new {
        (Document::EMPTY, Fingerprint::NONE)
    } else {
        let mut text = room(memory, limits.file_bytes_max)?;
        let scope = text.open();
        let text = files.read(paths.project, scope.tagged(Tag::PROJECT), limits.file_bytes_max)?;
        (read(text, path, limits, memory)?, Fingerprint::of(text))
    };
    let mut recovery = Recovery::NONE;
    let mut kept_aside = None;
    if files.exists(paths.journal)? {
        let journal: &'s [u8] = files.read(paths.journal, memory, limits.journal_bytes_max)?;
        recovery = Recovery::read(journal, base);
        if let (Some(damage), Access::Write { .. }) = (recovery.damage, &access) {
            match keep_aside(files, &paths, damage, journal) {
                Ok(()) => kept_aside = Some(paths.aside),
                // what can't be kept must not be written over
                Err(error) => {
                    let reason = memory.try_alloc_fmt(format_args!("{damage}, and it can't be kept: {error}"))?;
                    access = Access::ReadOnly { owner: None, reason };
                }
            }
        }
    }
    if matches!(recovery.damage, Some(Damage::Head | Damage::Newer | Damage::OtherProject)) {
        // the next journal begins anew
        recovery.whole = &[];
    }
    Ok(LoadedProject { document, recovery, access, is_new, kept_aside, paths, base })
}

/// Takes a place for a project that is to be saved there for the first time: nothing of what is there is read, and the first
/// save replaces it. A journal that is there is kept under another name.
///
/// # Errors
/// When the folder isn't there, or the journal can't be kept; [`ProjectError::Memory`].
pub fn claim<'s, F: FileSystem>(
    files: &F,
    path: &Path,
    now_unix_secs: u64,
    memory: Tagged<'s>,
) -> Result<LoadedProject<'s, F::Lock>, ProjectError> {
    let memory = memory.with_tag(Tag::PROJECT);
    let paths = Paths::of(files, path, now_unix_secs, memory)?;
    let access = lock(files, &paths, Intent::Edit, now_unix_secs, memory)?;
    let mut kept_aside = None;
    if matches!(access, Access::Write { .. }) && files.exists(paths.journal)? {
        keep_aside(files, &paths, Damage::OtherProject, &[])?;
        kept_aside = Some(paths.aside);
    }
    let (document, base) = (Document::EMPTY, Fingerprint::NONE);
    Ok(LoadedProject { document, recovery: Recovery::NONE, access, is_new: true, kept_aside, paths, base })
}

fn lock<'s, F: FileSystem>(
    files: &F,
    paths: &Paths<'s>,
    intent: Intent,
    now_unix_secs: u64,
    memory: Tagged<'s>,
) -> Result<Access<'s, F::Lock>, ProjectError> {
    if intent == Intent::Look {
        return Ok(Access::ReadOnly { owner: None, reason: "it was opened to look at it only" });
    }
    let (owner, reason) = match files.lock(paths.lock, now_unix_secs, memory) {
        Ok(Locking::Taken { lock, stale }) => return Ok(Access::Write { lock, stale }),
        Ok(Locking::Held(owner @ Some(by))) => {
            (owner, &*memory.try_alloc_fmt(format_args!("{by} has it open; close it there and open it again"))?)
        }
        Ok(Locking::Held(None)) => (None, "another process has it open; close it there and open it again"),
        Err(error @ (PlatformError::NotFound { .. } | PlatformError::Memory(_))) => return Err(error.into()),
        Err(error) => (None, &*memory.try_alloc_fmt(format_args!("{error}"))?),
    };
    Ok(Access::ReadOnly { owner, reason })
}

/// Keeps a journal that can't be applied whole: the part that can stays in its place.
fn keep_aside<F: FileSystem>(files: &F, paths: &Paths<'_>, damage: Damage, journal: &[u8]) -> Result<(), ProjectError> {
    let Damage::Records { offset, .. } = damage else {
        files.rename(paths.journal, paths.aside)?;
        return Ok(files.sync_folder_of(paths.aside)?);
    };
    let mut copy = files.create(paths.aside, None)?;
    copy.write_all(journal)?;
    copy.sync()?;
    files.sync_folder_of(paths.aside)?;
    let mut kept = files.open(paths.journal)?;
    kept.truncate(offset)?;
    Ok(kept.sync()?)
}

/// A child arena for a text of up to `asked` bytes, or of half of that, and so on, where the scene arena has less.
fn room<'s>(memory: Tagged<'s>, asked: usize) -> Result<Arena<'s>, ProjectError> {
    let mut bytes = asked.saturating_add(64 << 10);
    loop {
        match memory.try_child("project text", bytes) {
            Err(_) if bytes > 128 << 10 => bytes /= 2,
            child => return Ok(child?),
        }
    }
}

const _: () = assert!(STEP != 0, "zeros are no step");
