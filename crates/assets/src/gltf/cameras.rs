//! Cameras and lights: small tables, checked as they are copied.

use ::gltf::json;
use json::validation::Checked;
use voltrum_memory::Tag;
use voltrum_render::LightKind;

use super::extension::Extension;
use super::store::Store;
use crate::fault::{Fault, Place};
use crate::staged::{Lens, StagedCamera, StagedLight};
use crate::{AssetError, LoadLimits};

/// Builds all cameras of the document.
pub(crate) fn cameras<'s>(
    root: &json::Root,
    limits: &LoadLimits,
    store: &mut Store<'s>,
) -> Result<&'s [StagedCamera<'s>], AssetError> {
    let count = root.cameras.len();
    if count > limits.nodes_max as usize {
        return Err(AssetError::limit("cameras", count as u64, u64::from(limits.nodes_max), "nodes_max"));
    }
    let cameras = store.tagged(Tag::SCENE).try_alloc_slice_fill_with(count, |_| StagedCamera {
        name: "",
        lens: Lens::Perspective { fov_y: 1.0, aspect: None, near: 0.1, far: None },
    })?;
    for (index, (slot, camera)) in cameras.iter_mut().zip(&root.cameras).enumerate() {
        let place = Place::new("camera", index);
        *slot = StagedCamera {
            name: store.name(Tag::SCENE, camera.name.as_deref())?,
            lens: lens(camera).ok_or(Fault::Invalid {
                place,
                problem: "has no usable lens: angles, sizes and distances must be finite, positive and in order",
            })?,
        };
    }
    Ok(cameras)
}

fn lens(camera: &json::Camera) -> Option<Lens> {
    let positive = |value: f32| value.is_finite() && value > 0.0;
    let Checked::Valid(kind) = camera.type_ else {
        return None;
    };
    match kind {
        json::camera::Type::Perspective => {
            let lens = camera.perspective.as_ref()?;
            let in_order = lens.zfar.is_none_or(|far| far.is_finite() && far > lens.znear);
            let angle = positive(lens.yfov) && lens.yfov < core::f32::consts::PI;
            (angle && positive(lens.znear) && in_order).then_some(Lens::Perspective {
                fov_y: lens.yfov,
                aspect: lens.aspect_ratio.filter(|aspect| positive(*aspect)),
                near: lens.znear,
                far: lens.zfar,
            })
        }
        json::camera::Type::Orthographic => {
            let lens = camera.orthographic.as_ref()?;
            let sized = [lens.xmag, lens.ymag].iter().all(|size| size.is_finite() && *size != 0.0);
            let in_order =
                lens.znear.is_finite() && lens.znear >= 0.0 && lens.zfar.is_finite() && lens.zfar > lens.znear;
            (sized && in_order).then_some(Lens::Orthographic {
                half_width: lens.xmag.abs(),
                half_height: lens.ymag.abs(),
                near: lens.znear,
                far: lens.zfar,
            })
        }
    }
}

const LIGHTS: &str = "KHR_lights_punctual";

/// The document's lights, as its JSON has them.
pub(crate) fn light_values(root: &json::Root) -> &[json::Value] {
    let all = root.extensions.as_ref().and_then(|extensions| extensions.others.get(LIGHTS));
    all.and_then(|all| all.get("lights")).and_then(json::Value::as_array).map_or(&[], |lights| lights)
}

/// Builds all lights of the document (KHR_lights_punctual).
pub(crate) fn lights<'s>(
    root: &json::Root,
    limits: &LoadLimits,
    store: &mut Store<'s>,
) -> Result<&'s [StagedLight<'s>], AssetError> {
    let values = light_values(root);
    if values.len() > limits.nodes_max as usize {
        return Err(AssetError::limit("lights", values.len() as u64, u64::from(limits.nodes_max), "nodes_max"));
    }
    let lights = store.tagged(Tag::SCENE).try_alloc_slice_fill_with(values.len(), |_| StagedLight::default())?;
    for (index, (slot, value)) in lights.iter_mut().zip(values).enumerate() {
        let place = Place::new("light", index);
        let Some(light) = Extension::of(Some(value), LIGHTS, place, store)? else {
            continue;
        };
        let kind = match light.word("type") {
            Some("directional") => LightKind::Directional,
            Some("point") => LightKind::Point,
            Some("spot") => spot(light.object("spot", store)?, place, store)?,
            _ => {
                store.note(format_args!("{place} is of an unknown type: it shines like a point"))?;
                LightKind::Point
            }
        };
        *slot = StagedLight {
            name: store.name(Tag::SCENE, light.word("name"))?,
            kind,
            color: light.numbers("color", [1.0; 3], store)?.map(|channel| channel.max(0.0)),
            intensity: light.number("intensity", 1.0, store)?.max(0.0),
            range: light.number("range", 0.0, store)?.max(0.0),
        };
    }
    Ok(lights)
}

fn spot(cone: Option<Extension<'_>>, place: Place, store: &mut Store<'_>) -> Result<LightKind, AssetError> {
    const QUARTER: f32 = core::f32::consts::FRAC_PI_2;
    let (mut inner_angle, mut outer_angle) = (0.0, core::f32::consts::FRAC_PI_4);
    if let Some(cone) = cone {
        inner_angle = cone.number("innerConeAngle", inner_angle, store)?;
        outer_angle = cone.number("outerConeAngle", outer_angle, store)?;
    }
    if !(inner_angle >= 0.0 && inner_angle < outer_angle && outer_angle <= QUARTER) {
        store.note(format_args!("{place} has a cone whose angles are not in order: they were changed"))?;
        outer_angle = outer_angle.clamp(0.01, QUARTER);
        inner_angle = inner_angle.clamp(0.0, outer_angle - 0.005);
    }
    Ok(LightKind::Spot { inner_angle, outer_angle })
}

/// The light that a node carries, checked.
pub(crate) fn light_of(
    node: &json::Node,
    count: usize,
    place: Place,
    store: &mut Store<'_>,
) -> Result<Option<u32>, AssetError> {
    let value = node.extensions.as_ref().and_then(|extensions| extensions.others.get(LIGHTS));
    let Some(object) = Extension::of(value, LIGHTS, place, store)? else {
        return Ok(None);
    };
    match object.whole("light", store)? {
        Some(light) if light < count as u64 => Ok(Some(light as u32)),
        Some(light) => {
            store.note(format_args!("{place} refers to light {light}, but the file has {count}: it was left out"))?;
            Ok(None)
        }
        None => Ok(None),
    }
}
