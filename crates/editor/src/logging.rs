//! The log: levels, stderr, and a file on request.
//!
//! # Invariants
//! 1. Standard output carries results only.

use crate::cli::LogRequest;
use crate::error::EditorError;
use std::fs::File;
use std::io::IsTerminal;
use std::sync::Mutex;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use voltrum::memory::{Tag, heap_scope};

/// Starts the process's log. `usual` is what stderr gets where nothing else was asked for.
///
/// A request without a path sets the level of stderr; one with a path sets the file's, and stderr stays as usual.
///
/// # Errors
/// [`EditorError::Log`] when the file can't be made, [`EditorError::Logging`] when the process has a log already.
pub fn start(request: Option<&LogRequest>, usual: LevelFilter) -> Result<(), EditorError> {
    let _foreign = heap_scope(Tag::FOREIGN);
    let (terminal_level, file) = match request {
        None => (usual, None),
        Some(LogRequest { level, path: None }) => (*level, None),
        Some(LogRequest { level, path: Some(path) }) => {
            let file = File::create(path).map_err(|source| EditorError::Log { path: path.clone(), source })?;
            (usual, Some((file, *level)))
        }
    };
    let terminal = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .without_time()
        .compact()
        .with_filter(levels(terminal_level));
    let file = file.map(|(file, level)| {
        tracing_subscriber::fmt::layer().with_writer(Mutex::new(file)).with_ansi(false).with_filter(levels(level))
    });
    tracing_subscriber::registry().with(terminal).with(file).try_init().map_err(|_| EditorError::Logging)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "voltrum starts");
    Ok(())
}

/// What is let through: all of ours from `level` on, and of other crates only what is wrong, unless everything is asked for.
fn levels(level: LevelFilter) -> Targets {
    let others = match level {
        LevelFilter::TRACE => LevelFilter::TRACE,
        LevelFilter::DEBUG => LevelFilter::WARN,
        level => level.min(LevelFilter::ERROR),
    };
    Targets::new().with_target("voltrum", level).with_default(others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn other_crates_are_quiet_until_everything_is_asked_for() {
        let usual = levels(LevelFilter::INFO);
        assert!(usual.would_enable("voltrum_render::gpu", &Level::INFO));
        assert!(!usual.would_enable("winit::window", &Level::WARN));
        assert!(usual.would_enable("winit::window", &Level::ERROR));
        assert!(levels(LevelFilter::TRACE).would_enable("winit::window", &Level::TRACE));
        assert!(!levels(LevelFilter::OFF).would_enable("winit::window", &Level::ERROR));
    }
}
