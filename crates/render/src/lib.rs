//! A Vulkan renderer whose host memory lies in arenas and whose GPU memory has lifetimes.
//!
//! [`gpu::startup`] opens the device, [`renderer::startup`] the renderer on it. Loaders fill [`UploadBatch`]es on their
//! own threads; textures, meshes and materials are made from them and named by handles; a [`RenderPacket`] says what a
//! frame shows.
//!
//! ```
//! use voltrum_memory::{Arena, Tag};
//! use voltrum_render::glam::Vec3;
//! use voltrum_render::{Background, Camera, GpuConfig, RenderPacket, RendererLimits, View, camera, gpu, renderer};
//!
//! let mut permanent = Arena::try_reserve("permanent", 1 << 30)?;
//! let permanent = permanent.open();
//! let memory = permanent.tagged(Tag::RENDERER);
//! let gpu = gpu::startup(memory, None, &GpuConfig::default())?;
//! let mut renderer = renderer::startup(memory, &gpu, None, RendererLimits::default())?;
//!
//! let target = renderer::create_target(&mut renderer, [64, 32], 4, "picture")?;
//! let view = View {
//!     target,
//!     camera: Camera::look_at(Vec3::new(0.0, 2.0, 5.0), Vec3::ZERO, camera::perspective(0.8, 2.0, 0.1)),
//!     background: Background::Color([0.0, 0.0, 1.0, 1.0]),
//!     ..View::default()
//! };
//! renderer::begin_frame(&mut renderer, [0, 0])?;
//! renderer::draw_frame(&mut renderer, &RenderPacket { views: &[view], ui: None })?;
//! renderer::end_frame(&mut renderer)?;
//!
//! let pixels = renderer::read_target(&mut renderer, target, &permanent)?;
//! assert_eq!(pixels.at(3, 3), [0, 0, 255, 255]);
//! # Ok::<(), voltrum_render::RenderError>(())
//! ```
//!
//! # Invariants
//! 1. `unsafe` is in `vulkan/` only.
//! 2. A stale handle draws nothing, or the visible default.
//! 3. A steady frame allocates nothing on the Rust heap.
//!
//! # Deliberately absent
//! No global state, no threads of its own (but for those that `LiveShaders::read` waits for). No target of high dynamic range: surfaces are tone mapped as they are drawn,
//! so that edges are smoothed afterwards, as they must be. No order-independent transparency, no screen-space effects.

#![deny(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod camera;
mod comparison;
mod defaults;
mod draw_list;
mod driver;
mod early_pipelines;
mod environments;
mod error;
mod figures;
mod frustum;
pub mod gpu;
mod handle;
mod holdings;
mod image_format;
mod instances;
mod light;
mod limits;
#[cfg(feature = "live-shaders")]
mod live_shaders;
mod look;
mod material_constants;
mod materials;
mod mesh_pass;
mod meshes;
pub mod mips;
mod packet;
mod passes;
mod pipelines;
mod poses;
mod prefilter;
pub mod renderer;
mod reserve;
mod retired;
mod sampler;
mod scene_buffers;
mod scene_pass;
mod screen;
#[cfg(feature = "live-shaders")]
mod shader_compiler;
#[cfg(feature = "live-shaders")]
mod shader_swap;
mod shaders;
mod shadow_map;
mod slots;
mod targets;
mod textures;
mod ui_pass;
mod ui_textures;
mod upload_queue;
mod uploads;
mod usage;
mod vertex;
mod view_uniforms;
mod views;
#[allow(unsafe_code, reason = "Vulkan is a C interface; everything that touches it lies here")]
mod vulkan;

pub use glam;

pub use camera::Camera;
pub use comparison::{Comparison, Tolerance, compare, difference_into};
pub use driver::Driver;
pub use environments::EnvironmentUpload;
pub use error::RenderError;
pub use gpu::{Gpu, GpuConfig};
pub use handle::{EnvironmentId, MaterialId, MeshId, SceneId, TargetId, TextureId, UiTexture};
pub use image_format::ImageFormat;
pub use instances::{InstanceId, Instances};
pub use light::{Light, LightKind, Shadow};
pub use limits::RendererLimits;
#[cfg(feature = "live-shaders")]
pub use live_shaders::LiveShaders;
pub use look::{ToneMapping, ViewMode};
pub use materials::{AlphaMode, MaterialDesc, TextureSlot, UvTransform};
pub use meshes::{IndexKind, MeshUpload, Topology};
pub use packet::{
    Background, Draw, LIGHTS_MAX, Pose, RenderPacket, Sun, UiCommand, UiPacket, UiTextureKind, UiTextureUpdate, View,
};
pub use renderer::{FrameStats, FrameStatus, ObjectCounts, RendererState};
pub use sampler::{Filter, MipFilter, SamplerDesc, Wrap};
#[cfg(feature = "live-shaders")]
pub use shader_compiler::{ShaderFault, ShaderProblem};
#[cfg(feature = "live-shaders")]
pub use shader_swap::PipelinesInUse;
pub use targets::Pixels;
pub use uploads::{BufferUpload, ImageUpload, UploadBatch};
pub use usage::{GpuLifetime, GpuTag, GpuTagUsage, GpuUsage};
pub use vertex::{Bounds, MorphDelta, SkinVertex, UiVertex, Vertex};
#[cfg(feature = "stub")]
pub use vulkan::{faults::GpuFaults, stub::Stub};
