//! The history: steps in a ring, oldest first, and how many of them are undone.
//!
//! # Invariants
//! 1. Steps lie in the ring in the order in which they were done; the undone ones are the last, and a new step cuts them
//!    off.
//! 2. Room is made by giving up the oldest step, never the one that is being recorded. One that is larger than the whole
//!    budget is not kept, and neither is what came before it.
//! 3. What a kept step can bring back is parked in the scene; giving the step up ends it.

use voltrum_memory::{ArenaBox, Tag, Tagged};

use super::record::{HEADER, each_record};
use super::ring::Ring;
use super::selection::Selection;
use super::step::{Step, StepView};
use crate::array::{Array, array_tagged, push};
use crate::error::SceneError;
use crate::state::SceneState;

/// Bytes of history that are usual.
pub const HISTORY_BYTES: usize = 64 << 20;

/// What can be undone and redone. Lives in the scene arena, made by [`open`].
pub struct HistoryState<'scene> {
    pub(crate) ring: Ring<'scene>,
    pub(crate) oldest: Option<u64>,
    pub(crate) newest: Option<u64>,
    /// The last step that is done.
    pub(crate) current: Option<u64>,
    pub(crate) open: Option<OpenStep>,
    pub(crate) selection: Selection<'scene>,
    /// By slot: the step that last recorded its tenant's values, and which.
    stamps: Array<'scene, [u32; 2]>,
    pub(crate) stamp: u32,
    /// What [`SceneState::released`] was when the stamp was new.
    pub(crate) released: u64,
    pub(crate) is_sealed: bool,
    /// The selection's version when a step last told of it.
    pub(crate) told: u64,
    pub(crate) done: usize,
    pub(crate) undone: usize,
    lost: u64,
    pub(crate) next_serial: u64,
    /// The state before the oldest step that is kept.
    first_serial: u64,
}

/// A step that is being recorded.
#[derive(Clone, Copy)]
pub(crate) struct OpenStep {
    /// Where it is; before its first record it is nowhere.
    pub(crate) step: Option<u64>,
    pub(crate) key: u64,
    /// Whether it outgrew the budget.
    pub(crate) is_lost: bool,
}

const _: () = assert!(!core::mem::needs_drop::<HistoryState<'static>>(), "closing a scene is O(1)");

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<HistoryState<'static>>()
};

/// Opens an empty history in the scene arena. It never takes more than `budget_bytes` for its steps.
///
/// # Errors
/// [`SceneError::Memory`] when the arena has no room for it.
pub fn open<'scene>(
    scene: &SceneState<'scene>,
    memory: Tagged<'scene>,
    budget_bytes: usize,
) -> Result<&'scene mut HistoryState<'scene>, SceneError> {
    open_boxed(scene, memory, budget_bytes).map(ArenaBox::leak)
}

/// As [`open`], for a worker: the box and all of the history may go to another thread, and to a shorter life.
///
/// # Errors
/// As [`open`].
pub fn open_boxed<'scene>(
    scene: &SceneState<'_>,
    memory: Tagged<'scene>,
    budget_bytes: usize,
) -> Result<ArenaBox<'scene, HistoryState<'scene>>, SceneError> {
    let memory = memory.with_tag(Tag::UNDO);
    let state = HistoryState {
        ring: Ring::new(memory, budget_bytes)?,
        oldest: None,
        newest: None,
        current: None,
        open: None,
        selection: Selection::new(memory, scene.entities_max)?,
        stamps: array_tagged(&memory, Tag::UNDO, "recorded", scene.entities_max)?,
        stamp: 0,
        released: 0,
        is_sealed: true,
        told: 0,
        done: 0,
        undone: 0,
        lost: 0,
        next_serial: 1,
        first_serial: 0,
    };
    Ok(memory.try_alloc_box(state)?)
}

impl<'scene> HistoryState<'scene> {
    /// What is selected.
    pub fn selection(&self) -> &Selection<'scene> {
        &self.selection
    }

    /// What is selected, to change it.
    pub fn selection_mut(&mut self) -> &mut Selection<'scene> {
        &mut self.selection
    }

    /// How many steps can be undone.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many steps can be redone.
    pub fn undone(&self) -> usize {
        self.undone
    }

    /// How many steps were given up to make room, all told.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Bytes that the steps take.
    pub fn bytes(&self) -> usize {
        self.ring.bytes()
    }

    /// Bytes that they may take.
    pub fn budget(&self) -> usize {
        self.ring.capacity() as usize * size_of::<u32>()
    }

    /// A number for the state that the scene is in: the same number is the same state, as far as it was edited by steps. A
    /// project that was saved at this number is unsaved at any other.
    pub fn state(&self) -> u64 {
        self.current.map_or(self.first_serial, |step| Step(step).serial(&self.ring))
    }

    /// The steps, oldest first: those that can be undone, then those that can be redone.
    pub fn steps(&self) -> impl Iterator<Item = StepView<'_>> {
        let mut at = self.oldest;
        let mut is_done = self.current.is_some();
        core::iter::from_fn(move || {
            let step = Step(at?);
            let view = step.view(&self.ring, is_done);
            is_done &= at != self.current;
            at = step.next(&self.ring);
            Some(view)
        })
    }

    /// What would be undone next.
    pub fn last_done(&self) -> Option<StepView<'_>> {
        self.current.map(|step| Step(step).view(&self.ring, true))
    }

    /// What would be redone next.
    pub fn next_undone(&self) -> Option<StepView<'_>> {
        let step = match self.current {
            Some(step) => Step(step).next(&self.ring),
            None => self.oldest,
        };
        step.map(|step| Step(step).view(&self.ring, false))
    }

    /// Whether the open step has one of a slot's values already; from now on it has `value`.
    pub(crate) fn is_recorded(&mut self, slot: u32, any_of: u32, value: u32) -> Result<bool, SceneError> {
        let slot = slot as usize;
        while self.stamps.len() <= slot {
            push(&mut self.stamps, [0; 2])?;
        }
        let [stamp, values] = &mut self.stamps[slot];
        if *stamp != self.stamp {
            (*stamp, *values) = (self.stamp, 0);
        }
        let known = *values & any_of != 0;
        if !known {
            *values |= value;
        }
        Ok(known)
    }

    /// From now on nothing is recorded yet.
    pub(crate) fn renew_stamps(&mut self, scene: &SceneState<'_>) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamps.iter_mut().for_each(|stamp| *stamp = [0; 2]);
            self.stamp = 1;
        }
        self.released = scene.released;
    }

    /// Gives the oldest step up, unless it is the one that is being recorded.
    pub(crate) fn give_up_oldest(&mut self, scene: &mut SceneState<'_>) -> bool {
        let Some(step) = self.oldest.map(Step) else { return false };
        if self.open.is_some_and(|open| open.step == self.oldest) {
            return false;
        }
        let is_done = self.done > 0;
        each_record(&self.ring, step, |ring, record| record.give_up(ring, scene, is_done));
        self.first_serial = step.serial(&self.ring);
        self.lost += 1;
        if is_done {
            self.done -= 1
        } else {
            self.undone -= 1
        }
        if self.current == self.oldest {
            self.current = None;
        }
        self.oldest = step.next(&self.ring);
        match self.oldest {
            Some(next) => {
                Step(next).begin(&mut self.ring);
                self.ring.tail = next;
            }
            None => {
                self.newest = None;
                self.ring.tail = self.ring.head;
            }
        }
        true
    }

    /// Cuts the undone steps off.
    pub(crate) fn cut(&mut self, scene: &mut SceneState<'_>) {
        let first = match self.current {
            Some(step) => Step(step).next(&self.ring),
            None => self.oldest,
        };
        let Some(first) = first else { return };
        let mut at = Some(first);
        while let Some(step) = at.map(Step) {
            each_record(&self.ring, step, |ring, record| record.give_up(ring, scene, false));
            at = step.next(&self.ring);
        }
        self.undone = 0;
        self.newest = self.current;
        self.ring.head = first;
        match self.current {
            Some(step) => Step(step).end(&mut self.ring),
            None => {
                self.oldest = None;
                self.ring.tail = self.ring.head;
            }
        }
    }

    /// Gives the scene's state a number that it has never had.
    pub(crate) fn forget_states(&mut self) {
        self.first_serial = self.next_serial;
        self.next_serial += 1;
    }

    /// Gives everything up.
    pub(crate) fn clear(&mut self, scene: &mut SceneState<'_>) {
        self.cut(scene);
        while self.give_up_oldest(scene) {}
    }

    /// Room for a block, made by giving up the oldest steps. `None`: the open step is larger than the budget.
    pub(crate) fn grant(&mut self, scene: &mut SceneState<'_>, words: usize) -> Result<Option<u64>, SceneError> {
        loop {
            if let Some(place) = self.ring.grant(words)? {
                return Ok(Some(place));
            }
            if words as u64 + HEADER as u64 > self.ring.capacity() || !self.give_up_oldest(scene) {
                return Ok(None);
            }
        }
    }
}
