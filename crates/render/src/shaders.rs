//! SPIR-V of the shaders in `shaders/`, as the build script made it.

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));
