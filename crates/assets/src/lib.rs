//! Resources, glTF, textures, materials and geometry: what comes from files and what becomes of it on the device.
//!
//! - [`gltf::load`] reads a scene on a worker: metadata into the scene arena, vertices and pixels into upload memory.
//! - [`resources`] keeps small files by name, counted and released, in a child arena of its own.
//! - [`textures`], [`materials`] and [`geometry`] own what is on the device, by generational handles with counts.
//!
//! # Invariants
//! 1. A file is never trusted, and its faults are errors with its name, the place, the numbers and a remedy.
//! 2. Foreign decoders and parsers run under `Tag::FOREIGN`; nothing of theirs outlives the call that needed it.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod animation;
mod bounds;
mod counted;
mod environments;
mod error;
mod fault;
mod file;
pub mod geometry;
pub mod gltf;
pub mod image;
mod image_key;
mod instance;
mod limits;
pub mod materials;
mod meshopt;
mod progress;
pub mod resources;
mod staged;
mod stamp;
mod surface;
pub mod textures;
mod upload;
pub mod words;

pub use bounds::Bounds;
pub use environments::load_environment;
pub use error::{AssetError, ErrorKind};
pub use fault::{Fault, Named, Place};
pub use image_key::{ImageKey, KnownImage, KnowsImages};
pub use instance::{AssetSystems, PrimitiveAssets, SceneAssets, instantiate, refresh, release};
pub use limits::LoadLimits;
pub use progress::{FileName, Progress, Stage};
pub use staged::{
    Curve, Interpolation, Lens, Parts, Pixels, StagedAnimation, StagedCamera, StagedCounts, StagedImage, StagedIndices,
    StagedLight, StagedMaterial, StagedMesh, StagedNode, StagedPrimitive, StagedScene, StagedSkin, StagedSource,
    StagedTexture, StagedVariant, Track,
};
pub use stamp::FileStamp;
pub use surface::{Slot, Surface};
pub use upload::{HostUpload, HostUploads, Loading, SceneChoice, Shapes, UploadMemory};
