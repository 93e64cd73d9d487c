//! glTF: a document and its binary chunk, loaded as a .glb; or a whole file as it is.
//!
//! An input that begins with the mark of a .glb is a file. Any other is JSON up to its first zero byte and the chunk behind
//! it: lengths are put in by this module, so that a change of the text doesn't only break the header.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use voltrum_assets::animation::{joint_matrices, sample, worlds};
use voltrum_assets::{HostUpload, HostUploads, LoadLimits, Loading, Progress, StagedScene, gltf};
use voltrum_memory::{Arena, Tag};

const LIMITS: LoadLimits = LoadLimits {
    json_bytes_max: 1 << 20,
    json_objects_max: 4096,
    json_commas_max: 65_536,
    nodes_max: 1024,
    node_depth_max: 64,
    primitives_max: 256,
    vertices_max: 4096,
    materials_max: 256,
    image_side_max: 256,
    image_bytes_max: 1 << 16,
    scratch_bytes_max: 16 << 20,
    picking_bytes_max: 1 << 18,
    notes_max: 8,
};

/// What one load may put into upload memory.
const UPLOADS_MAX: usize = 4 << 20;

/// The file that every input is written to, and the arenas of all loads.
struct Bench {
    path: PathBuf,
    file: File,
    scene: Arena<'static>,
    staging: Arena<'static>,
    frame: Arena<'static>,
}

impl Bench {
    fn open() -> Bench {
        let shared = Path::new("/dev/shm");
        let folder = if shared.is_dir() { shared.to_path_buf() } else { std::env::temp_dir() };
        let folder = folder.join(format!("voltrum-assets-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the inputs");
        let path = folder.join("model.glb");
        let file = File::create(&path).expect("a file for the inputs");
        let reserve = |name, bytes| Arena::try_reserve(name, bytes).expect("address space");
        Bench {
            path,
            file,
            scene: reserve("scene", 16 << 20),
            staging: reserve("staging", 16 << 20),
            frame: reserve("frame", 16 << 20),
        }
    }
}

/// Loads what `data` makes and looks at everything that came of it; says whether something did.
pub fn run(data: &[u8]) -> bool {
    thread_local! {
        static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
    }
    BENCH.with_borrow_mut(|bench| {
        let bench = bench.get_or_insert_with(Bench::open);
        let bytes = if data.starts_with(b"glTF") { data.to_vec() } else { glb(data) };
        bench.file.set_len(0).and_then(|()| bench.file.seek(SeekFrom::Start(0))).expect("the file can be written");
        bench.file.write_all(&bytes).expect("the file can be written");
        let (scene, staging) = (bench.scene.open(), bench.staging.open());
        let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), UPLOADS_MAX);
        let progress = Progress::new();
        let mut loading = Loading { limits: LIMITS, ..Loading::new(&mut uploads, &progress) };
        match gltf::load(&bench.path, &scene, &mut loading) {
            Ok(loaded) => {
                look(&loaded, &uploads, &mut bench.frame);
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                false
            }
        }
    })
}

fn glb(data: &[u8]) -> Vec<u8> {
    let (json, bin) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[][..]),
    };
    let mut out = b"glTF\x02\0\0\0\0\0\0\0".to_vec();
    for (kind, part, padding) in [(b"JSON", json, b' '), (b"BIN\0", bin, 0)] {
        let length = part.len().next_multiple_of(4);
        out.extend_from_slice(&(length as u32).to_le_bytes());
        out.extend_from_slice(kind);
        out.extend_from_slice(part);
        out.resize(out.len() + length - part.len(), padding);
    }
    let total = (out.len() as u32).to_le_bytes();
    out[8..12].copy_from_slice(&total);
    out
}

/// What every staged scene promises.
fn look(scene: &StagedScene<'_, HostUpload, HostUpload>, uploads: &HostUploads<'_>, frame: &mut Arena<'_>) {
    let below = |index: Option<u32>, count: usize| index.is_none_or(|index| (index as usize) < count);
    for (at, node) in scene.nodes.iter().enumerate() {
        assert!(below(node.parent, at), "a parent stands before its children");
        assert!(below(node.mesh, scene.meshes.len()) && below(node.camera, scene.cameras.len()));
        assert!(below(node.light, scene.lights.len()) && below(node.skin, scene.skins.len()));
        assert!(node.local.is_finite() && node.weights.iter().all(|weight| weight.is_finite()));
    }
    for mesh in scene.meshes {
        assert!(mesh.primitives().end <= scene.primitives.len());
        assert!(mesh.triangles.as_flattened().iter().all(|corner| (*corner as usize) < mesh.positions.len()));
        assert!(mesh.positions.as_flattened().iter().all(|number| number.is_finite()));
    }
    for primitive in scene.primitives {
        assert!(below(primitive.material, scene.materials.len()));
        let count = primitive.vertex_count as usize;
        assert!(count > 0 && uploads.bytes(primitive.vertices).len().is_multiple_of(count));
        if let Some(skin) = primitive.skin {
            assert_eq!(uploads.bytes(skin).len(), count * 16);
        }
        if let Some((morphs, targets)) = primitive.morphs {
            assert_eq!(uploads.bytes(morphs).len(), count * 36 * targets as usize);
        }
        if let Some(indices) = primitive.indices {
            let bytes = uploads.bytes(indices.upload);
            let width = bytes.len() / indices.count as usize;
            let number =
                |bytes: &[u8]| bytes.iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
            assert!(bytes.chunks_exact(width).all(|bytes| number(bytes) < count));
        }
    }
    for material in scene.materials {
        assert!(material.surface.textures().all(|slot| (slot.texture as usize) < scene.textures.len() && slot.uv < 2));
        assert!(material.surface.base_color.iter().chain(&material.surface.emissive).all(|number| number.is_finite()));
    }
    assert!(scene.textures.iter().all(|texture| (texture.image as usize) < scene.images.len()));
    for row in scene.variant_materials {
        assert!((row.primitive as usize) < scene.primitives.len() && (row.variant as usize) < scene.variants.len());
        assert!((row.material as usize) < scene.materials.len());
    }
    let frame = frame.open();
    let memory = frame.tagged(Tag::FRAME);
    for animation in scene.animations {
        assert!(animation.duration_secs.is_finite());
        for time in [f32::NAN, -1.0, 0.0, animation.duration_secs * 0.5, animation.duration_secs, f32::INFINITY] {
            let Ok(pose) = sample(animation, time, memory) else { return };
            assert!(pose.iter().all(|pose| (pose.node as usize) < scene.nodes.len()));
            let Ok(worlds) = worlds(scene.nodes, pose, memory) else { return };
            for skin in scene.skins {
                assert_eq!(skin.joints.len(), skin.inverse_bind.len());
                let joint = |node: u32| worlds[node as usize];
                if joint_matrices(skin, joint, memory).is_err() {
                    return;
                }
            }
        }
    }
}
