//! What a view's shaders know, put together from the packet.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec3, Vec4};

use crate::light::{Light, LightKind};
use crate::look::ToneMapping;
use crate::packet::{Background, LIGHTS_MAX, View};

/// Mirrors `Light` in shaders/parts/view.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
struct LightUniforms {
    position: [f32; 4],
    color: [f32; 4],
    direction: [f32; 4],
    cone: [f32; 4],
}

/// Mirrors `View` in shaders/parts/view.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(crate) struct ViewUniforms {
    view_projection: [[f32; 4]; 4],
    inverse_view_projection: [[f32; 4]; 4],
    shadow: [[f32; 4]; 4],
    camera_position: [f32; 4],
    to_sun: [f32; 4],
    sun: [f32; 4],
    ambient: [f32; 4],
    environment: [f32; 4],
    shadow_texel: [f32; 4],
    harmonics: [[f32; 4]; 9],
    lights: [LightUniforms; LIGHTS_MAX],
}

/// A light's view of what it shades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShadowView {
    /// 1 for the sun, 2 and more for the view's lights.
    pub(crate) caster: u32,
    /// From the world to the light's clip space.
    pub(crate) to_clip: Mat4,
    /// What a texel spans in the world, at the middle of what is shaded.
    pub(crate) texel_span: f32,
    /// How much farther than the map says a surface may be and still be lit; 0 for in proportion to its depth.
    pub(crate) depth_bias: f32,
    /// Texels on a side.
    pub(crate) side: u32,
}

/// What the environment adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Harmonics {
    pub(crate) coefficients: [[f32; 4]; 9],
    pub(crate) last_level: f32,
}

impl ViewUniforms {
    pub(crate) fn new(
        view: &View<'_>,
        to_clip: &Mat4,
        shadow: Option<&ShadowView>,
        harmonics: &Harmonics,
        samples: u32,
    ) -> ViewUniforms {
        let to_sun = (-view.sun.direction).normalize_or(Vec3::Y);
        let sun = Vec3::from(view.sun.color) * view.sun.intensity;
        let mut lights = [LightUniforms::default(); LIGHTS_MAX];
        for (place, light) in lights.iter_mut().zip(view.lights) {
            *place = LightUniforms::of(light);
        }
        let count = view.lights.len().min(LIGHTS_MAX);
        let tone = match view.tone {
            ToneMapping::None => 0.0,
            ToneMapping::Neutral => 1.0,
            ToneMapping::Aces => 2.0,
            ToneMapping::Agx => 3.0,
        };
        let blur = if let Background::Environment { blur } = view.background { blur.clamp(0.0, 1.0) } else { 0.0 };
        let (sin, cos) = view.environment_turn.sin_cos();
        // From clip space to 0..1, rows of the map counted from the upper edge.
        let to_map = Mat4::from_cols(
            Vec4::new(0.5, 0.0, 0.0, 0.0),
            Vec4::new(0.0, -0.5, 0.0, 0.0),
            Vec4::Z,
            Vec4::new(0.5, 0.5, 0.0, 1.0),
        );
        let shadow_matrix = shadow.map_or(Mat4::IDENTITY, |shadow| to_map * shadow.to_clip);
        let [texel, texel_span] = shadow.map_or([0.0; 2], |shadow| [1.0 / shadow.side as f32, shadow.texel_span]);
        ViewUniforms {
            view_projection: to_clip.to_cols_array_2d(),
            inverse_view_projection: to_clip.inverse().to_cols_array_2d(),
            shadow: shadow_matrix.to_cols_array_2d(),
            camera_position: view.camera.position.extend(view.exposure).to_array(),
            to_sun: to_sun.extend(count as f32).to_array(),
            sun: sun.extend(shadow.map_or(0.0, |shadow| shadow.caster as f32)).to_array(),
            ambient: Vec3::from(view.ambient).extend(tone).to_array(),
            environment: [cos, sin, harmonics.last_level, blur],
            shadow_texel: [texel, texel_span, samples as f32, shadow.map_or(0.0, |shadow| shadow.depth_bias)],
            harmonics: harmonics.coefficients,
            lights,
        }
    }
}

impl LightUniforms {
    fn of(light: &Light) -> LightUniforms {
        let direction = light.direction.normalize_or(Vec3::NEG_Z);
        let (kind, scale, offset) = match light.kind {
            LightKind::Directional => (0.0, 0.0, 0.0),
            LightKind::Point => (1.0, 0.0, 0.0),
            LightKind::Spot { inner_angle, outer_angle } => {
                // As KHR_lights_punctual recommends.
                let scale = 1.0 / (inner_angle.cos() - outer_angle.cos()).max(1e-3);
                (2.0, scale, -outer_angle.cos() * scale)
            }
        };
        let inverse_range = if light.range > 0.0 { 1.0 / (light.range * light.range) } else { 0.0 };
        LightUniforms {
            position: light.position.extend(inverse_range).to_array(),
            color: (Vec3::from(light.color) * light.intensity).extend(kind).to_array(),
            direction: direction.extend(scale).to_array(),
            cone: [offset, 0.0, 0.0, 0.0],
        }
    }
}
