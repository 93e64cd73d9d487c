//! Lights, as KHR_lights_punctual of glTF has them: they shine down an entity's -Z.

use voltrum_assets::StagedLight;

/// What shines from an entity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// How it spreads.
    pub kind: LightKind,
    /// Linear red, green and blue.
    pub color: [f32; 3],
    /// Candela; lux for [`LightKind::Directional`].
    pub intensity: f32,
    /// How far it reaches, in metres; `None` is without end.
    pub range: Option<f32>,
}

/// How light spreads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LightKind {
    /// From infinitely far away.
    Directional,
    /// In all directions.
    Point,
    /// In a cone.
    Spot {
        /// Where it begins to fade, in radians from the axis.
        inner: f32,
        /// Where it ends, in radians from the axis.
        outer: f32,
    },
}

impl From<&StagedLight<'_>> for Light {
    fn from(staged: &StagedLight<'_>) -> Light {
        let kind = match staged.kind {
            voltrum_render::LightKind::Directional => LightKind::Directional,
            voltrum_render::LightKind::Point => LightKind::Point,
            voltrum_render::LightKind::Spot { inner_angle, outer_angle } => {
                LightKind::Spot { inner: inner_angle, outer: outer_angle }
            }
        };
        let range = (staged.range > 0.0).then_some(staged.range);
        Light { kind, color: staged.color, intensity: staged.intensity, range }
    }
}

impl Default for Light {
    /// A white point light of 100 candela.
    fn default() -> Self {
        Light { kind: LightKind::Point, color: [1.0; 3], intensity: 100.0, range: None }
    }
}
