//! Pages: the only code that asks the system for memory.
//!
//! One contract, one small file per system behind it. Addresses and lengths are multiples of [`page_size`].
//!
//! # Invariants
//! 1. Reserved bytes are address space only: touching one is a fault until it is committed.
//! 2. Bytes just committed, or committed again after [`decommit`], read as zero.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{commit, decommit, page_size, prefer_huge, release, reserve};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{commit, decommit, page_size, prefer_huge, release, reserve};

/// A refusal by the system: its error code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(pub(crate) i32);
