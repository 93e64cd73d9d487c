//! The material system: surfaces by handles with counts; a material keeps its texture alive.
//!
//! # Invariants
//! 1. A material holds one reference to its texture, from [`create`] to the [`release`] that leaves it without references.
//! 2. [`plain`] and [`fallback`] are always there; releasing them changes nothing.

use voltrum_memory::{ArenaBox, Handle, Tag, Tagged};
use voltrum_render::renderer::{create_material, destroy_material};
use voltrum_render::{AlphaMode, MaterialDesc, MaterialId, RendererState};

use crate::AssetError;
use crate::counted::{Counted, Entry};
use crate::textures::{self, TextureHandle, TextureState};

/// How many materials there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaterialLimits {
    /// Materials alive at once, the two that are always there included.
    pub materials_max: u32,
}

impl Default for MaterialLimits {
    fn default() -> Self {
        Self { materials_max: 4096 }
    }
}

/// How a surface looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// Linear colour and opacity, multiplied with the texture.
    pub base_color: [f32; 4],
    /// The base colour's texture.
    pub texture: Option<TextureHandle>,
    /// 0 for dielectrics, 1 for metals.
    pub metallic: f32,
    /// 0 for a mirror, 1 for chalk.
    pub roughness: f32,
    /// What opacity means.
    pub alpha: AlphaMode,
    /// Whether its back is drawn, too.
    pub double_sided: bool,
}

impl Default for Surface {
    fn default() -> Self {
        let MaterialDesc { base_color, metallic, roughness, alpha, double_sided, .. } = MaterialDesc::default();
        Self { base_color, texture: None, metallic, roughness, alpha, double_sided }
    }
}

/// What is known of a material.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaterialInfo {
    /// Its name at the renderer.
    pub id: MaterialId,
    /// How it looks.
    pub surface: Surface,
}

/// Names a material of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MaterialHandle(Handle<Entry<MaterialInfo>>);

impl MaterialHandle {
    /// Names nothing, and is drawn as the fallback.
    pub const NONE: Self = Self(Handle::NONE);
}

/// All materials.
pub struct MaterialState<'app> {
    entries: Counted<'app, MaterialInfo>,
    plain: MaterialHandle,
    fallback: MaterialHandle,
    fallback_id: MaterialId,
}

/// Brings the material system up inside the permanent arena, with a plain white material and the fallback.
///
/// # Errors
/// [`AssetError::Memory`] when the arena is full, or what the renderer says.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    renderer: &mut RendererState<'app>,
    textures: &TextureState<'app>,
    limits: MaterialLimits,
) -> Result<ArenaBox<'app, MaterialState<'app>>, AssetError> {
    let memory = permanent.with_tag(Tag::MATERIAL);
    let mut entries = Counted::try_new_in(memory, limits.materials_max.max(2), "material", "materials_max")?;
    let mut insert = |surface: Surface| -> Result<(MaterialHandle, MaterialId), AssetError> {
        let id = create_material(renderer, &desc(textures, &surface))?;
        Ok((MaterialHandle(entries.insert(MaterialInfo { id, surface })?), id))
    };
    let (plain, _) = insert(Surface { double_sided: true, ..Surface::default() })?;
    let loud = Surface { texture: Some(textures::fallback(textures)), double_sided: true, ..Surface::default() };
    let (fallback, fallback_id) = insert(loud)?;
    Ok(memory.try_alloc_box(MaterialState { entries, plain, fallback, fallback_id })?)
}

/// Makes a material, with one reference; it takes one of its texture.
///
/// # Errors
/// [`AssetError::Full`], or what the renderer says. Nothing is left behind.
pub fn create(
    materials: &mut MaterialState<'_>,
    textures: &mut TextureState<'_>,
    renderer: &mut RendererState<'_>,
    surface: &Surface,
) -> Result<MaterialHandle, AssetError> {
    materials.entries.check_room()?;
    let mut surface = *surface;
    if let Some(texture) = surface.texture
        && textures::retain(textures, texture).is_err()
    {
        surface.texture = Some(textures::fallback(textures));
    }
    let made = create_material(renderer, &desc(textures, &surface)).map_err(AssetError::from);
    match made {
        Ok(id) => Ok(MaterialHandle(materials.entries.insert(MaterialInfo { id, surface })?)),
        Err(error) => {
            if let Some(texture) = surface.texture {
                textures::release(textures, renderer, texture)?;
            }
            Err(error)
        }
    }
}

/// One more refers to the material.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn retain(materials: &mut MaterialState<'_>, handle: MaterialHandle) -> Result<(), AssetError> {
    if handle == materials.plain || handle == materials.fallback {
        return Ok(());
    }
    materials.entries.retain(handle.0)
}

/// One less refers to the material; without references it leaves the device and lets go of its texture.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn release(
    materials: &mut MaterialState<'_>,
    textures: &mut TextureState<'_>,
    renderer: &mut RendererState<'_>,
    handle: MaterialHandle,
) -> Result<(), AssetError> {
    if handle == materials.plain || handle == materials.fallback {
        return Ok(());
    }
    if let Some(info) = materials.entries.release(handle.0)? {
        destroy_material(renderer, info.id);
        if let Some(texture) = info.surface.texture {
            textures::release(textures, renderer, texture)?;
        }
    }
    Ok(())
}

/// A white, rough surface, for what has no material.
pub fn plain(materials: &MaterialState<'_>) -> MaterialHandle {
    materials.plain
}

/// The loud surface that stands for what failed.
pub fn fallback(materials: &MaterialState<'_>) -> MaterialHandle {
    materials.fallback
}

/// The renderer's name of the material; the fallback's when it is gone.
pub fn get(materials: &MaterialState<'_>, handle: MaterialHandle) -> MaterialId {
    materials.entries.get(handle.0).map_or(materials.fallback_id, |info| info.id)
}

/// What is known of the material, unless it is gone.
pub fn info(materials: &MaterialState<'_>, handle: MaterialHandle) -> Option<MaterialInfo> {
    materials.entries.get(handle.0)
}

/// How many refer to the material.
pub fn references(materials: &MaterialState<'_>, handle: MaterialHandle) -> u32 {
    materials.entries.references(handle.0)
}

/// How many materials there are, besides the two that are always there.
pub fn count(materials: &MaterialState<'_>) -> usize {
    materials.entries.len() - 2
}

fn desc(textures: &TextureState<'_>, surface: &Surface) -> MaterialDesc {
    MaterialDesc {
        base_color: surface.base_color,
        texture: surface.texture.map(|texture| textures::get(textures, texture)),
        metallic: surface.metallic,
        roughness: surface.roughness,
        alpha: surface.alpha,
        double_sided: surface.double_sided,
    }
}
