//! The sample scene's generator: a still life in a small courtyard, made from formulas alone and written as
//! `assets/sample.glb`.
//!
//! # Invariants
//! 1. Deterministic: the same source writes the same bytes (no clock, no seed from outside, no hash order).
//! 2. The file stays under 1.5 MiB.

mod courtyard;
mod glb;
mod mesh;
mod occlusion;
mod props;
mod scene;
mod table;
mod texture;
mod vector;

use std::io;
use std::path::Path;

use scene::{Node, Scene};
use vector::{Rotation, Vec3, vec3};

/// Largest file that [`write`] produces.
const FILE_BYTES_MAX: usize = 3 << 19;

/// Generates the scene and writes it to `path` as binary glTF.
///
/// # Errors
/// The system's, when the file can't be written.
pub(crate) fn write(path: &Path) -> io::Result<()> {
    let mut scene = Scene::default();
    let root = arrange(&mut scene);
    scene.bake(&root);
    let bytes = glb::encode(&scene, &root)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(io::Error::other(format!(
            "the sample takes {} bytes, its limit is {FILE_BYTES_MAX}; lower a texture's size or a shape's pieces",
            bytes.len()
        )));
    }
    std::fs::write(path, bytes)
}

fn arrange(scene: &mut Scene) -> Node {
    let planks = scene.texture(texture::planks());
    let limestone = scene.texture(texture::limestone());
    let wood = scene.textured("Walnut", planks, 0.6);
    let stone = scene.textured("Limestone", limestone, 0.9);
    let brass = scene.painted("Brass", texture::hex(0xD2A24C), 0.25, 0.35);
    let clay = scene.painted("Terracotta", texture::hex(0xBF6A48), 0.0, 0.85);

    let eye = vec3(2.88, 2.20, 5.40);
    let camera = Node { camera: true, ..Node::new("Main", eye).rotated(Rotation::look(eye, vec3(-0.02, 0.62, -0.1))) };
    Node::new("Sample", Vec3::UP * courtyard::PLINTH_HEIGHT)
        .with(courtyard::ground(scene, stone))
        .with(courtyard::wall(scene, stone))
        .with(courtyard::columns(scene, stone))
        .with(table::table(scene, wood, brass))
        .with(props::crates(scene, wood, brass))
        .with(props::pottery(scene, clay))
        .with(props::toys(scene, brass))
        .with(props::stones(scene, stone))
        .with(camera)
}
