//! How far a load is, on a terminal: a bar that goes away, and nothing at all where stderr is no terminal.
//!
//! Needs `script` of util-linux, which runs a command on a terminal of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERTICES: u32 = 600_000;

/// Takes longer to load than the bar waits before it shows.
fn large(folder: &Path) -> PathBuf {
    let bytes = u64::from(VERTICES) * 12;
    // zeros that take no room on the disk
    File::create(folder.join("large.bin")).unwrap().set_len(bytes).unwrap();
    let document = serde_json::json!({
        "asset": { "version": "2.0" },
        "buffers": [{ "uri": "large.bin", "byteLength": bytes }],
        "bufferViews": [{ "buffer": 0, "byteLength": bytes }],
        "accessors": [{
            "bufferView": 0, "componentType": 5126, "count": VERTICES, "type": "VEC3", "min": [0, 0, 0], "max": [0, 0, 0]
        }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0 } }] }],
        "nodes": [{ "mesh": 0 }],
        "scenes": [{ "nodes": [0] }],
        "scene": 0
    });
    let path = folder.join("large.gltf");
    std::fs::write(&path, document.to_string()).unwrap();
    path
}

/// What a terminal shows of a command.
fn on_a_terminal(command: &str) -> String {
    let output = Command::new("script").args(["-qefc", command, "/dev/null"]).env("TERM", "xterm").output();
    let output = output.expect("script is missing; apt-get install bsdutils");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn a_terminal_shows_the_file_and_its_bytes_while_a_large_one_loads_and_a_pipe_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let model = large(folder.path());
    let (voltrum, model) = (env!("CARGO_BIN_EXE_voltrum"), model.to_str().unwrap());
    let project = folder.path().join("large.voltrum");
    let (project, script) = (project.to_str().unwrap(), folder.path().join("script"));
    std::fs::write(&script, "import large.gltf\nsave\n").unwrap();
    let script = script.to_str().unwrap();

    for arguments in [vec!["info", model], vec!["edit", project, "--script", script], vec!["info", project]] {
        let shown = on_a_terminal(&format!("{voltrum} {}", arguments.join(" ")));
        for words in ["large", "MiB of 6.87 MiB", "files"] {
            assert!(shown.contains(words), "{arguments:?} shows no {words:?}: {shown:?}");
        }
        let output = Command::new(voltrum).args(&arguments).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
