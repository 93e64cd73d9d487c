//! The question that stands in the way, if one does.

use crate::editor_state::EditorState;
use crate::project::Project;
use crate::question::{After, Question};
use crate::wishes::{Answer, Wish};
use voltrum::ui::{Region, Ui};

const NAME: &str = "Voltrum###question";
/// Where lines of text end, at scale 1.
const WIDTH: f32 = 460.0;

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    let Some(question) = &state.asking.question else { return };
    if std::mem::take(&mut state.asking.appears) {
        ui.open_popup(NAME);
        tracing::debug!("question shown");
    }
    let scale = ui.scale();
    let mut answer = None;
    let shown = ui.modal(NAME, |popup| {
        // as wide as this, as high as it takes
        let text = Region::new().size([WIDTH * scale, 0.0]).fit_height();
        ui.region("##text", text, || match question {
            Question::Unsaved(after) => {
                let what = match after {
                    After::Quit => "quitting",
                    After::Close => "closing it",
                    After::New => "beginning another",
                    After::Open(_) | After::OpenScene(..) | After::Recover(_) => "opening another",
                };
                ui.paragraph_of(format_args!("{} has unsaved edits. Save them before {what}?", project.title()));
            }
            Question::Replace(path) => {
                ui.paragraph_of(format_args!("{} is there already. Replace it?", path.display()))
            }
            Question::ChangedOutside => ui.paragraph_of(format_args!(
                "{} was changed by another program since it was opened. Overwrite what that one wrote?",
                project.title()
            )),
        });
        ui.spacing();
        let [yes, no] = match question {
            Question::Unsaved(_) => ["Save", "Don't save"],
            Question::Replace(_) => ["Replace", "Another name..."],
            Question::ChangedOutside => ["Overwrite", "Save as..."],
        };
        let size = [128.0 * scale, 0.0];
        for (name, meant) in [(yes, Answer::Yes), (no, Answer::No), ("Cancel", Answer::Cancel)] {
            if meant != Answer::Yes {
                ui.same_line();
            }
            if ui.button_sized(name, size) {
                answer = Some(meant);
                popup.close();
            }
            if meant == Answer::Yes {
                ui.focus_first();
            }
        }
    });
    // Escape closes it without a word
    if shown.is_none() {
        answer = Some(Answer::Cancel);
    }
    if let Some(answer) = answer {
        state.wishes.push(Wish::Answer(answer));
    }
}
