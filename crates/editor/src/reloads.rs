//! Files that are to be loaded once more: because they changed on the disk, or because a person wished. Those of the open
//! project, and shaders.

use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::file_watch::FileWatch;
use crate::going::Going;
use crate::loading::Request;
use crate::project::{Project, Reload};
use crate::status::Mood;
use voltrum::AppState;
use voltrum::platform::Waker;
use voltrum::render::UploadBatch;

impl EditorState<'_> {
    /// Looks what has changed on the disk, and begins with one of it where the worker has nothing else to do.
    pub(crate) fn follow_files(&mut self, project: &Project<'_>, app: &AppState<'_>, is_loading: bool) {
        self.reloads.update(self.store.settings.reloads);
        if let Some(shaders) = &mut self.shaders {
            shaders.update();
        }
        if self.going.is_some() || is_loading || self.tools.gizmo.is_dragged() {
            return;
        }
        let request = match self.reloads.take(project) {
            Some(reload) => Some(Request::Reload(reload)),
            None => {
                let read = self.shaders.as_mut().and_then(|shaders| shaders.take_request(&app.renderer));
                read.map(|read| Request::Shaders(Box::new(read)))
            }
        };
        self.going = request.map(Going::Changing);
    }

    /// Shows a file as it is now, and says so.
    pub(crate) fn reload(
        &mut self,
        reload: Reload,
        project: &mut Project<'_>,
        app: &mut AppState<'_>,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        project.reload(app, &reload, uploads)?;
        tracing::info!(file = %reload.name(), "reloaded");
        self.status.say(Mood::Note, &format!("reloaded {}", reload.name()));
        self.reloads.done(reload);
        Ok(())
    }
}

/// See the module.
pub(crate) struct Reloads {
    watch: FileWatch,
    /// By number, in their order.
    wanted: Vec<u32>,
    /// What the load that goes on is to bring, if it is one of these.
    loading: Option<u32>,
}

impl Reloads {
    pub(crate) fn new(waker: Waker) -> Reloads {
        Reloads { watch: FileWatch::new(waker), wanted: Vec::new(), loading: None }
    }

    /// Another project is open.
    pub(crate) fn follow(&mut self, project: &Project<'_>) {
        (self.wanted, self.loading) = (Vec::new(), None);
        self.watch.clear();
        self.add(project);
    }

    /// Files have joined the open project.
    pub(crate) fn add(&mut self, project: &Project<'_>) {
        for file in project.files() {
            if !self.watch.has(file.id()) {
                self.watch.watch(file.id(), project.sources_of(file));
            }
        }
    }

    /// A file was loaded once more.
    pub(crate) fn done(&mut self, reload: Reload) {
        let (file, sources) = reload.into_sources();
        self.watch.watch(file, sources);
        self.loading = None;
    }

    /// Another load begins: what it overtakes is wanted again.
    pub(crate) fn note_overtaken(&mut self) {
        if let Some(file) = self.loading.take().filter(|file| !self.wanted.contains(file)) {
            self.wanted.insert(0, file);
        }
    }

    /// The load that went on has failed.
    pub(crate) fn note_failed(&mut self) {
        self.loading = None;
    }

    /// Every file of the project is wanted.
    pub(crate) fn want_all(&mut self, project: &Project<'_>) {
        self.wanted = project.files().iter().map(|file| file.id()).collect();
    }

    /// Looks what has changed on the disk.
    pub(crate) fn update(&mut self, is_automatic: bool) {
        if let Some(file) = self.watch.take_changed()
            && is_automatic
            && !self.wanted.contains(&file)
        {
            self.wanted.push(file);
        }
    }

    /// Whether something is to be loaded.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// The next one.
    pub(crate) fn take(&mut self, project: &Project<'_>) -> Option<Reload> {
        if self.wanted.is_empty() {
            return None;
        }
        let file = self.wanted.remove(0);
        let reload = project.reload_request(file)?;
        self.loading = Some(file);
        Some(reload)
    }
}
