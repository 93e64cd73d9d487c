//! One Dear ImGui context: made with the hook in place, configured, opened and closed frame by frame, destroyed.

use super::dock::{BuildFn, DockTree};
use super::frame::Frame;
use super::io::{self, FrameInput};
use super::thread::Owned;
use super::{heap, style};
use crate::UiError;
use crate::theme::Theme;
use core::cell::Cell;
use core::ptr::{self, NonNull};
use dear_imgui_sys as sys;

/// Owns a Dear ImGui context. Not `Send`: see the invariants of the folder.
pub(crate) struct Context {
    raw: NonNull<sys::ImGuiContext>,
    /// The theme at scale 1, from which each scale's style is made: scaling rounds, so it can't be undone.
    style: sys::ImGuiStyle,
    theme: Theme,
    scale: f32,
    /// Held while a frame is open.
    open: Option<Owned>,
    in_menu: Cell<bool>,
    /// An area that takes the mouse is held in this frame: it is why the library wants the keyboard.
    area_held: Cell<bool>,
}

impl Context {
    /// Makes a context that docks, saves nothing by itself, and expects a renderer with dynamic textures.
    pub(crate) fn create(theme: &Theme) -> Result<Context, UiError> {
        let _owned = Owned::acquire();
        heap::install()?;
        // SAFETY: no shared font atlas is passed; the hook is installed; the thread owns the library.
        let raw = unsafe { sys::igCreateContext(ptr::null_mut()) };
        let raw = NonNull::new(raw).ok_or(UiError::Library("context"))?;
        // SAFETY: `raw` is the live context that was just made.
        unsafe { sys::igSetCurrentContext(raw.as_ptr()) };
        // SAFETY: the style of the current context is a plain value that lives in it.
        let style = unsafe { *sys::igGetStyle() };
        // from here on, dropping `context` undoes the creation
        let mut context = Context {
            raw,
            style,
            theme: *theme,
            scale: 0.0,
            open: None,
            in_menu: Cell::new(false),
            area_held: Cell::new(false),
        };
        io::configure(&mut context)?;
        context.set_theme(theme);
        context.rescale(1.0);
        Ok(context)
    }

    /// Looks like this from the next frame on.
    pub(crate) fn set_theme(&mut self, theme: &Theme) {
        self.theme = *theme;
        style::fill(&mut self.style, theme);
        // no scale: the next frame makes its style anew
        self.scale = 0.0;
    }

    pub(crate) fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Makes this context the current one. The caller's thread owns the library.
    pub(super) fn bind(&self) {
        // SAFETY: the context is alive (invariant 1).
        unsafe { sys::igSetCurrentContext(self.raw.as_ptr()) };
    }

    pub(super) fn raw(&self) -> NonNull<sys::ImGuiContext> {
        self.raw
    }

    pub(super) fn in_menu(&self) -> &Cell<bool> {
        &self.in_menu
    }

    pub(super) fn area_held(&self) -> &Cell<bool> {
        &self.area_held
    }

    /// Takes the library for this thread and makes this context current, for as long as the proof lives.
    pub(crate) fn own(&self) -> Owned {
        let owned = Owned::acquire();
        self.bind();
        owned
    }

    /// The context's input and output block.
    pub(super) fn io(&self) -> NonNull<sys::ImGuiIO> {
        // SAFETY: the context is alive (invariant 1); the block is a member of it, never null.
        unsafe { NonNull::new_unchecked(sys::igGetIO_ContextPtr(self.raw.as_ptr())) }
    }

    /// The theme at another number of physical pixels per unit; fonts are made anew at that size.
    fn rescale(&mut self, scale: f32) {
        if self.scale == scale {
            return;
        }
        self.scale = scale;
        self.bind();
        // SAFETY: the style of the current context is alive and exclusively ours here; scaling writes only to it.
        unsafe {
            let style = sys::igGetStyle();
            *style = self.style;
            sys::ImGuiStyle_ScaleAllSizes(style, scale);
            (*style).FontScaleDpi = scale;
        }
    }

    /// Opens a frame; one that was left open is closed and its pictures are lost.
    pub(crate) fn begin_frame(&mut self, input: &FrameInput) {
        self.abandon_frame();
        let owned = self.own();
        self.rescale(input.scale);
        io::prepare(self, input);
        // SAFETY: the context is current and no frame of it is open; size and delta were made valid by `prepare`.
        unsafe { sys::igNewFrame() };
        self.in_menu.set(false);
        self.area_held.set(false);
        self.open = Some(owned);
    }

    /// The calls of the open frame; `None` while none is open.
    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        self.open.as_ref().map(|_| Frame::new(self))
    }

    /// Submits the dockspace that covers the window, after building `layout` if one is given.
    pub(crate) fn dockspace(&mut self, layout: Option<&mut BuildFn<'_>>) {
        if self.open.is_some() {
            DockTree::submit(self, layout);
        }
    }

    /// Closes the open frame and makes its draw data; `false` when none was open.
    pub(crate) fn render(&mut self) -> bool {
        if self.open.is_none() {
            return false;
        }
        self.bind();
        // SAFETY: the context is current and its frame is open.
        unsafe { sys::igRender() };
        true
    }

    /// Gives the library back to other threads; the frame's draw data stays readable until the next `begin_frame`.
    pub(crate) fn release_frame(&mut self) {
        self.open = None;
    }

    fn abandon_frame(&mut self) {
        if let Some(_owned) = self.open.take() {
            self.bind();
            // SAFETY: the context is current and its frame is open.
            unsafe { sys::igEndFrame() };
        }
    }

    /// Whether a frame is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Runs `call` with the window layout as text, which lives only that long.
    pub(crate) fn with_layout<R>(&self, call: impl FnOnce(&[u8]) -> R) -> R {
        let _owned = self.own();
        let mut len = 0usize;
        // SAFETY: the context is current; `len` is written with the length of the text that is returned, which stays
        // in the context until it next saves.
        let text = unsafe {
            let text = sys::igSaveIniSettingsToMemory(&mut len);
            if text.is_null() { &[] } else { core::slice::from_raw_parts(text.cast::<u8>(), len) }
        };
        call(text)
    }

    /// Takes over a window layout that `with_layout` gave.
    pub(crate) fn load_layout(&mut self, text: &str) {
        let _owned = self.own();
        // SAFETY: the context is current; the text is passed with its length and copied.
        unsafe { sys::igLoadIniSettingsFromMemory(text.as_ptr().cast(), text.len()) };
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.abandon_frame();
        let _owned = Owned::acquire();
        // SAFETY: the context is alive and dies here; nothing borrows it (invariant 2).
        unsafe { sys::igDestroyContext(self.raw.as_ptr()) };
    }
}
