//! A slot of the hierarchy: who lives in it, and its links.
//!
//! # Invariants
//! 1. Links are slot numbers or [`NONE`]; a living node's links name living nodes, a parked node's links parked ones.
//! 2. `next` of the last sibling is [`NONE`]; `previous` of the first one is the last.
//! 3. A free slot's `next` is the next free one.
//! 4. A listed slot is in the list of changes, through `next_changed`, exactly once; listing survives the tenant.
//! 5. A parked tenant keeps its slot, its generation and its data, and no handle finds it.

use core::num::NonZeroU32;

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

const ALIVE: u32 = 1;
const VISIBLE: u32 = 2;
const SHOWN: u32 = 4;
const CHANGED: u32 = 8;
const LISTED: u32 = 16;
const MATRIX: u32 = 32;
const PARKED: u32 = 64;
const MARKED: u32 = 128;
const POSED: u32 = 256;
/// The flags' bits; those above them hold the pass.
const FLAG_BITS: u32 = 9;
/// The last pass before they are counted anew.
pub(crate) const PASS_MAX: u32 = u32::MAX >> FLAG_BITS;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub(crate) generation: NonZeroU32,
    pub(crate) parent: u32,
    pub(crate) first_child: u32,
    pub(crate) next: u32,
    pub(crate) previous: u32,
    pub(crate) next_changed: u32,
    flags: u32,
}

const _: () = assert!(size_of::<Node>() == 28, "a million entities pay for every byte");

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
        next: NONE,
        previous: NONE,
        next_changed: NONE,
        flags: 0,
    };

    flags! {
        /// Whether the slot has a tenant that handles find.
        is_alive set_alive ALIVE;
        /// The entity's own wish.
        is_visible set_visible VISIBLE;
        /// Whether it and all above it are visible, as of the last update.
        is_shown set_shown SHOWN;
        /// Whether the world transform is out of date.
        is_changed set_changed CHANGED;
        /// Whether the slot is in the list of changes.
        is_listed set_listed LISTED;
        /// Whether the local transform is a matrix that no parts make up.
        has_matrix set_matrix MATRIX;
        /// Whether the tenant is out of the scene and may come back.
        is_parked set_parked PARKED;
        /// Whether something else than the local transform says where it is shown.
        is_posed set_posed POSED;
        /// Whether it is one of those that a call is about; false between calls.
        is_marked set_marked MARKED;
    }

    /// Whether its local transform alone, and in parts, says where it is shown.
    pub(crate) fn is_plain(&self) -> bool {
        self.flags & (MATRIX | POSED) == 0
    }

    /// The last pass that found this node and all above it up to date.
    pub(crate) fn pass(&self) -> u32 {
        self.flags >> FLAG_BITS
    }

    pub(crate) fn set_pass(&mut self, pass: u32) {
        self.flags = self.flags & ((1 << FLAG_BITS) - 1) | pass << FLAG_BITS;
    }
}
