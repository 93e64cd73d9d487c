//! Tone curves: from radiance to what a screen can show.

use clap::ValueEnum;
use std::fmt;
use voltrum::render::ToneMapping;

/// The curve from radiance to the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Tone {
    /// None: what is above 1 is cut off.
    None,
    /// Khronos PBR Neutral: keeps base colours, compresses highlights.
    #[default]
    Neutral,
    /// The ACES reference curve.
    Aces,
    /// AgX: soft, highlights turn white.
    Agx,
}

impl Tone {
    /// All of them, in the order of menus.
    pub const ALL: [Tone; 4] = [Tone::None, Tone::Neutral, Tone::Aces, Tone::Agx];

    /// What menus call it.
    pub fn title(self) -> &'static str {
        match self {
            Tone::None => "None",
            Tone::Neutral => "Neutral",
            Tone::Aces => "ACES",
            Tone::Agx => "AgX",
        }
    }

    /// The renderer's name for it.
    pub fn mapping(self) -> ToneMapping {
        match self {
            Tone::None => ToneMapping::None,
            Tone::Neutral => ToneMapping::Neutral,
            Tone::Aces => ToneMapping::Aces,
            Tone::Agx => ToneMapping::Agx,
        }
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.title())
    }
}
