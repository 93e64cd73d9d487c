//! What one state of the editor leaves for the next: there are several where a GPU is lost.

use crate::look::Look;
use crate::project::ViewSettings;
use std::path::PathBuf;
use voltrum::render::LiveShaders;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// To be opened once the window is there.
    pub(crate) first: Option<PathBuf>,
    /// How the project was looked at that is opened again.
    pub(crate) view: Option<ViewSettings>,
    /// Whether there was a state before.
    pub(crate) is_again: bool,
    /// How scenes are looked at, and the environment's file.
    pub(crate) look: Option<(Look, Option<PathBuf>)>,
    /// What was drawn with instead of the built-in shaders.
    pub(crate) shaders: Option<LiveShaders>,
}
