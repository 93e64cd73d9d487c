//! The whole editor, headless: all panels are open, the camera goes around the model.

use std::path::Path;
use std::time::{Duration, Instant};

use voltrum::render::{Driver, Stub};
use voltrum::{AppConfig, AppError, Instance, Turn};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

use super::measured::{Measured, measure};
use crate::clock::on_core;
use crate::loops::or_refused;

/// A project of a million entities takes a while.
const PATIENCE: Duration = Duration::from_secs(300);

static STUB: Stub = Stub::new();

pub(super) type Turns<'t> =
    dyn FnMut(&mut Instance<'_, '_, '_, Editor>, bool) -> Result<Turn, AppError<EditorError>> + 't;

/// Opens a file in the editor; `turns` drives first the empty project, then, as it is told, the one of the file.
pub(super) fn drive(path: &Path, turns: &mut Turns<'_>) {
    let config = AppConfig { driver: Driver::Stub(&STUB), validation: false, ..window::config() }.headless();
    let mut is_open = false;
    or_refused(voltrum::drive(&config, &Editor::new(None), None, |instance| {
        if !std::mem::replace(&mut is_open, true) {
            voltrum::testing::frames(instance, 30)?;
            instance.state().open(&path.to_string_lossy());
            return turns(instance, false);
        }
        turns(instance, true)
    }));
}

pub(super) fn frames(path: &Path) -> Measured {
    let mut measured = Measured::default();
    drive(path, &mut |instance, is_open| {
        if !is_open {
            return voltrum::testing::frames_until_open(instance, PATIENCE);
        }
        measured = around(instance)?;
        Ok(Turn::Quit)
    });
    measured
}

/// Frames while the camera goes around.
pub(super) fn around(instance: &mut Instance<'_, '_, '_, Editor>) -> Result<Measured, AppError<EditorError>> {
    measure(instance, |instance| instance.state().viewport.camera.orbit([7.0, 0.5], 1.0))
}

/// Of the turns from the moment in which the file is asked for to half a second after it is there, the longest, on the
/// loop's thread. Closing the project before and opening the next is part of a turn.
pub(super) fn longest_while_loading(path: &Path) -> f64 {
    let mut longest = 0.0_f64;
    let mut marked = on_core();
    drive(path, &mut |instance, is_open| {
        if !is_open {
            marked = on_core();
        }
        let began = Instant::now();
        loop {
            let turn = instance.frame()?;
            // a switch goes on in the next project's first turn
            if turn == Turn::Switch {
                return Ok(turn);
            }
            let now = on_core();
            longest = longest.max(now - marked);
            marked = now;
            let patience = if is_open { Duration::from_millis(500) } else { PATIENCE };
            if began.elapsed() > patience || turn == Turn::Quit {
                return Ok(Turn::Quit);
            }
        }
    });
    longest
}
