//! A slot of the hierarchy: who lives in it, and its links.
//!
//! # Invariants
//! 1. Links are slot numbers or [`NONE`]; a living node's links name living nodes.
//! 2. A free slot's `next` is the next free one.
//! 3. A listed slot is in the list of changes, through `next_changed`, exactly once; listing survives the tenant.

use core::num::NonZeroU32;

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

const ALIVE: u8 = 1;
const VISIBLE: u8 = 2;
const SHOWN: u8 = 4;
const CHANGED: u8 = 8;
const LISTED: u8 = 16;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub(crate) generation: NonZeroU32,
    pub(crate) parent: u32,
    pub(crate) first_child: u32,
    pub(crate) last_child: u32,
    pub(crate) next: u32,
    pub(crate) previous: u32,
    pub(crate) next_changed: u32,
    /// The last pass that found this node and all above it up to date.
    pub(crate) pass: u32,
    flags: u8,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $get:ident $set:ident $bit:ident;)*) => { $(
        $(#[$doc])*
        pub(crate) fn $get(&self) -> bool {
            self.flags & $bit != 0
        }
        pub(crate) fn $set(&mut self, on: bool) {
            self.flags = if on { self.flags | $bit } else { self.flags & !$bit };
        }
    )* };
}

impl Node {
    /// A slot that has never had a tenant.
    pub(crate) const NEW: Node = Node {
        generation: NonZeroU32::MIN,
        parent: NONE,
        first_child: NONE,
        last_child: NONE,
        next: NONE,
        previous: NONE,
        next_changed: NONE,
        pass: 0,
        flags: 0,
    };

    flags! {
        /// Whether the slot has a tenant.
        is_alive set_alive ALIVE;
        /// The entity's own wish.
        is_visible set_visible VISIBLE;
        /// Whether it and all above it are visible, as of the last update.
        is_shown set_shown SHOWN;
        /// Whether the world transform is out of date.
        is_changed set_changed CHANGED;
        /// Whether the slot is in the list of changes.
        is_listed set_listed LISTED;
    }
}
