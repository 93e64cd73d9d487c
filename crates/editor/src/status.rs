//! The status line: the last thing worth saying.

use voltrum::ui::TextField;

/// How it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As a matter of fact.
    #[default]
    Note,
    /// As a failure, in red, until it is dismissed.
    Error,
}

/// The last thing worth saying. What is too long is cut.
#[derive(Clone, Debug, Default)]
pub struct Status {
    text: TextField<2_048>,
    mood: Mood,
}

impl Status {
    /// Says something.
    pub fn say(&mut self, mood: Mood, text: &str) {
        self.text.set(text);
        self.mood = mood;
    }

    /// Says nothing.
    pub fn clear(&mut self) {
        self.text.clear();
        self.mood = Mood::Note;
    }

    /// What is said, and how.
    pub fn text(&self) -> (&str, Mood) {
        (self.text.as_str(), self.mood)
    }

    /// Whether a failure is shown.
    pub fn is_error(&self) -> bool {
        self.mood == Mood::Error && !self.text.is_empty()
    }
}
