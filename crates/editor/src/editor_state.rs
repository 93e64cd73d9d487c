//! What the editor keeps as long as it runs, or until its GPU is lost.

use crate::carried::Carried;
use crate::error::EditorError;
use crate::file_dialog::FileDialog;
use crate::going::Going;
use crate::history::FrameHistory;
use crate::inbox::{Inbox, PathField};
use crate::inspector::Inspector;
use crate::look::{EnvironmentFile, Look};
use crate::panels::{Panels, Places, Renaming, TreeKeys};
use crate::preview;
use crate::project;
use crate::question::Asking;
use crate::reloads::Reloads;
use crate::screenshot::Screenshots;
use crate::settings::SettingsStore;
use crate::shader_folder::ShaderFolder;
use crate::shortcuts::Shortcuts;
use crate::status::{Mood, Status};
use crate::timelines::Timelines;
use crate::tools::Tools;
use crate::viewport::Viewport;
use crate::wishes::Wishes;
use std::num::NonZeroU64;
use std::path::PathBuf;
use voltrum::AppState;
use voltrum::memory::{ArenaBox, Tag};
use voltrum::platform::events::{self, EventCode};
use voltrum::scene::Entity;
use voltrum::ui::{self, TextField};

/// Folders that the editor was told to use; without one it does without what would lie there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folders {
    /// Where settings are read from and written to.
    pub(crate) settings: Option<PathBuf>,
    /// Where the edits of untitled projects are kept.
    pub(crate) drafts: Option<PathBuf>,
    /// Whose shaders are drawn with.
    pub(crate) shaders: Option<PathBuf>,
}

/// See the module.
pub struct EditorState<'app> {
    /// The viewport's picture and camera.
    pub viewport: Viewport,
    /// The viewport's tools.
    pub tools: Tools,
    /// The status line.
    pub status: Status,
    /// The environment that was loaded.
    pub environment: EnvironmentFile,
    /// Pictures of the viewport.
    pub screenshots: Screenshots,
    /// What says how the scene is looked at is to open.
    pub opens_look: bool,
    /// What is remembered from one run to the next.
    pub store: SettingsStore,
    /// What crashes have left of untitled projects, the last one first.
    pub(crate) drafts: Vec<PathBuf>,
    /// The path of what is being loaded.
    pub(crate) loading: PathField,
    pub(crate) panels: Panels,
    pub(crate) places: Places,
    /// The viewport is to take the keyboard.
    pub(crate) focuses_viewport: bool,
    pub(crate) wishes: Wishes,
    pub(crate) history: FrameHistory,
    /// What was held over time.
    pub(crate) timelines: Timelines,
    pub(crate) dialog: FileDialog,
    pub(crate) asking: Asking,
    pub(crate) going: Option<Going>,
    pub(crate) renaming: Renaming,
    pub(crate) tree_keys: TreeKeys,
    pub(crate) inspector: Inspector,
    /// The row that the tree is to scroll to.
    pub(crate) reveal_row: Option<Entity>,
    /// The state that the history panel showed last.
    pub(crate) history_place: u64,
    /// Names the drag that is going on, or the next one.
    pub(crate) drag_key: NonZeroU64,
    /// The person chose not to save.
    pub(crate) discards: bool,
    /// The load that runs is to be stopped.
    pub(crate) cancels: bool,
    /// The log was told that edits don't reach the disk.
    pub(crate) is_in_trouble: bool,
    /// There was no memory for all of the last frame.
    pub(crate) is_undrawn: bool,
    /// How scenes were looked at when the settings noted it last.
    pub(crate) noted_look: Look,
    pub(crate) reloads: Reloads,
    pub(crate) shaders: Option<ShaderFolder>,
    pub(crate) shortcuts: Shortcuts,
    pub(crate) inbox: &'app Inbox,
    pub(crate) title: TextField<512>,
    pub(crate) last_secs: f64,
    pub(crate) last_message_secs: f64,
    pub(crate) is_started: bool,
}

impl<'app> EditorState<'app> {
    /// The state of an editor that begins, or begins again.
    ///
    /// # Errors
    /// When an arena or the GPU has no room.
    pub(crate) fn startup(
        app: &mut AppState<'app>,
        folders: &Folders,
        carried: &mut Carried,
    ) -> Result<ArenaBox<'app, EditorState<'app>>, EditorError> {
        let memory = app.permanent.with_tag(Tag::CLIENT);
        let inbox: &'app Inbox = memory.try_alloc(Inbox::new())?;
        events::register(&mut app.events, EventCode::FILE_DROPPED, 0, inbox)?;
        let panels = Panels::add(app)?;
        let mut viewport = Viewport::create(&mut app.renderer)?;
        let mut store = SettingsStore::open(folders.settings.clone());
        let kept = || store.settings.look.restored(viewport.look);
        let (look, panorama) = carried.look.take().unwrap_or_else(kept);
        let mut environment = EnvironmentFile::default();
        viewport.look = environment.begin_with(look, panorama);
        let noted_look = viewport.look;
        let mut status = Status::default();
        if let Some(note) = store.take_note() {
            status.say(Mood::Note, &note);
        }
        if let Some(ui) = &mut app.ui {
            ui::set_theme(ui, &store.settings.colors());
        }
        if let Some(ui) = app.ui.as_mut().filter(|_| !store.settings.layout.is_empty())
            && let Err(error) = ui::load_layout(ui, &store.settings.layout)
        {
            tracing::warn!("{error}");
            status.say(Mood::Note, &error.to_string());
        }
        if let Some(position) = store.settings.window_position {
            app.window.set_position(position);
        }
        let start = |folder| ShaderFolder::startup(folder, carried, app, &mut status);
        let shaders = folders.shaders.clone().map(start);
        preview::make_ready(app)?;
        let drafts_folder = folders.drafts.as_deref().filter(|_| !carried.is_again);
        Ok(memory.try_alloc_box(EditorState {
            viewport,
            tools: Tools::default(),
            status,
            environment,
            noted_look,
            screenshots: Screenshots::default(),
            opens_look: false,
            store,
            drafts: drafts_folder.map(project::drafts_left_in).unwrap_or_default(),
            loading: PathField::new(),
            panels,
            places: Places::default(),
            focuses_viewport: true,
            wishes: Wishes::new(),
            history: FrameHistory::new(),
            timelines: Timelines::new(),
            dialog: FileDialog::default(),
            asking: Asking::default(),
            going: None,
            renaming: Renaming::default(),
            tree_keys: TreeKeys::default(),
            inspector: Inspector::default(),
            reveal_row: None,
            history_place: u64::MAX,
            drag_key: NonZeroU64::MIN,
            discards: false,
            cancels: false,
            is_in_trouble: false,
            is_undrawn: false,
            reloads: Reloads::new(app.platform.waker()),
            shaders,
            shortcuts: Shortcuts::default(),
            inbox,
            title: TextField::new(),
            last_secs: 0.0,
            last_message_secs: 0.0,
            is_started: false,
        })?)
    }
}
