//! Voltrum: an application framework for real-time desktop tools whose every byte has a home.
//!
//! Three arenas (permanent, scene, frame) are three lifetimes (`'app`, `'scene`, `'frame`), and these are three nested
//! scopes of [`run`]: its body, one turn of the project loop, one turn of the frame loop. A pointer into a cleared arena
//! does not compile.
//!
//! A program is a [`Client`]; [`run`] gives it a window, input, resources, a renderer and an interface, calls it once a
//! frame, loads its next project on a worker while the current one keeps running, and closes everything in reverse.
//!
//! # Deliberately absent
//! Global state: whoever wants a subsystem is handed it. See `examples/spinner.rs` for a whole client.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros))]

mod app_state;
mod client;
mod config;
mod error;
mod exchange;
mod figures;
mod frame;
mod instance;
mod loader;
mod run;
pub mod testing;
mod works;

pub use app_state::AppState;
pub use client::{Client, Next};
pub use config::AppConfig;
pub use error::{AppError, ClientError};
pub use figures::Figures;
pub use frame::{Frame, FrameStats};
pub use instance::{Instance, Turn};
pub use run::{drive, run};

pub use bytemuck;
pub use glam;
pub use voltrum_assets as assets;
pub use voltrum_memory as memory;
pub use voltrum_platform as platform;
pub use voltrum_render as render;
pub use voltrum_scene as scene;
pub use voltrum_ui as ui;
