//! Steps that take the nightly compiler: the memory crate's sanitizers, Miri, other systems, and fuzz targets.
//!
//! Each builds into a folder of its own, and in CI gives its room back. Where the toolchain lacks something, the step is left
//! out and says so.

use std::path::Path;
use std::process::Command;

use crate::disk;
use crate::failure::Failure;
use crate::process;
use crate::steps::{Outcome, Tally};
use crate::test::tests;
use crate::workspace::{TARGET, Workspace};

/// The memory crate's fuzz targets: a package of their own, apart from the workspace.
pub(crate) const FUZZ: &str = "crates/memory/fuzz";
const FUZZ_TARGETS: &[&str] = &["arithmetic", "operations", "heap"];
const FUZZ_SECS: u32 = 30;
/// The scene's.
pub(crate) const SCENE_FUZZ: &str = "crates/scene/fuzz";
const SCENE_FUZZ_TARGETS: &[&str] = &["document", "journal"];
/// The assets'.
pub(crate) const ASSETS_FUZZ: &str = "crates/assets/fuzz";
const ASSETS_FUZZ_TARGETS: &[&str] = &["gltf", "images", "ktx2"];

/// Where these steps build, below the folder of the builds. That of the fuzz targets is done with after the last of them.
const ASAN_FOLDER: &str = "asan";
const TSAN_FOLDER: &str = "tsan";
const MIRI_FOLDER: &str = "miri";
const TARGETS_FOLDER: &str = "targets";
const FUZZ_FOLDER: &str = "fuzz";

/// The test of the memory crate that compares compiler messages: it holds for the stable compiler only.
const COMPILE_FAIL_TEST: &str = "does_not_compile";

/// The memory crate's tests with more than one thread.
const THREADED_TESTS: &[&str] =
    &["allocation_log", "arena", "children", "counting_heap", "handover", "heap", "threads"];

pub(crate) fn memory_asan(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(without_nightly());
    }
    // Leaks are not looked for: a forgotten scope leaks by design, and ptrace is often forbidden in containers.
    tests(
        sanitized(workspace, "address", ASAN_FOLDER)
            .env("ASAN_OPTIONS", "detect_leaks=0")
            .args(["--features", "asan,faults", "--lib", "--tests"])
            .args(["--", "--skip", COMPILE_FAIL_TEST]),
        tally,
    )?;
    disk::give_back(workspace, ASAN_FOLDER)?;
    Ok(Outcome::Done)
}

pub(crate) fn memory_tsan(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(without_nightly());
    }
    if !has_library_source()? {
        return Ok(without_library_source());
    }
    // The standard library is built along: locks and threads that the sanitizer can't see into would look like none.
    let mut command = sanitized(workspace, "thread", TSAN_FOLDER);
    command.args(["-Zbuild-std", "--features", "allocation-log"]);
    THREADED_TESTS.iter().for_each(|name| {
        command.args(["--test", name]);
    });
    tests(&mut command, tally)?;
    disk::give_back(workspace, TSAN_FOLDER)?;
    Ok(Outcome::Done)
}

/// `cargo test` of the memory crate with a sanitizer, in a folder of its own below that of the builds. The target is named so
/// that build scripts and macros are built without the sanitizer; lines for its reports, whatever the environment asks for.
fn sanitized(workspace: &Workspace, sanitizer: &str, folder: &str) -> Command {
    let mut command = nightly_cargo(workspace);
    command
        .env("RUSTFLAGS", format!("-Zsanitizer={sanitizer}"))
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .args(["test", "--locked", "-p", "voltrum-memory", "--target", TARGET, "--target-dir"])
        .arg(workspace.target_dir().join(folder));
    command
}

/// An interpreter that knows Rust's rules of pointers, which no processor does: on the tests that are short enough for it.
pub(crate) fn memory_miri(workspace: &Workspace, tally: &mut Tally) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(without_nightly());
    }
    if !has_miri()? {
        return Ok(Outcome::LeftOut(
            "there is no Miri here; `rustup component add miri --toolchain nightly` brings it".to_owned(),
        ));
    }
    if !has_library_source()? {
        return Ok(without_library_source());
    }
    let mut command = nightly_cargo(workspace);
    command
        .args(["miri", "test", "--locked", "-p", "voltrum-memory", "--no-default-features", "--lib"])
        .args(["--test", "small_lives", "--test", "unsize", "--target-dir"])
        .arg(workspace.target_dir().join(MIRI_FOLDER));
    tests(&mut command, tally)?;
    disk::give_back(workspace, MIRI_FOLDER)?;
    Ok(Outcome::Done)
}

/// Systems that nothing is tested on: the memory crate is type-checked for them, so that it stays possible.
pub(crate) fn memory_targets(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(without_nightly());
    }
    if !has_library_source()? {
        return Ok(without_library_source());
    }
    let check = |target: &str, options: &[&str]| {
        let mut command = nightly_cargo(workspace);
        command
            .args(["check", "--locked", "-p", "voltrum-memory", "--target", target])
            .args(options)
            .arg("--target-dir")
            .arg(workspace.target_dir().join(TARGETS_FOLDER));
        process::run(&mut command)
    };
    check("x86_64-pc-windows-msvc", &["-Zbuild-std=std"])?;
    check("thumbv7em-none-eabi", &["-Zbuild-std=core,alloc", "--no-default-features"])?;
    disk::give_back(workspace, TARGETS_FOLDER)?;
    Ok(Outcome::Done)
}

/// Programs of allocations.
pub(crate) fn memory_fuzz(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    fuzz(workspace, FUZZ, FUZZ_TARGETS, &[], &["-max_len=1024", "-len_control=0"])
}

/// Damaged project files and journals. All of the scene is safe code: no sanitizer, and no more memory than its limits say.
pub(crate) fn scene_fuzz(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    let options = ["-max_len=8192", "-malloc_limit_mb=64", "-rss_limit_mb=512"];
    fuzz(workspace, SCENE_FUZZ, SCENE_FUZZ_TARGETS, &["--sanitizer", "none"], &options)
}

/// Damaged models and pictures. All of the loaders is safe code, and their limits are below these; the address space that their
/// arenas reserve is no memory.
pub(crate) fn assets_fuzz(workspace: &Workspace, _: &mut Tally) -> Result<Outcome, Failure> {
    let dictionary = format!("-dict={}", workspace.root().join(ASSETS_FUZZ).join("json.dict").display());
    let options = ["-max_len=4096", "-malloc_limit_mb=256", "-rss_limit_mb=1024", "-timeout=10", &dictionary];
    let outcome = fuzz(workspace, ASSETS_FUZZ, ASSETS_FUZZ_TARGETS, &["--sanitizer", "none"], &options)?;
    disk::give_back(workspace, FUZZ_FOLDER)?;
    Ok(outcome)
}

/// Inputs that fuzzers make up. What they find lies in the package's `artifacts`, and stays there.
fn fuzz(
    workspace: &Workspace,
    package: &str,
    targets: &[&str],
    build: &[&str],
    options: &[&str],
) -> Result<Outcome, Failure> {
    if !has_nightly()? {
        return Ok(without_nightly());
    }
    if !process::exists("cargo-fuzz") {
        return Ok(Outcome::LeftOut(
            "there is no cargo-fuzz here; `cargo install --locked cargo-fuzz` brings it".to_owned(),
        ));
    }
    for target in targets {
        // What is learnt goes to the first folder, which git ignores; the second one is what is committed.
        let folders = ["corpus", "seeds"].map(|kind| workspace.root().join(package).join(kind).join(target));
        std::fs::create_dir_all(&folders[0])
            .map_err(|error| Failure::new(format!("{}: {error}", folders[0].display())))?;
        let mut command = nightly_cargo(workspace);
        command
            .args(["fuzz", "run", "--target", TARGET, "--fuzz-dir", package, "--target-dir"])
            .arg(workspace.target_dir().join(FUZZ_FOLDER))
            .args(build)
            .arg(target)
            .args(&folders)
            .args(["--", &format!("-max_total_time={FUZZ_SECS}")])
            .args(options);
        process::run(&mut command).map_err(|failure| found(workspace, package, target, &failure))?;
    }
    Ok(Outcome::Done)
}

/// The failure, with the newest input that shows it.
fn found(workspace: &Workspace, package: &str, target: &str, failure: &Failure) -> Failure {
    let folder = Path::new(package).join("artifacts").join(target);
    let newest = std::fs::read_dir(workspace.root().join(&folder))
        .into_iter()
        .flatten()
        .flatten()
        .max_by_key(|entry| entry.metadata().and_then(|about| about.modified()).ok())
        .map(|entry| folder.join(entry.file_name()));
    Failure::new(match newest {
        Some(input) => format!(
            "{failure}\nthe input that shows it: {0}; `cargo +nightly fuzz run --fuzz-dir {package} {target} {0}` runs it again",
            input.display()
        ),
        None => format!("{failure}\nit left no input in {}: the target was not built or not started", folder.display()),
    })
}

fn nightly_cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(workspace.root()).env_remove("CARGO").args(["run", "nightly", "cargo"]);
    command
}

fn has_nightly() -> Result<bool, Failure> {
    if !process::exists("rustup") {
        return Ok(false);
    }
    let toolchains = process::printed(Command::new("rustup").args(["toolchain", "list"]))?;
    Ok(toolchains.lines().any(|line| line.starts_with("nightly")))
}

fn without_nightly() -> Outcome {
    Outcome::LeftOut("there is no nightly toolchain here".to_owned())
}

fn has_miri() -> Result<bool, Failure> {
    let version = process::printed(Command::new("rustup").args(["run", "nightly", "cargo-miri", "miri", "--version"]))?;
    Ok(version.contains("miri"))
}

fn without_library_source() -> Outcome {
    Outcome::LeftOut(
        "nightly has no source of the standard library here; `rustup component add rust-src --toolchain nightly` brings it"
            .to_owned(),
    )
}

/// Whether the standard library can be built.
fn has_library_source() -> Result<bool, Failure> {
    let folder = process::printed(Command::new("rustup").args(["run", "nightly", "rustc", "--print", "sysroot"]))?;
    Ok(Path::new(folder.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}
