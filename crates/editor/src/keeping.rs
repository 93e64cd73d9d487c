//! What is told and written down while the editor runs: title, screenshots, window, layout, how scenes are looked at.

use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::look::LookSettings;
use crate::project::{Access, Project};
use crate::shader_folder::ShaderFolder;
use crate::status::Mood;
use std::path::Path;
use voltrum::memory::{Tag, Tagged};
use voltrum::render::RenderError;
use voltrum::ui::{self, TextField};
use voltrum::{AppState, Frame};

/// The window's title, and the last part of it while a project is open.
const TITLE: &str = "Voltrum";

impl EditorState<'_> {
    /// Window, layout and what else is remembered.
    pub(crate) fn note_settings(
        &mut self,
        app: &mut AppState<'_>,
        frame: &Frame<'_>,
        delta_secs: f32,
    ) -> Result<(), EditorError> {
        if !app.window.is_headless() {
            let scale = app.window.scale().max(0.1);
            let size = app.window.size().map(|side| (side as f32 / scale).round() as u32);
            if app.platform.visible && self.store.settings.window_size != Some(size) {
                self.store.settings.window_size = Some(size);
                self.store.touch();
            }
        }
        if self.store.is_kept()
            && let Some(ui) = &mut app.ui
            && ui::take_layout_changed(ui)
        {
            self.keep_layout(app, frame.memory.tagged(Tag::CLIENT))?;
        }
        self.note_look();
        self.store.update(delta_secs);
        Ok(())
    }

    pub(crate) fn keep_layout(&mut self, app: &AppState<'_>, memory: Tagged<'_>) -> Result<(), EditorError> {
        let Some(ui) = &app.ui else { return Ok(()) };
        let layout = ui::save_layout(ui, memory)?;
        if layout != self.store.settings.layout {
            layout.clone_into(&mut self.store.settings.layout);
            self.store.touch();
        }
        Ok(())
    }

    /// Shows the project's name, and whether it has unsaved edits.
    pub(crate) fn tell_title(&mut self, project: &Project<'_>, app: &AppState<'_>) {
        let mut title = TextField::<512>::new();
        if project.is_empty() {
            title.set(TITLE);
        } else {
            let mark = if project.is_unsaved() { "\u{2022} " } else { "" };
            title.set_parts(&[mark, project.title(), " \u{2013} ", TITLE]);
        }
        if title.as_str() != self.title.as_str() {
            app.window.set_title(title.as_str());
            self.title = title;
        }
    }

    /// Says and remembers what was opened.
    pub(crate) fn note_opened(&mut self, project: &Project<'_>) {
        self.status.clear();
        if !self.drafts.is_empty() {
            self.status.say(Mood::Note, "an untitled project has left edits: File > Recover unsaved edits");
        }
        if let Some(trouble) = self.shaders.as_ref().and_then(ShaderFolder::trouble) {
            self.status.say(Mood::Error, trouble);
        }
        if !project.shown_path().is_empty() {
            self.store.settings.note_opened(Path::new(project.shown_path()));
            self.store.touch();
        }
        if let Access::ReadOnly { reason } = project.access() {
            tracing::warn!("{}: open for reading only: {reason}", project.shown_path());
        }
        tracing::info!(path = project.shown_path(), entities = project.scene.len(), "opened");
    }

    /// Brings the viewport's picture to the size of its panel. Where the GPU has no room for that, the picture stays as it is.
    ///
    /// # Errors
    /// When nothing can be drawn any more.
    pub(crate) fn fit_picture(&mut self, project: &Project<'_>, app: &mut AppState<'_>) -> Result<(), EditorError> {
        match self.viewport.update(&mut app.renderer, project) {
            Err(error) if error.is_out_of_memory() => {
                self.complain(&error.into());
                Ok(())
            }
            fitted => Ok(fitted?),
        }
    }

    /// Tells once what there is no memory for in a window that is tried to draw again and again.
    pub(crate) fn note_undrawn(&mut self, error: RenderError) {
        self.is_undrawn = true;
        if !self.status.is_error() {
            self.complain(&error.into());
        }
    }

    /// Tells the log when edits don't reach the disk, and when they do again; the status line shows it meanwhile.
    pub(crate) fn tell_trouble(&mut self, project: &Project<'_>) {
        match project.journal_trouble() {
            Some(trouble) if !std::mem::replace(&mut self.is_in_trouble, true) => tracing::warn!("{trouble}"),
            None if std::mem::take(&mut self.is_in_trouble) => tracing::info!("edits reach the disk again"),
            _ => {}
        }
    }

    /// Says where a screenshot went.
    pub(crate) fn tell_screenshot(&mut self, project: &Project<'_>, app: &mut AppState<'_>) {
        match self.screenshots.update(&mut app.renderer, project) {
            Some(Ok(path)) => {
                tracing::info!(path = %path.display(), "screenshot written");
                self.status.say(Mood::Note, &format!("screenshot: {}", path.display()));
            }
            Some(Err(error)) => {
                tracing::error!("{error}");
                self.status.say(Mood::Error, &error);
            }
            None => {}
        }
    }

    /// Writes down how scenes are looked at, once it has changed.
    fn note_look(&mut self) {
        let look = self.viewport.look;
        if look != self.noted_look {
            self.noted_look = look;
            self.store.settings.look = LookSettings::of(&look, self.environment.path());
            self.store.touch();
        }
    }
}
