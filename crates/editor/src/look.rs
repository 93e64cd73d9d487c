//! How a scene is looked at: what is shown of its surfaces, how bright, what surrounds it and what is behind. The same value
//! for the viewport and for `voltrum render`.

mod environment_file;
mod holdings;
mod look_settings;
mod mode;
mod tone;

pub use environment_file::EnvironmentFile;
pub use holdings::{Held, Holdings, SCALE, scale_color};
pub use look_settings::LookSettings;
pub use mode::Mode;
pub use tone::Tone;

use crate::backdrop::{AMBIENT, Backdrop, sun};
use std::ops::RangeInclusive;
use voltrum::render::{EnvironmentId, Sun, View};

/// How far the exposure goes, in stops.
pub const EXPOSURE_STOPS: RangeInclusive<f32> = -10.0..=10.0;

/// What surrounds a scene and lights it from everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Surroundings {
    /// The built-in sky, dimmed, and a sun.
    #[default]
    Sky,
    /// Nothing: only the sun shines, or what lights the scene has.
    None,
    /// A loaded environment, as bright as its file says.
    Loaded(EnvironmentId),
}

/// How a scene is looked at. Plain data: copy it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// What is shown of each surface.
    pub mode: Mode,
    /// The curve from radiance to the screen.
    pub tone: Tone,
    /// How much brighter: one stop is twice the light.
    pub exposure_stops: f32,
    /// What surrounds the scene.
    pub surroundings: Surroundings,
    /// How far the surroundings are turned around the Y axis, in degrees.
    pub turn_degrees: f32,
    /// What is behind.
    pub backdrop: Backdrop,
    /// Whether the plane y = 0 carries a grid.
    pub grid: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look {
            mode: Mode::Shaded,
            tone: Tone::Neutral,
            exposure_stops: 0.0,
            surroundings: Surroundings::Sky,
            turn_degrees: 0.0,
            backdrop: Backdrop::Studio,
            grid: false,
        }
    }
}

impl Look {
    /// A view with everything that this says; its caller adds target, camera and what there is to see. The sun is the one
    /// that goes with the surroundings: a scene with lights of its own may do without.
    pub fn view<'f>(&self) -> View<'f> {
        let lit = View {
            background: self.backdrop.background(),
            grid: self.grid,
            environment_turn: self.turn_degrees.to_radians(),
            exposure: self.exposure_stops.exp2(),
            tone: self.tone.mapping(),
            mode: self.mode.view_mode(),
            ..View::default()
        };
        let dark = Sun { intensity: 0.0, ..sun() };
        match self.surroundings {
            Surroundings::Sky => View { sun: sun(), ambient: AMBIENT, ..lit },
            Surroundings::None => View { sun: sun(), ambient: [0.0; 3], ..lit },
            Surroundings::Loaded(environment) => View { sun: dark, ambient: [1.0; 3], environment, ..lit },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stop_is_twice_the_light_and_half_a_turn_is_pi() {
        let look = Look { exposure_stops: 1.0, turn_degrees: 180.0, ..Look::default() };
        let view = look.view();
        assert_eq!((view.exposure, view.environment_turn), (2.0, std::f32::consts::PI));
        assert_eq!(Look::default().view().exposure, 1.0);
    }

    #[test]
    fn without_surroundings_only_the_sun_shines_and_a_loaded_one_brings_its_own() {
        let none = Look { surroundings: Surroundings::None, ..Look::default() }.view();
        assert!(none.sun.intensity > 0.0 && none.ambient == [0.0; 3]);
        let loaded = Surroundings::Loaded(EnvironmentId::NONE);
        let loaded = Look { surroundings: loaded, ..Look::default() }.view();
        assert_eq!((loaded.sun.intensity, loaded.ambient), (0.0, [1.0; 3]));
    }
}
