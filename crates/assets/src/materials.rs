//! The material system: surfaces by handles with counts; a material keeps its textures alive.
//!
//! # Invariants
//! 1. A material holds one reference to each of its textures, from [`create`] to the [`release`] that leaves it without references.
//! 2. [`plain`] and [`fallback`] are always there; releasing them changes nothing.

use voltrum_memory::{ArenaBox, Handle, Tag, Tagged};
use voltrum_render::renderer::{create_material, destroy_material, update_material};
use voltrum_render::{MaterialDesc, MaterialId, RendererState};

use crate::AssetError;
use crate::counted::{Counted, Entry};
use crate::surface::Slot;
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

/// A surface whose textures are of the texture system.
pub type Surface = crate::surface::Surface<TextureHandle>;

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
    let checker = Some(Slot::of(textures::fallback(textures)));
    let loud = Surface { base_color_texture: checker, double_sided: true, ..Surface::default() };
    let (fallback, fallback_id) = insert(loud)?;
    Ok(memory.try_alloc_box(MaterialState { entries, plain, fallback, fallback_id })?)
}

/// Makes a material, with one reference; it takes one of each of its textures.
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
    let surface = hold(textures, surface);
    let made = create_material(renderer, &desc(textures, &surface)).map_err(AssetError::from);
    match made {
        Ok(id) => Ok(MaterialHandle(materials.entries.insert(MaterialInfo { id, surface })?)),
        Err(error) => {
            for slot in surface.textures() {
                textures::release(textures, renderer, slot.texture)?;
            }
            Err(error)
        }
    }
}

/// Changes how a material looks; what is drawn with it looks different from the next frame on. It takes one of each of the
/// new textures, and lets go of its old ones.
///
/// # Errors
/// [`AssetError::Stale`], or what the renderer says; the material is as it was.
pub fn update(
    materials: &mut MaterialState<'_>,
    textures: &mut TextureState<'_>,
    renderer: &mut RendererState<'_>,
    handle: MaterialHandle,
    surface: &Surface,
) -> Result<(), AssetError> {
    let info = materials.entries.get(handle.0).ok_or(AssetError::Stale { what: "material" })?;
    let surface = hold(textures, surface);
    let updated = update_material(renderer, info.id, &desc(textures, &surface)).map_err(AssetError::from);
    let gone = if updated.is_ok() { info.surface } else { surface };
    if updated.is_ok() {
        materials.entries.replace(handle.0, MaterialInfo { surface, ..info });
    }
    for slot in gone.textures() {
        textures::release(textures, renderer, slot.texture)?;
    }
    updated
}

/// Tells the renderer what textures are now, for each material that has one that `changed` names.
///
/// # Errors
/// What the renderer says; some of the materials may know then and others not.
pub(crate) fn follow(
    materials: &MaterialState<'_>,
    textures: &TextureState<'_>,
    renderer: &mut RendererState<'_>,
    changed: impl Fn(TextureHandle) -> bool,
) -> Result<(), AssetError> {
    for (_, info) in materials.entries.iter() {
        if info.surface.textures().any(|slot| changed(slot.texture)) {
            update_material(renderer, info.id, &desc(textures, &info.surface))?;
        }
    }
    Ok(())
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

/// One less refers to the material; without references it leaves the device and lets go of its textures.
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
        for slot in info.surface.textures() {
            textures::release(textures, renderer, slot.texture)?;
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

/// One more refers to each of a surface's textures; gives the surface back as it can be drawn.
fn hold(textures: &mut TextureState<'_>, surface: &Surface) -> Surface {
    let mut fallbacks = false;
    for slot in surface.textures() {
        fallbacks |= textures::retain(textures, slot.texture).is_err();
    }
    if fallbacks { known(textures, surface) } else { *surface }
}

/// The surface with the loud checker for each texture that is gone.
fn known(textures: &TextureState<'_>, surface: &Surface) -> Surface {
    surface.map(|slot| match textures::info(textures, slot.texture) {
        Some(_) => slot,
        None => Slot { texture: textures::fallback(textures), ..slot },
    })
}

fn desc(textures: &TextureState<'_>, surface: &Surface) -> MaterialDesc {
    surface.desc(|texture| textures::get(textures, texture))
}
