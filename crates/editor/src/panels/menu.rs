//! The menu bar.

use crate::backdrop::Backdrop;
use crate::editor::EditorState;
use crate::project::Project;
use crate::viewport::Viewpoint;
use voltrum::AppState;
use voltrum::ui::{self, Ui};

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, app: &AppState<'_>) {
    ui.main_menu(|| {
        ui.menu("File", || file_menu(ui, state, project));
        ui.menu("View", || view_menu(ui, state, project, app));
        ui.menu("Help", || help_menu(ui, app));
    });
}

fn file_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let wishes = &mut state.wishes;
    wishes.ask_path |= ui.menu_item("Open...", "Ctrl+O");
    wishes.close |= ui.menu_item_if(!project.is_empty(), "Close", "Ctrl+W");
    ui.separator();
    wishes.quit |= ui.menu_item("Quit", "Ctrl+Q");
}

fn view_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, app: &AppState<'_>) {
    state.wishes.fit |= ui.menu_item("Show everything", "Home");
    state.wishes.fit_selected |= ui.menu_item_if(project.selected.is_some(), "Show selection", "F");
    ui.menu("Camera", || camera_menu(ui, state, project));
    ui.separator();
    ui.menu_toggle("Grid", "", &mut state.viewport.grid);
    ui.menu("Background", || {
        for backdrop in Backdrop::NAMED {
            let mut chosen = state.viewport.backdrop == backdrop;
            if ui.menu_toggle(backdrop, "", &mut chosen) {
                state.viewport.backdrop = backdrop;
            }
        }
    });
    ui.menu("Samples per pixel", || {
        for samples in [1, 4] {
            let mut chosen = state.viewport.samples == samples;
            if ui.menu_toggle(samples, "", &mut chosen) {
                state.viewport.samples = samples;
            }
        }
    });
    ui.separator();
    if let Some(shown) = &app.ui {
        for panel in state.panels.hideable() {
            if let Some(layer) = ui::layers(shown).get(panel) {
                let mut visible = layer.is_visible();
                if ui.menu_toggle(layer.name(), "", &mut visible) {
                    layer.set_visible(visible);
                }
            }
        }
    }
    state.wishes.reset_layout |= ui.menu_item("Reset layout", "");
}

/// What mouse and keys do in the viewport, and what all this runs on.
fn help_menu(ui: Ui<'_>, app: &AppState<'_>) {
    const CONTROLS: [(&str, &str); 7] = [
        ("drag", "turn around the scene"),
        ("Shift + drag", "move the view; the middle button does, too"),
        ("wheel", "closer and farther, towards the pointer"),
        ("click", "pick what is there"),
        ("double click", "pick it and show it"),
        ("F", "show what is picked, or everything"),
        ("Home", "show everything"),
    ];
    for (input, effect) in CONTROLS {
        ui.label_value(input, 120.0 * ui.scale(), effect);
    }
    ui.separator();
    ui.text_dim(format_args!("Voltrum {} on {}", env!("CARGO_PKG_VERSION"), app.gpu.device_name()));
}

fn camera_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let mut orbits = state.viewport.viewpoint == Viewpoint::Orbit;
    if ui.menu_toggle("Free", "", &mut orbits) {
        state.viewport.take_over(project);
    }
    for (index, camera) in project.staged.scene.cameras.iter().enumerate() {
        let mut chosen = state.viewport.viewpoint == Viewpoint::File(index);
        let label = format_args!("{index}: {}##camera", if camera.name.is_empty() { "camera" } else { camera.name });
        if ui.with_id(index as u64, || ui.menu_toggle(label, "", &mut chosen)) {
            state.viewport.viewpoint = Viewpoint::File(index);
        }
    }
}
