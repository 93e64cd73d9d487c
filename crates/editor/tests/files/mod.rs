//! Files for tests: the sample, a small good model, and everything that can be wrong with one.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
#![allow(dead_code, reason = "each test binary uses its part")]

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The sample that ships with the repository.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.glb")
}

/// A triangle with a texture, as a document whose buffer and image are files beside it.
fn triangle() -> Value {
    json!({
        "asset": { "version": "2.0", "generator": "voltrum tests" },
        "scene": 0,
        "scenes": [{ "nodes": [0], "name": "Triangle" }],
        "nodes": [{ "mesh": 0, "name": "Corner" }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0, "TEXCOORD_0": 2 }, "indices": 1, "material": 0 }] }],
        "materials": [{ "name": "Paint", "pbrMetallicRoughness": { "baseColorTexture": { "index": 0 } } }],
        "textures": [{ "source": 0 }],
        "images": [{ "uri": "paint.png" }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0] },
            { "bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR" },
            { "bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC2" }
        ],
        "bufferViews": [
            { "buffer": 0, "byteOffset": 0, "byteLength": 36 },
            { "buffer": 0, "byteOffset": 36, "byteLength": 6 },
            { "buffer": 0, "byteOffset": 44, "byteLength": 24 }
        ],
        "buffers": [{ "uri": "corner.bin", "byteLength": 68 }]
    })
}

fn corner_bytes(indices: [u16; 3]) -> Vec<u8> {
    let positions: [f32; 9] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let uvs: [f32; 6] = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
    let mut bytes: Vec<u8> = positions.iter().flat_map(|number| number.to_le_bytes()).collect();
    bytes.extend(indices.iter().flat_map(|index| index.to_le_bytes()));
    bytes.extend([0, 0]);
    bytes.extend(uvs.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}

fn png(size: [u32; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![180; (size[0] * size[1]) as usize]).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Writes a model into a folder of its own in `root` and returns the document's path.
fn model(root: &Path, name: &str, document: &Value) -> PathBuf {
    let folder = root.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("corner.bin"), corner_bytes([0, 1, 2])).unwrap();
    fs::write(folder.join("paint.png"), png([4, 4])).unwrap();
    let path = folder.join("model.gltf");
    fs::write(&path, serde_json::to_vec_pretty(document).unwrap()).unwrap();
    path
}

/// A model that is as it should be.
pub(crate) fn good(root: &Path) -> PathBuf {
    model(root, "good", &triangle())
}

/// A model that is as it should be, but for what somebody changes.
pub(crate) fn changed(root: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut document = triangle();
    change(&mut document);
    model(root, name, &document)
}

/// A file that can't be opened, and what is to come of it.
pub(crate) struct Bad {
    /// The file.
    pub(crate) path: PathBuf,
    /// The exit code.
    pub(crate) exit: i32,
    /// Words of the message: what, where, numbers, remedy.
    pub(crate) words: &'static [&'static str],
}

impl Bad {
    /// Whether only its pixels are bad: what draws nothing doesn't look at them.
    pub(crate) fn is_in_pixels(&self) -> bool {
        self.words.contains(&"decoded")
    }
}

/// Every row of what can be wrong.
pub(crate) fn bad(root: &Path) -> Vec<Bad> {
    let mut rows = Vec::new();
    let mut row = |path: PathBuf, exit, words| rows.push(Bad { path, exit, words });
    let edited = |name: &str, edit: &dyn Fn(&mut Value)| changed(root, name, edit);

    row(root.join("nowhere.glb"), 6, &["nowhere.glb", "no such file", "check the path"][..]);
    let folder = root.join("folder.glb");
    fs::create_dir_all(&folder).unwrap();
    row(folder, 6, &["folder.glb", "directory", "name a file"]);
    let empty = root.join("empty.glb");
    fs::write(&empty, []).unwrap();
    row(empty, 3, &["empty.glb", "empty", "again"]);
    let whole = fs::read(sample()).unwrap();
    let cut = root.join("cut.glb");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    row(cut, 3, &["cut.glb", "cut off", "bytes"]);
    let other = root.join("other.gltf");
    fs::write(&other, r#"{ "name": "a package", "version": "1.0.0" }"#).unwrap();
    row(other, 3, &["other.gltf", "glTF"]);
    let garbage = root.join("garbage.gltf");
    fs::write(&garbage, "this is no JSON").unwrap();
    row(garbage, 3, &["garbage.gltf", "glTF"]);

    let path = edited("no-buffer", &|_| {});
    fs::remove_file(path.with_file_name("corner.bin")).unwrap();
    row(path, 3, &["model.gltf", "corner.bin", "put that file beside this one"]);
    let path = edited("short-buffer", &|_| {});
    fs::write(path.with_file_name("corner.bin"), &corner_bytes([0, 1, 2])[..50]).unwrap();
    row(path, 3, &["buffer 0", "50", "68"]);
    row(
        edited("long-accessor", &|model| model["accessors"][0]["count"] = json!(400)),
        3,
        &["accessor 0", "4,800", "36"],
    );
    let path = edited("wild-index", &|_| {});
    fs::write(path.with_file_name("corner.bin"), corner_bytes([0, 1, 777])).unwrap();
    row(path, 3, &["777", "3 vertices"]);
    let cycle = edited("cycle", &|model| {
        model["nodes"] = json!([{ "children": [1] }, { "children": [2] }, { "children": [0] }]);
    });
    row(cycle, 3, &["node", "own ancestor"]);
    let path = edited("broken-image", &|_| {});
    fs::write(path.with_file_name("paint.png"), &png([4, 4])[..40]).unwrap();
    row(path, 3, &["image 0", "paint.png", "decoded"]);
    let path = edited("wide-image", &|_| {});
    fs::write(path.with_file_name("paint.png"), png([60_000, 1])).unwrap();
    row(path, 3, &["60,000", "16,384", "scale it down"]);
    row(edited("escape", &|model| model["buffers"][0]["uri"] = json!("../good/corner.bin")), 3, &["../good", "inside"]);
    let future = edited("future", &|model| model["asset"]["version"] = json!("3.0"));
    row(future, 3, &["version", "2."]);
    rows
}
