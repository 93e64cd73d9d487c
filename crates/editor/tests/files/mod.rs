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

/// A grey picture.
pub(crate) fn png(size: [u32; 2]) -> Vec<u8> {
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

/// The renderer's shaders, in a folder of their own in `root` that can be written to.
pub(crate) fn shaders(root: &Path) -> PathBuf {
    let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../render/shaders"), root.join("shaders"));
    for part in ["", "parts"] {
        fs::create_dir(to.join(part)).unwrap();
        for entry in fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

/// A model that is as it should be.
pub(crate) fn good(root: &Path) -> PathBuf {
    model(root, "good", &triangle())
}

/// The same with holes.
pub(crate) fn masked(root: &Path) -> PathBuf {
    let mut document = triangle();
    document["materials"][0]["alphaMode"] = "MASK".into();
    model(root, "masked", &document)
}

/// Two models of one folder that have one picture, and a project of both.
pub(crate) fn room(root: &Path) -> ([PathBuf; 2], PathBuf) {
    let one = model(root, "room", &triangle());
    let (two, project) = (one.with_file_name("two.gltf"), root.join("room.voltrum"));
    fs::copy(&one, &two).unwrap();
    let files = r#"[ { "id": 1, "path": "room/model.gltf" }, { "id": 2, "path": "room/two.gltf" } ]"#;
    fs::write(&project, format!("{{ \"schema\": 2, \"files\": {files} }}")).unwrap();
    ([one, two], project)
}

/// A model that is as it should be, but for what somebody changes.
pub(crate) fn changed(root: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut document = triangle();
    change(&mut document);
    model(root, name, &document)
}

/// Writes a model's document anew, changed.
pub(crate) fn edit(model: &Path, change: impl FnOnce(&mut Value)) {
    let mut document: Value = serde_json::from_slice(&fs::read(model).unwrap()).unwrap();
    change(&mut document);
    fs::write(model, serde_json::to_vec(&document).unwrap()).unwrap();
}

/// A figure whose mesh follows two joints and a morph target, its animation, the same mesh at rest beside it, a lamp and a
/// camera.
pub(crate) fn figure(root: &Path) -> PathBuf {
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let numbers: [&[f32]; 5] = [
        &[0.5, 0.5, 0.0, 0.0].repeat(3),
        &[0.3, 0.0, 0.2].repeat(3),
        &[0.0, 0.4, 1.0],
        &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, half, half, 0.0, 0.0, 0.0, 1.0],
        &[0.0, 1.0, 0.0],
    ];
    let mut bytes = [0, 1, 0, 0].repeat(3);
    let (mut views, mut accessors) = (vec![(0, 12)], vec![json!([5121, 3, "VEC4"])]);
    for (numbers, shape) in numbers.iter().zip(["VEC4", "VEC3", "SCALAR", "VEC4", "SCALAR"]) {
        views.push((bytes.len(), numbers.len() * 4));
        accessors.push(json!([5126, 3, shape]));
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
    let path = changed(root, "figure", |model| {
        let push = |list: &mut Value, value| list.as_array_mut().unwrap().push(value);
        push(&mut model["buffers"], json!({ "uri": "figure.bin", "byteLength": bytes.len() }));
        for (at, ((offset, length), accessor)) in views.iter().zip(&accessors).enumerate() {
            push(&mut model["bufferViews"], json!({ "buffer": 1, "byteOffset": offset, "byteLength": length }));
            push(
                &mut model["accessors"],
                json!({ "bufferView": 3 + at, "componentType": accessor[0],
                "count": accessor[1], "type": accessor[2] }),
            );
        }
        let mut carried = model["meshes"][0].clone();
        let primitive = &mut carried["primitives"][0];
        (primitive["attributes"]["JOINTS_0"], primitive["attributes"]["WEIGHTS_0"]) = (json!(3), json!(4));
        primitive["targets"] = json!([{ "POSITION": 5 }]);
        carried["weights"] = json!([0.25]);
        push(&mut model["meshes"], carried);
        model["skins"] = json!([{ "joints": [1, 2] }]);
        model["cameras"] = json!([{ "type": "perspective", "perspective": { "yfov": 0.8, "znear": 0.1 } }]);
        model["extensionsUsed"] = json!(["KHR_lights_punctual"]);
        model["extensions"] =
            json!({ "KHR_lights_punctual": { "lights": [{ "type": "directional", "intensity": 2 }] } });
        model["nodes"] = json!([{ "mesh": 1, "skin": 0, "name": "Figure" }, { "name": "Hip", "children": [2] },
            { "name": "Knee", "translation": [0, 0.5, 0] }, { "mesh": 0, "name": "Corner", "translation": [2, 0, 0] },
            { "name": "Lamp", "translation": [0, 3, 2], "extensions": { "KHR_lights_punctual": { "light": 0 } } },
            { "name": "Eye", "translation": [1, 0.5, 5], "camera": 0 }]);
        model["scenes"][0]["nodes"] = json!([0, 1, 3, 4, 5]);
        model["animations"] = json!([{ "name": "Bend", "samplers": [{ "input": 6, "output": 7 }, { "input": 6, "output": 8 }],
            "channels": [{ "sampler": 0, "target": { "node": 2, "path": "rotation" } },
                { "sampler": 1, "target": { "node": 0, "path": "weights" } }] }]);
    });
    fs::write(path.with_file_name("figure.bin"), bytes).unwrap();
    path
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
    let draco = edited("draco", &|model| model["extensionsRequired"] = json!(["KHR_draco_mesh_compression"]));
    row(draco, 3, &["KHR_draco_mesh_compression", "export it without"]);

    let path = edited("no-numbers", &|_| {});
    fs::write(path.with_file_name("corner.bin"), [&f32::NAN.to_le_bytes().repeat(9)[..], &[0; 32]].concat()).unwrap();
    row(path, 3, &["mesh 0, primitive 0", "position", "not a finite number"]);
    let path = edited("last-index", &|_| {});
    fs::write(path.with_file_name("corner.bin"), corner_bytes([0, 1, u16::MAX])).unwrap();
    row(path, 3, &["65,535", "3 vertices"]);
    let sparse = edited("sparse", &|model| {
        model["accessors"][0]["sparse"] = json!({ "count": 1, "indices": { "bufferView": 1, "byteOffset": 4,
            "componentType": 5121 }, "values": { "bufferView": 0 } });
        model["accessors"][0]["count"] = json!(2);
        model["accessors"][2]["count"] = json!(2);
    });
    row(sparse, 3, &["accessor 0", "sparse index 2", "past the end"]);
    let absent = edited("absent", &|model| {
        model["buffers"] = json!([{ "uri": "corner.bin", "byteLength": 4_u64 << 30 }]);
    });
    row(absent, 3, &["buffer 0", "68", "4,294,967,296", "copy it again"]);
    let gone = edited("gone", &|model| model["buffers"] = json!([{ "byteLength": 4_u64 << 30 }]));
    row(gone, 3, &["buffer 0", "no data"]);
    let crowd = edited("crowd", &|model| model["materials"] = json!(vec![json!({ "name": "grey" }); 100_000]));
    row(crowd, 4, &["100,000 materials", "16,384", "materials_max"]);
    rows
}

/// A file of which a part is wrong and the rest is shown.
pub(crate) struct Repaired {
    /// The file.
    pub(crate) path: PathBuf,
    /// What the warning says; nothing where nothing has to be said.
    pub(crate) words: &'static [&'static str],
}

/// Every row of what is only partly broken, or only looks so.
pub(crate) fn repaired(root: &Path) -> Vec<Repaired> {
    let mut rows = Vec::new();
    let mut row = |path: PathBuf, words: &'static [&'static str]| rows.push(Repaired { path, words });
    let edited = |name: &str, edit: &dyn Fn(&mut Value)| changed(root, name, edit);

    let path = edited("one-position", &|_| {});
    let mut bytes = corner_bytes([0, 1, 2]);
    bytes[12..16].copy_from_slice(&f32::INFINITY.to_le_bytes());
    fs::write(path.with_file_name("corner.bin"), bytes).unwrap();
    row(path, &["mesh 0, primitive 0", "1 positions that are no finite numbers"]);
    let matrix = edited("far-matrix", &|model| {
        model["nodes"][0]["matrix"] = json!([1, 0, 0, 0, 0, 1e300, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    });
    row(matrix, &["node 0", "not finite"]);
    row(edited("no-size", &|model| model["nodes"][0]["scale"] = json!([0, 0, 0])), &[]);
    let path = edited("no-area", &|_| {});
    fs::write(path.with_file_name("corner.bin"), corner_bytes([1, 1, 2])).unwrap();
    row(path, &[]);
    let keys = edited("keys", &|model| {
        // 0, 0, 1 and then 0 again
        model["animations"] = json!([{ "samplers": [{ "input": 3, "output": 4 }],
            "channels": [{ "sampler": 0, "target": { "node": 0, "path": "scale" } }] }]);
        let accessors = model["accessors"].as_array_mut().unwrap();
        accessors.push(json!({ "bufferView": 2, "componentType": 5126, "count": 4, "type": "SCALAR" }));
        accessors.push(json!({ "componentType": 5126, "count": 4, "type": "VEC3" }));
    });
    row(keys, &["animation 0, channel 0", "keys"]);
    let skin = edited("joints", &|model| {
        model["skins"] = json!([{ "joints": [7, 9] }]);
        model["nodes"][0]["skin"] = json!(0);
    });
    row(skin, &["skin 0", "joints that are no nodes"]);
    let path = edited("mime", &|model| model["images"][0]["mimeType"] = json!("image/jpeg"));
    row(path, &["image 0", "says it is Jpeg but is Png"]);
    let path = edited("ending", &|model| model["images"][0]["uri"] = json!("paint.jpg"));
    fs::rename(path.with_file_name("paint.png"), path.with_file_name("paint.jpg")).unwrap();
    row(path, &["image 0", "says it is Jpeg but is Png"]);
    for (name, size) in [("long", [10_000, 1]), ("tall", [1, 10_000])] {
        let path = edited(name, &|_| {});
        fs::write(path.with_file_name("paint.png"), png(size)).unwrap();
        row(path, &[]);
    }
    let odd = edited("odd-extension", &|model| {
        model["materials"][0]["extensions"] = json!({ "KHR_materials_clearcoat": 7 });
        model["extensions"] = json!({ "KHR_lights_punctual": [] });
    });
    row(odd, &["material 0", "KHR_materials_clearcoat that is no object"]);
    let used = edited("used", &|model| model["extensionsUsed"] = json!(["KHR_materials_sheen"]));
    row(used, &["KHR_materials_sheen is not supported and was ignored"]);
    rows
}
