//! Materials, the textures they use, and cameras: small tables, checked and repaired as they are copied.

use ::gltf::json;
use json::validation::Checked;
use voltrum_memory::{Tag, Tagged};
use voltrum_render::{AlphaMode, Filter, MipFilter, SamplerDesc, Wrap};

use super::store::Store;
use crate::fault::{Fault, Place};
use crate::staged::{Lens, StagedCamera, StagedMaterial, StagedTexture};
use crate::{AssetError, LoadLimits};

/// The materials and textures that stay, and which of the document's images the textures are of.
pub(crate) struct Materials<'s, 'x> {
    pub(crate) materials: &'s [StagedMaterial<'s>],
    pub(crate) textures: &'s [StagedTexture],
    /// The document's images in the order of the staged ones.
    pub(crate) images: &'x [u32],
}

/// Builds all materials of the document.
pub(crate) fn build<'s, 'x>(
    root: &json::Root,
    limits: &LoadLimits,
    store: &mut Store<'s>,
    scratch: Tagged<'x>,
) -> Result<Materials<'s, 'x>, AssetError> {
    for (what, count) in
        [("materials", root.materials.len()), ("textures", root.textures.len()), ("images", root.images.len())]
    {
        if count > limits.materials_max as usize {
            return Err(AssetError::limit(what, count as u64, u64::from(limits.materials_max), "materials_max"));
        }
    }
    const NONE: u32 = u32::MAX;
    // One staged texture per pair of image and sampler, one staged image per image: looked up by the document's numbers.
    let by_texture = scratch.try_alloc_slice_fill_with(root.textures.len(), |_| NONE)?;
    let by_image = scratch.try_alloc_slice_fill_with(root.images.len(), |_| NONE)?;
    let images = scratch.try_alloc_zeroed::<u32>(root.images.len())?;
    let pairs = scratch.try_alloc_slice_fill_with(root.materials.len(), |_| StagedTexture {
        image: 0,
        sampler: SamplerDesc::default(),
    })?;
    let (mut images_len, mut pairs_len) = (0, 0);

    let materials =
        store.tagged(Tag::MATERIAL).try_alloc_slice_fill_with(root.materials.len(), |_| StagedMaterial {
            name: "",
            base_color: [1.0; 4],
            texture: None,
            metallic: 1.0,
            roughness: 1.0,
            alpha: AlphaMode::Opaque,
            double_sided: false,
            unlit: false,
        })?;
    for (index, (slot, material)) in materials.iter_mut().zip(&root.materials).enumerate() {
        let place = Place::new("material", index);
        let surface = &material.pbr_metallic_roughness;
        let texture = match &surface.base_color_texture {
            None => None,
            Some(info) => {
                let number = info.index.value();
                let (image, sampler) = texture(root, number, place)?;
                let known = by_texture.get(number).copied().unwrap_or(NONE);
                if known != NONE {
                    Some(known)
                } else {
                    if let Some(slot) = by_image.get_mut(image)
                        && *slot == NONE
                    {
                        *slot = images_len as u32;
                        if let Some(place) = images.get_mut(images_len) {
                            *place = image as u32;
                        }
                        images_len += 1;
                    }
                    let wanted = StagedTexture { image: by_image.get(image).copied().unwrap_or(0), sampler };
                    let same = pairs.iter().take(pairs_len).position(|pair| *pair == wanted);
                    let position = same.unwrap_or_else(|| {
                        if let Some(pair) = pairs.get_mut(pairs_len) {
                            *pair = wanted;
                        }
                        pairs_len += 1;
                        pairs_len - 1
                    }) as u32;
                    if let Some(slot) = by_texture.get_mut(number) {
                        *slot = position;
                    }
                    Some(position)
                }
            }
        };
        let unlit = material.extensions.as_ref().is_some_and(|extensions| extensions.unlit.is_some());
        if unlit {
            store.note(format_args!("unlit materials are drawn lit"))?;
        }
        if surface.metallic_roughness_texture.is_some()
            || material.normal_texture.is_some()
            || material.occlusion_texture.is_some()
            || material.emissive_texture.is_some()
        {
            store.note(format_args!(
                "only base colour textures are drawn: normal, metallic-roughness, occlusion and emissive ones were not read"
            ))?;
        }
        *slot = StagedMaterial {
            name: store.name(Tag::MATERIAL, material.name.as_deref())?,
            base_color: surface.base_color_factor.0.map(|value| unit(value, 1.0)),
            texture,
            metallic: unit(surface.metallic_factor.0, 1.0),
            roughness: unit(surface.roughness_factor.0, 1.0),
            alpha: alpha(material, place)?,
            double_sided: material.double_sided,
            unlit,
        };
    }
    let pairs = pairs.get(..pairs_len).unwrap_or_default();
    let images: &'x [u32] = images;
    Ok(Materials {
        materials,
        textures: store.tagged(Tag::TEXTURE).try_alloc_slice_copy(pairs)?,
        images: images.get(..images_len).unwrap_or_default(),
    })
}

/// The set of texture coordinates that a material's base colour texture wants.
pub(crate) fn uv_set(root: &json::Root, material: Option<usize>) -> u32 {
    material
        .and_then(|material| root.materials.get(material))
        .and_then(|material| material.pbr_metallic_roughness.base_color_texture.as_ref())
        .map_or(0, |info| info.tex_coord)
}

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

/// The image and the sampler of a texture.
fn texture(root: &json::Root, number: usize, from: Place) -> Result<(usize, SamplerDesc), Fault> {
    let texture = root.textures.get(number).ok_or(Fault::Reference {
        from,
        to: "texture",
        index: number as u64,
        count: root.textures.len() as u64,
    })?;
    let place = Place::new("texture", number);
    let image = texture.source.value();
    if image == u32::MAX as usize {
        return Err(Fault::Invalid { place, problem: "has no PNG or JPEG image of its own" });
    }
    if image >= root.images.len() {
        return Err(Fault::Reference {
            from: place,
            to: "image",
            index: image as u64,
            count: root.images.len() as u64,
        });
    }
    let sampler = match texture.sampler {
        None => SamplerDesc::default(),
        Some(index) => {
            let sampler = root.samplers.get(index.value()).ok_or(Fault::Reference {
                from: place,
                to: "sampler",
                index: index.value() as u64,
                count: root.samplers.len() as u64,
            })?;
            sampler_desc(sampler)
        }
    };
    Ok((image, sampler))
}

/// Unknown filters and wraps become the default ones.
fn sampler_desc(sampler: &json::texture::Sampler) -> SamplerDesc {
    use json::texture::{MagFilter, MinFilter, WrappingMode};
    let magnify = match sampler.mag_filter {
        Some(Checked::Valid(MagFilter::Nearest)) => Filter::Nearest,
        _ => Filter::Linear,
    };
    let (minify, mip) = match sampler.min_filter {
        Some(Checked::Valid(filter)) => match filter {
            MinFilter::Nearest => (Filter::Nearest, MipFilter::None),
            MinFilter::Linear => (Filter::Linear, MipFilter::None),
            MinFilter::NearestMipmapNearest => (Filter::Nearest, MipFilter::Nearest),
            MinFilter::LinearMipmapNearest => (Filter::Linear, MipFilter::Nearest),
            MinFilter::NearestMipmapLinear => (Filter::Nearest, MipFilter::Linear),
            MinFilter::LinearMipmapLinear => (Filter::Linear, MipFilter::Linear),
        },
        _ => (Filter::Linear, MipFilter::Linear),
    };
    let wrap = |mode: &Checked<WrappingMode>| match mode {
        Checked::Valid(WrappingMode::ClampToEdge) => Wrap::Clamp,
        Checked::Valid(WrappingMode::MirroredRepeat) => Wrap::Mirror,
        _ => Wrap::Repeat,
    };
    SamplerDesc { magnify, minify, mip, wrap: [wrap(&sampler.wrap_s), wrap(&sampler.wrap_t)] }
}

fn alpha(material: &json::Material, place: Place) -> Result<AlphaMode, Fault> {
    let Checked::Valid(mode) = material.alpha_mode else {
        return Err(Fault::Invalid { place, problem: "has an alphaMode that is none of OPAQUE, MASK and BLEND" });
    };
    Ok(match mode {
        json::material::AlphaMode::Opaque => AlphaMode::Opaque,
        json::material::AlphaMode::Mask => {
            let cutoff = material.alpha_cutoff.unwrap_or_default().0;
            AlphaMode::Mask(if cutoff.is_finite() { cutoff.max(0.0) } else { 0.5 })
        }
        json::material::AlphaMode::Blend => AlphaMode::Blend,
    })
}

/// A factor from 0 to 1; what is no number becomes `otherwise`.
fn unit(value: f32, otherwise: f32) -> f32 {
    if value.is_nan() { otherwise } else { value.clamp(0.0, 1.0) }
}
