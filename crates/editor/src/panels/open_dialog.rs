//! File > Open: a field for a path.

use crate::editor::EditorState;
use voltrum::AppState;
use voltrum::platform::input::{self, Key};
use voltrum::ui::Ui;

const NAME: &str = "Open a scene";

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, app: &AppState<'_>) {
    let appears = std::mem::take(&mut state.wishes.ask_path);
    if appears {
        ui.open_popup(NAME);
    }
    let scale = ui.scale();
    ui.modal(NAME, |popup| {
        ui.text_dim("A .gltf or .glb file; it can also be dropped on the window.");
        ui.spacing();
        if appears {
            ui.focus_next();
            tracing::debug!("path field shown");
        }
        let entered =
            ui.with_width(520.0 * scale, || ui.input_text_hint("##path", "path of the file", &mut state.path));
        ui.spacing();
        let size = [96.0 * scale, 0.0];
        let pressed = ui.enabled(!state.path.is_empty(), || ui.button_sized("Open", size));
        ui.same_line();
        let cancelled = ui.button_sized("Cancel", size) || input::was_key_pressed(&app.input, Key::Escape);
        if (entered || pressed) && !state.path.is_empty() {
            state.wishes.open = true;
            popup.close();
        } else if cancelled {
            popup.close();
        }
    });
}
