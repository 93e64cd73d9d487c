//! The programs that make pictures, and how each is told to.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::display::Display;
use super::watch::{self, Watched};

pub(super) const OURS: &str = "voltrum";

/// A program that makes a picture of a model: 1280 by 720 pixels, one sample each.
pub(super) struct Program {
    pub(super) name: &'static str,
    needs_display: bool,
    arguments: fn(model: &Path, picture: &Path) -> Vec<PathBuf>,
    package: &'static str,
}

pub(super) static PROGRAMS: [Program; 2] = [
    Program { name: OURS, needs_display: false, arguments: voltrum, package: "" },
    Program { name: "f3d", needs_display: true, arguments: f3d, package: "f3d xvfb" },
];

fn voltrum(model: &Path, picture: &Path) -> Vec<PathBuf> {
    let options = ["--size", "1280x720", "--samples", "1", "--quiet", "--log", "debug"].map(PathBuf::from);
    let mut arguments = vec![PathBuf::from("render"), model.to_path_buf(), PathBuf::from("-o"), picture.to_path_buf()];
    arguments.extend(options);
    arguments
}

fn f3d(model: &Path, picture: &Path) -> Vec<PathBuf> {
    let options = ["--dry-run", "--quiet", "--resolution=1280,720", "--output"].map(PathBuf::from);
    let mut arguments = options.to_vec();
    arguments.extend([picture.to_path_buf(), model.to_path_buf()]);
    arguments
}

impl Program {
    /// Whether it can be asked; a line on standard error says why not.
    pub(super) fn is_here(&self, display: &Display) -> bool {
        let asked = Command::new(self.path()).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_here = asked.is_ok_and(|status| status.success()) && (display.name().is_some() || !self.needs_display);
        if !is_here {
            let remedy = if self.package.is_empty() { "cargo build --release" } else { "apt-get install" };
            eprintln!("bench: {} is left out: it can't be run here ({remedy} {})", self.name, self.package);
        }
        is_here
    }

    /// Ours lies beside this program, others where the system has them.
    fn path(&self) -> PathBuf {
        match std::env::current_exe() {
            Ok(own) if self.name == OURS => own.with_file_name(OURS).with_extension(std::env::consts::EXE_EXTENSION),
            _ => PathBuf::from(self.name),
        }
    }

    /// Makes one picture; `None` where that takes too long.
    ///
    /// # Errors
    /// It can't be started, fails, or makes no picture.
    pub(super) fn run(
        &self,
        model: &Path,
        picture: &Path,
        display: &Display,
        patience: Duration,
    ) -> Result<Option<Watched>, String> {
        // absent after a run that was the first
        let _ = std::fs::remove_file(picture);
        let arguments = (self.arguments)(model, picture);
        let watched = watch::run(&self.path(), &arguments, display.name(), patience)
            .map_err(|error| format!("{} of {}: {error}", self.name, model.display()))?;
        if watched.is_some() && !picture.is_file() {
            return Err(format!("{} made no picture of {}", self.name, model.display()));
        }
        Ok(watched)
    }
}
