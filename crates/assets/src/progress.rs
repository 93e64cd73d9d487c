//! How far a load is, shared between the worker that loads and the thread that shows it.
//!
//! # Invariants
//! 1. One thread writes the stage (the worker); it and its helpers count bytes and files; any thread may read them and may
//!    ask the load to stop.
//! 2. Every value stands for itself: a reader may see the bytes of one moment with the stage of the next.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

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

    /// For loaders: one more file has been worked through.
    pub fn finish_file(&self) {
        self.done_files.fetch_add(1, Relaxed);
    }

    /// For loaders: `bytes` more have been worked through.
    ///
    /// # Errors
    /// [`AssetError::Cancelled`] when somebody asked the load to stop.
    pub fn advance(&self, bytes: u64) -> Result<(), AssetError> {
        self.done_bytes.fetch_add(bytes, Relaxed);
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
    fn a_cancelled_load_stops_at_the_next_step() {
        let progress = Progress::new();
        progress.cancel();
        assert!(matches!(progress.advance(1), Err(AssetError::Cancelled)));
        progress.reset();
        assert!(progress.advance(1).is_ok());
    }
}
