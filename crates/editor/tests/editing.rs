//! Edits in the editor without a window: gizmo, keys, questions before edits would be lost, settings.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;

use std::path::{Path, PathBuf};
use std::time::Duration;
use voltrum::platform::Message;
use voltrum::platform::input::{InputMessage, Key, Modifiers, MouseButton};
use voltrum::render::glam::{Mat4, Vec3};
use voltrum::scene::{self, Entity};
use voltrum::ui::GizmoKind;
use voltrum::{AppConfig, AppError, Instance, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

const PATIENCE: Duration = Duration::from_secs(60);

type Run<'i, 'app, 'scene> = Instance<'i, 'app, 'scene, Editor>;
type Outcome = Result<Turn, AppError<EditorError>>;
type Done = Result<(), AppError<EditorError>>;

/// Runs an editor without a window on a file; `turns` gets the number of the project that is open: 0 is the file's.
fn drive(editor: &Editor, first: &Path, mut turns: impl FnMut(usize, &mut Run<'_, '_, '_>) -> Outcome) {
    let config = AppConfig { window_size: [1_280, 800], ..window::config() }.headless();
    let mut opened = 0;
    voltrum::drive(&config, editor, None, |instance| {
        let turn = match opened {
            0 => {
                instance.state().open(first.to_str().unwrap());
                instance.frame()?;
                testing::frames_until_open(instance, PATIENCE)?
            }
            number => {
                testing::frames(instance, 6)?;
                turns(number - 1, instance)?
            }
        };
        opened += 1;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(turn)
    })
    .unwrap();
    assert!(opened > 1);
}

fn press(instance: &mut Run<'_, '_, '_>, modifiers: Modifiers, key: Key) -> Done {
    instance.post(InputMessage::Modifiers(modifiers).into())?;
    instance.post(Message::key_down(key))?;
    instance.post(Message::key_up(key))?;
    instance.post(InputMessage::Modifiers(Modifiers::NONE).into())?;
    testing::frames(instance, 4)?;
    Ok(())
}

const CONTROL: Modifiers = Modifiers { control: true, ..Modifiers::NONE };
const CONTROL_SHIFT: Modifiers = Modifiers { control: true, shift: true, ..Modifiers::NONE };

/// Moves the pointer to a place, presses there, goes on by steps, and lets go unless it is told not to.
fn drag(instance: &mut Run<'_, '_, '_>, from: [f32; 2], way: [f32; 2], lets_go: bool) -> Done {
    instance.post(Message::mouse_moved(from))?;
    testing::frames(instance, 4)?;
    instance.post(Message::button_down(MouseButton::Left))?;
    testing::frames(instance, 2)?;
    for step in 1..=5 {
        let share = step as f32 / 5.0;
        instance.post(Message::mouse_moved([from[0] + way[0] * share, from[1] + way[1] * share]))?;
        testing::frames(instance, 2)?;
    }
    if lets_go {
        instance.post(Message::button_up(MouseButton::Left))?;
        testing::frames(instance, 3)?;
    }
    Ok(())
}

fn find(instance: &mut Run<'_, '_, '_>, name: &str) -> Entity {
    scene::query::find(instance.project().scene, name).next().unwrap()
}

fn pick(instance: &mut Run<'_, '_, '_>, names: &[&str]) -> Vec<Entity> {
    let found: Vec<Entity> = names.iter().map(|name| find(instance, name)).collect();
    instance.project().selection_mut().set(found.iter().copied()).unwrap();
    testing::frames(instance, 3).unwrap();
    found
}

fn world(instance: &mut Run<'_, '_, '_>, entity: Entity) -> Mat4 {
    scene::world(instance.project().scene, entity).unwrap()
}

/// Where a point of the world is in the window.
fn seen(instance: &mut Run<'_, '_, '_>, point: Vec3) -> [f32; 2] {
    let (state, project, _) = instance.parts();
    let camera = state.viewport.seen_with(project);
    let at = camera.view_projection().project_point3(point);
    let [left, top, width, height] = state.viewport.place();
    [left + (at.x * 0.5 + 0.5) * width, top + (0.5 - at.y * 0.5) * height]
}

/// A place on the arrow along +Y of what is picked.
fn on_arrow(instance: &mut Run<'_, '_, '_>) -> [f32; 2] {
    let at = instance.state().tools.place.unwrap().position;
    let [x, y] = seen(instance, at);
    [x, y - 60.0]
}

fn sample_in(folder: &Path) -> PathBuf {
    let path = folder.join("sample.glb");
    std::fs::copy(files::sample(), &path).unwrap();
    path
}

#[test]
fn a_drag_of_the_gizmo_is_one_step_and_escape_takes_it_back() {
    let folder = tempfile::tempdir().unwrap();
    drive(&Editor::new(None), &sample_in(folder.path()), |_, instance| {
        let ball = pick(instance, &["Ball"])[0];
        let before = world(instance, ball);
        let from = on_arrow(instance);
        drag(instance, from, [0.0, -80.0], true)?;
        let moved = world(instance, ball);
        let way = moved.w_axis - before.w_axis;
        assert!(way.y > 0.2 && way.x.abs() < 1e-4 && way.z.abs() < 1e-4, "{way}");
        assert_eq!(instance.project().history().done(), 1);
        assert_eq!(instance.project().can_undo(), Some("Move"));
        assert!(instance.project().is_unsaved());
        press(instance, CONTROL, Key::Z)?;
        assert_eq!(world(instance, ball), before);
        assert!(!instance.project().is_unsaved());
        press(instance, CONTROL_SHIFT, Key::Z)?;
        assert_eq!(world(instance, ball), moved);
        press(instance, CONTROL, Key::Z)?;
        press(instance, CONTROL, Key::Y)?;
        assert_eq!(world(instance, ball), moved);

        let from = on_arrow(instance);
        drag(instance, from, [0.0, 40.0], false)?;
        assert_ne!(world(instance, ball), moved);
        press(instance, Modifiers::NONE, Key::Escape)?;
        assert_eq!(world(instance, ball), moved);
        instance.post(Message::button_up(MouseButton::Left))?;
        testing::frames(instance, 3)?;
        assert_eq!((instance.project().history().done(), instance.project().history().undone()), (1, 0));
        Ok(Turn::Quit)
    });
}

#[test]
fn several_things_are_moved_in_steps_and_deleted_and_duplicated_together() {
    let folder = tempfile::tempdir().unwrap();
    drive(&Editor::new(None), &sample_in(folder.path()), |_, instance| {
        let picked = pick(instance, &["Stone 1", "Stone 2", "Ball"]);
        let before: Vec<Mat4> = picked.iter().map(|entity| world(instance, *entity)).collect();
        instance.state().store.settings.snap.is_on = true;
        let from = on_arrow(instance);
        drag(instance, from, [0.0, -70.0], true)?;
        for (entity, before) in picked.iter().zip(&before) {
            let up = world(instance, *entity).w_axis.y - before.w_axis.y;
            assert!(up > 0.2 && ((up / 0.25).round() * 0.25 - up).abs() < 1e-4, "{up} is no whole number of steps");
        }
        assert_eq!(instance.project().history().done(), 1);
        assert_eq!(instance.project().can_undo(), Some("Move 3 objects"));

        let count = instance.project().scene.len();
        press(instance, CONTROL, Key::D)?;
        assert_eq!(instance.project().scene.len(), count + 3);
        assert_eq!(instance.project().selection().len(), 3);
        press(instance, Modifiers::NONE, Key::Delete)?;
        assert_eq!(instance.project().scene.len(), count);
        assert!(instance.project().selection().is_empty());
        press(instance, CONTROL, Key::Z)?;
        press(instance, CONTROL, Key::Z)?;
        assert_eq!(instance.project().scene.len(), count);
        assert_eq!(instance.project().selection().entities(), picked);
        press(instance, CONTROL, Key::Z)?;
        let back: Vec<Mat4> = picked.iter().map(|entity| world(instance, *entity)).collect();
        assert_eq!(back, before);
        Ok(Turn::Quit)
    });
}

#[test]
fn f_brings_what_is_picked_into_the_middle_and_home_everything() {
    let folder = tempfile::tempdir().unwrap();
    drive(&Editor::new(None), &sample_in(folder.path()), |_, instance| {
        let ball = pick(instance, &["Ball"])[0];
        let seen = |instance: &mut Run<'_, '_, '_>| {
            let (state, project, _) = instance.parts();
            let bounds = scene::bounds_below(project.scene, ball);
            let camera = state.viewport.seen_with(project);
            let at = camera.view_projection().project_point3(bounds.center());
            (at.truncate(), (bounds.center() - camera.position).length())
        };
        let rest = |instance: &mut Run<'_, '_, '_>, key| -> Done {
            press(instance, Modifiers::NONE, key)?;
            while !instance.state().viewport.camera.is_at_rest() {
                instance.frame()?;
            }
            Ok(())
        };
        rest(instance, Key::Home)?;
        let (_, far) = seen(instance);
        rest(instance, Key::F)?;
        let (at, near) = seen(instance);
        assert!(at.length() < 0.3 && near < far * 0.3, "{at}, {near} of {far}");
        rest(instance, Key::Home)?;
        assert!((seen(instance).1 - far).abs() < far * 0.05);
        Ok(Turn::Quit)
    });
}

#[test]
fn turning_keeps_the_place_and_tools_have_keys() {
    let folder = tempfile::tempdir().unwrap();
    drive(&Editor::new(None), &sample_in(folder.path()), |_, instance| {
        let amphora = pick(instance, &["Amphora"])[0];
        for (key, kind) in [(Key::R, GizmoKind::Scale), (Key::W, GizmoKind::Move), (Key::E, GizmoKind::Rotate)] {
            press(instance, Modifiers::NONE, key)?;
            assert_eq!(instance.state().tools.kind, kind);
        }
        let before = world(instance, amphora);
        let [x, y] = seen(instance, before.w_axis.truncate());
        // the outer ring, which turns about the direction of view
        let radius = 92.0 * 1.18;
        drag(instance, [x + radius, y], [-radius * 0.3, -radius * 0.7], true)?;
        let after = world(instance, amphora);
        assert!(after.w_axis.abs_diff_eq(before.w_axis, 1e-4));
        assert!(!after.x_axis.abs_diff_eq(before.x_axis, 0.1), "{after}");
        assert_eq!(instance.project().can_undo(), Some("Rotate"));
        Ok(Turn::Quit)
    });
}

#[test]
fn a_rectangle_picks_what_is_in_it_and_a_click_beside_drops_it() {
    let folder = tempfile::tempdir().unwrap();
    drive(&Editor::new(None), &sample_in(folder.path()), |_, instance| {
        let [left, top, width, height] = instance.state().viewport.place();
        instance.post(InputMessage::Modifiers(CONTROL).into())?;
        drag(instance, [left + 8.0, top + 8.0], [width - 16.0, height - 16.0], true)?;
        instance.post(InputMessage::Modifiers(Modifiers::NONE).into())?;
        let picked = instance.project().selection().len();
        assert!(picked > 30, "{picked}");
        assert_eq!(instance.project().history().done(), 0);
        instance.post(Message::mouse_moved([left + 12.0, top + 12.0]))?;
        testing::frames(instance, 3)?;
        instance.post(Message::button_down(MouseButton::Left))?;
        instance.post(Message::button_up(MouseButton::Left))?;
        testing::frames(instance, 6)?;
        assert!(instance.project().selection().is_empty());
        Ok(Turn::Quit)
    });
}

#[test]
fn a_project_is_saved_closed_and_opened_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, project) = (sample_in(folder.path()), folder.path().join("room.voltrum"));
    let mut saved = None;
    drive(&Editor::new(None), &sample, |number, instance| match number {
        0 => {
            let ball = pick(instance, &["Ball"])[0];
            let from = on_arrow(instance);
            drag(instance, from, [0.0, -80.0], true)?;
            saved = Some(world(instance, ball));
            instance.project().save_as(&project).unwrap();
            testing::frames(instance, 3)?;
            assert!(!instance.project().is_unsaved());
            instance.state().close();
            instance.frame()?;
            testing::frames_until_open(instance, PATIENCE)
        }
        1 => {
            assert!(instance.project().is_empty());
            instance.state().open(project.to_str().unwrap());
            instance.frame()?;
            testing::frames_until_open(instance, PATIENCE)
        }
        _ => {
            let ball = find(instance, "Ball");
            assert_eq!(Some(world(instance, ball)), saved);
            assert_eq!(instance.project().title(), "room.voltrum");
            Ok(Turn::Quit)
        }
    });
}

/// Presses Tab and Enter, or Enter alone, in the question that is shown.
fn answer(instance: &mut Run<'_, '_, '_>, tabs: usize) -> Done {
    testing::frames(instance, 8)?;
    for _ in 0..tabs {
        press(instance, Modifiers::NONE, Key::ArrowRight)?;
        testing::frames(instance, 4)?;
    }
    press(instance, Modifiers::NONE, Key::Enter)?;
    testing::frames(instance, 6)?;
    Ok(())
}

#[test]
fn unsaved_edits_are_asked_about_and_a_no_drops_them() {
    let folder = tempfile::tempdir().unwrap();
    let sample = sample_in(folder.path());
    let mut was_asked = false;
    drive(&Editor::new(None), &sample, |number, instance| match number {
        0 => {
            pick(instance, &["Ball"]);
            press(instance, Modifiers::NONE, Key::Delete)?;
            let count = instance.project().scene.len();
            // the window's own button
            instance.post(Message::CloseRequested)?;
            testing::frames(instance, 3)?;
            // Escape: nothing happens
            testing::frames(instance, 8)?;
            press(instance, Modifiers::NONE, Key::Escape)?;
            testing::frames(instance, 6)?;
            assert_eq!(instance.project().scene.len(), count);
            assert!(!instance.is_loading());
            // keys mean nothing while a question is there
            instance.state().close();
            testing::frames(instance, 8)?;
            press(instance, CONTROL, Key::Z)?;
            assert_eq!(instance.project().scene.len(), count);
            was_asked = true;
            answer(instance, 1)?;
            testing::frames_until_open(instance, PATIENCE)
        }
        _ => {
            assert!(was_asked && instance.project().is_empty());
            Ok(Turn::Quit)
        }
    });
}

#[test]
fn what_is_dropped_on_an_open_project_is_added_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, other) = (sample_in(folder.path()), files::good(folder.path()));
    drive(&Editor::new(None), &sample, |_, instance| {
        let project = folder.path().join("room.voltrum");
        instance.project().save_as(&project).unwrap();
        let count = instance.project().scene.len();
        instance.post(Message::FileDropped(other.to_str().unwrap()))?;
        instance.frame()?;
        assert_eq!(testing::frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
        testing::frames(instance, 3)?;
        assert_eq!(instance.project().scene.len(), count + 1, "{:?}", instance.state().status.text());
        assert_eq!(instance.project().files().len(), 2);
        assert_eq!(instance.project().rows.rows().len(), count + 1);
        press(instance, CONTROL, Key::Z)?;
        assert_eq!(instance.project().scene.len(), count);
        Ok(Turn::Quit)
    });
}

#[test]
fn settings_are_kept_where_they_are_asked_to_be_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, kept) = (sample_in(folder.path()), folder.path().join("config"));
    drive(&Editor::new(None).keep_settings(Some(kept.clone())), &sample, |_, instance| {
        instance.state().store.settings.snap.angle = 5.0;
        instance.state().store.touch();
        Ok(Turn::Quit)
    });
    let text = std::fs::read_to_string(kept.join("settings.json")).unwrap();
    assert!(text.contains("sample.glb") && text.contains("voltrum-layout"), "{text}");
    drive(&Editor::new(None).keep_settings(Some(kept)), &sample, |_, instance| {
        assert_eq!(instance.state().store.settings.snap.angle, 5.0);
        assert_eq!(instance.state().store.settings.recent.len(), 1);
        Ok(Turn::Quit)
    });
}
