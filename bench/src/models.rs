//! The models that are measured: those made by others, where they are, and those that are made here.

use std::path::{Path, PathBuf};

/// FlightHelmet, beside the repository.
pub(crate) const FLIGHT_HELMET: &str = "../shared/models/FlightHelmet/FlightHelmet.gltf";

/// Where FlightHelmet is; `None` where it isn't.
pub(crate) fn flight_helmet() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FLIGHT_HELMET);
    path.is_file().then_some(path)
}
