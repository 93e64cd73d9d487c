//! `cargo xtask bench`: starts the benchmarks in their release build.

use std::ffi::OsString;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

const GROUPS: &[&str] = &["memory", "scene", "frame", "load"];

/// The peers of `bench load` that are compiled here: packages of their own, apart from the workspace.
pub(crate) const PEERS: [&str; 2] = ["bench/peers/three-d", "bench/peers/bevy"];

pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<(), Failure> {
    let mut groups: Vec<&str> = Vec::new();
    let (mut json, mut peers) = (false, false);
    for argument in arguments {
        match argument.to_str() {
            Some("--json") => json = true,
            Some("--peers") => peers = true,
            Some(name) if GROUPS.contains(&name) => groups.push(name),
            _ => {
                let there = GROUPS.join(", ");
                return Err(Failure::usage(format!("no benchmark {}; there is: {there}", argument.display())));
            }
        }
    }
    if groups.is_empty() {
        groups = GROUPS.to_vec();
    }
    let [memory, scene, frame, load] = ["memory", "scene", "frame", "load"].map(|group| groups.contains(&group));
    // The memory crate that counts or logs is a program of its own, and so are heaps. What a group does without isn't built.
    if memory || scene || frame {
        let features = joined(&[("tracking", true), ("scene", scene), ("frame", frame)]);
        process::run(build(workspace, &features).args(["--bin", "voltrum-bench-tracking"]))?;
    }
    if load {
        let mut command = process::cargo(workspace);
        process::run(command.args(["build", "--quiet", "--release", "-p", "voltrum-editor", "--bin", "voltrum"]))?;
    }
    if load && peers {
        for package in PEERS {
            let mut command = process::cargo(workspace);
            command.args(["build", "--release", "--locked", "--manifest-path"]).arg(format!("{package}/Cargo.toml"));
            process::run(command.arg("--target-dir").arg(workspace.target_dir().join("peers")))?;
        }
    }
    if memory {
        process::run(build(workspace, "allocation-log").args(["--bin", "voltrum-bench-logging"]))?;
        process::run(build(workspace, "jemalloc").args(["--bin", "voltrum-bench-jemalloc"]))?;
        process::run(build(workspace, "").args(["--bin", "voltrum-bench-mimalloc"]))?;
    }
    let features = joined(&[("scene-peers", scene), ("frame", frame), ("load", load)]);
    let mut command = process::cargo(workspace);
    command.args(["run", "--quiet", "--release", "-p", "voltrum-bench", "--no-default-features"]);
    command.args(["--features", &features, "--"]).args(groups);
    if json {
        command.arg("--json");
    }
    process::run(&mut command)
}

/// The names of those that are wanted, as cargo takes them.
fn joined(features: &[(&str, bool)]) -> String {
    let wanted: Vec<&str> = features.iter().filter(|(_, is_wanted)| *is_wanted).map(|(name, _)| *name).collect();
    wanted.join(",")
}

/// Builds the benchmarks with these features alone.
fn build(workspace: &Workspace, features: &str) -> Command {
    let mut command = process::cargo(workspace);
    command.args(["build", "--quiet", "--release", "-p", "voltrum-bench", "--no-default-features"]);
    command.args(["--features", features]);
    command
}
