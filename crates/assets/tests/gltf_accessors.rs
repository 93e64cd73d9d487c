//! Accessors of every kind: each component type, as numbers or normalised, tightly or interleaved, whole or sparse.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

mod model;

use model::{FLOAT, Memory, Model, U8, U16, U32};
use serde_json::json;
use voltrum_assets::LoadLimits;

const I8: u32 = 5120;
const I16: u32 = 5122;

/// More than one block of elements that lie 24 bytes apart.
const COUNT: usize = 1_500;
/// Bytes between elements where they are interleaved: room for three floats, and others beside them.
const STRIDE: usize = 24;
const LANES: usize = 3;

/// Where an accessor's elements come from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kept {
    Whole,
    /// Some are replaced by those of another place.
    Sparse,
    /// Some are told, the others are zeros.
    SparseAlone,
}

/// A component's bytes, and what it says.
fn component(kind: u32, normalized: bool, seed: usize) -> (Vec<u8>, f32) {
    let wild = seed.wrapping_mul(2_654_435_761) >> 3;
    let (bytes, value, most) = match kind {
        I8 => ((wild as i8).to_le_bytes().to_vec(), f32::from(wild as i8), 127.0),
        U8 => ((wild as u8).to_le_bytes().to_vec(), f32::from(wild as u8), 255.0),
        I16 => ((wild as i16).to_le_bytes().to_vec(), f32::from(wild as i16), 32_767.0),
        U16 => ((wild as u16).to_le_bytes().to_vec(), f32::from(wild as u16), 65_535.0),
        _ => {
            let value = (wild % 10_000) as f32 * 0.37 - 1_000.0;
            (value.to_le_bytes().to_vec(), value, 1.0)
        }
    };
    // glTF 2.0, 3.11: the lowest of the signed ones is -1, too
    (bytes, if normalized { (value / most).max(-1.0) } else { value })
}

/// Elements of three components, padded to a distance, and what they say.
fn elements(kind: u32, normalized: bool, stride: usize, count: usize, seed: usize) -> (Vec<u8>, Vec<[f32; LANES]>) {
    let (mut bytes, mut values) = (Vec::new(), Vec::new());
    for element in 0..count {
        let mut value = [0.0; LANES];
        for (lane, value) in value.iter_mut().enumerate() {
            let (part, says) = component(kind, normalized, seed + element * LANES + lane);
            bytes.extend(part);
            *value = says;
        }
        values.push(value);
        // what lies beside them is nobody's
        bytes.resize((element + 1) * stride, 0xa5);
    }
    (bytes, values)
}

/// Positions of one kind in a model, and what they say.
fn positions(kind: u32, normalized: bool, interleaved: bool, kept: Kept, sparse_kind: u32) -> (Model, Vec<[f32; 3]>) {
    let size = component(kind, false, 0).0.len();
    let stride = if interleaved { STRIDE } else { (size * LANES).next_multiple_of(4) };
    let mut model = Model::empty();
    let (bytes, mut values) = elements(kind, normalized, stride, COUNT, 1);
    let view = model.view(&bytes);
    model.json["bufferViews"][view]["byteStride"] = json!(stride);
    model.json["accessors"] = json!([{ "bufferView": view, "componentType": kind, "normalized": normalized, "count": COUNT, "type": "VEC3" }]);
    if kept != Kept::Whole {
        if kept == Kept::SparseAlone {
            model.json["accessors"][0].as_object_mut().unwrap().remove("bufferView");
            values.fill([0.0; LANES]);
        }
        // the first, the last of what a byte names, and the last of all where the numbers reach that far
        let last = if sparse_kind == U8 { 200 } else { COUNT as u32 - 1 };
        let places = [0_u32, 7, 199, last];
        let mut indices = Vec::new();
        places.iter().for_each(|place| indices.extend(&place.to_le_bytes()[..component_bytes(sparse_kind)]));
        let (bytes, others) = elements(kind, normalized, size * LANES, places.len(), 77_777);
        let (indices, others_view) = (model.view(&indices), model.view(&bytes));
        model.json["accessors"][0]["sparse"] = json!({ "count": places.len(),
            "indices": { "bufferView": indices, "componentType": sparse_kind },
            "values": { "bufferView": others_view } });
        places.iter().zip(others).for_each(|(place, other)| values[*place as usize] = other);
    }
    model.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
    model.json["meshes"] = json!([{ "primitives": [{ "attributes": { "POSITION": 0 }, "mode": 0 }] }]);
    model.json["nodes"] = json!([{ "mesh": 0 }]);
    model.json["scenes"][0]["nodes"] = json!([0]);
    (model, values)
}

fn component_bytes(kind: u32) -> usize {
    match kind {
        U8 => 1,
        U16 => 2,
        _ => 4,
    }
}

#[test]
fn every_component_type_normalised_interleaved_and_sparse_says_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut memory = Memory::reserve();
    let mut tried = 0;
    for kind in [I8, U8, I16, U16, FLOAT] {
        for normalized in [false, true] {
            if normalized && kind == FLOAT {
                continue;
            }
            for interleaved in [false, true] {
                let kinds = [U8, U16, U32].into_iter();
                let sparse = kinds.flat_map(|kind| [(Kept::Sparse, kind), (Kept::SparseAlone, kind)]);
                for (kept, sparse_kind) in [(Kept::Whole, U8)].into_iter().chain(sparse) {
                    let what = format!("{kind} {normalized} {interleaved} {kept:?} {sparse_kind}");
                    let (model, expected) = positions(kind, normalized, interleaved, kept, sparse_kind);
                    memory.load(&model.write_glb(folder.path()), LoadLimits::default(), |loaded| {
                        let loaded = loaded.unwrap_or_else(|error| panic!("{what}: {error}"));
                        let read: Vec<_> = loaded.vertices(0).iter().map(|vertex| vertex.position).collect();
                        assert_eq!(read.len(), COUNT, "{what}");
                        let wrong = read.iter().zip(&expected).position(|(read, expected)| read != expected);
                        assert_eq!(wrong.map(|at| (at, read[at], expected[at])), None, "{what}");
                    });
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, (4 * 2 + 1) * 2 * 7);
}
