//! `cargo xtask bench`: starts the benchmarks in their release build.

use std::ffi::OsString;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

const PRESENT: &[&str] = &["memory", "scene"];
const LATER: &[&str] = &["frame", "load"];

pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<(), Failure> {
    let mut groups: Vec<&str> = Vec::new();
    let mut json = false;
    for argument in arguments {
        match argument.to_str() {
            Some("--json") => json = true,
            Some(name) if PRESENT.contains(&name) => groups.push(name),
            Some(name) if LATER.contains(&name) => {
                return Err(Failure::usage(format!("bench {name} is not there yet; there is: {}", PRESENT.join(", "))));
            }
            _ => {
                return Err(Failure::usage(format!(
                    "no benchmark {}; there is: {}",
                    argument.display(),
                    PRESENT.join(", ")
                )));
            }
        }
    }
    if groups.is_empty() {
        groups = PRESENT.to_vec();
    }
    let (memory, scene) = (groups.contains(&"memory"), groups.contains(&"scene"));
    // The memory crate that counts or logs is a program of its own, and so are heaps. What a group does without isn't built.
    if memory || scene {
        let features = if scene { "tracking,scene" } else { "tracking" };
        process::run(build(workspace, features).args(["--bin", "voltrum-bench-tracking"]))?;
    }
    if memory {
        process::run(build(workspace, "allocation-log").args(["--bin", "voltrum-bench-logging"]))?;
        process::run(build(workspace, "jemalloc").args(["--bin", "voltrum-bench-jemalloc"]))?;
        process::run(build(workspace, "").args(["--bin", "voltrum-bench-mimalloc"]))?;
    }
    let features = if scene { "scene-peers" } else { "" };
    let mut command = process::cargo(workspace);
    command.args(["run", "--quiet", "--release", "-p", "voltrum-bench", "--no-default-features"]);
    command.args(["--features", features, "--"]).args(groups);
    if json {
        command.arg("--json");
    }
    process::run(&mut command)
}

/// Builds the benchmarks with these features alone.
fn build(workspace: &Workspace, features: &str) -> Command {
    let mut command = process::cargo(workspace);
    command.args(["build", "--quiet", "--release", "-p", "voltrum-bench", "--no-default-features"]);
    command.args(["--features", features]);
    command
}
