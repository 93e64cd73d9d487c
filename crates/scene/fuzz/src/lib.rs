//! What the fuzz targets do with damaged project files and journals.
//!
//! Whatever the bytes are, the answer is an error or a project, and neither takes more memory than its budget: the arena's is
//! its reservation, the heap's is libFuzzer's `-malloc_limit_mb`.
//!
//! # Deliberately absent
//! AddressSanitizer: the scene forbids unsafe code, and the memory crate has targets of its own.

pub mod document;
pub mod journal;
pub mod seeds;

#[cfg(test)]
mod changes;

use std::path::Path;

use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::FaultyDisk;
use voltrum_scene::project::{Document, Kept, Keys, ProjectError, ProjectLimits, View, capture, write};
use voltrum_scene::{SceneLimits, SceneState};

/// All that a project may take of its arena.
const BUDGET_BYTES: usize = 64 << 20;

/// The project file.
pub const PROJECT: &str = "rooms/room.voltrum";
/// Its journal.
pub const JOURNAL: &str = "rooms/room.voltrum.journal";

/// What the disk knows of who holds a project.
pub type Lock = <FaultyDisk as voltrum_platform::files::FileSystem>::Lock;

/// Limits that a small input can reach.
pub fn limits() -> ProjectLimits {
    ProjectLimits {
        file_bytes_max: 1 << 20,
        journal_bytes_max: 1 << 20,
        pending_bytes_max: 1 << 20,
        entries_max: 256,
        name_bytes_max: 128,
        nesting_max: 16,
    }
}

/// Runs something in an arena of its own.
///
/// # Panics
/// When the system has no room for it.
pub fn with_memory<R>(run: impl FnOnce(Tagged<'_>) -> R) -> R {
    let mut arena = Arena::try_reserve("fuzz", BUDGET_BYTES).unwrap_or_else(|error| panic!("{error}"));
    let scope = arena.open();
    run(scope.tagged(Tag::PROJECT))
}

/// An empty scene.
///
/// # Panics
/// When the arena has no room for it, which would be a defect.
pub fn empty<'s>(memory: Tagged<'s>) -> &'s mut SceneState<'s> {
    let limits = SceneLimits { entities_max: 512, cameras_max: 64, lights_max: 64 };
    voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits).unwrap_or_else(|error| panic!("{error}"))
}

/// The text of a document, unless it can't be one.
///
/// # Errors
/// As [`write`].
pub fn text_of(document: &Document<'_>) -> Result<Vec<u8>, ProjectError> {
    let mut text = Vec::new();
    write(document, Path::new(PROJECT), &limits(), &mut |bytes| {
        text.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(text)
}

/// What a scene would be saved as.
///
/// # Errors
/// As [`capture`] and [`write`].
pub fn saved<'s>(
    scene: &SceneState<'s>,
    keys: &mut Keys<'s>,
    kept: &Kept<'s>,
    memory: Tagged<'s>,
) -> Result<Vec<u8>, ProjectError> {
    let (files, unknown) = (kept.document().files, kept.document().view);
    text_of(&capture(scene, keys, kept, files, &[], View { ..unknown }, memory)?)
}
