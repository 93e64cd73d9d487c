//! What the editor asks before it goes on: unsaved edits, a file that is there already, one that others changed.

use std::path::PathBuf;

/// What is to be done once nothing is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Open a file.
    Open(PathBuf),
    /// Open one of the scenes of a glTF file.
    OpenScene(PathBuf, u32),
    /// Open the draft of an untitled project that a crash has left.
    Recover(PathBuf),
    /// Begin a new project.
    New,
    /// Close the open one.
    Close,
    /// End the editor.
    Quit,
}

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// There are unsaved edits: save, drop them, or stay?
    Unsaved(After),
    /// The file is there already: replace it?
    Replace(PathBuf),
    /// Others have changed the file since it was opened: overwrite it, or save elsewhere?
    ChangedOutside,
}

/// The question that is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asking {
    pub(crate) question: Option<Question>,
    /// It is to appear in the next frame.
    pub(crate) appears: bool,
    /// What follows once the project is saved.
    pub(crate) after_save: Option<After>,
    /// It is to be saved once more when the save that goes on has ended.
    pub(crate) saves_again: bool,
}

impl Asking {
    pub(crate) fn ask(&mut self, question: Question) {
        self.question = Some(question);
        self.appears = true;
    }

    /// Forgets everything that was to follow.
    pub(crate) fn cancel(&mut self) {
        *self = Asking::default();
    }
}
