//! What people do to a project: every edit is a step of the history and a record of the journal.

use super::Project;
use crate::error::EditorError;
use std::num::NonZeroU64;
use voltrum::memory::ArenaVec;
use voltrum::scene::project::{ProjectLimits, Telling};
use voltrum::scene::undo::{self, Committed, HistoryState, Keep, Selection, Told, Transaction};
use voltrum::scene::{self, Entity, SceneError, SpawnDesc};
use voltrum::ui::TextField;

/// A label in the making.
pub(super) type Label = TextField<96>;

/// How long a drag rests before the journal is told how far it has come.
const DRAG_RESTS_SECS: f64 = 0.25;

/// How often it is told while the drag goes on without a rest.
const DRAG_TOLD_SECS: f64 = 1.0;

/// The largest drag of which it is told before the end, in bytes of the history: each time all of it is written.
const DRAG_BYTES_MAX: usize = 64 << 10;

/// A drag that goes on.
pub(super) struct Drag {
    label: Label,
    /// Whether the journal has the step, be it as it was a while ago.
    pub(super) is_told: bool,
    /// Whether it has changed since.
    is_changed: bool,
    changed_secs: f64,
    told_secs: f64,
}

impl Drag {
    fn telling(&self) -> Telling {
        if self.is_told { Telling::Again } else { Telling::New }
    }
}

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
                self.drag_taken_back();
                return Err(error.into());
            }
        };
        if committed.edits > 0 {
            self.version += 1;
            let (now, _) = self.disk.now();
            let drag = self.drag.get_or_insert_with(|| Drag {
                label: Label::new(),
                is_told: false,
                is_changed: true,
                changed_secs: now,
                told_secs: now,
            });
            // what is too long is cut, as the history does
            drag.label.set(label);
            (drag.is_changed, drag.changed_secs) = (true, now);
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
        if let Some(drag) = self.drag.take()
            && drag.is_changed
        {
            self.tell(Told::Done, drag.telling(), drag.label.as_str());
        }
    }

    /// Tells the journal how far a drag has come when it rests, and once a second while it doesn't: a crash costs no more.
    pub(super) fn tell_drag(&mut self) {
        let (now, _) = self.disk.now();
        let bytes = self.history.last_done().map_or(0, |step| step.bytes);
        let Some(drag) = self.drag.as_mut().filter(|drag| drag.is_changed && bytes <= DRAG_BYTES_MAX) else { return };
        if now - drag.changed_secs < DRAG_RESTS_SECS && now - drag.told_secs < DRAG_TOLD_SECS {
            return;
        }
        let (telling, label) = (drag.telling(), drag.label.clone());
        (drag.is_told, drag.is_changed, drag.told_secs) = (true, false, now);
        self.tell(Told::Done, telling, label.as_str());
    }

    /// Whether a drag goes on that the journal has not been told of as it is now.
    pub(super) fn is_drag_untold(&self) -> bool {
        self.drag.as_ref().is_some_and(|drag| drag.is_changed)
    }

    fn drag_taken_back(&mut self) {
        self.version += 1;
        if let Some(drag) = self.drag.take()
            && drag.is_told
        {
            self.tell(Told::Done, Telling::TakenBack, drag.label.as_str());
        }
    }

    /// Takes the drag back, as if it had never begun.
    pub fn cancel_drag(&mut self, key: NonZeroU64) {
        if self.drag.is_some() {
            undo::begin_merging(self.history, self.scene, "", key).roll_back();
            undo::seal(self.history);
            self.drag_taken_back();
        }
    }

    pub(super) fn finish(&mut self, label: &str, committed: Committed) {
        if committed.edits == 0 {
            return;
        }
        self.version += 1;
        if committed.is_kept {
            self.tell(Told::Done, Telling::New, label);
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
            self.tell(told, Telling::New, label);
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
pub(super) fn label(what: &str, count: usize) -> Label {
    let mut label = Label::new();
    match count {
        1 => label.set(what),
        count => label.set(&format!("{what} {count} objects")),
    };
    label
}
