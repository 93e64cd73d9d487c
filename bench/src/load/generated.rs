//! Models that are made for the measurement, in a folder that goes when it ends.

use std::f32::consts::PI;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Rings and segments of a ball whose file has about 50 KB.
const RINGS: u32 = 30;
const SEGMENTS: u32 = 40;

/// A folder for models and pictures.
pub(super) struct Folder(PathBuf);

/// Positions, normals, and three indices a triangle.
#[derive(Default)]
struct Mesh {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    indices: Vec<u16>,
}

impl Folder {
    pub(super) fn new() -> Result<Folder, String> {
        let path = std::env::temp_dir().join(format!("voltrum-bench-load-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Folder(path))
    }

    pub(super) fn picture(&self) -> PathBuf {
        self.0.join("picture.png")
    }

    /// One smooth ball.
    pub(super) fn ball(&self) -> Result<PathBuf, String> {
        write(&self.0.join("ball.glb"), &ball(), &[json!({ "mesh": 0, "name": "ball" })])
    }

    /// So many boxes in a cube, each a node with a name and a place, all of one mesh.
    pub(super) fn boxes(&self, count: u32) -> Result<PathBuf, String> {
        let side = f64::from(count).cbrt().ceil() as u32;
        let nodes: Vec<Value> = (0..count)
            .map(|at| {
                let place = [at % side, at / side % side, at / side / side].map(|step| 3.0 * f64::from(step));
                json!({ "mesh": 0, "name": format!("box {at}"), "translation": place })
            })
            .collect();
        write(&self.0.join("boxes.glb"), &cuboid(), &nodes)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // what can't be removed lies in the system's folder for such things
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ball() -> Mesh {
    let mut mesh = Mesh::default();
    for ring in 0..=RINGS {
        for segment in 0..=SEGMENTS {
            let (down, around) = (PI * ring as f32 / RINGS as f32, 2.0 * PI * segment as f32 / SEGMENTS as f32);
            let point = [down.sin() * around.cos(), down.cos(), down.sin() * around.sin()];
            mesh.positions.push(point);
            mesh.normals.push(point);
        }
    }
    for ring in 0..RINGS {
        for segment in 0..SEGMENTS {
            let corner = (ring * (SEGMENTS + 1) + segment) as u16;
            let below = corner + SEGMENTS as u16 + 1;
            mesh.indices.extend([corner, corner + 1, below, corner + 1, below + 1, below]);
        }
    }
    mesh
}

fn cuboid() -> Mesh {
    let mut mesh = Mesh::default();
    for (axis, sign) in (0..3).flat_map(|axis| [(axis, 1.0_f32), (axis, -1.0)]) {
        let first = mesh.positions.len() as u16;
        for [u, v] in [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]] {
            let (mut position, mut normal) = ([0.0; 3], [0.0; 3]);
            (position[axis], normal[axis]) = (0.5 * sign, sign);
            (position[(axis + 1) % 3], position[(axis + 2) % 3]) = (u * sign, v);
            mesh.positions.push(position);
            mesh.normals.push(normal);
        }
        mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
    }
    mesh
}

/// Writes a .glb of one mesh (glTF 2.0, 4).
fn write(path: &Path, mesh: &Mesh, nodes: &[Value]) -> Result<PathBuf, String> {
    let floats =
        |values: &[[f32; 3]]| values.iter().flatten().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let indices = mesh.indices.iter().flat_map(|index| index.to_le_bytes()).collect();
    let parts = [floats(&mesh.positions), floats(&mesh.normals), indices];
    let (mut views, mut bytes) = (Vec::new(), Vec::new());
    for part in &parts {
        views.push(json!({ "buffer": 0, "byteOffset": bytes.len(), "byteLength": part.len() }));
        bytes.extend_from_slice(part);
    }
    let corner = |pick: fn(f32, f32) -> f32| {
        mesh.positions.iter().copied().reduce(|a, b| std::array::from_fn(|axis| pick(a[axis], b[axis])))
    };
    let count = mesh.positions.len();
    let document = json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": (0..nodes.len()).collect::<Vec<_>>() }],
        "nodes": nodes,
        "materials": [{ "pbrMetallicRoughness": { "baseColorFactor": [0.8, 0.3, 0.1, 1.0], "metallicFactor": 0.1, "roughnessFactor": 0.6 } }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0, "NORMAL": 1 }, "indices": 2, "material": 0 }] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3", "min": corner(f32::min), "max": corner(f32::max) },
            { "bufferView": 1, "componentType": 5126, "count": count, "type": "VEC3" },
            { "bufferView": 2, "componentType": 5123, "count": mesh.indices.len(), "type": "SCALAR" },
        ],
        "bufferViews": views,
        "buffers": [{ "byteLength": bytes.len() }],
    });
    let mut text = document.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let mut file = Vec::new();
    let word = |file: &mut Vec<u8>, word: usize| file.extend_from_slice(&(word as u32).to_le_bytes());
    file.extend_from_slice(b"glTF");
    word(&mut file, 2);
    word(&mut file, 12 + 8 + text.len() + 8 + bytes.len());
    for (kind, chunk) in [(b"JSON", &text), (b"BIN\0", &bytes)] {
        word(&mut file, chunk.len());
        file.extend_from_slice(kind);
        file.extend_from_slice(chunk);
    }
    fs::write(path, file).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ball_has_about_50_kb_and_a_folder_leaves_nothing() {
        let folder = Folder::new().unwrap();
        let path = folder.ball().unwrap();
        let bytes = fs::metadata(&path).unwrap().len();
        assert!((40_000..60_000).contains(&bytes), "{bytes}");
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_box_has_six_sides_that_face_outwards() {
        let mesh = cuboid();
        for triangle in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [0, 1, 2].map(|corner| mesh.positions[usize::from(triangle[corner])]);
            let edge = |to: [f32; 3]| [to[0] - a[0], to[1] - a[1], to[2] - a[2]];
            let (e, f) = (edge(b), edge(c));
            let across = [e[1] * f[2] - e[2] * f[1], e[2] * f[0] - e[0] * f[2], e[0] * f[1] - e[1] * f[0]];
            let normal = mesh.normals[usize::from(triangle[0])];
            assert!(across.iter().zip(normal).map(|(a, b)| a * b).sum::<f32>() > 0.0);
        }
        assert_eq!(mesh.indices.len(), 36);
    }
}
