//! Programs that are started: cargo first of all.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::workspace::Workspace;

/// The cargo that started this program, at the root of the workspace.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace.root());
    command
}

/// Runs to the end, with this terminal as the program's own.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::of_program(format!("`{}` failed: {status}", line(command)), status.code()))
}

/// Runs to the end and returns what it printed, whatever its exit code; standard error is dropped.
pub(crate) fn printed(command: &mut Command) -> Result<String, Failure> {
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::null()).output().map_err(|error| not_started(command, &error))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end, passes on each line it prints, and shows it to `look` as well.
pub(crate) fn run_and_look(command: &mut Command, mut look: impl FnMut(&str)) -> Result<(), Failure> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| Failure::new(format!("reading from a program: {error}")))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            look(&line);
        }
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::of_program(format!("`{}` failed: {status}", line(command)), status.code()))
}

/// Whether a program of that name is on the path.
pub(crate) fn exists(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The command as one would type it; the program by its name alone.
pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let mut line = String::new();
    for (key, value) in command.get_envs() {
        if let Some(value) = value {
            line += &format!("{}={} ", key.display(), quoted(value));
        }
    }
    line += &program.to_string_lossy();
    for argument in command.get_args() {
        line.push(' ');
        line += &quoted(argument);
    }
    line
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains([' ', '"', '\'']) { format!("'{}'", word.replace('\'', r"'\''")) } else { word.into_owned() }
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("could not start `{}`: {error}", line(command)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/somewhere/cargo");
        command.env("RUSTFLAGS", "-D warnings").args(["test", "a b"]);
        assert_eq!(line(&command), "RUSTFLAGS='-D warnings' cargo test 'a b'");
    }

    #[test]
    fn lines_that_pass_through_are_seen() {
        let mut seen = Vec::new();
        let mut command = Command::new("printf");
        command.arg("one\\ntwo\\n");
        run_and_look(&mut command, |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn a_failed_program_hands_on_its_exit_code() {
        let failure = run(Command::new("sh").args(["-c", "exit 5"])).unwrap_err();
        assert_eq!(failure.code(), 5);
    }
}
