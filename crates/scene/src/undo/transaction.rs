//! Transactions: edits that are one step, or none.
//!
//! # Invariants
//! 1. While a transaction lives, nobody else can change scene or history.
//! 2. One that isn't committed leaves no trace: dropping it rolls it back. The one exception says so: see
//!    [`Committed::is_kept`].

use core::num::NonZeroU64;

use super::history::{HistoryState, OpenStep};
use super::record::Kind;
use super::replay::{Way, restore_selection, trade_step};
use super::selection::Selection;
use super::step::Step;
use crate::error::SceneError;
use crate::state::SceneState;

/// Edits of a scene that are undone together. Made by [`begin`] and [`begin_merging`]; its methods are in
/// `undo/edits.rs`.
#[must_use = "a transaction that isn't committed is rolled back"]
pub struct Transaction<'t, 'scene> {
    pub(crate) history: &'t mut HistoryState<'scene>,
    pub(crate) scene: &'t mut SceneState<'scene>,
    pub(crate) label: &'t str,
    pub(crate) edits: u32,
    /// Whether something was removed, which the selection forgets in the end.
    pub(crate) has_removed: bool,
    is_merged: bool,
    is_finished: bool,
}

/// What came of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Edits that changed something.
    pub edits: u32,
    /// Whether they can be undone. A step that is larger than the whole budget is done all the same, and the history is
    /// empty then: it can't go back past what it doesn't know.
    pub is_kept: bool,
}

/// Begins a transaction with a label for people, such as "Move 12 objects".
///
/// ```
/// use voltrum_memory::{Arena, Tag};
/// use voltrum_scene::{SpawnDesc, SceneLimits, undo};
///
/// let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// let memory = arena.open();
/// let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default())?;
/// let history = undo::open(scene, memory.tagged(Tag::UNDO), undo::HISTORY_BYTES)?;
///
/// let mut edit = undo::begin(history, scene, "Add lamp");
/// let lamp = edit.spawn(&SpawnDesc { name: "lamp", ..SpawnDesc::default() })?;
/// edit.commit()?;
///
/// assert_eq!(undo::undo(history, scene)?.map(|step| step.label), Some("Add lamp"));
/// assert!(!scene.is_alive(lamp));
/// undo::redo(history, scene)?;
/// assert_eq!(voltrum_scene::name(scene, lamp), Some("lamp"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn begin<'t, 'scene>(
    history: &'t mut HistoryState<'scene>,
    scene: &'t mut SceneState<'scene>,
    label: &'t str,
) -> Transaction<'t, 'scene> {
    open_step(history, scene, label, 0)
}

/// Begins a transaction that becomes part of the last step where that one was begun with the same key and nothing came
/// between: the frames of a drag, or of a slider, are one step. Each value is kept once, as it was before the first, so a
/// long drag takes no more room than a short one. [`seal`] ends it. Rolled back, it takes the whole drag back.
pub fn begin_merging<'t, 'scene>(
    history: &'t mut HistoryState<'scene>,
    scene: &'t mut SceneState<'scene>,
    label: &'t str,
    key: NonZeroU64,
) -> Transaction<'t, 'scene> {
    open_step(history, scene, label, key.get())
}

/// Ends the drag: the next step is one of its own, whatever its key.
pub fn seal(history: &mut HistoryState<'_>) {
    history.is_sealed = true;
}

fn open_step<'t, 'scene>(
    history: &'t mut HistoryState<'scene>,
    scene: &'t mut SceneState<'scene>,
    label: &'t str,
    key: u64,
) -> Transaction<'t, 'scene> {
    let last = history.current.filter(|step| {
        let joins = key != 0 && !history.is_sealed && history.undone == 0;
        joins && Step(*step).key(&history.ring) == key
    });
    if last.is_none() {
        history.told = history.selection.version();
    }
    if last.is_none() || history.released != scene.released {
        history.renew_stamps(scene);
    }
    history.open = Some(OpenStep { step: last, key, is_lost: false });
    history.is_sealed = key == 0;
    Transaction { history, scene, label, edits: 0, has_removed: false, is_merged: last.is_some(), is_finished: false }
}

impl<'scene> Transaction<'_, 'scene> {
    /// The scene as it is now.
    pub fn scene(&self) -> &SceneState<'scene> {
        self.scene
    }

    /// What is selected.
    pub fn selection(&self) -> &Selection<'scene> {
        &self.history.selection
    }

    /// What is selected, to change it after the edits: undo restores what was selected at the first of them, redo what is
    /// selected when the step is committed.
    pub fn selection_mut(&mut self) -> &mut Selection<'scene> {
        &mut self.history.selection
    }

    /// Makes it a step of the history; none, where nothing was changed.
    ///
    /// # Errors
    /// [`SceneError::Memory`] when no page can be had for the history. It is rolled back then.
    pub fn commit(mut self) -> Result<Committed, SceneError> {
        if self.edits == 0 && !self.is_merged && !self.is_lost() {
            return Ok(Committed { edits: 0, is_kept: true });
        }
        if self.has_removed {
            self.history.selection.retain_alive(self.scene);
        }
        let version = self.history.selection.version();
        let step = self.history.open.and_then(|open| open.step);
        if step.is_some() && version != self.history.told {
            self.history.record_selection(self.scene, self.label, 1)?;
        }
        self.is_finished = true;
        self.history.told = version;
        let open = self.history.open.take();
        if let Some(step) = open.and_then(|open| open.step).map(Step) {
            if self.is_merged {
                step.set_serial(&mut self.history.ring, self.history.next_serial);
                self.history.next_serial += 1;
            }
            step.note(&mut self.history.ring, self.edits);
        }
        Ok(Committed { edits: self.edits, is_kept: !open.is_some_and(|open| open.is_lost) })
    }

    /// Takes everything back.
    pub fn roll_back(self) {
        drop(self);
    }

    /// Adds a record; nothing where the step is not kept.
    pub(crate) fn record(&mut self, kind: Kind, payload: &[u32]) -> Result<bool, SceneError> {
        Ok(self.history.record(self.scene, self.label, kind, payload)?.is_some())
    }

    /// Whether the step outgrew the budget.
    pub(crate) fn is_lost(&self) -> bool {
        self.history.open.is_some_and(|open| open.is_lost)
    }
}

impl Drop for Transaction<'_, '_> {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        let Some(step) = self.history.open.take().and_then(|open| open.step).map(Step) else { return };
        // values go back to where there was room for them before
        let _as_far_as_it_goes = trade_step(self.history, self.scene, step, Way::Undo).and(restore_selection(
            self.history,
            self.scene,
            step,
            0,
        ));
        self.history.current = step.previous(&self.history.ring);
        self.history.done -= 1;
        self.history.undone += 1;
        self.history.cut(self.scene);
    }
}
