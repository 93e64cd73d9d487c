//! Screenshots: the viewport's picture, drawn once more for itself, encoded and written beside the frames.
//!
//! # Invariants
//! 1. No file is ever overwritten.
//! 2. A frame waits for the picture to be read back, never for its encoding or the disk.

use crate::picture::write_png;
use crate::project::Project;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use voltrum::memory::{Arena, Tag, heap_scope};
use voltrum::render::{Background, RenderError, RendererState, TargetId, View, renderer};

/// The longest side of a picture, in pixels.
const SIDE_MAX: u32 = 8_192;

/// How the picture differs from the viewport's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShotKind {
    /// Not at all, but for what the interface draws on it.
    #[default]
    Plain,
    /// Twice as wide and high.
    Large,
    /// Without grid and background.
    Transparent,
}

/// What has become of the last one.
pub(crate) type Outcome = Result<PathBuf, String>;

/// The one that is being taken, and where they go.
#[derive(Debug, Default)]
pub struct Screenshots {
    /// The folder; `None` for the user's pictures.
    pub folder: Option<PathBuf>,
    /// Drawn in this frame.
    target: Option<(TargetId, ShotKind)>,
    writing: Option<Receiver<Outcome>>,
}

impl Screenshots {
    /// Whether something is still to be drawn or written.
    pub(crate) fn is_busy(&self) -> bool {
        self.target.is_some() || self.writing.is_some()
    }

    /// Has the next frame draw a picture of `size`. One at a time: nothing happens while another is on its way.
    ///
    /// # Errors
    /// When the GPU has no room for it.
    pub(crate) fn take(
        &mut self,
        gpu: &mut RendererState<'_>,
        kind: ShotKind,
        size: [u32; 2],
        samples: u32,
    ) -> Result<(), RenderError> {
        if self.is_busy() {
            return Ok(());
        }
        let size = size_of_shot(kind, size);
        self.target = Some((renderer::create_target(gpu, size, samples, "screenshot")?, kind));
        Ok(())
    }

    /// Whether one is to be drawn.
    pub(crate) fn is_due(&self) -> bool {
        self.target.is_some()
    }

    /// The viewport's view as the picture shows it, while one is to be drawn.
    pub(crate) fn view<'f>(&self, seen: &View<'f>) -> Option<View<'f>> {
        let (target, kind) = self.target?;
        let view = View { target, ..*seen };
        Some(match kind {
            ShotKind::Transparent => View { background: Background::Transparent, grid: false, ..view },
            ShotKind::Plain | ShotKind::Large => view,
        })
    }

    /// Reads back what was drawn and hands it to a thread; what has come of one that was written.
    pub(crate) fn update(&mut self, gpu: &mut RendererState<'_>, project: &Project<'_>) -> Option<Outcome> {
        if let Some((target, _)) = self.target {
            match self.read(gpu, target, project) {
                // not drawn yet
                Err(ReadError::Render(RenderError::TargetEmpty)) => {}
                outcome => {
                    renderer::destroy_target(gpu, target);
                    self.target = None;
                    if let Err(error) = outcome {
                        return Some(Err(format!("the screenshot was not taken: {error}")));
                    }
                }
            }
        }
        match self.writing.as_ref()?.try_recv() {
            Ok(outcome) => {
                self.writing = None;
                Some(outcome)
            }
            Err(TryRecvError::Disconnected) => {
                self.writing = None;
                Some(Err("the screenshot was not written: its thread has failed; take it again".to_owned()))
            }
            Err(TryRecvError::Empty) => None,
        }
    }

    fn read(&mut self, gpu: &mut RendererState<'_>, target: TargetId, project: &Project<'_>) -> Result<(), ReadError> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let [width, height] = renderer::target_size(gpu, target).unwrap_or_default();
        let mut arena = Arena::try_reserve("screenshot", width as usize * height as usize * 4 + (1 << 20))?;
        let pixels = {
            let scope = arena.open();
            let pixels = renderer::read_target(gpu, target, &scope)?;
            pixels.rgba.to_vec()
        };
        let folder = self.folder.clone().unwrap_or_else(pictures_folder);
        let stem = Path::new(project.title()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("voltrum-screenshot".into());
        thread.spawn(move || {
            let written = write_new(&folder, &stem, |out| write_png(out, [width, height], &pixels));
            let outcome = written.map_err(|error| {
                format!(
                    "{}: the screenshot can't be written: {error}; make room or choose another folder",
                    folder.display()
                )
            });
            // nobody waits for it any more where the editor has ended
            let _ = sender.send(outcome);
        })?;
        self.writing = Some(receiver);
        Ok(())
    }

    /// Waits for the one that is being written.
    pub(crate) fn finish(&mut self, gpu: &mut RendererState<'_>) {
        if let Some((target, _)) = self.target.take() {
            renderer::destroy_target(gpu, target);
        }
        if let Some(writing) = self.writing.take() {
            let _ = writing.recv();
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Memory(#[from] voltrum::memory::MemoryError),
    #[error("no thread could be started: {0}; close other programs")]
    Thread(#[from] io::Error),
}

/// A picture's size for a viewport's, of the same proportions as far as pixels go.
fn size_of_shot(kind: ShotKind, size: [u32; 2]) -> [u32; 2] {
    let wished = if kind == ShotKind::Large { 2.0_f64 } else { 1.0 };
    let [width, height] = size.map(|side| f64::from(side.max(1)));
    let factor = wished.min(f64::from(SIDE_MAX) / width.max(height));
    [width, height].map(|side| ((side * factor).round() as u32).clamp(1, SIDE_MAX))
}

/// Writes a file whose name is free: `stem.png`, `stem-2.png`, and so on.
fn write_new(folder: &Path, stem: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (path, file) = create_new(folder, stem)?;
    let mut out = BufWriter::new(file);
    let written = write(&mut out).and_then(|()| out.flush());
    if written.is_err() {
        let _ = std::fs::remove_file(&path);
    }
    written.map(|()| path)
}

fn create_new(folder: &Path, stem: &str) -> io::Result<(PathBuf, File)> {
    let mut number = 1_u32;
    loop {
        let name = if number == 1 { format!("{stem}.png") } else { format!("{stem}-{number}.png") };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1_000_000 => number += 1,
            opened => return opened.map(|file| (path, file)),
        }
    }
}

/// The user's pictures (XDG user directories), or the home folder, or the working directory.
fn pictures_folder() -> PathBuf {
    let home = std::env::home_dir().unwrap_or_default();
    let named = std::env::var_os("XDG_PICTURES_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
    named.unwrap_or_else(|| home.join("Pictures")).join("Voltrum")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screenshot_is_as_large_as_it_may_be_and_keeps_its_proportions() {
        for (kind, size, expected) in [
            (ShotKind::Plain, [640, 400], [640, 400]),
            (ShotKind::Large, [640, 400], [1_280, 800]),
            (ShotKind::Large, [5_120, 2_560], [SIDE_MAX, SIDE_MAX / 2]),
            (ShotKind::Plain, [100, 10_000], [82, SIDE_MAX]),
            (ShotKind::Large, [0, 9], [2, 18]),
            (ShotKind::Large, [1, u32::MAX], [1, SIDE_MAX]),
        ] {
            assert_eq!(size_of_shot(kind, size), expected, "{kind:?} of {size:?}");
        }
    }

    #[test]
    fn a_screenshot_never_overwrites_another() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &'static [u8]| write_new(folder.path(), "lamp", |out| out.write_all(text)).unwrap();
        let paths = [write(b"1"), write(b"2"), write(b"3")];
        let names = paths.each_ref().map(|path| path.file_name().unwrap().to_str().unwrap());
        assert_eq!(names, ["lamp.png", "lamp-2.png", "lamp-3.png"]);
        assert_eq!(std::fs::read(&paths[0]).unwrap(), b"1");
        let failed = write_new(folder.path(), "half", |_| Err(io::Error::other("full")));
        assert!(failed.is_err() && !folder.path().join("half.png").exists());
    }
}
