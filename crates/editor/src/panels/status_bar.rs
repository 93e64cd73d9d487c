//! The line along the lower edge: what is open, what is loading, what went wrong.

use crate::editor::EditorState;
use crate::project::Project;
use crate::status::Mood;
use voltrum::Frame;
use voltrum::assets::Progress;
use voltrum::memory::Bytes;
use voltrum::ui::{Bar, Region, Segment, Theme, Ui};

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, frame: &Frame<'_>) {
    ui.status_bar(|| {
        if let Some(progress) = frame.loading {
            loading(ui, state, progress);
        } else if state.status.is_error() {
            failure(ui, state);
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
    ui.text(format_args!("Loading {}", short(state.path.as_str())));
    ui.same_line();
    let height = ui.line_height();
    ui.region("##progress", Region::new().size([240.0 * scale, height]), || {
        let done = [Segment { share: progress.fraction(), color: Theme::DARK.accent }];
        ui.bar(Bar::new(&done).height(height), "");
    });
    ui.same_line();
    // before what changes its width, so that it stays under the pointer
    state.wishes.cancel |= ui.small_button("Cancel");
    ui.same_line();
    let bytes = |bytes: u64| Bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
    let (done, total) = (bytes(progress.done_bytes()), bytes(progress.total_bytes()));
    let stage = if progress.is_cancelled() { "cancelling" } else { progress.stage().label() };
    ui.text_dim(format_args!("{stage}, {done} of {total}"));
}

fn failure(ui: Ui<'_>, state: &mut EditorState<'_>) {
    let dismissed = ui.small_button("Dismiss");
    ui.same_line();
    let (text, _) = state.status.text();
    ui.text_colored(Theme::DARK.danger, text);
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
        ui.text_dim("Nothing is open. Ctrl+O, or drop a .gltf or .glb file on the window.");
        return;
    }
    let staged = &project.staged.scene;
    ui.text(project.file_name());
    ui.tooltip(project.staged.path);
    ui.same_line();
    ui.text_dim(format_args!(
        "   {} nodes   {} meshes   {} triangles   {} materials   {} images",
        Grouped(project.scene.len() as u64),
        Grouped(staged.meshes.len() as u64),
        Grouped(staged.counts.triangles),
        Grouped(staged.materials.len() as u64),
        Grouped(staged.images.len() as u64),
    ));
    if !staged.notes.is_empty() {
        ui.same_line();
        let count = staged.notes.len();
        ui.text_colored(Theme::DARK.warning, format_args!("   {count} note{}", if count == 1 { "" } else { "s" }));
        ui.tooltip_with(|| staged.notes.iter().for_each(|note| ui.text_str(note)));
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
