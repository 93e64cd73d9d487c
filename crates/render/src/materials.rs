//! Materials: how a surface looks, with one descriptor set each.
//!
//! A material's numbers lie in a uniform buffer, its textures and samplers beside them in the set.

use std::cell::Cell;

use crate::error::RenderError;
use crate::handle::{MaterialId, TextureId};
use crate::material_constants::{ConstantsSlot, MaterialConstants};
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::sampler::SamplerDesc;
use crate::textures::Texture;
use crate::vulkan::descriptor::DescriptorSet;

/// What alpha means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum AlphaMode {
    /// Nothing: the surface is opaque.
    #[default]
    Opaque,
    /// Pixels with less than this are left out.
    Mask(f32),
    /// What is behind shows through.
    Blend,
}

/// How texture coordinates are moved before sampling, as KHR_texture_transform has it: scaled, turned, then shifted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UvTransform {
    /// Added last.
    pub offset: [f32; 2],
    /// In radians, counter-clockwise in the image.
    pub rotation: f32,
    /// Multiplied first.
    pub scale: [f32; 2],
}

impl Default for UvTransform {
    fn default() -> Self {
        UvTransform { offset: [0.0; 2], rotation: 0.0, scale: [1.0; 2] }
    }
}

/// A texture in one of a material's slots.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextureSlot {
    /// The texture.
    pub texture: TextureId,
    /// Which texture coordinates: 0 for [`Vertex::uv`](crate::Vertex::uv), anything else for
    /// [`Vertex::uv1`](crate::Vertex::uv1).
    pub uv: u8,
    /// What happens to them.
    pub transform: UvTransform,
    /// How it is sampled; `None` for the texture's own sampler.
    pub sampler: Option<SamplerDesc>,
}

impl From<TextureId> for TextureSlot {
    fn from(texture: TextureId) -> TextureSlot {
        TextureSlot { texture, ..TextureSlot::default() }
    }
}

/// A material as glTF 2.0 has it, with the extensions of Khronos that the names of the fields tell. Name what differs
/// from `..MaterialDesc::default()`: white, matt, not metallic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaterialDesc {
    /// Linear RGBA, multiplied with texture and vertex colour.
    pub base_color: [f32; 4],
    /// RGB is the base colour (sRGB), A the alpha.
    pub base_color_texture: Option<TextureSlot>,
    /// 0 for dielectrics, 1 for metals.
    pub metallic: f32,
    /// 0 for a mirror, 1 for chalk.
    pub roughness: f32,
    /// B is multiplied with `metallic`, G with `roughness`.
    pub metallic_roughness_texture: Option<TextureSlot>,
    /// A normal map in tangent space.
    pub normal_texture: Option<TextureSlot>,
    /// Scales the normal map's x and y.
    pub normal_scale: f32,
    /// R darkens the light of the environment.
    pub occlusion_texture: Option<TextureSlot>,
    /// How much of that is applied, 0 to 1.
    pub occlusion_strength: f32,
    /// Linear RGB that the surface shines with; KHR_materials_emissive_strength is multiplied in by `emissive_strength`.
    pub emissive: [f32; 3],
    /// Multiplied with `emissive`.
    pub emissive_strength: f32,
    /// RGB (sRGB) is multiplied with `emissive`.
    pub emissive_texture: Option<TextureSlot>,
    /// The base colour is shown as it is, without light.
    pub unlit: bool,
    /// The index of refraction of a dielectric; 1.5 reflects 4 %. 0 means no Fresnel: all is mirrored.
    pub ior: f32,
    /// How strong a dielectric's reflection is, 0 to 1.
    pub specular: f32,
    /// A is multiplied with `specular`.
    pub specular_texture: Option<TextureSlot>,
    /// The colour of a dielectric's reflection seen head-on.
    pub specular_color: [f32; 3],
    /// RGB (sRGB) is multiplied with `specular_color`.
    pub specular_color_texture: Option<TextureSlot>,
    /// How much clear coat there is, 0 to 1.
    pub clearcoat: f32,
    /// R is multiplied with `clearcoat`.
    pub clearcoat_texture: Option<TextureSlot>,
    /// The coat's own roughness.
    pub clearcoat_roughness: f32,
    /// G is multiplied with `clearcoat_roughness`.
    pub clearcoat_roughness_texture: Option<TextureSlot>,
    /// The coat's own normal map.
    pub clearcoat_normal_texture: Option<TextureSlot>,
    /// Scales the coat's normal map.
    pub clearcoat_normal_scale: f32,
    /// How much light passes through a dielectric, 0 to 1. An approximation: what is behind is tinted and shows
    /// through, it is neither bent nor blurred.
    pub transmission: f32,
    /// R is multiplied with `transmission`.
    pub transmission_texture: Option<TextureSlot>,
    /// What alpha means.
    pub alpha: AlphaMode,
    /// Whether back faces are drawn, lit from their own side.
    pub double_sided: bool,
}

impl Default for MaterialDesc {
    fn default() -> Self {
        MaterialDesc {
            base_color: [1.0; 4],
            base_color_texture: None,
            metallic: 0.0,
            roughness: 1.0,
            metallic_roughness_texture: None,
            normal_texture: None,
            normal_scale: 1.0,
            occlusion_texture: None,
            occlusion_strength: 1.0,
            emissive: [0.0; 3],
            emissive_strength: 1.0,
            emissive_texture: None,
            unlit: false,
            ior: 1.5,
            specular: 1.0,
            specular_texture: None,
            specular_color: [1.0; 3],
            specular_color_texture: None,
            clearcoat: 0.0,
            clearcoat_texture: None,
            clearcoat_roughness: 0.0,
            clearcoat_roughness_texture: None,
            clearcoat_normal_texture: None,
            clearcoat_normal_scale: 1.0,
            transmission: 0.0,
            transmission_texture: None,
            alpha: AlphaMode::Opaque,
            double_sided: false,
        }
    }
}

/// How many textures a material can have.
pub(crate) const SLOTS: usize = 11;

impl MaterialDesc {
    /// The textures in the order of the shader's bindings.
    pub(crate) fn slots(&self) -> [Option<TextureSlot>; SLOTS] {
        [
            self.base_color_texture,
            self.metallic_roughness_texture,
            self.normal_texture,
            self.occlusion_texture,
            self.emissive_texture,
            self.specular_texture,
            self.specular_color_texture,
            self.clearcoat_texture,
            self.clearcoat_roughness_texture,
            self.clearcoat_normal_texture,
            self.transmission_texture,
        ]
    }

    pub(crate) fn shading(&self) -> Shading {
        let plain = MaterialDesc::default();
        let layered = self.ior != plain.ior
            || self.specular != plain.specular
            || self.specular_texture.is_some()
            || self.specular_color != plain.specular_color
            || self.specular_color_texture.is_some()
            || self.clearcoat > 0.0
            || self.transmission > 0.0;
        match (self.unlit, layered) {
            (true, _) => Shading::Unlit,
            (false, true) => Shading::Layered,
            (false, false) => Shading::Lit,
        }
    }

    /// Light that passes through needs what is behind, so it is drawn where blended surfaces are.
    pub(crate) fn coverage(&self) -> Coverage {
        match self.alpha {
            AlphaMode::Blend => Coverage::Blend,
            _ if self.transmission > 0.0 && !self.unlit => Coverage::Blend,
            AlphaMode::Mask(_) => Coverage::Mask,
            AlphaMode::Opaque => Coverage::Opaque,
        }
    }
}

/// Which fragment shader draws a material: the plainer, the faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shading {
    Unlit,
    /// Metallic-roughness, normal, occlusion, emissive.
    Lit,
    /// All of [`MaterialDesc`].
    Layered,
}

/// What alpha means to the passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    Opaque,
    Mask,
    /// Drawn from back to front after everything else.
    Blend,
}

pub(crate) struct Material {
    pub(crate) set: DescriptorSet,
    pub(crate) constants: ConstantsSlot,
    pub(crate) textures: [TextureId; SLOTS],
    pub(crate) shading: Shading,
    pub(crate) coverage: Coverage,
    pub(crate) double_sided: bool,
    /// Whether all textures were there when the textures' epoch was this.
    pub(crate) complete: Cell<(u64, bool)>,
}

/// Makes a material. While one of its textures has no pixels, is stale, or once it goes, the visible checker takes
/// the material's place.
///
/// # Errors
/// [`RenderError::LimitReached`], [`RenderError::OutOfDeviceMemory`].
pub fn create_material(renderer: &mut RendererState<'_>, desc: &MaterialDesc) -> Result<MaterialId, RenderError> {
    let full =
        RenderError::LimitReached { what: "materials", limit: renderer.limits.materials_max, field: "materials_max" };
    if renderer.materials.is_full() {
        return Err(full);
    }
    let material = build(renderer, desc)?;
    match renderer.materials.try_insert(material) {
        Ok(key) => Ok(MaterialId::new(key)),
        Err(material) => {
            discard(renderer, material);
            Err(full)
        }
    }
}

/// Changes a material; what is drawn with it looks different from the next frame on.
///
/// # Errors
/// [`RenderError::StaleHandle`] and those of [`create_material`]; on failure the material stays as it was.
pub fn update_material(
    renderer: &mut RendererState<'_>,
    id: MaterialId,
    desc: &MaterialDesc,
) -> Result<(), RenderError> {
    if renderer.materials.get(id.key()).is_none() {
        return Err(RenderError::StaleHandle { what: "material" });
    }
    let material = build(renderer, desc)?;
    let old = match renderer.materials.get_mut(id.key()) {
        Some(place) => std::mem::replace(place, material),
        None => material,
    };
    discard(renderer, old);
    renderer.materials_epoch += 1;
    Ok(())
}

/// Destroys a material; what is drawn with it from here on is drawn with the visible default. A stale handle changes
/// nothing.
pub fn destroy_material(renderer: &mut RendererState<'_>, id: MaterialId) {
    if let Some(material) = renderer.materials.remove(id.key()) {
        discard(renderer, material);
        renderer.materials_epoch += 1;
    }
}

pub(crate) fn build(renderer: &mut RendererState<'_>, desc: &MaterialDesc) -> Result<Material, RenderError> {
    let slots = desc.slots();
    let constants = take_constants(renderer, &MaterialConstants::of(desc, &slots))?;
    let set = match write_set(renderer, &slots, constants) {
        Ok(set) => set,
        Err(error) => {
            renderer.constants.free(constants);
            return Err(error);
        }
    };
    Ok(Material {
        set,
        constants,
        textures: slots.map(|slot| slot.map_or(TextureId::NONE, |slot| slot.texture)),
        shading: desc.shading(),
        coverage: desc.coverage(),
        double_sided: desc.double_sided,
        complete: Cell::new((0, false)),
    })
}

/// A filled slot for a material's numbers; where all are out, waits for retired ones.
fn take_constants(
    renderer: &mut RendererState<'_>,
    constants: &MaterialConstants,
) -> Result<ConstantsSlot, RenderError> {
    let device = renderer.gpu.device();
    if let Some(slot) = renderer.constants.try_take(device, constants)? {
        return Ok(slot);
    }
    renderer.flush_open_frame()?;
    renderer.settle()?;
    let limit = renderer.limits.materials_max;
    let full = RenderError::LimitReached { what: "materials", limit, field: "materials_max" };
    renderer.constants.try_take(device, constants)?.ok_or(full)
}

/// A fresh set with a material's textures; white where there is none.
fn write_set(
    renderer: &mut RendererState<'_>,
    slots: &[Option<TextureSlot>; SLOTS],
    constants: ConstantsSlot,
) -> Result<DescriptorSet, RenderError> {
    let white = renderer.defaults.white;
    let mut views = [ash::vk::ImageView::null(); SLOTS];
    let mut samplers = [ash::vk::Sampler::null(); SLOTS];
    for ((view, sampler), slot) in views.iter_mut().zip(&mut samplers).zip(slots) {
        let texture = slot.and_then(|slot| renderer.textures.get(slot.texture.key()));
        let Some(texture) = texture.or_else(|| renderer.textures.get(white.key())) else { continue };
        *view = texture.image.view();
        let desc = slot.and_then(|slot| slot.sampler).unwrap_or(texture.sampler);
        *sampler = renderer.samplers.try_get(desc)?;
    }
    let set = renderer.allocate_set(|passes| &passes.material_set)?;
    renderer.sets.write_material(set, renderer.constants.place(constants), &views, &samplers);
    Ok(set)
}

fn discard(renderer: &mut RendererState<'_>, material: Material) {
    renderer.retire(Garbage::Set(material.set));
    renderer.retire(Garbage::Constants(material.constants));
}

impl Material {
    /// Whether all its textures have their pixels. `epoch` changes whenever a texture arrives or goes.
    pub(crate) fn is_complete<'t, 'gpu: 't>(
        &self,
        epoch: u64,
        texture: impl Fn(TextureId) -> Option<&'t Texture<'gpu>>,
    ) -> bool {
        let (known, complete) = self.complete.get();
        if known == epoch {
            return complete;
        }
        let complete =
            self.textures.iter().all(|&id| id == TextureId::NONE || texture(id).is_some_and(Texture::is_ready));
        self.complete.set((epoch, complete));
        complete
    }
}
