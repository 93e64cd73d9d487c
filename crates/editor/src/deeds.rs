//! Wishes come true: what a panel or a key asked for, done to the open project.
//!
//! # Invariants
//! 1. Whatever can be refused shows in the status line; nothing here ends the editor.

use crate::camera::FOV_Y;
use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::file_dialog::Purpose;
use crate::project::{Play, Project, ProjectFile};
use crate::question::After;
use crate::shader_folder::ShaderFolder;
use crate::wishes::{NewEntity, PickHow, Wish};
use std::num::NonZeroU64;
use voltrum::AppState;
use voltrum::render::glam::{Mat4, Vec3};
use voltrum::scene::query::{Frustum, Reach, entities_in};
use voltrum::scene::{self, Camera, Entity, Lens, Light, Local, SpawnDesc, Transform};
use voltrum::ui::{self, GizmoEvent};

impl EditorState<'_> {
    /// Does what was wished for since the last update, in order.
    pub(crate) fn fulfil(&mut self, project: &mut Project<'_>, app: &mut AppState<'_>) {
        let wishes = self.wishes.take();
        for wish in wishes.as_slice() {
            if let Err(error) = self.do_one(*wish, project, app) {
                self.complain(&error);
            }
        }
    }

    fn do_one(&mut self, wish: Wish, project: &mut Project<'_>, app: &mut AppState<'_>) -> Result<(), EditorError> {
        match wish {
            Wish::New => self.go(After::New, project),
            Wish::AskOpen => self.ask_for_file(Purpose::Open, project),
            Wish::AskImport if !project.is_empty() => self.ask_for_file(Purpose::Import, project),
            Wish::OpenRecent(index) => {
                if let Some(path) = self.store.settings.recent.get(index).cloned() {
                    self.go(After::Open(path), project);
                }
            }
            Wish::OpenScene(file, scene) => {
                if let Some(place) = project.files().get(file).and_then(ProjectFile::place) {
                    self.go(After::OpenScene(place.to_path_buf(), scene), project);
                }
            }
            Wish::Recover => self.recover(project),
            Wish::UseDialog => self.use_file(self.dialog.typed(), project),
            Wish::AskEnvironment => self.ask_for_file(Purpose::Environment, project),
            Wish::AskSystem => self.dialog.ask_system(),
            Wish::Reload => {
                self.reloads.want_all(project);
                self.shaders.iter_mut().for_each(ShaderFolder::want);
            }
            Wish::ToggleReloads => {
                self.store.settings.reloads ^= true;
                self.store.touch();
            }
            Wish::Save => self.save(project),
            Wish::SaveAs if !project.is_empty() => self.ask_for_file(Purpose::SaveAs, project),
            Wish::Close if !project.is_empty() => self.go(After::Close, project),
            Wish::Quit => self.go(After::Quit, project),
            Wish::Answer(answer) => self.answer(answer, project),
            Wish::Undo => self.turn(project, Project::undo)?,
            Wish::Redo => self.turn(project, Project::redo)?,
            Wish::GoTo(state) => self.turn(project, |project| project.go_to(state).map(|()| true))?,
            Wish::GoToStart => self.turn(project, |project| {
                while project.undo()? {}
                Ok(true)
            })?,
            Wish::Delete => project.delete_selected()?,
            Wish::Duplicate => project.duplicate_selected()?,
            Wish::PickAll => self.pick_all(project)?,
            Wish::PickNone | Wish::Escape => {
                if !self.tools.gizmo.is_dragged() {
                    project.selection_mut().clear();
                }
            }
            Wish::Pick(entity, how) => self.pick(entity, how, project)?,
            Wish::PickInView(entity, how) => {
                self.pick(entity, how, project)?;
                project.rows.reveal(project.scene, entity)?;
                self.reveal_row = Some(entity);
            }
            Wish::PickIn { from, to, adds } => self.pick_in(from, to, adds, project)?,
            Wish::Add(kind, parent) => self.add(kind, parent, project)?,
            Wish::Rename(entity) => rename(project, entity, self.renaming.field.as_str())?,
            Wish::RenameInInspector(entity) => {
                let name = self.inspector.name.field.as_str();
                if scene::name(project.scene, entity) != Some(name) || project.mixed().name {
                    project.rename_all(entity, name)?;
                }
            }
            Wish::BeginRename => {
                if let Some(active) = project.selection().active() {
                    project.rows.reveal(project.scene, active)?;
                    self.reveal_row = Some(active);
                    self.renaming.begin(active, scene::name(project.scene, active).unwrap_or_default());
                }
            }
            Wish::Show(entity, visible) => project.set_visible(entity, visible)?,
            Wish::Reparent { dragged, under, before } => {
                if project.selection().contains(dragged) {
                    project.reparent_selected(under, before)?;
                } else {
                    project.reparent(&[dragged], under, before)?;
                }
                if let Some(under) = under {
                    project.rows.open(under)?;
                }
            }
            Wish::SetLocal(entity, local, label) => {
                project.drag_local(label, self.drag_key, entity, local)?;
            }
            Wish::SetLight(entity, light) => project.drag_light(self.drag_key, entity, light)?,
            Wish::SetCamera(entity, camera) => project.drag_camera(self.drag_key, entity, camera)?,
            Wish::EndDrag => self.end_drag(project),
            Wish::Gizmo(event) => self.follow_gizmo(event, project)?,
            Wish::Tool(kind) => {
                if !self.tools.gizmo.is_dragged() {
                    self.tools.kind = kind;
                }
            }
            Wish::Screenshot(kind) => {
                let (size, samples) = (self.viewport.size(), self.viewport.samples);
                self.screenshots.take(&mut app.renderer, kind, size, samples)?;
            }
            Wish::Mode(mode) => self.viewport.look.mode = mode,
            Wish::ToggleLocal => self.tools.is_local ^= true,
            Wish::ToggleSnap => {
                self.store.settings.snap.is_on ^= true;
                self.store.touch();
            }
            Wish::Fit => self.frame(project, false),
            Wish::FitPicked => self.frame(project, true),
            Wish::ResetLayout => {
                if let Some(ui) = &mut app.ui {
                    ui::reset_layout(ui);
                }
            }
            Wish::Light(is_light) => {
                self.store.settings.set_light(is_light);
                self.store.touch();
                if let Some(ui) = &mut app.ui {
                    ui::set_theme(ui, &self.store.settings.colors());
                }
            }
            Wish::CancelLoad => self.cancels = true,
            Wish::Play(play) => project.play(play),
            Wish::TogglePlay => {
                let first = project.animations().next().map(|(id, _, _)| id);
                match (project.playing(), first) {
                    (None, Some(first)) => project.play(Play::Show(first)),
                    _ => project.play(Play::Toggle),
                }
            }
            Wish::Wear(file, variant) => project.wear(&app.materials, file, variant)?,
            Wish::AskImport | Wish::SaveAs | Wish::Close => {}
        }
        Ok(())
    }

    /// Undo and redo and their kin; what is edited at the moment is let go first.
    fn turn<'scene>(
        &mut self,
        project: &mut Project<'scene>,
        turn: impl FnOnce(&mut Project<'scene>) -> Result<bool, EditorError>,
    ) -> Result<(), EditorError> {
        self.end_drag(project);
        self.tools.gizmo.release();
        self.tools.drag.end();
        turn(project).map(drop)
    }

    fn end_drag(&mut self, project: &mut Project<'_>) {
        project.end_drag();
        self.drag_key = self.drag_key.checked_add(1).unwrap_or(NonZeroU64::MIN);
    }

    fn follow_gizmo(&mut self, event: GizmoEvent, project: &mut Project<'_>) -> Result<(), EditorError> {
        match event {
            GizmoEvent::None => {}
            GizmoEvent::Begun => {
                // what is moved stands where the document has it
                project.play(Play::Stop);
                project.update();
                self.end_drag(project);
                if let Some(place) = self.tools.place {
                    let (kind, picked) = (self.tools.kind, project.selection().entities());
                    self.tools.drag.begin(project.scene, picked, kind, place);
                }
            }
            GizmoEvent::Dragged(change) => {
                let drag = &self.tools.drag;
                if !drag.is_empty() {
                    project.drag(&drag.label(), self.drag_key, |edit| {
                        drag.locals(change).try_for_each(|(entity, local)| edit.set_local(entity, local))
                    })?;
                }
            }
            GizmoEvent::Ended => {
                self.tools.drag.end();
                self.end_drag(project);
            }
            GizmoEvent::Cancelled => {
                self.tools.drag.end();
                project.cancel_drag(self.drag_key);
                self.end_drag(project);
            }
        }
        Ok(())
    }

    fn pick(&mut self, entity: Entity, how: PickHow, project: &mut Project<'_>) -> Result<(), EditorError> {
        if !project.scene.is_alive(entity) {
            return Ok(());
        }
        match how {
            PickHow::Only => project.selection_mut().set([entity])?,
            PickHow::Toggle if project.selection().contains(entity) => project.selection_mut().remove(entity),
            PickHow::Toggle => project.selection_mut().add(entity)?,
            PickHow::Range => {
                let anchor = project.selection().active().and_then(|active| project.rows.place(active));
                let (Some(from), Some(to)) = (anchor, project.rows.place(entity)) else {
                    return Ok(project.selection_mut().set([entity])?);
                };
                // the one that it began with stays the active one
                let range = from.min(to)..from.max(to) + 1;
                let rows: Vec<Entity> = project.rows.rows()[range].iter().map(|row| row.entity).collect();
                let anchor = project.rows.rows()[from].entity;
                project.selection_mut().set(rows)?;
                project.selection_mut().add(anchor)?;
            }
        }
        Ok(())
    }

    fn pick_all(&mut self, project: &mut Project<'_>) -> Result<(), EditorError> {
        let all: Vec<Entity> = scene::entities(project.scene).collect();
        Ok(project.selection_mut().set(all)?)
    }

    fn pick_in(
        &mut self,
        from: [f32; 2],
        to: [f32; 2],
        adds: bool,
        project: &mut Project<'_>,
    ) -> Result<(), EditorError> {
        let camera = self.viewport.seen_with(project);
        let frustum = Frustum::new(&camera.view_projection(), from, to);
        let inside: Vec<Entity> = entities_in(project.scene, &frustum, Reach::Touching).collect();
        let selection = project.selection_mut();
        if !adds {
            selection.clear();
        }
        inside.into_iter().try_for_each(|entity| selection.add(entity))?;
        Ok(())
    }

    fn add(&mut self, kind: NewEntity, parent: Option<Entity>, project: &mut Project<'_>) -> Result<(), EditorError> {
        let (eye, target) = self.viewport.camera.eye_and_target();
        let world = match kind {
            NewEntity::Empty | NewEntity::Light => {
                Mat4::from_translation(if parent.is_some() { Vec3::ZERO } else { target })
            }
            NewEntity::Camera => Mat4::look_at_rh(eye, target, Vec3::Y).inverse(),
        };
        // below something, what needs no place of its own stands at its origin
        let local = match (kind, parent.and_then(|parent| scene::world(project.scene, parent))) {
            (NewEntity::Camera, Some(above)) => Local::from_matrix(above.inverse() * world),
            (_, Some(_)) => Transform::IDENTITY.into(),
            (_, None) => Local::from_matrix(world),
        };
        let lens = Lens::Perspective { fov_y: FOV_Y, aspect: None, near: 0.05, far: None };
        let (name, label) = match kind {
            NewEntity::Empty => ("Node", "Add node"),
            NewEntity::Light => ("Light", "Add light"),
            NewEntity::Camera => ("Camera", "Add camera"),
        };
        let entity = project.edit(label, |edit| {
            let entity = edit.spawn(&SpawnDesc {
                name,
                parent,
                local,
                camera: (kind == NewEntity::Camera).then_some(Camera { lens }),
                light: (kind == NewEntity::Light).then(Light::default),
                ..SpawnDesc::default()
            })?;
            edit.selection_mut().set([entity])?;
            Ok(entity)
        })?;
        project.rows.reveal(project.scene, entity)?;
        self.reveal_row = Some(entity);
        Ok(())
    }

    /// Shows what is picked, or everything.
    fn frame(&mut self, project: &Project<'_>, only_picked: bool) {
        self.viewport.take_over(project);
        let aspect = self.viewport.aspect();
        let picked = project.selection().entities().iter().filter(|_| only_picked);
        let boxes = picked.map(|entity| scene::bounds_below(project.scene, *entity)).filter(|one| !one.is_empty());
        if boxes.clone().next().is_some() {
            self.viewport.camera.fit(boxes, aspect);
        } else {
            self.viewport.camera.fit(project.boxes(), aspect);
        }
    }
}

/// A name that is the old one is no edit.
fn rename(project: &mut Project<'_>, entity: Entity, name: &str) -> Result<(), EditorError> {
    if scene::name(project.scene, entity).is_none_or(|old| old == name) { Ok(()) } else { project.rename(entity, name) }
}
