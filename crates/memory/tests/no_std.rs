//! Without feature `std` the crate works in a program that has no standard library, no system to ask and no heap.
//!
//! Builds `examples/no_std_buffer.rs` as such a program, in a target folder of its own, and runs it. Were std linked by the
//! crate or by one it depends on, the program would have two panic handlers, which no compiler accepts.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Builds the program against this crate with `features`, and runs it where it builds.
fn build_and_run(features: &str) -> Output {
    let memory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = memory.parent().and_then(Path::parent).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no_std");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"freestanding\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[features]\nstd = []\n[workspace]\n\
         [profile.dev]\npanic = \"abort\"\nopt-level = 1\n[dependencies]\n\
         voltrum-memory = {{ path = {memory:?}, default-features = false, features = [{features}] }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(memory.join("examples/no_std_buffer.rs"), folder.join("src/main.rs")).unwrap();
    // The same versions as the workspace's, or the package's, so that nothing is fetched.
    let lock = [memory, workspace].map(|folder| folder.join("Cargo.lock")).into_iter().find(|lock| lock.exists());
    std::fs::copy(lock.unwrap(), folder.join("Cargo.lock")).unwrap();
    Command::new(env!("CARGO"))
        .current_dir(&folder)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .args(["run", "--offline", "--quiet", "--target-dir"])
        .arg(folder.join("target"))
        .output()
        .unwrap()
}

#[test]
fn a_program_without_std_links_and_runs() {
    let output = build_and_run("");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "sensor 1: 200\nsensor 2: 24\nsensor 3: 1020\n1 broken, 0 B held by packets now\na full buffer: an error\n"
    );
    // The program tells the two apart: with feature `std` of the crate it does not build.
    let output = build_and_run("\"std\"");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("panic_impl"), "{errors}");
}
