//! How the command ends: an exit code for each kind of failure.

use crate::error::EditorError;
use voltrum::AppError;
use voltrum::assets::{AssetError, ErrorKind, Fault};
use voltrum::platform::PlatformError;
use voltrum::render::{RenderError, ShaderProblem};
use voltrum::scene::SceneError;
use voltrum::scene::project::ProjectError;
use voltrum::ui::UiError;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Done = 0,
    /// A fault of the program itself.
    Fault = 1,
    /// The command line makes no sense, or asks for what the file hasn't got.
    Usage = 2,
    /// The file is bad.
    BadFile = 3,
    /// A memory budget or another limit was reached.
    Memory = 4,
    /// There is no usable GPU, or it was lost.
    Gpu = 5,
    /// Something can't be read, written or shown.
    Io = 6,
}

impl Exit {
    /// The code for the system.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// How a failed application ends.
    pub fn of(error: &AppError<EditorError>) -> Exit {
        match error {
            AppError::Memory(_) | AppError::Events(_) => Exit::Memory,
            AppError::Platform(error) => of_platform(error),
            AppError::Render(error) => of_render(error),
            AppError::Assets(error) => of_asset(error),
            AppError::Ui(error) => of_ui(error),
            AppError::Worker(_) => Exit::Memory,
            AppError::Client(error) => Exit::of_client(error),
            _ => Exit::Fault,
        }
    }

    /// How a failure of the editor's own ends.
    pub fn of_client(error: &EditorError) -> Exit {
        match error {
            EditorError::Asset(error) => of_asset(error),
            EditorError::Memory(_) | EditorError::Events(_) => Exit::Memory,
            EditorError::TooMany { .. } | EditorError::ReloadRoom { .. } => Exit::Memory,
            EditorError::Render(error) => of_render(error),
            EditorError::Scene(error) | EditorError::NotPlayed { source: error } => of_scene(error),
            EditorError::Ui(error) => of_ui(error),
            EditorError::Platform(error) => of_platform(error),
            EditorError::Project(error) => of_project(error),
            EditorError::NoCamera { .. }
            | EditorError::NotInFile { .. }
            | EditorError::SceneOfProject { .. }
            | EditorError::NeedsPath
            | EditorError::NameTooLong { .. } => Exit::Usage,
            EditorError::ShadersLostGpu { .. } => Exit::Gpu,
            EditorError::ScriptLine { .. } => Exit::BadFile,
            EditorError::ScriptFailed { source, .. } | EditorError::NotReloaded { source } => Exit::of_client(source),
            EditorError::NoProject { .. }
            | EditorError::Draft { .. }
            | EditorError::NotRecovered { .. }
            | EditorError::ChangedOutside { .. }
            | EditorError::Overtaken
            | EditorError::Script { .. }
            | EditorError::ShaderFolder { .. }
            | EditorError::NotJournaled { .. } => Exit::Io,
            EditorError::Output { .. } | EditorError::Log { .. } => Exit::Io,
            EditorError::Logging | EditorError::Validation { .. } => Exit::Fault,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit.code())
    }
}

fn of_platform(error: &PlatformError) -> Exit {
    match error {
        PlatformError::Memory(_) | PlatformError::Event(_) | PlatformError::QueueFull { .. } => Exit::Memory,
        PlatformError::OutsideRoot { .. } => Exit::BadFile,
        _ => Exit::Io,
    }
}

fn of_render(error: &RenderError) -> Exit {
    match error {
        error if error.is_gpu_unusable() => Exit::Gpu,
        RenderError::Memory(_) | RenderError::UploadLimit { .. } | RenderError::LimitReached { .. } => Exit::Memory,
        // a picture or a mesh of the file that no GPU, or not this one, can take
        RenderError::ImageTooLarge { .. }
        | RenderError::ImageEmpty { .. }
        | RenderError::BufferEmpty
        | RenderError::MeshInvalid { .. } => Exit::BadFile,
        RenderError::Samples { .. } => Exit::Usage,
        RenderError::Shader(fault) if matches!(fault.problem, ShaderProblem::Unreadable(_)) => Exit::Io,
        RenderError::Shader(_) => Exit::BadFile,
        _ => Exit::Fault,
    }
}

fn of_scene(error: &SceneError) -> Exit {
    match error {
        SceneError::Memory(_) | SceneError::Full { .. } => Exit::Memory,
        _ => Exit::Fault,
    }
}

fn of_project(error: &ProjectError) -> Exit {
    match error {
        ProjectError::Limit { .. } | ProjectError::Memory(_) => Exit::Memory,
        ProjectError::ReadOnly { .. } => Exit::Io,
        ProjectError::Platform(error) => of_platform(error),
        ProjectError::Scene(error) => of_scene(error),
        _ => Exit::BadFile,
    }
}

fn of_asset(error: &AssetError) -> Exit {
    match error.kind() {
        ErrorKind::BadFile if matches!(error.fault(), Some(Fault::SceneUnknown { .. })) => Exit::Usage,
        ErrorKind::BadFile => Exit::BadFile,
        ErrorKind::Memory => Exit::Memory,
        ErrorKind::Device => Exit::Gpu,
        ErrorKind::Io => Exit::Io,
        ErrorKind::Cancelled | ErrorKind::Usage => Exit::Fault,
    }
}

fn of_ui(error: &UiError) -> Exit {
    match error {
        UiError::Memory(_) | UiError::LayersFull { .. } => Exit::Memory,
        _ => Exit::Fault,
    }
}
