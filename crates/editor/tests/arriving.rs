//! What has arrived of a file is shown while the rest of it is loaded, and nothing of it stays where that fails.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod opened;

use opened::{Outcome, Run};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use voltrum::memory::Arena;
use voltrum::render::{GpuUsage, ObjectCounts, renderer};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;

const PATIENCE: Duration = Duration::from_secs(120);
/// Takes some hundred frames to decode.
const SIDE: u32 = 4_096;
const IMAGES: usize = 4;

/// A quad of a red material with four large pictures; the last one is cut off where that is asked for.
fn model(folder: &Path, name: &str, is_cut: bool) -> PathBuf {
    let picture = folder.join("large.png");
    if !picture.exists() {
        let mut encoder = png::Encoder::new(File::create(&picture).unwrap(), SIDE, SIDE);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        let bytes: Vec<u8> = (0..SIDE * SIDE * 3).map(|at| (at / 7) as u8 ^ (at >> 9) as u8).collect();
        encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
    }
    let bytes = fs::read(&picture).unwrap();
    let images: Vec<_> = (0..IMAGES).map(|at| format!("{name}-{at}.png")).collect();
    for (at, image) in images.iter().enumerate() {
        let end = if is_cut && at + 1 == IMAGES { bytes.len() / 2 } else { bytes.len() };
        fs::write(folder.join(image), &bytes[..end]).unwrap();
    }
    let corners = [[-1.0f32, -1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]];
    let mut buffer: Vec<u8> = corners.iter().flatten().flat_map(|part| part.to_le_bytes()).collect();
    buffer.extend([0u16, 1, 2, 0, 2, 3].iter().flat_map(|index| index.to_le_bytes()));
    fs::write(folder.join(format!("{name}.bin")), &buffer).unwrap();
    let textured = |at: usize| serde_json::json!({ "index": at });
    let document = serde_json::json!({
        "asset": { "version": "2.0" },
        "buffers": [{ "uri": format!("{name}.bin"), "byteLength": buffer.len() }],
        "bufferViews": [
            { "buffer": 0, "byteLength": 48 },
            { "buffer": 0, "byteOffset": 48, "byteLength": 12 }
        ],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [-1, -1, 0], "max": [1, 1, 0] },
            { "bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR" }
        ],
        "images": images.iter().map(|image| serde_json::json!({ "uri": image })).collect::<Vec<_>>(),
        "textures": (0..IMAGES).map(|at| serde_json::json!({ "source": at })).collect::<Vec<_>>(),
        "materials": [{
            "doubleSided": true,
            "pbrMetallicRoughness": {
                "baseColorFactor": [1, 0, 0, 1], "baseColorTexture": textured(0), "metallicRoughnessTexture": textured(1)
            },
            "normalTexture": textured(2), "occlusionTexture": textured(3)
        }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0 }, "indices": 1, "material": 0 }] }],
        "nodes": [{ "mesh": 0 }],
        "scenes": [{ "nodes": [0] }],
        "scene": 0
    });
    let path = folder.join(format!("{name}.gltf"));
    fs::write(&path, document.to_string()).unwrap();
    path
}

fn drive(mut turns: impl FnMut(usize, &mut Run<'_, '_, '_>) -> Outcome) {
    let config = AppConfig { window_size: [640, 400], ..window::config() }.headless();
    let mut number = 0;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        let turn = turns(number, instance)?;
        number += 1;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(turn)
    })
    .unwrap();
}

/// The pixel in the middle of the viewport.
fn middle(instance: &mut Run<'_, '_, '_>) -> [u8; 3] {
    let mut arena = Arena::try_reserve("pixels", 16 << 20).unwrap();
    let memory = arena.open();
    let (state, _, app) = instance.parts();
    let pixels = renderer::read_target(&mut app.renderer, state.viewport.target(), &memory).unwrap();
    let [width, height] = pixels.size.map(|side| side as usize);
    let at = (height / 2 * width + width / 2) * 4;
    [pixels.rgba[at], pixels.rgba[at + 1], pixels.rgba[at + 2]]
}

fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red > 100 && red / 2 > green && red / 2 > blue
}

/// What the GPU holds once it is done with all frames.
fn held(instance: &mut Run<'_, '_, '_>) -> (ObjectCounts, GpuUsage) {
    let app = instance.app();
    renderer::wait_idle(&mut app.renderer).unwrap();
    (app.renderer.objects(), app.gpu.usage())
}

/// Frames until shapes are seen before their project; fails when that is there first.
fn until_preview(instance: &mut Run<'_, '_, '_>) -> Outcome {
    let began = Instant::now();
    while !instance.state().viewport.is_preview() {
        assert!(began.elapsed() < PATIENCE);
        assert_eq!(instance.frame()?, Turn::Continue, "the project was there before its shapes");
    }
    assert!(instance.is_loading() && instance.project().is_empty());
    Ok(Turn::Continue)
}

#[test]
fn shapes_are_seen_while_pictures_are_decoded_and_make_room_for_the_project() {
    let folder = tempfile::tempdir().unwrap();
    let (good, cut) = (model(folder.path(), "good", false), model(folder.path(), "cut", true));
    drive(|number, instance| match number {
        0 => {
            testing::frames(instance, 4)?;
            let before = held(instance);
            // what turns out to be broken leaves nothing to be seen
            instance.state().open(cut.to_str().unwrap());
            until_preview(instance)?;
            testing::frames(instance, 2)?;
            assert!(is_red(middle(instance)), "{:?}", middle(instance));
            assert_eq!(testing::frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
            testing::frames(instance, 4)?;
            assert!(instance.state().status.is_error() && !instance.state().viewport.is_preview());
            assert!(!is_red(middle(instance)), "{:?}", middle(instance));
            assert_eq!(held(instance), before);
            // the first time a pipeline was made
            let live = instance.app().gpu.live_objects();

            // what is given up leaves nothing, either
            instance.state().open(good.to_str().unwrap());
            until_preview(instance)?;
            instance.state().cancel_load();
            testing::frames_until_loaded(instance, PATIENCE)?;
            testing::frames(instance, 4)?;
            assert!(!instance.state().viewport.is_preview() && instance.project().is_empty());
            assert_eq!((held(instance), instance.app().gpu.live_objects()), (before, live));

            instance.state().open(good.to_str().unwrap());
            until_preview(instance)?;
            testing::frames_until_open(instance, PATIENCE)
        }
        _ => {
            testing::frames(instance, 4)?;
            assert!(!instance.state().viewport.is_preview() && !instance.project().is_empty());
            // a project that is open stays in sight
            let before = middle(instance);
            instance.state().open(cut.to_str().unwrap());
            let began = Instant::now();
            loop {
                assert!(!instance.state().viewport.is_preview() && began.elapsed() < PATIENCE);
                assert_eq!(instance.frame()?, Turn::Continue);
                if !instance.is_loading() && instance.state().status.is_error() {
                    break;
                }
            }
            assert_eq!(middle(instance), before);
            Ok(Turn::Quit)
        }
    });
}
