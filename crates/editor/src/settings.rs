//! What the editor remembers from one run to the next: recent files, window, layout, how edits snap.
//!
//! One JSON file in the user's configuration folder, written atomically and only when something changed. Never in the
//! working directory; without a folder ([`SettingsStore::nowhere`], as tests have it) nothing is read or written.
//!
//! # Invariants
//! 1. A file that is damaged or of another time gives the defaults for what it can't say, and a note; it is no failure.
//! 2. Whatever it says, the numbers that come out are usable.

mod folder;

pub use folder::{drafts_folder, folder};

use crate::look::LookSettings;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use voltrum::platform::files;
use voltrum::ui::Theme;

/// The file's name in its folder.
const FILE: &str = "settings.json";
/// How many recent files are remembered.
pub(crate) const RECENT_MAX: usize = 12;
/// The largest file that is read: a layout takes some kilobytes.
const BYTES_MAX: u64 = 1 << 20;
/// The smallest and the largest window that is opened again.
const SIDE_RANGE: [u32; 2] = [200, 16_384];
/// How long a change waits for others before it is written.
const DELAY_SECS: f32 = 2.0;

/// Names of the themes.
const DARK: &str = "dark";
const LIGHT: &str = "light";

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Files that were opened, the last one first.
    pub recent: Vec<PathBuf>,
    /// Width and height of the window, in pixels at scale 1.
    pub window_size: Option<[u32; 2]>,
    /// Left and top of the window on the screen.
    pub window_position: Option<[i32; 2]>,
    /// Where the panels are, as the interface told; empty for the layout that it starts with.
    pub layout: String,
    /// The colours: `dark` or `light`.
    pub theme: String,
    /// How edits snap.
    pub snap: Snap,
    /// How scenes are looked at.
    pub look: LookSettings,
    /// Whether files are loaded once more when they change on the disk.
    pub reloads: bool,
}

/// How edits in the viewport go in steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snap {
    /// Whether they do without Ctrl; with it, they do the other thing.
    pub is_on: bool,
    /// Metres.
    pub distance: f32,
    /// Degrees.
    pub angle: f32,
    /// Parts of the size.
    pub factor: f32,
}

impl Default for Snap {
    fn default() -> Snap {
        Snap { is_on: false, distance: 0.25, angle: 15.0, factor: 0.1 }
    }
}

impl Snap {
    /// The same with numbers that make steps.
    fn usable(self) -> Snap {
        let usual = Snap::default();
        let step = |value: f32, usual: f32, max: f32| {
            if value.is_finite() && value > 0.0 { value.clamp(1e-4, max) } else { usual }
        };
        Snap {
            distance: step(self.distance, usual.distance, 1e4),
            angle: step(self.angle, usual.angle, 180.0),
            factor: step(self.factor, usual.factor, 10.0),
            ..self
        }
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            recent: Vec::new(),
            window_size: None,
            window_position: None,
            layout: String::new(),
            theme: String::from(DARK),
            snap: Snap::default(),
            look: LookSettings::default(),
            reloads: true,
        }
    }
}

impl Settings {
    /// Whether the colours are those for the day.
    pub fn is_light(&self) -> bool {
        self.theme == LIGHT
    }

    /// Chooses the colours.
    pub fn set_light(&mut self, is_light: bool) {
        self.theme = String::from(if is_light { LIGHT } else { DARK });
    }

    /// The colours.
    pub fn colors(&self) -> Theme {
        if self.is_light() { Theme::LIGHT } else { Theme::DARK }
    }

    /// Puts a file on top of the recent ones; its place is made absolute. One whose name is no text can't be written down.
    pub fn note_opened(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        if path.to_str().is_none() {
            return;
        }
        self.recent.retain(|one| *one != path);
        self.recent.insert(0, path);
        self.recent.truncate(RECENT_MAX);
    }

    /// What a file says, as far as it can be used.
    fn parse(text: &str) -> Result<Settings, serde_json::Error> {
        let mut read: Settings = serde_json::from_str(text)?;
        read.recent.truncate(RECENT_MAX);
        let [least, most] = SIDE_RANGE;
        read.window_size = read.window_size.map(|size| size.map(|side| side.clamp(least, most)));
        read.snap = read.snap.usable();
        Ok(read)
    }
}

/// The settings, and the folder that they are kept in.
#[derive(Clone, Debug, Default)]
pub struct SettingsStore {
    /// What is remembered.
    pub settings: Settings,
    folder: Option<PathBuf>,
    written: Settings,
    /// Since the last change that isn't written.
    changed_secs: Option<f32>,
    note: Option<String>,
}

impl SettingsStore {
    /// Whether they are kept anywhere.
    pub fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// Settings that are kept nowhere.
    pub fn nowhere() -> SettingsStore {
        SettingsStore::default()
    }

    /// Reads what is kept in a folder; where there is nothing yet, the defaults.
    pub fn open(folder: Option<PathBuf>) -> SettingsStore {
        let mut store = SettingsStore { folder, ..SettingsStore::default() };
        let Some(path) = store.path() else { return store };
        match read(&path) {
            Ok(Some(text)) => match Settings::parse(&text) {
                Ok(settings) => {
                    store.written = settings.clone();
                    store.settings = settings;
                }
                Err(error) => {
                    let words = format!("{}: {error}; starting with the defaults", path.display());
                    tracing::warn!("{words}");
                    store.note = Some(words);
                }
            },
            Ok(None) => {}
            Err(error) => {
                let words = format!("{}: {error}; starting with the defaults", path.display());
                tracing::warn!("{words}");
                store.note = Some(words);
            }
        }
        store
    }

    /// Where the file is.
    pub fn path(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(FILE))
    }

    /// What went wrong while reading, once.
    pub fn take_note(&mut self) -> Option<String> {
        self.note.take()
    }

    /// Something in the settings was changed.
    pub fn touch(&mut self) {
        self.changed_secs = Some(0.0);
    }

    /// Whether a change waits to be written.
    pub fn is_waiting(&self) -> bool {
        self.changed_secs.is_some() && self.folder.is_some()
    }

    /// Lets time pass, and writes what has changed once it has rested.
    pub fn update(&mut self, delta_secs: f32) {
        if let Some(secs) = &mut self.changed_secs {
            *secs += delta_secs;
            if *secs >= DELAY_SECS {
                self.write();
            }
        }
    }

    /// Writes what has changed, now. A failure is logged and no more: it costs nobody any work.
    pub fn write(&mut self) {
        self.changed_secs = None;
        if self.settings == self.written {
            return;
        }
        let Some(path) = self.path() else { return };
        match self.try_write(&path) {
            Ok(()) => self.written = self.settings.clone(),
            Err(error) => tracing::warn!("settings are not kept: {error}"),
        }
    }

    fn try_write(&self, path: &Path) -> Result<(), String> {
        if let Some(folder) = &self.folder {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let mut text = serde_json::to_string_pretty(&self.settings).map_err(|error| error.to_string())?;
        text.push('\n');
        files::write_file_atomic(path, text.as_bytes()).map_err(|error| error.to_string())
    }
}

/// The file's text; `None` where there is none.
fn read(path: &Path) -> Result<Option<String>, std::io::Error> {
    use std::io::Read;
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut text = String::new();
    file.take(BYTES_MAX).read_to_string(&mut text)?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_there_the_next_time_and_only_changes_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("voltrum");
        let mut store = SettingsStore::open(Some(kept.clone()));
        assert_eq!(store.settings, Settings::default());
        store.write();
        assert!(!kept.exists(), "nothing was changed");
        store.settings.note_opened(Path::new("/scenes/lamp.glb"));
        store.settings.snap.angle = 5.0;
        store.touch();
        store.update(DELAY_SECS * 0.6);
        assert!(store.is_waiting() && !kept.exists());
        store.update(DELAY_SECS * 0.6);
        assert!(!store.is_waiting());
        let again = SettingsStore::open(Some(kept));
        assert_eq!(again.settings, store.settings);
    }

    #[test]
    #[cfg(unix)]
    fn a_name_that_is_no_text_keeps_nothing_else_from_being_written() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let mut store = SettingsStore::open(Some(folder.path().to_path_buf()));
        let odd = Path::new(std::ffi::OsStr::from_bytes(b"/scenes/l\xFFmp"));
        store.settings.note_opened(odd);
        let look = crate::look::Look {
            surroundings: crate::look::Surroundings::Loaded(voltrum::render::EnvironmentId::NONE),
            ..crate::look::Look::default()
        };
        store.settings.look = LookSettings::of(&look, Some(odd));
        store.settings.set_light(true);
        store.write();
        let again = SettingsStore::open(Some(folder.path().to_path_buf()));
        assert!(again.settings.is_light() && again.settings.recent.is_empty());
        assert_eq!(again.settings.look, LookSettings::default());
    }

    #[test]
    fn a_damaged_file_gives_the_defaults_and_a_note() {
        let folder = tempfile::tempdir().unwrap();
        for damaged in ["{", "7", "\u{0}", "{\"recent\": 3}"] {
            std::fs::write(folder.path().join(FILE), damaged).unwrap();
            let mut store = SettingsStore::open(Some(folder.path().to_path_buf()));
            assert_eq!(store.settings, Settings::default());
            assert!(store.take_note().is_some_and(|note| note.contains(FILE)), "{damaged}");
            assert_eq!(store.take_note(), None);
        }
        std::fs::write(folder.path().join(FILE), [0xff, 0xfe]).unwrap();
        assert!(SettingsStore::open(Some(folder.path().to_path_buf())).take_note().is_some());
    }

    #[test]
    fn numbers_that_make_no_sense_are_brought_into_their_range() {
        let text = r#"{"window_size": [0, 4000000], "snap": {"distance": -1, "angle": 1e30}, "future": true}"#;
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.window_size, Some(SIDE_RANGE));
        assert_eq!(settings.snap, Snap { angle: 180.0, ..Snap::default() });
    }

    #[test]
    fn a_file_that_is_opened_again_goes_to_the_top() {
        let mut settings = Settings::default();
        for index in 0..20 {
            settings.note_opened(&PathBuf::from(format!("/{index}.glb")));
        }
        settings.note_opened(Path::new("/15.glb"));
        assert_eq!(settings.recent.len(), RECENT_MAX);
        assert_eq!(settings.recent[0], Path::new("/15.glb"));
        assert_eq!(settings.recent.iter().filter(|path| path.ends_with("15.glb")).count(), 1);
    }
}
