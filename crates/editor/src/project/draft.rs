//! The journal of what was never saved: a project of the editor's own, a draft, in the user's state folder. Its document says
//! where the glTF files are, and the edits stand in the journal beside it, as any project's do.
//!
//! # Invariants
//! 1. A draft is there from the first edit until a save, a discard or a clean close, and no longer.
//! 2. Whoever holds its lock has it: no other process takes it or removes it.
//! 3. An edit that came while no draft could be made is in the one that is made later: that one begins with a whole save.

use super::Project;
use super::disk::Store;
use super::staged::unix_secs;
use crate::error::EditorError;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use voltrum::memory::{Arena, ArenaVec, Tag, Tagged};
use voltrum::platform::files::{FileSystem, Locking, SystemFiles};
use voltrum::scene::project::{self, Document, FileEntry, ProjectLimits, ProjectStore, UnknownField};

/// The field of a draft's references that says where the file is: it may be anywhere.
const PLACE: &str = "place";

/// How long the next try waits where no draft could be made.
const RETRY_SECS: f64 = 4.0;

/// Names of drafts that one process tries.
const NAMES_MAX: u32 = 64;

/// Address space for what a lock file says.
const LOCK_BYTES: usize = 1 << 20;

/// Where drafts go, and why there is none.
#[derive(Default)]
pub(super) struct Drafts<'scene> {
    folder: Option<&'scene Path>,
    /// Why none could be made, and when the next try is.
    trouble: Option<(String, f64)>,
}

impl Drafts<'_> {
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_ref().map(|(message, _)| message.as_str())
    }

    pub(super) fn next_try_secs(&self) -> Option<f64> {
        self.trouble.as_ref().map(|(_, next_try_secs)| *next_try_secs)
    }
}

impl<'scene> Project<'scene> {
    /// Keeps the edits of a project without a file in a folder until it is saved, so that a crash costs none.
    ///
    /// # Errors
    /// When the scene arena has no room for the path.
    pub fn keep_drafts_in(&mut self, folder: &Path) -> Result<(), EditorError> {
        self.disk.drafts.folder = match folder.to_str() {
            Some(folder) => Some(Path::new(self.memory.try_alloc_str(folder)?)),
            None => None,
        };
        Ok(())
    }

    /// Begins the draft at the first edit.
    pub(super) fn begin_draft(&mut self) {
        if self.disk.store.is_none() && self.disk.saving.is_none() && self.disk.drafts.trouble.is_none() {
            self.try_draft(false);
        }
    }

    /// Tries again to make the draft that couldn't be made, when it is time to.
    pub(super) fn retry_draft(&mut self, now_secs: f64) {
        if self.disk.drafts.next_try_secs().is_some_and(|next| now_secs >= next) {
            self.try_draft(true);
        }
    }

    /// Makes the draft; `is_late` where edits were done before it.
    fn try_draft(&mut self, is_late: bool) {
        let Some(folder) = self.disk.drafts.folder else { return };
        match self.make_draft(folder, is_late) {
            Ok(store) => {
                (self.disk.store, self.disk.is_draft, self.disk.drafts.trouble) = (Some(store), true, None);
            }
            Err(error) => {
                let (now, _) = self.disk.now();
                if self.disk.drafts.trouble.is_none() {
                    tracing::warn!("the edits of an untitled project are not kept: {error}");
                }
                self.disk.drafts.trouble = Some((error.to_string(), now + RETRY_SECS));
            }
        }
    }

    fn make_draft(&mut self, folder: &Path, is_late: bool) -> Result<Store<'scene>, EditorError> {
        make_folder(folder)?;
        let mut store = claim(folder, self.memory)?;
        let entries = self.draft_entries()?;
        if is_late {
            let saved = self.write_to(&mut store, Some(&entries));
            return saved.map(|()| store);
        }
        let mut listed = ArenaVec::new_in(self.memory);
        for (entry, _) in entries.iter().zip(&self.files).filter(|(_, file)| file.is_listed) {
            listed.try_push(*entry)?;
        }
        let (now, unix) = self.disk.now();
        store.save(&Document { files: &listed, ..Document::EMPTY }, now, unix)?;
        Ok(store)
    }

    /// Saves the draft whole: what a journal can't take.
    pub(super) fn save_draft(&mut self) -> Result<(), EditorError> {
        self.end_drag();
        let entries = self.draft_entries()?;
        let Some(mut store) = self.disk.store.take() else { return Ok(()) };
        let saved = self.write_to(&mut store, Some(&entries));
        self.disk.store = Some(store);
        saved
    }

    /// The references to the files as a draft has them.
    fn draft_entries(&self) -> Result<ArenaVec<'scene, FileEntry<'scene>>, EditorError> {
        let mut entries = ArenaVec::try_with_capacity_in(self.files.len(), self.memory)?;
        for file in &self.files {
            let unknown = match file.place.and_then(Path::to_str) {
                Some(place) => {
                    let value = self.memory.try_alloc_str(&serde_json::Value::from(place).to_string())?;
                    &*self.memory.try_alloc_slice_copy(&[UnknownField { name: PLACE, value }])?
                }
                None => &[],
            };
            entries.try_push(FileEntry { unknown, ..file.entry })?;
        }
        Ok(entries)
    }
}

/// Removes a draft: its edits are in a project now, or given up.
pub(super) fn remove(mut store: Store<'_>) {
    // without its document it is none, whatever else stays
    let removed = SystemFiles.remove(store.path()).map_err(EditorError::from);
    if let Err(error) = removed.and_then(|()| Ok(store.discard()?)) {
        tracing::warn!("the draft of the project stays: {error}");
    }
}

/// Where the file of a draft's reference is.
pub(super) fn place_of(entry: &FileEntry<'_>) -> Option<PathBuf> {
    let field = entry.unknown.iter().find(|field| field.name == PLACE)?;
    serde_json::from_str::<PathBuf>(field.value).ok()
}

/// The drafts in a folder that no process has open: what crashes have left. The one that was written last comes first.
pub fn left_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let drafts = paths.filter(|path| super::is_project(path) && path.is_file() && !is_open_elsewhere(path));
    let mut found: Vec<(SystemTime, PathBuf)> = drafts.map(|path| (written(&path), path)).collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// When a draft, or the journal beside it, was written last.
fn written(path: &Path) -> SystemTime {
    let written = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let journal = beside(path, "journal");
    written(&journal).max(written(path)).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn is_open_elsewhere(path: &Path) -> bool {
    let Ok(mut arena) = Arena::try_reserve("lock", LOCK_BYTES) else { return true };
    let arena = arena.open();
    !matches!(
        SystemFiles.lock(&beside(path, "lock"), unix_secs(), arena.tagged(Tag::PROJECT)),
        Ok(Locking::Taken { .. })
    )
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// A place in the folder that nobody has.
fn claim<'scene>(folder: &Path, memory: Tagged<'scene>) -> Result<Store<'scene>, EditorError> {
    let (now, process) = (unix_secs(), std::process::id());
    let mut number = 0;
    loop {
        let path = folder.join(format!("untitled-{now}-{process}-{number}.{}", super::PROJECT_ENDING));
        number += 1;
        let is_there = path.exists();
        if is_there && number < NAMES_MAX {
            continue;
        }
        let claimed = project::claim(&SystemFiles, &path, now, memory)?;
        let store = ProjectStore::try_new(SystemFiles, claimed, &ProjectLimits::default(), memory)?;
        if store.is_writable() || number >= NAMES_MAX {
            return Ok(store);
        }
    }
}

/// Makes the folder, for its user's eyes only.
fn make_folder(folder: &Path) -> Result<(), EditorError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| EditorError::Draft { path: folder.to_path_buf(), source })
}
