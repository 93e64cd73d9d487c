//! Materials and the textures they use: small tables, checked and repaired as they are copied.
//!
//! # Invariants
//! 1. One staged texture per pair of image and sampler, one staged image per file and meaning (colour or data): an image
//!    that several textures, or several `images` of the document, name is decoded once.
//! 2. The document's numbers are compared with what they point into before anything is kept.

use ::gltf::json;
use json::Value;
use json::validation::Checked;
use voltrum_memory::{Tag, Tagged};
use voltrum_render::AlphaMode;

use super::extension::{Extension, TextureInfo, texture_info};
use super::store::Store;
use super::textures::{Meaning, TextureTable, WantedImage};
use crate::fault::{Fault, Place};
use crate::staged::{StagedMaterial, StagedTexture};
use crate::surface::{Slot, Surface};
use crate::{AssetError, LoadLimits};

/// The materials and textures that stay, which images they need, and which sets of texture coordinates.
pub(crate) struct Materials<'s, 'x> {
    pub(crate) materials: &'s [StagedMaterial<'s>],
    pub(crate) textures: &'s mut [StagedTexture],
    /// What to decode, by the textures' numbers.
    pub(crate) images: &'x [WantedImage],
    /// Per material: which sets its first and second texture coordinates are.
    pub(crate) uv_sets: &'x [[u32; 2]],
}

/// Scratch memory that building takes; address space.
pub(crate) fn room(root: &json::Root, limits: &LoadLimits) -> usize {
    let max = limits.materials_max as usize;
    let count = |count: usize| count.min(max);
    let textures = count(root.textures.len()).saturating_mul(8 + 2 * size_of::<StagedTexture>());
    let images = count(root.images.len()).saturating_mul(8 + 4 + 8 + 2 * size_of::<WantedImage>());
    textures
        .saturating_add(images)
        .saturating_add(count(root.materials.len()).saturating_mul(8))
        .saturating_add(16 << 10)
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
    let mut table = TextureTable::try_new(root, scratch)?;
    let uv_sets = scratch.try_alloc_slice_fill_with(root.materials.len(), |_| [0, 1])?;
    let none = StagedMaterial { name: "", surface: Surface::default() };
    let materials = store.tagged(Tag::MATERIAL).try_alloc_slice_fill_with(root.materials.len(), |_| none)?;
    let rows = materials.iter_mut().zip(uv_sets.iter_mut()).zip(&root.materials);
    for (index, ((slot, sets), material)) in rows.enumerate() {
        let place = Place::new("material", index);
        let mut maker = Maker { table: &mut table, store: &mut *store, place, sets: Sets::default() };
        let surface = surface(material, &mut maker)?;
        *sets = maker.sets.known;
        let name = store.name(Tag::MATERIAL, material.name.as_deref())?;
        *slot = StagedMaterial { name, surface };
    }
    let (textures, images) = table.into_parts();
    Ok(Materials { materials, textures: store.tagged(Tag::TEXTURE).try_alloc_slice_copy(textures)?, images, uv_sets })
}

/// The two sets of texture coordinates that a material uses.
#[derive(Clone, Copy)]
struct Sets {
    known: [u32; 2],
    taken: [bool; 2],
}

impl Default for Sets {
    fn default() -> Self {
        Self { known: [0, 1], taken: [false; 2] }
    }
}

/// What makes slots of one material's textures.
struct Maker<'m, 'd, 's, 'x> {
    table: &'m mut TextureTable<'d, 'x>,
    store: &'m mut Store<'s>,
    place: Place,
    sets: Sets,
}

impl Maker<'_, '_, '_, '_> {
    fn slot(&mut self, info: Option<TextureInfo>, meaning: Meaning) -> Result<Option<Slot<u32>>, AssetError> {
        let Some(info) = info else {
            return Ok(None);
        };
        let Some(texture) = self.table.texture(info.index, meaning, self.place, self.store)? else {
            return Ok(None);
        };
        let uv = self.uv(info.set)?;
        Ok(Some(Slot { texture, uv, transform: info.transform, sampler: None }))
    }

    /// Which of the vertices' two coordinates a set of the document is.
    fn uv(&mut self, set: u32) -> Result<u8, AssetError> {
        let Sets { known, taken } = &mut self.sets;
        for (uv, (known, taken)) in (0_u8..).zip(known.iter_mut().zip(taken)) {
            if *known == set || (set > 1 && !*taken) {
                (*known, *taken) = (set, true);
                return Ok(uv);
            }
        }
        let place = self.place;
        self.store.note(format_args!(
            "{place} uses more than two sets of texture coordinates: set {set} is shown by the first"
        ))?;
        Ok(0)
    }

    fn core(
        &mut self,
        index: usize,
        set: u32,
        extensions: Option<&json::extensions::texture::Info>,
        meaning: Meaning,
    ) -> Result<Option<Slot<u32>>, AssetError> {
        let info = texture_info(index, set, extensions, self.place, self.store)?;
        self.slot(Some(info), meaning)
    }

    fn extra(&mut self, object: &Extension<'_>, key: &str, meaning: Meaning) -> Result<Option<Slot<u32>>, AssetError> {
        let info = object.texture(key, self.store)?;
        self.slot(info, meaning)
    }

    fn extension<'j>(
        &mut self,
        material: &'j json::Material,
        name: &'static str,
    ) -> Result<Option<Extension<'j>>, AssetError> {
        let value = material.extensions.as_ref().and_then(|extensions| extensions.others.get(name));
        Ok(Extension::of(value, name, self.place, self.store)?)
    }
}

fn surface(material: &json::Material, maker: &mut Maker<'_, '_, '_, '_>) -> Result<Surface<u32>, AssetError> {
    use Meaning::{Color, Data};
    let core = &material.pbr_metallic_roughness;
    let mut surface = Surface {
        base_color: core.base_color_factor.0.map(|value| unit(value, 1.0)),
        metallic: unit(core.metallic_factor.0, 1.0),
        roughness: unit(core.roughness_factor.0, 1.0),
        emissive: material.emissive_factor.0.map(|value| if value.is_finite() { value.max(0.0) } else { 0.0 }),
        alpha: alpha(material, maker.place)?,
        double_sided: material.double_sided,
        ..Surface::default()
    };
    if let Some(info) = &core.base_color_texture {
        surface.base_color_texture = maker.core(info.index.value(), info.tex_coord, info.extensions.as_ref(), Color)?;
    }
    if let Some(info) = &core.metallic_roughness_texture {
        surface.metallic_roughness_texture =
            maker.core(info.index.value(), info.tex_coord, info.extensions.as_ref(), Data)?;
    }
    if let Some(info) = &material.normal_texture {
        surface.normal_scale = if info.scale.is_finite() { info.scale } else { 1.0 };
        let moved = info.extensions.as_ref().and_then(|extensions| extensions.others.get("KHR_texture_transform"));
        surface.normal_texture = moved_slot(maker, info.index.value(), info.tex_coord, moved)?;
    }
    if let Some(info) = &material.occlusion_texture {
        surface.occlusion_strength = unit(info.strength.0, 1.0);
        let moved = info.extensions.as_ref().and_then(|extensions| extensions.others.get("KHR_texture_transform"));
        surface.occlusion_texture = moved_slot(maker, info.index.value(), info.tex_coord, moved)?;
    }
    if let Some(info) = &material.emissive_texture {
        surface.emissive_texture = maker.core(info.index.value(), info.tex_coord, info.extensions.as_ref(), Color)?;
    }
    surface.unlit = maker.extension(material, "KHR_materials_unlit")?.is_some();
    if let Some(object) = maker.extension(material, "KHR_materials_emissive_strength")? {
        surface.emissive_strength = object.number("emissiveStrength", 1.0, maker.store)?.max(0.0);
    }
    if let Some(object) = maker.extension(material, "KHR_materials_ior")? {
        let ior = object.number("ior", 1.5, maker.store)?;
        surface.ior = if ior == 0.0 || ior >= 1.0 { ior } else { 1.5 };
    }
    if let Some(object) = maker.extension(material, "KHR_materials_specular")? {
        surface.specular = unit(object.number("specularFactor", 1.0, maker.store)?, 1.0);
        surface.specular_color =
            object.numbers("specularColorFactor", [1.0; 3], maker.store)?.map(|channel| channel.max(0.0));
        surface.specular_texture = maker.extra(&object, "specularTexture", Data)?;
        surface.specular_color_texture = maker.extra(&object, "specularColorTexture", Color)?;
    }
    if let Some(object) = maker.extension(material, "KHR_materials_clearcoat")? {
        surface.clearcoat = unit(object.number("clearcoatFactor", 0.0, maker.store)?, 0.0);
        surface.clearcoat_roughness = unit(object.number("clearcoatRoughnessFactor", 0.0, maker.store)?, 0.0);
        surface.clearcoat_texture = maker.extra(&object, "clearcoatTexture", Data)?;
        surface.clearcoat_roughness_texture = maker.extra(&object, "clearcoatRoughnessTexture", Data)?;
        surface.clearcoat_normal_texture = maker.extra(&object, "clearcoatNormalTexture", Data)?;
        if let Some(info) = object.object("clearcoatNormalTexture", maker.store)? {
            surface.clearcoat_normal_scale = info.number("scale", 1.0, maker.store)?;
        }
    }
    if let Some(object) = maker.extension(material, "KHR_materials_transmission")? {
        surface.transmission = unit(object.number("transmissionFactor", 0.0, maker.store)?, 0.0);
        surface.transmission_texture = maker.extra(&object, "transmissionTexture", Data)?;
    }
    Ok(surface)
}

/// The slot of a normal or occlusion texture, whose transform stands in an object of another type.
fn moved_slot(
    maker: &mut Maker<'_, '_, '_, '_>,
    index: usize,
    set: u32,
    moved: Option<&Value>,
) -> Result<Option<Slot<u32>>, AssetError> {
    let (set, transform) = super::extension::transform(moved, set, maker.place, maker.store)?;
    maker.slot(Some(TextureInfo { index, set, transform }), Meaning::Data)
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
