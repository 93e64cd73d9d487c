//! What can go wrong in the user interface, with the numbers and the remedy.

use thiserror::Error;
use voltrum_memory::MemoryError;

/// An error of the user interface.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum UiError {
    /// An arena could not hold what the interface needed.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Dear ImGui was in use before its allocator could be hooked.
    #[error(
        "a Dear ImGui context of another library is alive, so its allocator can't be replaced any more; start this \
         interface first, or don't mix it with other users of Dear ImGui"
    )]
    ForeignContext,
    /// Dear ImGui returned no context or no font.
    #[error("Dear ImGui could not make its {0}; this is a fault of the build, please report it")]
    Library(&'static str),
    /// Widgets or the end of a frame were asked for while no frame was open.
    #[error("no interface frame is open; call `begin_frame` first, and draw between it and `end_frame`")]
    NoFrame,
    /// A layout was asked for or given in the middle of a frame.
    #[error("an interface frame is open; save and load layouts between `end_frame` and `begin_frame`")]
    FrameOpen,
    /// A saved layout is damaged, or was not written by `save_layout`.
    #[error("the saved window layout is damaged ({0}); the default layout stays in place, saving replaces the file")]
    Layout(&'static str),
    /// The layer stack has no room for one more layer.
    #[error("the layer stack is full: {capacity} of {capacity} layers are in use; raise `UiConfig::layers_max`")]
    LayersFull {
        /// How many layers the stack was made for.
        capacity: usize,
    },
    /// A layer of that name exists already.
    #[error("a layer of that name exists already; give each layer a name of its own")]
    LayerExists,
}
