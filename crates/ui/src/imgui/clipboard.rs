//! The library's two functions for the clipboard, on the platform's.
//!
//! # Invariants
//! 1. The clipboard lives longer than the context that it is connected to, at one place: the state that owns both drops the
//!    context first.
//! 2. The library copies and pastes in the middle of a frame, on the thread that owns it. Each frame connects anew, and
//!    nothing else uses the clipboard until it ends.

use super::context::Context;
use core::ffi::{CStr, c_char};
use core::ptr::{self, NonNull};
use dear_imgui_sys as sys;
use voltrum_platform::Clipboard;

impl Context {
    /// Copies to and pastes from `clipboard` in the next frame. The caller keeps the invariants.
    pub(crate) fn connect_clipboard(&mut self, clipboard: NonNull<Clipboard>) {
        let _owned = self.own();
        // SAFETY: the block belongs to the current context; the functions have the signatures that the library calls.
        unsafe {
            let platform = sys::igGetPlatformIO_Nil();
            (*platform).Platform_ClipboardUserData = clipboard.as_ptr().cast();
            (*platform).Platform_GetClipboardTextFn = Some(read);
            (*platform).Platform_SetClipboardTextFn = Some(write);
        }
    }
}

/// The clipboard that a context is connected to.
///
/// # Safety
/// `context` is a live context, and `'a` ends before the clipboard is used in another way.
unsafe fn clipboard<'a>(context: *mut sys::ImGuiContext) -> Option<&'a mut Clipboard> {
    // SAFETY:
    // - the block is a member of the live context that the library passes;
    // - what stands there was put there by `connect_clipboard`, and is alive and not used elsewhere (invariants 1 and 2).
    unsafe {
        let platform = sys::igGetPlatformIO_ContextPtr(context);
        (*platform).Platform_ClipboardUserData.cast::<Clipboard>().as_mut()
    }
}

unsafe extern "C" fn read(context: *mut sys::ImGuiContext) -> *const c_char {
    // SAFETY: the library passes its live context; the borrow ends here. It reads the text before it calls anything else,
    // and the text stays in the clipboard until then.
    unsafe { clipboard(context) }.map_or(ptr::null(), |clipboard| clipboard.read().as_ptr())
}

unsafe extern "C" fn write(context: *mut sys::ImGuiContext, text: *const c_char) {
    if text.is_null() {
        return;
    }
    // SAFETY: the library passes a NUL-terminated text that lives through the call.
    let text = unsafe { CStr::from_ptr(text) };
    // SAFETY: the library passes its live context; the borrow ends here.
    if let (Some(clipboard), Ok(text)) = (unsafe { clipboard(context) }, text.to_str()) {
        clipboard.write(text);
    }
}
