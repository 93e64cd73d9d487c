//! What a good glTF file becomes.

mod model;

use glam::{Mat4, Vec3};
use model::{Model, U8, U32, base64, load, load_with, png};
use serde_json::json;
use voltrum_assets::{AssetError, ErrorKind, HostUploads, Lens, LoadLimits, Loading, Progress, Slot, Stage, gltf};
use voltrum_memory::{Arena, Tag};
use voltrum_render::{AlphaMode, Filter, IndexKind, MipFilter, Topology, Wrap};

#[test]
fn a_glb_becomes_a_staged_scene() {
    let folder = tempfile::tempdir().unwrap();
    load(&Model::triangle().write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        assert_eq!((scene.name, scene.generator), ("main", "test"));
        assert_eq!(scene.nodes.iter().map(|node| node.name).collect::<Vec<_>>(), ["top", "child", "eye"]);
        assert_eq!(scene.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(), [None, Some(0), Some(0)]);
        assert_eq!((scene.nodes[1].mesh, scene.nodes[2].camera), (Some(0), Some(0)));
        assert_eq!(scene.nodes[1].local, Mat4::from_translation(Vec3::new(0.0, 5.0, 0.0)));

        assert_eq!(scene.meshes.len(), 1);
        assert_eq!((scene.meshes[0].name, scene.meshes[0].primitives()), ("triangle", 0..1));
        let vertices = loaded.vertices(0);
        assert_eq!(vertices[1].position, [1.0, 0.0, 0.0]);
        assert_eq!((vertices[1].normal, vertices[1].uv, vertices[1].color), ([0.0, 0.0, 1.0], [1.0, 0.0], [255; 4]));
        assert_eq!(loaded.indices(0).unwrap(), [0, 1, 2]);
        assert_eq!(scene.primitives[0].indices.unwrap().kind, IndexKind::U16);

        let material = &scene.materials[0];
        let surface = &material.surface;
        assert_eq!((material.name, surface.base_color), ("paint", [0.5, 0.25, 1.0, 0.75]));
        assert_eq!((surface.metallic, surface.roughness, surface.double_sided), (0.1, 0.9, true));
        assert_eq!((surface.alpha, surface.base_color_texture), (AlphaMode::Mask(0.25), Some(Slot::of(0))));
        let sampler = scene.textures[0].sampler;
        assert_eq!(
            (sampler.magnify, sampler.minify, sampler.mip),
            (Filter::Nearest, Filter::Linear, MipFilter::Linear)
        );
        assert_eq!(sampler.wrap, [Wrap::Clamp, Wrap::Mirror]);
        assert_eq!((scene.images[0].name, scene.images[0].size), ("red", [2, 2]));
        assert_eq!(
            loaded.uploads.bytes(scene.images[0].upload().unwrap()),
            [255, 0, 0, 255].repeat(4 + 1),
            "two levels"
        );

        assert!(matches!(scene.cameras[0].lens, Lens::Perspective { far: Some(100.0), .. }));
        // The child's triangle reaches from (0, 5) to (1, 6), twice as large and moved by 10.
        assert_eq!((scene.bounds.min, scene.bounds.max), (Vec3::new(10.0, 10.0, 0.0), Vec3::new(12.0, 12.0, 0.0)));
        assert_eq!((scene.counts.triangles, scene.counts.vertices), (1, 3));
        assert!(scene.notes.is_empty(), "{:?}", scene.notes);
    });
}

#[test]
fn a_gltf_beside_its_buffer_or_with_data_uris_loads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let beside = Model::triangle();
    let mut embedded = beside.clone();
    embedded.json["buffers"][0]["uri"] =
        json!(format!("data:application/octet-stream;base64,{}", base64(&embedded.bin)));
    let mut image = beside.clone();
    let bytes = png([2, 2], &[255, 0, 0, 255].repeat(4));
    image.json["images"] = json!([{ "uri": format!("data:image/png;base64,{}", base64(&bytes)) }]);
    let mut file = beside.clone();
    std::fs::create_dir(folder.path().join("art")).unwrap();
    std::fs::write(folder.path().join("art/red dot.png"), &bytes).unwrap();
    file.json["images"] = json!([{ "uri": "art/red%20dot.png" }]);
    for model in [beside, embedded, image, file] {
        load(&model.write_gltf(folder.path()), |loaded| {
            let loaded = loaded.unwrap();
            assert_eq!(loaded.vertices(0)[2].position, [0.0, 1.0, 0.0]);
            assert_eq!(loaded.indices(0).unwrap(), [0, 1, 2]);
            assert_eq!(loaded.uploads.bytes(loaded.scene.images[0].upload().unwrap()), [255, 0, 0, 255].repeat(4 + 1));
        });
    }
}

#[test]
fn what_stays_lies_in_the_scene_arena_and_the_tags_say_where() {
    let folder = tempfile::tempdir().unwrap();
    load(&Model::triangle().write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        let range = loaded.memory.address_range();
        let inside = |start: *const u8| assert!(range.contains(&start));
        inside(scene.nodes.as_ptr().cast());
        inside(scene.meshes.as_ptr().cast());
        inside(scene.primitives.as_ptr().cast());
        inside(scene.materials.as_ptr().cast());
        inside(scene.images.as_ptr().cast());
        inside(scene.textures.as_ptr().cast());
        inside(scene.cameras.as_ptr().cast());
        inside(scene.nodes[0].name.as_ptr());
        if voltrum_memory::TRACKING {
            let mut children = Vec::new();
            loaded.memory.view().each_child(|child| {
                let tags = [Tag::SCENE, Tag::GEOMETRY, Tag::MATERIAL, Tag::TEXTURE];
                children.push((child.name(), tags.map(|tag| child.tag(tag).bytes > 0)));
            });
            children.sort();
            assert_eq!(children, [("model", [true; 4]), ("triangles", [false, true, false, false])]);
        }
    });
}

#[test]
fn strips_fans_and_bare_lists_become_triangles() {
    let folder = tempfile::tempdir().unwrap();
    let five = [0., 0., 0., 1., 0., 0., 0., 1., 0., 1., 1., 0., 2., 1., 0.];
    for (mode, expected) in
        [(4, None), (5, Some(vec![0, 1, 2, 1, 3, 2, 2, 3, 4])), (6, Some(vec![1, 2, 0, 2, 3, 0, 3, 4, 0]))]
    {
        load(&Model::bare(&five, mode).write_glb(folder.path()), |loaded| {
            let loaded = loaded.unwrap();
            assert_eq!(loaded.indices(0), expected);
            // A list of five has one triangle; its two left-over vertices are not written.
            assert_eq!(loaded.vertices(0).len(), if mode == 4 { 3 } else { 5 });
            assert_eq!(loaded.vertices(0)[0].normal, [0.0; 3], "no normal asks for flat shading");
        });
    }
}

#[test]
fn points_and_lines_keep_their_order_and_loops_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let five = [0., 0., 0., 1., 0., 0., 0., 1., 0., 1., 1., 0., 2., 1., 0.];
    for (mode, topology, vertices, indices) in [
        (0, Topology::Points, 5, None),
        (1, Topology::Lines, 4, None),
        (2, Topology::LineStrip, 5, Some(vec![0, 1, 2, 3, 4, 0])),
        (3, Topology::LineStrip, 5, None),
    ] {
        load(&Model::bare(&five, mode).write_glb(folder.path()), |loaded| {
            let loaded = loaded.unwrap();
            let primitive = &loaded.scene.primitives[0];
            assert_eq!((primitive.topology, primitive.vertex_count, primitive.triangle_count), (topology, vertices, 0));
            assert_eq!(loaded.indices(0), indices);
            assert_eq!((loaded.scene.counts.triangles, loaded.scene.meshes[0].triangles.len()), (0, 0));
            assert!(loaded.scene.notes.is_empty(), "{:?}", loaded.scene.notes);
        });
    }
    let mut indexed = Model::bare(&five, 1);
    let indices = indexed.accessor(&[4, 3, 2, 1, 0], U8, 5, "SCALAR");
    indexed.json["meshes"][0]["primitives"][0]["indices"] = json!(indices);
    load(&indexed.write_glb(folder.path()), |loaded| {
        // Two lines; the fifth index has no partner.
        assert_eq!(loaded.unwrap().indices(0).unwrap(), [4, 3, 2, 1]);
    });
}

#[test]
fn indices_of_every_width_load() {
    let folder = tempfile::tempdir().unwrap();
    for (component, bytes) in [(U8, vec![2, 1, 0]), (U32, vec![2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])] {
        let mut model = Model::triangle();
        let indices = model.accessor(&bytes, component, 3, "SCALAR");
        model.json["meshes"][0]["primitives"][0]["indices"] = json!(indices);
        load(&model.write_glb(folder.path()), |loaded| assert_eq!(loaded.unwrap().indices(0).unwrap(), [2, 1, 0]));
    }
}

#[test]
fn many_vertices_need_wide_indices_and_more_than_one_block() {
    let folder = tempfile::tempdir().unwrap();
    let positions: Vec<f32> = (0..70_000 * 3).map(|i| i as f32).collect();
    let mut model = Model::bare(&positions, 4);
    let numbers: Vec<u8> = (0..69_999_u32).flat_map(|i| (69_999 - i).to_le_bytes()).collect();
    let indices = model.accessor(&numbers, U32, 69_999, "SCALAR");
    model.json["meshes"][0]["primitives"][0]["indices"] = json!(indices);
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!(loaded.scene.primitives[0].indices.unwrap().kind, IndexKind::U32);
        assert_eq!(loaded.indices(0).unwrap()[69_000], 999);
        assert_eq!(loaded.vertices(0)[69_999].position, [209_997.0, 209_998.0, 209_999.0]);
    });
}

#[test]
fn interleaved_quantised_and_coloured_attributes_load() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::empty();
    // Twelve bytes per vertex: three i16 of position with padding, then four u8 of colour.
    let mut bytes = Vec::new();
    for (x, y, color) in [(0_i16, 0_i16, [255, 0, 0, 255]), (3, 0, [0, 255, 0, 255]), (0, 7, [0, 0, 255, 128])] {
        for value in [x, y, -1, 0] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&color);
    }
    let view = model.view(&bytes);
    model.json["bufferViews"][view]["byteStride"] = json!(12);
    model.json["accessors"] = json!([
        { "bufferView": view, "componentType": 5122, "count": 3, "type": "VEC3" },
        { "bufferView": view, "byteOffset": 8, "componentType": 5121, "normalized": true, "count": 3, "type": "VEC4" }
    ]);
    model.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
    model.json["extensionsUsed"] = json!(["KHR_mesh_quantization", "EXT_unheard_of"]);
    model.json["meshes"] = json!([{ "primitives": [{ "attributes": { "POSITION": 0, "COLOR_0": 1 } }] }]);
    model.json["nodes"] = json!([{ "mesh": 0 }]);
    model.json["scenes"][0]["nodes"] = json!([0]);
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let vertices = loaded.vertices(0);
        assert_eq!(vertices[2].position, [0.0, 7.0, -1.0]);
        assert_eq!(vertices[2].color, [0, 0, 255, 128]);
        assert!(loaded.scene.notes.iter().any(|note| note.contains("EXT_unheard_of")));
    });
}

#[test]
fn sparse_values_replace_what_they_name() {
    let folder = tempfile::tempdir().unwrap();
    for with_base in [true, false] {
        let mut model = Model::bare(&[1.0; 9], 4);
        let indices = model.view(&[0, 2]);
        let values: Vec<u8> = [7.0_f32, 8., 9., 10., 11., 12.].iter().flat_map(|value| value.to_le_bytes()).collect();
        let values = model.view(&values);
        model.json["accessors"][0]["sparse"] = json!({ "count": 2,
            "indices": { "bufferView": indices, "componentType": 5121 }, "values": { "bufferView": values } });
        if !with_base {
            model.json["accessors"][0].as_object_mut().unwrap().remove("bufferView");
        }
        load(&model.write_glb(folder.path()), |loaded| {
            let vertices = loaded.unwrap().vertices(0);
            assert_eq!(vertices[0].position, [7.0, 8.0, 9.0]);
            assert_eq!(vertices[1].position, if with_base { [1.0; 3] } else { [0.0; 3] });
            assert_eq!(vertices[2].position, [10.0, 11.0, 12.0]);
        });
    }
}

#[test]
fn a_primitive_without_vertices_is_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    for accessor in 0..3 {
        model.json["accessors"][accessor]["count"] = json!(0);
    }
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!(loaded.scene.primitives.len(), 0);
        assert!(loaded.scene.notes[0].contains("has nothing to draw"), "{:?}", loaded.scene.notes);
    });
}

#[test]
fn only_what_the_scene_shows_is_uploaded() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    let unused = model.json["meshes"][0].clone();
    model.json["meshes"].as_array_mut().unwrap().push(unused);
    model.json["scenes"].as_array_mut().unwrap().push(json!({ "nodes": [] }));
    load(&model.write_glb(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!((loaded.scene.meshes.len(), loaded.scene.primitives.len()), (2, 1));
        assert_eq!(loaded.scene.meshes[1].primitive_count, 0);
    });
}

#[test]
fn a_node_that_the_scene_lists_below_another_has_one_place() {
    let folder = tempfile::tempdir().unwrap();
    for (list, expected) in [
        (json!([0, 1, 2, 1]), vec![("top", None), ("child", Some(0)), ("eye", Some(0))]),
        (json!([2, 0]), vec![("child", None), ("eye", None)]),
    ] {
        let mut model = Model::triangle();
        model.json["scenes"][0]["nodes"] = list;
        load(&model.write_glb(folder.path()), |loaded| {
            let scene = loaded.unwrap().scene;
            let nodes: Vec<_> = scene.nodes.iter().map(|node| (node.name, node.parent)).collect();
            assert_eq!(nodes, expected);
            assert!(scene.notes[0].contains("lists nodes that have parents"));
        });
    }
}

#[test]
fn what_is_not_supported_is_noted_and_loads_anyway() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    model.json["extensionsUsed"] = json!(["KHR_materials_sheen", "KHR_materials_ior"]);
    model.json["textures"][0] = json!({ "extensions": { "EXT_texture_webp": { "source": 0 } } });
    model.json["nodes"][1]["rotation"] = json!([0, 0, 0, 2]);
    load(&model.write_glb(folder.path()), |loaded| {
        let notes = loaded.unwrap().scene.notes;
        for word in ["KHR_materials_sheen is not supported", "texture 0 has no image", "rotation"] {
            assert!(notes.iter().any(|note| note.contains(word)), "{word}: {notes:?}");
        }
        assert!(!notes.iter().any(|note| note.contains("_ior")), "{notes:?}");
    });
}

#[test]
fn progress_ends_at_everything_and_a_cancelled_load_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = Model::triangle().write_glb(folder.path());
    load(&path, |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!((loaded.progress.stage(), loaded.progress.fraction()), (Stage::Done, 1.0));
        assert!(loaded.progress.total_bytes() > 100);
        assert_eq!((loaded.progress.done_files(), loaded.progress.total_files()), (2, 2));
    });
    let mut arena = Arena::try_reserve("scene", 1 << 20).unwrap();
    let scope = arena.open();
    let mut staging = Arena::try_reserve("staging", 1 << 20).unwrap();
    let staging = staging.open();
    let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 1 << 20);
    let progress = Progress::new();
    progress.cancel();
    let loaded = gltf::load(&path, &scope, &mut Loading::new(&mut uploads, &progress));
    let error = loaded.unwrap_err();
    assert!(matches!(error, AssetError::Cancelled));
    assert_eq!((error.kind(), uploads.used_bytes()), (ErrorKind::Cancelled, 0));
}

#[test]
fn limits_and_budgets_are_memory_errors_with_the_option_to_raise() {
    let folder = tempfile::tempdir().unwrap();
    let path = Model::triangle().write_glb(folder.path());
    let small = LoadLimits::default();
    for (limits, option) in [
        (LoadLimits { nodes_max: 1, ..small }, "nodes_max"),
        (LoadLimits { node_depth_max: 0, ..small }, "node_depth_max"),
        (LoadLimits { vertices_max: 2, ..small }, "vertices_max"),
        (LoadLimits { primitives_max: 0, ..small }, "primitives_max"),
        (LoadLimits { materials_max: 0, ..small }, "materials_max"),
        (LoadLimits { json_bytes_max: 10, ..small }, "json_bytes_max"),
        (LoadLimits { json_objects_max: 10, ..small }, "json_objects_max"),
        (LoadLimits { json_commas_max: 10, ..small }, "json_commas_max"),
        (LoadLimits { image_bytes_max: 10, ..small }, "image_bytes_max"),
    ] {
        load_with(&path, limits, |loaded| {
            let error = loaded.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
            assert!(error.to_string().contains(option) && error.to_string().contains("model.glb"), "{error}");
        });
    }
    let mut arena = Arena::try_reserve("scene", 1 << 20).unwrap();
    let scope = arena.open();
    let mut staging = Arena::try_reserve("staging", 1 << 20).unwrap();
    let staging = staging.open();
    let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 64);
    let progress = Progress::new();
    let error = gltf::load(&path, &scope, &mut Loading::new(&mut uploads, &progress)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    // A scene arena without room for what stays says so in the file's name, too.
    let mut tiny = Arena::try_reserve("scene", 4 << 10).unwrap();
    let tiny = tiny.open();
    let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 1 << 20);
    let error = gltf::load(&path, &tiny, &mut Loading::new(&mut uploads, &progress)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.to_string().contains("model.glb: scene arena is full"), "{error}");
}

#[test]
fn a_worker_hands_a_scene_over_as_plain_data() {
    use voltrum_assets::{HostUpload, StagedScene};
    use voltrum_memory::{Fill, Scope};
    struct Loader<'c>(&'c std::path::Path, &'c Progress);
    impl Fill for Loader<'_> {
        type Filled<'s> = StagedScene<'s, HostUpload, HostUpload>;
        type Error = AssetError;
        fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<Self::Filled<'s>, AssetError> {
            let mut staging = Arena::try_reserve("staging", 16 << 20)?;
            let staging = staging.open();
            let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 1 << 20);
            gltf::load(self.0, memory, &mut Loading::new(&mut uploads, self.1))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let good = Model::triangle().write_glb(folder.path());
    let progress = Progress::new();
    let mut arena = Arena::try_reserve("scene", 16 << 20).unwrap();
    // A broken file gives the arena back, and the next load uses it.
    let arena = match arena.open_with(&mut Loader(folder.path(), &progress)) {
        Ok(_) => panic!("a folder loaded"),
        Err((arena, error)) => {
            assert_eq!(error.kind(), ErrorKind::Io);
            arena
        }
    };
    let (scope, scene) = std::thread::scope(|threads| {
        threads.spawn(|| arena.open_with(&mut Loader(&good, &progress)).map_err(|(_, error)| error)).join()
    })
    .unwrap()
    .unwrap();
    assert_eq!(scene.nodes.len(), 3);
    assert!(scope.address_range().contains(&scene.nodes.as_ptr().cast()));
}

#[test]
fn triangles_are_kept_for_picking_mesh_by_mesh() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::triangle();
    // The same corners once more, as a fan without indices.
    let fan = json!({ "attributes": { "POSITION": 0 }, "mode": 6 });
    model.json["meshes"][0]["primitives"].as_array_mut().unwrap().push(fan);
    let path = model.write_glb(folder.path());
    load(&path, |loaded| {
        let loaded = loaded.unwrap();
        let mesh = &loaded.scene.meshes[0];
        let corners = [[0., 0., 0.], [1., 0., 0.], [0., 1., 0.]];
        assert_eq!(mesh.positions, [corners, corners].concat());
        assert_eq!(mesh.triangles, [[0, 1, 2], [4, 5, 3]]);
        assert_eq!(loaded.scene.primitives.iter().map(|part| part.triangle_count).collect::<Vec<_>>(), [1, 1]);
        assert!(loaded.memory.address_range().contains(&mesh.triangles.as_ptr().cast()));
    });
    load_with(&path, LoadLimits { picking_bytes_max: 95, ..LoadLimits::default() }, |loaded| {
        let scene = loaded.unwrap().scene;
        assert_eq!((scene.meshes[0].positions.len(), scene.meshes[0].triangles.len()), (0, 0));
        assert!(scene.notes.iter().any(|note| note.contains("picked by their boxes")), "{:?}", scene.notes);
    });
    load_with(&path, LoadLimits { picking_bytes_max: 0, ..LoadLimits::default() }, |loaded| {
        let scene = loaded.unwrap().scene;
        assert!(scene.meshes[0].triangles.is_empty());
        assert!(!scene.notes.iter().any(|note| note.contains("picked")), "{:?}", scene.notes);
    });
}
