//! The undo history: its steps, where the project is in it, and what it takes.

use super::HISTORY;
use crate::editor_state::EditorState;
use crate::project::Project;
use crate::wishes::Wish;
use voltrum::memory::Bytes;
use voltrum::ui::{Bar, Region, Segment, Theme, Ui, Window};

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, open: &mut bool) {
    ui.window(HISTORY, Window::new().closable(open), || {
        let history = project.history();
        let used = history.bytes() as f32 / history.budget().max(1) as f32;
        ui.text(format_args!("{} of {}", Bytes(history.bytes()), Bytes(history.budget())));
        ui.same_line();
        let count = history.done() + history.undone();
        ui.text_right(format_args!("{count} step{}", if count == 1 { "" } else { "s" }));
        let segments = [Segment { share: used.clamp(0.0, 1.0), color: Theme::SERIES[0] }];
        ui.bar(Bar::new(&segments).background(ui.theme().frame).height(6.0 * ui.scale()), "");
        ui.tooltip("what the steps take of their budget; the oldest ones leave when it is full");
        if history.lost() > 0 {
            let lost = history.lost();
            let plural = if lost == 1 { "" } else { "s" };
            ui.text_colored(ui.theme().warning, format_args!("{lost} older step{plural} gave way to newer ones"));
        }
        ui.spacing();
        steps(ui, state, project);
    });
}

fn steps(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let history = project.history();
    let done = history.done();
    let is_moved = std::mem::replace(&mut state.history_place, history.state()) != history.state();
    ui.region("##steps", Region::new(), || {
        let origin = if history.lost() > 0 { "Oldest state that is kept" } else { "As it was opened" };
        let is_here = done == 0;
        state.wishes.push_if(ui.selectable(origin, is_here), Wish::GoToStart);
        if is_here && is_moved {
            ui.scroll_here();
        }
        for (index, step) in history.steps().enumerate() {
            let is_here = index + 1 == done;
            let picked = ui.with_id(step.state, || {
                if step.is_done { ui.selectable(step.label, is_here) } else { ui.selectable_dim(step.label) }
            });
            let edits = step.edits;
            ui.tooltip(format_args!(
                "{edits} edit{}, {}{}",
                if edits == 1 { "" } else { "s" },
                Bytes(step.bytes),
                if step.is_done { "" } else { "; undone, a new edit drops it" },
            ));
            if is_here && is_moved {
                ui.scroll_here();
            }
            state.wishes.push_if(picked && !is_here, Wish::GoTo(step.state));
        }
    });
}
