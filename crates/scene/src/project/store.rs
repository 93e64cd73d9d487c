//! An open project's place on the disk: what saves it, and the journal.
//!
//! A save goes: the new document beside the old one, durable; a word in the journal about what is coming; the rename,
//! durable; the journal's end. A crash between any two of these leaves a document, and a journal that knows which steps
//! that one lacks.
//!
//! # Invariants
//! 1. A save that fails leaves the old document, and all steps since it, as they were.

use std::path::Path;

use voltrum_assets::words::{shown_path, whole};
use voltrum_memory::Tagged;
use voltrum_platform::PlatformError;
use voltrum_platform::files::{FileSystem, Replacement};

use super::checksum::{Crc32c, Fingerprint};
use super::document::Document;
use super::error::ProjectError;
use super::journal::Journal;
use super::limits::ProjectLimits;
use super::load::{Access, LoadedProject};
use super::paths::Paths;
use super::write::write;

/// See the module.
pub struct ProjectStore<'scene, F: FileSystem> {
    files: F,
    paths: Paths<'scene>,
    access: Access<'scene, F::Lock>,
    limits: ProjectLimits,
    journal: Journal<'scene, F>,
    saved: u64,
    /// The last document that was about to take its place.
    announced: Option<Fingerprint>,
}

impl<'scene, F: FileSystem> ProjectStore<'scene, F> {
    /// Takes a loaded project over. Its document and recovery are plain data that stay where they are.
    ///
    /// # Errors
    /// When the scene arena has no room for steps that wait.
    pub fn try_new(
        files: F,
        loaded: LoadedProject<'scene, F::Lock>,
        limits: &ProjectLimits,
        memory: Tagged<'scene>,
    ) -> Result<Self, ProjectError> {
        let LoadedProject { recovery, access, paths, base, .. } = loaded;
        let journal = Journal::try_new(&paths, base, &recovery, limits, memory)?;
        let saved = journal.last() - recovery.steps.min(journal.last());
        Ok(ProjectStore { files, paths, access, limits: *limits, journal, saved, announced: None })
    }

    /// The project file, with links followed.
    pub fn path(&self) -> &'scene Path {
        self.paths.project
    }

    /// What may be done with it.
    pub fn access(&self) -> &Access<'scene, F::Lock> {
        &self.access
    }

    /// Whether it may be saved.
    pub fn is_writable(&self) -> bool {
        matches!(self.access, Access::Write { .. })
    }

    /// Where finished steps go.
    pub fn journal(&self) -> &Journal<'scene, F> {
        &self.journal
    }

    /// Where finished steps go. Those of a project that is open for reading only must not go anywhere.
    ///
    /// # Errors
    /// [`ProjectError::ReadOnly`].
    pub fn journal_mut(&mut self) -> Result<&mut Journal<'scene, F>, ProjectError> {
        self.require_writable()?;
        Ok(&mut self.journal)
    }

    /// Whether there are steps that the project file doesn't have.
    pub fn is_changed(&self) -> bool {
        self.journal.last() > self.saved || !self.journal.is_durable()
    }

    /// Writes steps that have waited long enough. To be called each frame; see [`Journal::update`].
    pub fn update(&mut self, now_secs: f64, unix_secs: u64) -> bool {
        self.is_writable() && self.journal.update(&self.files, now_secs, unix_secs)
    }

    /// Writes steps that wait, now, and says whether all are durable; [`Journal::trouble`] says why not.
    pub fn flush(&mut self, now_secs: f64, unix_secs: u64) -> bool {
        self.is_writable() && self.journal.flush(&self.files, now_secs, unix_secs)
    }

    /// Saves: atomic and durable when it returns. The journal ends with it.
    ///
    /// # Errors
    /// [`ProjectError::ReadOnly`]; as [`write`](super::write()); [`ProjectError::Platform`] with the file and the cause. The
    /// old project file is whole then, and the journal goes on.
    pub fn save(&mut self, document: &Document<'_>, now_secs: f64, unix_secs: u64) -> Result<(), ProjectError> {
        self.require_writable()?;
        let files = &self.files;
        let mut next = Replacement::begin(files, self.paths.project, self.paths.unfinished)?;
        let (mut len, mut crc) = (0, Crc32c::new());
        let limit = self.limits.file_bytes_max as u64;
        write(document, self.paths.project, &self.limits, &mut |bytes| {
            len += bytes.len() as u64;
            if len > limit {
                let (path, what, option) = (shown_path(self.paths.project), "bytes", "file_bytes_max");
                return Err(ProjectError::Limit { path, what, count: len, limit, option });
            }
            crc.add(bytes);
            Ok(next.write(bytes)?)
        })?;
        next.seal()?;
        let saved = Fingerprint { len, crc: crc.value() };
        // where the journal can't be told, the project is saved all the same: the journal is what fails
        let is_announced = !self.journal.has_records() || self.journal.announce(files, saved, now_secs, unix_secs);
        self.announced = Some(saved);
        next.place()?;
        if let Err(error) = files.sync_folder_of(self.paths.project) {
            if !is_announced {
                // the new file is there to see, so no later step may be safe before the journal knows of it
                self.journal.announce_later(saved, now_secs, unix_secs);
            }
            return Err(error.into());
        }
        self.journal.begin(files, saved);
        self.saved = self.journal.last();
        Ok(())
    }

    /// Whether the project file is another one than it was when it was read or saved last: somebody else has written it, and
    /// a save would replace that. A file that is gone is none that could be lost. `scratch` has to hold the file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn is_changed_outside(&self, scratch: Tagged<'_>) -> Result<bool, ProjectError> {
        if !self.files.exists(self.paths.project)? {
            return Ok(false);
        }
        let text = match self.files.read(self.paths.project, scratch, self.limits.file_bytes_max) {
            Err(PlatformError::TooLarge { .. }) => return Ok(true),
            text => text?,
        };
        let found = Fingerprint::of(text);
        Ok(found != self.journal.base() && Some(found) != self.announced)
    }

    /// Gives up all steps since the last save: nothing of them is recovered any more.
    ///
    /// # Errors
    /// [`ProjectError::ReadOnly`]; [`ProjectError::Platform`] when the journal can't be removed.
    pub fn discard(&mut self) -> Result<(), ProjectError> {
        self.require_writable()?;
        self.journal.discard(&self.files)?;
        self.saved = self.journal.last();
        Ok(())
    }

    /// Closes: what waits is written, and the lock is given back. Says whether all steps are safe on the disk.
    pub fn close(mut self, now_secs: f64, unix_secs: u64) -> bool {
        self.flush(now_secs, unix_secs)
    }

    fn require_writable(&self) -> Result<(), ProjectError> {
        match &self.access {
            Access::Write { .. } => Ok(()),
            Access::ReadOnly { reason, .. } => {
                Err(ProjectError::ReadOnly { path: shown_path(self.paths.project), reason: whole(reason) })
            }
        }
    }
}
