//! What a ray hits: a tree of boxes per shape.

mod bvh;
mod ray;

pub use bvh::{Bvh, TriangleHit};
pub use ray::Ray;
