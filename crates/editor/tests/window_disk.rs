//! The editor in a real window while others have its project, write it, or take its folder away: what is shown, and asked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod screen;

use screen::{PATIENCE, Picture, SCREEN, Screen, Session};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use voltrum::ui::{Color, Theme};

/// A process that edits a project by a script which goes on.
fn owner(project: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.arg("edit").arg(project).args(["--script", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn tell(child: &mut Child, out: &mut impl BufRead, line: &str) {
    writeln!(child.stdin.as_mut().unwrap(), "{line}").unwrap();
    let mut reported = String::new();
    out.read_line(&mut reported).unwrap();
    assert!(reported.starts_with("journaled"), "{reported}");
}

/// A saved project with so many entities, made by a process that has ended.
fn project(path: &Path, count: usize) {
    let (mut child, mut out) = owner(path);
    (0..count).for_each(|number| tell(&mut child, &mut out, &format!("add thing{number}")));
    writeln!(child.stdin.as_mut().unwrap(), "save").unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

fn names(project: &Path) -> Vec<String> {
    let document: Value = serde_json::from_str(&fs::read_to_string(project).unwrap()).unwrap();
    document["entities"].as_array().unwrap().iter().map(|entity| entity["name"].as_str().unwrap().to_owned()).collect()
}

/// Whether the status line says something in this colour.
fn is_told_in(picture: &Picture, color: Color) -> bool {
    let [red, green, blue, _] = color.to_bytes();
    let near = |pixel: &[u8; 3]| pixel.iter().zip([red, green, blue]).all(|(a, b)| a.abs_diff(b) < 24);
    let line = picture.cut([0, SCREEN[1] - 28, SCREEN[0] / 2, 28]);
    line.rgb.as_chunks().0.iter().filter(|pixel| near(pixel)).count() > 20
}

/// Duplicates what stands in the first row of the tree.
fn duplicate_first(session: &mut Session<'_>) {
    let [left, top, width, height] = session.place("tree placed");
    session.click([left + width / 2, top + height / 2]);
    session.wait_for("gizmo placed");
    session.key("ctrl+d");
}

#[test]
fn a_project_that_another_process_has_is_shown_as_read_only_with_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.voltrum");
    project(&path, 2);
    let before = fs::read(&path).unwrap();
    let (mut other, mut out) = owner(&path);
    tell(&mut other, &mut out, "add theirs");
    let screen = Screen::start();
    let mut session = Session::start(&screen, &path, folder.path());
    session.wait_for("tree placed");
    let shown = screen.screenshot_when("read-only", |picture| is_told_in(picture, Theme::DARK.warning));
    assert!(is_told_in(&shown, Theme::DARK.warning));
    let who = format!("process {} on ", other.id());
    assert!(session.log().contains("open for reading only") && session.log().contains(&who), "{}", session.log());
    // their edit is there to see, and one of our own can't be saved here
    duplicate_first(&mut session);
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");
    session.key("ctrl+s");
    session.wait_for("ERROR");
    let told = screen.screenshot_when("read-only-save", |picture| is_told_in(picture, Theme::DARK.danger));
    assert!(is_told_in(&told, Theme::DARK.danger));
    assert!(session.log().lines().any(|line| line.contains("ERROR") && line.contains(&who)), "{}", session.log());
    tell(&mut other, &mut out, "add more");
    drop(other.stdin.take());
    assert!(other.wait().unwrap().success(), "it was not disturbed");
    assert_eq!(fs::read(&path).unwrap(), before);
    session.process.0.kill().unwrap();
}

#[test]
fn edits_that_do_not_reach_the_disk_are_told_until_they_do_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let (home, away) = (folder.path().join("home"), folder.path().join("away"));
    fs::create_dir(&home).unwrap();
    let path = home.join("room.voltrum");
    project(&path, 1);
    let screen = Screen::start();
    let mut session = Session::start(&screen, &path, folder.path());
    session.wait_for("tree placed");
    fs::rename(&home, &away).unwrap();
    duplicate_first(&mut session);
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");
    session.wait_for("room.voltrum.journal");
    let told = screen.screenshot_when("journal-trouble", |picture| is_told_in(picture, Theme::DARK.warning));
    assert!(is_told_in(&told, Theme::DARK.warning));
    fs::rename(&away, &home).unwrap();
    session.wait_for("edits reach the disk again");
    let mended = screen.screenshot_when("journal-mended", |picture| !is_told_in(picture, Theme::DARK.warning));
    assert!(!is_told_in(&mended, Theme::DARK.warning));
    session.process.0.kill().unwrap();
    session.process.0.wait().unwrap();
    let info = Command::new(env!("CARGO_BIN_EXE_voltrum")).arg("info").arg(&path).arg("--json").output().unwrap();
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!((&info["entities"], &info["recovered_edits"]), (&Value::from(2), &Value::from(1)));
}

#[test]
fn what_others_wrote_is_replaced_only_after_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("room.voltrum"), folder.path().join("other.voltrum"));
    project(&path, 1);
    project(&other, 3);
    let screen = Screen::start();
    let mut session = Session::start(&screen, &path, folder.path());
    session.wait_for("tree placed");
    duplicate_first(&mut session);
    session.wait_for_title("\u{2022} room.voltrum \u{2013} Voltrum");
    let theirs = r#"{ "schema": 2, "entities": [ { "id": 7, "name": "theirs" } ] }"#;
    fs::write(&path, theirs).unwrap();

    // Escape leaves it, Enter is the first answer
    session.key("ctrl+s");
    session.wait_for_count("question shown", 1);
    session.key("Escape");
    assert_eq!(fs::read_to_string(&path).unwrap(), theirs);
    session.key("ctrl+s");
    session.wait_for_count("question shown", 2);
    std::thread::sleep(std::time::Duration::from_millis(700));
    screen.screenshot("changed-outside");
    session.key("Return");
    session.wait_for_title("room.voltrum \u{2013} Voltrum");
    assert_eq!(names(&path), ["thing0", "thing0"]);

    // saved as another one that is there already
    session.key("ctrl+shift+s");
    session.wait_for("path field shown");
    session.key("ctrl+a");
    screen.xdotool(&["type", "--delay", "40", other.to_str().unwrap()]);
    session.key("Return");
    session.wait_for_count("question shown", 3);
    std::thread::sleep(std::time::Duration::from_millis(700));
    screen.screenshot("replace");
    assert_eq!(names(&other).len(), 3);
    session.key("Return");
    session.wait_for_title("other.voltrum \u{2013} Voltrum");
    let began = Instant::now();
    while names(&other).len() != 2 {
        assert!(began.elapsed() < PATIENCE);
    }
    session.close(folder.path());
}
