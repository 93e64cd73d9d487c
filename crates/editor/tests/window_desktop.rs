//! What people expect of a program on their desktop, in a real window: dense screens, menus by keys, the shared clipboard.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod screen;

use screen::{Desktop, PATIENCE, Picture, SCREEN, Screen, Session};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// One window after the other: side by side they are too slow for each other's keys.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Twice the screen of the other tests, for windows whose pixels are half as large.
const DENSE: [usize; 2] = [SCREEN[0] * 2, SCREEN[1] * 2];

/// The menu bar and the tabs below it: text only.
fn words([width, _]: [usize; 2], scale: usize) -> [usize; 4] {
    [0, 0, width / 5, 40 * scale]
}

/// The tree's rows, which are there once the file is open and drawn.
fn rows(scale: usize) -> [usize; 4] {
    [0, 50 * scale, 320 * scale, 300 * scale]
}

/// How often one pixel is much lighter or darker than the one at its left: where letters have sharp edges.
fn sharp_edges(picture: &Picture) -> usize {
    let [width, height] = picture.size;
    let pixels = (0..height).flat_map(|y| (1..width).map(move |x| (x, y)));
    pixels.filter(|&(x, y)| picture.at(x, y)[1].abs_diff(picture.at(x - 1, y)[1]) > 90).count()
}

/// Waits until the viewport's picture is where it is expected, give or take the pixels that are rounded.
fn wait_for_viewport(session: &Session<'_>, expected: [usize; 4]) {
    let began = Instant::now();
    let is_there = |place: [usize; 4]| place.iter().zip(expected).all(|(is, wanted)| is.abs_diff(wanted) <= 4);
    while !is_there(session.viewport()) {
        assert!(began.elapsed() < PATIENCE, "the viewport is at {:?}, not at {expected:?}", session.viewport());
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_dense_screen_gets_the_same_window_twice_as_fine_at_the_start_and_when_it_changes() {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let sample = files::sample();
    let dense_screen = Screen::start_sized(DENSE);
    let dense = Session::start_with(&dense_screen, &[&sample], folders[0].path(), &[("WINIT_X11_SCALE_FACTOR", "2")]);
    let has_tree = |picture: &Picture, scale| sharp_edges(&picture.cut(rows(scale))) > 300 * scale;
    let at_start = dense_screen.screenshot_when("dense", |picture| has_tree(picture, 2));
    let fine = dense.viewport();
    dense.close(folders[0].path());

    // an ordinary screen that becomes a dense one, and one of the ordinary kind again
    let screen = Screen::start_sized(DENSE);
    let mut desktop = Desktop::start(&screen, 96);
    let session = Session::start(&screen, &sample, folders[1].path());
    let before = screen.screenshot_when("scale-before", |picture| has_tree(picture, 1));
    let coarse = session.viewport();
    assert!(coarse.iter().zip(fine).all(|(side, fine)| fine.abs_diff(side * 2) <= 4), "{coarse:?} {fine:?}");
    let edges = |picture: &Picture, size, scale| sharp_edges(&picture.cut(words(size, scale)));
    let [plain, twice] = [edges(&before, SCREEN, 1), edges(&at_start, DENSE, 2)];
    // blurred letters would have few, magnified ones the same at every other pixel
    assert!(twice * 10 > plain * 13, "{twice} sharp edges on the dense screen, {plain} on the ordinary one");

    desktop.set_dpi(192);
    wait_for_viewport(&session, fine);
    let same = |picture: &Picture, like: &Picture, place| picture.cut(place).share_off_by(&like.cut(place), 2);
    let as_at_start = |picture: &Picture| same(picture, &at_start, words(DENSE, 2));
    let after = screen.screenshot_when("scale-after", |picture| as_at_start(picture) == 0.0);
    assert_eq!(as_at_start(&after), 0.0, "text is not what it is where the window begins that way");
    desktop.set_dpi(96);
    wait_for_viewport(&session, coarse);
    let as_before = |picture: &Picture| same(picture, &before, words(SCREEN, 1));
    let back = screen.screenshot_when("scale-back", |picture| as_before(picture) == 0.0);
    assert_eq!(as_before(&back), 0.0);
    session.close(folders[1].path());
}

/// A project with one entity of each name.
fn project(folder: &Path, name: &str, entities: &[&str]) -> PathBuf {
    let (path, script) = (folder.join(name), folder.join("script"));
    let lines: String = entities.iter().map(|entity| format!("add {entity}\n")).collect();
    fs::write(&script, lines + "save\n").unwrap();
    let mut edit = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    assert!(edit.arg("edit").arg(&path).arg("--script").arg(&script).output().unwrap().status.success());
    path
}

/// The names of a saved project's entities.
fn names(project: &Path) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(project).unwrap()).unwrap();
    let entities = document["entities"].as_array().unwrap();
    entities.iter().map(|entity| entity["name"].as_str().unwrap().to_owned()).collect()
}

fn slowly(session: &Session<'_>, keys: &[&str]) {
    for key in keys {
        session.key(key);
        sleep(Duration::from_millis(900));
    }
}

/// Where menus are.
const MENUS: [usize; 4] = [0, 0, 350, 250];

/// Presses a key and waits until the menus look different, and stay so: the next key is for what is there then.
fn press_and_see(session: &Session<'_>, screen: &Screen, key: &str) {
    let settled = |picture: &Picture| {
        sleep(Duration::from_millis(300));
        screen.screenshot("menus").cut(MENUS).rgb == picture.cut(MENUS).rgb
    };
    let before = screen.screenshot_when("menus-before", settled).cut(MENUS);
    session.key(key);
    let after =
        screen.screenshot_when("menus-after", |picture| picture.cut(MENUS).rgb != before.rgb && settled(picture));
    assert!(after.cut(MENUS).rgb != before.rgb, "{key} changes nothing");
}

#[test]
fn menus_are_opened_walked_and_chosen_from_by_keys_alone() {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path(), "room.voltrum", &["lamp"]);
    let screen = Screen::start();
    let mut session = Session::start(&screen, &project, folder.path());
    sleep(Duration::from_millis(2_500));
    let [saved, unsaved] = ["room.voltrum \u{2013} Voltrum", "\u{2022} room.voltrum \u{2013} Voltrum"];
    // the first menu, two to the right, down into it, the first entry: adds something
    for key in ["F10", "Right", "Right", "Down"] {
        press_and_see(&session, &screen, key);
    }
    session.key("Return");
    session.wait_for_title(unsaved);
    // a menu by its letter, and the first entry again: undoes it
    press_and_see(&session, &screen, "alt+e");
    session.key("Return");
    session.wait_for_title(saved);
    // a menu that is left does nothing, and keys are shortcuts again
    for key in ["alt+f", "Down", "Escape"] {
        press_and_see(&session, &screen, key);
    }
    session.key("ctrl+y");
    session.wait_for_title(unsaved);
    session.key("ctrl+s");
    session.wait_for_title(saved);
    assert_eq!(names(&project).len(), 2, "{:?}", names(&project));
    session.close(folder.path());
}

#[test]
fn what_is_copied_in_one_program_is_pasted_in_another() {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let from = project(folders[0].path(), "from.voltrum", &["Bogenlampe"]);
    let to = project(folders[1].path(), "to.voltrum", &["x"]);
    let screen = Screen::start();
    let rename = |session: &Session<'_>, keys: &[&str]| {
        screen.xdotool(&["windowraise", &session.window.to_string()]);
        screen.xdotool(&["windowfocus", "--sync", &session.window.to_string()]);
        sleep(Duration::from_millis(2_500));
        let [left, top, width, height] = session.place("tree placed");
        session.click([left + width / 2, top + height / 2]);
        slowly(session, &["F2", "ctrl+a"]);
        slowly(session, keys);
    };
    let source = Session::start(&screen, &from, folders[0].path());
    // the first one stays: under X11 what is copied lives with its program
    let target = Session::start(&screen, &to, folders[1].path());
    let began = Instant::now();
    // a busy machine loses a key now and then
    while names(&to) != ["Bogenlampe"] {
        assert!(began.elapsed() < PATIENCE * 2, "{:?}", names(&to));
        rename(&source, &["ctrl+c", "Escape"]);
        rename(&target, &["ctrl+v"]);
        screen.screenshot("pasted");
        slowly(&target, &["Return", "ctrl+s"]);
        sleep(Duration::from_millis(3_000));
    }
    target.close(folders[1].path());
    source.close(folders[0].path());
}
