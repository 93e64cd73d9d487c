//! Materials: how a surface looks, with one descriptor set each where there is a texture.

use bytemuck::{Pod, Zeroable};

use crate::error::RenderError;
use crate::handle::{MaterialId, TextureId};
use crate::renderer::RendererState;
use crate::retired::Garbage;
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

/// A metallic-roughness material, as in glTF 2.0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaterialDesc {
    /// Linear RGBA, multiplied with texture and vertex colour.
    pub base_color: [f32; 4],
    /// The base colour texture.
    pub texture: Option<TextureId>,
    /// 0 for dielectrics, 1 for metals.
    pub metallic: f32,
    /// 0 for a mirror, 1 for chalk.
    pub roughness: f32,
    /// What alpha means.
    pub alpha: AlphaMode,
    /// Whether back faces are drawn, lit from their own side.
    pub double_sided: bool,
}

impl Default for MaterialDesc {
    fn default() -> Self {
        MaterialDesc {
            base_color: [1.0; 4],
            texture: None,
            metallic: 0.0,
            roughness: 1.0,
            alpha: AlphaMode::Opaque,
            double_sided: false,
        }
    }
}

/// Push constants of the mesh pass; mirrors `Material` in shaders/mesh.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(crate) struct MaterialConstants {
    base_color: [f32; 4],
    metallic: f32,
    roughness: f32,
    alpha_cutoff: f32,
    padding: f32,
}

pub(crate) struct Material {
    pub(crate) constants: MaterialConstants,
    pub(crate) texture: Option<TextureId>,
    /// `None` for a material without a texture, which samples white.
    pub(crate) set: Option<DescriptorSet>,
    pub(crate) alpha: AlphaMode,
    pub(crate) double_sided: bool,
}

impl MaterialConstants {
    pub(crate) fn of(desc: &MaterialDesc) -> MaterialConstants {
        let alpha_cutoff = if let AlphaMode::Mask(cutoff) = desc.alpha { cutoff } else { 0.0 };
        let MaterialDesc { base_color, metallic, roughness, .. } = *desc;
        MaterialConstants { base_color, metallic, roughness, alpha_cutoff, padding: 0.0 }
    }
}

/// Makes a material. If its texture is stale, or goes later, the visible checker takes its place.
///
/// # Errors
/// [`RenderError::LimitReached`].
pub fn create_material(renderer: &mut RendererState<'_>, desc: &MaterialDesc) -> Result<MaterialId, RenderError> {
    let full =
        RenderError::LimitReached { what: "materials", limit: renderer.limits.materials_max, field: "materials_max" };
    if renderer.materials.is_full() {
        return Err(full);
    }
    let mut set = None;
    if let Some(sampler) = desc.texture.and_then(|id| renderer.textures.get(id.key())).map(|texture| texture.sampler) {
        let sampler = renderer.samplers.try_get(sampler)?;
        let fresh = renderer.allocate_texture_set()?;
        if let Some(texture) = desc.texture.and_then(|id| renderer.textures.get(id.key())) {
            renderer.sets.write_texture(fresh, texture.image.view(), sampler);
        }
        set = Some(fresh);
    }
    let material = Material {
        constants: MaterialConstants::of(desc),
        texture: desc.texture,
        set,
        alpha: desc.alpha,
        double_sided: desc.double_sided,
    };
    match renderer.materials.try_insert(material) {
        Ok(key) => Ok(MaterialId::new(key)),
        Err(material) => {
            if let Some(set) = material.set {
                renderer.sets.free(set);
            }
            Err(full)
        }
    }
}

/// Destroys a material; what is drawn with it from here on is drawn with the visible default. A stale handle changes
/// nothing.
pub fn destroy_material(renderer: &mut RendererState<'_>, id: MaterialId) {
    if let Some(set) = renderer.materials.remove(id.key()).and_then(|material| material.set) {
        renderer.retire(Garbage::Set(set));
    }
}
