//! Scripts of `voltrum edit`: one command per line.
//!
//! ```text
//!     add NAME [PARENT]      import FILE [PARENT]     move NAME X Y Z     rename NAME NEW     delete NAME
//!     undo      redo      save      wait MILLISECONDS
//! ```
//!
//! Words are separated by spaces; one in double quotes may hold spaces, and `\"` for a quote. `#` begins a comment. NAME and
//! PARENT, where they look for something, are names or paths (`Lamp/Arm`); see [`Names`]. X, Y and Z are relative to the
//! parent.
//!
//! # Invariants
//! 1. A script is data: what is wrong with it is an error with its line, never a panic, and a line has a limit.

mod lines;
mod names;

pub use lines::{LINE_BYTES_MAX, Line, Lines};
pub use names::{Names, Unclear};

use std::path::PathBuf;
use std::time::Duration;
use voltrum::glam::Vec3;

/// The longest that one `wait` may take.
const WAIT_MS_MAX: u64 = 3_600_000;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Add an entity.
    Add {
        /// What it is called.
        name: String,
        /// What it stands below.
        parent: Option<String>,
    },
    /// Make a glTF file part of the project.
    Import {
        /// The file.
        file: PathBuf,
        /// What its topmost nodes stand below.
        parent: Option<String>,
    },
    /// Put an entity somewhere, seen from its parent.
    Move {
        /// Whom.
        name: String,
        /// Where.
        to: Vec3,
    },
    /// Call an entity something else.
    Rename {
        /// Whom.
        name: String,
        /// What.
        new: String,
    },
    /// Remove an entity with everything below it.
    Delete {
        /// Whom.
        name: String,
    },
    /// Take the last edit back.
    Undo,
    /// Do the last edit that was taken back again.
    Redo,
    /// Save the project.
    Save,
    /// Do nothing for a while.
    Wait(Duration),
}

/// Reads a line; `None` for one that asks for nothing.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn parse(line: &str) -> Result<Option<Command>, String> {
    let words = split(line)?;
    let Some((command, arguments)) = words.split_first() else { return Ok(None) };
    let usage = |form: &str| Err(format!("`{command}` takes {form}; {} words follow it", arguments.len()));
    let command = match (command.as_str(), arguments) {
        ("add", [name]) => Command::Add { name: name.clone(), parent: None },
        ("add", [name, parent]) => Command::Add { name: name.clone(), parent: Some(parent.clone()) },
        ("add", _) => return usage("a name and perhaps a parent: add NAME [PARENT]"),
        ("import", [file]) => Command::Import { file: PathBuf::from(file), parent: None },
        ("import", [file, parent]) => Command::Import { file: PathBuf::from(file), parent: Some(parent.clone()) },
        ("import", _) => return usage("a file and perhaps a parent: import FILE [PARENT]"),
        ("move", [name, x, y, z]) => {
            Command::Move { name: name.clone(), to: Vec3::new(number(x)?, number(y)?, number(z)?) }
        }
        ("move", _) => return usage("a name and three numbers: move NAME X Y Z"),
        ("rename", [name, new]) => Command::Rename { name: name.clone(), new: new.clone() },
        ("rename", _) => return usage("a name and a new one: rename NAME NEW"),
        ("delete", [name]) => Command::Delete { name: name.clone() },
        ("delete", _) => return usage("a name: delete NAME"),
        ("undo", []) => Command::Undo,
        ("redo", []) => Command::Redo,
        ("save", []) => Command::Save,
        ("undo" | "redo" | "save", _) => return usage("nothing"),
        ("wait", [ms]) => match ms.parse::<u64>() {
            Ok(ms) if ms <= WAIT_MS_MAX => Command::Wait(Duration::from_millis(ms)),
            _ => return Err(format!("{ms:?} is no time; write milliseconds from 0 to {WAIT_MS_MAX}")),
        },
        ("wait", _) => return usage("a time in milliseconds: wait MS"),
        _ => {
            let known = "add, import, move, rename, delete, undo, redo, save and wait";
            return Err(format!("{:?} is no command; there are {known}", shortened(command)));
        }
    };
    Ok(Some(command))
}

/// The words of a line, without its comment.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '#' {
            break;
        }
        let mut word = String::new();
        if first == '"' {
            let mut characters = rest.char_indices().skip(1).peekable();
            let end = loop {
                match characters.next() {
                    None => return Err("a quote is opened and not closed; write \" at its end".to_owned()),
                    Some((at, '"')) => break at + 1,
                    Some((_, '\\')) if matches!(characters.peek(), Some((_, '"'))) => {
                        characters.next();
                        word.push('"');
                    }
                    Some((_, other)) => word.push(other),
                }
            };
            rest = &rest[end..];
            if rest.chars().next().is_some_and(|next| !next.is_whitespace()) {
                return Err("a quote ends in the middle of a word; put a space behind it".to_owned());
            }
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            word.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        words.push(word);
        rest = rest.trim_start();
    }
    Ok(words)
}

fn number(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(format!("{:?} is no finite number; write one as in 1.5", shortened(text))),
        Err(_) => Err(format!("{:?} is no number; write one as in 1.5", shortened(text))),
    }
}

/// As much of a word as a message shows.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> String {
        name.to_owned()
    }

    #[test]
    fn each_command_is_understood() {
        let read = |line| parse(line).unwrap().unwrap();
        assert_eq!(read("add Lamp"), Command::Add { name: named("Lamp"), parent: None });
        let (name, parent) = (named("my lamp"), Some(named("a \"b\"/c")));
        assert_eq!(read("  add \"my lamp\"\t\"a \\\"b\\\"/c\"  # below c\r"), Command::Add { name, parent });
        let (file, parent) = (PathBuf::from("a b.glb"), Some(named("Hall")));
        assert_eq!(read("import \"a b.glb\" Hall"), Command::Import { file, parent });
        assert_eq!(read("move A -1 2.5 1e3"), Command::Move { name: named("A"), to: Vec3::new(-1.0, 2.5, 1e3) });
        assert_eq!(read("rename A \"\""), Command::Rename { name: named("A"), new: String::new() });
        assert_eq!(read("delete \"#1\""), Command::Delete { name: named("#1") });
        assert_eq!([read("undo"), read("redo"), read("save")], [Command::Undo, Command::Redo, Command::Save]);
        assert_eq!(read("wait 20"), Command::Wait(Duration::from_millis(20)));
        for nothing in ["", "   ", "# add A", "\r"] {
            assert_eq!(parse(nothing), Ok(None));
        }
    }

    #[test]
    fn what_makes_no_sense_is_told_with_what_to_write() {
        for (line, words) in [
            ("ad A", "add, import"),
            ("add", "add NAME [PARENT]"),
            ("add A B C", "3 words"),
            ("move A 1 2", "move NAME X Y Z"),
            ("move A 1 2 nan", "finite"),
            ("move A 1 inf 3", "finite"),
            ("move A 1 1e99 3", "finite"),
            ("move A 1 two 3", "no number"),
            ("undo 2", "nothing"),
            ("wait -1", "milliseconds"),
            ("wait 99999999999999999999", "milliseconds"),
            ("add \"A", "not closed"),
            ("add \"A\"B", "space behind it"),
        ] {
            let message = parse(line).unwrap_err();
            assert!(message.contains(words), "{line}: {message}");
        }
    }
}
