//! What can end an application, or keep it from starting.

use crate::Client;
use voltrum_assets::AssetError;
use voltrum_memory::MemoryError;
use voltrum_platform::PlatformError;
use voltrum_platform::events::EventError;
use voltrum_render::RenderError;
use voltrum_ui::UiError;

/// The error of a client's own steps.
pub type ClientError<C> = <C as Client>::Error;

/// An application's end before its time. Everything it had opened has been closed again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError<E> {
    /// An arena refused.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The window, its messages or a file.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The event system.
    #[error(transparent)]
    Events(#[from] EventError),
    /// The renderer or the GPU.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Resources, textures, materials, geometry.
    #[error(transparent)]
    Assets(#[from] AssetError),
    /// The interface.
    #[error(transparent)]
    Ui(#[from] UiError),
    /// The worker thread could not be started.
    #[error("the loading thread could not be started: {0}; close other programs")]
    Worker(std::io::Error),
    /// The client's own.
    #[error("{0}")]
    Client(E),
}
