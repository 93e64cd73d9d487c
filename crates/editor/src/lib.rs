//! The Voltrum editor and its command, as a library for the binary `voltrum` and its tests.
//!
//! [`cli`] reads the command line, [`commands`] do what it says. The editor itself is [`editor::Editor`], a
//! [`Client`](voltrum::Client) of the framework; [`panels`] draw its interface.
//!
//! # Invariants
//! 1. A frame in which nothing happens allocates nothing on the Rust heap.
//! 2. A file that can't be opened leaves the open project as it is.

#![forbid(unsafe_code)]

pub mod backdrop;
pub mod camera;
mod carried;
pub mod cli;
pub mod commands;
mod deeds;
pub mod drawing;
pub mod editor;
pub mod editor_state;
pub mod error;
pub mod exit;
mod file_dialog;
mod file_watch;
mod going;
mod history;
mod inbox;
mod inspector;
mod keeping;
pub mod loading;
pub mod logging;
pub mod look;
pub mod no_uploads;
pub mod panels;
pub mod picture;
mod preview;
mod progress_bar;
pub mod project;
mod question;
mod reloads;
mod rest;
pub mod screenshot;
pub mod script;
pub mod settings;
pub mod shader_folder;
mod shortcuts;
pub mod status;
mod timelines;
pub mod tools;
mod transform_drag;
mod tree_rows;
pub mod viewport;
mod wishes;
