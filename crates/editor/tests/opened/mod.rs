//! An editor without a window, and a file that is open in it.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;
use std::time::Duration;
use voltrum::render::{Driver, Stub};
use voltrum::{AppConfig, AppError, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

pub(crate) type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;
pub(crate) type Outcome = Result<Turn, AppError<EditorError>>;

/// The editor of a window so large, on a stub of Vulkan.
pub(crate) fn on_stub(stub: &'static Stub, window_size: [u32; 2]) -> AppConfig<'static> {
    AppConfig { driver: Driver::Stub(stub), validation: false, window_size, ..window::config() }.headless()
}

/// Opens a file; `turns` gets the editor then, after a few frames.
pub(crate) fn with_open(config: AppConfig<'_>, file: &Path, mut turns: impl FnMut(&mut Run<'_, '_, '_>) -> Outcome) {
    let mut is_open = false;
    voltrum::drive(&config.headless(), &Editor::new(None), None, |instance| {
        if !std::mem::replace(&mut is_open, true) {
            instance.state().open(file.to_str().unwrap());
            return testing::frames_until_open(instance, Duration::from_secs(120));
        }
        testing::frames(instance, 4)?;
        let turn = turns(instance)?;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(turn)
    })
    .unwrap();
    assert!(is_open);
}
