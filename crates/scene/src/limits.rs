//! How much a scene may hold, and how much address space its columns take.
//!
//! # Invariants
//! 1. Columns reserve address space, not memory: pages come as they fill.
//! 2. At least as much as the columns take stays free in the scene arena: half of it for the scene's texts and a client's
//!    columns, half for others.

use voltrum_memory::{Arena, MemoryError, Tagged};

/// Fewest entities that a scene is opened for; an arena that can't hold these is an error.
pub(crate) const ENTITIES_MIN: u32 = 1024;

/// How much a scene may hold. What doesn't fit the scene arena's reservation is halved until it does;
/// [`SceneState::entities_max`](crate::SceneState::entities_max) says what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SceneLimits {
    /// Entities alive at a time.
    pub entities_max: u32,
    /// Entities with a camera.
    pub cameras_max: u32,
    /// Entities with a light.
    pub lights_max: u32,
}

impl Default for SceneLimits {
    fn default() -> Self {
        SceneLimits { entities_max: 1 << 20, cameras_max: 1 << 10, lights_max: 1 << 12 }
    }
}

/// Bytes that a child arena for `count` elements of `size` bytes takes from its parent at most: elements, the first
/// one's alignment, the arena's header, and the boundary of a huge page for arenas that are large enough to use them.
pub(crate) fn footprint(count: u32, size: usize) -> usize {
    let bytes = array_bytes(count, size);
    bytes + (64 << 10) + if bytes >= 1 << 20 { 2 << 20 } else { 0 }
}

/// Bytes of an array, and room to align it.
pub(crate) fn array_bytes(count: u32, size: usize) -> usize {
    (count as usize).saturating_mul(size).saturating_add(64)
}

/// The largest of `wanted`, half of it, and so on down to `least`, for which `bytes` twice over fit into `memory`.
pub(crate) fn fit(
    memory: Tagged<'_>,
    wanted: u32,
    least: u32,
    bytes: impl Fn(u32) -> usize,
) -> Result<u32, MemoryError> {
    let mut count = wanted.max(1);
    loop {
        let twice = bytes(count).saturating_mul(2);
        // a child that is dropped at once: the arena is asked, and nothing is taken
        match memory.try_child("probe", twice).map(drop::<Arena<'_>>) {
            Ok(()) => return Ok(count),
            Err(_) if count > least => count = (count / 2).max(least),
            Err(_) => return memory.try_child("probe", bytes(count)).map(|_probe| count),
        }
    }
}
