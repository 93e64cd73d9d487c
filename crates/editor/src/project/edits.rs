//! What people do to a project: every edit is a step of the history and a record of the journal.

use super::Project;
use crate::error::EditorError;
use std::num::NonZeroU64;
use voltrum::memory::ArenaVec;
use voltrum::scene::project::ProjectLimits;
use voltrum::scene::undo::{self, Committed, HistoryState, Keep, Selection, Told, Transaction};
use voltrum::scene::{self, Entity, SceneError, SpawnDesc};
use voltrum::ui::TextField;

/// A label in the making.
pub(super) type Label = TextField<96>;

impl<'scene> Project<'scene> {
    /// What can be undone and redone, what that takes, and how much was given up.
    pub fn history(&self) -> &HistoryState<'scene> {
        self.history
    }

    /// What is selected.
    pub fn selection(&self) -> &Selection<'scene> {
        self.history.selection()
    }

    /// What is selected, to change it. Undo brings it back; it is no step of its own.
    pub fn selection_mut(&mut self) -> &mut Selection<'scene> {
        self.history.selection_mut()
    }

    /// Changes the scene in one step with a label for people. When `change` fails, all of it is taken back.
    ///
    /// # Errors
    /// What `change` says; [`SceneError::Memory`] when no page can be had for the history.
    pub fn edit<R>(
        &mut self,
        label: &str,
        change: impl FnOnce(&mut Transaction<'_, 'scene>) -> Result<R, SceneError>,
    ) -> Result<R, EditorError> {
        self.end_drag();
        let mut edit = undo::begin(self.history, self.scene, label);
        let result = change(&mut edit)?;
        let committed = edit.commit()?;
        self.finish(label, committed);
        Ok(result)
    }

    /// One frame of a drag, or of a slider: those with one key are one step, until [`Project::end_drag`] or another edit.
    ///
    /// # Errors
    /// As [`Project::edit`]; then all of the drag is taken back.
    pub fn drag<R>(
        &mut self,
        label: &str,
        key: NonZeroU64,
        change: impl FnOnce(&mut Transaction<'_, 'scene>) -> Result<R, SceneError>,
    ) -> Result<R, EditorError> {
        let mut edit = undo::begin_merging(self.history, self.scene, label, key);
        let dragged = change(&mut edit).and_then(|result| Ok((result, edit.commit()?)));
        let (result, committed) = match dragged {
            Ok(dragged) => dragged,
            Err(error) => {
                (self.drag, self.version) = (None, self.version + 1);
                return Err(error.into());
            }
        };
        if committed.edits > 0 {
            self.version += 1;
            // what is too long is cut, as the history does
            self.drag.get_or_insert_with(Label::new).set(label);
            if !committed.is_kept {
                self.end_drag();
                self.save_what_is_lost();
            }
        }
        Ok(result)
    }

    /// The drag is over: from now on it is one step, and the journal has it.
    pub fn end_drag(&mut self) {
        undo::seal(self.history);
        if let Some(label) = self.drag.take() {
            self.tell(Told::Done, label.as_str());
        }
    }

    /// Takes the drag back, as if it had never begun.
    pub fn cancel_drag(&mut self, key: NonZeroU64) {
        if self.drag.take().is_some() {
            undo::begin_merging(self.history, self.scene, "", key).roll_back();
            undo::seal(self.history);
            self.version += 1;
        }
    }

    pub(super) fn finish(&mut self, label: &str, committed: Committed) {
        if committed.edits == 0 {
            return;
        }
        self.version += 1;
        if committed.is_kept {
            self.tell(Told::Done, label);
        } else {
            self.save_what_is_lost();
        }
    }

    /// What would be undone next.
    pub fn can_undo(&self) -> Option<&str> {
        self.history.last_done().map(|step| step.label)
    }

    /// What would be redone next.
    pub fn can_redo(&self) -> Option<&str> {
        self.history.next_undone().map(|step| step.label)
    }

    /// Takes the last step back, with the selection as it was before it; says whether there was one.
    ///
    /// # Errors
    /// [`SceneError::Full`] and [`SceneError::Memory`] when the scene has no room for what comes back.
    pub fn undo(&mut self) -> Result<bool, EditorError> {
        self.end_drag();
        let undone = undo::undo(self.history, self.scene).map(|step| step.is_some());
        self.turned(undone, Told::Undone, "Undo")
    }

    /// Does the last step that was taken back again; says whether there was one.
    ///
    /// # Errors
    /// As [`Project::undo`].
    pub fn redo(&mut self) -> Result<bool, EditorError> {
        self.end_drag();
        let redone = undo::redo(self.history, self.scene).map(|step| step.is_some());
        self.turned(redone, Told::Done, "Redo")
    }

    /// A step that went back or forth, be it only as far as it could.
    fn turned(&mut self, turned: Result<bool, SceneError>, told: Told, label: &str) -> Result<bool, EditorError> {
        if !matches!(turned, Ok(false)) {
            self.version += 1;
            self.tell(told, label);
        }
        Ok(turned?)
    }

    /// Goes to a state of the history, by undoing or redoing; see [`HistoryState::state`]. One that is none of its is left.
    ///
    /// # Errors
    /// As [`Project::undo`].
    pub fn go_to(&mut self, state: u64) -> Result<(), EditorError> {
        self.end_drag();
        let Some(at) = self.history.steps().position(|step| step.state == state) else { return Ok(()) };
        while self.history.done() > at + 1 {
            self.undo()?;
        }
        while self.history.done() < at + 1 && self.redo()? {}
        Ok(())
    }

    /// Adds an entity, which becomes the selection.
    ///
    /// # Errors
    /// As [`Project::edit`]; [`EditorError::NameTooLong`].
    pub fn add(&mut self, name: &str, parent: Option<Entity>) -> Result<Entity, EditorError> {
        check_name(name)?;
        self.edit("Add entity", |edit| {
            let entity = edit.spawn(&SpawnDesc { name, parent, ..SpawnDesc::default() })?;
            edit.selection_mut().set([entity])?;
            Ok(entity)
        })
    }

    /// Renames an entity.
    ///
    /// # Errors
    /// As [`Project::add`].
    pub fn rename(&mut self, entity: Entity, name: &str) -> Result<(), EditorError> {
        check_name(name)?;
        self.edit("Rename", |edit| edit.set_name(entity, name))
    }

    /// Shows or hides an entity, with everything below it.
    ///
    /// # Errors
    /// As [`Project::edit`].
    pub fn set_visible(&mut self, entity: Entity, visible: bool) -> Result<(), EditorError> {
        self.edit(if visible { "Show" } else { "Hide" }, |edit| edit.set_visible(entity, visible))
    }

    /// Removes an entity with everything below it.
    ///
    /// # Errors
    /// As [`Project::edit`].
    pub fn delete(&mut self, entity: Entity) -> Result<(), EditorError> {
        self.edit("Delete", |edit| edit.despawn(entity).map(drop))
    }

    /// Removes what is selected, with everything below it.
    ///
    /// # Errors
    /// As [`Project::edit`].
    pub fn delete_selected(&mut self) -> Result<(), EditorError> {
        let selected = self.selected_now()?;
        self.edit(label("Delete", selected.len()).as_str(), |edit| {
            selected.iter().try_for_each(|entity| match edit.despawn(*entity) {
                // gone with one that stood above it
                Err(SceneError::Stale(_)) | Ok(_) => Ok(()),
                Err(error) => Err(error),
            })
        })
    }

    /// Duplicates what is selected, with everything below it; the copies become the selection.
    ///
    /// # Errors
    /// As [`Project::edit`].
    pub fn duplicate_selected(&mut self) -> Result<(), EditorError> {
        let selected = self.selected_now()?;
        self.edit(label("Duplicate", selected.len()).as_str(), |edit| edit.duplicate_all(selected))
    }

    /// Moves entities, with everything below each, under another one (none: to the roots), before one of its children or to
    /// the end. They stay where they stand in the world.
    ///
    /// # Errors
    /// As [`Project::edit`]; [`SceneError::Cycle`] for one that would stand below itself.
    pub fn reparent(
        &mut self,
        entities: &[Entity],
        under: Option<Entity>,
        before: Option<Entity>,
    ) -> Result<(), EditorError> {
        self.edit(label("Move", entities.len()).as_str(), |edit| {
            edit.reparent_all(entities, under, before, Keep::World)
        })
    }

    /// As [`Project::reparent`], for what is selected.
    ///
    /// # Errors
    /// As [`Project::reparent`].
    pub fn reparent_selected(&mut self, under: Option<Entity>, before: Option<Entity>) -> Result<(), EditorError> {
        let selected = self.selected_now()?;
        self.reparent(selected, under, before)
    }

    /// What is selected and alive, as a list that stays what it is.
    fn selected_now(&self) -> Result<&'scene [Entity], EditorError> {
        let mut list = ArenaVec::try_with_capacity_in(self.selection().len(), self.memory)?;
        for entity in self.selection().entities().iter().filter(|entity| self.scene.is_alive(**entity)) {
            list.try_push(*entity)?;
        }
        Ok(list.into_slice())
    }

    /// The entity's name, or empty.
    pub fn name(&self, entity: Entity) -> &'scene str {
        scene::name(self.scene, entity).unwrap_or_default()
    }
}

/// Refuses what couldn't be saved.
pub(crate) fn check_name(name: &str) -> Result<(), EditorError> {
    let limit = ProjectLimits::default().name_bytes_max;
    if name.len() > limit { Err(EditorError::NameTooLong { bytes: name.len(), limit }) } else { Ok(()) }
}

/// `Delete`, or `Delete 3 objects`.
fn label(what: &str, count: usize) -> Label {
    let mut label = Label::new();
    match count {
        1 => label.set(what),
        count => label.set(&format!("{what} {count} objects")),
    };
    label
}
