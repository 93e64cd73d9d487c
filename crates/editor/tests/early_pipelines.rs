//! A model that was loaded is drawn without making a pipeline: the worker has made them.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::time::Duration;
use voltrum::render::{Driver, Stub};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;

#[test]
fn no_frame_makes_a_pipeline_of_a_model_that_was_loaded() {
    static STUB: Stub = Stub::new();
    let folder = tempfile::tempdir().unwrap();
    let model = files::masked(folder.path());
    let config = AppConfig { driver: Driver::Stub(&STUB), ..window::config() }.headless();
    let mut turn = 0;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        turn += 1;
        match turn {
            1 => {
                // the interface, the background and the grid
                testing::frames(instance, 8)?;
                STUB.watch_pipelines();
                instance.state().open(model.to_str().unwrap());
                testing::frames_until_open(instance, Duration::from_secs(60))
            }
            _ => {
                testing::frames(instance, 8)?;
                assert!(!instance.project().is_empty());
                let [here, elsewhere] = STUB.pipelines();
                assert!(here == 0 && elsewhere == 2, "{here} on the loop's thread, {elsewhere} on the worker");
                Ok(Turn::Quit)
            }
        }
    })
    .unwrap();
    assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
}
