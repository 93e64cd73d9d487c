//! How long a window waits where nothing moves: it is drawn when something has changed, and not else.

use crate::editor_state::EditorState;
use crate::project::Project;
use crate::shader_folder::ShaderFolder;
use std::time::Duration;
use voltrum::ui;
use voltrum::{AppState, Frame};

/// How long the interface goes on drawing after the last message: tooltips wait, menus fade.
const SETTLES_SECS: f64 = 1.5;
/// The longest that a window at rest waits between two frames.
const REST: Duration = Duration::from_secs(60);
/// How often a window is drawn again that there was no memory for.
const UNDRAWN: Duration = Duration::from_millis(100);
/// How often a text cursor blinks.
const BLINK: Duration = Duration::from_millis(400);

impl EditorState<'_> {
    /// How long nothing will change by itself; zero while something moves.
    pub(crate) fn rests_for(&mut self, project: &Project<'_>, app: &AppState<'_>, frame: &Frame<'_>) -> Duration {
        if std::mem::take(&mut self.is_undrawn) {
            return UNDRAWN;
        }
        let is_moving = !self.viewport.camera.is_at_rest()
            || self.viewport.is_unsettled()
            || frame.loading.is_some()
            || self.going.is_some()
            || project.is_arriving()
            || self.environment.is_wanting()
            || self.screenshots.is_busy()
            || self.reloads.is_waiting()
            || self.shaders.as_ref().is_some_and(ShaderFolder::is_waiting)
            || self.tools.gizmo.is_dragged()
            // what was closed or replaced leaves the GPU some of it a frame
            || app.renderer.objects().retired > 0
            || app.ui.as_ref().is_some_and(|ui| ui::has_waiting_input(ui))
            || self.last_secs - self.last_message_secs < SETTLES_SECS;
        if is_moving {
            return Duration::ZERO;
        }
        let mut rest = project.wakes_within().unwrap_or(REST).min(REST);
        if self.dialog.is_waiting() {
            rest = rest.min(Duration::from_millis(50));
        }
        if app.ui.as_ref().is_some_and(|ui| ui::wants_text(ui)) {
            rest = rest.min(BLINK);
        }
        if self.store.is_waiting() || !self.status.text().0.is_empty() && !self.status.is_error() {
            rest = rest.min(Duration::from_secs(1));
        }
        rest
    }
}
