//! A script's lines as they come: read on a thread of their own, so that the journal gets its turn while nobody types.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// The longest line, in bytes: a name of a mebibyte still gets its own message.
pub const LINE_BYTES_MAX: usize = 4 << 20;

/// How many lines may be read ahead.
const AHEAD_MAX: usize = 256;

/// What came of waiting for a line.
#[derive(Debug)]
pub enum Line {
    /// Its number, from 1, and its text.
    Text(usize, String),
    /// There is a line that can't be one, and why.
    Bad(usize, &'static str),
    /// The script can't be read further.
    Failed(io::Error),
    /// None came in time.
    NotYet,
    /// There are no more.
    End,
}

/// The lines of a script.
#[derive(Debug)]
pub struct Lines {
    lines: Receiver<Line>,
}

impl Lines {
    /// Opens a script; `-` is standard input.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn open(path: &Path) -> io::Result<Lines> {
        let source: Box<dyn Read + Send> = match path.as_os_str() == "-" {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(path)?),
        };
        let (sender, lines) = sync_channel(AHEAD_MAX);
        std::thread::Builder::new().name("voltrum-script".to_owned()).spawn(move || {
            let mut source = BufReader::new(source);
            for number in 1.. {
                let line = next_line(&mut source, number);
                let is_last = !matches!(line, Line::Text(..));
                // nobody listens once the command has ended
                if sender.send(line).is_err() || is_last {
                    break;
                }
            }
        })?;
        Ok(Lines { lines })
    }

    /// The next line, if it comes in time.
    pub fn next(&self, timeout: Duration) -> Line {
        match self.lines.recv_timeout(timeout) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => Line::NotYet,
            Err(RecvTimeoutError::Disconnected) => Line::End,
        }
    }
}

fn next_line(source: &mut impl BufRead, number: usize) -> Line {
    let mut bytes = Vec::new();
    match source.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut bytes) {
        Err(error) => return Line::Failed(error),
        Ok(0) => return Line::End,
        Ok(_) => {}
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() > LINE_BYTES_MAX {
        return Line::Bad(number, "the line is longer than 4 MiB; write shorter ones");
    }
    let text = match number {
        1 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes),
        _ => &bytes,
    };
    match std::str::from_utf8(text) {
        Ok(text) => Line::Text(number, text.to_owned()),
        Err(_) => Line::Bad(number, "the line is no UTF-8; save the script as UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_with_their_numbers_and_bad_ones_end_the_script() {
        let mut source = "\u{feff}add A\n\nundo".as_bytes();
        let mut lines = Vec::new();
        for number in 1.. {
            match next_line(&mut source, number) {
                Line::Text(number, text) => lines.push((number, text)),
                other => {
                    assert!(matches!(other, Line::End));
                    break;
                }
            }
        }
        assert_eq!(lines, [(1, "add A".to_owned()), (2, String::new()), (3, "undo".to_owned())]);
        assert!(matches!(next_line(&mut &b"a\xffb"[..], 1), Line::Bad(1, _)));
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert!(matches!(next_line(&mut endless, 7), Line::Bad(7, _)));
    }
}
