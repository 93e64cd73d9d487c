//! What a step amounted to, as edits: for journals.

use super::history::HistoryState;
use super::record::{Kind, Record};
use super::step::Step;
use super::words::Words;
use crate::component::COMPONENT_BYTES_MAX;
use crate::edit::{Edit, SpawnEdit};
use crate::entity::Entity;
use crate::node::NONE;
use crate::pack::PackedTransform;
use crate::state::SceneState;
use crate::transform::Local;

/// Which step is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The last step that is done: one that was just committed, or done again.
    Done,
    /// The first step that is undone: one that was just taken back.
    Undone,
}

/// Calls `visit` with the edits that a step amounted to, in an order in which they can be applied: those that did it, or
/// those that took it back. Ask right after the step was committed (a drag: sealed), undone or redone: values are those that
/// the scene has now.
///
/// What is removed and brought back comes as spawns, parents first, each with its components behind it. A journal that
/// replays them gives them new handles and keeps the table from old to new.
///
/// # Errors
/// What `visit` says; the rest is not told then.
pub fn visit_edits<E>(
    history: &HistoryState<'_>,
    scene: &SceneState<'_>,
    told: Told,
    visit: &mut dyn FnMut(&Edit<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let ring = &history.ring;
    let step = match (told, history.current) {
        (Told::Done, current) => current,
        (Told::Undone, Some(current)) => Step(current).next(ring),
        (Told::Undone, None) => history.oldest,
    };
    let Some(step) = step.map(Step) else { return Ok(()) };
    let forth = told == Told::Done;
    let mut at = if forth { step.first(ring) } else { step.last(ring) };
    while let Some(record) = at.map(Record) {
        tell(history, scene, record, forth, visit)?;
        at = if forth { record.next(ring) } else { record.previous(ring) };
    }
    Ok(())
}

fn tell<E>(
    history: &HistoryState<'_>,
    scene: &SceneState<'_>,
    record: Record,
    forth: bool,
    visit: &mut dyn FnMut(&Edit<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let ring = &history.ring;
    let kind = record.kind(ring);
    if kind == Kind::Transforms {
        let [first, generation, count] = [0, 1, 2].map(|index| record.at(ring, index));
        for slot in first..first.saturating_add(count) {
            let entity: Option<Entity> = Words::from_words([slot, generation]);
            if let Some(entity) = entity.filter(|entity| is_kept(scene, *entity)) {
                visit(&Edit::Move { entity, local: kept_local(scene, entity) })?;
            }
        }
        return Ok(());
    }
    let Some(entity) = record.entity(ring, 0).filter(|entity| is_kept(scene, *entity)) else { return Ok(()) };
    let at = entity.index() as usize;
    match kind {
        Kind::Local => visit(&Edit::Move { entity, local: kept_local(scene, entity) }),
        Kind::Visible => visit(&Edit::Show { entity, visible: scene.nodes[at].is_visible() }),
        Kind::Name => visit(&Edit::Rename { entity, name: scene.names.text(scene.names.number(at)) }),
        Kind::Mesh => visit(&Edit::SetMesh { entity, mesh: scene.meshes.kept(entity).copied() }),
        Kind::Camera => visit(&Edit::SetCamera { entity, camera: scene.cameras.kept(entity).copied() }),
        Kind::Light => visit(&Edit::SetLight { entity, light: scene.lights.kept(entity).copied() }),
        Kind::Component => tell_component(scene, entity, record.at(ring, 2) as usize, true, visit),
        Kind::Link => {
            let place = if forth { 6 } else { 2 };
            let (parent, before) = (record.entity(ring, place), record.entity(ring, place + 2));
            visit(&Edit::Reparent { entity, parent, before })
        }
        Kind::Spawn if forth => tell_spawn(scene, entity, record.entity(ring, 2), record.entity(ring, 4), visit),
        Kind::Despawn if !forth => {
            let place = (record.entity(ring, 2), record.entity(ring, 4));
            tell_subtree(history, scene, record, entity, place, visit)
        }
        Kind::Spawn | Kind::Despawn => visit(&Edit::Despawn { entity }),
        Kind::Transforms | Kind::List | Kind::Selection => Ok(()),
    }
}

/// What a removal took, from its lists.
fn tell_subtree<E>(
    history: &HistoryState<'_>,
    scene: &SceneState<'_>,
    record: Record,
    root: Entity,
    (parent, before): (Option<Entity>, Option<Entity>),
    visit: &mut dyn FnMut(&Edit<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let ring = &history.ring;
    let mut list = record;
    for _ in 0..record.at(ring, 6) {
        match list.previous(ring) {
            Some(previous) => list = Record(previous),
            None => break,
        }
    }
    while list.0 != record.0 {
        let count = list.at(ring, 0) as usize;
        for entry in ring.words(list.payload() + 1, count * 3).as_chunks::<3>().0 {
            let [slot, generation, above] = *entry;
            let entity: Option<Entity> = Words::from_words([slot, generation]);
            match entity.filter(|entity| is_kept(scene, *entity)) {
                Some(entity) if entity == root => tell_spawn(scene, entity, parent, before, visit)?,
                Some(entity) => tell_spawn(scene, entity, scene.tenant(above), None, visit)?,
                None => {}
            }
        }
        match list.next(ring) {
            Some(next) => list = Record(next),
            None => break,
        }
    }
    Ok(())
}

fn tell_spawn<E>(
    scene: &SceneState<'_>,
    entity: Entity,
    parent: Option<Entity>,
    before: Option<Entity>,
    visit: &mut dyn FnMut(&Edit<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let at = entity.index() as usize;
    visit(&Edit::Spawn(SpawnEdit {
        entity: Some(entity),
        parent,
        before,
        name: scene.names.text(scene.names.number(at)),
        local: kept_local(scene, entity),
        hidden: !scene.nodes[at].is_visible(),
        mesh: scene.meshes.kept(entity).copied(),
        camera: scene.cameras.kept(entity).copied(),
        light: scene.lights.kept(entity).copied(),
    }))?;
    (0..scene.columns.len()).try_for_each(|column| tell_component(scene, entity, column, false, visit))
}

fn tell_component<E>(
    scene: &SceneState<'_>,
    entity: Entity,
    column: usize,
    even_none: bool,
    visit: &mut dyn FnMut(&Edit<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let Some(column) = scene.columns.get(column) else { return Ok(()) };
    let mut bytes = [0; COMPONENT_BYTES_MAX];
    let value = column.write(entity, &mut bytes).map(|count| &bytes[..count]);
    if value.is_none() && !even_none {
        return Ok(());
    }
    visit(&Edit::SetComponent { entity, column: column.name(), value })
}

/// Whether the scene has an entity, or could bring it back.
fn is_kept(scene: &SceneState<'_>, entity: Entity) -> bool {
    entity.index() != NONE && (scene.is_alive(entity) || scene.is_parked(entity))
}

fn kept_local(scene: &SceneState<'_>, entity: Entity) -> Local {
    let at = entity.index() as usize;
    match scene.matrices.kept(entity) {
        Some(matrix) if scene.nodes[at].has_matrix() => Local::Matrix(*matrix),
        _ => Local::Parts(PackedTransform::unpack(&scene.locals[at])),
    }
}
