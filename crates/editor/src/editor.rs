//! The editor: a client of the framework that opens glTF scenes.
//!
//! # Invariants
//! 1. Panels draw and note what is wished for; it is done in the next turn's update.
//! 2. A file that can't be opened leaves the open project as it is and shows in the status line.

use crate::error::EditorError;
use crate::history::FrameHistory;
use crate::inbox::{Inbox, PathField};
use crate::panels::{self, Panels};
use crate::project::{self, Project, ProjectRequest, StagedProject};
use crate::shortcuts::Shortcuts;
use crate::status::{Mood, Status};
use crate::viewport::Viewport;
use std::path::{Path, PathBuf};
use voltrum::assets::{AssetError, Loading};
use voltrum::memory::{ArenaBox, Scope, Tag, Tagged};
use voltrum::platform::events::{self, EventCode};
use voltrum::platform::input;
use voltrum::render::{UploadBatch, View};
use voltrum::scene;
use voltrum::scene::project::Intent;
use voltrum::ui::{self, LayerId, Ui};
use voltrum::{AppState, Client, Frame, Next};

/// The window's title, and the last part of it while a file is open.
const TITLE: &str = "Voltrum";

/// The editor as a client. What changes is in [`EditorState`] and [`Project`].
#[derive(Debug)]
pub struct Editor {
    first: Option<PathBuf>,
}

impl Editor {
    /// An editor that opens `first` once it has drawn its window.
    pub fn new(first: Option<&Path>) -> Editor {
        Editor { first: first.map(Path::to_path_buf) }
    }
}

/// What a person wished for in a panel; done in the next update.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    /// Load what the path field says.
    pub(crate) open: bool,
    pub(crate) close: bool,
    pub(crate) quit: bool,
    /// Stop the load that runs.
    pub(crate) cancel: bool,
    /// Show everything.
    pub(crate) fit: bool,
    /// Show what is picked.
    pub(crate) fit_selected: bool,
    pub(crate) reset_layout: bool,
    /// Ask for a path.
    pub(crate) ask_path: bool,
}

/// What the editor keeps as long as it runs.
pub struct EditorState<'app> {
    /// The viewport's picture and camera.
    pub viewport: Viewport,
    /// The status line.
    pub status: Status,
    /// The path field's text.
    pub(crate) path: PathField,
    pub(crate) panels: Panels,
    pub(crate) wishes: Wishes,
    pub(crate) history: FrameHistory,
    shortcuts: Shortcuts,
    inbox: &'app Inbox,
    is_started: bool,
}

impl EditorState<'_> {
    /// Opens a file in the next turn, as if its path had been typed.
    pub fn open(&mut self, path: &str) {
        self.wishes.open = self.path.set(path);
        if !self.wishes.open {
            self.status.say(Mood::Error, "the path is too long; move the file to a folder nearer to the root");
        }
    }

    /// Closes the open file in the next turn.
    pub fn close(&mut self) {
        self.wishes.close = true;
    }

    /// What `~` stands for is the home folder, as in a shell.
    fn typed_path(&self) -> PathBuf {
        let text = self.path.as_str().trim();
        match (text.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(text),
        }
    }
}

impl Client for Editor {
    type Request = ProjectRequest;
    type Staged<'scene> = StagedProject<'scene>;
    type Project<'scene> = Project<'scene>;
    type State<'app> = ArenaBox<'app, EditorState<'app>>;
    type Error = EditorError;

    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<ArenaBox<'app, EditorState<'app>>, EditorError> {
        let memory = app.permanent.with_tag(Tag::CLIENT);
        let inbox: &'app Inbox = memory.try_alloc(Inbox::new())?;
        events::register(&mut app.events, EventCode::FILE_DROPPED, 0, inbox)?;
        let panels = Panels::add(app)?;
        let viewport = Viewport::create(&mut app.renderer)?;
        Ok(memory.try_alloc_box(EditorState {
            viewport,
            status: Status::default(),
            path: PathField::new(),
            panels,
            wishes: Wishes::default(),
            history: FrameHistory::new(),
            shortcuts: Shortcuts::default(),
            inbox,
            is_started: false,
        })?)
    }

    fn empty<'scene>(&self) -> StagedProject<'scene> {
        StagedProject::EMPTY
    }

    fn load<'scene>(
        &self,
        request: &ProjectRequest,
        memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<StagedProject<'scene>, EditorError> {
        project::load(request, Intent::Edit, memory, loading)
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        app: &mut AppState<'app>,
        staged: StagedProject<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Project<'scene>, EditorError> {
        let project = Project::open(app, staged, memory, uploads)?;
        state.viewport.show_all(&project);
        if project.is_empty() {
            app.window.set_title(TITLE);
        } else {
            state.status.clear();
            app.window.set_title(memory.try_alloc_fmt(format_args!("{} \u{2013} {TITLE}", project.file_name()))?);
            tracing::info!(path = project.shown_path(), entities = project.scene.len(), "opened");
        }
        Ok(project)
    }

    fn import<'app, 'scene>(
        &self,
        _state: &mut Self::State<'app>,
        project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        staged: StagedProject<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        project.import(app, staged, uploads)
    }

    fn load_failed<'app>(&self, state: &mut Self::State<'app>, _app: &mut AppState<'app>, error: EditorError) {
        match error {
            EditorError::Asset(AssetError::Cancelled) => state.status.say(Mood::Note, "loading was cancelled"),
            error => {
                tracing::error!("{error}");
                state.status.say(Mood::Error, &error.to_string());
            }
        }
    }

    fn update<'app, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<ProjectRequest>, EditorError> {
        let state = &mut **state;
        state.history.push(frame.stats.cpu_ms);
        state.status.update(frame.delta_secs);
        let is_typing = app.ui.as_ref().is_some_and(|ui| ui::wants_text(ui));
        state.shortcuts.read(input::messages(&app.input), is_typing, &mut state.wishes);
        if state.wishes.reset_layout
            && let Some(ui) = &mut app.ui
        {
            ui::reset_layout(ui);
        }
        project.update();
        if state.wishes.fit_selected || state.wishes.fit {
            state.viewport.take_over(project);
            let aspect = state.viewport.aspect();
            let picked = project.selected.filter(|_| state.wishes.fit_selected);
            match picked.map(|picked| scene::bounds_below(project.scene, picked)).filter(|bounds| !bounds.is_empty()) {
                Some(bounds) => state.viewport.camera.fit([bounds], aspect),
                None => state.viewport.camera.fit(project.boxes(), aspect),
            }
        }
        state.viewport.update(&mut app.renderer, project)?;
        state.viewport.camera.update(frame.delta_secs);
        if state.wishes.cancel
            && let Some(progress) = frame.loading
        {
            progress.cancel();
        }

        let wishes = Wishes { ask_path: state.wishes.ask_path, ..Wishes::default() };
        let wished = std::mem::replace(&mut state.wishes, wishes);
        if wished.quit || app.platform.quit_requested {
            return Ok(Next::Quit);
        }
        if !std::mem::replace(&mut state.is_started, true)
            && let Some(first) = &self.first
        {
            state.path.set(&first.to_string_lossy());
            return Ok(Next::Open(ProjectRequest::Open(first.clone())));
        }
        let dropped = state.inbox.take_dropped(&mut state.path);
        if dropped || (wished.open && !state.path.is_empty()) {
            return Ok(Next::Open(ProjectRequest::Open(state.typed_path())));
        }
        if wished.close && !project.is_empty() {
            return Ok(Next::Open(ProjectRequest::Close));
        }
        Ok(Next::Continue)
    }

    fn render<'f>(
        &self,
        state: &mut Self::State<'_>,
        project: &mut Project<'_>,
        _app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], EditorError> {
        state.viewport.views(project, &frame.memory)
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

    fn close<'app>(&self, _state: &mut Self::State<'app>, app: &mut AppState<'app>, project: Project<'_>) {
        project.close(app);
    }

    fn shutdown<'app>(&self, state: Self::State<'app>, app: &mut AppState<'app>) {
        state.viewport.destroy(&mut app.renderer);
    }
}
