//! The surface: Vulkan's view of a window.

use ash::{ext, khr, vk};
use raw_window_handle::{HasDisplayHandle, HasWindowHandle};
use voltrum_memory::{Tag, heap_scope};
use voltrum_platform::Window;

use super::instance::Instance;
use crate::error::{Named, RenderError};

/// A window's surface. The window must stay open while it lives; whoever makes one borrows the window as long.
pub(crate) struct Surface<'gpu> {
    instance: &'gpu Instance,
    functions: &'gpu khr::surface::Instance,
    raw: vk::SurfaceKHR,
}

impl<'gpu> Surface<'gpu> {
    pub(crate) fn try_new(instance: &'gpu Instance, window: &Window) -> Result<Surface<'gpu>, RenderError> {
        let functions = instance.surface().ok_or(RenderError::WindowHandle)?;
        let _foreign = heap_scope(Tag::FOREIGN);
        if instance.driver().is_stub() {
            let create = ext::headless_surface::Instance::new(instance.entry(), instance.raw());
            let info = vk::HeadlessSurfaceCreateInfoEXT::default();
            // SAFETY: the instance was made with this extension.
            let raw = unsafe { create.create_headless_surface(&info, Some(instance.host().callbacks())) }
                .named("vkCreateHeadlessSurfaceEXT")?;
            return Ok(Surface { instance, functions, raw });
        }
        let display = window.display_handle().map_err(|_| RenderError::WindowHandle)?.as_raw();
        let window = window.window_handle().map_err(|_| RenderError::WindowHandle)?.as_raw();
        // SAFETY:
        // - the instance was made with the extensions of this kind of display;
        // - the handles are those of an open window that the caller borrows.
        let raw = unsafe {
            ash_window::create_surface(
                instance.entry(),
                instance.raw(),
                display,
                window,
                Some(instance.host().callbacks()),
            )
        }
        .named("vkCreateSurfaceKHR")?;
        Ok(Surface { instance, functions, raw })
    }

    pub(crate) fn raw(&self) -> vk::SurfaceKHR {
        self.raw
    }

    pub(crate) fn functions(&self) -> &'gpu khr::surface::Instance {
        self.functions
    }
}

impl Drop for Surface<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this instance with these callbacks; the swapchain on it is gone (field order there).
        unsafe { self.functions.destroy_surface(self.raw, Some(self.instance.host().callbacks())) };
    }
}
