//! The interface: one layer per panel, and where the panels dock at first.
//!
//! # Invariants
//! 1. Text is formatted on the stack or in the frame arena; a steady frame allocates nothing.
//! 2. Panels change nothing but what they show: what is to be done they note as a wish.

mod file_dialog;
mod history;
mod legend;
mod look;
mod memory;
mod menu;
mod playback;
mod question;
mod selection;
mod status_bar;
mod toolbar;
mod tree;
mod viewport;

use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::project::Project;
use voltrum::ui::{self, DockBuilder, DockNode, LayerId, Side, Ui, UiState};
use voltrum::{AppState, Frame};

pub(crate) use tree::{NameField, Renaming, TreeKeys};

/// What the panels are called, in menus and layouts.
pub(crate) const SCENE: &str = "Scene";
pub(crate) const SELECTION: &str = "Selection";
pub(crate) const VIEWPORT: &str = "Viewport";
pub(crate) const MEMORY: &str = "Memory";
pub(crate) const HISTORY: &str = "History";

/// The layers, by panel. `None` of them exist where the application has no interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panels {
    layers: Option<Layers>,
}

#[derive(Clone, Copy, Debug)]
struct Layers {
    menu: LayerId,
    viewport: LayerId,
    scene: LayerId,
    selection: LayerId,
    memory: LayerId,
    history: LayerId,
    status: LayerId,
    dialogs: LayerId,
}

impl Panels {
    /// Adds a layer for each panel, from back to front.
    pub(crate) fn add(app: &mut AppState<'_>) -> Result<Panels, EditorError> {
        let Some(ui) = &mut app.ui else { return Ok(Panels { layers: None }) };
        let layers = ui::layers_mut(ui);
        Ok(Panels {
            layers: Some(Layers {
                menu: layers.push("Menu", 0)?,
                status: layers.push("Status", 0)?,
                viewport: layers.push(VIEWPORT, 1)?,
                scene: layers.push(SCENE, 1)?,
                selection: layers.push(SELECTION, 1)?,
                history: layers.push(HISTORY, 1)?,
                memory: layers.push(MEMORY, 1)?,
                dialogs: layers.push("Dialogs", 2)?,
            }),
        })
    }

    /// The panels that a person may hide.
    pub(crate) fn hideable(&self) -> impl Iterator<Item = LayerId> {
        let layers =
            self.layers.map(|layers| [layers.viewport, layers.scene, layers.selection, layers.history, layers.memory]);
        layers.into_iter().flatten()
    }
}

/// Draws one layer.
///
/// # Errors
/// When the frame arena is full.
pub fn draw(
    layer: LayerId,
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &mut Project<'_>,
    app: &AppState<'_>,
    frame: &Frame<'_>,
) -> Result<(), EditorError> {
    let (Some(layers), Some(shown)) = (state.panels.layers, &app.ui) else { return Ok(()) };
    let mut open = true;
    if layer == layers.menu {
        // the viewport's panel notes below that it is shown
        state.viewport.wanted = None;
        menu::draw(ui, state, project, app);
    } else if layer == layers.status {
        status_bar::draw(ui, state, project, frame);
    } else if layer == layers.viewport {
        viewport::draw(ui, state, project, app, frame, &mut open);
    } else if layer == layers.scene {
        tree::draw(ui, state, project, app, &mut open)?;
    } else if layer == layers.selection {
        selection::draw(ui, state, project, app, &mut open);
    } else if layer == layers.history {
        history::draw(ui, state, project, &mut open);
    } else if layer == layers.memory {
        memory::draw(ui, state, frame, &mut open)?;
    } else if layer == layers.dialogs {
        file_dialog::draw(ui, state, app);
        question::draw(ui, state, project);
    }
    if !open {
        hide(shown, layer);
    }
    Ok(())
}

/// Where things are that tests look for, in pixels of the window: left, top, width, height. Told to the log when one moves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    tree: [f32; 4],
    position: [f32; 4],
    gizmo: [f32; 4],
}

impl Places {
    pub(crate) fn note_tree(&mut self, place: [f32; 4]) {
        if std::mem::replace(&mut self.tree, place) != place {
            tracing::debug!(?place, "tree placed");
        }
    }

    pub(crate) fn note_position(&mut self, place: [f32; 4]) {
        if std::mem::replace(&mut self.position, place) != place {
            tracing::debug!(?place, "position field placed");
        }
    }

    /// The gizmo's middle, which has no size.
    pub(crate) fn note_gizmo(&mut self, [x, y]: [f32; 2]) {
        let place = [x.round(), y.round(), 0.0, 0.0];
        if std::mem::replace(&mut self.gizmo, place) != place {
            tracing::debug!(?place, "gizmo placed");
        }
    }
}

fn hide(ui: &UiState<'_>, layer: LayerId) {
    ui::layers(ui).set_visible(layer, false);
}

/// The tree and what is picked at the left, memory and history at the right, the viewport in between.
pub fn default_layout<'d>(dock: &DockBuilder<'d>, root: DockNode<'d>) {
    let (left, rest) = dock.split(root, Side::Left, 0.225);
    let (right, viewport) = dock.split(rest, Side::Right, 0.33);
    let (selection, scene) = dock.split(left, Side::Bottom, 0.55);
    let (history, memory) = dock.split(right, Side::Bottom, 0.28);
    dock.place(SCENE, &scene);
    dock.place(SELECTION, &selection);
    dock.place(MEMORY, &memory);
    dock.place(HISTORY, &history);
    dock.place(VIEWPORT, &viewport);
}
