//! What is written down while the editor runs: window, layout, and how scenes are looked at.

use crate::editor::EditorState;
use crate::error::EditorError;
use crate::look::LookSettings;
use voltrum::memory::{Tag, Tagged};
use voltrum::ui;
use voltrum::{AppState, Frame};

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
