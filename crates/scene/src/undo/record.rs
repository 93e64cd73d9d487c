//! Records of a step: each holds what the scene doesn't, and trades it with the scene, there and back.
//!
//! A record is a head of four words (kind and payload words, distances to its neighbours, words of the payload that are in
//! use) and its payload, whose first two words name an entity.
//!
//! # Invariants
//! 1. Records of values hold the value that was before while their step is done, and the one that came after while it is
//!    undone: trading them is undo and redo alike.
//! 2. Records of links and lives hold both places, so that they tell which way they go.

use super::history::{HistoryState, OpenStep};
use super::replay::is_parked_alone;
use super::ring::Ring;
use super::step::{Step, back, forth};
use super::words::Words;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::release_parked;
use crate::state::SceneState;

/// Words of a record's head.
pub(crate) const HEADER: usize = 4;
/// Most entities in one record of many.
pub(crate) const MANY: usize = 4096;
/// Words of a packed transform.
pub(crate) const TRANSFORM: usize = 10;

/// What a record is about, and its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    /// First slot, generation, count; then a transform each.
    Transforms,
    /// Entity, any local transform.
    Local,
    /// Entity, whether it is visible.
    Visible,
    /// Entity, number of the name.
    Name,
    /// Entity, whether it has one, shape.
    Mesh,
    /// Entity, whether it has one, camera.
    Camera,
    /// Entity, whether it has one, light.
    Light,
    /// Entity, column, whether it has one, bytes.
    Component,
    /// Entity, parent and next sibling before, parent and next sibling after.
    Link,
    /// Entity, parent, next sibling.
    Spawn,
    /// Entity, parent, next sibling, number of lists before this record.
    Despawn,
    /// Count; then entity and parent's slot each, parents first.
    List,
    /// 0 for before the step and 1 for after, whether it is the first of its kind, count; then first slot, generation and
    /// count each.
    Selection,
}

const KINDS: [Kind; 13] = [
    Kind::Transforms,
    Kind::Local,
    Kind::Visible,
    Kind::Name,
    Kind::Mesh,
    Kind::Camera,
    Kind::Light,
    Kind::Component,
    Kind::Link,
    Kind::Spawn,
    Kind::Despawn,
    Kind::List,
    Kind::Selection,
];

/// A record at a place in the ring.
#[derive(Clone, Copy)]
pub(crate) struct Record(pub(crate) u64);

impl Record {
    pub(crate) fn kind(self, ring: &Ring<'_>) -> Kind {
        KINDS[ring.word(self.0) as usize % KINDS.len()]
    }

    pub(crate) fn words(self, ring: &Ring<'_>) -> usize {
        ring.word(self.0 + 3) as usize
    }

    pub(crate) fn previous(self, ring: &Ring<'_>) -> Option<u64> {
        back(self.0, ring.word(self.0 + 1))
    }

    pub(crate) fn next(self, ring: &Ring<'_>) -> Option<u64> {
        forth(self.0, ring.word(self.0 + 2))
    }

    /// Where its payload is.
    pub(crate) fn payload(self) -> u64 {
        self.0 + HEADER as u64
    }

    /// The word of its payload at a position.
    pub(crate) fn at(self, ring: &Ring<'_>, index: u64) -> u32 {
        ring.word(self.payload() + index)
    }

    /// The entity of its payload at a position.
    pub(crate) fn entity(self, ring: &Ring<'_>, index: u64) -> Option<Entity> {
        Words::from_words([self.at(ring, index), self.at(ring, index + 1)])
    }

    /// What it could bring back is not to come back: its step is cut off (undone) or too old (done).
    pub(crate) fn give_up(self, ring: &Ring<'_>, scene: &mut SceneState<'_>, is_done: bool) {
        let ends = match self.kind(ring) {
            Kind::Spawn => !is_done,
            Kind::Despawn => is_done,
            _ => false,
        };
        if ends && let Some(entity) = self.entity(ring, 0).filter(|entity| is_parked_alone(scene, *entity)) {
            release_parked(scene, entity.index());
        }
    }
}

/// Calls `visit` with each record of a step, in the order in which they were made.
pub(crate) fn each_record(ring: &Ring<'_>, step: Step, mut visit: impl FnMut(&Ring<'_>, Record)) {
    let mut at = step.first(ring);
    while let Some(record) = at.map(Record) {
        visit(ring, record);
        at = record.next(ring);
    }
}

impl HistoryState<'_> {
    /// Adds a record to the open step and says where its payload is; `None` when the step is not kept.
    pub(crate) fn record(
        &mut self,
        scene: &mut SceneState<'_>,
        label: &str,
        kind: Kind,
        payload: &[u32],
    ) -> Result<Option<Record>, SceneError> {
        self.record_of(scene, label, kind, payload.len(), |words| words.copy_from_slice(payload))
    }

    /// As [`HistoryState::record`], with a payload that is written in place.
    pub(crate) fn record_of(
        &mut self,
        scene: &mut SceneState<'_>,
        label: &str,
        kind: Kind,
        words: usize,
        write: impl FnOnce(&mut [u32]),
    ) -> Result<Option<Record>, SceneError> {
        let Some(step) = self.step(scene, label)? else { return Ok(None) };
        let Some(place) = self.grant(scene, HEADER + words)? else {
            self.lose(scene);
            return Ok(None);
        };
        let ring = &mut self.ring;
        let last = step.last(ring);
        let distance = last.map_or(0, |last| (place - last) as u32);
        ring.words_mut(place, HEADER).copy_from_slice(&[kind as u32, distance, 0, words as u32]);
        if let Some(last) = last {
            ring.put(last + 2, distance);
        }
        write(ring.words_mut(place + HEADER as u64, words));
        step.append(ring, place);
        Ok(Some(Record(place)))
    }

    /// The open step; with its first record it takes its place among the others, and the selection before it is noted.
    fn step(&mut self, scene: &mut SceneState<'_>, label: &str) -> Result<Option<Step>, SceneError> {
        let Some(open) = self.open else { return Ok(None) };
        if open.is_lost {
            return Ok(None);
        }
        if let Some(step) = open.step {
            return Ok(Some(Step(step)));
        }
        self.cut(scene);
        let Some(place) = self.grant(scene, Step::head_words(label))? else {
            self.lose(scene);
            return Ok(None);
        };
        let serial = self.next_serial;
        self.next_serial += 1;
        Step(place).write(&mut self.ring, self.newest, label, open.key, serial);
        self.newest = Some(place);
        self.current = Some(place);
        if self.oldest.is_none() {
            self.oldest = Some(place);
            self.ring.tail = place;
        }
        self.done += 1;
        self.open = Some(OpenStep { step: Some(place), ..open });
        self.record_selection(scene, label, 0)?;
        Ok(self.open.and_then(|open| open.step).map(Step))
    }

    /// The open step outgrew the budget: nothing is kept, neither it nor what came before.
    fn lose(&mut self, scene: &mut SceneState<'_>) {
        if let Some(open) = &mut self.open {
            (open.is_lost, open.step) = (true, None);
        }
        self.clear(scene);
        // what the scene is now, no earlier number names
        self.forget_states();
    }

    /// Records the selection as it was before the open step (0) or as it is after it (1), as stretches of slots.
    pub(crate) fn record_selection(
        &mut self,
        scene: &mut SceneState<'_>,
        label: &str,
        side: u32,
    ) -> Result<(), SceneError> {
        const STRETCHES: usize = 64;
        let mut at = 0;
        let mut is_first = true;
        while at < self.selection.len() || is_first {
            let mut payload = [0u32; 3 + 3 * STRETCHES];
            let mut count = 0;
            while count < STRETCHES
                && let Some(first) = self.selection.entities().get(at).copied()
            {
                let later = &self.selection.entities()[at..];
                let run = later.iter().zip(0..).take_while(|(entity, offset)| {
                    entity.generation() == first.generation() && entity.index() == first.index().wrapping_add(*offset)
                });
                let length = run.count();
                let stretch = [first.index(), first.generation(), length as u32];
                payload[3 + 3 * count..][..3].copy_from_slice(&stretch);
                count += 1;
                at += length;
            }
            payload[..3].copy_from_slice(&[side, u32::from(is_first), count as u32]);
            is_first = false;
            if self.record(scene, label, Kind::Selection, &payload[..3 + 3 * count])?.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }
}
