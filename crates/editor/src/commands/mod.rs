//! The commands: what `voltrum` does with a command line.

pub mod edit;
pub mod info;
mod phases;
mod project_info;
pub mod render;
mod turntable;
pub mod window;

use crate::error::EditorError;
use std::io::{self, Write};

/// Writes a result to standard output. A reader that has gone (`| head`) is no failure.
///
/// # Errors
/// [`EditorError::Output`].
pub(crate) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), EditorError> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(EditorError::Output { target: "standard output".to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
