//! The editor's own file dialog: a field for a path, what is in its folder, and the way to the system's dialog.

use crate::editor_state::EditorState;
use crate::wishes::Wish;
use voltrum::AppState;
use voltrum::platform::input::{self, Key};
use voltrum::ui::{Region, Ui};

/// Width and height of the list, at scale 1.
const LIST: [f32; 2] = [620.0, 260.0];

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, app: &AppState<'_>) {
    let dialog = &mut state.dialog;
    let appears = std::mem::take(&mut dialog.appears);
    let name = dialog.purpose.title();
    if appears {
        ui.open_popup(name);
    }
    let scale = ui.scale();
    let mut used = false;
    let mut asks_system = false;
    let shown = ui.modal(name, |popup| {
        ui.text_dim(dialog.purpose.hint());
        ui.spacing();
        if appears {
            ui.focus_next();
            tracing::debug!("path field shown");
        }
        let entered =
            ui.with_width(LIST[0] * scale, || ui.input_text_hint("##path", "path of the file", &mut dialog.path));
        dialog.follow();
        let mut chosen = None;
        ui.region("##entries", Region::new().size(LIST.map(|side| side * scale)).border(), || {
            if dialog.folder().parent().is_some() && ui.selectable("..  (the folder above)", false) {
                chosen = Some(usize::MAX);
            }
            for (index, entry) in dialog.entries.iter().enumerate().filter(|(_, entry)| dialog.shows(entry)) {
                ui.with_id(index as u64, || {
                    let is_typed = entry.is_file && dialog.started() == entry.name;
                    let is_picked = if entry.is_file {
                        ui.selectable(&entry.name, is_typed)
                    } else {
                        ui.selectable_colored(ui.theme().accent, format_args!("{}/", entry.name))
                    };
                    if is_picked {
                        chosen = Some(index);
                    }
                    used |= entry.is_file && ui.item().double_clicked;
                });
            }
            if dialog.entries.is_empty() {
                ui.text_dim(if dialog.is_waiting() { "reading the folder" } else { "nothing here that can be used" });
            }
        });
        match chosen {
            Some(usize::MAX) => dialog.go_up(),
            Some(index) => dialog.choose(index),
            None => {}
        }
        ui.spacing();
        let size = [96.0 * scale, 0.0];
        let verb = match dialog.purpose {
            crate::file_dialog::Purpose::Open => "Open",
            crate::file_dialog::Purpose::Import => "Import",
            crate::file_dialog::Purpose::Environment => "Load",
            crate::file_dialog::Purpose::SaveAs => "Save",
        };
        let has_name = !dialog.started().trim().is_empty();
        used |= ui.enabled(has_name, || ui.button_sized(verb, size)) || (entered && has_name);
        ui.same_line();
        let is_cancelled = ui.button_sized("Cancel", size) || input::was_key_pressed(&app.input, Key::Escape);
        ui.same_line();
        asks_system = ui.button("System dialog...");
        ui.tooltip("the file dialog of the desktop, where there is one");
        if used || is_cancelled || asks_system {
            popup.close();
        }
        if is_cancelled {
            state.wishes.push(Wish::Answer(crate::wishes::Answer::Cancel));
        }
    });
    dialog.is_shown = shown.is_some() || appears;
    state.wishes.push_if(used, Wish::UseDialog);
    state.wishes.push_if(asks_system, Wish::AskSystem);
}
