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
    // Heaps are programs of their own beside the benchmarks, and so is the memory crate that counts or logs.
    if groups.contains(&"memory") {
        process::run(build(workspace).args(["--bins", "--features", "jemalloc,bevy"]))?;
        process::run(build(workspace).args(["--bin", "voltrum-bench-logging", "--features", "allocation-log"]))?;
    }
    process::run(build(workspace).args(["--bin", "voltrum-bench-tracking", "--features", "tracking"]))?;
    let mut command = process::cargo(workspace);
    command.args(["run", "--quiet", "--release", "-p", "voltrum-bench", "--features", "jemalloc,bevy", "--"]).args(groups);
    if json {
        command.arg("--json");
    }
    process::run(&mut command)
}

fn build(workspace: &Workspace) -> Command {
    let mut command = process::cargo(workspace);
    command.args(["build", "--quiet", "--release", "-p", "voltrum-bench"]);
    command
}
