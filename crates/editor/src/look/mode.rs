//! View modes: what is shown of each surface.

use clap::ValueEnum;
use std::fmt;
use voltrum::render::ViewMode;

/// What is shown of each surface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Materials and light.
    #[default]
    Shaded,
    /// The edges of triangles.
    Wireframe,
    /// World-space normals as colours.
    Normals,
    /// Texture coordinates, with a checker.
    Uv,
    /// How often each pixel is drawn.
    Overdraw,
    /// Each object in a colour of its own.
    Objects,
    /// Each object coloured by the bytes of its meshes and textures.
    Memory,
}

impl Mode {
    /// All of them, in the order of menus and keys.
    pub const ALL: [Mode; 7] =
        [Mode::Shaded, Mode::Wireframe, Mode::Normals, Mode::Uv, Mode::Overdraw, Mode::Objects, Mode::Memory];

    /// What menus call it.
    pub fn title(self) -> &'static str {
        match self {
            Mode::Shaded => "Shaded",
            Mode::Wireframe => "Wireframe",
            Mode::Normals => "Normals",
            Mode::Uv => "UV",
            Mode::Overdraw => "Overdraw",
            Mode::Objects => "Object ids",
            Mode::Memory => "Memory by object",
        }
    }

    /// What the renderer is to show; for the last two, draws carry the colours.
    pub fn view_mode(self) -> ViewMode {
        match self {
            Mode::Shaded => ViewMode::Shaded,
            Mode::Wireframe => ViewMode::Wireframe,
            Mode::Normals => ViewMode::Normals,
            Mode::Uv => ViewMode::Uv,
            Mode::Overdraw => ViewMode::Overdraw,
            Mode::Objects | Mode::Memory => ViewMode::Object,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.title())
    }
}
