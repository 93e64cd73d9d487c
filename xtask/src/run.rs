//! `cargo xtask run`: from a fresh machine to the open editor, or to a picture where there is no display.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::packages;
use crate::process;
use crate::workspace::{SAMPLE, Workspace};

pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<(), Failure> {
    let request = Request::parse(arguments)?;
    let file = match request.file {
        Some(file) => absolute(&file)?,
        None => workspace.root().join(SAMPLE),
    };
    packages::ensure(&[packages::RUN, packages::BUILD], request.may_install)?;

    process::run(process::cargo(workspace).args(["build", "--release", "-p", "voltrum-editor"]))?;
    let mut voltrum = process::cargo(workspace);
    voltrum.args(["run", "--quiet", "--release", "-p", "voltrum-editor", "--bin", "voltrum", "--"]);

    if has_display() {
        return process::run(voltrum.arg(&file));
    }
    let picture = workspace.target_dir().join(picture_name(&file));
    eprintln!("xtask: no display here, so {} is rendered to a picture", file.display());
    process::run(voltrum.arg("render").arg(&file).arg("-o").arg(&picture).args(["--memory-report", "text"]))?;
    println!("\nThe picture is {}", picture.display());
    Ok(())
}

struct Request {
    file: Option<PathBuf>,
    may_install: bool,
}

impl Request {
    fn parse(arguments: &[OsString]) -> Result<Self, Failure> {
        let mut request = Self { file: None, may_install: true };
        for argument in arguments {
            if argument == "--no-install" {
                request.may_install = false;
            } else if argument.to_string_lossy().starts_with('-') {
                return Err(Failure::usage(format!("run: no option {}", argument.display())));
            } else if request.file.replace(argument.into()).is_some() {
                return Err(Failure::usage("run: one FILE at most"));
            }
        }
        Ok(request)
    }
}

/// A window can be opened: an X server or a Wayland compositor is named in the environment.
fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The path as the caller's folder means it; cargo is started in another one.
fn absolute(file: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(file).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

fn picture_name(file: &Path) -> PathBuf {
    Path::new(file.file_stem().unwrap_or(OsStr::new("scene"))).with_added_extension("png")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_named_after_the_scene() {
        assert_eq!(picture_name(Path::new("models/lamp.v2.glb")), Path::new("lamp.v2.png"));
    }

    #[test]
    fn a_second_file_and_an_unknown_option_are_usage_errors() {
        for arguments in [["a.glb", "b.glb"], ["a.glb", "--fast"]] {
            let arguments = arguments.map(OsString::from);
            assert_eq!(Request::parse(&arguments).err().map(|failure| failure.code()), Some(2));
        }
    }

    #[test]
    fn installing_can_be_declined() {
        let request = Request::parse(&["--no-install".into(), "a.glb".into()]).unwrap();
        assert!(!request.may_install);
        assert_eq!(request.file.as_deref(), Some(Path::new("a.glb")));
    }
}
