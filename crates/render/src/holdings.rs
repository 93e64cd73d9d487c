//! What single objects hold on the GPU: their entries in the account that [`GpuUsage`](crate::GpuUsage) adds up.

use crate::handle::{MaterialId, MeshId, TextureId};
use crate::renderer::RendererState;

/// Bytes that a mesh occupies, with skin and morph targets; 0 for a stale handle.
pub fn mesh_bytes(renderer: &RendererState<'_>, id: MeshId) -> u64 {
    renderer.meshes.get(id.key()).map_or(0, |mesh| mesh.buffer.charged_bytes())
}

/// Bytes that a texture occupies, with its mip levels; 0 for a stale handle.
pub fn texture_bytes(renderer: &RendererState<'_>, id: TextureId) -> u64 {
    renderer.textures.get(id.key()).map_or(0, |texture| texture.image.charged_bytes())
}

/// The textures of a material, one for each slot that has one: the same may come twice. None for a stale handle.
pub fn material_textures<'r>(renderer: &'r RendererState<'_>, id: MaterialId) -> impl Iterator<Item = TextureId> + 'r {
    let textures = renderer.materials.get(id.key()).map_or(&[][..], |material| &material.textures[..]);
    textures.iter().copied().filter(|texture| *texture != TextureId::NONE)
}
