//! What a bad glTF file gets: one clear error, with the file, the place, the numbers and a remedy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

mod model;

use std::fs;
use std::path::{Path, PathBuf};

use model::{Memory, Model, fail, load, png};
use serde_json::json;
use voltrum_assets::{AssetError, ErrorKind, Fault, LoadLimits};

/// Writes bytes under a name of their own.
fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Changes the good triangle, loads it as .glb and gives back the error, after checking that it is the file's fault and
/// says so.
fn changed(change: impl FnOnce(&mut Model)) -> AssetError {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    change(&mut model);
    let error = fail(&model.write_glb(folder.path()));
    blames_the_file(&error);
    error
}

fn blames_the_file(error: &AssetError) {
    assert_eq!(error.kind(), ErrorKind::BadFile, "{error}");
    let text = error.to_string();
    assert!(text.contains("model.gl"), "{text}");
    assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
}

/// Changes the good triangle, which then loads with a note that has these words, and with finite numbers only.
fn repaired(words: &str, change: impl FnOnce(&mut Model)) {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    change(&mut model);
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        assert!(scene.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", scene.notes);
        assert!(scene.nodes.iter().all(|node| node.local.is_finite()));
        assert!(scene.bounds.min.is_finite() && scene.bounds.max.is_finite());
        for primitive in 0..scene.primitives.len() {
            let vertices = loaded.vertices(primitive);
            assert!(
                vertices.iter().all(|vertex| vertex.position.iter().chain(&vertex.uv).all(|part| part.is_finite()))
            );
        }
    });
}

macro_rules! assert_fault {
    ($error:expr, $pattern:pat $(if $guard:expr)?) => {
        let error = &$error;
        assert!(matches!(error.fault(), Some($pattern) $(if $guard)?), "{error} {error:?}");
    };
}

#[test]
fn a_missing_file_is_an_io_error() {
    let error = fail(Path::new("/nowhere/model.glb"));
    assert!(matches!(error, AssetError::Missing { .. }));
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(error.to_string(), "/nowhere/model.glb: no such file; check the path");
}

#[test]
fn a_directory_is_an_io_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = fail(folder.path());
    assert!(matches!(error, AssetError::Directory { .. }));
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[cfg(unix)]
#[test]
fn a_device_is_not_opened() {
    let error = fail(Path::new("/dev/zero"));
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("regular file"), "{error}");
}

#[test]
fn an_empty_file_is_a_bad_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = fail(&file(folder.path(), "model.glb", b""));
    assert_fault!(error, Fault::Empty);
    blames_the_file(&error);
}

#[test]
fn a_truncated_glb_says_how_much_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let good = Model::triangle().glb();
    let error = fail(&file(folder.path(), "model.glb", &good[..good.len() - 100]));
    assert_fault!(error, Fault::Truncated { has, needs, .. } if *needs == good.len() as u64 && *has == *needs - 100);
    for length in (1..good.len()).step_by(17) {
        let error = fail(&file(folder.path(), "model.glb", &good[..length]));
        assert_eq!(error.kind(), ErrorKind::BadFile, "{length}: {error}");
    }
}

#[test]
fn every_prefix_of_a_glb_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let good = Model::triangle().glb();
    let mut memory = Memory::reserve();
    for length in 0..good.len() {
        let path = file(folder.path(), "cut.glb", &good[..length]);
        memory.load(&path, LoadLimits::default(), |loaded| assert!(loaded.is_err(), "{length}"));
    }
}

#[test]
fn json_that_is_no_gltf_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [&b"{\"hello\": [1, 2]}"[..], b"[1, 2, 3]", b"hello", b"\x89PNG\r\n\x1a\n", b"42", b"   "] {
        let error = fail(&file(folder.path(), "model.gltf", bytes));
        assert_fault!(error, Fault::NotGltf { .. });
        blames_the_file(&error);
    }
    for text in ["{", "{\"asset\": {\"version\": \"2.0\"}, \"nodes\": 7}", "{\"asset\": {\"version\": \"2.0\"},,}"] {
        let error = fail(&file(folder.path(), "model.gltf", text.as_bytes()));
        assert_fault!(error, Fault::Json { line: 1, .. });
        blames_the_file(&error);
    }
    let error = fail(&file(folder.path(), "model.gltf", b"{\n\"asset\": {\"version\": \"2.0\"}, \"nodes\": 7}"));
    let text = error.to_string();
    assert!(text.contains("at line 2, column 39: invalid type: integer `7`, expected a sequence; export"), "{text}");
    let deep = format!("{{\"asset\": {}", "[".repeat(100_000));
    assert_fault!(fail(&file(folder.path(), "model.gltf", deep.as_bytes())), Fault::Json { .. });
}

#[test]
fn versions_and_extensions_that_are_not_supported_are_named() {
    assert_fault!(changed(|model| model.json["asset"]["version"] = json!("1.0")), Fault::Version { .. });
    assert_fault!(changed(|model| model.json["asset"]["minVersion"] = json!("3.0")), Fault::Version { .. });
    let error = changed(|model| model.json["extensionsRequired"] = json!(["KHR_draco_mesh_compression"]));
    assert_fault!(error, Fault::Extension { .. });
    assert!(error.to_string().contains("KHR_draco_mesh_compression"));
    let folder = tempfile::tempdir().unwrap();
    let mut old = Model::triangle().glb();
    old[4] = 1;
    assert_fault!(fail(&file(folder.path(), "model.glb", &old)), Fault::Version { .. });
}

#[test]
fn a_missing_buffer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["buffers"][0]["uri"] = json!("gone.bin");
    let error = fail(&model.write_gltf(folder.path()));
    blames_the_file(&error);
    assert_fault!(error, Fault::Dependency { uri, .. } if &**uri == "gone.bin");
    assert!(error.to_string().contains("buffer 0 names gone.bin, which does not exist"), "{error}");

    model.json["buffers"] = json!([{ "byteLength": 4, "uri": "folder" }]);
    fs::create_dir(folder.path().join("folder")).unwrap();
    let error = fail(&model.write_gltf(folder.path()));
    assert!(error.to_string().contains("is a directory"), "{error}");

    let error = changed(|model| model.json["buffers"].as_array_mut().unwrap().push(json!({ "byteLength": 4 })));
    assert_fault!(error, Fault::BufferMissing { buffer: 1 });
}

#[test]
fn a_short_buffer_says_how_short() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let whole = model.bin.len() as u64;
    model.bin.truncate(50);
    let error = fail(&model.write_gltf(folder.path()));
    blames_the_file(&error);
    assert_fault!(error, Fault::BufferShort { buffer: 0, has: 50, needs } if *needs == whole);
    let error = changed(|model| model.json["buffers"][0]["byteLength"] = json!(1_u64 << 40));
    assert_fault!(error, Fault::BufferShort { .. });
    let error = changed(|model| model.json["buffers"][0]["uri"] = json!("data:;base64,AAAA"));
    assert_fault!(error, Fault::BufferShort { has: 3, .. });
    let error = changed(|model| model.json["buffers"][0]["uri"] = json!("data:;base64,A*AA"));
    assert_fault!(error, Fault::DataUri { .. });
}

#[test]
fn an_accessor_out_of_range_is_refused() {
    assert_fault!(
        changed(|model| model.json["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = json!(99)),
        Fault::Reference { to: "accessor", index: 99, count: 4, .. }
    );
    assert_fault!(
        changed(|model| model.json["accessors"][0]["count"] = json!(4)),
        Fault::Range { end: 48, length: 36, .. }
    );
    assert_fault!(
        changed(|model| model.json["accessors"][0]["byteOffset"] = json!(u64::MAX)),
        Fault::Range { end: u64::MAX, .. }
    );
    assert_fault!(changed(|model| model.json["bufferViews"][0]["byteLength"] = json!(u64::MAX)), Fault::Range { .. });
    assert_fault!(changed(|model| model.json["bufferViews"][0]["byteOffset"] = json!(100_000)), Fault::Range { .. });
    assert_fault!(
        changed(|model| model.json["bufferViews"][0]["buffer"] = json!(3)),
        Fault::Reference { to: "buffer", .. }
    );
    assert_fault!(
        changed(|model| model.json["accessors"][0]["bufferView"] = json!(77)),
        Fault::Reference { to: "bufferView", .. }
    );
    for stride in [4, 8, 253, 1_000_000] {
        assert_fault!(
            changed(|model| model.json["bufferViews"][0]["byteStride"] = json!(stride)),
            Fault::Number { what: "byteStride", .. }
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["accessors"][0]["count"] = json!(u64::MAX);
    let error = fail(&model.write_glb(folder.path()));
    assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
}

#[test]
fn attributes_of_the_wrong_shape_are_refused() {
    for (accessor, shape) in [(0, "VEC2"), (1, "VEC2"), (2, "SCALAR"), (3, "VEC2"), (0, "MAT2"), (0, "VEC9")] {
        changed(|model| model.json["accessors"][accessor]["type"] = json!(shape));
    }
    for (accessor, component) in [(3, 5120), (3, 5122), (0, 7), (3, 5126)] {
        changed(|model| model.json["accessors"][accessor]["componentType"] = json!(component));
    }
    assert_fault!(changed(|model| model.json["accessors"][1]["count"] = json!(2)), Fault::AttributeCount { .. });
    changed(|model| model.json["meshes"][0]["primitives"][0]["mode"] = json!(17));
    changed(|model| model.json["meshes"][0]["primitives"][0]["material"] = json!(1));
}

#[test]
fn an_index_out_of_range_is_refused() {
    let error = changed(|model| {
        let offset = model.json["bufferViews"][3]["byteOffset"].as_u64().unwrap() as usize;
        model.bin[offset + 4] = 3;
    });
    assert_fault!(error, Fault::IndexRange { value: 3, position: 2, vertices: 3, .. });
    assert!(
        error.to_string().contains("mesh 0, primitive 0 has index 3 at position 2, but only 3 vertices"),
        "{error}"
    );
}

#[test]
fn numbers_that_are_not_finite_are_refused_or_repaired() {
    let error = changed(|model| model.bin[..36].copy_from_slice(&f32::NAN.to_le_bytes().repeat(9)));
    assert_fault!(error, Fault::NotFinite { what: "position", element: 0, .. });
    repaired("1 positions that are no finite numbers", |model| {
        model.bin[12..16].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    repaired("node 1 has a translation", |model| model.json["nodes"][1]["translation"] = json!([1e300, 0, 0]));
    repaired("node 0 has a matrix that is not finite", |model| model.json["nodes"][0]["matrix"][5] = json!(-1e300));
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let normals = model.json["bufferViews"][1]["byteOffset"].as_u64().unwrap() as usize;
    model.bin[normals..normals + 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!(loaded.vertices(0)[0].normal, [0.0; 3]);
        assert!(loaded.scene.notes[0].contains("no finite numbers"));
    });
}

#[test]
fn a_node_cycle_is_refused() {
    assert_fault!(
        changed(|model| model.json["nodes"][0]["children"] = json!([0])),
        Fault::Cycle { node: 0, length: 1 }
    );
    let error = changed(|model| {
        model.json["nodes"] = json!([{ "children": [1] }, { "children": [2] }, { "children": [0] }, {}]);
        model.json["scenes"][0]["nodes"] = json!([3]);
    });
    assert_fault!(error, Fault::Cycle { length: 3, .. });
}

#[test]
fn a_node_with_two_parents_is_refused() {
    assert_fault!(changed(|model| model.json["nodes"][2]["children"] = json!([0])), Fault::Parents { node: 0, .. });
}

#[test]
fn references_to_what_is_not_there_are_refused() {
    assert_fault!(changed(|model| model.json["nodes"][0]["mesh"] = json!(5)), Fault::Reference { to: "mesh", .. });
    assert_fault!(changed(|model| model.json["nodes"][2]["camera"] = json!(5)), Fault::Reference { to: "camera", .. });
    assert_fault!(
        changed(|model| model.json["nodes"][1]["children"] = json!([9])),
        Fault::Reference { to: "node", .. }
    );
    assert_fault!(changed(|model| model.json["scenes"][0]["nodes"] = json!([9])), Fault::Reference { to: "node", .. });
    changed(|model| model.json["scene"] = json!(4));
    let texture = |index| json!({ "baseColorTexture": { "index": index } });
    assert_fault!(
        changed(|model| model.json["materials"][0]["pbrMetallicRoughness"] = texture(8)),
        Fault::Reference { to: "texture", .. }
    );
    assert_fault!(
        changed(|model| model.json["textures"][0]["source"] = json!(8)),
        Fault::Reference { to: "image", .. }
    );
    assert_fault!(
        changed(|model| model.json["textures"][0]["sampler"] = json!(8)),
        Fault::Reference { to: "sampler", .. }
    );
    changed(|model| model.json["materials"][0]["alphaMode"] = json!("SOLID"));
    changed(|model| model.json["cameras"][0]["perspective"]["znear"] = json!(-1));
}

#[test]
fn a_broken_image_is_an_error_of_the_load_that_names_it() {
    let at = |model: &Model| model.json["bufferViews"][4]["byteOffset"].as_u64().unwrap() as usize;
    let error = changed(|model| {
        let start = at(model);
        model.bin[start + 50] ^= 0xff;
    });
    assert_fault!(error, Fault::Image { .. });
    assert!(error.to_string().contains("image 0 (\"red\") can't be decoded"), "{error}");
    let error = changed(|model| {
        let start = at(model);
        model.bin[start] = 0;
    });
    assert!(error.to_string().contains("neither PNG nor JPEG"), "{error}");
    let error = changed(|model| model.json["images"] = json!([{ "uri": "gone.png" }]));
    assert_fault!(error, Fault::Dependency { .. });
    assert!(error.to_string().contains("image 0 names gone.png, which does not exist"), "{error}");
    changed(|model| model.json["images"] = json!([{ "name": "nothing" }]));
    changed(|model| model.json["images"][0]["bufferView"] = json!(99));
    changed(|model| model.json["images"] = json!([{ "uri": "data:image/png;base64,iVBORw0KGgo=" }]));
}

#[test]
fn a_picture_of_60000_pixels_is_refused_before_it_is_decoded() {
    // A header that claims it is enough: nothing may be allocated for what it says.
    let mut wide = png([2, 2], &[0; 16]);
    wide[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    let jpeg = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x02\xea\x60\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xff\xd9";
    for bytes in [&wide[..], jpeg] {
        let error = changed(|model| {
            let view = model.view(bytes);
            model.json["images"][0]["bufferView"] = json!(view);
        });
        assert_fault!(error, Fault::ImageSize { width: 60_000, height: 2, limit: 16_384, .. });
        assert!(error.to_string().contains("(\"red\") is 60,000 x 2 pixels, the limit is 16,384 per side"), "{error}");
    }
}

#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("asset");
    fs::create_dir(&folder).unwrap();
    let mut model = Model::triangle();
    fs::write(outer.path().join("secret.bin"), &model.bin).unwrap();
    for uri in ["../secret.bin", "%2e%2e/secret.bin", "x/../../secret.bin", "/etc/passwd", "file:///etc/passwd"] {
        model.json["buffers"][0]["uri"] = json!(uri);
        let error = fail(&model.write_gltf(&folder));
        blames_the_file(&error);
        assert_fault!(error, Fault::Escape { .. });
        assert!(error.to_string().contains(uri), "{error}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outer.path().join("secret.bin"), folder.join("link.bin")).unwrap();
        model.json["buffers"][0]["uri"] = json!("link.bin");
        assert_fault!(fail(&model.write_gltf(&folder)), Fault::Escape { .. });
    }
}

#[test]
fn after_a_failure_the_arena_is_as_free_as_before() {
    use voltrum_assets::{HostUploads, Loading, Progress, gltf};
    use voltrum_memory::{Arena, Tag};
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["images"] = json!([{ "uri": "gone.png" }]);
    let path = model.write_glb(folder.path());
    let mut arena = Arena::try_reserve("scene", 1 << 20).unwrap();
    let before = arena.open().view().used();
    for _ in 0..100 {
        let scope = arena.open();
        let mut staging = Arena::try_reserve("staging", 1 << 20).unwrap();
        let staging = staging.open();
        let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 1 << 20);
        let progress = Progress::new();
        assert!(gltf::load(&path, &scope, &mut Loading::new(&mut uploads, &progress)).is_err());
    }
    let scope = arena.open();
    assert_eq!(scope.view().used(), before);
}

#[test]
fn triangles_without_area_and_nodes_of_no_size_load() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let indices = model.accessor(&[0, 0, 0, 0, 1, 0, 2, 0, 2, 0, 2, 0], 5123, 6, "SCALAR");
    model.json["meshes"][0]["primitives"][0]["indices"] = json!(indices);
    model.json["materials"][0]["normalTexture"] = json!({ "index": 0 });
    model.json["nodes"][1]["scale"] = json!([0, 0, 0]);
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!(loaded.scene.counts.triangles, 2);
        assert!(loaded.vertices(0).iter().all(|vertex| vertex.position.iter().all(|part| part.is_finite())));
        assert_eq!(loaded.scene.bounds.radius(), 0.0, "all of it is in one point");
    });
}

#[test]
fn a_hundred_thousand_materials_are_one_clear_error_and_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["materials"] = json!(vec![json!({ "name": "grey" }); 100_000]);
    let error = fail(&model.write_gltf(folder.path()));
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.to_string().contains("100,000 materials, the limit is 16,384; raise `materials_max`"), "{error}");
}

#[test]
fn a_buffer_of_four_gibibytes_that_is_not_there_is_refused_before_anything_is_allocated_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["buffers"][0]["byteLength"] = json!(4_u64 << 30);
    let whole = model.bin.len() as u64;
    let error = fail(&model.write_gltf(folder.path()));
    assert_fault!(error, Fault::BufferShort { buffer: 0, has, needs: 4_294_967_296 } if *has == whole);
    model.json["buffers"] = json!([{ "byteLength": 4_u64 << 30, "uri": "gone.bin" }]);
    assert_fault!(fail(&model.write_gltf(folder.path())), Fault::Dependency { .. });
}

#[test]
fn sparse_values_out_of_range_are_refused() {
    let sparse = |count: u64, at: [u8; 2], shift: i64| {
        changed(|model| {
            let indices = model.view(&at);
            let values = model.view(&[0; 12]);
            model.json["accessors"][0]["sparse"] = json!({ "count": count,
                "indices": { "bufferView": indices, "componentType": 5121, "byteOffset": shift },
                "values": { "bufferView": values } });
        })
    };
    assert_fault!(sparse(1, [3, 0], 0), Fault::Number { what: "a sparse index", value: 3, .. });
    assert_fault!(sparse(2, [1, 1], 0), Fault::Range { .. });
    assert_fault!(sparse(9, [0, 1], 0), Fault::Number { what: "a sparse count of", value: 9, .. });
    assert_fault!(sparse(1, [0, 1], 2), Fault::Range { .. });
}

#[test]
fn indices_that_overflow_what_they_are_stored_in_are_refused() {
    // The largest index that each width has, which would restart a strip on some devices.
    for (component, bytes) in [
        (5121, vec![0, 1, 255]),
        (5123, vec![0, 0, 1, 0, 255, 255]),
        (5125, [[0; 8], [255; 8]].concat()[..12].to_vec()),
    ] {
        let error = changed(|model| {
            let indices = model.accessor(&bytes, component, 3, "SCALAR");
            model.json["meshes"][0]["primitives"][0]["indices"] = json!(indices);
        });
        assert_fault!(error, Fault::IndexRange { position: 2, vertices: 3, .. });
    }
}
