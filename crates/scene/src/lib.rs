//! Entities, component storage and hierarchy in the scene arena.
//!
//! [`open`] puts a [`SceneState`] into the scene arena; [`spawn`], [`despawn`] and [`reparent`] edit the hierarchy;
//! [`set_local`] moves things and [`update_transforms`] recomputes what that changed; [`Column`]s hold components, built-in
//! and a client's own, in plain slices. Closing a scene is the end of its arena: nothing here has a destructor.
//!
//! ```
//! use glam::Vec3;
//! use voltrum_memory::{Arena, Tag};
//! use voltrum_scene::{SceneLimits, SpawnDesc, Transform};
//!
//! let mut arena = Arena::try_reserve("scene", 1 << 30)?;
//! let memory = arena.open();
//! let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default())?;
//!
//! let table = voltrum_scene::spawn(scene, &SpawnDesc { name: "table", ..SpawnDesc::default() })?;
//! let lamp = voltrum_scene::spawn(scene, &SpawnDesc { name: "lamp", parent: Some(table), ..SpawnDesc::default() })?;
//! voltrum_scene::set_local(scene, table, Transform::at(Vec3::Y))?;
//! voltrum_scene::update_transforms(scene);
//! assert_eq!(voltrum_scene::world(scene, lamp).map(|world| world.w_axis.y), Some(1.0));
//!
//! voltrum_scene::despawn(scene, table)?;
//! assert_eq!(voltrum_scene::name(scene, lamp), None); // a handle of what is gone never finds what came after
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros))]

mod array;
mod bounds;
mod build;
mod changes;
mod column;
mod columns;
mod command;
mod component;
mod components;
mod duplicate;
mod edit;
mod entity;
mod error;
mod hierarchy;
mod light;
mod limits;
mod names;
mod node;
mod pack;
pub mod pick;
mod pose;
pub mod project;
pub mod query;
mod shape;
mod state;
mod transform;
pub mod undo;
mod walk;
mod world;

pub use bounds::{bounds, bounds_below, mesh_bounds};
pub use build::{add_meshes, build};
pub use changes::{follow_changes, shown_at, watch};
pub use column::Column;
pub use columns::{ColumnRef, add_column};
pub use command::Commands;
pub use component::{COMPONENT_BYTES_MAX, Component};
pub use components::{
    Camera, cameras, draws, is_shown, is_visible, lights, meshes, name, set_camera, set_light, set_mesh, set_name,
    set_visible,
};
pub use duplicate::duplicate;
pub use edit::{Edit, SpawnEdit};
pub use entity::Entity;
pub use error::SceneError;
pub use hierarchy::{SpawnDesc, despawn, reparent, spawn};
pub use light::{Light, LightKind};
pub use limits::SceneLimits;
pub use pack::{Affine, PackedTransform};
pub use pose::{carry, is_posed, pose, unpose};
pub use shape::{
    MeshPart, Shape, ShapeId, add_shape, adopt_parts, adopt_triangles, reshape, set_parts, set_triangles, shapes,
};
pub use state::{SceneState, open, open_boxed};
pub use transform::{Local, Transform};
pub use voltrum_assets::{Bounds, Lens};
pub use walk::{Children, Descendants, children, descendants, entities, first_child, next_sibling, parent, roots};
pub use world::{local, locals, set_local, update_transforms, view_from, world, worlds};
