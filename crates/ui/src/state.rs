//! The interface's state, and the frame that is drawn with it.
//!
//! `begin_frame`, then the layers draw through [`widgets`], then `end_frame`, which gives the packet for the renderer.
//!
//! Several states may live in one process, one after another or interleaved; each has a Dear ImGui context of its own,
//! all share the one heap behind the library's allocator hook.

use crate::imgui::{self, Context, FrameInput};
use crate::layers::LayerStack;
use crate::layout::{self, DockBuilder, LayoutFn};
use crate::theme::Theme;
use crate::widgets::Ui;
use crate::{UiError, input, packet};
use core::ptr::NonNull;
use voltrum_memory::{Arena, ArenaBox, ArenaView, HeapStats, Scope, Tag, Tagged};
use voltrum_platform::input::{self as keyboard, InputState};
use voltrum_platform::{Clipboard, CursorShape};
use voltrum_render::UiPacket;

/// The shortest time between two frames that the library is told; it asserts that there is some.
const DELTA_SECS_MIN: f32 = 1.0e-6;

/// Scales outside of this are a mistake of the window system.
const SCALE_RANGE: [f32; 2] = [0.25, 8.0];

/// Address space for a layout while its sizes change.
const LAYOUT_BYTES: usize = 4 << 20;

/// The alpha of a packed colour.
const OPAQUE: u32 = 0xFF00_0000;

/// How an interface starts.
#[derive(Clone, Copy, Debug)]
pub struct UiConfig {
    /// Colours and measures.
    pub theme: Theme,
    /// Builds the layout of the first frame, unless one has been loaded by then.
    pub layout: Option<LayoutFn>,
    /// The most layers at one time.
    pub layers_max: usize,
}

impl Default for UiConfig {
    fn default() -> UiConfig {
        UiConfig { theme: Theme::DARK, layout: None, layers_max: 32 }
    }
}

/// The interface. Not `Send`: Dear ImGui belongs to the thread that draws.
///
/// ```compile_fail
/// fn send<T: Send>() {}
/// send::<voltrum_ui::UiState<'static>>();
/// ```
pub struct UiState<'app> {
    /// Dropped before the clipboard that it is connected to.
    context: Context,
    clipboard: ArenaBox<'app, Clipboard>,
    layers: LayerStack<'app>,
    layout: Option<LayoutFn>,
    /// The next frame builds its layout anew.
    layout_due: bool,
    /// The scale that the sizes of docked windows are for; 0 while there are none.
    layout_scale: f32,
    /// The next packet makes all textures anew.
    resend: bool,
    cursor: CursorShape,
    /// Left, top of the text cursor, and its height.
    text_cursor: Option<([f32; 2], f32)>,
    /// Ctrl, Alt or the logo key is held.
    is_commanding: bool,
}

/// Brings the interface up inside the permanent arena. On failure nothing is left open.
///
/// # Errors
/// [`UiError::Memory`] when an arena is full or the heap finds no address space; [`UiError::ForeignContext`] when
/// another user of Dear ImGui was first.
pub fn startup<'app>(permanent: Tagged<'app>, config: UiConfig) -> Result<ArenaBox<'app, UiState<'app>>, UiError> {
    let permanent = permanent.with_tag(Tag::UI);
    let state = UiState {
        layers: LayerStack::try_new_in(config.layers_max, permanent)?,
        clipboard: permanent.try_alloc_box(Clipboard::private())?,
        context: Context::create(&config.theme)?,
        layout: config.layout,
        layout_due: config.layout.is_some(),
        layout_scale: 0.0,
        resend: false,
        cursor: CursorShape::Arrow,
        text_cursor: None,
        is_commanding: false,
    };
    Ok(permanent.try_alloc_box(state)?)
}

/// Looks like this from the next frame on.
pub fn set_theme(ui: &mut UiState<'_>, theme: &Theme) {
    ui.context.set_theme(theme);
}

/// Begins a frame with this frame's input. `delta_secs` since the last one; `display_size` in physical pixels; `scale`
/// is physical pixels per unit: text is drawn crisply at it, and where it changes, windows and panels keep their size in units.
///
/// A frame that was begun and not ended is thrown away. While another thread has a frame open, this one waits.
pub fn begin_frame(ui: &mut UiState<'_>, input: &InputState<'_>, delta_secs: f32, display_size: [u32; 2], scale: f32) {
    // the box's content stays where it is, is dropped after the context, and is nobody else's until the frame ends
    ui.context.connect_clipboard(NonNull::from(&mut *ui.clipboard));
    let _owned = ui.context.own();
    input::feed(&ui.context, voltrum_platform::input::messages(input), &mut ui.is_commanding);
    let scale = if scale.is_finite() { scale.clamp(SCALE_RANGE[0], SCALE_RANGE[1]) } else { 1.0 };
    rescale_layout(ui, scale);
    ui.context.begin_frame(&FrameInput {
        size: display_size.map(|side| side as f32),
        scale,
        delta_secs: if delta_secs.is_finite() { delta_secs.max(DELTA_SECS_MIN) } else { DELTA_SECS_MIN },
    });
    // without an area there is nothing to divide: the layout waits until the window has one
    let due = ui.layout_due && display_size.iter().all(|&side| side > 0);
    match ui.layout.filter(|_| due) {
        Some(build) => {
            ui.layout_due = false;
            ui.context.dockspace(Some(&mut |tree, root| DockBuilder::run(tree, root, build)));
        }
        None => ui.context.dockspace(None),
    }
    compose(ui, keyboard::composition(input));
}

/// Brings the sizes of windows and panels to another scale, by way of the layout as text: the library has no other.
fn rescale_layout(ui: &mut UiState<'_>, scale: f32) {
    // a frame that was left open is closed by the next one, which may rewrite the layout after it
    if ui.context.is_open() {
        return;
    }
    let before = core::mem::replace(&mut ui.layout_scale, scale);
    if before == scale || before == 0.0 {
        return;
    }
    let scaled = Arena::try_reserve("layout", LAYOUT_BYTES).map_err(UiError::from).and_then(|mut arena| {
        let memory = arena.open();
        let memory = memory.tagged(Tag::UI);
        let text = ui.context.with_layout(|text| layout::scaled(layout::words(text)?, scale / before, memory))?;
        ui.context.load_layout(text);
        Ok(())
    });
    if let Err(error) = scaled {
        tracing::warn!(%error, "windows keep their size in pixels on a screen of another scale");
    }
}

/// Shows what an input method is composing, where the text cursor was in the last frame.
fn compose(ui: &UiState<'_>, text: &str) {
    if let (Some((at, _)), Some(frame)) = (ui.text_cursor.filter(|_| !text.is_empty()), ui.context.frame()) {
        frame.draw_note_in_front(at, text, [frame.field_color() | OPAQUE, frame.text_color()]);
    }
}

/// The open frame's widgets. Copy it into every layer; the interface can't end its frame while one is in use:
///
/// ```compile_fail
/// # use voltrum_memory::Scope;
/// # fn turn(state: &mut voltrum_ui::UiState<'_>, frame: &Scope<'_>) {
/// let widgets = voltrum_ui::widgets(state).unwrap();
/// let packet = voltrum_ui::end_frame(state, frame);
/// widgets.text("too late");
/// # }
/// ```
///
/// # Errors
/// [`UiError::NoFrame`] outside of a frame.
pub fn widgets<'u>(ui: &'u UiState<'_>) -> Result<Ui<'u>, UiError> {
    ui.context.frame().map(Ui::new).ok_or(UiError::NoFrame)
}

/// Ends the frame: what was drawn, copied into the frame arena.
///
/// The packet's texture updates are told once. Where a packet does not reach the renderer, call [`resend_textures`].
///
/// # Errors
/// [`UiError::NoFrame`] when none is open; [`UiError::Memory`] when the arena is full, and the frame is over then too.
pub fn end_frame<'frame>(ui: &mut UiState<'_>, frame: &'frame Scope<'_>) -> Result<UiPacket<'frame>, UiError> {
    ui.cursor = ui.context.frame().map(|frame| cursor_shape(frame.mouse_cursor())).ok_or(UiError::NoFrame)?;
    ui.text_cursor = ui.context.text_cursor();
    ui.context.render();
    let packet = match ui.context.draw_data() {
        Some(data) => packet::build(&data, frame.tagged(Tag::UI), ui.resend),
        None => Err(UiError::NoFrame),
    };
    ui.context.release_frame();
    ui.resend &= packet.is_err();
    packet
}

/// Whether the mouse belongs to the interface: it is over a window or holds something. Input that the interface wants
/// should not move the scene.
pub fn wants_mouse(ui: &UiState<'_>) -> bool {
    ui.context.wants_mouse()
}

/// Whether the keyboard belongs to the interface: a field is being edited, a pop-up blocks the rest. An
/// [`Area`](crate::Area) that is held leaves the keyboard to the application.
pub fn wants_keyboard(ui: &UiState<'_>) -> bool {
    ui.context.wants_keyboard()
}

/// Whether typed characters go into a field.
pub fn wants_text(ui: &UiState<'_>) -> bool {
    ui.context.wants_text()
}

/// Whether input waits for the next frame: what falls into one (a press and its release) is spread over several. Who draws
/// only when needed draws until there is none.
pub fn has_waiting_input(ui: &UiState<'_>) -> bool {
    ui.context.has_waiting_input()
}

/// The mouse cursor that the last frame asked for.
pub fn cursor(ui: &UiState<'_>) -> CursorShape {
    ui.cursor
}

/// Where the text cursor stood in the last frame, in physical pixels, while a field was being edited: for
/// [`Window::set_input_method`](voltrum_platform::Window::set_input_method).
pub fn text_cursor(ui: &UiState<'_>) -> Option<[f32; 2]> {
    ui.text_cursor.map(|([x, y], height)| [x, y + height])
}

/// Copies to and pastes from the clipboard that programs share, from now on; before, only within this interface.
pub fn use_system_clipboard(ui: &mut UiState<'_>) {
    ui.clipboard.share();
}

/// Copies a text, as if a person had.
pub fn copy(ui: &mut UiState<'_>, text: &str) {
    ui.clipboard.write(text);
}

/// The layers.
pub fn layers<'u, 'app>(ui: &'u UiState<'app>) -> &'u LayerStack<'app> {
    &ui.layers
}

/// The layers, to add and remove some.
pub fn layers_mut<'u, 'app>(ui: &'u mut UiState<'app>) -> &'u mut LayerStack<'app> {
    &mut ui.layers
}

/// The next packet makes every texture anew: the renderer has lost them, or a packet did not reach it.
pub fn resend_textures(ui: &mut UiState<'_>) {
    ui.resend = true;
}

/// Builds the layout of the configuration anew in the next frame.
pub fn reset_layout(ui: &mut UiState<'_>) {
    ui.layout_due = ui.layout.is_some();
}

/// Whether windows were moved, docked or resized since the last call; some seconds late, so that a file is not written
/// at every step.
pub fn take_layout_changed(ui: &mut UiState<'_>) -> bool {
    ui.context.take_layout_changed()
}

/// The window layout as text, for [`load_layout`], with sizes as they are at scale 1. The interface itself writes no file.
///
/// # Errors
/// [`UiError::FrameOpen`] in the middle of a frame; [`UiError::Memory`] when the arena is full.
pub fn save_layout<'a>(ui: &UiState<'_>, memory: Tagged<'a>) -> Result<&'a str, UiError> {
    if ui.context.is_open() {
        return Err(UiError::FrameOpen);
    }
    let scale = if ui.layout_scale > 0.0 { ui.layout_scale } else { 1.0 };
    ui.context.with_layout(|text| layout::seal(layout::scaled(layout::words(text)?, 1.0 / scale, memory)?, memory))
}

/// Takes over a layout that [`save_layout`] gave; the one of the configuration is not built then.
///
/// # Errors
/// [`UiError::Layout`] when the text is damaged: the layout stays as it was. [`UiError::FrameOpen`] in the middle of a
/// frame.
pub fn load_layout(ui: &mut UiState<'_>, layout: &str) -> Result<(), UiError> {
    if ui.context.is_open() {
        return Err(UiError::FrameOpen);
    }
    ui.context.load_layout(layout::unseal(layout)?);
    (ui.layout_due, ui.layout_scale) = (false, 1.0);
    Ok(())
}

/// How often Dear ImGui has allocated in this process, through all contexts. A steady frame adds none.
pub fn hook_allocations() -> u64 {
    heap_stats().allocations as u64
}

/// The heap behind the library's allocator hook; all zero before the first start-up.
pub fn heap_stats() -> HeapStats {
    imgui::heap().map(|heap| heap.stats()).unwrap_or_default()
}

/// The heap's arena, for the memory report; `None` before the first start-up.
pub fn heap_view() -> Option<ArenaView<'static>> {
    imgui::heap().map(|heap| heap.view())
}

/// The library's cursors in its own numbering.
fn cursor_shape(cursor: i32) -> CursorShape {
    match cursor {
        -1 => CursorShape::Hidden,
        1 => CursorShape::Text,
        2 => CursorShape::Move,
        3 => CursorShape::ResizeVertical,
        4 => CursorShape::ResizeHorizontal,
        5 => CursorShape::ResizeRising,
        6 => CursorShape::ResizeFalling,
        7 => CursorShape::Hand,
        8 => CursorShape::Wait,
        9 => CursorShape::Progress,
        10 => CursorShape::Forbidden,
        _ => CursorShape::Arrow,
    }
}
