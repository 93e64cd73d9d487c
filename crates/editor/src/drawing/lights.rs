//! The scene's lights, as a view has them, and which of them casts the shadow.

use voltrum::assets::Bounds;
use voltrum::glam::Vec3;
use voltrum::memory::{ArenaVec, MemoryError, Tagged};
use voltrum::render::{LIGHTS_MAX, Light, LightKind, Shadow, Sun};
use voltrum::scene::{self, SceneState};

/// The lights that are shown, up to as many as a view can have.
pub(super) fn shining<'f>(scene: &SceneState<'_>, memory: Tagged<'f>) -> Result<&'f [Light], MemoryError> {
    let all = scene::lights(scene);
    if all.is_empty() {
        return Ok(&[]);
    }
    let mut lights = ArenaVec::try_with_capacity_in(all.len().min(LIGHTS_MAX), memory)?;
    for (entity, light) in all.iter().filter(|(entity, _)| scene::is_shown(scene, *entity)).take(LIGHTS_MAX) {
        let Some(world) = scene::world(scene, entity) else { continue };
        let kind = match light.kind {
            scene::LightKind::Directional => LightKind::Directional,
            scene::LightKind::Point => LightKind::Point,
            scene::LightKind::Spot { inner, outer } => LightKind::Spot { inner_angle: inner, outer_angle: outer },
        };
        lights.try_push(Light {
            kind,
            color: light.color,
            intensity: light.intensity,
            position: world.w_axis.truncate(),
            direction: world.transform_vector3(Vec3::NEG_Z).normalize_or(Vec3::NEG_Z),
            range: light.range.unwrap_or(0.0),
        })?;
    }
    Ok(lights.into_slice())
}

/// The shadow of the sun while it shines, else of the first light that can cast one, over all that is shown.
pub(super) fn shadow(sun: &Sun, lights: &[Light], around: &Bounds) -> Shadow {
    if around.is_empty() {
        return Shadow::Off;
    }
    let (center, radius) = ((around.min + around.max) * 0.5, (around.max - around.min).length() * 0.5);
    if !(center.is_finite() && radius.is_finite() && radius > 0.0) {
        return Shadow::Off;
    }
    if sun.intensity > 0.0 {
        return Shadow::Sun { center, radius };
    }
    let index = lights.iter().position(|light| light.kind != LightKind::Point && light.intensity > 0.0);
    index.map_or(Shadow::Off, |index| match lights[index].kind {
        // how far it reaches
        LightKind::Spot { .. } => {
            Shadow::Light { index: index as u32, center, radius: radius + lights[index].position.distance(center) }
        }
        _ => Shadow::Light { index: index as u32, center, radius },
    })
}
