//! Lights of a view, in the units of KHR_lights_punctual.

use glam::Vec3;

/// How a light shines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LightKind {
    /// Along one direction, from infinitely far; intensity in lux.
    #[default]
    Directional,
    /// From a point to everywhere; intensity in candela.
    Point,
    /// From a point into a cone; intensity in candela. Angles in radians from the axis: full light within the inner
    /// one, none beyond the outer one.
    Spot {
        /// Where the light begins to fall off.
        inner_angle: f32,
        /// Where it ends; more than the inner angle, at most a quarter turn.
        outer_angle: f32,
    },
}

/// A light in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// How it shines.
    pub kind: LightKind,
    /// Linear colour.
    pub color: [f32; 3],
    /// In lux or candela. A white matt surface that faces a directional light of pi lux has radiance 1.
    pub intensity: f32,
    /// Where it is; unused for directional lights.
    pub position: Vec3,
    /// In which direction it shines, of any length; unused for points.
    pub direction: Vec3,
    /// Beyond this distance it lights nothing; 0 for no end.
    pub range: f32,
}

impl Default for Light {
    fn default() -> Self {
        Light {
            kind: LightKind::Directional,
            color: [1.0; 3],
            intensity: 1.0,
            position: Vec3::ZERO,
            direction: Vec3::NEG_Z,
            range: 0.0,
        }
    }
}

/// Which light casts a shadow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Shadow {
    /// None.
    #[default]
    Off,
    /// The sun. What lies in the sphere casts and receives shadows; the tighter it is, the finer the shadow.
    Sun {
        /// The sphere's middle.
        center: Vec3,
        /// The sphere's radius.
        radius: f32,
    },
    /// One of [`View::lights`](crate::View::lights), by its index: a directional light with the sphere, or a spot
    /// light, which uses only the radius as the distance it reaches. A point light casts none.
    Light {
        /// Into the view's lights.
        index: u32,
        /// The sphere's middle.
        center: Vec3,
        /// The sphere's radius.
        radius: f32,
    },
}
