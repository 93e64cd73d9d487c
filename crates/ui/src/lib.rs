//! The user interface: Dear ImGui in an arena, with layers, dockable windows and a packet for the renderer.
//!
//! The library's memory comes from one heap of the process under tag `UI`; a frame's drawing is copied into the frame
//! arena; a steady frame allocates nothing, neither there nor on the Rust heap. Text is formatted on the stack
//! (`format_args!` or anything that implements `Display`), windows and trees nest in closures.
//!
//! ```
//! use voltrum_memory::{Arena, Tag};
//! use voltrum_platform::input;
//! use voltrum_ui::{self as ui, UiConfig, Window};
//!
//! let mut permanent = Arena::try_reserve("permanent", 16 << 20)?;
//! let permanent = permanent.open();
//! let mut frames = Arena::try_reserve("frame", 64 << 20)?;
//! let input = input::startup(permanent.tagged(Tag::INPUT))?;
//! let mut interface = ui::startup(permanent.tagged(Tag::UI), UiConfig::default())?;
//! let mut wireframe = false;
//!
//! let frame = frames.open(); // 'frame: one turn of the loop
//! ui::begin_frame(&mut interface, &input, 1.0 / 60.0, [1280, 720], 1.0);
//! let widgets = ui::widgets(&interface)?;
//! widgets.window("Statistics", Window::new(), || {
//!     widgets.text(format_args!("{} meshes", 12));
//!     widgets.checkbox("Wireframe", &mut wireframe);
//!     if widgets.button("Fit") {
//!         // move the camera
//!     }
//! });
//! let packet = ui::end_frame(&mut interface, &frame)?;
//! assert!(!packet.commands.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! 1. `unsafe` and the library's C interface are in `imgui/`, nowhere else.
//! 2. The layout is the application's to keep: the library reads and writes no file.

#![deny(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros))]

mod color;
mod error;
mod gizmo;
#[allow(unsafe_code, reason = "the one folder that talks to Dear ImGui's C interface")]
mod imgui;
mod input;
mod label;
mod layers;
mod layout;
mod packet;
mod state;
mod theme;
mod widgets;

pub use color::Color;
pub use error::UiError;
pub use gizmo::{Gizmo, GizmoChange, GizmoEvent, GizmoKind, GizmoPlace, GizmoPointer, GizmoView};
pub use layers::{Layer, LayerId, LayerStack};
pub use layout::{DockBuilder, DockNode, LayoutFn, Side};
pub use state::{
    UiConfig, UiState, begin_frame, copy, cursor, end_frame, has_waiting_input, heap_stats, heap_view,
    hook_allocations, layers, layers_mut, load_layout, resend_textures, reset_layout, save_layout, set_theme, startup,
    take_layout_changed, text_cursor, use_system_clipboard, wants_keyboard, wants_mouse, wants_text, widgets,
};
pub use theme::Theme;
pub use voltrum_render::UiTexture;
pub use widgets::{
    Area, Bar, Column, Draw, Dropped, Edited, Item, MouseButton, Number, Plot, Popup, Region, Segment, Table,
    TableStyle, TextField, TreeItem, TreeNode, Ui, Unit, Window,
};
