//! A staged scene becomes textures, materials and meshes of the systems, and leaves them again as one.
//!
//! # Invariants
//! 1. [`instantiate`] makes all or nothing: on an error everything it had made is released.
//! 2. What it made has one reference of the scene's own; [`release`] gives each back once.

use voltrum_memory::{Tag, Tagged};
use voltrum_render::{GpuLifetime, MeshUpload, RendererState, SamplerDesc, UploadBatch};

use crate::AssetError;
use crate::geometry::{self, GeometryState, MeshHandle};
use crate::materials::{self, MaterialHandle, MaterialState};
use crate::staged::{StagedPrimitive, StagedScene};
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

/// Makes everything of a staged scene that `batch` has the bytes of. Submit the batch afterwards.
///
/// # Errors
/// [`AssetError::Full`] when a system has no place, [`AssetError::Memory`], or what the renderer says.
pub fn instantiate<'scene>(
    systems: &mut AssetSystems<'_, '_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    staged: &StagedScene<'_>,
    memory: Tagged<'scene>,
) -> Result<SceneAssets<'scene>, AssetError> {
    let textures =
        memory.with_tag(Tag::TEXTURE).try_alloc_slice_fill_with(staged.images.len(), |_| TextureHandle::NONE)?;
    let materials =
        memory.with_tag(Tag::MATERIAL).try_alloc_slice_fill_with(staged.materials.len(), |_| MaterialHandle::NONE)?;
    let none = PrimitiveAssets { mesh: MeshHandle::NONE, material: MaterialHandle::NONE };
    let primitives = memory.with_tag(Tag::GEOMETRY).try_alloc_slice_fill_with(staged.primitives.len(), |_| none)?;
    let made = fill(systems, renderer, batch, staged, textures, materials, primitives);
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
        let sampler = SamplerDesc::default();
        *slot = textures::create(systems.textures, renderer, batch, image.upload, sampler, GpuLifetime::Scene)?;
    }
    for (slot, material) in materials.iter_mut().zip(staged.materials) {
        let surface = material.surface.map(|slot| {
            let texture = staged.textures.get(slot.texture as usize);
            let image = texture.and_then(|texture| textures.get(texture.image as usize));
            Slot {
                texture: image.copied().unwrap_or(TextureHandle::NONE),
                uv: slot.uv,
                transform: slot.transform,
                sampler: texture.map(|texture| texture.sampler),
            }
        });
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
