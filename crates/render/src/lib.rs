//! A Vulkan renderer whose host memory lies in arenas and whose GPU memory has lifetimes.
//!
//! [`gpu::startup`] opens the device, [`renderer::startup`] the renderer on it. Loaders fill [`UploadBatch`]es on their
//! own threads; textures, meshes and materials are made from them and named by handles; a [`RenderPacket`] says what a
//! frame shows.
//!
//! # Invariants
//! 1. `unsafe` is in [`vulkan`] only.
//! 2. A stale handle draws nothing, or the visible default.
//! 3. A steady frame allocates nothing on the Rust heap.
//!
//! # Deliberately absent
//! No global state, no threads of its own, no high dynamic range, no shadows.

#![deny(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod camera;
mod defaults;
mod error;
mod frustum;
pub mod gpu;
mod handle;
mod limits;
mod materials;
mod meshes;
mod packet;
mod passes;
pub mod renderer;
mod retired;
mod sampler;
mod screen;
mod shaders;
mod slots;
mod targets;
mod textures;
mod ui_pass;
mod ui_textures;
mod upload_queue;
mod uploads;
mod usage;
mod vertex;
mod views;
#[allow(unsafe_code, reason = "Vulkan is a C interface; everything that touches it lies here")]
mod vulkan;

pub use glam;

pub use camera::Camera;
pub use error::RenderError;
pub use gpu::{Gpu, GpuConfig};
pub use handle::{MaterialId, MeshId, TargetId, TextureId, UiTexture};
pub use limits::RendererLimits;
pub use materials::{AlphaMode, MaterialDesc};
pub use meshes::{IndexKind, MeshUpload};
pub use packet::{Background, Draw, RenderPacket, Sun, UiCommand, UiPacket, UiTextureKind, UiTextureUpdate, View};
pub use renderer::{FrameStats, FrameStatus, ObjectCounts, RendererState};
pub use sampler::{Filter, MipFilter, SamplerDesc, Wrap};
pub use targets::Pixels;
pub use uploads::{BufferUpload, ImageFormat, ImageUpload, UploadBatch};
pub use usage::{GpuLifetime, GpuTag, GpuTagUsage, GpuUsage};
pub use vertex::{Bounds, UiVertex, Vertex};
