//! How the scene is looked at: view mode, tone curve, exposure, surroundings, background.

use crate::backdrop::{BLUR_USUAL, Backdrop};
use crate::editor_state::EditorState;
use crate::look::{EXPOSURE_STOPS, Look, Mode, Surroundings, Tone};
use crate::screenshot::ShotKind;
use crate::wishes::Wish;
use voltrum::ui::{Number, Ui, Unit};

/// The pop-up's name.
const POPUP: &str = "look";
/// Widths at scale 1.
const MODE_WIDTH: f32 = 168.0;
const FIELD_WIDTH: f32 = 190.0;

/// Room that [`draw`] takes in the toolbar.
pub(super) fn width(ui: Ui<'_>) -> f32 {
    (MODE_WIDTH + 76.0) * ui.scale()
}

/// The mode and the way to the rest, in the toolbar.
pub(super) fn draw(ui: Ui<'_>, state: &mut EditorState<'_>) {
    let mode = state.viewport.look.mode;
    ui.with_width(MODE_WIDTH * ui.scale(), || {
        ui.combo("##mode", mode, || {
            for (at, one) in Mode::ALL.into_iter().enumerate() {
                state.wishes.push_if(ui.selectable(one, one == mode), Wish::Mode(one));
                ui.tooltip(format_args!("({})", at + 1));
            }
        });
    });
    ui.tooltip("what is shown of each surface  (1 to 7)");
    ui.same_line();
    if ui.button("Look") || std::mem::take(&mut state.opens_look) {
        ui.open_popup(POPUP);
    }
    ui.tooltip("light, exposure, environment, background");
    ui.popup(POPUP, |_| settings(ui, state));
}

/// Entries of the View menu.
pub(super) fn menu(ui: Ui<'_>, state: &mut EditorState<'_>) {
    ui.menu("Mode", || {
        for (at, mode) in Mode::ALL.into_iter().enumerate() {
            let mut chosen = state.viewport.look.mode == mode;
            state.wishes.push_if(ui.menu_toggle(mode, at + 1, &mut chosen), Wish::Mode(mode));
        }
    });
    ui.menu("Tone curve", || {
        for tone in Tone::ALL {
            let mut chosen = state.viewport.look.tone == tone;
            if ui.menu_toggle(tone, "", &mut chosen) {
                state.viewport.look.tone = tone;
            }
        }
    });
    ui.menu("Background", || {
        for backdrop in Backdrop::NAMED {
            let mut chosen = state.viewport.look.backdrop == backdrop;
            if ui.menu_toggle(backdrop, "", &mut chosen) {
                state.viewport.look.backdrop = backdrop;
            }
        }
    });
    state.wishes.push_if(ui.menu_item("Environment...", ""), Wish::AskEnvironment);
    state.opens_look |= ui.menu_item("Look...", "");
    ui.menu("Screenshot", || {
        for (kind, name, key) in [
            (ShotKind::Plain, "As shown", "F12"),
            (ShotKind::Large, "Twice as large", "Shift+F12"),
            (ShotKind::Transparent, "Without background", "Ctrl+F12"),
        ] {
            state.wishes.push_if(ui.menu_item(name, key), Wish::Screenshot(kind));
        }
    });
}

fn settings(ui: Ui<'_>, state: &mut EditorState<'_>) {
    let width = FIELD_WIDTH * ui.scale();
    let look = &mut state.viewport.look;
    ui.heading("Exposure");
    for tone in Tone::ALL {
        if ui.radio(tone, look.tone == tone) {
            look.tone = tone;
        }
        ui.same_line();
    }
    ui.text_dim("tone curve");
    ui.with_width(width, || ui.slider("stops##exposure", &mut look.exposure_stops, EXPOSURE_STOPS, 2));
    ui.tooltip("one stop is twice the light; Ctrl and a click to type");
    ui.same_line();
    if ui.small_button("0##exposure") {
        look.exposure_stops = 0.0;
    }

    ui.heading("Environment");
    if ui.radio("Sky", look.surroundings == Surroundings::Sky) {
        look.surroundings = Surroundings::Sky;
    }
    ui.same_line();
    if ui.radio("None", look.surroundings == Surroundings::None) {
        look.surroundings = Surroundings::None;
    }
    ui.same_line();
    let loaded = state.environment.surroundings();
    let is_loaded = matches!(look.surroundings, Surroundings::Loaded(_));
    ui.enabled(loaded.is_some(), || {
        if ui.radio("File", is_loaded)
            && let Some(loaded) = loaded
        {
            look.surroundings = loaded;
        }
    });
    ui.same_line();
    state.wishes.push_if(ui.small_button("Load..."), Wish::AskEnvironment);
    if let Some(path) = state.environment.path() {
        ui.text_dim(path.file_name().unwrap_or_default().display());
        ui.tooltip(path.display());
    }
    let turn = Number::new().speed(0.5).decimals(1).unit(Unit::Degrees).range(-360.0, 360.0);
    ui.with_width(width, || ui.number("turn##environment", std::slice::from_mut(&mut look.turn_degrees), turn));

    ui.heading("Background");
    background(ui, look, width);
}

fn background(ui: Ui<'_>, look: &mut Look, width: f32) {
    for (at, backdrop) in Backdrop::NAMED.into_iter().enumerate() {
        if at % 3 != 0 {
            ui.same_line_at(width * 0.5 * (at % 3) as f32 + 8.0 * ui.scale());
        }
        if ui.radio(backdrop, look.backdrop == backdrop) {
            look.backdrop = backdrop;
        }
    }
    let own = match look.backdrop {
        Backdrop::Color(color) => color,
        _ => [0x80; 3],
    };
    let mut parts = own.map(|part| f32::from(part) / 255.0);
    if ui.with_width(width, || ui.color("colour##background", &mut parts)) {
        look.backdrop = Backdrop::Color(parts.map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8));
    }
    let is_environment = matches!(look.backdrop, Backdrop::Environment { .. });
    if ui.radio("environment", is_environment) && !is_environment {
        look.backdrop = Backdrop::Environment { blur: BLUR_USUAL };
    }
    if let Backdrop::Environment { blur } = &mut look.backdrop {
        ui.with_width(width, || ui.slider("blur##background", blur, 0.0..=1.0, 2));
    }
}
