//! What extensions and the finer parts of materials become.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

mod model;

use glam::{Mat4, Vec3};
use model::{FLOAT, Memory, Model, U16, fail, load, load_with, png};
use serde_json::json;
use voltrum_assets::{Fault, LoadLimits, SceneChoice, StagedVariant};
use voltrum_render::{ImageFormat, LightKind, UvTransform, Vertex};

/// Another texture of the triangle, of an image of its own.
fn texture(model: &mut Model, color: [u8; 4]) -> usize {
    let view = model.view(&png([1, 1], &color));
    let push = |list: &mut serde_json::Value, value| {
        let list = list.as_array_mut().unwrap();
        list.push(value);
        list.len() - 1
    };
    let image = push(&mut model.json["images"], json!({ "bufferView": view, "mimeType": "image/png" }));
    push(&mut model.json["textures"], json!({ "source": image }))
}

#[test]
fn every_texture_of_the_core_material_has_its_meaning_its_set_and_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let data = texture(&mut model, [1, 2, 3, 4]);
    let material = &mut model.json["materials"][0];
    material["pbrMetallicRoughness"]["metallicRoughnessTexture"] = json!({ "index": data });
    material["normalTexture"] = json!({ "index": data, "scale": 0.5 });
    material["occlusionTexture"] = json!({ "index": data, "texCoord": 1, "strength": 0.25 });
    material["emissiveTexture"] = json!({ "index": 0 });
    material["emissiveFactor"] = json!([1, 0.5, 0.25]);
    let uv1 = model.floats(&[0.5, 0.5, 0.25, 0.25, 0.75, 0.75], 2);
    model.json["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_1"] = json!(uv1);
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let surface = loaded.scene.materials[0].surface;
        let image = |slot: Option<voltrum_assets::Slot<u32>>| {
            &loaded.scene.images[loaded.scene.textures[slot.unwrap().texture as usize].image as usize]
        };
        for (slot, format) in [
            (surface.base_color_texture, ImageFormat::Rgba8Srgb),
            (surface.emissive_texture, ImageFormat::Rgba8Srgb),
            (surface.metallic_roughness_texture, ImageFormat::Rgba8Unorm),
            (surface.normal_texture, ImageFormat::Rgba8Unorm),
            (surface.occlusion_texture, ImageFormat::Rgba8Unorm),
        ] {
            assert_eq!(image(slot).format, format);
        }
        assert_eq!(loaded.scene.images.len(), 2, "each image once");
        assert_eq!(loaded.uploads.bytes(image(surface.normal_texture).upload().unwrap()), [1, 2, 3, 4]);
        assert_eq!((surface.normal_scale, surface.occlusion_strength), (0.5, 0.25));
        assert_eq!((surface.emissive, surface.occlusion_texture.unwrap().uv), ([1.0, 0.5, 0.25], 1));
        assert_eq!(loaded.vertices(0)[1].uv1, [0.25; 2]);
    });
}

#[test]
fn an_image_that_is_colour_here_and_data_there_is_loaded_as_both() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    // The same file under two names of the document is one image, too.
    let twin = model.json["images"][0].clone();
    model.json["images"].as_array_mut().unwrap().push(twin);
    model.json["textures"].as_array_mut().unwrap().push(json!({ "source": 1 }));
    model.json["materials"][0]["emissiveTexture"] = json!({ "index": 1 });
    model.json["materials"][0]["normalTexture"] = json!({ "index": 0 });
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        let formats: Vec<_> = scene.images.iter().map(|image| image.format).collect();
        assert_eq!(formats, [ImageFormat::Rgba8Srgb, ImageFormat::Rgba8Unorm]);
        assert_eq!(scene.textures.len(), 3, "two samplers for the colours, one for the data");
    });
}

#[test]
fn the_extensions_of_materials_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let data = texture(&mut model, [9; 4]);
    model.json["extensionsUsed"] = json!(["KHR_materials_clearcoat"]);
    model.json["extensionsRequired"] = json!(["KHR_materials_unlit", "KHR_texture_transform", "KHR_materials_ior"]);
    model.json["materials"][0]["extensions"] = json!({
        "KHR_materials_unlit": {},
        "KHR_materials_emissive_strength": { "emissiveStrength": 5 },
        "KHR_materials_ior": { "ior": 1.33 },
        "KHR_materials_specular": { "specularFactor": 0.5, "specularColorFactor": [1, 0.5, 2],
            "specularTexture": { "index": data }, "specularColorTexture": { "index": 0 } },
        "KHR_materials_clearcoat": { "clearcoatFactor": 0.75, "clearcoatRoughnessFactor": 0.25,
            "clearcoatTexture": { "index": data }, "clearcoatNormalTexture": { "index": data, "scale": 2 } },
        "KHR_materials_transmission": { "transmissionFactor": 0.9, "transmissionTexture": { "index": data } }
    });
    model.json["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"] = json!({ "index": 0, "extensions": {
        "KHR_texture_transform": { "offset": [0.5, 0.25], "rotation": 1.5, "scale": [2, 3], "texCoord": 1 } } });
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        assert!(scene.notes.is_empty(), "{:?}", scene.notes);
        let surface = scene.materials[0].surface;
        assert!(surface.unlit);
        assert_eq!((surface.emissive_strength, surface.ior, surface.specular), (5.0, 1.33, 0.5));
        assert_eq!((surface.specular_color, surface.clearcoat), ([1.0, 0.5, 2.0], 0.75));
        assert_eq!((surface.clearcoat_roughness, surface.clearcoat_normal_scale), (0.25, 2.0));
        assert_eq!(surface.transmission, 0.9);
        assert_eq!(surface.textures().count(), 6);
        let slot = surface.base_color_texture.unwrap();
        assert_eq!(slot.uv, 1);
        assert_eq!(slot.transform, UvTransform { offset: [0.5, 0.25], rotation: 1.5, scale: [2.0, 3.0] });
    });
}

#[test]
fn extension_objects_of_the_wrong_type_are_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["materials"][0]["extensions"] = json!({
        "KHR_materials_unlit": 7,
        "KHR_materials_emissive_strength": { "emissiveStrength": "bright" },
        "KHR_materials_ior": { "ior": 1e300 },
        "KHR_materials_specular": [],
        "KHR_materials_clearcoat": { "clearcoatFactor": {}, "clearcoatTexture": 3 },
        "KHR_materials_transmission": null
    });
    model.json["extensions"] = json!({ "KHR_lights_punctual": { "lights": [5, { "type": "moon" }] },
        "KHR_materials_variants": "many" });
    model.json["nodes"][0]["extensions"] = json!({ "KHR_lights_punctual": { "light": "first" },
        "EXT_mesh_gpu_instancing": { "attributes": 4 } });
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        let surface = scene.materials[0].surface;
        assert_eq!((surface.unlit, surface.emissive_strength, surface.ior), (false, 1.0, 1.5));
        assert_eq!((surface.clearcoat, surface.clearcoat_texture, surface.transmission), (0.0, None, 0.0));
        for words in [
            "material 0 has a KHR_materials_unlit that is no object",
            "material 0 has a KHR_materials_emissive_strength whose \"emissiveStrength\"",
            "\"ior\"",
            "KHR_materials_specular that is no object",
            "\"clearcoatFactor\"",
            "\"clearcoatTexture\"",
            "KHR_materials_transmission that is no object",
            "light 0 has a KHR_lights_punctual that is no object",
            "light 1 is of an unknown type",
            "node 0 has a KHR_lights_punctual whose \"light\"",
            "node 0 has a EXT_mesh_gpu_instancing whose \"attributes\"",
        ] {
            assert!(scene.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", scene.notes);
        }
        assert_eq!((scene.lights.len(), scene.variants.len(), scene.nodes.len()), (2, 0, 3));
    });
}

#[test]
fn lights_stand_where_their_nodes_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["extensions"] = json!({ "KHR_lights_punctual": { "lights": [
        { "type": "directional", "name": "sun", "color": [1, 0.5, 0.25], "intensity": 3 },
        { "type": "point", "range": 7 },
        { "type": "spot", "spot": { "innerConeAngle": 0.1, "outerConeAngle": 0.5 } },
        { "type": "spot", "spot": { "innerConeAngle": 2.0, "outerConeAngle": 0.5 } }
    ] } });
    model.json["nodes"][2]["extensions"] = json!({ "KHR_lights_punctual": { "light": 2 } });
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        let sun = &scene.lights[0];
        assert_eq!((sun.name, sun.kind, sun.color), ("sun", LightKind::Directional, [1.0, 0.5, 0.25]));
        assert_eq!((sun.intensity, scene.lights[1].range, scene.lights[1].kind), (3.0, 7.0, LightKind::Point));
        assert_eq!(scene.lights[2].kind, LightKind::Spot { inner_angle: 0.1, outer_angle: 0.5 });
        assert!(
            matches!(scene.lights[3].kind, LightKind::Spot { inner_angle, outer_angle } if inner_angle < outer_angle)
        );
        assert_eq!(scene.nodes[2].light, Some(2));
        assert!(scene.notes.iter().any(|note| note.contains("light 3")), "{:?}", scene.notes);
    });
}

#[test]
fn variants_say_which_material_a_primitive_wears() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let other = json!({ "name": "other" });
    model.json["materials"].as_array_mut().unwrap().push(other);
    model.json["extensions"] =
        json!({ "KHR_materials_variants": { "variants": [{ "name": "day" }, { "name": "night" }] } });
    model.json["meshes"][0]["primitives"][0]["extensions"] = json!({ "KHR_materials_variants": { "mappings": [
        { "material": 1, "variants": [1] }, { "material": 9, "variants": [0] } ] } });
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!(scene.variants, ["day", "night"]);
        assert_eq!(scene.variant_materials, [StagedVariant { primitive: 0, variant: 1, material: 1 }]);
        assert_eq!((scene.material_in(0, 0), scene.material_in(0, 1)), (Some(0), Some(1)));
        assert!(scene.notes.iter().any(|note| note.contains("a variant or a material")), "{:?}", scene.notes);
    });
}

#[test]
fn each_instance_becomes_a_node_below_the_one_that_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let places = model.floats(&[1., 0., 0., 0., 2., 0., 0., 0., 3.], 3);
    let turns: Vec<u8> = [0_i16, 0, 0, 32767].repeat(3).iter().flat_map(|part| part.to_le_bytes()).collect();
    let turns = model.accessor(&turns, 5122, 3, "VEC4");
    model.json["accessors"][turns]["normalized"] = json!(true);
    model.json["nodes"][0]["extensions"] =
        json!({ "EXT_mesh_gpu_instancing": { "attributes": { "TRANSLATION": places, "ROTATION": turns } } });
    let path = model.write_glb(folder.path());
    load(&path, |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!((scene.nodes.len(), scene.nodes[1].mesh, scene.nodes[1].name), (6, None, "child"));
        let instances = &scene.nodes[3..];
        assert!(instances.iter().all(|node| node.parent == Some(1) && node.mesh == Some(0)));
        assert_eq!(instances[2].local, Mat4::from_translation(Vec3::new(0.0, 0.0, 3.0)));
        // The parent is twice as large and stands at (10, 10, 0).
        assert_eq!((scene.bounds.min, scene.bounds.max), (Vec3::new(10.0, 10.0, 0.0), Vec3::new(14.0, 16.0, 6.0)));
    });
    load_with(&path, LoadLimits { nodes_max: 5, ..LoadLimits::default() }, |loaded| {
        assert!(loaded.err().unwrap().to_string().contains("6 nodes and instances"));
    });
}

#[test]
fn quantised_attributes_become_floats() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let positions: Vec<u8> =
        [0_i16, 0, 0, 0, 32767, 0, 0, 0, 0, -32768, 0, 0].iter().flat_map(|part| part.to_le_bytes()).collect();
    let positions = model.accessor(&positions, 5122, 3, "VEC3");
    model.json["accessors"][positions]["normalized"] = json!(true);
    let view = model.json["accessors"][positions]["bufferView"].as_u64().unwrap() as usize;
    model.json["bufferViews"][view]["byteStride"] = json!(8);
    let uvs = model.accessor(&[0, 0, 0, 1, 2, 0, 4, 0, 255, 0, 1, 0], 5123, 3, "VEC2");
    let colors = model.accessor(&[255, 0, 51, 0, 255, 0, 0, 0, 255], 5121, 3, "VEC3");
    let view = model.json["accessors"][colors]["bufferView"].as_u64().unwrap() as usize;
    model.json["bufferViews"][view]["byteStride"] = json!(3);
    model.json["accessors"][colors]["normalized"] = json!(true);
    model.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
    model.json["meshes"][0]["primitives"][0]["attributes"] =
        json!({ "POSITION": positions, "TEXCOORD_0": uvs, "COLOR_0": colors });
    load(&model.write_glb(folder.path()), |loaded| {
        let vertices = loaded.unwrap().vertices(0);
        assert_eq!((vertices[1].position, vertices[2].position), ([1.0, 0.0, 0.0], [0.0, -1.0, 0.0]));
        assert_eq!((vertices[0].uv, vertices[1].uv), ([0.0, 256.0], [2.0, 4.0]));
        assert_eq!(vertices[0].color, [255, 0, 51, 255]);
    });
}

#[test]
fn compressed_views_are_unpacked_and_their_fallback_needs_no_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    // Indices 2, 1, 0 as the extension's mode 2 packs them: the first is +2, then -1 twice.
    let stream = model.view(&[0xd1, 2 << 2, 2, 2, 0, 0, 0, 0]);
    let offset = model.json["bufferViews"][stream]["byteOffset"].clone();
    let buffer = json!({ "byteLength": 6, "extensions": { "EXT_meshopt_compression": { "fallback": true } } });
    let packed = json!({ "buffer": 1, "byteLength": 6, "extensions": { "EXT_meshopt_compression": {
        "buffer": 0, "byteOffset": offset, "byteLength": 8, "byteStride": 2, "count": 3, "mode": "INDICES" } } });
    model.json["buffers"].as_array_mut().unwrap().push(buffer);
    let views = model.json["bufferViews"].as_array_mut().unwrap();
    views.push(packed);
    let view = views.len() - 1;
    model.json["accessors"][3]["bufferView"] = json!(view);
    model.json["extensionsRequired"] = json!(["EXT_meshopt_compression"]);
    load(&model.write_glb(folder.path()), |loaded| assert_eq!(loaded.unwrap().indices(0).unwrap(), [2, 1, 0]));

    for (key, value) in [
        ("byteLength", json!(7)),
        ("byteLength", json!(1_u64 << 40)),
        ("count", json!(4)),
        ("byteStride", json!(3)),
        ("mode", json!("SPHERES")),
        ("filter", json!("BLUR")),
        ("filter", json!(5)),
        ("buffer", json!(9)),
        ("byteOffset", json!(0)),
    ] {
        let mut broken = model.clone();
        broken.json["bufferViews"][view]["extensions"]["EXT_meshopt_compression"][key] = value;
        let error = fail(&broken.write_glb(folder.path()));
        assert!(error.to_string().contains(&format!("bufferView {view}")), "{key}: {error}");
    }
    // Without the compressed views nothing may stand for the buffer's bytes.
    model.json["bufferViews"][view]["extensions"] = json!({});
    model.json["buffers"][1]["extensions"] = json!({});
    let error = fail(&model.write_glb(folder.path()));
    assert!(matches!(error.fault(), Some(Fault::BufferMissing { buffer: 1 })), "{error}");
}

#[test]
fn a_normal_map_without_tangents_gets_some() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["materials"][0]["normalTexture"] = json!({ "index": 0 });
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let vertices = loaded.vertices(0);
        assert_eq!((vertices.len(), loaded.indices(0).unwrap()), (3, vec![0, 1, 2]));
        // u runs along x, v downwards in the image and up in the model.
        assert!(vertices.iter().all(|vertex| vertex.tangent == [32767, 0, 0, -32767]), "{:?}", vertices[0].tangent);
        assert_eq!(loaded.scene.meshes[0].positions.len(), 3);
    });
    let tangents = model.floats(&[0., 1., 0., 1., 0., 1., 0., 1., 0., 1., 0., -1.], 4);
    model.json["meshes"][0]["primitives"][0]["attributes"]["TANGENT"] = json!(tangents);
    load(&model.write_glb(folder.path()), |loaded| {
        let tangents: Vec<_> = loaded.unwrap().vertices(0).iter().map(|vertex| vertex.tangent).collect();
        assert_eq!(tangents, [[0, 32767, 0, 32767], [0, 32767, 0, 32767], [0, 32767, 0, -32767]]);
    });
    model.json["meshes"][0]["primitives"][0]["attributes"].as_object_mut().unwrap().remove("NORMAL");
    load(&model.write_glb(folder.path()), |loaded| {
        assert_eq!(loaded.unwrap().vertices(0)[0].tangent, Vertex::default().tangent, "no tangents without normals");
    });
}

#[test]
fn a_scene_that_is_not_the_default_one_can_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["scenes"].as_array_mut().unwrap().push(json!({ "name": "eye only", "nodes": [2] }));
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!((scene.scenes, scene.scene, scene.nodes.len()), (&["main", "eye only"][..], Some(0), 3));
    });
    model.json["scene"] = json!(1);
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!((scene.name, scene.scene, scene.nodes.len(), scene.primitives.len()), ("eye only", Some(1), 1, 0));
    });
    // One may be asked for, by its number or as a person says it.
    let path = model.write_glb(folder.path());
    let mut memory = Memory::reserve();
    for (choice, shown) in [
        (SceneChoice::Usual, Some(1)),
        (SceneChoice::Number(0), Some(0)),
        (SceneChoice::Named("main"), Some(0)),
        (SceneChoice::Named("0"), Some(0)),
        (SceneChoice::Named("eye only"), Some(1)),
        (SceneChoice::Number(2), None),
        (SceneChoice::Named("2"), None),
        (SceneChoice::Named("eye"), None),
    ] {
        memory.load_scene(&path, choice, |loaded| match (loaded, shown) {
            (Ok(loaded), Some(shown)) => assert_eq!(loaded.scene.scene, Some(shown), "{choice:?}"),
            (Err(error), None) => {
                let text = error.to_string();
                assert!(text.contains("there is no scene") && text.contains("0 main, 1 eye only"), "{text}");
            }
            (loaded, shown) => panic!("{choice:?}: {shown:?} was expected, {:?}", loaded.err()),
        });
    }
}

#[test]
fn chunks_that_nobody_knows_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Model::triangle().glb();
    bytes.extend_from_slice(&8_u32.to_le_bytes());
    bytes.extend_from_slice(b"ODD!");
    bytes.extend_from_slice(&[1; 8]);
    let total = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&total.to_le_bytes());
    let path = folder.path().join("odd.glb");
    std::fs::write(&path, bytes).unwrap();
    load(&path, |loaded| assert_eq!(loaded.unwrap().scene.counts.triangles, 1));
}

#[test]
fn images_are_what_they_are_whatever_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["images"][0]["mimeType"] = json!("image/jpeg");
    load(&model.write_glb(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!(
            (scene.images[0].size, scene.notes),
            ([2, 2], &["image 0 says it is Jpeg but is Png: it was read as that"][..])
        );
    });
    std::fs::write(folder.path().join("long.JPG"), png([10_000, 1], &[7; 40_000])).unwrap();
    model.json["images"][0] = json!({ "uri": "long.JPG" });
    load(&model.write_gltf(folder.path()), |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!(scene.images[0].size, [10_000, 1]);
        assert!(scene.notes[0].contains("says it is Jpeg"), "{:?}", scene.notes);
    });
}

#[test]
fn accessors_of_every_kind_are_checked_even_where_nothing_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    for (component, shape, bytes) in [
        (FLOAT, "MAT4", 64),
        (FLOAT, "MAT3", 36),
        (FLOAT, "MAT2", 16),
        (5121, "MAT2", 8),
        (5121, "MAT3", 12),
        (U16, "MAT3", 24),
    ] {
        let mut model = Model::triangle();
        let extra = model.accessor(&vec![0; bytes * 3], component, 3, shape);
        model.json["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_7"] = json!(extra);
        load(&model.write_glb(folder.path()), |loaded| assert!(loaded.is_ok(), "{component} {shape}"));
        // One byte less, and its columns don't fit any more.
        let view = model.json["accessors"][extra]["bufferView"].as_u64().unwrap() as usize;
        model.json["bufferViews"][view]["byteLength"] = json!(bytes * 3 - 1);
        assert!(
            matches!(fail(&model.write_glb(folder.path())).fault(), Some(Fault::Range { .. })),
            "{component} {shape}"
        );
    }
}
