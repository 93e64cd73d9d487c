//! A GPU that has no room for what the window wants.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod opened;

use opened::{Run, on_stub};
use voltrum::platform::Message;
use voltrum::render::{Stub, renderer};
use voltrum::{AppError, Turn, drive, testing};
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::status::Mood;

static STUB: Stub = Stub::new();

/// The window becomes so large; the picture's size some frames later.
fn resized(instance: &mut Run<'_, '_, '_>, size: [u32; 2]) -> Result<[u32; 2], AppError<EditorError>> {
    instance.post(Message::Resized(size))?;
    assert_eq!(testing::frames(instance, 4)?, Turn::Continue);
    let (state, _, app) = instance.parts();
    Ok(renderer::target_size(&app.renderer, state.viewport.target()).unwrap())
}

#[test]
fn a_picture_that_there_is_no_room_for_leaves_the_one_that_there_was() {
    drive(&on_stub(&STUB, [640, 480]), &Editor::new(None), None, |instance| {
        let first = resized(instance, [640, 480])?;
        // the first request is that of the window, which is drawn to memory here; see the test below
        for nth in [1, 2] {
            STUB.faults().fail_device(nth);
            assert_eq!(resized(instance, [1_000, 700])?, first, "image {nth}");
            let requests = STUB.faults().device_requests();
            assert_eq!(requests, nth + 1, "what was refused is not asked for again");
            STUB.faults().end();
            let (words, _) = instance.state().status.text();
            assert!(words.contains("memory"), "{words}");
            assert_eq!(resized(instance, [640, 480])?, first);
        }
        let larger = resized(instance, [1_000, 700])?;
        assert!(larger[0] > first[0] && larger[1] > first[1], "{first:?} and {larger:?}");
        Ok(Turn::Quit)
    })
    .unwrap();
}

#[test]
fn a_window_that_there_is_no_memory_for_is_drawn_again_until_there_is() {
    static STUB: Stub = Stub::new();
    drive(&on_stub(&STUB, [640, 480]), &Editor::new(None), None, |instance| {
        testing::frames(instance, 20)?;
        let objects = instance.app().gpu.live_objects();
        let plans: [fn(); 3] = [
            || STUB.faults().fail_device(0),
            || STUB.fail_next("vkBeginCommandBuffer", ash::vk::Result::ERROR_OUT_OF_HOST_MEMORY),
            || STUB.fail_next("vkBeginCommandBuffer", ash::vk::Result::ERROR_OUT_OF_DEVICE_MEMORY),
        ];
        for (turn, plan) in plans.into_iter().enumerate() {
            for again in 0..3 {
                plan();
                instance.post(Message::Resized([641 + turn as u32, 480 + again]))?;
                assert_eq!(instance.frame()?, Turn::Continue);
            }
            let (words, mood) = instance.state().status.text();
            assert!(words.contains("memory") && mood == Mood::Error, "{words}");
            STUB.faults().end();
            STUB.end_faults();
            instance.state().status.clear();
            // without a message: it does not rest before the window is drawn
            assert_eq!(testing::frames(instance, 4)?, Turn::Continue);
            assert_eq!(instance.state().status.text().0, "");
            resized(instance, [640, 480])?;
            testing::frames(instance, 20)?;
            assert_eq!(instance.app().gpu.live_objects(), objects);
        }
        Ok(Turn::Quit)
    })
    .unwrap();
    assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
}
