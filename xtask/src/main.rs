//! Set-up, test and tidy commands: `cargo xtask <command>`.
//!
//! # Deliberately absent
//! No crate of the project among the dependencies: this program is built before the system packages that those
//! crates need are there.
#![forbid(unsafe_code)]

mod bench;
mod disk;
mod failure;
mod nightly;
mod packages;
mod process;
mod run;
mod sample;
mod steps;
mod test;
mod tidy;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use failure::Failure;
use workspace::{SAMPLE, Workspace};

const USAGE: &str = "\
usage: cargo xtask <command>

  run [FILE] [--no-install]     install missing system packages, build, and open the editor on FILE or on the
                                sample scene; without a display, render it to a PNG with a memory report
  test [STEP...] [--no-install] everything that CI runs, or the named steps; --list prints their names
  tidy                          file headers, floors, unsafe, words, lengths, ARCHITECTURE.md
  bench [memory|scene|frame|load] [--peers] [--json]
                                side-by-side benchmarks; --peers compiles three-d and Bevy for `load`, which takes
                                many minutes the first time
  sample                        write assets/sample.glb again";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Result<(), Failure> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(Failure::usage(USAGE));
    };
    match command.to_str() {
        Some("run") => run::run(&Workspace::find()?, rest),
        Some("test") => test::run(&Workspace::find()?, rest),
        Some("tidy") => tidy::run(&Workspace::find()?),
        Some("bench") => bench::run(&Workspace::find()?, rest),
        Some("sample") => write_sample(&Workspace::find()?),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Failure::usage(format!("no command {}\n{USAGE}", command.display()))),
    }
}

fn write_sample(workspace: &Workspace) -> Result<(), Failure> {
    let path = workspace.root().join(SAMPLE);
    sample::write(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    println!("wrote {}", path.display());
    Ok(())
}
