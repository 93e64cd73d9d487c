//! Asking for a file: the state of the editor's own dialog, and the system's, which runs on a thread.
//!
//! # Invariants
//! 1. Neither reading a folder nor the system's dialog ever stops a frame: both happen on threads, and a frame only looks
//!    whether they are done.
//! 2. The listing shows what the path field's folder had when it was read.

use crate::inbox::PathField;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The most entries of a folder that are shown.
const ENTRIES_MAX: usize = 5_000;

/// What a file is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To open a project or a scene.
    #[default]
    Open,
    /// To add a scene to the open project.
    Import,
    /// To surround the scene with a panorama.
    Environment,
    /// To save the project under another name.
    SaveAs,
}

impl Purpose {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Purpose::Open => "Open",
            Purpose::Import => "Import a scene",
            Purpose::Environment => "Load an environment",
            Purpose::SaveAs => "Save as",
        }
    }

    pub(crate) fn endings(self) -> &'static [&'static str] {
        match self {
            Purpose::Open => &["voltrum", "gltf", "glb"],
            Purpose::Import => &["gltf", "glb"],
            Purpose::Environment => &["hdr"],
            Purpose::SaveAs => &["voltrum"],
        }
    }

    pub(crate) fn hint(self) -> &'static str {
        match self {
            Purpose::Open => "A project (.voltrum) or a scene (.gltf, .glb); it can also be dropped on the window.",
            Purpose::Import => "A scene (.gltf, .glb) that is added to the open project.",
            Purpose::Environment => "A panorama (.hdr) that lights the scene and can stand behind it.",
            Purpose::SaveAs => "The project's file; .voltrum is added where there is no ending.",
        }
    }
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Folders stand before files.
    pub(crate) is_file: bool,
    /// In lower case, for the order.
    key: String,
    pub(crate) name: String,
}

/// The dialog.
#[derive(Debug, Default)]
pub(crate) struct FileDialog {
    pub(crate) purpose: Purpose,
    pub(crate) path: PathField,
    /// It is to appear in the next frame.
    pub(crate) appears: bool,
    /// It is shown: keys are its own.
    pub(crate) is_shown: bool,
    pub(crate) entries: Vec<Entry>,
    /// What the entries are of.
    folder: PathBuf,
    reading: Option<Receiver<Vec<Entry>>>,
    system: Option<Receiver<Option<PathBuf>>>,
}

impl FileDialog {
    /// Opens it at a path: a folder, or a file in it.
    pub(crate) fn ask(&mut self, purpose: Purpose, at: &Path) {
        self.purpose = purpose;
        self.appears = true;
        self.path.set(&at.to_string_lossy());
        self.read_folder();
    }

    /// The path that is typed; what `~` stands for is the home folder, as in a shell.
    pub(crate) fn typed(&self) -> PathBuf {
        let text = self.path.as_str().trim();
        match (text.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(text),
        }
    }

    /// What has been typed of a name in the folder.
    pub(crate) fn started(&self) -> &str {
        let text = self.path.as_str();
        text.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or(text)
    }

    /// Whether an entry goes with what has been typed.
    pub(crate) fn shows(&self, entry: &Entry) -> bool {
        let started = self.started();
        // a name to be is no filter
        if self.purpose == Purpose::SaveAs || entry.name == started || started.is_empty() {
            return true;
        }
        let begins = entry.name.get(..started.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(started))
    }

    /// Replaces the name that is typed with that of an entry; a folder is entered.
    pub(crate) fn choose(&mut self, index: usize) {
        let Some(entry) = self.entries.get(index) else { return };
        let text = self.path.as_str();
        let kept = &text[..text.len() - self.started().len()];
        let end = if entry.is_file { "" } else { "/" };
        let text = format!("{kept}{}{end}", entry.name);
        self.path.set(&text);
    }

    /// Goes to the folder above.
    pub(crate) fn go_up(&mut self) {
        if let Some(above) = self.folder.parent() {
            let text = above.to_string_lossy();
            self.path.set(&if text.ends_with('/') { text.to_string() } else { format!("{text}/") });
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a thread has something to tell soon.
    pub(crate) fn is_waiting(&self) -> bool {
        self.reading.is_some() || self.system.is_some()
    }

    /// Looks whether threads are done, and whether another folder is to be read; what the system's dialog gave.
    pub(crate) fn update(&mut self) -> Option<PathBuf> {
        if let Some(reading) = &self.reading {
            match reading.try_recv() {
                Ok(entries) => {
                    self.entries = entries;
                    self.reading = None;
                }
                Err(TryRecvError::Disconnected) => self.reading = None,
                Err(TryRecvError::Empty) => {}
            }
        }
        match self.system.as_ref().map(Receiver::try_recv) {
            Some(Ok(chosen)) => {
                self.system = None;
                chosen
            }
            Some(Err(TryRecvError::Disconnected)) => {
                self.system = None;
                None
            }
            Some(Err(TryRecvError::Empty)) | None => None,
        }
    }

    /// Reads the folder of what is typed, where it is another.
    pub(crate) fn follow(&mut self) {
        let text = self.path.as_str();
        let is_same = match text.len() - self.started().len() {
            0 => self.folder == Path::new("."),
            end => Path::new(&text[..end]) == self.folder,
        };
        if !is_same && !text.starts_with('~') {
            self.read_folder();
        }
    }

    fn read_folder(&mut self) {
        let typed = self.typed();
        let text = typed.to_string_lossy();
        let folder = match text.rfind(['/', std::path::MAIN_SEPARATOR]) {
            Some(end) => PathBuf::from(&text[..=end]),
            None => PathBuf::from("."),
        };
        self.folder.clone_from(&folder);
        self.entries.clear();
        let (sender, receiver) = channel();
        let endings = self.purpose.endings();
        let spawned = std::thread::Builder::new().name("voltrum-folder".into()).spawn(move || {
            // nobody waits for it any more where the dialog has moved on
            let _ = sender.send(list(&folder, endings));
        });
        self.reading = spawned.is_ok().then_some(receiver);
    }

    /// Opens the system's own dialog.
    pub(crate) fn ask_system(&mut self) {
        let (purpose, folder) = (self.purpose, std::path::absolute(&self.folder).unwrap_or_default());
        let name = self.started().to_owned();
        let (sender, receiver) = channel();
        let spawned = std::thread::Builder::new().name("voltrum-dialog".into()).spawn(move || {
            let dialog = rfd::FileDialog::new().set_title(purpose.title()).set_directory(folder);
            let chosen = match purpose {
                Purpose::SaveAs => dialog.add_filter("Projects", purpose.endings()).set_file_name(name).save_file(),
                Purpose::Open => dialog.add_filter("Projects and scenes", purpose.endings()).pick_file(),
                Purpose::Import => dialog.add_filter("Scenes", purpose.endings()).pick_file(),
                Purpose::Environment => dialog.add_filter("Panoramas", purpose.endings()).pick_file(),
            };
            let _ = sender.send(chosen);
        });
        self.system = spawned.is_ok().then_some(receiver);
    }
}

/// The folders, and the files that end as asked, in order.
fn list(folder: &Path, endings: &[&str]) -> Vec<Entry> {
    let Ok(read) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<Entry> = read
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
            let is_file = !entry.path().is_dir();
            let ending = Path::new(&name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let is_shown = !is_file || endings.iter().any(|one| one.eq_ignore_ascii_case(ending));
            is_shown.then(|| Entry { is_file, key: name.to_lowercase(), name })
        })
        .take(ENTRIES_MAX)
        .collect();
    entries.sort();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(dialog: &mut FileDialog) {
        while dialog.reading.is_some() {
            assert_eq!(dialog.update(), None);
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_folder_is_listed_and_entered_and_what_is_typed_narrows_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lamps")).unwrap();
        for name in ["Table.glb", "chair.gltf", "notes.txt", ".hidden.glb", "lamps/arm.voltrum"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let mut dialog = FileDialog::default();
        dialog.ask(Purpose::Open, &folder.path().join(""));
        wait(&mut dialog);
        let names = |dialog: &FileDialog| dialog.entries.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&dialog), ["lamps", "chair.gltf", "Table.glb"]);
        dialog.path.set(&format!("{}/ta", folder.path().display()));
        dialog.follow();
        assert!(dialog.reading.is_none(), "the folder is the same");
        let shown: Vec<bool> = dialog.entries.iter().map(|entry| dialog.shows(entry)).collect();
        assert_eq!(shown, [false, false, true]);
        dialog.choose(0);
        dialog.follow();
        wait(&mut dialog);
        assert_eq!(names(&dialog), ["arm.voltrum"]);
        dialog.choose(0);
        assert_eq!(dialog.typed(), folder.path().join("lamps/arm.voltrum"));
        dialog.go_up();
        dialog.follow();
        wait(&mut dialog);
        assert_eq!(names(&dialog).len(), 3);
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty() {
        let mut dialog = FileDialog::default();
        dialog.ask(Purpose::Import, Path::new("/no/such/folder/x.glb"));
        wait(&mut dialog);
        assert!(dialog.entries.is_empty());
        assert_eq!(dialog.started(), "x.glb");
    }
}
