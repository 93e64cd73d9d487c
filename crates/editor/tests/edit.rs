//! `voltrum edit` as scripts and people run it: what it does, what it says, and what it refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn voltrum(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a script on a project.
fn edit(project: &Path, script: &str) -> Output {
    let path = project.with_file_name("script.txt");
    fs::write(&path, script).unwrap();
    voltrum(&["edit", text(project), "--script", text(&path)]).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a script that has to succeed, and says how many edits it reported.
fn edited(project: &Path, script: &str) -> usize {
    let output = edit(project, script);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let reported = String::from_utf8(output.stdout).unwrap();
    let count = reported.lines().count();
    assert!(reported.lines().zip(1..).all(|(line, number)| line == format!("journaled {number}")), "{reported}");
    count
}

fn refused(project: &Path, script: &str, exit: i32, words: &[&str]) {
    let output = edit(project, script);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(exit), "{message}");
    let told = message.lines().find(|line| line.starts_with("voltrum: ")).unwrap_or_default();
    for word in words {
        assert!(told.contains(word), "`{word}` is missing: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

fn info(project: &Path) -> Value {
    let output = voltrum(&["info", text(project), "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn document(project: &Path) -> Value {
    serde_json::from_slice(&fs::read(project).unwrap()).unwrap()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("room.voltrum");
    (folder, project)
}

#[test]
fn a_script_builds_a_project_and_its_edits_are_counted() {
    let (_folder, project) = folder();
    let script = "\
        # a lamp\n\nadd Lamp\nadd Arm Lamp # below it\nadd \"the bulb\" Lamp/Arm\nmove \"the bulb\" 1 -2 3.5\n\
        rename Arm Bow\nadd Extra\ndelete Extra\nundo\nredo\nwait 1\nsave\nadd Late";
    assert_eq!(edited(&project, script), 10);
    let saved = document(&project);
    assert_eq!(
        saved["entities"],
        json!([
            { "id": 1, "name": "Lamp" },
            { "id": 2, "name": "Bow", "parent": 1 },
            { "id": 3, "name": "the bulb", "parent": 2, "translation": [1.0, -2.0, 3.5] },
        ])
    );
    let info = info(&project);
    assert_eq!((&info["entities"], &info["recovered_edits"]), (&json!(4), &json!(1)), "what is not saved counts");
    assert_eq!(edited(&project, "save"), 0);
    assert_eq!(document(&project)["entities"].as_array().unwrap().len(), 4);
    assert!(
        !project.with_file_name("room.voltrum.journal").exists()
            && !project.with_file_name("room.voltrum.lock").exists()
    );
}

#[test]
fn a_project_is_made_even_by_an_empty_script() {
    let (_folder, project) = folder();
    assert_eq!(edited(&project, ""), 0);
    assert_eq!(info(&project)["entities"], 0);
    let before = fs::read(&project).unwrap();
    assert_eq!(edited(&project, "add A\nundo"), 2);
    assert_eq!(edited(&project, "save"), 0);
    assert_eq!(fs::read(&project).unwrap(), before, "saving what is as it was gives the same bytes");
}

#[test]
fn an_import_is_one_edit_and_its_file_may_go_and_come_back() {
    let (folder, project) = folder();
    let model = files::good(folder.path());
    let script = "add Shelf\nimport good/model.gltf Shelf\nmove Shelf/Corner 0 1 0\nundo\nundo\nredo\nredo\nsave";
    assert_eq!(edited(&project, script), 7);
    let saved = fs::read(&project).unwrap();
    assert_eq!(document(&project)["files"], json!([{ "id": 1, "path": "good/model.gltf" }]));
    assert_eq!((&info(&project)["entities"], &info(&project)["meshes"]), (&json!(2), &json!(1)));

    fs::rename(&model, model.with_extension("gone")).unwrap();
    let without = info(&project);
    assert_eq!((&without["entities"], &without["files"][0]["nodes"]), (&json!(1), &Value::Null));
    assert!(without["files"][0]["fault"].as_str().unwrap().contains("model.gltf"));
    assert_eq!(edited(&project, "add New\nsave\ndelete New\nsave"), 2);
    assert_eq!(document(&project)["files"], json!([{ "id": 1, "path": "good/model.gltf" }]), "the reference survives");
    fs::rename(model.with_extension("gone"), &model).unwrap();
    assert_eq!(edited(&project, "move Shelf 0 0 0\nsave"), 1);
    let again: Value = document(&project);
    assert_eq!(again["entities"], serde_json::from_slice::<Value>(&saved).unwrap()["entities"], "and all done to it");
}

#[test]
fn an_import_that_only_the_journal_knows_is_recovered() {
    let (folder, project) = folder();
    files::good(folder.path());
    assert_eq!(edited(&project, "import good/model.gltf\nundo\nsave\nredo\nrename Corner Edge"), 4);
    assert_eq!(document(&project)["files"], json!([]), "what was undone is not referred to");
    assert_eq!((&info(&project)["entities"], &info(&project)["meshes"]), (&json!(1), &json!(1)));
    assert_eq!(edited(&project, "add Below Edge\nsave"), 1);
    let entities = document(&project)["entities"].clone();
    assert_eq!(entities, json!([{ "id": "1/0", "name": "Edge" }, { "id": 1, "name": "Below", "parent": "1/0" }]));
}

#[test]
fn a_project_is_rendered_with_its_edits() {
    let (folder, project) = folder();
    files::good(folder.path());
    assert_eq!(edited(&project, "import good/model.gltf"), 1);
    let picture = |name: &str| {
        let path = folder.path().join(name);
        let arguments =
            ["render", text(&project), "-o", text(&path), "--size", "32x32", "--camera", "0,0,3,0,0,0", "--quiet"];
        let output = voltrum(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fs::read(path).unwrap()
    };
    let before = picture("before.png");
    assert_eq!(edited(&project, "move Corner 0.5 0 0"), 1);
    assert_ne!(picture("after.png"), before);
}

#[test]
fn each_bad_line_is_told_with_its_number_and_what_came_before_it_stays() {
    let (folder, project) = folder();
    files::good(folder.path());
    let outside = tempfile::tempdir().unwrap();
    let elsewhere = files::good(outside.path());
    let (bom, long) = ("\u{feff}add A\n", "x".repeat(1 << 20));
    let bad = files::bad(outside.path());
    let broken = folder.path().join("broken.glb");
    fs::copy(&bad[2].path, &broken).unwrap();
    for (line, exit, words) in [
        ("paint A".to_owned(), 3, &["script.txt: line 2", "\"paint\" is no command", "add, import"][..]),
        ("add B Nobody".to_owned(), 3, &["line 2", "nothing is called \"Nobody\"", "add it first"]),
        ("move A 1 2 NaN".to_owned(), 3, &["line 2", "\"NaN\"", "finite"]),
        ("move A 1e40 2 3".to_owned(), 3, &["line 2", "finite"]),
        (format!("add {long}"), 3, &["line 2", "1048576 bytes", "4096", "shorten"]),
        (format!("rename A {long}"), 3, &["line 2", "1048576 bytes", "4096"]),
        ("x".repeat(5 << 20), 3, &["line 2", "longer than 4 MiB"]),
        ("import nowhere.glb".to_owned(), 6, &["line 2", "nowhere.glb", "no such file"]),
        ("import broken.glb".to_owned(), 3, &["line 2", "broken.glb", "empty"]),
        (format!("import {}", text(&elsewhere)), 3, &["line 2", "outside of the project's folder", "put it into"]),
        ("import ../elsewhere.glb".to_owned(), 6, &["line 2", "elsewhere.glb"]),
        ("wait soon".to_owned(), 3, &["line 2", "milliseconds"]),
        ("add \"B".to_owned(), 3, &["line 2", "not closed"]),
    ] {
        let _ = fs::remove_file(&project);
        let _ = fs::remove_file(project.with_file_name("room.voltrum.journal"));
        refused(&project, &format!("{bom}{line}\nadd Never"), exit, words);
        assert_eq!(info(&project)["entities"], 1, "{}", &line[..line.len().min(40)]);
    }
    let mut bytes = b"add B\nadd ".to_vec();
    bytes.extend([0xff, 0xfe]);
    let script = folder.path().join("latin.txt");
    fs::write(&script, bytes).unwrap();
    let output = voltrum(&["edit", text(&project), "--script", text(&script)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("line 2") && stderr(&output).contains("UTF-8"), "{}", stderr(&output));
}

#[test]
fn a_parent_inside_itself_can_not_be_said_and_deep_nesting_can() {
    let (_folder, project) = folder();
    let mut script = String::from("add n0\n");
    for level in 1..10_000 {
        script.push_str(&format!("add n{level} n{}\n", level - 1));
    }
    script.push_str("move n9999 1 2 3\nsave\nrename n0 top\ndelete top\nundo\n");
    assert_eq!(edited(&project, &script), 10_004);
    assert_eq!(info(&project)["entities"], 10_000);
    assert_eq!(edited(&project, "delete top\nsave"), 1);
    assert_eq!(info(&project)["entities"], 0);
}

#[test]
fn projects_that_contradict_themselves_are_refused_with_the_place() {
    let (_folder, project) = folder();
    let entities = |text: &str| format!("{{ \"schema\": 2,\n\"entities\": [\n{text} ] }}");
    let files = |text: &str| format!("{{ \"schema\": 2, \"files\": [ {text} ] }}");
    let long = "x".repeat(1 << 20);
    for (text, words) in [
        (entities(r#"{ "id": 1 }, { "id": 1 }"#), &["entities[1]", "id 1 is that of entities[0] already"][..]),
        (files(r#"{ "id": 1, "path": "a.glb" }, { "id": 1, "path": "b.glb" }"#), &["files[1]", "id 1"]),
        (r#"{ "schema": 2, "removed": ["1/3", "1/3"] }"#.to_owned(), &["removed[1]", "1/3"]),
        (entities(r#"{ "id": 1, "parent": 1 }"#), &["line 3", "refers to itself"]),
        (entities(r#"{ "id": 1, "before": 1 }"#), &["line 3", "refers to itself"]),
        (entities(r#"{ "id": 1, "parent": 2 }, { "id": 2, "parent": 1 }"#), &["stands below itself"]),
        (entities(r#"{ "id": 1, "translation": [1e39, 0, 0] }"#), &["line 3", "too large"]),
        (entities(r#"{ "id": 1, "scale": [1, NaN, 1] }"#), &["line 3"]),
        (entities(r#"{ "id": 1, "rotation": [0, 0, 0, -Infinity] }"#), &["line 3"]),
        (entities(r#"{ "id": 1, "light": { "kind": "point", "intensity": 1e999 } }"#), &["line 3"]),
        (entities(&format!(r#"{{ "id": 1, "name": "{long}" }}"#)), &["line 3", "1048576 bytes", "4096"]),
        (files(r#"{ "id": 1, "path": "/etc/passwd" }"#), &["/etc/passwd", "absolute"]),
        (files(r#"{ "id": 1, "path": "../a.glb" }"#), &["../a.glb", "leads out"]),
        (files(r#"{ "id": 1, "path": "a/../../a.glb" }"#), &["a/../../a.glb", "leads out"]),
        (r#"{ "schema": 99 }"#.to_owned(), &["schema 99", "update voltrum"]),
        (format!("{{\n\"schema\": 2, \"entities\": {}", "[".repeat(10_000)), &["line 2", "brackets"]),
        (
            entities(&format!(r#"{{ "id": 1, "x": {}{} }}"#, "[".repeat(10_000), "]".repeat(10_000))),
            &["line 3", "limit"],
        ),
        ("{ \"schema\": 2, }".to_owned(), &["line 1", "column"]),
    ] {
        fs::write(&project, &text).unwrap();
        refused(&project, "add A", 3, words);
        assert_eq!(fs::read_to_string(&project).unwrap(), text, "and left as they are");
        let output = voltrum(&["info", self::text(&project)]).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    }
}

#[test]
fn ten_thousand_levels_of_a_project_file_are_read_and_a_ring_of_them_is_not() {
    let (_folder, project) = folder();
    let level = |id: usize, parent: usize| format!("{{ \"id\": {id}, \"name\": \"n{id}\", \"parent\": {parent} }}");
    // the deepest first
    let mut lines: Vec<String> = (2..=10_000).rev().map(|id| level(id, id - 1)).collect();
    for (first, exit) in [("{ \"id\": 1, \"name\": \"n1\" }".to_owned(), 0), (level(1, 10_000), 3)] {
        lines.push(first);
        fs::write(&project, format!("{{ \"schema\": 2, \"entities\": [\n{}\n] }}", lines.join(",\n"))).unwrap();
        lines.pop();
        if exit != 0 {
            refused(&project, "add A", exit, &["stands below itself"]);
            continue;
        }
        assert_eq!(info(&project)["entities"], 10_000);
        assert_eq!(edited(&project, "move n10000 1 2 3\nsave"), 1);
        assert_eq!(info(&project)["entities"], 10_000);
    }
}

/// `VOLTRUM_ENTITIES=1000000` makes it a million.
#[test]
fn a_script_of_very_many_entities_is_done_journaled_and_recovered() {
    let count = std::env::var("VOLTRUM_ENTITIES").ok().and_then(|count| count.parse().ok()).unwrap_or(30_000);
    let (_folder, project) = folder();
    let script: String = (0..count).map(|number| format!("add n{number}\n")).collect();
    assert_eq!(edited(&project, &script), count);
    let recovered = info(&project);
    assert_eq!((&recovered["entities"], &recovered["recovered_edits"]), (&json!(count), &json!(count)));
    assert_eq!(edited(&project, "save"), 0);
    assert_eq!(
        (info(&project)["entities"].clone(), info(&project)["recovered_edits"].clone()),
        (json!(count), json!(0))
    );
}

#[test]
fn what_refers_to_the_project_itself_is_no_part_of_it() {
    let (folder, project) = folder();
    assert_eq!(edited(&project, "add A\nsave"), 1);
    let before = fs::read(&project).unwrap();
    refused(&project, "import room.voltrum", 3, &["line 1", "room.voltrum"]);
    refused(&project, &format!("import {}", text(&project)), 3, &["line 1", "room.voltrum"]);
    for folder in [".", "..", text(folder.path())] {
        refused(&project, &format!("import {folder}"), 6, &["line 1", folder, "is a directory", "name a file"]);
    }
    refused(&project, "add A/A A/A", 3, &["line 1", "nothing is called \"A/A\""]);
    assert_eq!(fs::read(&project).unwrap(), before);
    // one that says so all the same opens, and the reference is told to be none
    fs::write(&project, r#"{ "schema": 2, "files": [ { "id": 1, "path": "room.voltrum" } ] }"#).unwrap();
    let told = info(&project);
    assert!(told["files"][0]["fault"].as_str().unwrap().contains("room.voltrum"), "{told}");
    assert_eq!(edited(&project, "add B\nsave"), 1);
    assert_eq!(document(&project)["files"], json!([{ "id": 1, "path": "room.voltrum" }]));
    drop(folder);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_folder_lead_nowhere() {
    let (folder, project) = folder();
    let outside = tempfile::tempdir().unwrap();
    let model = files::good(outside.path());
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
    refused(&project, "import link/good/model.gltf", 3, &["line 1", "outside of the project's folder"]);
    assert_eq!(text(&model), text(&outside.path().join("good/model.gltf")));
    fs::write(&project, r#"{ "schema": 2, "files": [ { "id": 1, "path": "link/good/model.gltf" } ] }"#).unwrap();
    let info = info(&project);
    let fault = info["files"][0]["fault"].as_str().unwrap();
    assert!(fault.contains("a link leads out of the project's folder") && info["entities"] == 0, "{fault}");
}

/// A run that reads its script from a pipe.
fn running(project: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.args(["edit", text(project), "--script", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a line and waits until it is reported.
fn journaled(child: &mut Child, out: &mut impl BufRead, line: &str) -> String {
    writeln!(child.stdin.as_mut().unwrap(), "{line}").unwrap();
    let mut reported = String::new();
    out.read_line(&mut reported).unwrap();
    reported
}

#[test]
fn the_second_process_is_told_who_has_the_project_and_may_look() {
    let (_folder, project) = folder();
    let mut first = running(&project);
    let mut out = BufReader::new(first.stdout.take().unwrap());
    assert_eq!(journaled(&mut first, &mut out, "add A"), "journaled 1\n", "while the script goes on");
    let owner = format!("process {} on ", first.id());
    refused(&project, "add B", 6, &["room.voltrum", "reading only", &owner, "close it there"]);
    assert_eq!(info(&project)["entities"], 1);
    assert_eq!(journaled(&mut first, &mut out, "add B"), "journaled 2\n");
    drop(first.stdin.take());
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(edited(&project, "add C\nsave"), 1);
    assert_eq!(info(&project)["entities"], 3);
}

#[test]
fn what_somebody_else_saved_meanwhile_is_not_written_over() {
    let (_folder, project) = folder();
    let mut run = running(&project);
    let mut out = BufReader::new(run.stdout.take().unwrap());
    assert_eq!(journaled(&mut run, &mut out, "add A"), "journaled 1\n");
    let theirs = r#"{ "schema": 2, "entities": [ { "id": 1, "name": "theirs" } ] }"#;
    fs::write(&project, theirs).unwrap();
    writeln!(run.stdin.as_mut().unwrap(), "save").unwrap();
    drop(run.stdin.take());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("line 2") && stderr(&output).contains("changed by another program"));
    assert_eq!(fs::read_to_string(&project).unwrap(), theirs);
}

#[test]
fn a_script_that_is_not_there_is_told_before_a_project_is_made() {
    let (folder, project) = folder();
    let nowhere = folder.path().join("nowhere.txt");
    let output = voltrum(&["edit", text(&project), "--script", text(&nowhere)]).output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert!(stderr(&output).contains("nowhere.txt") && !project.exists());
    assert_eq!(voltrum(&["edit", text(&project)]).output().unwrap().status.code(), Some(2), "no script");
    let inside = folder.path().join("no/folder/room.voltrum");
    refused_at(&inside, &["room.voltrum"]);
}

fn refused_at(project: &Path, words: &[&str]) {
    let output = voltrum(&["edit", text(project), "--script", "-"]).output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(words.iter().all(|word| stderr(&output).contains(word)), "{}", stderr(&output));
}
