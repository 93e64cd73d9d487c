//! What can go wrong in the editor and the command, with the numbers and the remedy.

use std::path::PathBuf;
use voltrum::AppError;
use voltrum::assets::AssetError;
use voltrum::memory::MemoryError;
use voltrum::platform::PlatformError;
use voltrum::platform::events::EventError;
use voltrum::render::RenderError;
use voltrum::scene::SceneError;
use voltrum::scene::project::ProjectError;
use voltrum::ui::UiError;

/// A failure of the editor or of one of its commands.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// A file, or what becomes of it on the GPU.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// An arena refused.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The renderer or the GPU.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The scene has no room.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// The interface.
    #[error(transparent)]
    Ui(#[from] UiError),
    /// The event system.
    #[error(transparent)]
    Events(#[from] EventError),
    /// A file could not be written.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// A project's own files.
    #[error(transparent)]
    Project(ProjectError),
    /// A project was to be opened that isn't there.
    #[error("{}: no such file; check the path, or make it with `voltrum edit`", path.display())]
    NoProject {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Edits of a project without a file can't be kept.
    #[error("{}: can't make the folder for unsaved edits: {source}; save the project", path.display())]
    Draft {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A draft that is somebody's.
    #[error("{}: can't be recovered: {reason}", path.display())]
    NotRecovered {
        /// The draft.
        path: PathBuf,
        /// Who has it.
        reason: String,
    },
    /// A project was to be saved that has no file yet.
    #[error("the project has no file yet; name one to save it")]
    NeedsPath,
    /// Somebody else has written the project's file.
    #[error("{}: was changed by another program since it was opened; save elsewhere, or over it", path.display())]
    ChangedOutside {
        /// The file.
        path: PathBuf,
    },
    /// More of something than the editor's systems have places for.
    #[error("{path}: has {count} {what}, there is room for {limit}; join some in the program that made them")]
    TooMany {
        /// The file.
        path: String,
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        limit: u32,
    },
    /// A file was to be loaded once more.
    #[error("{source}; what was loaded before stays")]
    NotReloaded {
        /// Why it wasn't.
        source: Box<EditorError>,
    },
    /// An animation was to be shown.
    #[error("{source}; the animation is no longer shown")]
    NotPlayed {
        /// Why it isn't.
        source: SceneError,
    },
    /// An image of the project that a load has left out was loaded once more meanwhile.
    #[error("an image of the project has changed while the file was loaded; load the file again")]
    Overtaken,
    /// Shaders were to be read from what is no folder.
    #[error("{}: shaders can't be read there: {source}; name a folder that is laid out like crates/render/shaders", path.display())]
    ShaderFolder {
        /// What was named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A GPU was lost right after it had been given other shaders.
    #[error("{}: the GPU was lost soon after these shaders came; the built-in ones are drawn with until one changes", path.display())]
    ShadersLostGpu {
        /// Their folder.
        path: PathBuf,
    },
    /// Too much of a project's files has changed since it was opened.
    #[error(
        "{}: what its files were before takes {bytes} bytes, the limit is {limit}; save, and open the project anew",
        path.display()
    )]
    ReloadRoom {
        /// The file.
        path: PathBuf,
        /// What it would take.
        bytes: usize,
        /// What it may take.
        limit: usize,
    },
    /// A name that couldn't be saved.
    #[error("a name has {bytes} bytes, the limit is {limit}; shorten it")]
    NameTooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A script can't be read.
    #[error("{script}: the script can't be read: {source}; check the path")]
    Script {
        /// The script.
        script: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line of a script makes no sense, or asks for what the project hasn't got.
    #[error("{script}: line {line}: {problem}")]
    ScriptLine {
        /// The script.
        script: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, and what to write.
        problem: String,
    },
    /// A line of a script could not be done.
    #[error("{script}: line {line}: {source}")]
    ScriptFailed {
        /// The script.
        script: String,
        /// The line, from 1.
        line: usize,
        /// Why not.
        source: Box<EditorError>,
    },
    /// Edits could not be kept in the journal.
    #[error("edits are not safe on the disk: {message}")]
    NotJournaled {
        /// What the journal said.
        message: String,
    },
    /// A camera was asked for that the file hasn't got.
    #[error("{file}: camera {asked} was asked for, {}", Cameras(*count))]
    NoCamera {
        /// The file.
        file: String,
        /// The number asked for.
        asked: usize,
        /// How many there are.
        count: usize,
    },
    /// An animation or a variant was asked for that the file hasn't got.
    #[error("{file}: there is no {what} {asked:?}, {}", Known(known))]
    NotInFile {
        /// The file.
        file: String,
        /// What was asked for.
        what: &'static str,
        /// Its name or number as asked for.
        asked: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A scene was asked for of a project, which has no scenes to choose from.
    #[error(
        "{}: a project shows the scenes that it was made of; leave --scene out, or name a .gltf or .glb file",
        path.display()
    )]
    SceneOfProject {
        /// The project.
        path: PathBuf,
    },
    /// Standard output or an output file refused.
    #[error("{target}: cannot be written: {source}; check the place and the room on the disk")]
    Output {
        /// What was written to.
        target: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Vulkan's validation layers had something to say.
    #[error("the validation layers reported {count} messages, which the log lists; please report them")]
    Validation {
        /// How many.
        count: u64,
    },
    /// The log's file can't be opened.
    #[error("{}: the log can't be written there: {source}; name a file in a folder that exists", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The process has a log already.
    #[error("the log could not be started: another subscriber is installed; start the editor in a process of its own")]
    Logging,
}

impl From<EditorError> for AppError<EditorError> {
    fn from(error: EditorError) -> AppError<EditorError> {
        AppError::Client(error)
    }
}

/// How many cameras there are, in words.
struct Cameras(usize);

impl std::fmt::Display for Cameras {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => return out.write_str("but the file has no camera; ask for --camera fit"),
            1 => write!(out, "but the file has only camera 0")?,
            count => write!(out, "but the file has cameras 0 to {}", count - 1)?,
        }
        out.write_str("; ask for one of these, or for --camera fit")
    }
}

/// What there is instead, in words.
struct Known<'e>(&'e [String]);

impl std::fmt::Display for Known<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return out.write_str("nor any other");
        }
        out.write_str("ask for one of these:")?;
        for (number, name) in self.0.iter().take(20).enumerate() {
            write!(out, "{} {number} {name:?}", if number == 0 { "" } else { "," })?;
        }
        if self.0.len() > 20 { write!(out, " and {} more", self.0.len() - 20) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_is_missing_is_told_with_those_that_are_not() {
        let message = |count| EditorError::NoCamera { file: "a.glb".into(), asked: 7, count }.to_string();
        assert_eq!(
            message(3),
            "a.glb: camera 7 was asked for, but the file has cameras 0 to 2; ask for one of these, or for --camera fit"
        );
        assert!(
            message(0).ends_with("has no camera; ask for --camera fit") && message(1).contains("only camera 0; ask")
        );
    }
}
