//! What can go wrong with a scene.

use voltrum_memory::MemoryError;

use crate::entity::Entity;

/// A refused request. The scene is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SceneError {
    /// The entity is gone.
    #[error("entity {0} is gone; look it up again")]
    Stale(Entity),
    /// A column holds as much as it may.
    #[error(
        "scene column {column} is full: {asked} more asked for, {left} of {max} left; raise `{limit}` or the scene arena's reservation"
    )]
    Full {
        /// The column.
        column: &'static str,
        /// The limit's name in [`crate::SceneLimits`], or of the argument that set it.
        limit: &'static str,
        /// Elements asked for.
        asked: u32,
        /// Elements that still fit.
        left: u32,
        /// Elements that fit in all.
        max: u32,
    },
    /// The new parent stands below what is to be moved.
    #[error("entity {entity} can't move below {parent}, which is itself or stands below it; move {parent} out first")]
    Cycle {
        /// What was to be moved.
        entity: Entity,
        /// Where to.
        parent: Entity,
    },
    /// The sibling to stand before has another parent.
    #[error("entity {before} is no child of the new parent, so nothing can be put before it; name one of its children")]
    NotAChild {
        /// The sibling in question.
        before: Entity,
    },
    /// A staged scene contradicts itself.
    #[error("staged {from} {at} refers to {to} {index}, of which there are {count}; stage the file again")]
    Staged {
        /// What refers: a node or a mesh.
        from: &'static str,
        /// Its position.
        at: usize,
        /// What it refers to.
        to: &'static str,
        /// The position it names.
        index: u32,
        /// How many it may choose from.
        count: usize,
    },
    /// The scene arena refused.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
