//! An open project's place on the disk: what saves it, the journal's turn each frame, and what is to be said about both.

use super::Project;
use super::draft::{self, Drafts};
use super::files::ProjectFile;
use super::request::{PROJECT_ENDING, ProjectRequest, SceneName};
use super::saving::{CaptureGoing, Saving, Spare, refuse_changed};
use super::staged::unix_secs;
use crate::error::EditorError;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use voltrum::memory::{ArenaVec, Tagged};
use voltrum::platform::files::{SystemFiles, SystemLock};
use voltrum::scene::project::{self, FileEntry, LoadedProject, ProjectLimits, ProjectStore, Telling};
use voltrum::scene::undo::{self, Told};

/// Address space for what a save writes, and for the file that it compares.
pub(super) const SAVE_BYTES: usize = 8 << 30;

/// How often a save that goes on is asked whether it has ended.
const SAVING_POLL: Duration = Duration::from_millis(20);

/// A state that no history has.
const NEVER: u64 = u64::MAX;

pub(super) type Store<'scene> = ProjectStore<'scene, SystemFiles>;

/// What may be done with the open project's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// It has none yet.
    Untitled,
    /// It may be saved.
    Writable,
    /// It may only be looked at, or saved elsewhere.
    ReadOnly {
        /// Why: who has it open.
        reason: &'a str,
    },
}

/// See the module.
pub(super) struct Disk<'scene> {
    pub(super) store: Option<Store<'scene>>,
    /// Whether the store is a draft's: the project has no file yet.
    pub(super) is_draft: bool,
    pub(super) drafts: Drafts<'scene>,
    /// What a save begins with, while it goes on.
    pub(super) capture: Option<CaptureGoing<'scene>>,
    /// A save that goes on, with the store.
    pub(super) saving: Option<Saving<'scene>>,
    /// Where edits gather meanwhile, once there was a save.
    pub(super) spare: Option<Spare<'scene>>,
    /// How the last save ended, until somebody asks.
    pub(super) outcome: Option<Result<(), EditorError>>,
    began: Instant,
    /// The history's state that the file has.
    pub(super) saved_state: u64,
    discards: bool,
}

impl<'scene> Disk<'scene> {
    pub(super) fn open(
        loaded: Option<LoadedProject<'scene, SystemLock>>,
        saved_state: u64,
        is_draft: bool,
        memory: Tagged<'scene>,
    ) -> Result<Disk<'scene>, EditorError> {
        let store = match loaded {
            Some(loaded) => Some(ProjectStore::try_new(SystemFiles, loaded, &ProjectLimits::default(), memory)?),
            None => None,
        };
        // what a draft has is in no file
        let saved_state = if is_draft { NEVER } else { saved_state };
        Ok(Disk {
            store,
            is_draft,
            drafts: Drafts::default(),
            capture: None,
            saving: None,
            spare: None,
            outcome: None,
            began: Instant::now(),
            saved_state,
            discards: false,
        })
    }

    pub(super) fn now(&self) -> (f64, u64) {
        (self.began.elapsed().as_secs_f64(), unix_secs())
    }

    fn writable(&mut self) -> Option<&mut Store<'scene>> {
        self.store.as_mut().filter(|store| store.is_writable())
    }
}

impl<'scene> Project<'scene> {
    /// The project file; `None` while it was never saved.
    pub fn path(&self) -> Option<&'scene Path> {
        let stored = self.disk.store.as_ref().filter(|_| !self.disk.is_draft).map(ProjectStore::path);
        stored.or(self.disk.saving.as_ref().map(|saving| saving.path))
    }

    /// What opens the same once more. Edits of a project that was never saved are part of it where it has a draft.
    pub fn as_request(&self) -> ProjectRequest {
        let draft = self.disk.store.as_ref().filter(|_| self.disk.is_draft && self.is_unsaved());
        match self.path() {
            _ if self.is_empty() => ProjectRequest::Close,
            _ if let Some(draft) = draft => ProjectRequest::Recover(draft.path().to_path_buf()),
            Some(path) => ProjectRequest::Open(path.to_path_buf()),
            None if self.shown_path.is_empty() => ProjectRequest::New,
            None => match self.files.first().and_then(|file| file.entry.scene) {
                Some(scene) => {
                    ProjectRequest::OpenScene { path: PathBuf::from(self.shown_path), scene: SceneName::Number(scene) }
                }
                None => ProjectRequest::Open(PathBuf::from(self.shown_path)),
            },
        }
    }

    /// What may be done with the file.
    pub fn access(&self) -> Access<'_> {
        match &self.disk.store {
            _ if self.disk.is_draft => Access::Untitled,
            None if self.disk.saving.is_some() => Access::Writable,
            None => Access::Untitled,
            Some(store) => match store.access() {
                project::Access::Write { .. } => Access::Writable,
                project::Access::ReadOnly { reason, .. } => Access::ReadOnly { reason },
            },
        }
    }

    /// Whether there are edits that the file lacks: what closing asks about.
    pub fn is_unsaved(&self) -> bool {
        self.history.state() != self.disk.saved_state
    }

    /// Whether a path is the open project's file.
    pub fn is_same_file(&self, path: &Path) -> bool {
        let real = path.canonicalize();
        self.path().is_some_and(|own| own == path || real.is_ok_and(|real| real == own))
    }

    /// What keeps edits from the disk, if something does; the next try comes by itself.
    pub fn journal_trouble(&self) -> Option<&str> {
        if let Some(trouble) = self.disk.drafts.trouble() {
            return Some(trouble);
        }
        let trouble = self.disk.store.as_ref()?.journal().trouble()?;
        Some(&trouble.message)
    }

    /// The number of the last step that was handed to the journal, and of the last that is safe on the disk.
    pub fn steps(&self) -> (u64, u64) {
        let before = self.disk.saving.as_ref().map_or((0, 0), |saving| saving.steps);
        self.disk.store.as_ref().map_or(before, |store| (store.journal().last(), store.journal().durable()))
    }

    /// In how long [`Project::update`] has something to write; `None` when nothing waits.
    pub fn wakes_within(&self) -> Option<Duration> {
        let (now, _) = self.disk.now();
        if self.disk.capture.is_some() {
            return Some(Duration::ZERO);
        }
        if self.disk.saving.is_some() {
            return Some(SAVING_POLL);
        }
        if let Some(next_try_secs) = self.disk.drafts.next_try_secs() {
            return Some(Duration::from_secs_f64((next_try_secs - now).clamp(0.0, 60.0)));
        }
        let store = self.disk.store.as_ref().filter(|store| store.is_writable())?;
        let secs = match store.journal().trouble() {
            Some(trouble) => trouble.next_try_secs - now,
            None if store.journal().is_durable() && !self.is_drag_untold() => return None,
            None => project::SYNC_DELAY_SECS,
        };
        Some(Duration::from_secs_f64(secs.clamp(0.0, 60.0)))
    }

    /// Whether "Don't save" was chosen: then closing gives up the edits since the last save. Otherwise they stay in the
    /// journal, and the next opening recovers them.
    pub fn discard_on_close(&mut self, discards: bool) {
        self.disk.discards = discards;
    }

    /// Writes steps that have waited long enough.
    pub(super) fn sync(&mut self) {
        self.poll_saving();
        let (now, unix) = self.disk.now();
        if let Some(store) = &mut self.disk.store {
            store.update(now, unix);
        }
        self.retry_draft(now);
    }

    /// Writes steps that wait, now; says whether all edits are safe on the disk.
    pub fn flush(&mut self) -> bool {
        self.finish_saving();
        self.end_drag();
        let (now, unix) = self.disk.now();
        self.disk.store.as_mut().is_some_and(|store| store.flush(now, unix))
    }

    /// Tells the journal what the last step amounted to.
    pub(super) fn tell(&mut self, told: Told, telling: Telling, label: &str) {
        self.begin_draft();
        let (now, unix) = self.disk.now();
        let is_draft = self.disk.is_draft;
        let journal = match (&mut self.disk.store, &mut self.disk.spare) {
            (Some(store), _) => store.journal_mut().ok(),
            (None, spare) => spare.as_mut().filter(|_| self.disk.saving.is_some()),
        };
        let Some(journal) = journal else { return };
        let (scene, keys) = (&*self.scene, &mut self.keys);
        let mut step = journal.tell(label, telling);
        for file in self.files.iter_mut().filter(|file| !file.is_listed && file.is_used(scene, keys)) {
            let place = file.place.and_then(Path::to_str).filter(|_| is_draft);
            step.import(&FileEntry { path: place.unwrap_or(file.entry.path), ..file.entry });
            file.is_listed = true;
        }
        let visited = match telling {
            Telling::TakenBack => Ok(()),
            _ => undo::visit_edits(self.history, scene, told, &mut |edit| step.add(edit, keys)),
        };
        let is_taken = match visited {
            Ok(()) => step.finish(now, unix).is_some(),
            Err(error) => {
                drop(step);
                tracing::error!("an edit can't be kept in the journal: {error}");
                journal.give_up(now);
                false
            }
        };
        if !is_taken {
            self.save_what_is_lost();
        }
    }

    /// After a step that the journal can't take, be it that it was larger than the history, or that too much is in it
    /// already: only a save makes it safe.
    pub(super) fn save_what_is_lost(&mut self) {
        let (now, _) = self.disk.now();
        if let Some(store) = self.disk.writable()
            && let Ok(journal) = store.journal_mut()
        {
            journal.give_up(now);
        }
        let saved = if self.disk.is_draft { self.save_draft() } else { self.save() };
        if let Err(error) = saved {
            tracing::warn!("the last edit is neither in the journal nor saved: {error}");
        }
    }

    /// Saves: atomic and durable when it returns. [`Project::begin_saving`] doesn't wait.
    ///
    /// # Errors
    /// [`EditorError::NeedsPath`] for one that has no file yet, [`EditorError::ChangedOutside`] when somebody else has
    /// written the file since it was read; when it is open for reading only, or the disk refuses. The file is as it was.
    pub fn save(&mut self) -> Result<(), EditorError> {
        self.finish_saving();
        if let Some(store) = self.disk.store.as_ref().filter(|_| !self.disk.is_draft) {
            refuse_changed(store)?;
        }
        self.save_over()
    }

    /// As [`Project::save`], whoever has written the file meanwhile.
    ///
    /// # Errors
    /// As [`Project::save`], but for what it doesn't look at.
    pub fn save_over(&mut self) -> Result<(), EditorError> {
        self.finish_saving();
        self.end_drag();
        if self.disk.is_draft {
            return Err(EditorError::NeedsPath);
        }
        let Some(mut store) = self.disk.store.take() else { return Err(EditorError::NeedsPath) };
        let saved = self.write_to(&mut store, None);
        self.disk.store = Some(store);
        saved.map(|()| self.disk.saved_state = self.history.state())
    }

    /// Saves to another file, which is the project's from then on. What was there is replaced; a path without an ending
    /// gets [`PROJECT_ENDING`].
    ///
    /// # Errors
    /// As [`Project::save`]; when a glTF file is outside of the new file's folder.
    pub fn save_as(&mut self, path: &Path) -> Result<(), EditorError> {
        let mut path = PathBuf::from(path);
        if path.extension().is_none() {
            path.set_extension(PROJECT_ENDING);
        }
        if self.is_same_file(&path) {
            return self.save_over();
        }
        self.finish_saving();
        self.end_drag();
        let claimed = project::claim(&SystemFiles, &path, unix_secs(), self.memory)?;
        let mut entries = ArenaVec::new_in(self.memory);
        for file in &self.files {
            let path = match file.place {
                Some(place) => project::reference(claimed.path(), place, self.memory)?,
                None => {
                    let folder = self.path().and_then(Path::parent).unwrap_or(Path::new(""));
                    project::reference(claimed.path(), &folder.join(file.entry.path), self.memory)?
                }
            };
            entries.try_push(FileEntry { path, ..file.entry })?;
        }
        let mut store = ProjectStore::try_new(SystemFiles, claimed, &ProjectLimits::default(), self.memory)?;
        self.write_to(&mut store, Some(&entries))?;
        self.disk.saved_state = self.history.state();
        for (file, entry) in self.files.iter_mut().zip(&entries) {
            file.entry = *entry;
        }
        let (shown, title) = shown_title(&path, self.memory)?;
        (self.shown_path, self.title) = (shown, title);
        let was_draft = std::mem::take(&mut self.disk.is_draft);
        self.disk.drafts = Drafts::default();
        // what is in the old one is in the new file
        match self.disk.store.replace(store) {
            Some(old) if was_draft => draft::remove(old),
            Some(mut old) if old.is_writable() => {
                if let Err(error) = old.discard() {
                    tracing::warn!("the old file's journal stays: {error}");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes the document; `entries` are the files' references from there, where they are others.
    pub(super) fn write_to(
        &mut self,
        store: &mut Store<'scene>,
        entries: Option<&[FileEntry<'scene>]>,
    ) -> Result<(), EditorError> {
        let (now, unix) = self.disk.now();
        let captured = self.capture(entries)?;
        store.save(&captured.document(), now, unix)?;
        self.is_saved(&captured);
        Ok(())
    }

    /// Leaves the disk: what waits is written, or given up where that was chosen or changes nothing.
    pub(super) fn leave_disk(&mut self) {
        self.finish_saving();
        self.end_drag();
        let (now, unix) = self.disk.now();
        let gives_up = self.disk.discards || !self.is_unsaved();
        let Some(mut store) = self.disk.store.take() else { return };
        if gives_up && self.disk.is_draft {
            draft::remove(store);
        } else if gives_up && store.is_writable() && store.is_changed() {
            if let Err(error) = store.discard() {
                tracing::warn!("the journal stays: {error}");
            }
        } else if store.is_writable() && !store.close(now, unix) {
            tracing::warn!("edits since the last save could not be kept in the journal");
        }
    }
}

/// A path as it is shown, and its last part.
pub(super) fn shown_title<'scene>(
    path: &Path,
    memory: Tagged<'scene>,
) -> Result<(&'scene str, &'scene str), EditorError> {
    let shown: &'scene str = memory.try_alloc_fmt(format_args!("{}", path.display()))?;
    Ok((shown, title_of(shown)))
}

/// The last part of a path as it is shown.
pub(super) fn title_of(shown: &str) -> &str {
    shown.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or(shown)
}

/// Where a file that is to become part of a project is, seen from its folder.
pub(super) fn reference_of<'scene>(
    project: Option<&Path>,
    file: &ProjectFile<'scene>,
    memory: Tagged<'scene>,
) -> Result<&'scene str, EditorError> {
    match (project, file.place) {
        (Some(project), Some(place)) => Ok(project::reference(project, place, memory)?),
        _ => Ok(file.entry.path),
    }
}
