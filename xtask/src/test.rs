//! `cargo xtask test`: everything that CI runs, in order, up to the first failure.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::packages;
use crate::process;
use crate::steps::{Outcome, Steps, Tally};
use crate::tidy;
use crate::workspace::{TARGET, Workspace};

/// The second client, on the public API alone.
const EXAMPLE: &str = "spinner";

/// The memory crate's fuzz targets: a package of their own, apart from the workspace.
const FUZZ: &str = "crates/memory/fuzz";
const FUZZ_TARGETS: &[&str] = &["arithmetic", "operations", "heap"];
const FUZZ_SECS: u32 = 30;

/// The test of the memory crate that compares compiler messages: it holds for the stable compiler only.
const COMPILE_FAIL_TEST: &str = "does_not_compile";

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
    Step { name: "clippy", about: "every target of every crate, warnings are errors", action: clippy },
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
        name: "memory-asan",
        about: "the memory crate under AddressSanitizer, popped bytes poisoned",
        action: memory_asan,
    },
    Step { name: "memory-fuzz", about: "the memory crate's fuzz targets, 30 seconds each", action: memory_fuzz },
    Step { name: "example", about: "the second client, without a window", action: example },
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
    done(process::cargo(workspace).args(["fmt", "--check", "--manifest-path"]).arg(format!("{FUZZ}/Cargo.toml")))
}

fn tidy(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    tidy::run(workspace)?;
    Ok(Outcome::Done)
}

fn clippy(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    let warnings_are_errors = ["--all-targets", "--locked", "--", "-Dwarnings"];
    done(process::cargo(workspace).args(["clippy", "--workspace"]).args(warnings_are_errors))?;
    done(process::cargo(workspace).args(["clippy", "-p", "voltrum-memory", "--all-features"]).args(warnings_are_errors))
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

fn memory_asan(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(Outcome::LeftOut("there is no nightly toolchain here".to_owned()));
    }
    // The target is named so that build scripts and macros are built without the sanitizer. Leaks are not looked
    // for: a forgotten scope leaks by design, and ptrace is often forbidden in containers.
    tests(
        Command::new("rustup")
            .current_dir(workspace.root())
            .env_remove("CARGO")
            .env("RUSTFLAGS", "-Zsanitizer=address")
            .env("ASAN_OPTIONS", "detect_leaks=0")
            .args(["run", "nightly", "cargo", "test", "--locked", "-p", "voltrum-memory", "--features", "asan,faults"])
            .args(["--lib", "--tests", "--target", TARGET, "--target-dir"])
            .arg(workspace.target_dir().join("asan"))
            .args(["--", "--skip", COMPILE_FAIL_TEST]),
        tally,
    )
}

/// Programs that fuzzers make up. What they find lies in the package's `artifacts`, and stays there.
fn memory_fuzz(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(Outcome::LeftOut("there is no nightly toolchain here".to_owned()));
    }
    if !process::exists("cargo-fuzz") {
        return Ok(Outcome::LeftOut(
            "there is no cargo-fuzz here; `cargo install --locked cargo-fuzz` brings it".to_owned(),
        ));
    }
    for target in FUZZ_TARGETS {
        // What is learnt goes to the first folder, which git ignores; the second one is what is committed.
        let folders = ["corpus", "seeds"].map(|kind| workspace.root().join(FUZZ).join(kind).join(target));
        std::fs::create_dir_all(&folders[0])
            .map_err(|error| Failure::new(format!("{}: {error}", folders[0].display())))?;
        let mut command = Command::new("rustup");
        command
            .current_dir(workspace.root())
            .env_remove("CARGO")
            .args(["run", "nightly", "cargo", "fuzz", "run", "--target", TARGET, "--fuzz-dir", FUZZ, "--target-dir"])
            .arg(workspace.target_dir().join("fuzz"))
            .arg(target)
            .args(&folders)
            .args(["--", &format!("-max_total_time={FUZZ_SECS}"), "-max_len=1024", "-len_control=0"]);
        process::run(&mut command).map_err(|failure| found(workspace, target, &failure))?;
    }
    Ok(Outcome::Done)
}

/// The failure, with the newest input that shows it.
fn found(workspace: &Workspace, target: &str, failure: &Failure) -> Failure {
    let folder = Path::new(FUZZ).join("artifacts").join(target);
    let newest = std::fs::read_dir(workspace.root().join(&folder))
        .into_iter()
        .flatten()
        .flatten()
        .max_by_key(|entry| entry.metadata().and_then(|about| about.modified()).ok())
        .map(|entry| folder.join(entry.file_name()));
    Failure::new(match newest {
        Some(input) => format!(
            "{failure}\nthe input that shows it: {0}; `cargo +nightly fuzz run --fuzz-dir {FUZZ} {target} {0}` runs it again",
            input.display()
        ),
        None => format!("{failure}\nit left no input in {}: the target was not built or not started", folder.display()),
    })
}

fn has_nightly() -> Result<bool, Failure> {
    if !process::exists("rustup") {
        return Ok(false);
    }
    let toolchains = process::printed(Command::new("rustup").args(["toolchain", "list"]))?;
    Ok(toolchains.lines().any(|line| line.starts_with("nightly")))
}

fn example(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    done(process::cargo(workspace).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").args([
        "run",
        "--locked",
        "-p",
        "voltrum",
        "--example",
        EXAMPLE,
    ]))
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

fn tests(command: &mut Command, tally: &mut Tally) -> Result<Outcome, Failure> {
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
