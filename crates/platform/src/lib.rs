//! Window, message pump, clock, files, input and events, with a headless twin of the window.
//!
//! The floor between the program and the machine. Windows and messages come from winit, behind [`Pump`]; a headless
//! instance has the same types and is fed by [`post`]. States live in the permanent arena that `startup` is given.
//!
//! # Invariants
//! 1. Headless instances share nothing: any number of them, on any number of threads.
//! 2. A pump that has nothing to say allocates nothing on the heap.

#![deny(unsafe_code)]

mod asset_root;
mod clipboard;
mod clock;
mod cpu_time;
mod display;
mod error;
pub mod events;
pub mod files;
mod frame_limiter;
pub mod input;
#[cfg(target_os = "linux")]
mod libraries;
mod message;
mod message_queue;
mod pump;
mod state;
mod text_slots;
mod translate;
pub mod window;

pub use clipboard::{CLIPBOARD_BYTES_MAX, Clipboard};
pub use clock::{Clock, DELTA_SECS_MAX};
pub use cpu_time::{process_cpu_time, thread_cpu_time};
pub use error::PlatformError;
pub use frame_limiter::{FrameLimiter, HIDDEN_INTERVAL};
pub use message::Message;
pub use pump::{Pump, Waker};
pub use state::{PlatformState, QUIET_FRAMES_MIN, limit_frame, post, pump_messages, startup};
pub use window::{CursorShape, Window, WindowConfig, WindowMode};
