//! `cargo xtask test`: everything that CI runs, in order, up to the first failure.

use std::ffi::OsString;
use std::process::Command;

use crate::bench;
use crate::disk;
use crate::failure::Failure;
use crate::nightly;
use crate::packages;
use crate::process;
use crate::steps::{Outcome, Steps, Tally};
use crate::tidy;
use crate::workspace::Workspace;

/// Clients on the public API alone.
const EXAMPLES: [&str; 2] = ["spinner", "first_client"];

/// Optimised, without link-time optimisation: the crate has two dozen test binaries, and each would be linked with it.
const RELEASE_MEMORY_TESTS: [&str; 7] =
    ["test", "--release", "--locked", "--config", "profile.release.lto=\"off\"", "-p", "voltrum-memory"];

struct Step {
    name: &'static str,
    about: &'static str,
    action: fn(&Workspace, &mut Tally) -> Result<Outcome, Failure>,
}

/// Cheap checks first.
const STEPS: &[Step] = &[
    Step { name: "format", about: "cargo fmt --check", action: format },
    Step { name: "tidy", about: "headers, floors, unsafe, words, lengths, ARCHITECTURE.md", action: tidy },
    Step {
        name: "clippy",
        about: "every target of every crate, the fuzz targets too, warnings are errors",
        action: clippy,
    },
    Step { name: "docs", about: "cargo doc, warnings are errors", action: docs },
    Step {
        name: "workspace",
        about: "every test and documentation example, debug build with tracking and Vulkan validation",
        action: workspace_tests,
    },
    Step {
        name: "memory-release",
        about: "the memory crate as its users ship it: optimised, tracking off",
        action: memory_release,
    },
    Step {
        name: "memory-release-tracking",
        about: "the memory crate as the editor ships it: optimised, tracking on",
        action: memory_release_tracking,
    },
    Step {
        name: "memory-release-log",
        about: "the memory crate with every allocation logged and every request for pages failed once: optimised",
        action: memory_release_log,
    },
    Step {
        name: "memory-no-std",
        about: "the memory crate without std, on buffers: warnings are errors; its tests",
        action: memory_no_std,
    },
    Step {
        name: "memory-locking",
        about: "a model of what the memory crate's threads share, in every order of events: loom",
        action: memory_locking,
    },
    Step {
        name: "memory-asan",
        about: "the memory crate under AddressSanitizer, popped bytes poisoned",
        action: nightly::memory_asan,
    },
    Step {
        name: "memory-tsan",
        about: "what the memory crate's threads share and hand over, under ThreadSanitizer",
        action: nightly::memory_tsan,
    },
    Step {
        name: "memory-miri",
        about: "small lives of arenas in buffers, by an interpreter that knows the rules of pointers",
        action: nightly::memory_miri,
    },
    Step {
        name: "memory-targets",
        about: "the memory crate type-checked for Windows and for a processor without a system",
        action: nightly::memory_targets,
    },
    Step {
        name: "memory-fuzz",
        about: "the memory crate's fuzz targets, 30 seconds each",
        action: nightly::memory_fuzz,
    },
    Step { name: "scene-changes", about: "100,000 changes each of project files and journals", action: scene_changes },
    Step { name: "scene-fuzz", about: "the scene's fuzz targets, 30 seconds each", action: nightly::scene_fuzz },
    Step {
        name: "assets-fuzz",
        about: "the fuzz targets of models and pictures, 30 seconds each",
        action: nightly::assets_fuzz,
    },
    Step { name: "example", about: "the example clients, without a window", action: example },
    Step { name: "deny", about: "cargo deny: licences and duplicate versions", action: deny },
];

pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<(), Failure> {
    let mut names: Vec<&str> = Vec::new();
    let mut may_install = true;
    for argument in arguments {
        match argument.to_str() {
            Some("--list") => {
                for step in STEPS {
                    println!("{:<24} {}", step.name, step.about);
                }
                return Ok(());
            }
            Some("--no-install") => may_install = false,
            Some(name) if STEPS.iter().any(|step| step.name == name) => names.push(name),
            _ => {
                return Err(Failure::usage(format!(
                    "test: no step {}; `cargo xtask test --list` prints their names",
                    argument.display()
                )));
            }
        }
    }
    let chosen: Vec<&Step> = STEPS.iter().filter(|step| names.is_empty() || names.contains(&step.name)).collect();

    let mut steps = Steps::new(chosen.len() + 1);
    steps.step("packages", "what build and tests need of the system", |_| {
        disk::tell(workspace);
        packages::ensure(&[packages::RUN, packages::BUILD, packages::TEST], may_install)?;
        Ok(Outcome::Done)
    })?;
    for step in chosen {
        steps.step(step.name, step.about, |tally| (step.action)(workspace, tally))?;
    }
    steps.close();
    Ok(())
}

fn format(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    process::run(process::cargo(workspace).args(["fmt", "--all", "--check"]))?;
    let fuzz = [nightly::FUZZ, nightly::SCENE_FUZZ, nightly::ASSETS_FUZZ];
    for package in fuzz.into_iter().chain(bench::PEERS) {
        let manifest = format!("{package}/Cargo.toml");
        process::run(process::cargo(workspace).args(["fmt", "--check", "--manifest-path"]).arg(manifest))?;
    }
    Ok(Outcome::Done)
}

fn tidy(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    tidy::run(workspace)?;
    Ok(Outcome::Done)
}

fn clippy(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    let warnings_are_errors = ["--all-targets", "--locked", "--", "-Dwarnings"];
    done(process::cargo(workspace).args(["clippy", "--workspace"]).args(warnings_are_errors))?;
    done(
        process::cargo(workspace).args(["clippy", "-p", "voltrum-memory", "--all-features"]).args(warnings_are_errors),
    )?;
    for package in [nightly::FUZZ, nightly::ASSETS_FUZZ] {
        process::run(apart(workspace, package, "clippy").args(warnings_are_errors))?;
    }
    Ok(Outcome::Done)
}

fn docs(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    // Libraries only: the command and the application crate are both called `voltrum`, one folder for two.
    done(process::cargo(workspace).env("RUSTDOCFLAGS", "-Dwarnings").args([
        "doc",
        "--workspace",
        "--lib",
        "--no-deps",
        "--locked",
    ]))
}

fn workspace_tests(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    tests(process::cargo(workspace).args(["test", "--workspace", "--locked", "--no-fail-fast"]), tally)
}

fn memory_release(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    tests(process::cargo(workspace).args(RELEASE_MEMORY_TESTS), tally)
}

fn memory_release_tracking(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    tests(process::cargo(workspace).args(RELEASE_MEMORY_TESTS).args(["--features", "tracking"]), tally)
}

fn memory_release_log(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    tests(process::cargo(workspace).args(RELEASE_MEMORY_TESTS).args(["--features", "allocation-log,faults"]), tally)
}

fn memory_no_std(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    let without_std = ["-p", "voltrum-memory", "--no-default-features", "--locked"];
    for features in ["", "tracking"] {
        let mut clippy = process::cargo(workspace);
        clippy.arg("clippy").args(without_std).args(["--lib", "--features", features, "--", "-Dwarnings"]);
        process::run(&mut clippy)?;
    }
    // Documentation examples are for the crate as it comes, with std.
    tests(process::cargo(workspace).arg("test").args(without_std).args(["--lib", "--tests"]), tally)
}

fn memory_locking(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    tests(apart(workspace, nightly::FUZZ, "test").args(["--locked", "--test", "locking"]), tally)
}

/// A cargo command on a package of fuzz targets, which would else build into a folder beside its manifest.
fn apart(workspace: &Workspace, package: &str, command: &str) -> Command {
    let mut cargo = process::cargo(workspace);
    cargo
        .args([command, "--manifest-path"])
        .arg(format!("{package}/Cargo.toml"))
        .arg("--target-dir")
        .arg(workspace.target_dir());
    cargo
}

fn scene_changes(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    tests(apart(workspace, nightly::SCENE_FUZZ, "test").args(["--locked", "--no-default-features", "--lib"]), tally)
}

fn example(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    for name in EXAMPLES {
        let mut cargo = process::cargo(workspace);
        let arguments = ["run", "--locked", "-p", "voltrum", "--example", name];
        done(cargo.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").args(arguments))?;
    }
    Ok(Outcome::Done)
}

fn deny(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    if !process::exists("cargo-deny") {
        return Ok(Outcome::LeftOut(
            "there is no cargo-deny here; `cargo install --locked cargo-deny` brings it".to_owned(),
        ));
    }
    done(process::cargo(workspace).args(["deny", "--locked", "check", "licenses", "bans"]))
}

fn done(command: &mut Command) -> Result<Outcome, Failure> {
    process::run(command)?;
    Ok(Outcome::Done)
}

pub(crate) fn tests(command: &mut Command, tally: &mut Tally) -> Result<Outcome, Failure> {
    process::run_and_look(command, |line| tally.add_line(line))?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_names_of_their_own() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS[..index].iter().all(|earlier| earlier.name != step.name));
        }
    }
}
