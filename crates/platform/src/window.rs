//! The window: what the renderer draws to, or its headless twin, which has a size and nothing else.
//!
//! # Invariants
//! 1. `size` and `scale` are what the last pump saw; reading them asks nobody.
//! 2. A headless window never touches the window system: no display, no library, no limit on their number.
//! 3. Everything here takes `&self` and may be called from any thread.
//!
//! # Deliberately absent
//! Several windows, full screen.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use raw_window_handle::{DisplayHandle, HandleError, HasDisplayHandle, HasWindowHandle, WindowHandle};
use voltrum_memory::{ArenaBox, Tag, Tagged, heap_scope};
use winit::window::CursorIcon;

use crate::error::PlatformError;
use crate::pump::Pump;

/// What to open.
#[derive(Clone, Copy, Debug)]
pub struct WindowConfig<'c> {
    /// The title bar's text.
    pub title: &'c str,
    /// Width and height, in pixels at scale 1: the window system multiplies by its own scale.
    pub size: [u32; 2],
    /// A real window, or none.
    pub mode: WindowMode,
}

/// Whether there is a window to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowMode {
    /// A window of the system; one per process.
    Windowed,
    /// No window: messages are posted by the program. Any number, on any thread.
    Headless,
}

/// The mouse cursor's picture while it is over the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum CursorShape {
    /// The arrow.
    #[default]
    Arrow,
    /// Over text that can be edited.
    Text,
    /// Moves something in any direction.
    Move,
    /// Resizes upwards and downwards.
    ResizeVertical,
    /// Resizes to the left and right.
    ResizeHorizontal,
    /// Resizes along the diagonal from lower left to upper right.
    ResizeRising,
    /// Resizes along the diagonal from upper left to lower right.
    ResizeFalling,
    /// Over a link.
    Hand,
    /// Busy, input is taken.
    Progress,
    /// Busy, input waits.
    Wait,
    /// Not possible here.
    Forbidden,
    /// No cursor.
    Hidden,
}

/// Opens a window or its headless twin.
///
/// The pump goes to [`startup`](crate::startup); the window is dropped after the state that it returns.
///
/// # Errors
/// [`PlatformError::NoDisplay`] without a display, [`PlatformError::MissingLibrary`] naming what to install,
/// [`PlatformError::WindowTaken`] when this process has opened a window before, [`PlatformError::WindowSystem`] for any
/// other refusal, [`PlatformError::Memory`] when the arena is full.
///
/// # Example
/// ```
/// use voltrum_memory::{Arena, Tag};
/// use voltrum_platform::window::{self, WindowConfig, WindowMode};
///
/// let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
/// let scope = arena.open();
/// let config = WindowConfig { title: "viewer", size: [640, 480], mode: WindowMode::Headless };
/// let (_pump, window) = window::open(scope.tagged(Tag::PLATFORM), &config)?;
/// assert_eq!(window.size(), [640, 480]);
/// # Ok::<(), voltrum_platform::PlatformError>(())
/// ```
pub fn open<'app>(
    permanent: Tagged<'app>,
    config: &WindowConfig<'_>,
) -> Result<(Pump, ArenaBox<'app, Window>), PlatformError> {
    let permanent = permanent.with_tag(Tag::PLATFORM);
    let (pump, window) = match config.mode {
        WindowMode::Headless => (Pump::headless(), Window::headless(config.size)),
        WindowMode::Windowed => {
            let (pump, native) = Pump::open_window(config)?;
            (pump, Window::native(native))
        }
    };
    Ok((pump, permanent.try_alloc_box(window)?))
}

/// A window, or its headless twin.
///
/// Implements [`HasWindowHandle`] and [`HasDisplayHandle`]; a headless window has no handles and answers
/// [`HandleError::NotSupported`].
pub struct Window {
    native: Option<winit::window::Window>,
    /// Width in the upper half, height in the lower one.
    size: AtomicU64,
    scale_bits: AtomicU32,
    cursor: AtomicU8,
    /// Where the text cursor is: two halves of 32 bits, or [`NO_TEXT`].
    text_at: AtomicU64,
    refresh: Option<Duration>,
}

impl Window {
    fn headless(size: [u32; 2]) -> Self {
        Self {
            native: None,
            size: AtomicU64::new(pack(size)),
            scale_bits: AtomicU32::new(1.0f32.to_bits()),
            cursor: AtomicU8::new(CursorShape::Arrow as u8),
            text_at: AtomicU64::new(NO_TEXT),
            refresh: None,
        }
    }

    fn native(native: winit::window::Window) -> Self {
        let _foreign = heap_scope(Tag::FOREIGN);
        let size = native.inner_size();
        let refresh = native
            .current_monitor()
            .and_then(|monitor| monitor.refresh_rate_millihertz())
            .filter(|&millihertz| millihertz > 0)
            .map(|millihertz| Duration::from_secs_f64(1000.0 / f64::from(millihertz)));
        Self {
            size: AtomicU64::new(pack([size.width, size.height])),
            scale_bits: AtomicU32::new((native.scale_factor() as f32).to_bits()),
            cursor: AtomicU8::new(CursorShape::Arrow as u8),
            text_at: AtomicU64::new(NO_TEXT),
            native: Some(native),
            refresh,
        }
    }

    /// Width and height of the drawable area in physical pixels; `[0, 0]` while some systems have it minimised.
    pub fn size(&self) -> [u32; 2] {
        let packed = self.size.load(Ordering::Relaxed);
        [(packed >> 32) as u32, packed as u32]
    }

    /// Physical pixels per logical pixel: 1.0 on an ordinary screen, 2.0 on a dense one.
    pub fn scale(&self) -> f32 {
        f32::from_bits(self.scale_bits.load(Ordering::Relaxed))
    }

    /// Whether this is the twin without a window.
    pub fn is_headless(&self) -> bool {
        self.native.is_none()
    }

    /// Time between two pictures of the monitor that the window opened on; `None` headless and where the system does not say.
    pub fn refresh_interval(&self) -> Option<Duration> {
        self.refresh
    }

    /// Sets the title bar's text. Does nothing headless.
    pub fn set_title(&self, title: &str) {
        if let Some(native) = &self.native {
            let _foreign = heap_scope(Tag::FOREIGN);
            native.set_title(title);
        }
    }

    /// Asks for another size of the drawable area, in physical pixels.
    ///
    /// A headless window has it at once; a real one when the window system agrees. In both cases the next pump that sees
    /// the new size posts [`EventCode::RESIZED`](crate::events::EventCode::RESIZED).
    pub fn set_size(&self, size: [u32; 2]) {
        match &self.native {
            None => self.note_size(size),
            Some(native) => {
                let _foreign = heap_scope(Tag::FOREIGN);
                let wanted = winit::dpi::PhysicalSize::new(size[0], size[1]);
                if let Some(granted) = native.request_inner_size(wanted) {
                    self.note_size([granted.width, granted.height]);
                }
            }
        }
    }

    /// Chooses the mouse cursor's picture; asking for the one that is shown costs nothing. Does nothing headless.
    pub fn set_cursor(&self, shape: CursorShape) {
        let before = self.cursor.swap(shape as u8, Ordering::Relaxed);
        let Some(native) = &self.native else { return };
        if before == shape as u8 {
            return;
        }
        let _foreign = heap_scope(Tag::FOREIGN);
        match cursor_icon(shape) {
            Some(icon) => {
                native.set_cursor(icon);
                native.set_cursor_visible(true);
            }
            None => native.set_cursor_visible(false),
        }
    }

    /// Turns the input method (Chinese, Japanese, Korean, …) on beside the text cursor at `position`, in physical pixels
    /// from the upper left corner, or off. Asking for what is so costs nothing. Does nothing headless.
    pub fn set_input_method(&self, position: Option<[f32; 2]>) {
        let place = position.map(|place| place.map(|side| if side.is_finite() { side.max(0.0) as u32 } else { 0 }));
        let wanted = place.map_or(NO_TEXT, pack);
        let before = self.text_at.swap(wanted, Ordering::Relaxed);
        let Some(native) = &self.native else { return };
        if before == wanted {
            return;
        }
        let _foreign = heap_scope(Tag::FOREIGN);
        if (before == NO_TEXT) != (wanted == NO_TEXT) {
            native.set_ime_allowed(wanted != NO_TEXT);
        }
        if let Some([x, y]) = place {
            native.set_ime_cursor_area(winit::dpi::PhysicalPosition::new(x, y), winit::dpi::PhysicalSize::new(1, 20));
        }
    }

    /// Left and top of the window with its frame on the screen, in physical pixels; `None` headless and where the window
    /// system keeps that to itself. A question to the window system: not for every frame.
    pub fn ask_position(&self) -> Option<[i32; 2]> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let position = self.native.as_ref()?.outer_position().ok()?;
        Some([position.x, position.y])
    }

    /// Asks for another place on the screen, in physical pixels. Does nothing headless, and where windows don't choose.
    pub fn set_position(&self, [x, y]: [i32; 2]) {
        if let Some(native) = &self.native {
            let _foreign = heap_scope(Tag::FOREIGN);
            native.set_outer_position(winit::dpi::PhysicalPosition::new(x, y));
        }
    }

    /// Whether the system says that the window is minimised. A question to the window system: not for every frame.
    pub(crate) fn ask_minimised(&self) -> bool {
        let _foreign = heap_scope(Tag::FOREIGN);
        self.native.as_ref().and_then(winit::window::Window::is_minimized).unwrap_or(false)
    }

    /// Whether the window had the keyboard when it opened; a headless one always does.
    pub(crate) fn ask_focused(&self) -> bool {
        self.native.as_ref().is_none_or(winit::window::Window::has_focus)
    }

    pub(crate) fn note_size(&self, size: [u32; 2]) {
        self.size.store(pack(size), Ordering::Relaxed);
    }

    pub(crate) fn note_scale(&self, scale: f32) {
        self.scale_bits.store(scale.to_bits(), Ordering::Relaxed);
    }
}

impl HasWindowHandle for Window {
    fn window_handle(&self) -> Result<WindowHandle<'_>, HandleError> {
        self.native.as_ref().ok_or(HandleError::NotSupported)?.window_handle()
    }
}

impl HasDisplayHandle for Window {
    fn display_handle(&self) -> Result<DisplayHandle<'_>, HandleError> {
        self.native.as_ref().ok_or(HandleError::NotSupported)?.display_handle()
    }
}

/// No text is being edited.
const NO_TEXT: u64 = u64::MAX;

fn pack([width, height]: [u32; 2]) -> u64 {
    (u64::from(width) << 32) | u64::from(height)
}

fn cursor_icon(shape: CursorShape) -> Option<CursorIcon> {
    Some(match shape {
        CursorShape::Arrow => CursorIcon::Default,
        CursorShape::Text => CursorIcon::Text,
        CursorShape::Move => CursorIcon::AllScroll,
        CursorShape::ResizeVertical => CursorIcon::NsResize,
        CursorShape::ResizeHorizontal => CursorIcon::EwResize,
        CursorShape::ResizeRising => CursorIcon::NeswResize,
        CursorShape::ResizeFalling => CursorIcon::NwseResize,
        CursorShape::Hand => CursorIcon::Pointer,
        CursorShape::Progress => CursorIcon::Progress,
        CursorShape::Wait => CursorIcon::Wait,
        CursorShape::Forbidden => CursorIcon::NotAllowed,
        CursorShape::Hidden => return None,
    })
}

/// Invariant 3, kept by the compiler.
const _: fn() = || {
    fn any_thread<T: Send + Sync>() {}
    any_thread::<Window>();
};
