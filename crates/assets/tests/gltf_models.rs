//! Models made by others, where they are present.

mod model;

use std::path::{Path, PathBuf};

use model::load;

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
fn the_flight_helmet_loads_with_its_base_colour_images() {
    let Some(path) = shared("FlightHelmet/FlightHelmet.gltf") else { return };
    load(&path, |loaded| {
        let loaded = loaded.unwrap();
        let scene = &loaded.scene;
        assert_eq!((scene.meshes.len(), scene.primitives.len(), scene.materials.len()), (6, 6, 6));
        assert_eq!(scene.images.len(), 5);
        assert!(scene.counts.triangles > 15_000 && scene.counts.vertices > 50_000, "{:?}", scene.counts);
        assert!(scene.materials.iter().any(|material| material.alpha == voltrum_render::AlphaMode::Blend));
        // About 70 centimetres high, standing on the ground.
        let size = scene.bounds.max - scene.bounds.min;
        assert!(size.y > 0.5 && size.y < 0.9, "{size}");
        let range = loaded.memory.address_range();
        assert!(range.contains(&scene.nodes.as_ptr().cast()) && range.contains(&scene.images.as_ptr().cast()));
        for image in scene.images {
            let pixels = loaded.uploads.bytes(image.upload);
            assert_eq!(pixels.len(), image.size[0] as usize * image.size[1] as usize * 4);
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
fn the_fox_loads_at_rest_and_says_so() {
    let Some(path) = shared("Fox.glb") else { return };
    load(&path, |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!((loaded.scene.counts.triangles, loaded.scene.images.len()), (576, 1));
        assert_eq!((loaded.scene.counts.animations, loaded.scene.counts.skins), (3, 1));
        assert!(loaded.scene.notes.iter().any(|note| note.contains("rest")), "{:?}", loaded.scene.notes);
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
