//! Saving beside the frames: the main thread says what the file is to hold, another one writes it.
//!
//! # Invariants
//! 1. While a save goes on, the store is with it, and edits gather in a journal that stands in: the real one has them right
//!    after the save, whatever came of that.
//! 2. The project counts as saved as far as it was captured, once the file is durable and in its place, and not before.

use super::Project;
use super::disk::{SAVE_BYTES, Store};
use crate::error::EditorError;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use voltrum::memory::{Arena, Tag, heap_scope};
use voltrum::platform::files::SystemFiles;
use voltrum::scene::project::{self, Document, EntityEntry, EntityKey, FileEntry, Journal, Piece, UnknownField, View};

/// How long a wait for the other thread lasts before it is looked whether that one is still there.
const PATIENCE: Duration = Duration::from_millis(50);

/// What a file is to hold: plain data.
#[derive(Debug)]
pub(super) struct Captured<'scene> {
    files: Vec<FileEntry<'scene>>,
    entities: Vec<EntityEntry<'scene>>,
    removed: Vec<EntityKey>,
    view: View<'scene>,
    next_number: u32,
    unknown: &'scene [UnknownField<'scene>],
    /// The history's state that it is of.
    pub(super) state: u64,
}

impl Captured<'_> {
    pub(super) fn document(&self) -> Document<'_> {
        Document {
            files: &self.files,
            entities: &self.entities,
            removed: &self.removed,
            view: self.view,
            next_number: self.next_number,
            unknown: self.unknown,
        }
    }

    /// Whether a file is in it.
    pub(super) fn has_file(&self, id: u32) -> bool {
        self.files.iter().any(|file| file.id == id)
    }
}

/// A save on its way to the thread that does it. [`SaveWork::run`] has to be called.
pub struct SaveWork<'scene> {
    store: Store<'scene>,
    captured: Captured<'scene>,
    /// Whether it is refused where somebody else has written the file.
    is_careful: bool,
    now: (f64, u64),
    place: Arc<Meeting<'scene>>,
}

impl SaveWork<'_> {
    /// Writes the file; durable when it returns.
    pub fn run(mut self) {
        let saved = self.save();
        self.place.put(Saved { store: self.store, captured: self.captured, saved });
    }

    fn save(&mut self) -> Result<(), EditorError> {
        let _heap = heap_scope(Tag::PROJECT);
        if self.is_careful {
            refuse_changed(&self.store)?;
        }
        Ok(self.store.save(&self.captured.document(), self.now.0, self.now.1)?)
    }
}

/// Refuses what would replace somebody else's work.
pub(super) fn refuse_changed(store: &Store<'_>) -> Result<(), EditorError> {
    let mut scratch = Arena::try_reserve("saved file", SAVE_BYTES)?;
    if store.is_writable() && store.is_changed_outside(scratch.open().tagged(Tag::PROJECT))? {
        return Err(EditorError::ChangedOutside { path: store.path().to_path_buf() });
    }
    Ok(())
}

/// A save that has ended.
struct Saved<'scene> {
    store: Store<'scene>,
    captured: Captured<'scene>,
    saved: Result<(), EditorError>,
}

/// Where the two threads meet.
struct Meeting<'scene> {
    saved: Mutex<Option<Saved<'scene>>>,
    ended: Condvar,
}

impl<'scene> Meeting<'scene> {
    fn put(&self, saved: Saved<'scene>) {
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(saved);
        self.ended.notify_all();
    }

    fn take(&self) -> Option<Saved<'scene>> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits for the end; `None` when nobody is there any more who could bring it.
    fn wait(self: &Arc<Self>) -> Option<Saved<'scene>> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        while saved.is_none() && Arc::strong_count(self) > 1 {
            let waited = self.ended.wait_timeout(saved, PATIENCE);
            saved = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        saved.take()
    }
}

/// A save that goes on.
pub(super) struct Saving<'scene> {
    /// What is to be done, until somebody takes it.
    work: Option<SaveWork<'scene>>,
    place: Arc<Meeting<'scene>>,
    pub(super) path: &'scene Path,
    /// The journal's numbers when it began.
    pub(super) steps: (u64, u64),
}

impl<'scene> Project<'scene> {
    /// Begins to save: what the file is to hold is noted, and [`Project::take_work`] gives what another thread has to do.
    /// [`Project::take_saved`] tells the end. `is_careful` refuses to replace what somebody else has written.
    ///
    /// # Errors
    /// [`EditorError::NeedsPath`] for a project that has no file yet.
    pub fn begin_saving(&mut self, is_careful: bool) -> Result<(), EditorError> {
        self.finish_saving();
        self.end_drag();
        if self.disk.is_draft || self.disk.store.is_none() {
            return Err(EditorError::NeedsPath);
        }
        let captured = self.capture(None)?;
        let now = self.disk.now();
        let Some(store) = self.disk.store.take() else { return Err(EditorError::NeedsPath) };
        if self.disk.spare.is_none() {
            match store.journal().stand_in(self.memory) {
                Ok(spare) => self.disk.spare = Some(spare),
                Err(error) => {
                    self.disk.store = Some(store);
                    return Err(error.into());
                }
            }
        }
        let (path, steps) = (store.path(), (store.journal().last(), store.journal().durable()));
        let place = Arc::new(Meeting { saved: Mutex::new(None), ended: Condvar::new() });
        let work = SaveWork { store, captured, is_careful, now, place: Arc::clone(&place) };
        self.disk.saving = Some(Saving { work: Some(work), place, path, steps });
        Ok(())
    }

    /// Whether a save goes on.
    pub fn is_saving(&self) -> bool {
        self.disk.saving.is_some()
    }

    /// What has to be done on another thread, once.
    pub fn take_work(&mut self) -> Option<SaveWork<'scene>> {
        self.disk.saving.as_mut()?.work.take()
    }

    /// How a save ended that [`Project::begin_saving`] began, once.
    pub fn take_saved(&mut self) -> Option<Result<(), EditorError>> {
        self.poll_saving();
        self.disk.outcome.take()
    }

    /// Takes the store back where the save has ended.
    pub(super) fn poll_saving(&mut self) {
        if let Some(saving) = &self.disk.saving
            && let Some(saved) = saving.place.take()
        {
            self.end_saving(saved);
        }
    }

    /// Waits for a save that goes on; one that nobody has taken is done here.
    pub(super) fn finish_saving(&mut self) {
        let Some(saving) = &mut self.disk.saving else { return };
        if let Some(work) = saving.work.take() {
            work.run();
        }
        match saving.place.wait() {
            Some(saved) => self.end_saving(saved),
            None => {
                tracing::error!("the save ended without a word; save the project to another file");
                self.disk.saving = None;
            }
        }
    }

    fn end_saving(&mut self, Saved { mut store, captured, saved }: Saved<'scene>) {
        self.disk.saving = None;
        if saved.is_ok() {
            self.is_saved(&captured);
            self.disk.saved_state = captured.state;
        }
        let (now, _) = self.disk.now();
        if let (Some(spare), Ok(journal)) = (&mut self.disk.spare, store.journal_mut()) {
            journal.take_from(spare, now);
        }
        self.disk.store = Some(store);
        self.disk.outcome = Some(saved);
    }

    /// Notes what a file has now.
    pub(super) fn is_saved(&mut self, captured: &Captured<'_>) {
        for file in self.files.iter_mut().filter(|file| captured.has_file(file.entry.id)) {
            file.is_listed = true;
        }
    }

    /// What a file is to hold; `entries` are the references from there, where they are others.
    pub(super) fn capture(&mut self, entries: Option<&[FileEntry<'scene>]>) -> Result<Captured<'scene>, EditorError> {
        let _heap = heap_scope(Tag::PROJECT);
        let (mut files, mut sources) = (Vec::new(), Vec::new());
        for (at, file) in self.files.iter_mut().enumerate() {
            if !file.is_used(self.scene, &self.keys) {
                // should it come back, the journal has to say so
                file.is_listed = false;
                continue;
            }
            files.push(*entries.and_then(|entries| entries.get(at)).unwrap_or(&file.entry));
            sources.extend(file.source());
        }
        let kept = *self.kept.document();
        // one that came from a file that is missing now goes on being it
        let waiting = kept.view.camera.filter(|camera| self.keys.entity(*camera).is_none());
        let camera = self.view.camera.and_then(|camera| self.keys.key(camera)).or(waiting);
        let super::ViewSettings { eye, target, grid, .. } = self.view;
        let view = View { eye, target, camera, grid, unknown: kept.view.unknown };
        let (mut entities, mut removed) = (Vec::new(), Vec::new());
        let scene = &*self.scene;
        project::capture_each(scene, &mut self.keys, &self.kept, &files, &sources, self.memory, &mut |piece| {
            match piece {
                Piece::Entity(entity) => entities.push(*entity),
                Piece::Removed(key) => removed.push(key),
            }
            Ok(())
        })?;
        let (next_number, unknown, state) = (self.keys.next_number(), kept.unknown, self.history.state());
        Ok(Captured { files, entities, removed, view, next_number, unknown, state })
    }
}

/// The journal that stands in while the real one is with a save.
pub(super) type Spare<'scene> = Journal<'scene, SystemFiles>;
