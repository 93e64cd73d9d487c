//! Shapes: what entities can show. Many entities share one; each keeps four bytes.

/// Names a shape of a scene. Shapes stay as long as the scene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub(crate) u32);

impl ShapeId {
    /// Its position among the scene's shapes, in the order in which they were added.
    pub const fn index(self) -> u32 {
        self.0
    }
}
