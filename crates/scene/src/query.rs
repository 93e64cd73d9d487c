//! Questions that tools ask: who is called so, who stands at a path, what a rectangle of the picture holds.

mod find;
mod frustum;

pub use find::{find, find_child, find_path, path};
pub use frustum::{Frustum, Reach, entities_in};
