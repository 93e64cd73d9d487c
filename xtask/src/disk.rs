//! How much room there is for what the tests build, and giving it back.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// What all steps build below an empty target folder, rounded up.
const FIRST_RUN_GIB: u64 = 10;
const KIB_PER_GIB: u64 = 1 << 20;

/// Says in a line how much is free where the target folder lies; nothing where the system can't say.
pub(crate) fn tell(workspace: &Workspace) {
    let target = workspace.target_dir();
    // Before the first build there is no such folder: the nearest one above it lies on the same disk.
    let Some(free_kib) = target.ancestors().find(|folder| folder.is_dir()).and_then(free_kib) else {
        return;
    };
    println!("{}", line(free_kib, &target));
}

fn line(free_kib: u64, target: &Path) -> String {
    let (gib, tenths) = (free_kib / KIB_PER_GIB, free_kib % KIB_PER_GIB * 10 / KIB_PER_GIB);
    let said = format!("{gib}.{tenths} GiB are free where {} lies; a first run takes about", target.display());
    if gib < FIRST_RUN_GIB {
        format!("warning: {said} {FIRST_RUN_GIB}, and CARGO_TARGET_DIR=FOLDER builds elsewhere")
    } else {
        format!("{said} {FIRST_RUN_GIB}")
    }
}

fn free_kib(folder: &Path) -> Option<u64> {
    available(&process::printed(Command::new("df").arg("-Pk").arg(folder)).ok()?)
}

/// The column before the percentage in POSIX's form of `df`; names of disks and folders may have spaces in them.
fn available(printed: &str) -> Option<u64> {
    let words: Vec<&str> = printed.lines().nth(1)?.split_whitespace().collect();
    let percentage = words.iter().skip(4).position(|word| word.ends_with('%'))? + 4;
    words[percentage - 1].parse().ok()
}

/// Removes what a step that has passed keeps for itself below the target folder, where nobody runs it again: in CI.
pub(crate) fn give_back(workspace: &Workspace, folder: &str) -> Result<(), Failure> {
    if std::env::var_os("CI").is_none_or(|value| value != "true") {
        return Ok(());
    }
    let folder = workspace.target_dir().join(folder);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::new(format!("{}: {error}", folder.display())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n";

    #[test]
    fn what_is_available_stands_before_the_percentage() {
        assert_eq!(available(&format!("{HEAD}/dev/vda 263174212 37100000 58000000      40% /\n")), Some(58_000_000));
        assert_eq!(available(&format!("{HEAD}map auto home 9 0 7 0% /50% off\n")), Some(7));
    }

    #[test]
    fn what_is_no_table_says_nothing() {
        for printed in ["", HEAD, "df: no such file", &format!("{HEAD}/dev/vda 1 2\n"), &format!("{HEAD}a b c - -% /")]
        {
            assert_eq!(available(printed), None, "{printed}");
        }
    }

    #[test]
    fn too_little_room_is_a_warning() {
        let target = Path::new("target");
        assert!(line(FIRST_RUN_GIB * KIB_PER_GIB - 1, target).starts_with("warning: 9.9 GiB are free"));
        assert_eq!(
            line(FIRST_RUN_GIB * KIB_PER_GIB, target),
            "10.0 GiB are free where target lies; a first run takes about 10"
        );
    }

    #[test]
    fn this_system_says_how_much_is_free() {
        if process::exists("df") {
            assert!(free_kib(Path::new(env!("CARGO_MANIFEST_DIR"))).is_some());
        }
    }
}
