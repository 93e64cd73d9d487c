//! Dear ImGui itself: everything in this crate that is `unsafe`.
//!
//! One file per noun over the C interface (`dear-imgui-sys`): the heap its allocator hook uses, the thread that owns
//! the library, the context, its style, its input queue, the frame's calls, its draw data, its textures, the dock
//! builder. What leaves this folder is safe to call in any order.
//!
//! # Invariants
//! 1. A [`Context`] owns a live `ImGuiContext`; it can't leave its thread, so neither can a [`Frame`].
//! 2. A [`Frame`] exists only between `begin_frame` and `end_frame` of its context: it borrows the context, and both
//!    of those take it mutably. The thread owns the library (`GImGui`) for all of that time.
//! 3. Every call that reads `GImGui` makes its own context current first, so contexts interleave freely.
//! 4. What is begun is ended by a guard of the same frame, and guards nest because they live in closures: the stacks
//!    inside Dear ImGui can't be unbalanced from outside this crate.
//! 5. Text goes in NUL-terminated or as begin and end, and is copied or consumed by the call.
//! 6. Dear ImGui is compiled with its assertions; what its checks for user errors find is shown, not asserted.
//!
//! # Deliberately absent
//! No second path to the library: the safe layer of the same family allocates per frame, keeps one process-wide lock
//! and one active context, and panics on misuse, so this crate goes straight to the C interface.

mod clipboard;
mod context;
mod dock;
mod drag_drop;
mod draw_data;
mod draw_list;
mod frame;
mod heap;
mod io;
mod items;
mod style;
mod table;
mod textures;
mod thread;
mod values;
mod windows;

pub(crate) use context::Context;
pub(crate) use dock::{Direction, DockTree, Leaf};
pub(crate) use draw_data::{DrawData, RawTexture};
pub(crate) use frame::{Frame, StyleColor};
pub(crate) use heap::heap;
pub(crate) use io::FrameInput;
pub(crate) use textures::{Texture, Wish};
pub use values::Unit;
pub(crate) use windows::{ChildOptions, WindowOptions};

use dear_imgui_sys as sys;

/// A vector in the shape the C interface takes.
fn vec2([x, y]: [f32; 2]) -> sys::ImVec2_c {
    sys::ImVec2_c { x, y }
}

/// A vector in the shape this crate uses.
fn pair(v: sys::ImVec2_c) -> [f32; 2] {
    [v.x, v.y]
}
