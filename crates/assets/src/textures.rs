//! The texture system: textures on the device by handles with counts; what is gone is drawn as a loud checker.
//!
//! # Invariants
//! 1. A texture is on the device from [`create`] to the [`release`] that leaves it without references; the renderer then
//!    frees it when its last frame in flight is done.
//! 2. [`fallback`] is always there; releasing it changes nothing.

use voltrum_memory::{ArenaBox, Handle, Tag, Tagged};
use voltrum_render::renderer::{create_texture, destroy_texture};
use voltrum_render::{GpuLifetime, ImageUpload, RendererState, SamplerDesc, TextureId, UploadBatch};

use crate::AssetError;
use crate::counted::{Budget, Counted, Entry};

/// How many textures there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextureLimits {
    /// Textures alive at once, the fallback included.
    pub textures_max: u32,
    /// Bytes that they may take on the device, mip levels included.
    pub bytes_max: u64,
}

impl Default for TextureLimits {
    fn default() -> Self {
        Self { textures_max: 4096, bytes_max: 8 << 30 }
    }
}

/// What is known of a texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextureInfo {
    /// Its name at the renderer.
    pub id: TextureId,
    /// Its width and height in pixels.
    pub size: [u32; 2],
    /// About how many bytes it takes on the device.
    pub bytes: u64,
    /// How long it may live.
    pub lifetime: GpuLifetime,
}

/// Names a texture of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextureHandle(Handle<Entry<TextureInfo>>);

impl TextureHandle {
    /// Names nothing, and is drawn as the fallback.
    pub const NONE: Self = Self(Handle::NONE);
}

/// All textures.
pub struct TextureState<'app> {
    entries: Counted<'app, TextureInfo>,
    budget: Budget,
    fallback: TextureHandle,
    checker: TextureId,
}

/// Brings the texture system up inside the permanent arena. The fallback is the renderer's own checker.
///
/// # Errors
/// [`AssetError::Memory`] when the arena is full.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    renderer: &mut RendererState<'app>,
    limits: TextureLimits,
) -> Result<ArenaBox<'app, TextureState<'app>>, AssetError> {
    let memory = permanent.with_tag(Tag::TEXTURE);
    let mut entries = Counted::try_new_in(memory, limits.textures_max.max(1), "texture", "textures_max")?;
    let checker = renderer.checker_texture();
    // The renderer's own counts for nothing here.
    let info = TextureInfo { id: checker, size: [0, 0], bytes: 0, lifetime: GpuLifetime::Permanent };
    let fallback = entries.insert(info)?;
    let budget = Budget::new(limits.bytes_max, "textures", "TextureLimits::bytes_max");
    Ok(memory.try_alloc_box(TextureState { entries, budget, fallback: TextureHandle(fallback), checker })?)
}

/// Makes a texture of an upload, with one reference. It is drawn once the batch has been submitted.
///
/// # Errors
/// [`AssetError::Full`], [`AssetError::Budget`], or what the renderer says. Nothing is left behind.
pub fn create(
    textures: &mut TextureState<'_>,
    renderer: &mut RendererState<'_>,
    batch: &UploadBatch<'_>,
    upload: ImageUpload,
    sampler: SamplerDesc,
    lifetime: GpuLifetime,
) -> Result<TextureHandle, AssetError> {
    textures.entries.check_room()?;
    let bytes = upload.gpu_bytes();
    textures.budget.check(bytes)?;
    let id = create_texture(renderer, batch, upload, sampler, lifetime)?;
    let info = TextureInfo { id, size: upload.size(), bytes, lifetime };
    let handle = textures.entries.insert(info)?;
    textures.budget.take(bytes);
    Ok(TextureHandle(handle))
}

/// The two change places; who draws with either has to be told. Says whether both are there.
pub(crate) fn swap(textures: &mut TextureState<'_>, one: TextureHandle, other: TextureHandle) -> bool {
    let (Some(first), Some(second)) = (textures.entries.get(one.0), textures.entries.get(other.0)) else {
        return false;
    };
    textures.entries.replace(one.0, second);
    textures.entries.replace(other.0, first);
    true
}

/// One more refers to the texture.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn retain(textures: &mut TextureState<'_>, handle: TextureHandle) -> Result<(), AssetError> {
    if handle == textures.fallback {
        return Ok(());
    }
    textures.entries.retain(handle.0)
}

/// One less refers to the texture; without references it leaves the device.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn release(
    textures: &mut TextureState<'_>,
    renderer: &mut RendererState<'_>,
    handle: TextureHandle,
) -> Result<(), AssetError> {
    if handle == textures.fallback {
        return Ok(());
    }
    if let Some(info) = textures.entries.release(handle.0)? {
        textures.budget.give(info.bytes);
        destroy_texture(renderer, info.id);
    }
    Ok(())
}

/// The loud checker that stands for what failed.
pub fn fallback(textures: &TextureState<'_>) -> TextureHandle {
    textures.fallback
}

/// The renderer's name of the texture; the checker's when it is gone.
pub fn get(textures: &TextureState<'_>, handle: TextureHandle) -> TextureId {
    textures.entries.get(handle.0).map_or(textures.checker, |info| info.id)
}

/// What is known of the texture, unless it is gone.
pub fn info(textures: &TextureState<'_>, handle: TextureHandle) -> Option<TextureInfo> {
    textures.entries.get(handle.0)
}

/// How many refer to the texture.
pub fn references(textures: &TextureState<'_>, handle: TextureHandle) -> u32 {
    textures.entries.references(handle.0)
}

/// Bytes that the textures take on the device, besides the fallback's.
pub fn bytes(textures: &TextureState<'_>) -> u64 {
    textures.budget.held()
}

/// How many textures there are, besides the fallback.
pub fn count(textures: &TextureState<'_>) -> usize {
    textures.entries.len() - 1
}
