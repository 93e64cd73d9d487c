//! The workspace: where it is, which packages it has, and which files are its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::Failure;
use crate::process;

/// The folder that holds the workspace's manifest.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the workspace from the place of this package's manifest, so that any current folder will do.
    pub(crate) fn find() -> Result<Self, Failure> {
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        match Path::new(&manifest_dir).parent() {
            Some(root) if root.join("Cargo.lock").is_file() => Ok(Self { root: root.to_owned() }),
            _ => Err(Failure::new(format!(
                "no workspace above {}; start this with `cargo xtask` inside the repository",
                manifest_dir.display()
            ))),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What `cargo metadata` knows of the workspace's own packages.
    pub(crate) fn metadata(&self) -> Result<Value, Failure> {
        let mut command = process::cargo(self);
        command.args(["metadata", "--format-version=1", "--no-deps"]);
        let printed = process::printed(&mut command)?;
        serde_json::from_str(&printed).map_err(|error| {
            Failure::new(format!("`{}` gave no JSON ({error}); run it by hand to see why", process::line(&command)))
        })
    }

    /// The folder that cargo builds into.
    pub(crate) fn target_dir(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// The repository's files, as paths from the root with `/`: what is committed, and what is new and not ignored.
    pub(crate) fn files(&self) -> Result<Vec<String>, Failure> {
        let mut command = Command::new("git");
        // A checkout may belong to another user than the one who tests it.
        command.current_dir(&self.root).arg("-c").arg(format!("safe.directory={}", self.root.display()));
        command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
        let printed = process::printed(&mut command)?;
        let mut files: Vec<String> = printed
            .split('\0')
            .filter(|path| !path.is_empty() && self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        if files.is_empty() {
            return Err(Failure::new("`git ls-files` names no file; is this a clone?"));
        }
        files.sort();
        Ok(files)
    }

    /// The text of a file of the repository.
    pub(crate) fn read(&self, path: &str) -> Result<String, Failure> {
        std::fs::read_to_string(self.root.join(path)).map_err(|error| Failure::new(format!("{path}: {error}")))
    }
}

/// The sample scene, from the root.
pub(crate) const SAMPLE: &str = "assets/sample.glb";

/// The platform that is built and tested.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";
