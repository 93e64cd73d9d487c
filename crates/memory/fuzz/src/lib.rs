//! The programs that the fuzz targets run, and the plain model that they are checked against.
//!
//! Each target reads its input as a program: the next bytes say which operation comes next and how large it is. Whatever the
//! bytes are, the program is sound Rust; so a failed check or a report of the sanitizer is a defect of the memory crate, or
//! of the model.
//!
//! # Deliberately absent
//! Threads: a program must end the same way each time it is run.

pub mod arithmetic;
mod collections;
mod cursors;
mod drops;
pub mod heap;
mod input;
mod model;
pub mod operations;
mod values;
