//! The editor in a real window, end to end: select, move, undo, redo, save, close, open again; killed in a drag, and opened
//! again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;
mod screen;

use screen::{Picture, Screen, Session};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// A row of the tree, counted from the top.
fn row(session: &Session<'_>, index: usize) -> [usize; 2] {
    let [left, top, width, height] = session.place("tree placed");
    [left + width / 2, top + height / 2 + index * height]
}

/// The field of a place along X in the inspector.
fn position_x(session: &Session<'_>) -> [usize; 2] {
    let [left, top, width, height] = session.place("position field placed");
    [left + width / 6, top + height / 2]
}

/// Types a number into a field: a double click makes a text of it.
fn type_number(screen: &Screen, session: &Session<'_>, at: [usize; 2], text: &str) {
    screen.xdotool(&["mousemove", &at[0].to_string(), &at[1].to_string()]);
    sleep(Duration::from_millis(800));
    screen.xdotool(&["keydown", "ctrl"]);
    sleep(Duration::from_millis(500));
    screen.xdotool(&["click", "1"]);
    sleep(Duration::from_millis(500));
    screen.xdotool(&["keyup", "ctrl"]);
    sleep(Duration::from_millis(1_000));
    session.key("ctrl+a");
    screen.xdotool(&["type", "--delay", "200", text]);
    sleep(Duration::from_millis(1_500));
    session.key("Return");
    sleep(Duration::from_millis(1_000));
}

fn type_text(screen: &Screen, text: &str) {
    screen.xdotool(&["type", "--delay", "120", text]);
    sleep(Duration::from_millis(2_500));
}

/// Where a node is put by a project file, by its name.
fn place_of(project: &Path, name: &str) -> Vec<f64> {
    let document: Value = serde_json::from_str(&fs::read_to_string(project).unwrap()).unwrap();
    let text = document.to_string();
    let entities = document["entities"].as_array().unwrap_or_else(|| panic!("{text}"));
    let entity = entities.iter().find(|entity| entity["name"] == name || entity["key"] == name);
    let entity = entity.or(entities.first()).unwrap_or_else(|| panic!("{text}"));
    let place = entity["translation"].as_array().or(entity["transform"]["translation"].as_array());
    place.unwrap_or_else(|| panic!("{text}")).iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn a_person_selects_moves_undoes_saves_and_finds_it_again_and_a_crash_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = files::good(folder.path());
    let project = file.parent().unwrap().join("corner.voltrum");
    let screen = Screen::start();

    // select in the tree, move by the inspector, undo, redo
    let mut session = Session::start(&screen, &file, folder.path());
    sleep(Duration::from_millis(2_500));
    session.wait_for_title("model.gltf \u{2013} Voltrum");
    session.click(row(&session, 0));
    session.wait_for("position field placed");
    sleep(Duration::from_millis(500));
    type_number(&screen, &session, position_x(&session), "1.5");
    session.wait_for_title("\u{2022} model.gltf \u{2013} Voltrum");
    sleep(Duration::from_millis(3_000));
    let moved = screen.screenshot("moved");
    session.key("ctrl+z");
    session.wait_for_title("model.gltf \u{2013} Voltrum");
    sleep(Duration::from_millis(1_000));
    let place = session.viewport();
    let changed = |picture: &Picture| picture.cut(place).share_off_by(&moved.cut(place), 8) > 0.01;
    let back = screen.screenshot_when("undone", changed);
    assert!(changed(&back), "the picture did not change");
    session.key("ctrl+shift+z");
    session.wait_for_title("\u{2022} model.gltf \u{2013} Voltrum");

    // save under a name, close: nothing is asked
    session.key("ctrl+s");
    session.wait_for("path field shown");
    sleep(Duration::from_millis(1_500));
    session.key("ctrl+a");
    type_text(&screen, project.to_str().unwrap());
    session.key("Return");
    session.wait_for("saved path=");
    session.wait_for_title("corner.voltrum \u{2013} Voltrum");
    screen.screenshot("saved");
    session.close(folder.path());
    assert_eq!(place_of(&project, "Corner")[0], 1.5);

    // open again: the same; another edit, and a drag that is killed
    let mut session = Session::start(&screen, &project, folder.path());
    sleep(Duration::from_millis(2_500));
    session.wait_for_title("corner.voltrum \u{2013} Voltrum");
    let place = session.viewport();
    let off = |picture: &Picture| picture.cut(place).share_off_by(&moved.cut(place), 8);
    // the gizmo and the outline of what was selected are gone
    let again = screen.screenshot_when("opened-again", |picture| off(picture) < 0.05);
    assert!(off(&again) < 0.05, "{:.2} % of the viewport differ", off(&again) * 100.0);
    session.click(row(&session, 0));
    session.wait_for("position field placed");
    sleep(Duration::from_millis(500));
    type_number(&screen, &session, position_x(&session), "2.25");
    session.wait_for_title("\u{2022} corner.voltrum \u{2013} Voltrum");
    // what is finished is in the journal within a second
    sleep(Duration::from_millis(2_500));
    let [x, y] = position_x(&session);
    screen.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    sleep(Duration::from_millis(800));
    screen.xdotool(&["mousedown", "1"]);
    for _ in 0..4 {
        sleep(Duration::from_millis(300));
        screen.xdotool(&["mousemove_relative", "--", "12", "0"]);
    }
    // at rest it is in the journal within a second
    sleep(Duration::from_millis(2_500));
    screen.screenshot("killed");
    session.process.0.kill().unwrap();
    session.process.0.wait().unwrap();
    screen.xdotool(&["mouseup", "1"]);
    drop(session);
    assert_eq!(place_of(&project, "Corner")[0], 1.5);

    // recovered, and said so
    let mut session = Session::start(&screen, &project, folder.path());
    session.wait_for("recovered 2 edits");
    session.wait_for_title("\u{2022} corner.voltrum \u{2013} Voltrum");
    sleep(Duration::from_millis(2_000));
    screen.screenshot("recovered");
    session.key("ctrl+s");
    session.wait_for_title("corner.voltrum \u{2013} Voltrum");
    session.key("ctrl+q");
    session.wait_for_end(folder.path());
    let x = place_of(&project, "Corner")[0];
    assert!(x > 2.3, "the drag that was killed is there as far as it had come: {x}");
    let info = Command::new(env!("CARGO_BIN_EXE_voltrum")).arg("info").arg(&project).arg("--json").output().unwrap();
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info["entities"], 1);
}
