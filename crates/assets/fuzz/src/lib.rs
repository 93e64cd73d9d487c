//! What the fuzz targets of the asset loaders run: each takes bytes that a fuzzer made up and asserts that what comes of
//! them, if anything does, keeps the loaders' promises.
#![forbid(unsafe_code)]

pub mod gltf;
pub mod images;
