//! How far a load is, shared between the worker that loads and the thread that shows it.
//!
//! # Invariants
//! 1. One thread writes the stage (the worker); it and its helpers count bytes and files; any thread may read them and may
//!    ask the load to stop.
//! 2. Every value stands for itself: a reader may see the bytes of one moment with the stage of the next.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::AssetError;

/// What a load is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Nothing yet.
    Waiting,
    /// Reading and checking the document.
    Document,
    /// Converting vertices and indices.
    Geometry,
    /// Decoding images.
    Images,
    /// All done; the caller has the result.
    Done,
}

impl Stage {
    /// A word for a status line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Document => "reading",
            Self::Geometry => "geometry",
            Self::Images => "images",
            Self::Done => "done",
        }
    }
}

/// The progress of one load. Lives where both threads can borrow it.
#[derive(Debug, Default)]
pub struct Progress {
    done_bytes: AtomicU64,
    total_bytes: AtomicU64,
    done_files: AtomicU32,
    total_files: AtomicU32,
    stage: AtomicU8,
    cancelled: AtomicBool,
    file: Mutex<FileName>,
    /// For tests: a load stops by itself once so many bytes are done; 0 for never.
    #[cfg(test)]
    cancel_at: AtomicU64,
}

/// The name of a file, without its folder; cut where it is long.
#[derive(Clone, Copy)]
pub struct FileName {
    bytes: [u8; Self::BYTES_MAX],
    length: usize,
}

impl FileName {
    const BYTES_MAX: usize = 96;

    /// None.
    pub const EMPTY: Self = Self { bytes: [0; Self::BYTES_MAX], length: 0 };

    /// The name.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

impl Default for FileName {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Write for FileName {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Behind the last separator is what people look for.
        let text = text.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or(text);
        let room = Self::BYTES_MAX - self.length;
        let text = text.get(..text.floor_char_boundary(room)).unwrap_or("");
        if let Some(place) = self.bytes.get_mut(self.length..self.length + text.len()) {
            place.copy_from_slice(text.as_bytes());
            self.length += text.len();
        }
        Ok(())
    }
}

impl Progress {
    /// Progress of a load that has not begun.
    pub const fn new() -> Self {
        Self {
            done_bytes: AtomicU64::new(0),
            total_bytes: AtomicU64::new(0),
            done_files: AtomicU32::new(0),
            total_files: AtomicU32::new(0),
            stage: AtomicU8::new(Stage::Waiting as u8),
            cancelled: AtomicBool::new(false),
            file: Mutex::new(FileName::EMPTY),
            #[cfg(test)]
            cancel_at: AtomicU64::new(0),
        }
    }

    /// Back to the beginning, for the next load.
    pub fn reset(&self) {
        self.done_bytes.store(0, Relaxed);
        self.total_bytes.store(0, Relaxed);
        self.done_files.store(0, Relaxed);
        self.total_files.store(0, Relaxed);
        self.stage.store(Stage::Waiting as u8, Relaxed);
        self.cancelled.store(false, Relaxed);
        self.begin_file(format_args!(""));
    }

    /// The file that was begun last.
    pub fn file(&self) -> FileName {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of the asset that have been worked through.
    pub fn done_bytes(&self) -> u64 {
        self.done_bytes.load(Relaxed)
    }

    /// Bytes of the asset to work through, as far as known; 0 before the document is read.
    pub fn total_bytes(&self) -> u64 {
        self.total_bytes.load(Relaxed)
    }

    /// Files that have been worked through: the document, its geometry, each image.
    pub fn done_files(&self) -> u32 {
        self.done_files.load(Relaxed)
    }

    /// Files to work through, as far as known.
    pub fn total_files(&self) -> u32 {
        self.total_files.load(Relaxed)
    }

    /// From 0 to 1.
    pub fn fraction(&self) -> f32 {
        let total = self.total_bytes();
        if self.stage() == Stage::Done {
            return 1.0;
        }
        if total == 0 {
            return 0.0;
        }
        (self.done_bytes() as f64 / total as f64).min(1.0) as f32
    }

    /// What the load is doing.
    pub fn stage(&self) -> Stage {
        match self.stage.load(Relaxed) {
            1 => Stage::Document,
            2 => Stage::Geometry,
            3 => Stage::Images,
            4 => Stage::Done,
            _ => Stage::Waiting,
        }
    }

    /// Asks the load to stop at the next opportunity. It then returns [`AssetError::Cancelled`].
    pub fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Whether the load has been asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Relaxed)
    }

    /// Asks the load to stop once it has worked through so many bytes.
    #[cfg(test)]
    pub(crate) fn cancel_at(&self, bytes: u64) {
        self.cancel_at.store(bytes, Relaxed);
    }

    /// For loaders: the load is now at `stage`.
    pub fn begin(&self, stage: Stage) {
        self.stage.store(stage as u8, Relaxed);
    }

    /// For loaders: there are `bytes` more to work through.
    pub fn expect_bytes(&self, bytes: u64) {
        self.total_bytes.fetch_add(bytes, Relaxed);
    }

    /// For loaders: there are `files` more to work through.
    pub fn expect_files(&self, files: u32) {
        self.total_files.fetch_add(files, Relaxed);
    }

    /// For loaders: this file is begun.
    pub fn begin_file(&self, name: fmt::Arguments<'_>) {
        let mut file = FileName::EMPTY;
        // What has no room is left out.
        let _ = fmt::Write::write_fmt(&mut file, name);
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }

    /// For loaders: one more file has been worked through.
    pub fn finish_file(&self) {
        self.done_files.fetch_add(1, Relaxed);
    }

    /// For loaders: `bytes` more have been worked through.
    ///
    /// # Errors
    /// [`AssetError::Cancelled`] when somebody asked the load to stop.
    pub fn advance(&self, bytes: u64) -> Result<(), AssetError> {
        let _done = self.done_bytes.fetch_add(bytes, Relaxed) + bytes;
        #[cfg(test)]
        if (1..=_done).contains(&self.cancel_at.load(Relaxed)) {
            self.cancel();
        }
        if self.is_cancelled() {
            return Err(AssetError::Cancelled);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_counts_from_nothing_to_everything() {
        let progress = Progress::new();
        assert_eq!((progress.fraction(), progress.stage()), (0.0, Stage::Waiting));
        progress.begin(Stage::Geometry);
        progress.expect_bytes(200);
        progress.advance(50).unwrap();
        assert_eq!((progress.fraction(), progress.stage()), (0.25, Stage::Geometry));
        progress.advance(150).unwrap();
        assert_eq!(progress.fraction(), 1.0);
    }

    #[test]
    fn a_file_is_named_without_its_folder_and_a_long_name_is_cut() {
        let progress = Progress::new();
        progress.begin_file(format_args!("{}", "textures/stone wall.png"));
        assert_eq!(progress.file().as_str(), "stone wall.png");
        progress.begin_file(format_args!("{}", "\u{e4}".repeat(80)));
        assert_eq!(progress.file().as_str(), "\u{e4}".repeat(48));
        progress.reset();
        assert_eq!(progress.file().as_str(), "");
    }

    #[test]
    fn a_cancelled_load_stops_at_the_next_step() {
        let progress = Progress::new();
        progress.cancel();
        assert!(matches!(progress.advance(1), Err(AssetError::Cancelled)));
        progress.reset();
        assert!(progress.advance(1).is_ok());
    }
}
