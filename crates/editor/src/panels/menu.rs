//! The menu bar.

use super::look;
use super::tree::add_items;
use crate::editor_state::EditorState;
use crate::project::Project;
use crate::viewport::Viewpoint;
use crate::wishes::{PickHow, Wish};
use voltrum::AppState;
use voltrum::scene;
use voltrum::ui::{self, GizmoKind, Ui};

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, app: &AppState<'_>) {
    ui.main_menu(|| {
        ui.menu_keyed("File", 'F', true, || file_menu(ui, state, project));
        ui.menu_keyed("Edit", 'E', false, || edit_menu(ui, state, project));
        ui.menu_keyed("Add", 'A', false, || {
            ui.enabled(!project.is_empty(), || add_items(ui, &mut state.wishes, None));
        });
        ui.menu_keyed("View", 'V', false, || view_menu(ui, state, project, app));
        ui.menu_keyed("Help", 'H', false, || help_menu(ui, app));
    });
}

fn file_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let is_open = !project.is_empty();
    let wishes = &mut state.wishes;
    wishes.push_if(ui.menu_item("New", "Ctrl+N"), Wish::New);
    wishes.push_if(ui.menu_item("Open...", "Ctrl+O"), Wish::AskOpen);
    let recent = &state.store.settings.recent;
    if recent.is_empty() {
        ui.menu_item_if(false, "Open recent", "");
    } else {
        ui.menu("Open recent", || {
            for (index, path) in recent.iter().enumerate() {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let picked = ui.with_id(index as u64, || ui.menu_item(&name, ""));
                ui.tooltip(path.display());
                wishes.push_if(picked, Wish::OpenRecent(index));
            }
        });
    }
    if project.files().iter().filter_map(|file| file.scene()).any(|scene| scene.scenes.len() > 1) {
        ui.menu("Open scene", || scene_menu(ui, state, project));
    }
    let wishes = &mut state.wishes;
    if !state.drafts.is_empty() {
        wishes.push_if(ui.menu_item("Recover unsaved edits", ""), Wish::Recover);
    }
    wishes.push_if(ui.menu_item_if(is_open, "Import...", "Ctrl+I"), Wish::AskImport);
    wishes.push_if(ui.menu_item_if(is_open, "Reload", "F5"), Wish::Reload);
    let mut reloads = state.store.settings.reloads;
    wishes.push_if(ui.menu_toggle("Reload changed files", "", &mut reloads), Wish::ToggleReloads);
    ui.separator();
    wishes.push_if(ui.menu_item_if(is_open, "Save", "Ctrl+S"), Wish::Save);
    wishes.push_if(ui.menu_item_if(is_open, "Save as...", "Ctrl+Shift+S"), Wish::SaveAs);
    ui.separator();
    wishes.push_if(ui.menu_item_if(is_open, "Close", "Ctrl+W"), Wish::Close);
    wishes.push_if(ui.menu_item("Quit", "Ctrl+Q"), Wish::Quit);
}

fn edit_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let wishes = &mut state.wishes;
    let undone = project.can_undo();
    let label = format_args!("Undo {}###undo", undone.unwrap_or_default());
    wishes.push_if(ui.menu_item_if(undone.is_some(), label, "Ctrl+Z"), Wish::Undo);
    let redone = project.can_redo();
    let label = format_args!("Redo {}###redo", redone.unwrap_or_default());
    wishes.push_if(ui.menu_item_if(redone.is_some(), label, "Ctrl+Shift+Z"), Wish::Redo);
    ui.separator();
    let is_picked = !project.selection().is_empty();
    wishes.push_if(ui.menu_item_if(is_picked, "Duplicate", "Ctrl+D"), Wish::Duplicate);
    wishes.push_if(ui.menu_item_if(is_picked, "Delete", "Del"), Wish::Delete);
    wishes.push_if(ui.menu_item_if(is_picked, "Rename", "F2"), Wish::BeginRename);
    ui.separator();
    wishes.push_if(ui.menu_item_if(!project.scene.is_empty(), "Select all", "Ctrl+A"), Wish::PickAll);
    wishes.push_if(ui.menu_item_if(is_picked, "Select nothing", "Esc"), Wish::PickNone);
    if let Some(parent) = project.selection().active().and_then(|active| scene::parent(project.scene, active)) {
        wishes.push_if(ui.menu_item("Select parent", ""), Wish::Pick(parent, PickHow::Only));
    }
    ui.separator();
    for (kind, name, key) in
        [(GizmoKind::Move, "Move", "W"), (GizmoKind::Rotate, "Rotate", "E"), (GizmoKind::Scale, "Scale", "R")]
    {
        let mut is_chosen = state.tools.kind == kind;
        wishes.push_if(ui.menu_toggle(name, key, &mut is_chosen), Wish::Tool(kind));
    }
    let mut is_local = state.tools.is_local;
    wishes.push_if(ui.menu_toggle("Along own axes", "X", &mut is_local), Wish::ToggleLocal);
    let mut snaps = state.store.settings.snap.is_on;
    wishes.push_if(ui.menu_toggle("Snap", "", &mut snaps), Wish::ToggleSnap);
}

fn view_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, app: &AppState<'_>) {
    let is_picked = !project.selection().is_empty();
    state.wishes.push_if(ui.menu_item("Show everything", "Home"), Wish::Fit);
    state.wishes.push_if(ui.menu_item_if(is_picked, "Show selection", "F"), Wish::FitPicked);
    ui.menu("Camera", || camera_menu(ui, state, project));
    if project.files().iter().filter_map(|file| file.scene()).any(|scene| !scene.variants.is_empty()) {
        ui.menu("Variant", || variant_menu(ui, state, project));
    }
    ui.separator();
    ui.menu_toggle("Grid", "", &mut state.viewport.look.grid);
    look::menu(ui, state);
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
    ui.menu("Theme", || {
        for (name, is_light) in [("Dark", false), ("Light", true)] {
            let mut is_chosen = state.store.settings.is_light() == is_light;
            state.wishes.push_if(ui.menu_toggle(name, "", &mut is_chosen), Wish::Light(is_light));
        }
    });
    state.wishes.push_if(ui.menu_item("Reset layout", ""), Wish::ResetLayout);
}

/// What mouse and keys do in the viewport, and what all this runs on.
fn help_menu(ui: Ui<'_>, app: &AppState<'_>) {
    const CONTROLS: [(&str, &str); 14] = [
        ("drag", "turn around the scene"),
        ("Shift + drag", "move the view; the middle button does, too"),
        ("wheel", "closer and farther, towards the pointer"),
        ("click", "select what is there; Ctrl or Shift adds to it"),
        ("Ctrl + drag", "select what is in a rectangle; Shift adds to it"),
        ("double click", "show what is selected"),
        ("W  E  R", "move, rotate, scale"),
        ("X", "along the world's axes or its own"),
        ("Ctrl while dragging", "in steps, or not"),
        ("Esc while dragging", "back as it was"),
        ("F12", "a screenshot; Shift twice as large, Ctrl without background"),
        ("1 to 7", "shaded, wireframe, and what else there is to see"),
        ("F   Home", "show what is selected, show everything"),
        ("F10   Alt + letter", "this menu bar, by keys"),
    ];
    for (input, effect) in CONTROLS {
        ui.label_value(input, 150.0 * ui.scale(), effect);
    }
    ui.separator();
    ui.text_dim(format_args!("Voltrum {} on {}", env!("CARGO_PKG_VERSION"), app.gpu.device_name()));
}

fn camera_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let mut orbits = state.viewport.viewpoint == Viewpoint::Orbit;
    if ui.menu_toggle("Free", "", &mut orbits) {
        state.viewport.take_over(project);
    }
    for entity in scene::cameras(project.scene).entities().iter().copied() {
        let mut chosen = state.viewport.viewpoint == Viewpoint::Scene(entity);
        let name = scene::name(project.scene, entity).filter(|name| !name.is_empty()).unwrap_or("camera");
        if ui.with_id(entity.to_bits(), || ui.menu_toggle(format_args!("{name}##camera"), "", &mut chosen)) {
            state.viewport.viewpoint = Viewpoint::Scene(entity);
        }
    }
}

/// The scenes of each file that has several; one that is not shown is opened as a project of its own.
fn scene_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    for (at, file) in project.files().iter().enumerate() {
        let Some(contents) = file.scene().filter(|contents| contents.scenes.len() > 1) else { continue };
        ui.text_dim(file.path());
        ui.with_id(at as u64, || {
            for (number, name) in (0..).zip(contents.scenes) {
                let mut is_shown = contents.scene == Some(number);
                let name = format_args!("{}###{number}", if name.is_empty() { "Scene" } else { name });
                let toggled = ui.menu_toggle(name, number, &mut is_shown);
                state.wishes.push_if(toggled && is_shown, Wish::OpenScene(at, number));
            }
        });
    }
}

/// The variants of each file that has some.
fn variant_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    for (at, file) in project.files().iter().enumerate() {
        let variants = file.scene().map_or(&[][..], |scene| scene.variants);
        if variants.is_empty() {
            continue;
        }
        ui.text_dim(file.path());
        ui.with_id(at as u64, || {
            let mut is_own = file.variant().is_none();
            state.wishes.push_if(ui.menu_toggle("Its own materials", "", &mut is_own), Wish::Wear(at, None));
            for (number, name) in (0..).zip(variants) {
                let mut is_worn = file.variant() == Some(number);
                let toggled = ui.menu_toggle(format_args!("{name}###{number}"), "", &mut is_worn);
                state.wishes.push_if(toggled, Wish::Wear(at, Some(number)));
            }
        });
    }
}
