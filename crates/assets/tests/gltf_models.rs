//! Models made by others, where they are present.

mod model;

use std::path::{Path, PathBuf};

use glam::Vec3;
use model::load;
use voltrum_assets::animation;
use voltrum_memory::{Arena, Tag};
use voltrum_render::{ImageFormat, SkinVertex};

/// A model of the shared folder, or a plain line that says it is not there.
fn shared(name: &str) -> Option<PathBuf> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    if !models.is_dir() {
        println!("skipped: ../shared/models is absent");
        return None;
    }
    Some(models.join(name))
}

#[test]
fn the_flight_helmet_loads_with_all_its_images() {
    let Some(path) = shared("FlightHelmet/FlightHelmet.gltf") else { return };
    load(&path, |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        assert_eq!((scene.meshes.len(), scene.primitives.len(), scene.materials.len()), (6, 6, 6));
        assert_eq!(scene.images.len(), 15);
        let colors = scene.images.iter().filter(|image| image.format == ImageFormat::Rgba8Srgb).count();
        assert_eq!(colors, 5, "normals and roughness are data");
        assert!(scene.counts.triangles > 15_000 && scene.counts.vertices > 50_000, "{:?}", scene.counts);
        assert!(scene.materials.iter().any(|material| material.surface.alpha == voltrum_render::AlphaMode::Blend));
        // About 70 centimetres high, standing on the ground.
        let size = scene.bounds.max - scene.bounds.min;
        assert!(size.y > 0.5 && size.y < 0.9, "{size}");
        let range = loaded.memory.address_range();
        assert!(range.contains(&scene.nodes.as_ptr().cast()) && range.contains(&scene.images.as_ptr().cast()));
        for image in scene.images {
            let pixels = loaded.uploads.bytes(image.upload().unwrap());
            let levels = 0..image.size[0].ilog2() + 1;
            let bytes = levels.map(|level| image.format.level_bytes(image.size, level));
            assert_eq!(pixels.len() as u64, bytes.sum::<u64>());
            assert!(pixels.chunks_exact(4).any(|pixel| pixel[0] > 0));
        }
    });
}

#[test]
fn the_cakes_load_with_their_colours() {
    for name in ["cakeBirthday.glb", "alien.glb", "tile.glb"] {
        let Some(path) = shared("AlienCake").map(|folder| folder.join(name)) else { return };
        load(&path, |loaded| {
            let loaded = loaded.unwrap();
            assert!(loaded.scene.counts.triangles > 0 && !loaded.scene.bounds.is_empty());
        });
    }
}

#[test]
fn the_fox_loads_with_its_skin_and_its_three_animations() {
    let Some(path) = shared("Fox.glb") else { return };
    load(&path, |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!((loaded.scene.counts.triangles, loaded.scene.images.len()), (576, 1));
        assert_eq!((loaded.scene.counts.animations, loaded.scene.counts.skins), (3, 1));
        let scene = &loaded.scene;
        assert_eq!(
            scene.animations.iter().map(|animation| animation.name).collect::<Vec<_>>(),
            ["Survey", "Walk", "Run"]
        );
        assert!((scene.animations[1].duration_secs - 0.708).abs() < 0.01, "{}", scene.animations[1].duration_secs);
        let (skin, primitive) = (&scene.skins[0], &scene.primitives[0]);
        assert_eq!((skin.joints.len(), skin.joints.iter().flatten().count()), (24, 24));
        let bytes = loaded.uploads.bytes(primitive.skin.unwrap());
        let vertices: Vec<SkinVertex> = bytes.chunks_exact(16).map(bytemuck::pod_read_unaligned).collect();
        assert_eq!(vertices.len(), primitive.vertex_count as usize);
        for vertex in vertices {
            assert_eq!(vertex.weights.iter().map(|weight| u32::from(*weight)).sum::<u32>(), 65_535);
        }
        // At rest the joints carry every vertex to where it is without them, within the file's own rounding.
        let mut frame = Arena::try_reserve("frame", 1 << 20).unwrap();
        let frame = frame.open();
        let memory = frame.tagged(Tag::SCENE);
        let worlds = animation::worlds(scene.nodes, &[], memory).unwrap();
        let rest = animation::joint_matrices(skin, |node| worlds[node as usize], memory).unwrap();
        let pose = animation::sample(&scene.animations[2], 0.2, memory).unwrap();
        let worlds = animation::worlds(scene.nodes, pose, memory).unwrap();
        let running = animation::joint_matrices(skin, |node| worlds[node as usize], memory).unwrap();
        let point = Vec3::from_array(loaded.vertices(0)[0].position);
        let moved = running.iter().map(|matrix| (matrix.transform_point3(point) - point).length()).fold(0.0, f32::max);
        assert!(rest.iter().chain(running).all(|matrix| matrix.is_finite()));
        assert!(moved > 1.0, "{moved}");
    });
}

#[test]
fn the_sparse_box_and_the_morphed_one_load() {
    for name in ["box_sparse.glb", "MorphStressTest.gltf"] {
        let Some(path) = shared(name) else { return };
        load(&path, |loaded| {
            let loaded = loaded.unwrap();
            assert!(loaded.scene.counts.triangles > 0, "{name}: {:?}", loaded.scene.notes);
            println!("{name}: {:?} {:?}", loaded.scene.counts, loaded.scene.notes);
        });
    }
}
