//! `voltrum [FILE]`: the editor in its window.

use super::render::check_validation;
use crate::cli::Cli;
use crate::editor::Editor;
use crate::error::EditorError;
use crate::panels;
use crate::settings::{self, SettingsStore};
use crate::shader_folder;
use voltrum::ui::UiConfig;
use voltrum::{AppConfig, AppError, Turn};

/// Width and height of the window at first, at scale 1.
const WINDOW_SIZE: [u32; 2] = [1_600, 900];

/// How much of a scene arena may be in use: a project of a million entities, with its document and history.
const SCENE_BYTES_MAX: usize = 1 << 30;

/// Opens the editor, on the file of the command line where there is one, or on what a crash has left of an untitled project. A file that can't be opened shows in the status line. Settings are kept in
/// the folder that it names, or in the user's configuration folder.
///
/// # Errors
/// When there is no display or no GPU, or the GPU is lost; when shaders are to come from what is no folder.
pub fn run(cli: &Cli) -> Result<(), AppError<EditorError>> {
    let settings_folder = cli.config.as_deref();
    cli.shaders.as_deref().map_or(Ok(()), shader_folder::check)?;
    let folder = settings::folder(settings_folder);
    let window_size = SettingsStore::open(folder.clone()).settings.window_size;
    let config = config();
    let config = AppConfig {
        validation: config.validation || cli.validate,
        window_size: window_size.unwrap_or(config.window_size),
        ..config
    };
    let editor = Editor::new(cli.file.as_deref())
        .keep_settings(folder)
        .keep_drafts(settings::drafts_folder(settings_folder))
        .follow_shaders(cli.shaders.clone());
    voltrum::drive(&config, &editor, None, |instance| {
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
    AppConfig {
        window_size: WINDOW_SIZE,
        ui: Some(ui),
        scene_limit_bytes: SCENE_BYTES_MAX,
        ..AppConfig::new("Voltrum")
    }
}
