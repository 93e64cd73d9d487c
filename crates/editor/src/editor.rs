//! The editor: a client of the framework that opens projects and glTF scenes, and edits them.
//!
//! # Invariants
//! 1. Panels draw and note what is wished for; it is done in the next turn's update.
//! 2. A file that can't be opened leaves the open project as it is and shows in the status line.
//! 3. Nothing is kept in the user's folders unless [`Editor::keep_settings`] and [`Editor::keep_drafts`] say where.

use crate::carried::Carried;
use crate::editor_state::{EditorState, Folders};
use crate::error::EditorError;
use crate::going::Going;
use crate::inspector::Inspector;
use crate::loading::{self, Request, Staged};
use crate::panels::{self, Renaming};
use crate::preview::Arriving;
use crate::project::{Project, SaveWork, StagedProject, ViewSettings};
use crate::shader_folder::ShaderFolder;
use crate::status::Mood;
use crate::wishes::{Wish, Wishes};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use voltrum::assets::{AssetError, Loading};
use voltrum::memory::{ArenaBox, Scope, Tag, Tagged};
use voltrum::platform::input;
use voltrum::render::{Instances, RenderError, UploadBatch, View};
use voltrum::ui::{self, LayerId, Ui};
use voltrum::{AppState, Client, Frame, Next};

/// The editor as a client. What changes is in [`EditorState`] and [`Project`].
#[derive(Debug)]
pub struct Editor {
    carried: Mutex<Carried>,
    arriving: Arriving,
    folders: Folders,
}

impl Editor {
    /// An editor that opens `first` once it has drawn its window. It remembers nothing from one run to the next.
    pub fn new(first: Option<&Path>) -> Editor {
        let carried = Carried { first: first.map(Path::to_path_buf), ..Carried::default() };
        Editor { carried: Mutex::new(carried), arriving: Arriving::default(), folders: Folders::default() }
    }

    fn carried(&self) -> MutexGuard<'_, Carried> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, with settings that are read from and written to a folder.
    #[must_use]
    pub fn keep_settings(self, folder: Option<PathBuf>) -> Editor {
        Editor { folders: Folders { settings: folder, ..self.folders }, ..self }
    }

    /// The same, with the edits of untitled projects kept in a folder until they are saved, so that a crash costs none.
    #[must_use]
    pub fn keep_drafts(self, folder: Option<PathBuf>) -> Editor {
        Editor { folders: Folders { drafts: folder, ..self.folders }, ..self }
    }

    /// The same, drawing with the shaders of a folder, and following them as they change.
    #[must_use]
    pub fn follow_shaders(self, folder: Option<PathBuf>) -> Editor {
        Editor { folders: Folders { shaders: folder, ..self.folders }, ..self }
    }
}

impl Client for Editor {
    type Request = Request;
    type Staged<'scene> = Staged<'scene>;
    type Project<'scene> = Project<'scene>;
    type Work<'scene> = SaveWork<'scene>;
    type State<'app> = ArenaBox<'app, EditorState<'app>>;
    type Error = EditorError;

    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<ArenaBox<'app, EditorState<'app>>, EditorError> {
        EditorState::startup(app, &self.folders, &mut self.carried())
    }

    fn empty<'scene>(&self) -> Staged<'scene> {
        Staged::Project(StagedProject::EMPTY)
    }

    fn load<'scene>(
        &self,
        request: &Request,
        memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Staged<'scene>, EditorError> {
        loading::load(request, &self.arriving, memory, loading)
    }

    fn import_reserve_bytes(&self, request: &Request) -> usize {
        request.reserve_bytes()
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        app: &mut AppState<'app>,
        staged: Staged<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Project<'scene>, EditorError> {
        let state = &mut **state;
        let staged = match staged {
            Staged::Project(staged) => staged,
            Staged::Environment(path, upload) => {
                state.take_environment(app, (path, upload), uploads)?;
                StagedProject::EMPTY
            }
        };
        let mut project = Project::open(app, staged, memory, uploads)?;
        if let Some(folder) = &self.folders.drafts {
            project.keep_drafts_in(folder)?;
        }
        state.viewport.show(&project);
        state.reloads.follow(&project);
        if !project.is_empty()
            && let Some(view) = self.carried().view.take()
        {
            state.viewport.look_from(&view);
        }
        state.tools.gizmo.release();
        state.tools.drag.end();
        (state.renaming, state.inspector) = (Renaming::default(), Inspector::default());
        (state.discards, state.history_place, state.reveal_row) = (false, u64::MAX, None);
        if !project.is_empty() {
            state.note_opened(&project);
        }
        Ok(project)
    }

    fn import<'app, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        staged: Staged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        let staged = match staged {
            Staged::Project(staged) => staged,
            Staged::Environment(path, upload) => return state.take_environment(app, (path, upload), uploads),
        };
        let again = staged.files.first().and_then(|file| Some((file.place?.to_path_buf(), staged.under)));
        match (project.import(app, staged, uploads), again) {
            (Err(EditorError::Overtaken), Some((path, under))) => {
                state.add_file(path, under, project);
                return Ok(());
            }
            (imported, _) => imported?,
        }
        state.reloads.add(project);
        if let Some(active) = project.selection().active() {
            state.reveal_row = Some(active);
        }
        state.status.say(Mood::Note, "added to the project; to open a scene alone, close the project first");
        Ok(())
    }

    fn prepare(
        &self,
        request: Request,
        memory: &Scope<'_>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Request, EditorError> {
        loading::prepare(request, memory, loading)
    }

    fn apply<'app, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        prepared: Request,
        uploads: &mut UploadBatch<'app>,
    ) -> Result<(), EditorError> {
        match prepared {
            Request::Reload(reload) => state.reload(reload, project, app, uploads),
            Request::Shaders(read) => state.take_shaders(*read, app, uploads),
            Request::Project(_) | Request::Environment(_) => Ok(()),
        }
    }

    fn load_failed<'app>(&self, state: &mut Self::State<'app>, _app: &mut AppState<'app>, error: EditorError) {
        state.discards = false;
        state.environment.note_failed();
        state.reloads.note_failed();
        match error {
            EditorError::Asset(AssetError::Cancelled) => state.status.say(Mood::Note, "loading was cancelled"),
            error => state.complain(&error),
        }
    }

    fn draw_failed<'app>(
        &self,
        state: &mut Self::State<'app>,
        _app: &mut AppState<'app>,
        error: RenderError,
    ) -> Result<(), RenderError> {
        state.note_undrawn(error);
        Ok(())
    }

    fn update<'app, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<Request>, EditorError> {
        let state = &mut **state;
        let now = app.platform.clock.absolute_secs();
        let delta_secs = (now - std::mem::replace(&mut state.last_secs, now)) as f32;
        state.history.push(frame.stats.cpu_ms);
        state.status.update(delta_secs);
        let messages = input::messages(&app.input);
        if !messages.is_empty() {
            state.last_message_secs = now;
        }
        let is_typing = app.ui.as_ref().is_some_and(|ui| ui::wants_text(ui));
        // a question or a dialog blocks the rest; which modifiers are held is followed all the same
        let mut wished = Wishes::new();
        state.shortcuts.read(messages, is_typing, &mut wished);
        if state.asking.question.is_none() && !state.dialog.is_shown {
            wished.as_slice().iter().for_each(|wish| state.wishes.push(*wish));
        }
        project.update();
        if let Some(saved) = project.take_saved() {
            state.after_saving(saved, project);
        }
        if !state.discards {
            project.discard_on_close(false);
        }
        if std::mem::take(&mut app.platform.quit_requested) {
            state.wishes.push(Wish::Quit);
        }
        state.fulfil(project, app);
        if let Some(path) = state.inbox.take_dropped() {
            state.take_in(path, project);
        }
        if let Some(path) = state.dialog.update() {
            state.use_file(path, project);
        }
        if !std::mem::replace(&mut state.is_started, true) {
            let first = self.carried().first.take();
            state.begin(first, project);
        }
        if state.going.is_none()
            && frame.loading.is_none()
            && let Some(path) = state.environment.begin()
        {
            state.loading.set(&path.to_string_lossy());
            state.going = Some(Going::Adding(Request::Environment(path)));
        }
        state.follow_files(project, app, frame.loading.is_some());
        // what the wishes moved is seen in this frame
        if let Err(error) = project.animate(frame.delta_secs) {
            state.complain(&error);
        }
        project.update();
        if !state.tools.gizmo.is_dragged()
            && let Err(error) = project.rows.follow(project.scene, project.version())
        {
            state.complain(&error.into());
        }
        if state.status.text().0.is_empty()
            && let Some(notice) = project.take_notice()
        {
            tracing::info!("{notice}");
            state.status.say(Mood::Note, notice);
        }
        state.fit_picture(project, app)?;
        state.viewport.follow(&self.arriving, frame.loading.is_some() && project.is_empty(), app);
        state.viewport.camera.update(frame.delta_secs);
        if std::mem::take(&mut state.cancels)
            && let Some(progress) = frame.loading
        {
            progress.cancel();
        }
        state.tell_screenshot(project, app);
        state.tell_trouble(project);
        state.tell_title(project, app);
        state.note_settings(app, frame, delta_secs)?;
        let rest = state.rests_for(project, app, frame);
        app.platform.wait_for_messages(rest);
        let going = state.going.take();
        going.iter().for_each(|going| state.note_overtaken(going));
        Ok(match going {
            None => Next::Continue,
            Some(Going::To(request)) => Next::Open(request),
            Some(Going::Adding(request)) => Next::Import(request),
            Some(Going::Changing(request)) => Next::Prepare(request),
            Some(Going::Away) => Next::Quit,
        })
    }

    fn render<'f>(
        &self,
        state: &mut Self::State<'_>,
        project: &mut Project<'_>,
        app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], EditorError> {
        if let Err(error) = project.follow(&mut app.renderer, state.viewport.look.mode)
            && !state.status.is_error()
        {
            state.complain(&error);
        }
        state.viewport.views(project, &state.screenshots, &frame.memory)
    }

    fn instances<'p>(&self, project: &'p Project<'_>) -> Option<&'p Instances<'p>> {
        project.instances()
    }

    fn draw_layer(
        &self,
        layer: LayerId,
        ui: Ui<'_>,
        state: &mut Self::State<'_>,
        project: &mut Project<'_>,
        app: &AppState<'_>,
        frame: &Frame<'_>,
    ) -> Result<(), EditorError> {
        panels::draw(layer, ui, state, project, app, frame)
    }

    fn device_lost<'app>(
        &self,
        state: &mut Self::State<'app>,
        project: &mut Project<'_>,
        _app: &mut AppState<'app>,
    ) -> Option<Request> {
        project.flush();
        // entities are others in a project that is opened again
        let view = Some(ViewSettings { camera: None, ..state.viewport.settings() });
        let look = Some((state.viewport.look, state.environment.path().map(Path::to_path_buf)));
        let shaders = state.shaders.as_ref().and_then(ShaderFolder::carried);
        *self.carried() = Carried { view, look, shaders, is_again: true, ..Carried::default() };
        Some(project.as_request().into())
    }

    fn take_work<'scene>(&self, project: &mut Project<'scene>, _scene: Tagged<'scene>) -> Option<SaveWork<'scene>> {
        project.take_work()
    }

    fn work(&self, work: SaveWork<'_>) {
        work.run();
    }

    fn close<'app>(&self, _state: &mut Self::State<'app>, app: &mut AppState<'app>, project: Project<'_>) {
        project.close(app);
    }

    fn shutdown<'app>(&self, mut state: Self::State<'app>, app: &mut AppState<'app>) {
        if let Some(position) = app.window.ask_position() {
            state.store.settings.window_position = Some(position);
        }
        let memory = app.permanent.with_tag(Tag::CLIENT);
        if self.folders.settings.is_some()
            && let Err(error) = state.keep_layout(app, memory)
        {
            tracing::warn!("the layout is not kept: {error}");
        }
        state.store.write();
        state.viewport.destroy(&mut app.renderer);
        state.environment.destroy(&mut app.renderer);
        state.screenshots.finish(&mut app.renderer);
    }
}
