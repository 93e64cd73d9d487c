//! The GPU is lost while a project is edited: it is opened once more, and nothing that was edited is gone. On a stub of
//! Vulkan, since real devices are lost seldom.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::num::NonZeroU64;
use std::time::Duration;
use voltrum::platform::Message;
use voltrum::platform::input::Key;
use voltrum::render::glam::Vec3;
use voltrum::render::{Driver, Stub};
use voltrum::scene::{self, Transform};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::project::Access;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_project_comes_back_with_its_edits_and_its_view_after_the_gpu_was_lost() {
    static STUB: Stub = Stub::new();
    let folder = tempfile::tempdir().unwrap();
    let scene_file = folder.path().join("sample.glb");
    std::fs::copy(files::sample(), &scene_file).unwrap();
    let place = folder.path().join("room.voltrum");
    let config = AppConfig { driver: Driver::Stub(&STUB), ..window::config() }.headless();
    let eye = Vec3::new(3.0, 2.0, 5.0);
    let (mut opened, mut count) = (0, 0);
    voltrum::drive(&config, &Editor::new(Some(&scene_file)), None, |instance| {
        opened += 1;
        match opened {
            1 | 3 => {
                assert!(instance.project().is_empty());
                testing::frames(instance, 2)?;
                testing::frames_until_open(instance, PATIENCE)
            }
            2 => {
                testing::frames(instance, 4)?;
                instance.project().save_as(&place).unwrap();
                let ball = scene::query::find(instance.project().scene, "Ball").next().unwrap();
                instance.project().selection_mut().set([ball]).unwrap();
                testing::frames(instance, 3)?;
                instance.post(Message::key_down(Key::Delete))?;
                instance.post(Message::key_up(Key::Delete))?;
                testing::frames(instance, 3)?;
                count = instance.project().scene.len();
                assert!(instance.project().is_unsaved());
                instance.state().viewport.camera.place(eye, Vec3::ZERO);
                STUB.fail_call(7, ash::vk::Result::ERROR_DEVICE_LOST);
                testing::frames(instance, 10_000)
            }
            _ => {
                assert!(STUB.end_faults().is_some());
                testing::frames(instance, 3)?;
                let (state, project, _) = instance.parts();
                assert_eq!(project.path(), Some(&*place.canonicalize().unwrap()));
                assert_eq!((project.scene.len(), project.is_unsaved()), (count, true));
                assert!(scene::query::find(project.scene, "Ball").next().is_none());
                assert!(state.status.text().0.starts_with("recovered 1 edit"), "{}", state.status.text().0);
                assert!(state.viewport.seen_with(project).position.abs_diff_eq(eye, 1e-3));
                Ok(Turn::Quit)
            }
        }
    })
    .unwrap();
    assert_eq!(opened, 4);
    assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
}

#[test]
fn an_untitled_project_comes_back_from_its_draft_after_the_gpu_was_lost() {
    static STUB: Stub = Stub::new();
    let folder = tempfile::tempdir().unwrap();
    let scene_file = folder.path().join("sample.glb");
    std::fs::copy(files::sample(), &scene_file).unwrap();
    let drafts = folder.path().join("state/unsaved");
    let config = AppConfig { driver: Driver::Stub(&STUB), ..window::config() }.headless();
    let editor = Editor::new(Some(&scene_file)).keep_drafts(Some(drafts.clone()));
    let (mut opened, mut count) = (0, 0);
    voltrum::drive(&config, &editor, None, |instance| {
        opened += 1;
        match opened {
            1 | 3 => {
                testing::frames(instance, 2)?;
                testing::frames_until_open(instance, PATIENCE)
            }
            2 => {
                testing::frames(instance, 4)?;
                let project = instance.project();
                let ball = scene::query::find(project.scene, "Ball").next().unwrap();
                project.delete(ball).unwrap();
                let lamp = project.add("lamp", None).unwrap();
                // a drag that nobody has ended
                let at = Transform::at(Vec3::new(1.0, 2.0, 3.0));
                project.drag("Move", NonZeroU64::MIN, |edit| edit.set_local(lamp, at)).unwrap();
                count = project.scene.len();
                assert!(project.is_unsaved() && project.path().is_none());
                STUB.fail_call(7, ash::vk::Result::ERROR_DEVICE_LOST);
                testing::frames(instance, 10_000)
            }
            _ => {
                assert!(STUB.end_faults().is_some());
                testing::frames(instance, 3)?;
                let (state, project, _) = instance.parts();
                assert_eq!((project.title(), project.path(), project.access()), ("sample.glb", None, Access::Untitled));
                assert_eq!((project.scene.len(), project.is_unsaved()), (count, true));
                assert!(scene::query::find(project.scene, "Ball").next().is_none());
                let lamp = scene::query::find(project.scene, "lamp").next().unwrap();
                assert_eq!(scene::world(project.scene, lamp).unwrap().w_axis.truncate(), Vec3::new(1.0, 2.0, 3.0));
                let said = state.status.text().0;
                assert!(said.starts_with("recovered 3 edits") && said.ends_with("as an untitled project"), "{said}");
                assert!(project.undo().unwrap() && project.undo().unwrap() && project.undo().unwrap());
                assert!(scene::query::find(project.scene, "Ball").next().is_some(), "its history came back, too");
                project.discard_on_close(true);
                Ok(Turn::Quit)
            }
        }
    })
    .unwrap();
    assert_eq!(opened, 4);
    assert_eq!(std::fs::read_dir(&drafts).unwrap().count(), 0, "it was given up");
    assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
}
