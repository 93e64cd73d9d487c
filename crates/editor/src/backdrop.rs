//! What is behind a scene and the light it stands in: the same for pictures and for the viewport.

use std::fmt;
use std::str::FromStr;
use voltrum::render::{Background, Sun};

/// The light from everywhere, linear. With the sun it reaches 1 on white that faces it, and no other white loses its shape.
pub const AMBIENT: [f32; 3] = [0.6, 0.6, 0.6];

/// The light from one side: from the upper right in front, as a person who looks along -Z sees it.
pub fn sun() -> Sun {
    Sun { intensity: 1.0, ..Sun::default() }
}

/// A background by name, or one colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Backdrop {
    /// A soft gradient of middle greys.
    #[default]
    Studio,
    /// A dark gradient.
    Dark,
    /// A light gradient.
    Light,
    /// From blue to haze.
    Sky,
    /// One colour, sRGB.
    Color([u8; 3]),
    /// Nothing.
    Transparent,
    /// What surrounds the scene.
    Environment {
        /// From 0, sharp, to 1.
        blur: f32,
    },
}

/// How blurred the environment is where nobody said.
pub const BLUR_USUAL: f32 = 0.3;

impl Backdrop {
    /// Those that have a name of their own, for menus.
    pub const NAMED: [Backdrop; 6] = [
        Backdrop::Studio,
        Backdrop::Dark,
        Backdrop::Light,
        Backdrop::Sky,
        Backdrop::Color([255; 3]),
        Backdrop::Color([0; 3]),
    ];

    /// What the renderer draws for it.
    pub fn background(self) -> Background {
        match self {
            Backdrop::Studio => gradient(0x5B636E, 0x2C3037),
            Backdrop::Dark => gradient(0x2A2E36, 0x101216),
            Backdrop::Light => gradient(0xF3F5F8, 0xC9CED6),
            Backdrop::Sky => gradient(0x4F8FD0, 0xD9E6F0),
            Backdrop::Color(color) => Background::Color(linear(color)),
            Backdrop::Transparent => Background::Transparent,
            Backdrop::Environment { blur } => Background::Environment { blur },
        }
    }
}

impl fmt::Display for Backdrop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backdrop::Studio => out.write_str("studio"),
            Backdrop::Dark => out.write_str("dark"),
            Backdrop::Light => out.write_str("light"),
            Backdrop::Sky => out.write_str("sky"),
            Backdrop::Color([255, 255, 255]) => out.write_str("white"),
            Backdrop::Color([0, 0, 0]) => out.write_str("black"),
            Backdrop::Color([red, green, blue]) => write!(out, "#{red:02x}{green:02x}{blue:02x}"),
            Backdrop::Transparent => out.write_str("transparent"),
            Backdrop::Environment { blur } => write!(out, "environment={blur}"),
        }
    }
}

impl FromStr for Backdrop {
    type Err = String;

    fn from_str(text: &str) -> Result<Backdrop, String> {
        match text {
            "studio" => Ok(Backdrop::Studio),
            "dark" => Ok(Backdrop::Dark),
            "light" => Ok(Backdrop::Light),
            "sky" => Ok(Backdrop::Sky),
            "white" => Ok(Backdrop::Color([255; 3])),
            "black" => Ok(Backdrop::Color([0; 3])),
            "transparent" => Ok(Backdrop::Transparent),
            "environment" => Ok(Backdrop::Environment { blur: BLUR_USUAL }),
            _ => match text.strip_prefix("environment=") {
                Some(blur) => {
                    let blur = blur.parse().ok().filter(|blur| (0.0..=1.0).contains(blur));
                    let blur =
                        blur.ok_or_else(|| "write how blurred it is from 0 to 1, as in environment=0.3".to_owned());
                    blur.map(|blur| Backdrop::Environment { blur })
                }
                None => hex(text).map(Backdrop::Color).ok_or_else(|| {
                    "write studio, dark, light, sky, white, black, transparent, environment, or a colour as #rrggbb"
                        .to_owned()
                }),
            },
        }
    }
}

fn hex(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

fn gradient(top: u32, bottom: u32) -> Background {
    let parts = |color: u32| {
        let [_, red, green, blue] = color.to_be_bytes();
        linear([red, green, blue])
    };
    Background::Gradient { top: parts(top), bottom: parts(bottom) }
}

/// An sRGB colour as linear light, opaque (IEC 61966-2-1).
fn linear(color: [u8; 3]) -> [f32; 4] {
    let [red, green, blue] = color.map(|byte| {
        let value = f32::from(byte) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    [red, green, blue, 1.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_colours_are_read_back_as_they_are_written() {
        let others = [Backdrop::Transparent, Backdrop::Color([1, 2, 0xFE]), Backdrop::Environment { blur: BLUR_USUAL }];
        for backdrop in Backdrop::NAMED.into_iter().chain(others) {
            assert_eq!(backdrop.to_string().parse(), Ok(backdrop));
        }
        for wrong in ["#12345", "#1234567", "#gg0000", "#+12345", "123456", "", "environment=", "environment=nan"] {
            assert!(wrong.parse::<Backdrop>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn middle_grey_is_a_fifth_of_the_light() {
        let [red, _, _, alpha] = linear([0x80; 3]);
        assert!((red - 0.2159).abs() < 1e-3 && alpha == 1.0, "{red}");
        assert_eq!(linear([255; 3]), [1.0; 4]);
    }
}
