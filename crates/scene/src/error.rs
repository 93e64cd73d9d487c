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
    /// The scene has no such shape.
    #[error("shape {shape} isn't among the scene's {count}; add it first")]
    Shape {
        /// Its position.
        shape: u32,
        /// How many there are.
        count: usize,
    },
    /// A list of triangles contradicts itself.
    #[error("triangle {triangle} refers to position {index}, of which there are {count}; give all positions")]
    Triangles {
        /// Which triangle.
        triangle: usize,
        /// The position it names.
        index: u32,
        /// How many it may choose from.
        count: usize,
    },
    /// A column that can't be.
    #[error("column {name} can't be added: its name is taken, or {bytes} bytes each are more than {max}")]
    Column {
        /// The column.
        name: &'static str,
        /// Bytes of each component.
        bytes: usize,
        /// Bytes that each may take.
        max: usize,
    },
    /// The scene has no column of that name.
    #[error("the scene has no such column; add it before its components are read")]
    NoColumn,
    /// Bytes that make no component.
    #[error(
        "{bytes} bytes make no component of column {column}, which takes {wanted}; read them with the version that wrote them"
    )]
    Component {
        /// The column.
        column: &'static str,
        /// How many bytes there are.
        bytes: usize,
        /// How many a component takes.
        wanted: usize,
    },
    /// A number that isn't finite.
    #[error("nothing can be put where a coordinate isn't a finite number; check the numbers")]
    NotFinite,
    /// The scene arena refused.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
