//! Writes a scene as binary glTF 2.0 (specification chapter 4, "GLB File Format").
//!
//! # Invariants
//! 1. Every bufferView starts on a multiple of four; index and vertex data of one primitive are tightly packed.
//! 2. POSITION carries exact minima and maxima, as the specification demands.

use std::io;

use serde_json::{Map, Value, json};

use super::mesh::Mesh;
use super::scene::{Alpha, Material, Node, Scene};
use super::vector::Vec3;

const ARRAY_BUFFER: u32 = 34_962;
const ELEMENT_ARRAY_BUFFER: u32 = 34_963;
const UNSIGNED_BYTE: u32 = 5_121;
const UNSIGNED_SHORT: u32 = 5_123;
const FLOAT: u32 = 5_126;
const LINEAR: u32 = 9_729;
const LINEAR_MIPMAP_LINEAR: u32 = 9_987;
const REPEAT: u32 = 10_497;
const MIRRORED_REPEAT: u32 = 33_648;

/// The binary chunk and the lists of the document that point into it.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
}

impl Chunk {
    /// Appends bytes as a bufferView of their own and gives its index (invariant 1).
    fn view(&mut self, bytes: &[u8], target: Option<u32>) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let mut view = json!({ "buffer": 0, "byteOffset": self.bytes.len(), "byteLength": bytes.len() });
        if let Some(target) = target {
            view["target"] = json!(target);
        }
        self.bytes.extend_from_slice(bytes);
        self.views.push(view);
        self.views.len() - 1
    }

    fn accessor(
        &mut self,
        bytes: &[u8],
        target: u32,
        component: u32,
        kind: &str,
        count: usize,
        extra: &[(&str, Value)],
    ) -> usize {
        let view = self.view(bytes, Some(target));
        let mut accessor = json!({ "bufferView": view, "componentType": component, "type": kind, "count": count });
        for (key, value) in extra {
            accessor[*key] = value.clone();
        }
        self.accessors.push(accessor);
        self.accessors.len() - 1
    }

    fn floats<const N: usize>(&mut self, values: impl Iterator<Item = [f32; N]>, kind: &str, bounds: bool) -> usize {
        let (mut low, mut high, mut count, mut bytes) = ([f32::MAX; N], [f32::MIN; N], 0, Vec::new());
        for value in values {
            for axis in 0..N {
                low[axis] = low[axis].min(value[axis]);
                high[axis] = high[axis].max(value[axis]);
                bytes.extend_from_slice(&value[axis].to_le_bytes());
            }
            count += 1;
        }
        let extra = [("min", json!(low.as_slice())), ("max", json!(high.as_slice()))];
        self.accessor(&bytes, ARRAY_BUFFER, FLOAT, kind, count, if bounds { &extra } else { &[] })
    }

    fn primitive(&mut self, mesh: &Mesh, material: usize) -> Value {
        let positions = self.floats(mesh.positions.iter().map(|at| at.array()), "VEC3", true);
        let normals = self.floats(mesh.normals.iter().map(|normal| normal.unit_or(Vec3::UP).array()), "VEC3", false);
        let uvs = self.floats(mesh.uvs.iter().copied(), "VEC2", false);
        let bytes: Vec<u8> = mesh
            .colors
            .iter()
            .flat_map(|color| {
                let [r, g, b] = color.array().map(|channel| (channel.clamp(0.0, 1.0) * 255.0).round() as u8);
                [r, g, b, 255]
            })
            .collect();
        let normalized = [("normalized", json!(true))];
        let colors = self.accessor(&bytes, ARRAY_BUFFER, UNSIGNED_BYTE, "VEC4", mesh.colors.len(), &normalized);
        let bytes: Vec<u8> = mesh.triangles.iter().flatten().flat_map(|index| index.to_le_bytes()).collect();
        let indices =
            self.accessor(&bytes, ELEMENT_ARRAY_BUFFER, UNSIGNED_SHORT, "SCALAR", mesh.triangles.len() * 3, &[]);
        json!({
            "attributes": { "POSITION": positions, "NORMAL": normals, "TEXCOORD_0": uvs, "COLOR_0": colors },
            "indices": indices,
            "material": material,
        })
    }
}

/// The bytes of the file: header, JSON chunk, binary chunk.
pub(super) fn encode(scene: &Scene, root: &Node) -> io::Result<Vec<u8>> {
    let mut chunk = Chunk::default();
    let meshes: Vec<Value> = scene
        .models
        .iter()
        .map(|model| {
            let primitives: Vec<Value> =
                model.parts.iter().map(|(mesh, material)| chunk.primitive(mesh, *material)).collect();
            json!({ "name": model.name, "primitives": primitives })
        })
        .collect();
    let mut images = Vec::new();
    for texture in &scene.textures {
        let view = chunk.view(&texture.png()?, None);
        images.push(json!({ "name": texture.name, "mimeType": "image/png", "bufferView": view }));
    }
    let textures: Vec<Value> = scene
        .textures
        .iter()
        .enumerate()
        .map(|(image, texture)| json!({ "sampler": usize::from(texture.mirrored), "source": image }))
        .collect();
    let sampler =
        |wrap: u32| json!({ "magFilter": LINEAR, "minFilter": LINEAR_MIPMAP_LINEAR, "wrapS": wrap, "wrapT": wrap });
    let mut nodes = Vec::new();
    let top = node(root, &mut nodes);
    chunk.bytes.resize(chunk.bytes.len().next_multiple_of(4), 0);

    let document = json!({
        "asset": { "version": "2.0", "generator": "voltrum sample" },
        "scene": 0,
        "scenes": [{ "name": "Courtyard", "nodes": [top] }],
        "nodes": nodes,
        "cameras": [{
            "name": "Main",
            "type": "perspective",
            "perspective": { "yfov": 0.56, "znear": 0.05, "zfar": 100.0 },
        }],
        "meshes": meshes,
        "materials": scene.materials.iter().map(material).collect::<Vec<_>>(),
        "textures": textures,
        "images": images,
        "samplers": [sampler(REPEAT), sampler(MIRRORED_REPEAT)],
        "accessors": chunk.accessors,
        "bufferViews": chunk.views,
        "buffers": [{ "byteLength": chunk.bytes.len() }],
    });
    let mut text = serde_json::to_vec(&document).map_err(io::Error::other)?;
    text.resize(text.len().next_multiple_of(4), b' ');

    let total = 12 + 8 + text.len() + 8 + chunk.bytes.len();
    let mut file = Vec::with_capacity(total);
    file.extend_from_slice(b"glTF");
    for word in [2, total as u32, text.len() as u32] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    file.extend_from_slice(b"JSON");
    file.extend_from_slice(&text);
    file.extend_from_slice(&(chunk.bytes.len() as u32).to_le_bytes());
    file.extend_from_slice(b"BIN\0");
    file.extend_from_slice(&chunk.bytes);
    Ok(file)
}

fn material(material: &Material) -> Value {
    let mut surface = json!({
        "baseColorFactor": material.color,
        "metallicFactor": material.metallic,
        "roughnessFactor": material.roughness,
    });
    if let Some(texture) = material.texture {
        surface["baseColorTexture"] = json!({ "index": texture });
    }
    let mut value = json!({ "name": material.name, "pbrMetallicRoughness": surface });
    match material.alpha {
        Alpha::Opaque => {}
        Alpha::Mask(cutoff) => {
            value["alphaMode"] = json!("MASK");
            value["alphaCutoff"] = json!(cutoff);
        }
        Alpha::Blend => value["alphaMode"] = json!("BLEND"),
    }
    if material.double_sided {
        value["doubleSided"] = json!(true);
    }
    value
}

/// Appends a node after its children and gives its index.
fn node(from: &Node, nodes: &mut Vec<Value>) -> usize {
    let children: Vec<usize> = from.children.iter().map(|child| node(child, nodes)).collect();
    let mut value = Map::new();
    value.insert("name".into(), json!(from.name));
    if from.at != Vec3::ZERO {
        value.insert("translation".into(), json!(from.at.array()));
    }
    if from.rotation.0 != [0.0, 0.0, 0.0, 1.0] {
        value.insert("rotation".into(), json!(from.rotation.0));
    }
    if from.scale != 1.0 {
        value.insert("scale".into(), json!([from.scale, from.scale, from.scale]));
    }
    if let Some(model) = from.model {
        value.insert("mesh".into(), json!(model));
    }
    if from.camera {
        value.insert("camera".into(), json!(0));
    }
    if !children.is_empty() {
        value.insert("children".into(), json!(children));
    }
    nodes.push(Value::Object(value));
    nodes.len() - 1
}

#[cfg(test)]
mod tests {
    use super::super::mesh::sphere;
    use super::super::texture::hex;
    use super::*;

    fn file() -> (Value, Vec<u8>) {
        let mut scene = Scene::default();
        let paint = scene.painted("paint", hex(0x80_80_80), 0.0, 1.0);
        let ball = scene.model("ball", vec![(sphere(7, 5, 2.0), paint)]);
        let root = Node::new("root", Vec3::ZERO).with(Node::new("ball", Vec3::UP).showing(ball));
        let bytes = encode(&scene, &root).unwrap();
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((&bytes[..4], word(4), word(8)), (&b"glTF"[..], 2, bytes.len()));
        let text = word(12);
        let binary = word(20 + text);
        assert_eq!((text % 4, binary % 4, 28 + text + binary), (0, 0, bytes.len()));
        (serde_json::from_slice(&bytes[20..20 + text]).unwrap(), bytes[28 + text..].to_vec())
    }

    #[test]
    fn buffer_views_are_aligned_and_inside_the_buffer() {
        let (document, binary) = file();
        let mut end = 0;
        for view in document["bufferViews"].as_array().unwrap() {
            let [offset, length] = ["byteOffset", "byteLength"].map(|key| view[key].as_u64().unwrap() as usize);
            assert!(offset % 4 == 0 && offset >= end && offset + length <= binary.len());
            end = offset + length;
        }
    }

    #[test]
    fn positions_carry_their_bounds() {
        let (document, _) = file();
        let at = document["meshes"][0]["primitives"][0]["attributes"]["POSITION"].as_u64().unwrap() as usize;
        let accessor = &document["accessors"][at];
        let bounds = ["min", "max"].map(|key| accessor[key][1].as_f64().unwrap());
        assert_eq!((bounds, &accessor["type"]), ([-2.0, 2.0], &json!("VEC3")));
    }

    #[test]
    fn children_stand_before_their_parents_and_keep_their_names() {
        let (document, _) = file();
        assert_eq!(document["nodes"][0]["name"], "ball");
        assert_eq!((&document["nodes"][1]["children"], &document["scenes"][0]["nodes"]), (&json!([0]), &json!([1])));
    }
}
