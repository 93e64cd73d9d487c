//! The line along the lower edge: what is open, what is loading, what went wrong.

use crate::editor_state::EditorState;
use crate::project::{Access, Project};
use crate::status::Mood;
use crate::wishes::Wish;
use voltrum::Frame;
use voltrum::assets::Progress;
use voltrum::memory::Bytes;
use voltrum::ui::{Bar, Region, Segment, Ui};

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, frame: &Frame<'_>) {
    ui.status_bar(|| {
        if let Some(progress) = frame.loading {
            loading(ui, state, progress);
        } else if state.status.is_error() {
            failure(ui, state);
        } else if let Some(trouble) = project.journal_trouble() {
            ui.text_colored(ui.theme().warning, trouble);
            ui.tooltip(format_args!("{trouble}; your edits are in memory, the next try comes by itself"));
        } else {
            summary(ui, state, project);
        }
        ui.same_line();
        let (width, height) = (state.viewport.size()[0], state.viewport.size()[1]);
        let (cpu_ms, fps) = (frame.stats.cpu_ms, ui.frames_per_sec());
        ui.text_right(format_args!("{width} x {height}   {cpu_ms:.1} ms CPU   {fps:.0} fps"));
    });
}

fn loading(ui: Ui<'_>, state: &mut EditorState<'_>, progress: &Progress) {
    let scale = ui.scale();
    ui.text(format_args!("Loading {}", short(state.loading.as_str())));
    ui.same_line();
    let height = ui.line_height();
    ui.region("##progress", Region::new().size([240.0 * scale, height]), || {
        let done = [Segment { share: progress.fraction(), color: ui.theme().accent }];
        ui.bar(Bar::new(&done).height(height), "");
    });
    ui.same_line();
    // before what changes its width, so that it stays under the pointer
    state.wishes.push_if(ui.small_button("Cancel"), Wish::CancelLoad);
    ui.same_line();
    let bytes = |bytes: u64| Bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
    let (done, total) = (bytes(progress.done_bytes()), bytes(progress.total_bytes()));
    let stage = if progress.is_cancelled() { "cancelling" } else { progress.stage().label() };
    let (files, count) = (progress.done_files(), progress.total_files());
    ui.text_dim(format_args!(
        "{stage} {}, file {} of {count}, {done} of {total}",
        progress.file().as_str(),
        (files + 1).min(count)
    ));
}

fn failure(ui: Ui<'_>, state: &mut EditorState<'_>) {
    let dismissed = ui.small_button("Dismiss");
    ui.same_line();
    let (text, _) = state.status.text();
    ui.text_colored(ui.theme().danger, text);
    ui.tooltip(text);
    if dismissed {
        state.status.clear();
    }
}

fn summary(ui: Ui<'_>, state: &EditorState<'_>, project: &Project<'_>) {
    if let (text, Mood::Note) = state.status.text()
        && !text.is_empty()
    {
        ui.text(text);
        return;
    }
    if project.is_empty() {
        ui.text_dim("Nothing is open. Ctrl+O, or drop a project or a scene on the window.");
        return;
    }
    ui.text(project.title());
    ui.tooltip(project.shown_path());
    ui.same_line();
    if let Access::ReadOnly { reason } = project.access() {
        ui.text_colored(ui.theme().warning, "   read-only");
        ui.tooltip(reason);
        ui.same_line();
    }
    let picked = project.selection().len();
    let count = project.entity_count();
    let (nodes, plural) = (Grouped(count as u64), if count == 1 { "" } else { "s" });
    match picked {
        0 => ui.text_dim(format_args!("   {nodes} node{plural}")),
        _ => ui.text_dim(format_args!("   {nodes} node{plural}, {picked} selected")),
    }
    let faults = project.files().iter().filter(|file| !file.fault().is_empty()).count();
    if faults > 0 {
        ui.same_line();
        let plural = if faults == 1 { "" } else { "s" };
        ui.text_colored(ui.theme().danger, format_args!("   {faults} missing file{plural}"));
        ui.tooltip_with(|| project.files().iter().for_each(|file| ui.text_str(file.fault())));
    }
    let notes = || project.files().iter().filter_map(|file| file.scene()).flat_map(|scene| scene.notes);
    let count = notes().count();
    if count > 0 {
        ui.same_line();
        ui.text_colored(ui.theme().warning, format_args!("   {count} note{}", if count == 1 { "" } else { "s" }));
        ui.tooltip_with(|| notes().for_each(|note| ui.text_str(note)));
    }
}

/// The end of a long path.
fn short(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A number with commas between groups of three digits.
pub(super) struct Grouped(pub(super) u64);

impl std::fmt::Display for Grouped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 < 1_000 {
            return write!(out, "{}", self.0);
        }
        write!(out, "{},{:03}", Grouped(self.0 / 1_000), self.0 % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_007, "1,234,007")] {
            assert_eq!(Grouped(number).to_string(), text);
        }
    }
}
