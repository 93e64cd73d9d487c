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
    place: Place,
}

/// Where a program is.
enum Place {
    /// Beside this one.
    Beside,
    /// Where `bench load --peers` builds the package of this name.
    Peers(&'static str),
    /// Where these packages of the system have put it.
    System(&'static str),
}

pub(super) static PROGRAMS: [Program; 4] = [
    Program { name: OURS, needs_display: false, arguments: voltrum, place: Place::Beside },
    Program { name: "f3d", needs_display: true, arguments: f3d, place: Place::System("f3d xvfb") },
    Program { name: "three-d", needs_display: false, arguments: peer, place: Place::Peers("voltrum-bench-three-d") },
    Program { name: "bevy", needs_display: false, arguments: peer, place: Place::Peers("voltrum-bench-bevy") },
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

fn peer(model: &Path, picture: &Path) -> Vec<PathBuf> {
    vec![model.to_path_buf(), PathBuf::from("-o"), picture.to_path_buf()]
}

impl Program {
    /// Whether it can be asked; a line on standard error says why not.
    pub(super) fn is_here(&self, display: &Display) -> bool {
        let asked = Command::new(self.path()).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_here = asked.is_ok_and(|status| status.success()) && (display.name().is_some() || !self.needs_display);
        if !is_here {
            let (remedy, packages) = match self.place {
                Place::Beside => ("cargo build --release", ""),
                Place::Peers(_) => ("cargo xtask bench load --peers", ", which compiles for many minutes"),
                Place::System(packages) => ("apt-get install ", packages),
            };
            eprintln!("bench: {} is left out: it can't be run here ({remedy}{packages})", self.name);
        }
        is_here
    }

    fn path(&self) -> PathBuf {
        let own = std::env::current_exe().unwrap_or_default();
        let file = match self.place {
            Place::Beside => own.with_file_name(OURS),
            // this program is `release/voltrum-bench`
            Place::Peers(name) => own.with_file_name("../peers/release").join(name),
            Place::System(_) => return PathBuf::from(self.name),
        };
        file.with_extension(std::env::consts::EXE_EXTENSION)
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
