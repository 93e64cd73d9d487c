//! A staged scene becomes textures, materials and meshes of the systems, and leaves them again as one.
//!
//! # Invariants
//! 1. [`instantiate`] makes all or nothing: on an error everything it had made is released.
//! 2. What it made has one reference of the scene's own; [`release`] gives each back once.

use voltrum_memory::{ArenaVec, MemoryError, Tag, Tagged};
use voltrum_render::{GpuLifetime, MeshUpload, RendererState, SamplerDesc, UploadBatch};

use crate::AssetError;
use crate::geometry::{self, GeometryState, MeshHandle};
use crate::materials::{self, MaterialHandle, MaterialState};
use crate::staged::{Pixels, StagedMaterial, StagedPrimitive, StagedScene};
use crate::surface::Slot;
use crate::textures::{self, TextureHandle, TextureState};

/// The three systems, borrowed together.
pub struct AssetSystems<'x, 'app> {
    /// Textures.
    pub textures: &'x mut TextureState<'app>,
    /// Materials.
    pub materials: &'x mut MaterialState<'app>,
    /// Meshes.
    pub geometry: &'x mut GeometryState<'app>,
}

/// What is drawn for one primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimitiveAssets {
    /// Its mesh.
    pub mesh: MeshHandle,
    /// Its material; the plain one where the file has none.
    pub material: MaterialHandle,
}

/// A scene's own references, in the order of the staged slices.
#[derive(Clone, Copy, Debug)]
pub struct SceneAssets<'scene> {
    /// One per staged image.
    pub textures: &'scene [TextureHandle],
    /// One per staged material.
    pub materials: &'scene [MaterialHandle],
    /// One per staged primitive.
    pub primitives: &'scene [PrimitiveAssets],
}

/// Makes everything of a staged scene that `batch` has the bytes of. Submit the batch afterwards. `shared` are the textures
/// that [`Pixels::Shared`] numbers: the scene has a reference of its own to each that it uses.
///
/// # Errors
/// [`AssetError::Full`] when a system has no place, [`AssetError::Stale`] when a shared texture is gone,
/// [`AssetError::Memory`], or what the renderer says.
pub fn instantiate<'scene>(
    systems: &mut AssetSystems<'_, '_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    staged: &StagedScene<'_>,
    shared: &[TextureHandle],
    memory: Tagged<'scene>,
) -> Result<SceneAssets<'scene>, AssetError> {
    let shared = |_: usize, number: u32| shared.get(number as usize).copied().unwrap_or(TextureHandle::NONE);
    make(systems, renderer, batch, staged, shared, memory)
}

/// As [`instantiate`]; `shared` is told the position of an image and the number that stands for it.
fn make<'scene>(
    systems: &mut AssetSystems<'_, '_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    staged: &StagedScene<'_>,
    shared: impl Fn(usize, u32) -> TextureHandle,
    memory: Tagged<'scene>,
) -> Result<SceneAssets<'scene>, AssetError> {
    let textures =
        memory.with_tag(Tag::TEXTURE).try_alloc_slice_fill_with(staged.images.len(), |_| TextureHandle::NONE)?;
    let materials =
        memory.with_tag(Tag::MATERIAL).try_alloc_slice_fill_with(staged.materials.len(), |_| MaterialHandle::NONE)?;
    let none = PrimitiveAssets { mesh: MeshHandle::NONE, material: MaterialHandle::NONE };
    let primitives = memory.with_tag(Tag::GEOMETRY).try_alloc_slice_fill_with(staged.primitives.len(), |_| none)?;
    let made = share(systems, staged, shared, textures)
        .and_then(|()| fill(systems, renderer, batch, staged, textures, materials, primitives));
    let assets = SceneAssets { textures, materials, primitives };
    match made {
        Ok(()) => Ok(assets),
        Err(error) => {
            release(systems, renderer, &assets);
            Err(error)
        }
    }
}

/// Gives a scene's references back; what nobody else refers to leaves the device. A second call changes nothing.
pub fn release(systems: &mut AssetSystems<'_, '_>, renderer: &mut RendererState<'_>, assets: &SceneAssets<'_>) {
    // A stale handle is one that was never made, or that was released before.
    for primitive in assets.primitives {
        let _ = geometry::release(systems.geometry, renderer, primitive.mesh);
    }
    for material in assets.materials {
        let _ = materials::release(systems.materials, systems.textures, renderer, *material);
    }
    for texture in assets.textures {
        let _ = textures::release(systems.textures, renderer, *texture);
    }
}

/// Puts a staged scene in the place of the one that `assets` was made of: its materials and meshes stay, and show what
/// `batch` has the bytes of. Submit the batch afterwards. `memory` is used until it returns.
///
/// `textures` says what each image is to be shown as, and the scene's textures are these afterwards. The one that it was
/// shown as: new pixels appear wherever that one is. Another one, for an image that is shared: that is taken.
/// [`TextureHandle::NONE`], for new pixels: a texture of their own, which is put there.
///
/// # Errors
/// [`AssetError::Reshaped`] when there is more or less of something than there was; those of [`instantiate`]. Everything
/// is as it was then.
pub fn refresh(
    systems: &mut AssetSystems<'_, '_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    staged: &StagedScene<'_>,
    assets: &SceneAssets<'_>,
    textures: &mut [TextureHandle],
    memory: Tagged<'_>,
) -> Result<(), AssetError> {
    for (what, had, has) in [
        ("images", assets.textures.len(), staged.images.len()),
        ("images", textures.len(), staged.images.len()),
        ("materials", assets.materials.len(), staged.materials.len()),
        ("primitives", assets.primitives.len(), staged.primitives.len()),
    ] {
        if had != has {
            return Err(AssetError::Reshaped { what, had: had as u64, has: has as u64 });
        }
    }
    // Everything new is made first, without a material of its own: from here on little can fail.
    let images = StagedScene { materials: &[], ..*staged };
    let wished = |at: usize, _| textures.get(at).copied().unwrap_or(TextureHandle::NONE);
    let new = make(systems, renderer, batch, &images, wished, memory)?;
    let exchange = match Exchange::plan(systems, staged, assets, textures, &new, memory) {
        Ok(exchange) => exchange,
        Err(error) => {
            release(systems, renderer, &new);
            return Err(error.into());
        }
    };
    if let Err(error) = wear(systems, renderer, staged, assets, textures, &exchange) {
        // Back to what there was; what can't be drawn now is the visible default.
        exchange.swap_back(systems);
        for (handle, surface) in assets.materials.iter().zip(exchange.surfaces) {
            let _ = materials::update(systems.materials, systems.textures, renderer, *handle, surface);
        }
        let _ = exchange.follow(systems, renderer);
        release(systems, renderer, &new);
        return Err(error);
    }
    for (old, new) in assets.primitives.iter().zip(new.primitives) {
        geometry::replace(systems.geometry, renderer, old.mesh, new.mesh);
    }
    release(systems, renderer, &SceneAssets { textures: exchange.gone, ..new });
    Ok(())
}

/// What changes places in [`refresh`].
struct Exchange<'x> {
    /// How the materials looked before.
    surfaces: &'x [materials::Surface],
    /// Textures that show something else from now on, and those that have it.
    swaps: &'x [(TextureHandle, TextureHandle)],
    /// What nobody of the scene refers to afterwards.
    gone: &'x [TextureHandle],
}

impl<'x> Exchange<'x> {
    /// Says in `textures` what each image is shown as afterwards.
    fn plan(
        systems: &AssetSystems<'_, '_>,
        staged: &StagedScene<'_>,
        assets: &SceneAssets<'_>,
        textures: &mut [TextureHandle],
        new: &SceneAssets<'_>,
        memory: Tagged<'x>,
    ) -> Result<Self, MemoryError> {
        let surfaces = memory.try_alloc_iter(assets.materials.iter().map(|handle| {
            let info = materials::info(systems.materials, *handle);
            info.map_or(materials::Surface::default(), |info| info.surface)
        }))?;
        let mut swaps = ArenaVec::try_with_capacity_in(textures.len(), memory)?;
        let gone = memory.try_alloc_slice_copy(new.textures)?;
        for (((image, old), texture), gone) in
            staged.images.iter().zip(assets.textures).zip(textures).zip(gone.iter_mut())
        {
            if image.upload().is_some() && texture == old {
                swaps.try_push((*old, *gone))?;
            } else {
                (*texture, *gone) = (*gone, *old);
            }
        }
        Ok(Self { surfaces, swaps: swaps.into_slice(), gone })
    }

    fn swap(&self, systems: &mut AssetSystems<'_, '_>) {
        for (old, new) in self.swaps {
            textures::swap(systems.textures, *old, *new);
        }
    }

    fn swap_back(&self, systems: &mut AssetSystems<'_, '_>) {
        for (old, new) in self.swaps.iter().rev() {
            textures::swap(systems.textures, *old, *new);
        }
    }

    /// Tells the renderer, for the materials of other scenes, too.
    fn follow(&self, systems: &AssetSystems<'_, '_>, renderer: &mut RendererState<'_>) -> Result<(), AssetError> {
        let is_swapped = |texture: TextureHandle| self.swaps.iter().any(|(old, _)| *old == texture);
        materials::follow(systems.materials, systems.textures, renderer, is_swapped)
    }
}

/// Materials with the new textures, by the old handles.
fn wear(
    systems: &mut AssetSystems<'_, '_>,
    renderer: &mut RendererState<'_>,
    staged: &StagedScene<'_>,
    assets: &SceneAssets<'_>,
    textures: &[TextureHandle],
    exchange: &Exchange<'_>,
) -> Result<(), AssetError> {
    exchange.swap(systems);
    for (handle, material) in assets.materials.iter().zip(staged.materials) {
        let surface = surface_of(staged, material, textures);
        materials::update(systems.materials, systems.textures, renderer, *handle, &surface)?;
    }
    exchange.follow(systems, renderer)
}

/// How a staged material looks with these textures.
fn surface_of<I, B>(
    staged: &StagedScene<'_, I, B>,
    material: &StagedMaterial<'_>,
    textures: &[TextureHandle],
) -> materials::Surface {
    material.surface.map(|slot| {
        let texture = staged.textures.get(slot.texture as usize);
        let image = texture.and_then(|texture| textures.get(texture.image as usize));
        Slot {
            texture: image.copied().unwrap_or(TextureHandle::NONE),
            uv: slot.uv,
            transform: slot.transform,
            sampler: texture.map(|texture| texture.sampler),
        }
    })
}

/// One more refers to each texture that is there already.
fn share(
    systems: &mut AssetSystems<'_, '_>,
    staged: &StagedScene<'_>,
    shared: impl Fn(usize, u32) -> TextureHandle,
    textures: &mut [TextureHandle],
) -> Result<(), AssetError> {
    for (at, (slot, image)) in textures.iter_mut().zip(staged.images).enumerate() {
        if let Pixels::Shared(number) = image.pixels {
            let texture = shared(at, number);
            textures::retain(systems.textures, texture)?;
            *slot = texture;
        }
    }
    Ok(())
}

fn fill(
    systems: &mut AssetSystems<'_, '_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    staged: &StagedScene<'_>,
    textures: &mut [TextureHandle],
    materials: &mut [MaterialHandle],
    primitives: &mut [PrimitiveAssets],
) -> Result<(), AssetError> {
    for (slot, image) in textures.iter_mut().zip(staged.images) {
        let Pixels::Upload(upload) = image.pixels else { continue };
        let sampler = SamplerDesc::default();
        *slot = textures::create(systems.textures, renderer, batch, upload, sampler, GpuLifetime::Scene)?;
    }
    for (slot, material) in materials.iter_mut().zip(staged.materials) {
        let surface = surface_of(staged, material, textures);
        *slot = materials::create(systems.materials, systems.textures, renderer, &surface)?;
    }
    for (slot, primitive) in primitives.iter_mut().zip(staged.primitives) {
        let material = primitive.material.and_then(|material| materials.get(material as usize)).copied();
        slot.material = material.unwrap_or(materials::plain(systems.materials));
        slot.mesh = geometry::create(systems.geometry, renderer, batch, &mesh_upload(primitive), GpuLifetime::Scene)?;
    }
    Ok(())
}

fn mesh_upload(primitive: &StagedPrimitive) -> MeshUpload {
    // Joints and targets carry vertices out of the box that is around them at rest.
    let moves = primitive.skin.is_some() || primitive.morphs.is_some();
    MeshUpload {
        vertices: primitive.vertices,
        vertex_count: primitive.vertex_count,
        indices: primitive.indices.map(|indices| (indices.upload, indices.kind, indices.count)),
        bounds: if moves { voltrum_render::Bounds::EVERYTHING } else { primitive.bounds.into() },
        topology: primitive.topology,
        skin: primitive.skin,
        morphs: primitive.morphs,
    }
}
