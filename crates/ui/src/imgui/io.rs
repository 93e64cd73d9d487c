//! The context's input and output: configuration, the queue of input events, what the interface wants.

use super::context::Context;
use super::vec2;
use crate::UiError;
use core::ptr;
use dear_imgui_sys as sys;

/// The largest side of a font atlas, in pixels; what every Vulkan device has (Required Limits, maxImageDimension2D).
const TEXTURE_SIDE_MAX: i32 = 4096;

/// What a frame starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameInput {
    /// Physical pixels.
    pub(crate) size: [f32; 2],
    pub(crate) scale: f32,
    pub(crate) delta_secs: f32,
}

/// Settings of a new context, and its font.
pub(super) fn configure(context: &mut Context) -> Result<(), UiError> {
    let io = context.io().as_ptr();
    // SAFETY: the block belongs to a live context that nothing else uses now; the fields are plain values. No string
    // is kept: both file names become null.
    unsafe {
        (*io).IniFilename = ptr::null();
        (*io).LogFilename = ptr::null();
        (*io).ConfigFlags |= sys::ImGuiConfigFlags_DockingEnable | sys::ImGuiConfigFlags_NavEnableKeyboard;
        (*io).BackendFlags |= sys::ImGuiBackendFlags_RendererHasVtxOffset
            | sys::ImGuiBackendFlags_RendererHasTextures
            | sys::ImGuiBackendFlags_HasMouseCursors;
        // keyboard navigation works, but doesn't take the keys from the application's own shortcuts
        (*io).ConfigNavCaptureKeyboard = false;
        // dragging inside a viewport must not move its window
        (*io).ConfigWindowsMoveFromTitleBarOnly = true;
        // invariant 6 of the folder; the log would grow with every frame that shows an error
        (*io).ConfigErrorRecovery = true;
        (*io).ConfigErrorRecoveryEnableAssert = false;
        (*io).ConfigErrorRecoveryEnableDebugLog = false;
        (*io).ConfigErrorRecoveryEnableTooltip = true;
        (*io).ConfigDebugHighlightIdConflicts = cfg!(debug_assertions);
        // never release the buffers of a hidden panel: when it comes back, the frame must not allocate
        (*io).ConfigMemoryCompactTimer = f32::MAX;
    }
    context.bind();
    // SAFETY: the block belongs to the current context; the fields are plain values.
    unsafe {
        let platform = sys::igGetPlatformIO_Nil();
        (*platform).Renderer_TextureMaxWidth = TEXTURE_SIDE_MAX;
        (*platform).Renderer_TextureMaxHeight = TEXTURE_SIDE_MAX;
    }
    // SAFETY: the atlas is a member of the live context; a null configuration means the defaults. The font is compiled
    // into the library, so nothing of ours has to outlive it.
    let font = unsafe { sys::ImFontAtlas_AddFontDefaultVector((*io).Fonts, ptr::null()) };
    if font.is_null() {
        return Err(UiError::Library("font"));
    }
    Ok(())
}

/// Sets what the next frame starts from.
pub(super) fn prepare(context: &Context, input: &FrameInput) {
    let io = context.io().as_ptr();
    // SAFETY: the block belongs to a live context; the fields are plain values.
    unsafe {
        (*io).DisplaySize = vec2(input.size);
        (*io).DisplayFramebufferScale = vec2([1.0, 1.0]);
        (*io).DeltaTime = input.delta_secs;
    }
}

/// Input, in the order in which it happened. The queue spreads what falls into one frame (a press and its release)
/// over several, so nothing is lost at a low frame rate. The queue's memory is counted in whichever context is current,
/// so the caller holds [`Context::own`].
impl Context {
    /// `key` is one of the library's named keys or modifiers.
    pub(crate) fn feed_key(&self, key: sys::ImGuiKey, down: bool) {
        // SAFETY: the block belongs to a live context.
        unsafe { sys::ImGuiIO_AddKeyEvent(self.io().as_ptr(), key, down) };
    }

    pub(crate) fn feed_character(&self, character: char) {
        // SAFETY: the block belongs to a live context.
        unsafe { sys::ImGuiIO_AddInputCharacter(self.io().as_ptr(), u32::from(character)) };
    }

    /// Physical pixels from the window's top left corner.
    pub(crate) fn feed_position(&self, [x, y]: [f32; 2]) {
        // SAFETY: the block belongs to a live context.
        unsafe { sys::ImGuiIO_AddMousePosEvent(self.io().as_ptr(), x, y) };
    }

    /// The pointer left the window.
    pub(crate) fn feed_position_lost(&self) {
        self.feed_position([-f32::MAX, -f32::MAX]);
    }

    /// `button`: 0 left, 1 right, 2 middle, 3 back, 4 forward.
    pub(crate) fn feed_button(&self, button: u8, down: bool) {
        if button < 5 {
            // SAFETY: the block belongs to a live context; the button is one that it knows.
            unsafe { sys::ImGuiIO_AddMouseButtonEvent(self.io().as_ptr(), i32::from(button), down) };
        }
    }

    /// Lines; positive is away from the user and to the left.
    pub(crate) fn feed_wheel(&self, [x, y]: [f32; 2]) {
        // SAFETY: the block belongs to a live context.
        unsafe { sys::ImGuiIO_AddMouseWheelEvent(self.io().as_ptr(), x, y) };
    }

    pub(crate) fn feed_focus(&self, focused: bool) {
        // SAFETY: the block belongs to a live context.
        unsafe { sys::ImGuiIO_AddFocusEvent(self.io().as_ptr(), focused) };
    }

    /// Forgets what is queued and what is held.
    pub(crate) fn release_all(&self) {
        let io = self.io().as_ptr();
        // SAFETY: the block belongs to a live context.
        unsafe {
            sys::ImGuiIO_ClearEventsQueue(io);
            sys::ImGuiIO_ClearInputKeys(io);
            sys::ImGuiIO_ClearInputMouse(io);
        }
    }

    pub(crate) fn wants_mouse(&self) -> bool {
        // SAFETY: the block belongs to a live context.
        unsafe { (*self.io().as_ptr()).WantCaptureMouse }
    }

    pub(crate) fn wants_keyboard(&self) -> bool {
        // SAFETY: the block belongs to a live context.
        let (keyboard, text) =
            unsafe { ((*self.io().as_ptr()).WantCaptureKeyboard, (*self.io().as_ptr()).WantTextInput) };
        text || (keyboard && !self.area_held().get())
    }

    pub(crate) fn wants_text(&self) -> bool {
        // SAFETY: the block belongs to a live context.
        unsafe { (*self.io().as_ptr()).WantTextInput }
    }

    /// Whether input waits for a frame of its own.
    pub(crate) fn has_waiting_input(&self) -> bool {
        // SAFETY: the context is alive (invariant 1); the field is a plain value.
        unsafe { (*self.raw().as_ptr()).InputEventsQueue.Size > 0 }
    }

    /// Where the text cursor of the field that is being edited stands, while a frame is open or just after; its height.
    pub(crate) fn text_cursor(&self) -> Option<([f32; 2], f32)> {
        // SAFETY: the context is alive (invariant 1); the field is a plain value.
        let data = unsafe { (*self.raw().as_ptr()).PlatformImeData };
        data.WantVisible.then_some(([data.InputPos.x, data.InputPos.y], data.InputLineHeight))
    }

    /// Whether the window layout has changed since the last call.
    pub(crate) fn take_layout_changed(&mut self) -> bool {
        // SAFETY: the block belongs to a live context, exclusively ours here.
        unsafe { core::mem::take(&mut (*self.io().as_ptr()).WantSaveIniSettings) }
    }
}
