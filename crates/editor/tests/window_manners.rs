//! The editor in a real window among others: the clipboard that programs share, and the place and the panels that it comes
//! back with.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod screen;

use screen::{PATIENCE, Screen, Session};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A saved project with one entity.
fn project(path: &Path) {
    let script = path.with_extension("txt");
    fs::write(&script, "add thing\nsave\n").unwrap();
    let mut edit = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    assert!(edit.arg("edit").arg(path).arg("--script").arg(&script).output().unwrap().status.success());
}

#[test]
fn a_name_is_copied_to_another_program_and_pasted_from_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    project(&path);
    let screen = Screen::start();
    let mut session = Session::start(&screen, &path, folder.path());
    session.wait_for("tree placed");
    let [left, top, width, height] = session.place("tree placed");
    session.click([left + width / 2, top + height / 2]);
    for key in ["F2", "ctrl+a", "ctrl+c"] {
        session.key(key);
    }
    assert_eq!(screen.paste_elsewhere(), "thing");
    screen.copy_elsewhere("a lamp from Zürich");
    for key in ["ctrl+a", "ctrl+v"] {
        session.key(key);
    }
    screen.screenshot("pasted");
    session.key("Return");
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");
    session.key("ctrl+s");
    session.wait_for_title("room.voltrum \u{2013} Voltrum");
    session.close(folder.path());
    let document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(document["entities"][0]["name"], "a lamp from Zürich");
}

/// Left, top, width and height of the window.
fn geometry(screen: &Screen, session: &Session<'_>) -> Vec<i32> {
    let told = screen.xdotool(&["getwindowgeometry", "--shell", &session.window.to_string()]);
    let number = |key: &str| told.lines().find_map(|line| line.strip_prefix(key)?.parse().ok()).unwrap();
    ["X=", "Y=", "WIDTH=", "HEIGHT="].map(number).to_vec()
}

#[test]
fn the_window_comes_back_where_it_was_with_its_panels_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    project(&path);
    let screen = Screen::start();
    let session = Session::start(&screen, &path, folder.path());
    let window = session.window.to_string();
    screen.xdotool(&["windowsize", "--sync", &window, "1180", "760"]);
    screen.xdotool(&["windowmove", "--sync", &window, "140", "70"]);
    sleep(Duration::from_millis(1_500));
    let before = session.viewport();
    // the line between the tree and the viewport
    let [x, y] = [140 + before[0] as i32 - 3, 70 + (before[1] + before[3] / 2) as i32];
    screen.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    sleep(Duration::from_millis(700));
    screen.xdotool(&["mousedown", "1"]);
    for _ in 0..4 {
        sleep(Duration::from_millis(200));
        screen.xdotool(&["mousemove_relative", "--", "25", "0"]);
    }
    sleep(Duration::from_millis(500));
    screen.xdotool(&["mouseup", "1"]);
    let began = Instant::now();
    while session.viewport()[0] < before[0] + 50 {
        assert!(began.elapsed() < PATIENCE, "the line did not move: {before:?}, {:?}", session.viewport());
        sleep(Duration::from_millis(100));
    }
    sleep(Duration::from_millis(500));
    let (place, wanted) = (session.viewport(), geometry(&screen, &session));
    screen.screenshot("layout-before");
    assert_eq!(wanted, [140, 70, 1180, 760]);
    session.close(folder.path());

    let mut session = Session::start(&screen, &path, folder.path());
    session.wait_for("viewport placed");
    let began = Instant::now();
    while (session.viewport(), geometry(&screen, &session)) != (place, wanted.clone()) {
        let now = (session.viewport(), geometry(&screen, &session));
        assert!(began.elapsed() < PATIENCE, "{now:?} is not {:?}", (place, wanted));
        sleep(Duration::from_millis(100));
    }
    screen.screenshot("layout-after");
    session.close(folder.path());
}
