//! Small models built in code, and a load into plain memory: what the tests of the loader share.
#![allow(dead_code, reason = "each test program uses its own part of this module")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use voltrum_assets::{
    AssetError, HostUpload, HostUploads, LoadLimits, Loading, Progress, SceneChoice, StagedScene, gltf,
};
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_render::Vertex;

pub(crate) const FLOAT: u32 = 5126;
pub(crate) const U8: u32 = 5121;
pub(crate) const U16: u32 = 5123;
pub(crate) const U32: u32 = 5125;

/// A document and its one buffer, to be changed at will before it is written.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) json: Value,
    pub(crate) bin: Vec<u8>,
}

impl Model {
    /// A document with nothing in it.
    pub(crate) fn empty() -> Self {
        let json = json!({
            "asset": { "version": "2.0", "generator": "test" },
            "buffers": [], "bufferViews": [], "accessors": [], "meshes": [], "materials": [], "textures": [],
            "images": [], "nodes": [], "scenes": [{ "name": "main", "nodes": [] }], "scene": 0
        });
        Self { json, bin: Vec::new() }
    }

    /// A red triangle with positions, normals, texture coordinates, u16 indices and a 2 x 2 PNG, under a node under a node.
    pub(crate) fn triangle() -> Self {
        let mut model = Self::empty();
        let positions = model.floats(&[0., 0., 0., 1., 0., 0., 0., 1., 0.], 3);
        let normals = model.floats(&[0., 0., 1., 0., 0., 1., 0., 0., 1.], 3);
        let uvs = model.floats(&[0., 0., 1., 0., 0., 1.], 2);
        let indices = model.accessor(&[0, 0, 1, 0, 2, 0], U16, 3, "SCALAR");
        let image = model.view(&png([2, 2], &[255, 0, 0, 255].repeat(4)));
        model.json["images"] = json!([{ "name": "red", "mimeType": "image/png", "bufferView": image }]);
        model.json["textures"] = json!([{ "source": 0, "sampler": 0 }]);
        model.json["samplers"] = json!([{ "magFilter": 9728, "minFilter": 9987, "wrapS": 33071, "wrapT": 33648 }]);
        model.json["materials"] = json!([{
            "name": "paint", "doubleSided": true, "alphaMode": "MASK", "alphaCutoff": 0.25,
            "pbrMetallicRoughness": {
                "baseColorFactor": [0.5, 0.25, 1.0, 0.75], "metallicFactor": 0.1, "roughnessFactor": 0.9,
                "baseColorTexture": { "index": 0 }
            }
        }]);
        model.json["meshes"] = json!([{ "name": "triangle", "primitives": [{
            "attributes": { "POSITION": positions, "NORMAL": normals, "TEXCOORD_0": uvs },
            "indices": indices, "material": 0
        }]}]);
        model.json["cameras"] = json!([{ "name": "eye", "type": "perspective",
            "perspective": { "yfov": 0.8, "znear": 0.1, "zfar": 100.0 } }]);
        model.json["nodes"] = json!([
            { "name": "child", "mesh": 0, "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 5, 0, 1] },
            { "name": "top", "children": [0, 2], "translation": [10, 0, 0], "scale": [2, 2, 2] },
            { "name": "eye", "camera": 0, "translation": [0, 0, 3] }
        ]);
        model.json["scenes"][0]["nodes"] = json!([1]);
        model
    }

    /// A mesh of these positions and nothing else, drawn in `mode`.
    pub(crate) fn bare(positions: &[f32], mode: u32) -> Self {
        let mut model = Self::empty();
        let positions = model.floats(positions, 3);
        model.json["meshes"] = json!([{ "primitives": [{ "attributes": { "POSITION": positions }, "mode": mode }] }]);
        model.json["nodes"] = json!([{ "mesh": 0 }]);
        model.json["scenes"][0]["nodes"] = json!([0]);
        model
    }

    /// Adds bytes to the buffer, and a view of them.
    pub(crate) fn view(&mut self, bytes: &[u8]) -> usize {
        while !self.bin.len().is_multiple_of(4) {
            self.bin.push(0);
        }
        let view = json!({ "buffer": 0, "byteOffset": self.bin.len(), "byteLength": bytes.len() });
        self.bin.extend_from_slice(bytes);
        self.json["buffers"] = json!([{ "byteLength": self.bin.len() }]);
        push(&mut self.json["bufferViews"], view)
    }

    /// Adds an accessor of its own bytes.
    pub(crate) fn accessor(&mut self, bytes: &[u8], component: u32, count: usize, shape: &str) -> usize {
        let view = self.view(bytes);
        let accessor = json!({ "bufferView": view, "componentType": component, "count": count, "type": shape });
        push(&mut self.json["accessors"], accessor)
    }

    /// Adds an accessor of float vectors with `lanes` components.
    pub(crate) fn floats(&mut self, values: &[f32], lanes: usize) -> usize {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.accessor(&bytes, FLOAT, values.len() / lanes, ["", "SCALAR", "VEC2", "VEC3", "VEC4"][lanes])
    }

    /// The model as .glb.
    pub(crate) fn glb(&self) -> Vec<u8> {
        let mut text = self.json.to_string().into_bytes();
        text.resize(text.len().next_multiple_of(4), b' ');
        let mut bin = self.bin.clone();
        bin.resize(bin.len().next_multiple_of(4), 0);
        let total = 12 + 8 + text.len() + 8 + bin.len();
        let mut out = Vec::new();
        out.extend_from_slice(b"glTF");
        out.extend_from_slice(&2_u32.to_le_bytes());
        out.extend_from_slice(&(total as u32).to_le_bytes());
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(b"JSON");
        out.extend_from_slice(&text);
        out.extend_from_slice(&(bin.len() as u32).to_le_bytes());
        out.extend_from_slice(b"BIN\0");
        out.extend_from_slice(&bin);
        out
    }

    /// Writes the model as `model.glb` into `folder`.
    pub(crate) fn write_glb(&self, folder: &Path) -> PathBuf {
        let path = folder.join("model.glb");
        fs::write(&path, self.glb()).unwrap();
        path
    }

    /// Writes the model as `model.gltf` with its buffer in `model data.bin` into `folder`.
    pub(crate) fn write_gltf(&self, folder: &Path) -> PathBuf {
        let path = folder.join("model.gltf");
        let mut json = self.json.clone();
        if !self.bin.is_empty() && json["buffers"][0].get("uri").is_none() {
            json["buffers"][0]["uri"] = json!("model%20data.bin");
        }
        fs::write(folder.join("model data.bin"), &self.bin).unwrap();
        fs::write(&path, json.to_string()).unwrap();
        path
    }
}

fn push(array: &mut Value, value: Value) -> usize {
    let array = array.as_array_mut().unwrap();
    array.push(value);
    array.len() - 1
}

/// An RGBA picture as PNG.
pub(crate) fn png(size: [u32; 2], rgba: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(rgba).unwrap();
    writer.finish().unwrap();
    bytes
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for letter in 0..4 {
            let letter_bits = bits >> (18 - 6 * letter) & 63;
            text.push(if letter <= three.len() { char::from(LETTERS[letter_bits as usize]) } else { '=' });
        }
    }
    text
}

pub(crate) type Scene<'s> = StagedScene<'s, HostUpload, HostUpload>;

/// What a test looks at after a load.
pub(crate) struct Loaded<'x, 's> {
    pub(crate) scene: Scene<'s>,
    pub(crate) uploads: &'x HostUploads<'x>,
    pub(crate) memory: &'x Scope<'s>,
    pub(crate) progress: &'x Progress,
}

impl Loaded<'_, '_> {
    /// The vertices of a primitive.
    pub(crate) fn vertices(&self, primitive: usize) -> Vec<Vertex> {
        let primitive = &self.scene.primitives[primitive];
        let bytes = self.uploads.bytes(primitive.vertices);
        assert_eq!(bytes.len(), primitive.vertex_count as usize * size_of::<Vertex>());
        bytes.chunks_exact(size_of::<Vertex>()).map(bytemuck::pod_read_unaligned).collect()
    }

    /// The indices of a primitive, whatever their width.
    pub(crate) fn indices(&self, primitive: usize) -> Option<Vec<u32>> {
        let indices = self.scene.primitives[primitive].indices?;
        let bytes = self.uploads.bytes(indices.upload);
        let width = bytes.len() / indices.count as usize;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        Some(bytes.chunks_exact(width).map(number).collect())
    }
}

/// The arenas of a load, to be used again and again.
pub(crate) struct Memory {
    scene: Arena<'static>,
    staging: Arena<'static>,
}

impl Memory {
    /// Arenas with room for the largest model of the tests.
    pub(crate) fn reserve() -> Self {
        Self {
            scene: Arena::try_reserve("scene", 64 << 20).unwrap(),
            staging: Arena::try_reserve("staging", 256 << 20).unwrap(),
        }
    }

    /// Loads and looks at the result; then everything is gone.
    pub(crate) fn load<R>(
        &mut self,
        path: &Path,
        limits: LoadLimits,
        look: impl FnOnce(Result<Loaded<'_, '_>, AssetError>) -> R,
    ) -> R {
        self.load_any(path, limits, SceneChoice::Usual, look)
    }

    /// Loads one of a file's scenes and looks at the result.
    pub(crate) fn load_scene<R>(
        &mut self,
        path: &Path,
        scene: SceneChoice<'_>,
        look: impl FnOnce(Result<Loaded<'_, '_>, AssetError>) -> R,
    ) -> R {
        self.load_any(path, LoadLimits::default(), scene, look)
    }

    fn load_any<R>(
        &mut self,
        path: &Path,
        limits: LoadLimits,
        choice: SceneChoice<'_>,
        look: impl FnOnce(Result<Loaded<'_, '_>, AssetError>) -> R,
    ) -> R {
        let (scene, staging) = (self.scene.open(), self.staging.open());
        let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 128 << 20);
        let progress = Progress::new();
        let mut loading = Loading { limits, scene: choice, ..Loading::new(&mut uploads, &progress) };
        match gltf::load(path, &scene, &mut loading) {
            Ok(loaded) => look(Ok(Loaded { scene: loaded, uploads: &uploads, memory: &scene, progress: &progress })),
            Err(error) => look(Err(error)),
        }
    }
}

/// Loads with limits of the test's own and looks at the result.
pub(crate) fn load_with<R>(
    path: &Path,
    limits: LoadLimits,
    look: impl FnOnce(Result<Loaded<'_, '_>, AssetError>) -> R,
) -> R {
    Memory::reserve().load(path, limits, look)
}

/// Loads with the default limits and looks at the result.
pub(crate) fn load<R>(path: &Path, look: impl FnOnce(Result<Loaded<'_, '_>, AssetError>) -> R) -> R {
    load_with(path, LoadLimits::default(), look)
}

/// Loads what must not load.
pub(crate) fn fail(path: &Path) -> AssetError {
    load(path, |loaded| match loaded {
        Ok(_) => panic!("{} loaded", path.display()),
        Err(error) => error,
    })
}
