//! Decoding images beside each other: helpers take jobs until there are none.
//!
//! # Invariants
//! 1. A job's pixels are written by one helper, and nobody else sees them before all helpers have ended.
//! 2. A load that was asked to stop, or a job that failed, ends a helper's work.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use voltrum_memory::{Arena, ArenaConfig, MemoryError, PagePolicy, Scope, Tag, heap_scope};

use crate::file::{open_file, read_at};
use crate::image::{ImageInfo, decode};
use crate::words::{Words, words};
use crate::{AssetError, Progress};

/// The most helpers.
const HELPERS_MAX: usize = 8;

/// Bytes of pixels that are worth a helper: starting one takes longer than decoding less.
const HELPER_BYTES_MIN: usize = 256 << 10;

/// Where an image's compressed bytes are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoded<'x> {
    Memory(&'x [u8]),
    File { path: &'x Path, offset: u64, length: u64 },
}

impl Encoded<'_> {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    /// Reads the first bytes.
    pub(crate) fn read(&self, out: &mut [u8]) -> Result<(), AssetError> {
        match self {
            Self::Memory(bytes) => {
                if let Some(bytes) = bytes.get(..out.len()) {
                    out.copy_from_slice(bytes);
                }
                Ok(())
            }
            Self::File { path, offset, .. } => {
                let (mut file, _): (File, u64) = open_file(path)?;
                read_at(&mut file, *offset, out).map_err(|error| AssetError::io(path, error))
            }
        }
    }
}

/// What went wrong with a job.
pub(crate) enum Failed {
    /// The decoder's words.
    Broken(Words),
    /// Reading, memory, or somebody asked to stop.
    Other(AssetError),
}

impl From<AssetError> for Failed {
    fn from(error: AssetError) -> Self {
        Self::Other(error)
    }
}

/// An image to be decoded, and where its pixels go.
pub(crate) struct Job<'j> {
    /// The document's number of the image.
    pub(crate) index: u32,
    /// Its place among those that the load makes.
    pub(crate) position: usize,
    pub(crate) info: ImageInfo,
    /// What people know it by.
    pub(crate) name: Option<&'j str>,
    /// Upload memory: written, never read.
    pub(crate) pixels: &'j mut [u8],
    encoded: Encoded<'j>,
}

impl<'j> Job<'j> {
    pub(crate) fn new(
        (index, position): (u32, usize),
        encoded: Encoded<'j>,
        info: ImageInfo,
        name: Option<&'j str>,
    ) -> Self {
        Self { index, position, info, name, pixels: &mut [], encoded }
    }

    fn decode(&mut self, progress: &Progress, scratch: &mut Scope<'_>) -> Result<(), Failed> {
        progress.begin_file(format_args!("{}", self));
        let temp = scratch.temp();
        let bytes: &[u8] = match self.encoded {
            Encoded::Memory(bytes) => bytes,
            Encoded::File { length, .. } => {
                let out = temp.try_alloc_zeroed::<u8>(length as usize).map_err(AssetError::from)?;
                self.encoded.read(out)?;
                out
            }
        };
        decode(bytes, self.info, self.pixels, progress).map_err(|problem| match progress.is_cancelled() {
            true => Failed::Other(AssetError::Cancelled),
            false => Failed::Broken(problem),
        })?;
        progress.finish_file();
        Ok(())
    }
}

impl fmt::Display for Job<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "image {}", self.index),
        }
    }
}

/// How many helpers work beside each other where there is enough to do.
pub(crate) fn helpers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(HELPERS_MAX)
}

/// Does all jobs.
///
/// # Errors
/// Of the jobs that failed, the first one's place among them and what went wrong.
pub(crate) fn decode_all(
    jobs: &mut [Job<'_>],
    progress: &Progress,
    image_bytes_max: u64,
) -> Result<(), (usize, Failed)> {
    let pixels: usize = jobs.iter().map(|job| job.pixels.len()).sum();
    let helpers = helpers().min(jobs.len()).min(pixels / HELPER_BYTES_MIN).max(1);
    let largest = jobs.iter().map(|job| job.encoded.length()).max().unwrap_or(0).min(image_bytes_max);
    let mut own = arena(largest).map_err(|error| (0, AssetError::from(error).into()))?;
    let failed: Mutex<Option<(usize, Failed)>> = Mutex::new(None);
    let jobs = Mutex::new(jobs.iter_mut().enumerate());
    let is_done = || failed.lock().map_or(true, |failed| failed.is_some());
    let next = || if is_done() { None } else { jobs.lock().ok().and_then(|mut jobs| jobs.next()) };
    let work = |arena: &mut Arena<'_>| {
        let mut scratch = arena.open();
        while let Some((at, job)) = next() {
            let Err(error) = job.decode(progress, &mut scratch) else { continue };
            if let Ok(mut failed) = failed.lock()
                && failed.as_ref().is_none_or(|(first, _)| at < *first)
            {
                *failed = Some((at, error));
            }
            // Those before it may fail, too, and are on their way; those behind it don't matter any more.
            break;
        }
    };
    // Threads are the system library's, and so is what it allocates for them.
    let _foreign = heap_scope(Tag::FOREIGN);
    thread::scope(|threads| {
        for _ in 1..helpers {
            let helper = || {
                // Without memory for a helper the others do its jobs.
                if let Ok(mut arena) = arena(largest) {
                    work(&mut arena);
                }
            };
            // Without a thread, too.
            let _ = thread::Builder::new().spawn_scoped(threads, helper);
        }
        work(&mut own);
    });
    match failed.into_inner() {
        Ok(None) => Ok(()),
        Ok(Some(failed)) => Err(failed),
        Err(_) => Err((0, Failed::Broken(words("a helper that decodes images has failed")))),
    }
}

fn arena(largest: u64) -> Result<Arena<'static>, MemoryError> {
    let bytes = (largest as usize).saturating_add(64 << 10);
    Arena::try_reserve_with(&ArenaConfig { pages: PagePolicy::Small, ..ArenaConfig::new("image helper", bytes) })
}
