//! The editor in a real window, killed while the gizmo is dragged in a project that was never saved: the next start has it
//! again, as far as the drag had come.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;
mod screen;

use screen::{Screen, Session};
use std::fs;
use std::thread::sleep;
use std::time::Duration;

#[test]
fn a_gizmo_drag_of_an_untitled_project_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let file = files::good(folder.path());
    let screen = Screen::start();
    let mut session = Session::start(&screen, &file, folder.path());
    sleep(Duration::from_millis(2_500));
    session.wait_for_title("model.gltf \u{2013} Voltrum");
    let [left, top, width, height] = session.place("tree placed");
    session.click([left + width / 2, top + height / 2]);
    session.wait_for("gizmo placed");
    sleep(Duration::from_millis(1_500));

    // the arrow upwards, held when the process is killed
    let [x, y, ..] = session.place("gizmo placed");
    screen.xdotool(&["mousemove", &x.to_string(), &(y - 60).to_string()]);
    sleep(Duration::from_millis(1_000));
    screen.xdotool(&["mousedown", "1"]);
    for _ in 0..5 {
        sleep(Duration::from_millis(300));
        screen.xdotool(&["mousemove_relative", "--", "0", "-12"]);
    }
    session.wait_for_title("\u{2022} model.gltf \u{2013} Voltrum");
    // at rest it is in the journal within a second
    sleep(Duration::from_millis(2_500));
    screen.screenshot("gizmo-killed");
    session.process.0.kill().unwrap();
    session.process.0.wait().unwrap();
    screen.xdotool(&["mouseup", "1"]);
    drop(session);
    let drafts = folder.path().join("config/unsaved");
    assert_eq!(fs::read_dir(&drafts).unwrap().count(), 3, "document, journal, lock");

    // started on nothing, the editor goes on where it was
    let mut session = Session::start_on(&screen, &[], folder.path());
    session.wait_for("recovered 1 edit from ");
    session.wait_for("as an untitled project");
    session.wait_for_title("\u{2022} model.gltf \u{2013} Voltrum");
    sleep(Duration::from_millis(2_000));
    screen.screenshot("gizmo-recovered");
    let saved = file.with_file_name("kept.voltrum");
    session.key("ctrl+s");
    session.wait_for("path field shown");
    sleep(Duration::from_millis(1_500));
    session.key("ctrl+a");
    screen.xdotool(&["type", "--delay", "120", saved.to_str().unwrap()]);
    sleep(Duration::from_millis(2_500));
    session.key("Return");
    session.wait_for_title("kept.voltrum \u{2013} Voltrum");
    session.key("ctrl+q");
    session.wait_for_end(folder.path());
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(&saved).unwrap()).unwrap();
    let place = document["entities"][0]["translation"].as_array().unwrap_or_else(|| panic!("{document}"));
    let [x, y, z] = [0, 1, 2].map(|axis| place[axis].as_f64().unwrap());
    assert!(y > 0.05 && x.abs() < 1e-3 && z.abs() < 1e-3, "it was dragged upwards: {x} {y} {z}");
    assert_eq!(fs::read_dir(&drafts).unwrap().count(), 0, "the project's file has it now");
}
