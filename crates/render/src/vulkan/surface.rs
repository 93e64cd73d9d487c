//! The surface: Vulkan's view of a window.

use ash::{khr, vk};
use raw_window_handle::{RawDisplayHandle, RawWindowHandle};
use voltrum_memory::{Tag, heap_scope};

use super::instance::Instance;
use crate::error::{Named, RenderError};

/// A window's surface. The window must stay open while it lives; whoever makes one borrows the window as long.
pub(crate) struct Surface<'gpu> {
    instance: &'gpu Instance,
    functions: &'gpu khr::surface::Instance,
    raw: vk::SurfaceKHR,
}

impl<'gpu> Surface<'gpu> {
    pub(crate) fn try_new(
        instance: &'gpu Instance,
        display: RawDisplayHandle,
        window: RawWindowHandle,
    ) -> Result<Surface<'gpu>, RenderError> {
        let functions = instance.surface().ok_or(RenderError::WindowHandle)?;
        let _foreign = heap_scope(Tag::FOREIGN);
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
