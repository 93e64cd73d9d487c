//! Saving beside the frames: the main thread says what the file is to hold, another one writes it.
//!
//! # Invariants
//! 1. While a save goes on, the store is with it, and edits gather in a journal that stands in: the real one has them right
//!    after the save, whatever came of that.
//! 2. The project counts as saved as far as it was captured, once the file is durable and in its place, and not before.
//! 3. What a file holds is of one state of the project. It is captured over several frames where it is much; an edit that
//!    comes meanwhile makes that begin anew.

use super::Project;
use super::disk::{Access, SAVE_BYTES, Store};
use crate::error::EditorError;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use voltrum::memory::{Arena, Tag, heap_scope};
use voltrum::platform::files::SystemFiles;
use voltrum::scene::project::{
    Capture, Capturing, Document, EntityEntry, EntityKey, FileEntry, Journal, Piece, ProjectError, Source,
    UnknownField, View,
};

/// How long a wait for the other thread lasts before it is looked whether that one is still there.
const PATIENCE: Duration = Duration::from_millis(50);

/// Entities that are captured in one frame.
const CAPTURED_MAX: usize = 8 << 10;

/// How often edits may make a capture begin anew before it is done at once: it ends, though a drag goes on.
const BEGINNINGS_MAX: u32 = 100;

/// What a file is to hold: plain data.
#[derive(Debug, Default)]
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
        // not on the thread that draws
        self.captured.entities = Vec::new();
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
    /// Begins to save: what the file is to hold is noted, over several [`Project::update`]s where it is much, then
    /// [`Project::take_work`] gives what another thread has to do. [`Project::take_saved`] tells the end. `is_careful`
    /// refuses to replace what somebody else has written.
    ///
    /// # Errors
    /// [`EditorError::NeedsPath`] for a project that has no file yet; when it is open for reading only.
    pub fn begin_saving(&mut self, is_careful: bool) -> Result<(), EditorError> {
        self.finish_saving();
        self.end_drag();
        if self.disk.is_draft || self.disk.store.is_none() {
            return Err(EditorError::NeedsPath);
        }
        if let Access::ReadOnly { reason } = self.access() {
            let path = self.shown_path.into();
            return Err(EditorError::Project(ProjectError::ReadOnly { path, reason: reason.into() }));
        }
        self.disk.capture = Some(CaptureGoing::new(self, is_careful));
        self.go_on_capturing(CAPTURED_MAX)
    }

    /// Captures some more of what is to be saved; with the last of it the save can be taken by another thread.
    fn go_on_capturing(&mut self, entities_max: usize) -> Result<(), EditorError> {
        let Some(mut going) = self.disk.capture.take() else { return Ok(()) };
        let mut entities_max = entities_max;
        if going.version != self.version {
            let (beginnings, is_careful) = (going.beginnings + 1, going.is_careful);
            going = CaptureGoing { beginnings, ..CaptureGoing::new(self, is_careful) };
            if beginnings > BEGINNINGS_MAX {
                entities_max = usize::MAX;
            }
        }
        if going.go_on(self, None, entities_max)? {
            self.hand_over(going.captured, going.is_careful)
        } else {
            self.disk.capture = Some(going);
            Ok(())
        }
    }

    /// From here on the store is with the save.
    fn hand_over(&mut self, captured: Captured<'scene>, is_careful: bool) -> Result<(), EditorError> {
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
        self.disk.saving.is_some() || self.disk.capture.is_some()
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

    /// Goes on with what is to be saved, and takes the store back where the save has ended.
    pub(super) fn poll_saving(&mut self) {
        if let Err(error) = self.go_on_capturing(CAPTURED_MAX) {
            self.disk.outcome = Some(Err(error));
        }
        if let Some(saving) = &self.disk.saving
            && let Some(saved) = saving.place.take()
        {
            self.end_saving(saved);
        }
    }

    /// Waits for a save that goes on; one that nobody has taken is done here.
    pub(super) fn finish_saving(&mut self) {
        if let Err(error) = self.go_on_capturing(usize::MAX) {
            self.disk.outcome = Some(Err(error));
        }
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
        let mut going = CaptureGoing::new(self, false);
        going.go_on(self, entries, usize::MAX)?;
        Ok(going.captured)
    }
}

/// A capture that goes on.
pub(super) struct CaptureGoing<'scene> {
    captured: Captured<'scene>,
    capturing: Capturing,
    sources: Vec<Source<'scene>>,
    /// The project's, of which it is.
    version: u64,
    beginnings: u32,
    is_careful: bool,
}

impl<'scene> CaptureGoing<'scene> {
    fn new(project: &Project<'scene>, is_careful: bool) -> CaptureGoing<'scene> {
        CaptureGoing {
            captured: Captured { state: project.history.state(), ..Captured::default() },
            capturing: Capturing::new(project.scene),
            sources: Vec::new(),
            version: project.version,
            beginnings: 0,
            is_careful,
        }
    }

    /// Whether it is done.
    fn go_on(
        &mut self,
        project: &mut Project<'scene>,
        entries: Option<&[FileEntry<'scene>]>,
        entities_max: usize,
    ) -> Result<bool, EditorError> {
        let _heap = heap_scope(Tag::PROJECT);
        let Captured { files, entities, removed, view, next_number, unknown, .. } = &mut self.captured;
        let Project { scene, keys, kept, .. } = project;
        let scene = &**scene;
        if files.is_empty() {
            // growing would copy them, and a frame would stop for that; pages come as they are written
            let _one_by_one = entities.try_reserve_exact(scene.len());
            for (at, file) in project.files.iter_mut().enumerate() {
                if !file.is_used(scene, keys) {
                    // should it come back, the journal has to say so
                    file.is_listed = false;
                    continue;
                }
                files.push(*entries.and_then(|entries| entries.get(at)).unwrap_or(&file.entry));
                self.sources.extend(file.source());
            }
        }
        let take = &mut |piece: Piece<'_, 'scene>| {
            match piece {
                Piece::Entity(entity) => entities.push(*entity),
                Piece::Removed(key) => removed.push(key),
            }
            Ok(())
        };
        let mut capture = Capture { scene, kept, files, sources: &self.sources, memory: project.memory, take };
        let is_done = self.capturing.go_on(&mut capture, keys, entities_max)?;
        if is_done {
            let document = *kept.document();
            // one that came from a file that is missing now goes on being it
            let waiting = document.view.camera.filter(|camera| keys.entity(*camera).is_none());
            let camera = project.view.camera.and_then(|camera| keys.key(camera)).or(waiting);
            let super::ViewSettings { eye, target, grid, .. } = project.view;
            *view = View { eye, target, camera, grid, unknown: document.view.unknown };
            (*next_number, *unknown) = (keys.next_number(), document.unknown);
        }
        Ok(is_done)
    }
}

/// The journal that stands in while the real one is with a save.
pub(super) type Spare<'scene> = Journal<'scene, SystemFiles>;
