//! From a journal to edits: what a crash left of a session is done again, as steps that can be undone.
//!
//! # Invariants
//! 1. A step that can't be done whole, because a file is missing, is done as far as it goes.

use core::num::NonZeroU64;

use super::error::ProjectError;
use super::key::EntityKey;
use super::keys::Keys;
use super::recovery::Recovery;
use super::restore::placeholder;
use super::step::Telling;
use super::step_reader::Recovered;
use crate::edit::Edit;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::SpawnDesc;
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::undo::{self, HistoryState, Transaction};

/// What came of a replay.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Steps that were done again.
    pub steps: u64,
    /// Edits that were passed over: they are about what isn't there.
    pub passed_over: u64,
    /// Why the rest was not done, where it wasn't.
    pub fault: Option<ProjectError>,
}

/// Does the steps of a recovery again. The meshes of every file that they bring in ([`StepReader::next_import`]) have to be
/// bound before ([`Keys::bind_meshes`]); a file without meshes there gets a stand-in that shows `missing`.
///
/// [`StepReader::next_import`]: super::StepReader::next_import
///
/// # Errors
/// [`ProjectError::Scene`] and [`ProjectError::Memory`] when the scene has no room.
pub fn replay<'s>(
    recovery: &Recovery<'s>,
    history: &mut HistoryState<'s>,
    scene: &mut SceneState<'s>,
    keys: &mut Keys<'s>,
    missing: Option<ShapeId>,
) -> Result<Replayed, ProjectError> {
    let mut replayed = Replayed::default();
    let mut drag = NonZeroU64::MIN;
    for step in recovery.replay() {
        let mut step = match step {
            Ok(step) => step,
            Err(fault) => {
                replayed.fault = Some(fault);
                break;
            }
        };
        // what is told once more joins the step before it, as the frames of a drag do
        drag = drag.saturating_add(u64::from(step.telling() == Telling::New));
        let mut edit = undo::begin_merging(history, scene, step.label(), drag);
        if step.telling() == Telling::TakenBack {
            edit.roll_back();
            replayed.steps = replayed.steps.saturating_sub(1);
            continue;
        }
        let fault = loop {
            match step.next(keys) {
                Ok(None) => break None,
                Ok(Some(recovered)) => {
                    replayed.passed_over += u64::from(!apply(&mut edit, keys, recovered, missing)?);
                }
                Err(fault) => break Some(fault),
            }
        };
        if fault.is_some() {
            edit.roll_back();
            replayed.fault = fault;
            break;
        }
        edit.commit()?;
        replayed.steps += u64::from(step.telling() == Telling::New || replayed.steps == 0);
    }
    undo::seal(history);
    Ok(replayed)
}

/// Does one edit and says whether it could be.
fn apply<'s>(
    edit: &mut Transaction<'_, 's>,
    keys: &mut Keys<'s>,
    recovered: Recovered<'_>,
    missing: Option<ShapeId>,
) -> Result<bool, ProjectError> {
    match recovered {
        Recovered::Edit(one) => done(edit.apply(&one)).map(|entity| entity.is_some()),
        Recovered::Spawn(one, key) => bind(keys, done(edit.apply(&Edit::Spawn(one)))?, key),
        Recovered::Import(file) if !keys.has_meshes(file.id) && keys.entity(placeholder(file.id)).is_none() => {
            let stand_in = edit.spawn(&SpawnDesc { name: file.path, mesh: missing, ..SpawnDesc::default() })?;
            bind(keys, Some(stand_in), placeholder(file.id))
        }
        Recovered::Import(_) => Ok(true),
        Recovered::Missing(_) => Ok(false),
    }
}

fn bind(keys: &mut Keys<'_>, entity: Option<Entity>, key: EntityKey) -> Result<bool, ProjectError> {
    entity.map_or(Ok(false), |entity| keys.bind(entity, key).map(|()| true))
}

/// What came of an edit: nothing, where the scene is another one than it was.
fn done(applied: Result<Entity, SceneError>) -> Result<Option<Entity>, ProjectError> {
    match applied {
        Ok(entity) => Ok(Some(entity)),
        Err(error @ (SceneError::Memory(_) | SceneError::Full { .. })) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
