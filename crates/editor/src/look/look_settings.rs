//! How scenes are looked at, as the settings keep it.

use super::{EXPOSURE_STOPS, Look, Surroundings, Tone};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use voltrum::render::EnvironmentId;

/// What is kept: names as the command line has them. The view mode is not: an editor begins with what things look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LookSettings {
    /// The tone curve.
    pub tone: String,
    /// The exposure in stops.
    pub exposure: f32,
    /// `default`, `none`, or a file.
    pub environment: PathBuf,
    /// How far the environment is turned, in degrees.
    pub environment_turn: f32,
    /// What is behind.
    pub background: String,
}

impl Default for LookSettings {
    fn default() -> LookSettings {
        LookSettings::of(&Look::default(), None)
    }
}

impl LookSettings {
    /// What is to be kept of a look, whose environment is from `file`. The place of one whose name is no text is not.
    pub fn of(look: &Look, file: Option<&Path>) -> LookSettings {
        let place = file.and_then(|file| std::path::absolute(file).ok()).filter(|place| place.to_str().is_some());
        let environment = match look.surroundings {
            Surroundings::Sky => PathBuf::from("default"),
            Surroundings::None => PathBuf::from("none"),
            Surroundings::Loaded(_) => place.unwrap_or_else(|| PathBuf::from("default")),
        };
        LookSettings {
            tone: look.tone.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default(),
            exposure: look.exposure_stops,
            environment,
            environment_turn: look.turn_degrees,
            background: look.backdrop.to_string(),
        }
    }

    /// The look that was kept, on top of another; what can't be read is the other's. A file is named beside it: its
    /// environment is yet to be loaded.
    pub fn restored(&self, usual: Look) -> (Look, Option<PathBuf>) {
        let (surroundings, file) = match self.environment.to_str() {
            Some("default" | "") => (Surroundings::Sky, None),
            Some("none") => (Surroundings::None, None),
            _ => (Surroundings::Loaded(EnvironmentId::NONE), Some(self.environment.clone())),
        };
        let number = |value: f32, usual: f32| if value.is_finite() { value } else { usual };
        let exposure = number(self.exposure, usual.exposure_stops);
        let look = Look {
            tone: Tone::from_str(&self.tone, true).unwrap_or(usual.tone),
            exposure_stops: exposure.clamp(*EXPOSURE_STOPS.start(), *EXPOSURE_STOPS.end()),
            surroundings,
            turn_degrees: number(self.environment_turn, usual.turn_degrees) % 360.0,
            backdrop: self.background.parse().unwrap_or(usual.backdrop),
            ..usual
        };
        (look, file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backdrop::Backdrop;

    #[test]
    fn what_is_kept_comes_back_but_for_the_mode() {
        let look = Look {
            tone: Tone::Agx,
            exposure_stops: -1.25,
            surroundings: Surroundings::None,
            turn_degrees: 90.0,
            backdrop: Backdrop::Color([1, 2, 3]),
            ..Look::default()
        };
        let kept = LookSettings::of(&Look { mode: super::super::Mode::Uv, ..look }, None);
        assert_eq!(kept.restored(Look::default()), (look, None));
        let loaded = Look { surroundings: Surroundings::Loaded(EnvironmentId::NONE), ..look };
        let kept = LookSettings::of(&loaded, Some(Path::new("/sky/day.hdr")));
        assert_eq!(kept.restored(Look::default()), (loaded, Some("/sky/day.hdr".into())));
    }

    #[test]
    fn what_makes_no_sense_is_as_usual() {
        let odd = LookSettings {
            tone: "filmic".to_owned(),
            exposure: f32::INFINITY,
            environment_turn: f32::NAN,
            background: "plaid".to_owned(),
            ..LookSettings::default()
        };
        assert_eq!(odd.restored(Look::default()).0, Look::default());
    }
}
