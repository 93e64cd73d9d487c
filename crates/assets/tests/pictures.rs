//! From a file to a picture: what two files that say the same look like is the same.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod device;
mod model;

use device::{perform, posed};
use model::{Model, U8, png};
use serde_json::json;
use voltrum_assets::animation::{joint_matrices, sample, worlds};
use voltrum_assets::{Loading, Progress, geometry, gltf, instantiate, materials, release};
use voltrum_memory::Tag;
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{Draw, Pose, renderer};

/// The picture of a model, `time_secs` into its first animation if it has one. `None` where there is no device.
fn shown(model: &Model, time_secs: f32) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = model.write_glb(folder.path());
    let mut out = None;
    perform(|systems, renderer, scene| {
        let mut batch = renderer.gpu().upload_batch(16 << 20);
        let progress = Progress::new();
        let staged = gltf::load(&path, scene, &mut Loading::new(&mut batch, &progress)).unwrap();
        let memory = scene.tagged(Tag::SCENE);
        let assets = instantiate(systems, renderer, &batch, &staged, &[], memory).unwrap();
        renderer::submit_uploads(renderer, batch).unwrap();

        let pose = match staged.animations.first() {
            Some(animation) => sample(animation, time_secs, memory).unwrap(),
            None => &[],
        };
        let worlds = worlds(staged.nodes, pose, memory).unwrap();
        let (mut draws, mut joints, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (at, node) in staged.nodes.iter().enumerate() {
            let Some(mesh) = node.mesh.map(|mesh| &staged.meshes[mesh as usize]) else { continue };
            let mut draw = Draw { world: worlds[at], ..Draw::default() };
            if let Some(skin) = node.skin.map(|skin| &staged.skins[skin as usize]) {
                let matrices = joint_matrices(skin, |node| worlds[node as usize], memory).unwrap();
                draw.world = Mat4::IDENTITY;
                draw.pose.first_joint = joints.len() as u32;
                draw.pose.joint_count = matrices.len() as u32;
                joints.extend_from_slice(matrices);
            }
            let posed = pose.iter().find(|pose| pose.node as usize == at).and_then(|pose| pose.weights);
            let stated = posed.unwrap_or(node.weights);
            let (first_weight, weight_count) = (weights.len() as u32, stated.len() as u32);
            draw.pose = Pose { first_weight, weight_count, ..draw.pose };
            weights.extend_from_slice(stated);
            for primitive in mesh.primitives() {
                let made = assets.primitives[primitive];
                let mesh = geometry::get(systems.geometry, made.mesh);
                draws.push(Draw { mesh, material: materials::get(systems.materials, made.material), ..draw });
            }
        }
        let seen = [Vec3::new(0.5, 0.5, 4.0), Vec3::new(0.5, 0.5, 0.0)];
        out = Some(posed(renderer, &draws, (&joints, &weights), seen, scene).rgba.to_vec());
        release(systems, renderer, &assets);
        renderer::wait_idle(renderer).unwrap();
    });
    out
}

/// The triangle in the world's own coordinates, in grey.
fn plain() -> Model {
    let mut model = Model::triangle();
    let surface = json!({ "metallicFactor": 0, "baseColorFactor": [0.2, 0.2, 0.2, 1] });
    model.json["materials"] = json!([{ "doubleSided": true, "pbrMetallicRoughness": surface }]);
    model.json["nodes"] = json!([{ "mesh": 0 }]);
    model.json["scenes"][0]["nodes"] = json!([0]);
    model
}

/// The share of pixels that differ visibly.
fn difference(one: &[u8], other: &[u8]) -> f32 {
    assert_eq!(one.len(), other.len());
    let differs = |(one, other): (&[u8], &[u8])| one.iter().zip(other).any(|(one, other)| one.abs_diff(*other) > 6);
    let pixels = one.chunks_exact(4).zip(other.chunks_exact(4));
    pixels.filter(|pair| differs(*pair)).count() as f32 / (one.len() / 4) as f32
}

fn same(what: &str, one: &Model, other: &Model, time_secs: f32) {
    let (Some(one), Some(other)) = (shown(one, time_secs), shown(other, time_secs)) else { return };
    assert!(difference(&one, &one[..4].repeat(one.len() / 4)) > 0.003, "{what}: there is something to see");
    assert!(difference(&one, &other) < 0.002, "{what}: {} of the pixels differ", difference(&one, &other));
}

fn different(what: &str, one: &Model, other: &Model) {
    let (Some(one), Some(other)) = (shown(one, 0.0), shown(other, 0.0)) else { return };
    assert!(difference(&one, &other) > 0.003, "{what}: only {} of the pixels differ", difference(&one, &other));
}

#[test]
fn joints_carry_vertices_as_a_moved_node_would() {
    let mut moved = plain();
    moved.json["nodes"][0]["translation"] = json!([0.5, 0.25, 0]);
    let mut skinned = plain();
    let joints = skinned.accessor(&[0, 1, 0, 0].repeat(3), U8, 3, "VEC4");
    let weights = skinned.floats(&[0.5, 0.5, 0., 0.].repeat(3), 4);
    let attributes = &mut skinned.json["meshes"][0]["primitives"][0]["attributes"];
    (attributes["JOINTS_0"], attributes["WEIGHTS_0"]) = (json!(joints), json!(weights));
    let (times, values) = (skinned.floats(&[0., 2.], 1), skinned.floats(&[0., 0., 0., 1., 0.5, 0.], 3));
    skinned.json["nodes"] = json!([{ "mesh": 0, "skin": 0, "translation": [9, 9, 9] }, {}, {}]);
    skinned.json["scenes"][0]["nodes"] = json!([0, 1, 2]);
    skinned.json["skins"] = json!([{ "joints": [1, 2] }]);
    skinned.json["animations"] = json!([{ "samplers": [{ "input": times, "output": values }], "channels": [
        { "sampler": 0, "target": { "node": 1, "path": "translation" } },
        { "sampler": 0, "target": { "node": 2, "path": "translation" } } ] }]);
    same("joints", &moved, &skinned, 1.0);
    same("joints at rest", &plain(), &skinned, 0.0);
}

#[test]
fn morph_targets_move_vertices_by_their_weights() {
    let mut moved = plain();
    moved.json["nodes"][0]["translation"] = json!([0.5, 0.25, 0]);
    let mut morphed = plain();
    let one = morphed.floats(&[1., 0., 0.].repeat(3), 3);
    let other = morphed.floats(&[0., 1., 0.].repeat(3), 3);
    morphed.json["meshes"][0]["primitives"][0]["targets"] = json!([{ "POSITION": one }, { "POSITION": other }]);
    morphed.json["meshes"][0]["weights"] = json!([0.5, 0.25]);
    same("morph targets", &moved, &morphed, 0.0);
}

#[test]
fn tangents_that_are_made_look_as_those_that_are_stated() {
    let mut made = plain();
    // A slope to the right, the same everywhere.
    let view = made.view(&png([1, 1], &[230, 128, 220, 255]));
    made.json["images"] = json!([{ "bufferView": view }]);
    made.json["textures"] = json!([{ "source": 0 }]);
    made.json["materials"][0]["normalTexture"] = json!({ "index": 0 });
    made.json["materials"][0]["pbrMetallicRoughness"]["roughnessFactor"] = json!(0.4);
    let mut stated = made.clone();
    let tangents = stated.floats(&[1., 0., 0., -1.].repeat(3), 4);
    stated.json["meshes"][0]["primitives"][0]["attributes"]["TANGENT"] = json!(tangents);
    same("tangents", &stated, &made, 0.0);
    different("a normal map", &plain(), &made);
}

#[test]
fn a_texture_transform_and_the_second_coordinates_pick_the_part_that_they_name() {
    let mut green = plain();
    let view = green.view(&png([2, 1], &[255, 0, 0, 255, 0, 255, 0, 255]));
    green.json["images"] = json!([{ "bufferView": view }]);
    green.json["textures"] = json!([{ "source": 0, "sampler": 0 }]);
    green.json["samplers"] = json!([{ "magFilter": 9728, "minFilter": 9728, "wrapS": 33071, "wrapT": 33071 }]);
    let mut by_set = green.clone();
    let transform = json!({ "scale": [0, 0], "offset": [0.75, 0.5] });
    green.json["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"] =
        json!({ "index": 0, "extensions": { "KHR_texture_transform": transform } });
    let second = by_set.floats(&[0.75, 0.5].repeat(3), 2);
    by_set.json["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_1"] = json!(second);
    by_set.json["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"] = json!({ "index": 0, "texCoord": 1 });
    same("a transform and a second set", &green, &by_set, 0.0);
    if let Some(picture) = shown(&green, 0.0) {
        let is_green = |pixel: &[u8]| pixel[1] > 90 && pixel[1] > 2 * pixel[0].max(pixel[2]);
        assert!(picture.chunks_exact(4).filter(|pixel| is_green(pixel)).count() > 1_000);
    }
}

#[test]
fn quantised_and_interleaved_vertices_look_as_floats() {
    let mut small = plain();
    // position (3 x u8 and a gap), normal (3 x i8 and a gap)
    let rows = [[0, 0, 0, 0, 0, 0, 127, 0], [255, 0, 0, 0, 0, 0, 127, 0], [0, 255, 0, 0, 0, 0, 127, 0]];
    let view = small.view(rows.as_flattened());
    small.json["bufferViews"][view]["byteStride"] = json!(8);
    let accessors = small.json["accessors"].as_array_mut().unwrap();
    let position = accessors.len();
    for (offset, component) in [(0, 5121), (4, 5120)] {
        accessors.push(json!({ "bufferView": view, "byteOffset": offset, "componentType": component, "count": 3,
            "type": "VEC3", "normalized": true }));
    }
    let attributes = &mut small.json["meshes"][0]["primitives"][0]["attributes"];
    (attributes["POSITION"], attributes["NORMAL"]) = (json!(position), json!(position + 1));
    same("quantised vertices", &plain(), &small, 0.0);
}

#[test]
fn instances_look_as_nodes_of_their_own() {
    let mut instanced = plain();
    let places = instanced.floats(&[-1., 0., 0., 0.5, 0.5, 0.], 3);
    instanced.json["nodes"][0]["extensions"] =
        json!({ "EXT_mesh_gpu_instancing": { "attributes": { "TRANSLATION": places } } });
    let mut nodes = plain();
    nodes.json["nodes"] =
        json!([{ "mesh": 0, "translation": [-1, 0, 0] }, { "mesh": 0, "translation": [0.5, 0.5, 0] }]);
    nodes.json["scenes"][0]["nodes"] = json!([0, 1]);
    same("instances", &nodes, &instanced, 0.0);
}

#[test]
fn loops_of_lines_are_strips_that_come_back() {
    let corners = [0., 0., 0., 1., 0., 0., 0., 1., 0.];
    let closed = [&corners[..], &corners[..3]].concat();
    same("line loops", &Model::bare(&closed, 3), &Model::bare(&corners, 2), 0.0);
    different("points", &Model::bare(&corners, 0), &Model::bare(&corners, 2));
}

#[test]
fn compressed_indices_look_as_plain_ones() {
    let mut packed = plain();
    // 0, 1, 2 as the extension's mode 2 packs them: 0, then +1 twice.
    let stream = packed.view(&[0xd1, 0, 1 << 2, 1 << 2, 0, 0, 0, 0]);
    let offset = packed.json["bufferViews"][stream]["byteOffset"].clone();
    packed.json["buffers"].as_array_mut().unwrap().push(json!({ "byteLength": 6,
        "extensions": { "EXT_meshopt_compression": { "fallback": true } } }));
    packed.json["bufferViews"].as_array_mut().unwrap().push(json!({ "buffer": 1, "byteLength": 6, "extensions": {
        "EXT_meshopt_compression": { "buffer": 0, "byteOffset": offset, "byteLength": 8, "byteStride": 2, "count": 3,
            "mode": "INDICES" } } }));
    packed.json["accessors"][3]["bufferView"] = json!(stream + 1);
    packed.json["extensionsRequired"] = json!(["EXT_meshopt_compression"]);
    same("compressed indices", &plain(), &packed, 0.0);
}

#[test]
fn a_ktx2_texture_looks_as_a_png_of_the_same_pixels() {
    let pixels: Vec<u8> = (0..16).flat_map(|at| [at * 16, 255 - at * 16, 128, 255]).collect();
    let with = |bytes: &[u8], mime: &str| {
        let mut model = plain();
        let view = model.view(bytes);
        model.json["images"] = json!([{ "bufferView": view, "mimeType": mime }]);
        model.json["textures"] = json!([{ "source": 0 }]);
        model.json["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"] = json!({ "index": 0 });
        model
    };
    let mut ktx2 = b"\xabKTX 20\xbb\r\n\x1a\n".to_vec();
    // R8G8B8A8_SRGB, 4 x 4, one level, which stands behind an empty descriptor
    [43_u32, 1, 4, 4, 0, 0, 1, 1, 0, 104, 4, 0, 0].iter().for_each(|word| ktx2.extend_from_slice(&word.to_le_bytes()));
    [0_u64, 0, 112, 64, 64].iter().for_each(|word| ktx2.extend_from_slice(&word.to_le_bytes()));
    ktx2.extend_from_slice(&[4, 0, 0, 0, 0, 0, 0, 0]);
    ktx2.extend_from_slice(&pixels);
    let mut basisu = with(&ktx2, "image/ktx2");
    basisu.json["textures"] = json!([{ "extensions": { "KHR_texture_basisu": { "source": 0 } } }]);
    basisu.json["extensionsRequired"] = json!(["KHR_texture_basisu"]);
    same("KTX2", &with(&png([4, 4], &pixels), "image/png"), &basisu, 0.0);
}
