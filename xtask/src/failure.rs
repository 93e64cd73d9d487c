//! What a command ends with when it did not do its work.

use std::fmt;

/// A message for the terminal and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something that was tried and did not work: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// A command line that asks for what does not exist: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// The failure of a program that was started, with its own exit code, so that a caller sees through to it.
    pub(crate) fn of_program(message: impl Into<String>, code: Option<i32>) -> Self {
        Self {
            message: message.into(),
            code: code.and_then(|code| u8::try_from(code).ok()).filter(|&code| code != 0).unwrap_or(1),
        }
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}
