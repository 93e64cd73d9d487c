//! The scene tree in a real window: rows are dragged below others, walked through by keys, renamed and deleted.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod screen;

use screen::{Screen, Session};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// Names and parents' names, as the project file has them.
fn saved(project: &Path) -> Vec<(String, Option<String>)> {
    let document: Value = serde_json::from_str(&fs::read_to_string(project).unwrap()).unwrap();
    let entities = document["entities"].as_array().unwrap_or_else(|| panic!("{document}"));
    let text = |entity: &Value| entity["name"].as_str().unwrap().to_owned();
    let parent = |entity: &Value| {
        let key = entity.get("parent")?;
        entities.iter().find(|other| other["id"] == *key || other["key"] == *key).map(text)
    };
    entities.iter().map(|entity| (text(entity), parent(entity))).collect()
}

#[test]
fn rows_are_dragged_walked_through_renamed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("room.voltrum");
    let script = folder.path().join("script.txt");
    fs::write(&script, "add lamp\nadd table\nadd chair\nadd bulb lamp\nsave\n").unwrap();
    let mut edit = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    assert!(edit.arg("edit").arg(&project).arg("--script").arg(&script).output().unwrap().status.success());
    let text = |name: &str, parent: Option<&str>| (name.to_owned(), parent.map(str::to_owned));
    assert!(saved(&project).contains(&text("bulb", Some("lamp"))), "{:?}", saved(&project));

    let screen = Screen::start();
    let mut session = Session::start(&screen, &project, folder.path());
    sleep(Duration::from_millis(2_500));
    let [left, top, width, height] = session.place("tree placed");
    // lamp, bulb, table, chair
    let row = |index: usize| [left + width / 2, top + height / 2 + index * height];
    let drag = |from: [usize; 2], to: [usize; 2]| {
        screen.xdotool(&["mousemove", &from[0].to_string(), &from[1].to_string()]);
        sleep(Duration::from_millis(900));
        screen.xdotool(&["mousedown", "1"]);
        for step in 1..=4 {
            sleep(Duration::from_millis(500));
            let y = (from[1] * (4 - step) + to[1] * step) / 4;
            screen.xdotool(&["mousemove", &to[0].to_string(), &y.to_string()]);
        }
        sleep(Duration::from_millis(1_500));
        screen.xdotool(&["mouseup", "1"]);
    };
    // onto the middle of a row is into it; undo takes it out again
    drag(row(3), row(2));
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");
    session.key("ctrl+s");
    session.wait_for_title("room.voltrum \u{2013} Voltrum");
    screen.screenshot("tree-dragged");
    assert!(saved(&project).contains(&text("chair", Some("table"))), "{:?}", saved(&project));
    session.key("ctrl+z");
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");

    // from the lamp two rows down, by keys
    session.click(row(0));
    sleep(Duration::from_millis(1_500));
    for key in ["Down", "Down", "F2"] {
        session.key(key);
        sleep(Duration::from_millis(1_500));
    }
    session.key("ctrl+a");
    screen.xdotool(&["type", "--delay", "120", "desk"]);
    sleep(Duration::from_millis(1_500));
    session.key("Return");
    sleep(Duration::from_millis(1_500));
    for key in ["Up", "Delete", "ctrl+s"] {
        session.key(key);
        sleep(Duration::from_millis(1_500));
    }
    session.wait_for_title("room.voltrum \u{2013} Voltrum");
    screen.screenshot("tree-by-keys");
    assert_eq!(saved(&project), [text("lamp", None), text("desk", None), text("chair", None)]);

    // the eye at the end of the desk's row, then from the desk to the last one, by mouse
    session.click([left + width - 12, row(1)[1]]);
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");
    screen.screenshot("tree-hidden");
    session.key("ctrl+s");
    session.wait_for_title("room.voltrum \u{2013} Voltrum");
    let text = fs::read_to_string(&project).unwrap();
    let hidden = text.lines().filter(|line| line.contains("\"visible\": false")).collect::<Vec<_>>();
    assert!(hidden.len() == 1 && hidden[0].contains("desk"), "{text}");
    session.click(row(1));
    screen.xdotool(&["keydown", "shift"]);
    sleep(Duration::from_millis(500));
    session.click(row(2));
    screen.xdotool(&["keyup", "shift"]);
    sleep(Duration::from_millis(500));
    for key in ["Delete", "ctrl+s"] {
        session.key(key);
        sleep(Duration::from_millis(1_500));
    }
    session.wait_for_title("room.voltrum \u{2013} Voltrum");
    assert_eq!(saved(&project).len(), 1);
    session.close(folder.path());
}
