//! When a window waits for messages instead of drawing on.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod opened;

use opened::{Run, on_stub};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use voltrum::render::Stub;
use voltrum::{AppError, Turn, drive, testing};
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

static STUB: Stub = Stub::new();

const PATIENCE: Duration = Duration::from_secs(60);
/// More than leave the GPU in a frame.
const MESHES: usize = 3_000;

fn many_meshes(folder: &Path) -> PathBuf {
    let corners = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let buffer: Vec<u8> = corners.iter().flatten().flat_map(|part| part.to_le_bytes()).collect();
    fs::write(folder.join("many.bin"), &buffer).unwrap();
    let mesh = serde_json::json!({ "primitives": [{ "attributes": { "POSITION": 0 } }] });
    let document = serde_json::json!({
        "asset": { "version": "2.0" },
        "buffers": [{ "uri": "many.bin", "byteLength": buffer.len() }],
        "bufferViews": [{ "buffer": 0, "byteLength": buffer.len() }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0] }
        ],
        "meshes": vec![mesh; MESHES],
        "nodes": (0..MESHES).map(|mesh| serde_json::json!({ "mesh": mesh })).collect::<Vec<_>>(),
        "scenes": [{ "nodes": (0..MESHES).collect::<Vec<_>>() }],
        "scene": 0
    });
    let path = folder.join("many.gltf");
    fs::write(&path, document.to_string()).unwrap();
    path
}

/// How long the next frame may wait, and how many closed things the GPU still holds.
fn wish(instance: &mut Run<'_, '_, '_>) -> (Duration, usize) {
    let app = instance.app();
    (app.platform.patience(), app.renderer.objects().retired)
}

fn frames_until_rest(instance: &mut Run<'_, '_, '_>) -> Result<(), AppError<EditorError>> {
    let began = Instant::now();
    while wish(instance).0.is_zero() {
        assert!(began.elapsed() < PATIENCE, "a window in which nothing moves does not rest");
        testing::frames(instance, 1)?;
    }
    Ok(())
}

#[test]
fn a_window_does_not_rest_before_a_closed_project_has_left_the_gpu() {
    let folder = tempfile::tempdir().unwrap();
    let path = many_meshes(folder.path());
    let mut turns = 0;
    drive(&on_stub(&STUB, [200, 150]), &Editor::new(None), None, |instance| {
        turns += 1;
        testing::frames(instance, 2)?;
        match turns {
            1 => {
                instance.state().open(path.to_str().unwrap());
                testing::frames_until_open(instance, PATIENCE)
            }
            2 => {
                frames_until_rest(instance)?;
                instance.state().close();
                testing::frames_until_open(instance, PATIENCE)
            }
            _ => {
                assert!(wish(instance).1 > 0, "the project was gone at once, so this shows nothing");
                frames_until_rest(instance)?;
                assert_eq!(wish(instance).1, 0);
                Ok(Turn::Quit)
            }
        }
    })
    .unwrap();
}
