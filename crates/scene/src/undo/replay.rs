//! Undo and redo: the records of a step, traded with the scene.

use super::history::HistoryState;
use super::record::{Kind, Record, TRANSFORM};
use super::ring::Ring;
use super::step::{Step, StepView};
use super::words::Words;
use crate::column::Column;
use crate::component::COMPONENT_BYTES_MAX;
use crate::components::{self, set};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::{park, reparent, unpark};
use crate::node::NONE;
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::world::{local_of, mark_changed, put_local, put_transforms};

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Undo,
    Redo,
}

/// Takes the last step back, with the selection as it was before it, and says which step it was; `None` when there is none.
///
/// Entities that the step removed are back under their old handles. What was changed past the history, by the scene's plain
/// functions, is left as it is where it is in the way.
///
/// # Errors
/// The first [`SceneError`] met, where a plain function has taken the room that a component needs. All else of the step is
/// taken back.
pub fn undo<'a>(
    history: &'a mut HistoryState<'_>,
    scene: &mut SceneState<'_>,
) -> Result<Option<StepView<'a>>, SceneError> {
    let Some(step) = history.current.map(Step) else { return Ok(None) };
    let traded = trade_step(history, scene, step, Way::Undo);
    history.current = step.previous(&history.ring);
    (history.done, history.undone) = (history.done - 1, history.undone + 1);
    traded.and(restore_selection(history, scene, step, 0))?;
    Ok(Some(step.view(&history.ring, false)))
}

/// Does the last step that was taken back again, with the selection as it was after it, and says which step it was; `None`
/// when there is none.
///
/// # Errors
/// As [`undo`].
pub fn redo<'a>(
    history: &'a mut HistoryState<'_>,
    scene: &mut SceneState<'_>,
) -> Result<Option<StepView<'a>>, SceneError> {
    let step = match history.current {
        Some(step) => Step(step).next(&history.ring),
        None => history.oldest,
    };
    let Some(step) = step.map(Step) else { return Ok(None) };
    let traded = trade_step(history, scene, step, Way::Redo);
    history.current = Some(step.0);
    (history.done, history.undone) = (history.done + 1, history.undone - 1);
    traded.and(restore_selection(history, scene, step, 1))?;
    Ok(Some(step.view(&history.ring, true)))
}

pub(crate) fn trade_step(
    history: &mut HistoryState<'_>,
    scene: &mut SceneState<'_>,
    step: Step,
    way: Way,
) -> Result<(), SceneError> {
    history.is_sealed = true;
    let ring = &mut history.ring;
    let mut at = if way == Way::Undo { step.last(ring) } else { step.first(ring) };
    let mut result = Ok(());
    while let Some(record) = at.map(Record) {
        let traded = trade(ring, scene, record, way);
        result = result.and(traded);
        at = if way == Way::Undo { record.previous(ring) } else { record.next(ring) };
    }
    result
}

/// Trades one record.
fn trade(ring: &mut Ring<'_>, scene: &mut SceneState<'_>, record: Record, way: Way) -> Result<(), SceneError> {
    let kind = record.kind(ring);
    if kind == Kind::Transforms {
        trade_transforms(ring, scene, record);
        return Ok(());
    }
    if matches!(kind, Kind::List | Kind::Selection) {
        return Ok(());
    }
    let Some(entity) = record.entity(ring, 0) else { return Ok(()) };
    let (slot, at, alive) = (entity.index(), entity.index() as usize, scene.is_alive(entity));
    match kind {
        Kind::Spawn if (way == Way::Undo) == alive && (alive || is_parked_alone(scene, entity)) => {
            if alive {
                park(scene, slot);
            } else {
                let (parent, ahead) = (record.entity(ring, 2), record.entity(ring, 4));
                bring_back(scene, slot, parent, ahead);
            }
            return Ok(());
        }
        Kind::Despawn if (way == Way::Redo) == alive && (alive || is_parked_alone(scene, entity)) => {
            if alive {
                park(scene, slot);
            } else {
                let (parent, ahead) = (record.entity(ring, 2), record.entity(ring, 4));
                bring_back(scene, slot, parent, ahead);
            }
            return Ok(());
        }
        _ if !alive => return Ok(()),
        _ => {}
    }
    let payload = record.payload() + 2;
    match kind {
        Kind::Link => {
            let first = if way == Way::Undo { 2 } else { 6 };
            let (parent, before) = (record.entity(ring, first), record.entity(ring, first + 2));
            // somebody else's change may be in the way: then it stays where it is, or goes to the end
            return reparent(scene, entity, parent, before).or_else(|_| match reparent(scene, entity, parent, None) {
                Err(SceneError::Cycle { .. } | SceneError::Stale(_)) => Ok(()),
                other => other,
            });
        }
        Kind::Local => {
            let was = local_of(scene, at).to_words();
            let becomes = swap_words::<17>(ring, payload, was);
            put_local(scene, slot, Words::from_words(becomes))?;
            mark_changed(scene, slot);
        }
        Kind::Visible => {
            let was = u32::from(scene.nodes[at].is_visible());
            let [becomes] = swap_words(ring, payload, [was]);
            components::set_visible(scene, entity, becomes != 0)?;
        }
        Kind::Name => {
            let was = scene.names.number(at);
            let [becomes] = swap_words(ring, payload, [was]);
            scene.names.set(at, becomes)?;
        }
        Kind::Mesh => {
            let was = scene.meshes.get(entity).map(|shape| shape.index());
            let [has, shape] = swap_words(ring, payload, [u32::from(was.is_some()), was.unwrap_or(0)]);
            components::set_mesh(scene, entity, (has != 0).then_some(ShapeId::from_index(shape)))?;
        }
        Kind::Camera => trade_component::<8, _>(ring, payload, &mut scene.cameras, entity)?,
        Kind::Light => trade_component::<9, _>(ring, payload, &mut scene.lights, entity)?,
        Kind::Component => trade_bytes(ring, scene, payload, entity)?,
        _ => {}
    }
    Ok(())
}

/// Whether an entity was parked itself; not with something that a plain function put it below.
pub(crate) fn is_parked_alone(scene: &SceneState<'_>, entity: Entity) -> bool {
    scene.is_parked(entity) && scene.nodes[entity.index() as usize].parent == NONE
}

/// Brings a parked entity back, to the roots or to the end where its place is gone.
fn bring_back(scene: &mut SceneState<'_>, slot: u32, parent: Option<Entity>, ahead: Option<Entity>) {
    let parent = parent.and_then(|parent| scene.find(parent)).map_or(NONE, |parent| parent as u32);
    let ahead = ahead.and_then(|ahead| scene.find(ahead)).filter(|ahead| scene.nodes[*ahead].parent == parent);
    unpark(scene, slot, parent, ahead.map_or(NONE, |ahead| ahead as u32));
}

/// Puts words where others were, which come back.
fn swap_words<const N: usize>(ring: &mut Ring<'_>, place: u64, mut words: [u32; N]) -> [u32; N] {
    ring.words_mut(place, N).swap_with_slice(&mut words);
    words
}

fn trade_component<const N: usize, T: Words<N> + Copy>(
    ring: &mut Ring<'_>,
    place: u64,
    column: &mut Column<'_, T>,
    entity: Entity,
) -> Result<(), SceneError> {
    let was = column.get(entity).map(Words::to_words);
    let [has] = swap_words(ring, place, [u32::from(was.is_some())]);
    let becomes = swap_words::<N>(ring, place + 1, was.unwrap_or([0; N]));
    set(column, entity, (has != 0).then(|| T::from_words(becomes)))
}

fn trade_bytes(ring: &mut Ring<'_>, scene: &mut SceneState<'_>, place: u64, entity: Entity) -> Result<(), SceneError> {
    let Some(column) = scene.columns.get(ring.word(place) as usize) else { return Ok(()) };
    let (mut was, mut becomes) = ([0; COMPONENT_BYTES_MAX], [0; COMPONENT_BYTES_MAX]);
    let had = column.write(entity, &mut was).is_some();
    let [has] = swap_words(ring, place + 1, [u32::from(had)]);
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(ring.words_mut(place + 2, column.bytes().div_ceil(4)));
    let bytes = &mut bytes[..column.bytes()];
    becomes[..column.bytes()].copy_from_slice(bytes);
    bytes.copy_from_slice(&was[..column.bytes()]);
    column.read(entity, (has != 0).then_some(&becomes[..column.bytes()]))
}

fn trade_transforms(ring: &mut Ring<'_>, scene: &mut SceneState<'_>, record: Record) {
    let [first, generation, count] = [0, 1, 2].map(|index| record.at(ring, index));
    let words = ring.words_mut(record.payload() + 3, count as usize * TRANSFORM);
    put_transforms(scene, first, generation, words);
}

/// Selects what was selected before a step (0) or after it (1); where that was the same, it was noted once.
pub(crate) fn restore_selection(
    history: &mut HistoryState<'_>,
    scene: &SceneState<'_>,
    step: Step,
    side: u32,
) -> Result<(), SceneError> {
    let (ring, selection) = (&history.ring, &mut history.selection);
    selection.clear();
    let mut at = step.first(ring);
    while let Some(record) = at.map(Record) {
        at = record.next(ring);
        if record.kind(ring) != Kind::Selection {
            // what was before stands before everything else
            if side == 0 {
                break;
            }
            continue;
        }
        let [of, is_first, count] = [0, 1, 2].map(|index| record.at(ring, index));
        if of > side {
            break;
        }
        if is_first != 0 {
            selection.clear();
        }
        for stretch in ring.words(record.payload() + 3, count as usize * 3).as_chunks::<3>().0 {
            let [index, generation, length] = *stretch;
            for offset in 0..length {
                let entity: Option<Entity> = Words::from_words([index.wrapping_add(offset), generation]);
                if let Some(entity) = entity.filter(|entity| scene.is_alive(*entity)) {
                    selection.add(entity)?;
                }
            }
        }
    }
    Ok(())
}
