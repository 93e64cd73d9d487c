//! Skins, morph targets and animations, from the file to what a frame needs.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod model;

use glam::{Mat4, Quat, Vec3};
use model::{Model, U8, U16, load};
use serde_json::json;
use voltrum_assets::animation::{joint_matrices, sample, worlds};
use voltrum_assets::{Interpolation, Parts};
use voltrum_memory::{Arena, Tag};
use voltrum_render::{MorphDelta, SkinVertex};

/// The triangle on two joints: nodes 3 and, below it, 4.
fn skinned() -> Model {
    let mut model = Model::triangle();
    let joints = model.accessor(&[0, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], U8, 3, "VEC4");
    let weights = model.floats(&[1., 0., 0., 0., 0.5, 0.5, 0., 0., 2., 6., 0., 0.], 4);
    let bind: Vec<f32> =
        [Mat4::IDENTITY, Mat4::from_translation(Vec3::NEG_Y)].iter().flat_map(Mat4::to_cols_array).collect();
    let bytes: Vec<u8> = bind.iter().flat_map(|part| part.to_le_bytes()).collect();
    let bind = model.accessor(&bytes, model::FLOAT, 2, "MAT4");
    let attributes = &mut model.json["meshes"][0]["primitives"][0]["attributes"];
    (attributes["JOINTS_0"], attributes["WEIGHTS_0"]) = (json!(joints), json!(weights));
    let nodes = model.json["nodes"].as_array_mut().unwrap();
    nodes.push(json!({ "name": "root", "children": [4] }));
    nodes.push(json!({ "name": "tip", "translation": [0, 1, 0] }));
    nodes[0]["skin"] = json!(0);
    model.json["scenes"][0]["nodes"] = json!([1, 3]);
    model.json["skins"] = json!([{ "name": "bones", "joints": [3, 4], "inverseBindMatrices": bind }]);
    model
}

/// Adds an animation of one channel that moves `node`.
fn animate(model: &mut Model, node: usize, path: &str, times: &[f32], values: &[f32], interpolation: &str) {
    let lanes = match path {
        "rotation" => 4,
        "weights" => 1,
        _ => 3,
    };
    let (times, values) = (model.floats(times, 1), model.floats(values, lanes));
    let animation = json!({ "name": path, "channels": [{ "sampler": 0, "target": { "node": node, "path": path } }],
        "samplers": [{ "input": times, "output": values, "interpolation": interpolation }] });
    if model.json.get("animations").is_none() {
        model.json["animations"] = json!([]);
    }
    model.json["animations"].as_array_mut().unwrap().push(animation);
}

#[test]
fn a_skin_says_which_joints_carry_which_vertex_how_much() {
    let folder = tempfile::tempdir().unwrap();
    load(&skinned().write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        assert!(scene.notes.is_empty(), "{:?}", scene.notes);
        let position = |name| scene.nodes.iter().position(|node| node.name == name).map(|at| at as u32);
        assert_eq!((scene.skins[0].name, scene.skins[0].joints), ("bones", &[position("root"), position("tip")][..]));
        assert_eq!(scene.nodes[position("child").unwrap() as usize].skin, Some(0));
        let bytes = loaded.uploads.bytes(scene.primitives[0].skin.unwrap());
        let vertices: Vec<SkinVertex> = bytes.chunks_exact(16).map(bytemuck::pod_read_unaligned).collect();
        assert_eq!((vertices[0].joints[0], vertices[0].weights), (0, [65535, 0, 0, 0]));
        assert_eq!(vertices[1].weights, [32768, 32767, 0, 0]);
        assert_eq!((vertices[2].joints[0], vertices[2].weights[1]), (1, 16383), "weights are made to add up");

        let mut frame = Arena::try_reserve("frame", 1 << 20).unwrap();
        let frame = frame.open();
        let memory = frame.tagged(Tag::SCENE);
        let rest = worlds(scene.nodes, &[], memory).unwrap();
        let matrices = joint_matrices(&scene.skins[0], |node| rest[node as usize], memory).unwrap();
        assert_eq!(matrices, [Mat4::IDENTITY; 2], "at rest nothing moves");
    });
}

#[test]
fn an_animation_turns_a_joint_and_the_mesh_follows() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = skinned();
    let quarter = Quat::from_rotation_z(core::f32::consts::FRAC_PI_2).to_array();
    let values = [&[0., 0., 0., 1.][..], &quarter].concat();
    animate(&mut model, 3, "rotation", &[0.5, 1.5], &values, "LINEAR");
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let (scene, mut frame) = (&loaded.scene, Arena::try_reserve("frame", 1 << 20).unwrap());
        let frame = frame.open();
        let memory = frame.tagged(Tag::SCENE);
        let animation = &scene.animations[0];
        assert_eq!((animation.name, animation.duration_secs, animation.tracks.len()), ("rotation", 1.5, 1));
        let range = loaded.memory.address_range();
        assert!(range.contains(&animation.tracks[0].rotation.unwrap().values.as_ptr().cast()));
        for (time, degrees) in [(0.0, 0.0), (1.0, 45.0), (9.0, 90.0)] {
            let pose = sample(animation, time, memory).unwrap();
            let worlds = worlds(scene.nodes, pose, memory).unwrap();
            let matrices = joint_matrices(&scene.skins[0], |node| worlds[node as usize], memory).unwrap();
            // The tip of the second joint, one above the first.
            let tip = matrices[1].transform_point3(Vec3::Y);
            let angle = f32::to_radians(degrees);
            assert!((tip - Vec3::new(-angle.sin(), angle.cos(), 0.0)).length() < 1e-5, "{time}: {tip}");
        }
    });
}

#[test]
fn translations_scales_and_steps_move_nodes() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    animate(&mut model, 2, "translation", &[0., 1.], &[0., 0., 3., 0., 0., 5.], "STEP");
    animate(
        &mut model,
        1,
        "scale",
        &[0., 2.],
        &[0., 0., 0., 1., 1., 1., 0., 0., 0., 0., 0., 0., 3., 3., 3., 0., 0., 0.],
        "CUBICSPLINE",
    );
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let [step, cubic] = loaded.scene.animations else { panic!("two animations") };
        assert_eq!(step.tracks[0].translation.unwrap().interpolation, Interpolation::Step);
        let mut frame = Arena::try_reserve("frame", 1 << 20).unwrap();
        let frame = frame.open();
        let memory = frame.tagged(Tag::SCENE);
        assert_eq!(sample(step, 0.9, memory).unwrap()[0].parts.translation.z, 3.0);
        assert_eq!(sample(step, 1.0, memory).unwrap()[0].parts.translation.z, 5.0);
        let pose = sample(cubic, 1.0, memory).unwrap()[0];
        // What the animation doesn't say stays as the node has it.
        assert_eq!((pose.parts.scale, pose.parts.translation), (Vec3::splat(2.0), Vec3::new(10.0, 0.0, 0.0)));
        assert_eq!(
            cubic.tracks[0].rest,
            Parts { translation: Vec3::new(10.0, 0.0, 0.0), scale: Vec3::splat(2.0), ..Parts::IDENTITY }
        );
    });
}

#[test]
fn morph_targets_keep_their_deltas_and_their_weights() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let up = model.floats(&[0., 0., 1., 0., 0., 2., 0., 0., f32::NAN], 3);
    // A target without data of its own: zeros, but for what is sparse.
    let at = model.view(&[2, 0]);
    let values: Vec<u8> = [5.0_f32, 6.0, 7.0].iter().flat_map(|part| part.to_le_bytes()).collect();
    let values = model.view(&values);
    let sparse = json!({ "componentType": 5126, "count": 3, "type": "VEC3", "sparse": { "count": 1,
        "indices": { "bufferView": at, "componentType": U16 }, "values": { "bufferView": values } } });
    model.json["accessors"].as_array_mut().unwrap().push(sparse);
    let sparse = model.json["accessors"].as_array().unwrap().len() - 1;
    model.json["meshes"][0]["primitives"][0]["targets"] = json!([{ "POSITION": up }, { "NORMAL": sparse }]);
    model.json["meshes"][0]["weights"] = json!([0.25, 0.5]);
    animate(&mut model, 0, "weights", &[0., 1.], &[0., 0., 1., 2.], "LINEAR");
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        let (upload, targets) = scene.primitives[0].morphs.unwrap();
        let bytes = loaded.uploads.bytes(upload);
        let deltas: Vec<MorphDelta> = bytes.chunks_exact(36).map(bytemuck::pod_read_unaligned).collect();
        assert_eq!((targets, deltas.len()), (2, 6));
        assert_eq!((deltas[1].position, deltas[2].position), ([0.0, 0.0, 2.0], [0.0; 3]));
        assert_eq!((deltas[4].normal, deltas[5].normal), ([0.0; 3], [5.0, 6.0, 7.0]));
        assert_eq!(scene.nodes[1].weights, [0.25, 0.5]);
        assert!(scene.notes.iter().any(|note| note.contains("1 morph deltas")), "{:?}", scene.notes);
        let mut frame = Arena::try_reserve("frame", 1 << 20).unwrap();
        let frame = frame.open();
        let pose = sample(&scene.animations[0], 0.5, frame.tagged(Tag::SCENE)).unwrap();
        assert_eq!(pose[0].weights, Some(&[0.5, 1.0][..]));
    });
}

#[test]
fn keys_out_of_order_or_not_finite_are_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let values: Vec<f32> = (0..6).flat_map(|key| [key as f32, 0.0, 0.0]).collect();
    animate(&mut model, 2, "translation", &[0., 2., 1., 2., f32::NAN, 3.], &values, "LINEAR");
    animate(&mut model, 2, "translation", &[f32::NAN, f32::INFINITY], &values[..6], "LINEAR");
    animate(&mut model, 2, "rotation", &[0., 1.], &[0.; 4], "LINEAR");
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        let curve = scene.animations[0].tracks[0].translation.unwrap();
        assert_eq!((curve.times, curve.values), (&[0., 2., 3.][..], &[0., 0., 0., 1., 0., 0., 5., 0., 0.][..]));
        assert!(scene.animations[1].tracks.is_empty() && scene.animations[2].tracks.is_empty());
        for words in ["animation 0, channel 0 has 3 of 6 keys", "animation 2, channel 0 has no keys, or fewer values"] {
            assert!(scene.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", scene.notes);
        }
    });
}

#[test]
fn joints_that_are_not_there_leave_the_rest_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = skinned();
    // The joints are no longer in the scene, one doesn't exist, and the first vertex follows a third joint.
    model.json["scenes"][0]["nodes"] = json!([1]);
    model.json["skins"][0]["joints"] = json!([3, 99]);
    let joints = model.accessor(&[7, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], U8, 3, "VEC4");
    model.json["meshes"][0]["primitives"][0]["attributes"]["JOINTS_0"] = json!(joints);
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let skin = &loaded.scene.skins[0];
        assert_eq!((skin.joints, skin.inverse_bind.len()), (&[None, None][..], 2));
        let bytes = loaded.uploads.bytes(loaded.scene.primitives[0].skin.unwrap());
        let first: SkinVertex = bytemuck::pod_read_unaligned(&bytes[..16]);
        assert_eq!((first.joints, first.weights), ([0; 4], [65535, 0, 0, 0]));
        for words in ["skin 0 has 2 joints that are no nodes of the scene", "1 vertices that follow joints"] {
            assert!(loaded.scene.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", loaded.scene.notes);
        }
    });
}
