//! The status line: the last thing worth saying.

use crate::error::EditorError;
use voltrum::ui::TextField;

/// How long a note stays.
const NOTE_SECS: f32 = 6.0;

/// How it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As a matter of fact, for a while.
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
    age_secs: f32,
}

impl Status {
    /// Says something.
    pub fn say(&mut self, mood: Mood, text: &str) {
        self.text.set(text);
        self.mood = mood;
        self.age_secs = 0.0;
    }

    /// Says what has failed, to the log, too.
    pub(crate) fn complain(&mut self, error: &EditorError) {
        tracing::error!("{error}");
        self.say(Mood::Error, &error.to_string());
    }

    /// Lets time pass: notes fade, failures stay.
    pub(crate) fn update(&mut self, delta_secs: f32) {
        self.age_secs += delta_secs;
        if self.mood == Mood::Note && self.age_secs > NOTE_SECS {
            self.clear();
        }
    }

    /// Says nothing.
    pub fn clear(&mut self) {
        self.text.clear();
        self.mood = Mood::Note;
        self.age_secs = 0.0;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_fade_and_failures_stay() {
        let mut status = Status::default();
        status.say(Mood::Note, "done");
        status.update(NOTE_SECS * 0.9);
        assert_eq!(status.text().0, "done");
        status.update(NOTE_SECS * 0.2);
        assert_eq!(status.text().0, "");
        status.say(Mood::Error, "broken");
        status.update(NOTE_SECS * 100.0);
        assert!(status.is_error());
    }
}
