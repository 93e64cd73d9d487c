//! The row above the picture: which gizmo, along whose axes, in which steps.

use super::look;
use crate::editor_state::EditorState;
use crate::project::Project;
use crate::wishes::Wish;
use voltrum::ui::{GizmoKind, Number, Ui, Unit};

const KINDS: [(GizmoKind, &str, &str); 3] = [
    (GizmoKind::Move, "Move", "drag along an axis, a plane or the view  (W)"),
    (GizmoKind::Rotate, "Rotate", "turn about an axis or the view  (E)"),
    (GizmoKind::Scale, "Scale", "along an axis, or all alike  (R)"),
];

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let scale = ui.scale();
    let ([x, y], [room, _]) = (ui.cursor(), ui.available());
    let margin = 4.0 * scale;
    ui.set_cursor([x + margin, y + margin]);
    ui.group(|| {
        ui.enabled(!project.is_empty(), || {
            for (kind, name, hint) in KINDS {
                state.wishes.push_if(ui.toggle(name, state.tools.kind == kind), Wish::Tool(kind));
                ui.tooltip(hint);
                ui.same_line();
            }
            separator(ui);
            let is_local = state.tools.uses_local_axes();
            let name = if is_local { "Local###axes" } else { "World###axes" };
            ui.enabled(state.tools.kind != GizmoKind::Scale, || {
                state.wishes.push_if(ui.button(name), Wish::ToggleLocal);
            });
            ui.tooltip("along the world's axes or the thing's own  (X)");
            ui.same_line();
            separator(ui);
            steps(ui, state);
        });
        // beside the tools where there is room
        let right = ui.item().max[0];
        if x + room - right >= look::width(ui) {
            ui.same_line();
            separator(ui);
        }
        look::draw(ui, state);
    });
    let below = ui.item().max[1];
    ui.set_cursor([x, below + margin]);
}

/// Whether drags go in steps, and how large those of this gizmo are.
fn steps(ui: Ui<'_>, state: &mut EditorState<'_>) {
    let mut is_on = state.store.settings.snap.is_on;
    state.wishes.push_if(ui.checkbox("Snap", &mut is_on), Wish::ToggleSnap);
    ui.tooltip("in steps; hold Ctrl for the other way");
    ui.same_line();
    let snap = &mut state.store.settings.snap;
    let (value, number) = match state.tools.kind {
        GizmoKind::Move => (&mut snap.distance, Number::new().speed(0.01).unit(Unit::Metres).range(0.001, 1_000.0)),
        GizmoKind::Rotate => {
            (&mut snap.angle, Number::new().speed(0.25).decimals(1).unit(Unit::Degrees).range(0.1, 180.0))
        }
        GizmoKind::Scale => (&mut snap.factor, Number::new().speed(0.005).decimals(2).range(0.01, 10.0)),
    };
    let is_changed = ui.with_width(84.0 * ui.scale(), || ui.number("##step", std::slice::from_mut(value), number));
    ui.tooltip("how large a step is");
    if is_changed {
        state.store.touch();
    }
}

fn separator(ui: Ui<'_>) {
    let [x, y] = ui.cursor();
    let (gap, height) = (6.0 * ui.scale(), ui.line_height() + 8.0 * ui.scale());
    let color = ui.theme().border;
    ui.draw().line([x + gap * 0.5, y], [x + gap * 0.5, y + height], color, ui.scale());
    ui.room([gap, height]);
    ui.same_line();
}
