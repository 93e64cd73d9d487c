//! `voltrum [FILE]`: the editor in its window.

use super::render::check_validation;
use crate::editor::Editor;
use crate::error::EditorError;
use crate::panels;
use std::path::Path;
use voltrum::ui::UiConfig;
use voltrum::{AppConfig, AppError, Turn};

/// Width and height of the window at first, at scale 1.
const WINDOW_SIZE: [u32; 2] = [1_600, 900];

/// Opens the editor, on `file` where there is one. A file that can't be opened shows in the status line.
///
/// # Errors
/// When there is no display or no GPU, or the GPU is lost.
pub fn run(file: Option<&Path>, validate: bool) -> Result<(), AppError<EditorError>> {
    let config = config();
    let config = AppConfig { validation: config.validation || validate, ..config };
    voltrum::drive(&config, &Editor::new(file), None, |instance| {
        loop {
            match instance.frame()? {
                Turn::Continue => {}
                Turn::Quit => {
                    check_validation(instance.app())?;
                    return Ok(Turn::Quit);
                }
                Turn::Switch => return Ok(Turn::Switch),
            }
        }
    })
}

/// How the editor starts; tests start it headless.
pub fn config() -> AppConfig<'static> {
    let ui = UiConfig { layout: Some(panels::default_layout), ..UiConfig::default() };
    AppConfig { window_size: WINDOW_SIZE, ui: Some(ui), ..AppConfig::new("Voltrum") }
}
