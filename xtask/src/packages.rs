//! System packages on Debian and its descendants: what is missing, and how it gets installed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::process;

/// What the editor loads at run time: the Vulkan loader, a driver, and the libraries that windows need.
pub(crate) const RUN: &[&str] = &[
    "libvulkan1",
    "mesa-vulkan-drivers",
    "libx11-6",
    "libx11-xcb1",
    "libxcursor1",
    "libxi6",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libstdc++6",
];

/// What the build needs next to Rust and its linker: Dear ImGui and the GPU memory allocator are C++.
pub(crate) const BUILD: &[&str] = &["g++"];

/// What the tests need on top: an X server without a screen, synthetic input, screenshots, Vulkan's validation
/// layers, and the SPIR-V validator.
pub(crate) const TEST: &[&str] =
    &["xvfb", "xdotool", "x11-apps", "imagemagick", "vulkan-validationlayers", "spirv-tools"];

/// Makes sure that the packages are there: installs what is missing when that is allowed, and otherwise fails with
/// the line to type. A system without dpkg is left alone, with a note.
pub(crate) fn ensure(wanted: &[&[&'static str]], may_install: bool) -> Result<(), Failure> {
    let wanted: BTreeSet<&str> = wanted.iter().flat_map(|packages| packages.iter().copied()).collect();
    if !process::exists("dpkg-query") {
        eprintln!(
            "xtask: no dpkg here, so the system packages are not checked; on Debian they are: {}",
            words(&wanted)
        );
        return Ok(());
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    let Some(installer) = Installer::find().filter(|_| may_install) else {
        return Err(Failure::new(format!(
            "{} system packages are missing; install them and start again:\n\n    sudo apt-get install {}\n",
            missing.len(),
            words(&missing)
        )));
    };
    eprintln!("xtask: installing {} missing packages: {}", missing.len(), words(&missing));
    if !lists_are_there() {
        installer.update()?;
    }
    if installer.install(&missing).is_err() {
        // Lists that are older than the mirror name versions that are gone.
        installer.update()?;
        installer.install(&missing)?;
    }
    let still = self::missing(&missing)?;
    if still.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("apt-get did not install {}", words(&still))))
}

fn missing<'a>(wanted: &BTreeSet<&'a str>) -> Result<BTreeSet<&'a str>, Failure> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Status} ${Package}\\n"]).args(wanted);
    let printed = process::printed(&mut query)?;
    Ok(not_installed(wanted, &printed))
}

/// The wanted packages for which dpkg-query printed no line `installed <package>`.
fn not_installed<'a>(wanted: &BTreeSet<&'a str>, printed: &str) -> BTreeSet<&'a str> {
    let installed: BTreeSet<&str> =
        printed.lines().filter_map(|line| line.strip_prefix("installed ")).map(str::trim).collect();
    wanted.iter().copied().filter(|package| !installed.contains(package)).collect()
}

/// Whether apt has ever fetched its lists here; fresh images come without.
fn lists_are_there() -> bool {
    let Ok(folder) = Path::new("/var/lib/apt/lists").read_dir() else {
        return false;
    };
    folder.flatten().any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
}

/// apt-get with the right to install: as root, or through a sudo that asks for no password.
enum Installer {
    Root,
    Sudo,
}

impl Installer {
    fn find() -> Option<Self> {
        if !process::exists("apt-get") {
            return None;
        }
        let user = process::printed(Command::new("id").arg("-u")).ok()?;
        if user.trim() == "0" {
            return Some(Self::Root);
        }
        let sudo = process::exists("sudo") && process::run(Command::new("sudo").args(["-n", "true"])).is_ok();
        sudo.then_some(Self::Sudo)
    }

    fn update(&self) -> Result<(), Failure> {
        process::run(self.apt_get().arg("update"))
    }

    fn install(&self, packages: &BTreeSet<&str>) -> Result<(), Failure> {
        process::run(self.apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages))
    }

    fn apt_get(&self) -> Command {
        let mut command = match self {
            Self::Root => Command::new("env"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]);
        command
    }
}

fn words(packages: &BTreeSet<&str>) -> String {
    packages.iter().copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dpkg_does_not_call_installed_is_missing() {
        let wanted = BTreeSet::from(["g++", "libvulkan1", "xvfb"]);
        let printed = "installed g++\nconfig-files libvulkan1\n";
        assert_eq!(not_installed(&wanted, printed), BTreeSet::from(["libvulkan1", "xvfb"]));
    }

    #[test]
    fn a_package_of_two_architectures_counts_as_installed() {
        let wanted = BTreeSet::from(["libx11-6"]);
        let printed = "installed libx11-6\ninstalled libx11-6\n";
        assert!(not_installed(&wanted, printed).is_empty());
    }
}
