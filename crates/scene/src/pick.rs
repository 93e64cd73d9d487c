//! What a ray hits: a tree of boxes per shape.

mod bvh;
mod hit;
mod ray;

pub use bvh::{Bvh, TriangleHit};
pub use hit::{PickHit, pick};
pub use ray::Ray;
