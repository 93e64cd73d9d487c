//! Rule: the committed sample scene is what its generator writes.

use super::Finding;
use crate::failure::Failure;
use crate::sample;
use crate::workspace::{SAMPLE, Workspace};

pub(super) fn check(workspace: &Workspace) -> Result<Option<Finding>, Failure> {
    let failed = |error| Failure::new(format!("the sample could not be generated: {error}"));
    let fresh = workspace.target_dir().join("tidy-sample.glb");
    sample::write(&fresh).map_err(failed)?;
    let generated = std::fs::read(&fresh).map_err(failed)?;
    std::fs::remove_file(&fresh).map_err(failed)?;
    match std::fs::read(workspace.root().join(SAMPLE)) {
        Ok(committed) if committed == generated => Ok(None),
        Ok(_) => Ok(Some(Finding::of_file(SAMPLE, "differs from what its generator writes; `cargo xtask sample`"))),
        Err(error) => Ok(Some(Finding::of_file(SAMPLE, format!("{error}; `cargo xtask sample`")))),
    }
}
