//! Undo and redo: every edit is part of a step, and steps go back and forth.
//!
//! [`begin`] opens a [`Transaction`]; its methods are the edits; [`Transaction::commit`] makes it one step with a label.
//! [`undo`] and [`redo`] go through the steps. The history keeps to a budget of bytes in the scene arena: its oldest steps
//! leave first, and [`HistoryState::bytes`], [`HistoryState::steps`] and [`HistoryState::lost`] say what is left.
//!
//! # Invariants
//! 1. A step holds what it replaced, not what it did: undoing trades it with the scene, redoing trades it back. Bit for
//!    bit, entities under their old handles, siblings in their old order.
//! 2. Entities that a step removed stay in their slots, out of reach, until the step is given up; then their handles never
//!    resolve again.
//! 3. Nothing here has a destructor but the transaction itself, which lives on the stack.
//!
//! # Deliberately absent
//! No list of closures and no trait object per edit: steps are words in a ring. Changes made by the scene's plain functions
//! are no part of the history; it steps around them.

mod arrange;
mod edits;
mod history;
mod record;
mod replay;
mod ring;
mod selection;
mod step;
mod transaction;
mod visit;
mod words;

pub use arrange::Keep;
pub use history::{HISTORY_BYTES, HistoryState, open, open_boxed};
pub use replay::{redo, undo};
pub use selection::Selection;
pub use step::StepView;
pub use transaction::{Committed, Transaction, begin, begin_merging, seal};
pub use visit::{Told, visit_edits};
