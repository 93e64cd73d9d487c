//! The screen: what the UI is drawn to, a window's image or, where there is no window, an image of our own.

use ash::vk;
use voltrum_memory::Scope;

use crate::error::RenderError;
use crate::handle::{UiSource, UiTexture};
use crate::packet::UiPacket;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::targets::Pixels;
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::command::Rendering;
use crate::vulkan::image::{Image, ImageDesc, ImageKind};

pub(crate) struct Screen<'gpu> {
    pub(crate) image: Image<'gpu>,
    /// Whether a UI has been drawn to it.
    pub(crate) drawn: bool,
}

impl<'gpu> Screen<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device, size: [u32; 2]) -> Result<Screen<'gpu>, RenderError> {
        let desc = ImageDesc {
            kind: ImageKind::Color,
            format: vk::Format::R8G8B8A8_UNORM,
            size,
            mips: 1,
            samples: 1,
            lifetime: GpuLifetime::Permanent,
            tag: GpuTag::Renderer,
        };
        Ok(Screen { image: Image::try_new(device, &desc)?, drawn: false })
    }
}

/// Reads the screen image, which the UI is drawn to where there is no window.
///
/// # Errors
/// [`RenderError::TargetEmpty`] with a window, or before the first UI.
pub fn read_screen<'a>(renderer: &mut RendererState<'_>, memory: &Scope<'a>) -> Result<Pixels<'a>, RenderError> {
    renderer.check_alive()?;
    renderer.flush_open_frame()?;
    let screen = renderer.screen.as_ref().filter(|screen| screen.drawn).ok_or(RenderError::TargetEmpty)?;
    crate::targets::read_image(renderer.gpu.device(), &mut renderer.frames, &screen.image, memory)
}

impl RendererState<'_> {
    /// Draws the UI to the window, or to the screen image.
    pub(crate) fn draw_ui(&mut self, packet: &UiPacket<'_>) -> Result<(), RenderError> {
        for update in packet.textures {
            self.update_ui_texture(update)?;
        }
        let commands = self.frames.commands();
        let size;
        let (raw, view, drawn);
        if let (Some(swapchain), Some(index)) = (&self.swapchain, self.acquired) {
            size = swapchain.size();
            (raw, view, drawn) = (swapchain.image(index), swapchain.view(index), self.presented_drawn);
        } else {
            self.fit_screen()?;
            let Some(screen) = &self.screen else { return Ok(()) };
            size = screen.image.size();
            (raw, view, drawn) = (screen.image.raw(), screen.image.view(), false);
        }
        let (ui, textures, targets) = (&self.ui, &self.textures, &self.targets);
        let pipeline = ui.pipeline(&self.shaders)?;
        if !drawn {
            let before = if self.acquired.is_some() { ImageUse::Acquired } else { ImageUse::Discard };
            commands.transition_raw(raw, before, ImageUse::ColorAttachment, 0..1);
        }
        commands.begin_rendering(&Rendering {
            color: Some(view),
            resolve: None,
            depth: None,
            clear: (!drawn).then_some([0.0, 0.0, 0.0, 1.0]),
            size,
            ..Rendering::default()
        });
        let checker =
            textures.get(self.defaults.checker.key()).map_or(self.defaults.checker_set, |texture| texture.ui_set);
        let set_of = |texture: UiTexture| {
            match texture.source() {
                UiSource::Atlas(slot) => ui.set(slot),
                UiSource::Target(id) => targets.get(id.key()).filter(|target| target.drawn).map(|target| target.ui_set),
                UiSource::Texture(id) => {
                    textures.get(id.key()).filter(|texture| texture.is_ready()).map(|texture| texture.ui_set)
                }
                UiSource::Nothing => None,
            }
            .unwrap_or(checker)
        };
        ui.record(&mut self.frames, commands, pipeline, packet, size, set_of);
        commands.end_rendering();
        if self.acquired.is_some() {
            self.presented_drawn = true;
        } else if let Some(screen) = &mut self.screen {
            commands.transition_raw(raw, ImageUse::ColorAttachment, ImageUse::Sampled, 0..1);
            screen.drawn = true;
        }
        Ok(())
    }

    /// Acquires an image of the window, where there is a window; `false` where it has none to draw to.
    pub(crate) fn acquire(&mut self) -> Result<bool, RenderError> {
        let Some(swapchain) = &mut self.swapchain else { return Ok(true) };
        // An image that was acquired for a frame which could not be opened is used now.
        if self.acquired.is_none() {
            let acquired = swapchain.next_image(self.window_size, self.frames.acquired());
            self.acquired = self.note_device_loss(acquired)?;
            self.acquire_pending = self.acquired.is_some();
        }
        Ok(self.acquired.is_some())
    }

    /// Makes the screen image as large as the window would be.
    fn fit_screen(&mut self) -> Result<(), RenderError> {
        if self.screen.as_ref().is_some_and(|screen| screen.image.size() == self.window_size) {
            return Ok(());
        }
        if let Some(old) = self.screen.take() {
            self.retire(Garbage::Image(old.image));
        }
        if self.window_size[0] > 0 && self.window_size[1] > 0 {
            self.screen = Some(Screen::try_new(self.gpu.device(), self.window_size)?);
        }
        Ok(())
    }
}
