//! The UI's own textures: made, changed and destroyed by its packets.

use ash::vk;

use crate::error::RenderError;
use crate::packet::{UiTextureKind, UiTextureUpdate};
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::targets::UI_SAMPLER;
use crate::ui_pass::{TEXTURES_MAX, UiPass, UiTextureSlot};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::command::{Commands, ImageRegion};
use crate::vulkan::frame::Frames;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};

impl RendererState<'_> {
    /// Carries out one update, into the open frame.
    pub(crate) fn update_ui_texture(&mut self, update: &UiTextureUpdate<'_>) -> Result<(), RenderError> {
        let device = self.gpu.device();
        check_update(&self.ui, update, self.gpu.image_side_max())?;
        let replaces = !matches!(update.kind, UiTextureKind::Update { .. });
        if let Some(old) = replaces.then(|| self.ui.take(update.id)).flatten() {
            self.retire(Garbage::Image(old.image));
            self.retire(Garbage::Set(old.set));
        }
        if let UiTextureKind::Create { size } = update.kind {
            let image = create_image(device, size)?;
            let sampler = self.samplers.try_get(UI_SAMPLER)?;
            let set = self.allocate_texture_set()?;
            self.sets.write_texture(set, image.view(), sampler);
            if let Err(texture) = self.ui.try_insert(UiTextureSlot { id: update.id, image, set }) {
                self.sets.free(texture.set);
                let limit = TEXTURES_MAX as u32;
                return Err(RenderError::LimitReached { what: "UI textures", limit, field: "none, it is fixed" });
            }
        }
        let commands = self.frames.commands();
        let Some(slot) = self.ui.slot(update.id) else { return Ok(()) };
        if let Some(staging) = record_update(device, &mut self.frames, commands, &slot.image, update)? {
            self.retire(Garbage::Buffer(staging));
        }
        Ok(())
    }
}

/// Refuses an update whose numbers don't add up, before anything is recorded.
fn check_update(pass: &UiPass<'_>, update: &UiTextureUpdate<'_>, side_max: u32) -> Result<(), RenderError> {
    let (origin, size) = match update.kind {
        UiTextureKind::Destroy => return Ok(()),
        UiTextureKind::Create { size } => ([0, 0], size),
        UiTextureKind::Update { origin, size } => (origin, size),
    };
    let [width, height] = size;
    if width > side_max || height > side_max {
        return Err(RenderError::ImageTooLarge { width, height, limit: side_max });
    }
    let whole = match update.kind {
        UiTextureKind::Create { size } => size,
        _ => pass.slot(update.id).map_or([0, 0], |slot| slot.image.size()),
    };
    let fits =
        |axis: usize| size[axis] > 0 && origin[axis].checked_add(size[axis]).is_some_and(|end| end <= whole[axis]);
    let (pitch, row) = (u64::from(update.row_pitch), u64::from(width) * 4);
    let bytes = update.rgba.len() as u64;
    let rows = u64::from(height.max(1) - 1) * pitch + row;
    if !fits(0) || !fits(1) || pitch % 4 != 0 || pitch < row || rows > bytes {
        return Err(RenderError::UiTexture { id: update.id, width, height, bytes });
    }
    Ok(())
}

/// An empty image for a UI texture.
fn create_image(device: &Device, size: [u32; 2]) -> Result<Image<'_>, RenderError> {
    let desc = ImageDesc {
        kind: ImageKind::Texture,
        format: vk::Format::R8G8B8A8_UNORM,
        size,
        mips: 1,
        samples: 1,
        lifetime: GpuLifetime::Permanent,
        tag: GpuTag::Ui,
    };
    Image::try_new(device, &desc)
}

/// Records the copy of an update's pixels, through the ring where it has room. Returns the staging buffer that was
/// needed where it has not, for the caller to retire.
fn record_update<'gpu>(
    device: &'gpu Device,
    frames: &mut Frames<'gpu>,
    commands: Commands<'gpu>,
    image: &Image<'gpu>,
    update: &UiTextureUpdate<'_>,
) -> Result<Option<Buffer<'gpu>>, RenderError> {
    let (from, origin, size) = match update.kind {
        UiTextureKind::Create { size } => (ImageUse::Discard, [0, 0], size),
        UiTextureKind::Update { origin, size } => (ImageUse::Sampled, origin, size),
        UiTextureKind::Destroy => return Ok(None),
    };
    let row_pixels = update.row_pitch / 4;
    let bytes = (size[1] as usize - 1) * update.row_pitch as usize + size[0] as usize * 4;
    let rgba = &update.rgba[..bytes];
    // Large atlases must not push a frame's vertices out of its ring.
    let mut staging = None;
    let mut offset = 0;
    if bytes as u64 <= frames.ring().buffer().size() / 8 {
        match frames.ring().push(rgba, 16) {
            Some(place) => offset = place,
            None => staging = Some(stage(device, rgba)?),
        }
    } else {
        staging = Some(stage(device, rgba)?);
    }
    commands.transition(image, from, ImageUse::CopyTarget);
    let buffer = staging.as_ref().unwrap_or(frames.ring().buffer());
    commands.copy_to_image(buffer, image, ImageRegion { offset, row_pixels, level: 0, origin, size });
    commands.transition(image, ImageUse::CopyTarget, ImageUse::Sampled);
    Ok(staging)
}

fn stage<'gpu>(device: &'gpu Device, bytes: &[u8]) -> Result<Buffer<'gpu>, RenderError> {
    let size = bytes.len() as u64;
    let mut buffer = Buffer::try_new(device, BufferKind::Staging, size, GpuLifetime::Frame, GpuTag::Staging)?;
    buffer.bytes_mut().copy_from_slice(bytes);
    buffer.flush(0, size)?;
    Ok(buffer)
}
