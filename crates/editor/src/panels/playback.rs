//! The row that plays a project's animations, above the picture of a project that has some.

use crate::editor_state::EditorState;
use crate::project::{Play, Project};
use crate::wishes::Wish;
use voltrum::assets::animation::Repeat;
use voltrum::ui::Ui;

const REPEATS: [(Repeat, &str); 3] =
    [(Repeat::Loop, "Loop"), (Repeat::Once, "Once"), (Repeat::PingPong, "Back and forth")];

pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>) {
    if project.animations().next().is_none() {
        return;
    }
    let (scale, wishes) = (ui.scale(), &mut state.wishes);
    let shown = project.playing();
    let id = shown.map(|playing| playing.id());
    let named = id.and_then(|id| project.animation(id)).map_or("At rest", |animation| animation.name);
    ui.with_width(170.0 * scale, || {
        ui.combo("##animation", if named.is_empty() { "Animation" } else { named }, || {
            wishes.push_if(ui.selectable("At rest", id.is_none()), Wish::Play(Play::Stop));
            for (number, (one, file, animation)) in project.animations().enumerate() {
                let name =
                    format_args!("{number}  {}  {:.2} s  ({})", animation.name, animation.duration_secs, file.path());
                wishes.push_if(ui.selectable(name, id == Some(one)), Wish::Play(Play::Show(one)));
            }
        })
    });
    ui.tooltip("which animation is shown; nothing of it is edited or saved");
    ui.same_line();
    let name = if project.is_playing() { "Pause###play" } else { "Play###play" };
    wishes.push_if(ui.button(name), Wish::TogglePlay);
    ui.tooltip("Space");
    ui.same_line();
    ui.enabled(shown.is_some(), || {
        wishes.push_if(ui.button("Stop"), Wish::Play(Play::Stop));
        ui.tooltip("back to the places of the document");
        ui.same_line();
        let (mut time, duration) = shown.map_or((0.0, 0.0), |it| (it.playback().time_secs(), it.duration_secs()));
        let mut speed = shown.map_or(1.0, |playing| playing.playback().speed);
        let repeat = shown.map(|playing| playing.playback().repeat);
        let is_sought = ui.with_width(220.0 * scale, || ui.slider("s##time", &mut time, 0.0..=duration.max(0.001), 2));
        wishes.push_if(is_sought, Wish::Play(Play::Seek(time)));
        ui.same_line();
        let is_changed = ui.with_width(90.0 * scale, || ui.slider("x##speed", &mut speed, 0.0..=4.0, 2));
        wishes.push_if(is_changed, Wish::Play(Play::Speed(speed)));
        ui.tooltip("how fast");
        ui.same_line();
        let name = REPEATS.iter().find(|(one, _)| Some(*one) == repeat).map_or("Loop", |(_, name)| *name);
        ui.with_width(120.0 * scale, || {
            ui.combo("##repeat", name, || {
                for (one, name) in REPEATS {
                    wishes.push_if(ui.selectable(name, Some(one) == repeat), Wish::Play(Play::Repeat(one)));
                }
            })
        });
    });
}
