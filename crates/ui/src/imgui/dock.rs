//! The dockspace over the whole window, and the builder of its layout.

use super::context::Context;
use core::ffi::CStr;
use core::marker::PhantomData;
use dear_imgui_sys as sys;

/// Names the root of the layout; any number but zero, the same in every run so that saved layouts find it.
const ROOT: sys::ImGuiID = 0x564F_4C54;

/// The dock nodes of a layout that is being built, before the dockspace of the frame is submitted.
///
/// # Invariants
/// 1. A [`Leaf`] names a node of this tree that exists and has not been split: it is neither made nor copied elsewhere,
///    and splitting it takes it.
pub(crate) struct DockTree<'c> {
    context: &'c Context,
}

/// Fills a tree, starting from its root.
pub(crate) type BuildFn<'f> = dyn for<'c> FnMut(&DockTree<'c>, Leaf<'c>) + 'f;

/// Which part of a node is split off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direction {
    Left = sys::ImGuiDir_Left as isize,
    Right = sys::ImGuiDir_Right as isize,
    Up = sys::ImGuiDir_Up as isize,
    Down = sys::ImGuiDir_Down as isize,
}

/// A node that windows can dock in.
#[derive(Debug)]
pub(crate) struct Leaf<'c> {
    id: sys::ImGuiID,
    tree: PhantomData<&'c Context>,
}

impl<'c> DockTree<'c> {
    /// Submits the dockspace of the open frame, with a new layout if one is given.
    pub(super) fn submit(context: &Context, layout: Option<&mut BuildFn<'_>>) {
        context.bind();
        if let Some(layout) = layout {
            // SAFETY: the context is current and its frame is open; the node is made anew, before its dockspace.
            unsafe {
                let viewport = sys::igGetMainViewport();
                sys::igDockBuilderAddNode(ROOT, sys::ImGuiDockNodeFlags_DockSpace);
                sys::igDockBuilderSetNodePos(ROOT, (*viewport).WorkPos);
                sys::igDockBuilderSetNodeSize(ROOT, (*viewport).WorkSize);
            }
            layout(&DockTree { context }, Leaf { id: ROOT, tree: PhantomData });
            context.bind();
            // SAFETY: as above; the root exists.
            unsafe { sys::igDockBuilderFinish(ROOT) };
        }
        // SAFETY: the context is current, its frame is open, the dockspace is submitted once in it.
        unsafe {
            sys::igDockSpaceOverViewport(ROOT, core::ptr::null(), sys::ImGuiDockNodeFlags_None, core::ptr::null());
        }
    }

    /// Splits a leaf; gives the part at `direction`, `ratio` of it, and the rest.
    pub(crate) fn split(&self, leaf: Leaf<'c>, direction: Direction, ratio: f32) -> (Leaf<'c>, Leaf<'c>) {
        self.context.bind();
        let ratio = if ratio.is_finite() { ratio.clamp(0.05, 0.95) } else { 0.5 };
        let (mut at, mut rest) = (leaf.id, leaf.id);
        // SAFETY: the context is current and its frame is open; the node exists and has not been split (invariant 1);
        // both results are written to plain values.
        unsafe { sys::igDockBuilderSplitNode(leaf.id, direction as sys::ImGuiDir, ratio, &mut at, &mut rest) };
        (Leaf { id: at, tree: PhantomData }, Leaf { id: rest, tree: PhantomData })
    }

    /// Puts the window of that name into a leaf.
    pub(crate) fn dock(&self, window: &CStr, leaf: &Leaf<'c>) {
        self.context.bind();
        // SAFETY: the context is current; the name is copied into the window's settings.
        unsafe { sys::igDockBuilderDockWindow(window.as_ptr(), leaf.id) };
    }
}
