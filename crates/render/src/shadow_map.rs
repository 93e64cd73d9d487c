//! The shadow map: depth as one light sees it.

use ash::vk;
use glam::{Mat4, Vec3};

use crate::camera;
use crate::error::RenderError;
use crate::light::{LightKind, Shadow};
use crate::packet::View;
use crate::usage::{GpuLifetime, GpuTag};
use crate::view_uniforms::ShadowView;
use crate::vulkan::Device;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};
use crate::vulkan::pipeline::DEPTH_FORMAT;

/// Texels on a side, for small pictures and for large ones: about as many texels as pixels.
const SIDES: [u32; 2] = [1024, 2048];
/// The most pixels of a small picture.
const SMALL_PIXELS_MAX: u64 = 1 << 20;

/// The map that views draw shadows into; a single texel until one asks for it.
pub(crate) struct ShadowMap<'gpu> {
    pub(crate) image: Image<'gpu>,
    /// Whether it has been drawn, so that it may be sampled.
    pub(crate) drawn: bool,
}

impl<'gpu> ShadowMap<'gpu> {
    /// One texel, which nothing samples but every set names.
    pub(crate) fn try_new(device: &'gpu Device) -> Result<ShadowMap<'gpu>, RenderError> {
        ShadowMap::try_new_of(device, 1)
    }

    pub(crate) fn try_new_of(device: &'gpu Device, side: u32) -> Result<ShadowMap<'gpu>, RenderError> {
        Ok(ShadowMap { image: create(device, side)?, drawn: false })
    }

    pub(crate) fn side(&self) -> u32 {
        self.image.size()[0]
    }

    /// Texels on a side for a picture of this size; the map never shrinks.
    pub(crate) fn side_for(&self, [width, height]: [u32; 2]) -> u32 {
        let is_large = u64::from(width) * u64::from(height) > SMALL_PIXELS_MAX;
        SIDES[usize::from(is_large)].max(self.side())
    }

    pub(crate) fn view(&self) -> vk::ImageView {
        self.image.view()
    }
}

fn create(device: &Device, side: u32) -> Result<Image<'_>, RenderError> {
    let desc = ImageDesc {
        kind: ImageKind::Shadow,
        format: DEPTH_FORMAT,
        size: [side; 2],
        mips: 1,
        samples: 1,
        lifetime: GpuLifetime::Permanent,
        tag: GpuTag::Renderer,
    };
    Image::try_new(device, &desc)
}

/// What the light that casts a view's shadow sees, into a map of `side` texels; `None` where there is none.
pub(crate) fn shadow_view(view: &View<'_>, side: u32) -> Option<ShadowView> {
    match view.shadow {
        Shadow::Off => None,
        Shadow::Sun { center, radius } => directional(1, view.sun.direction, center, radius, side),
        Shadow::Light { index, center, radius } => {
            let light = view.lights.get(index as usize)?;
            let caster = index.checked_add(2)?;
            match light.kind {
                LightKind::Directional => directional(caster, light.direction, center, radius, side),
                LightKind::Point => None,
                LightKind::Spot { outer_angle, .. } if radius > 0.0 => {
                    let angle = (2.0 * outer_angle).clamp(0.02, 3.0);
                    let projection = camera::perspective(angle, 1.0, radius * 0.01);
                    let seen = camera::Camera::look_at(light.position, light.position + light.direction, projection);
                    let texel_span = 2.0 * (angle * 0.5).tan() * radius / side as f32;
                    let to_clip = seen.view_projection();
                    to_clip.is_finite().then_some(ShadowView { caster, to_clip, texel_span, depth_bias: 0.0, side })
                }
                LightKind::Spot { .. } => None,
            }
        }
    }
}

fn directional(caster: u32, direction: Vec3, center: Vec3, radius: f32, side: u32) -> Option<ShadowView> {
    let direction = direction.normalize_or(Vec3::NEG_Y);
    let sensible = radius > 0.0 && radius.is_finite() && center.is_finite();
    if !sensible {
        return None;
    }
    let projection = camera::orthographic(radius, 1.0, 0.0, 2.0 * radius);
    let seen = camera::Camera::look_at(center - direction * radius, center, projection);
    let to_clip: Mat4 = seen.view_projection();
    // Two texels' worth of a depth that spans as much as the map.
    let depth_bias = 2.0 / side as f32;
    Some(ShadowView { caster, to_clip, texel_span: 2.0 * radius / side as f32, depth_bias, side })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_sphere_is_seen_by_the_sun() {
        let shadow = Shadow::Sun { center: Vec3::new(3.0, 1.0, -2.0), radius: 5.0 };
        let seen = shadow_view(&View { shadow, ..View::default() }, 1024).unwrap();
        for axis in [Vec3::X, Vec3::Y, Vec3::Z] {
            for sign in [-4.99, 4.99] {
                let at = seen.to_clip.project_point3(Vec3::new(3.0, 1.0, -2.0) + axis * sign);
                assert!(at.x.abs() <= 1.0 && at.y.abs() <= 1.0 && (0.0..=1.0).contains(&at.z), "{at}");
            }
        }
    }

    #[test]
    fn a_shadow_that_makes_no_sense_is_none() {
        for radius in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let shadow = Shadow::Sun { center: Vec3::ZERO, radius };
            assert_eq!(shadow_view(&View { shadow, ..View::default() }, 1024), None);
        }
        let shadow = Shadow::Light { index: 3, center: Vec3::ZERO, radius: 1.0 };
        assert_eq!(shadow_view(&View { shadow, ..View::default() }, 1024), None);
    }
}
