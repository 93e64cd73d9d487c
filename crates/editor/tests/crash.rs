//! `voltrum edit`, killed at any moment: what it reported as journaled is there afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs that are killed.
const RUNS: u64 = 300;

/// Runs on one project before it begins anew.
const RUNS_PER_PROJECT: u64 = 20;

/// A small generator of numbers (Vigna's splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % count
    }
}

/// What a project should hold: the names of its entities after each edit of the run so far, the first before any.
struct Model {
    states: Vec<BTreeSet<String>>,
    /// The states that undo and redo go through, and which of them is the present one.
    history: Vec<BTreeSet<String>>,
    at: usize,
}

impl Model {
    fn new(names: BTreeSet<String>) -> Model {
        Model { states: vec![names.clone()], history: vec![names], at: 0 }
    }

    fn names(&self) -> &BTreeSet<String> {
        &self.history[self.at]
    }

    fn edit(&mut self, names: BTreeSet<String>) {
        self.history.truncate(self.at + 1);
        self.history.push(names.clone());
        self.at += 1;
        self.states.push(names);
    }

    fn go(&mut self, at: usize) {
        self.at = at;
        self.states.push(self.history[at].clone());
    }
}

/// A script, and what the project holds after each of its edits.
fn script(chance: &mut Chance, run: u64, names: &BTreeSet<String>) -> (String, Model) {
    let (mut script, mut model) = (String::new(), Model::new(names.clone()));
    let lines = 1 + chance.below(60);
    for number in 0..lines {
        let mut names = model.names().clone();
        let pick = |chance: &mut Chance, names: &BTreeSet<String>| {
            names.iter().nth(chance.below(names.len().max(1) as u64) as usize).cloned()
        };
        match (chance.below(12), pick(chance, &names)) {
            (0, _) if model.at > 0 => {
                script.push_str("undo\n");
                model.go(model.at - 1);
            }
            (1, _) if model.at + 1 < model.history.len() => {
                script.push_str("redo\n");
                model.go(model.at + 1);
            }
            (2, Some(name)) => {
                script.push_str(&format!("delete {name}\n"));
                names.remove(&name);
                model.edit(names);
            }
            (3, Some(name)) => {
                let new = format!("r{run}_{number}");
                script.push_str(&format!("rename {name} {new}\n"));
                names.remove(&name);
                names.insert(new);
                model.edit(names);
            }
            (4, Some(name)) => {
                script.push_str(&format!("move {name} {number} {run} 0.5\n"));
                model.edit(names);
            }
            (5, _) => script.push_str("save\n"),
            (6, _) => script.push_str("wait 1\n"),
            _ => {
                let name = format!("e{run}_{number}");
                script.push_str(&format!("add {name}\n"));
                names.insert(name);
                model.edit(names);
            }
        }
    }
    (script, model)
}

/// The names of the project's entities, as the next run finds them: it saves them where they can be read.
fn names(project: &Path) -> BTreeSet<String> {
    let script = project.with_file_name("save.txt");
    fs::write(&script, "save\n").unwrap();
    let output = command(project, &script).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&fs::read(project).unwrap()).unwrap();
    let entities = document["entities"].as_array().unwrap();
    entities.iter().map(|entity| entity["name"].as_str().unwrap().to_owned()).collect()
}

fn command(project: &Path, script: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.arg("edit").arg(project).arg("--script").arg(script);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn every_edit_that_was_reported_as_journaled_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(4);
    let (mut reported_in_all, mut cut_short, mut before) = (0, 0, BTreeSet::new());
    // how long a run takes on this machine, to kill it at any moment of that
    let mut usual = Duration::from_millis(20);
    for run in 0..RUNS {
        let project = folder.path().join(format!("p{}.voltrum", run / RUNS_PER_PROJECT));
        if run % RUNS_PER_PROJECT == 0 {
            before = BTreeSet::new();
        }
        let (text, model) = script(&mut chance, run, &before);
        let path = folder.path().join("script.txt");
        fs::write(&path, &text).unwrap();
        let began = Instant::now();
        let mut child = command(&project, &path).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let edits = model.states.len() as u64 - 1;
        let mut reported = 0;
        if chance.below(2) == 0 {
            // at some moment of the run
            std::thread::sleep(usual.mul_f64(chance.below(1000) as f64 / 900.0));
        } else {
            // right after some report
            let wanted = chance.below(edits + 1);
            while reported < wanted && read_report(&mut out, &mut reported) {}
        }
        child.kill().unwrap();
        let status = child.wait().unwrap();
        while read_report(&mut out, &mut reported) {}
        if status.success() {
            usual = (usual + began.elapsed()) / 2;
        } else {
            cut_short += 1;
            let mut message = String::new();
            child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
            assert_eq!(status.code(), None, "it ended by itself: {message}\n{text}");
        }
        assert!(reported <= edits, "{reported} of {edits} edits were reported:\n{text}");
        reported_in_all += reported;
        let found = names(&project);
        let is_possible = model.states[reported as usize..].contains(&found);
        assert!(is_possible, "run {run}: {reported} edits were reported, and {found:?} is left of\n{text}");
        before = found;
    }
    assert!(cut_short > RUNS / 4, "only {cut_short} runs of {RUNS} were cut short");
    assert!(reported_in_all > RUNS, "only {reported_in_all} edits were reported before a kill");
}

/// Reads the next report; whether there was one.
fn read_report(out: &mut impl BufRead, reported: &mut u64) -> bool {
    let mut line = String::new();
    if out.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
        return false;
    }
    *reported += 1;
    assert_eq!(line, format!("journaled {reported}\n"));
    true
}
