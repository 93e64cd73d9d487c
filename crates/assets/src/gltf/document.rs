//! The document: telling .gltf from .glb, reading its JSON and refusing what this loader can't show.
//!
//! # Invariants
//! 1. The parsed JSON is on the Rust heap under `Tag::FOREIGN`, from `open` until the load that
//!    called it returns.
//! 2. The text is bounded before it is read and its objects and values are counted before it is parsed: parsed, they cost
//!    far more than their text.
//!
//! # Deliberately absent
//! The gltf crate's own `validate`: it indexes accessors unchecked, and its messages have no numbers. Every reference is
//! checked where it is followed.

use std::fs::File;
use std::path::Path;

use ::gltf::json;
use voltrum_memory::{Scope, Tag, heap_scope};

use super::source::Chunk;
use crate::fault::Fault;
use crate::file::{open_file, read_at};
use crate::words::{Words, shown, words};
use crate::{AssetError, LoadLimits, Progress};

/// Extensions that a file may require. Quantised attributes are ordinary accessors here.
pub(crate) const EXTENSIONS: [&str; 13] = [
    "EXT_mesh_gpu_instancing",
    "EXT_meshopt_compression",
    "KHR_lights_punctual",
    "KHR_materials_clearcoat",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_unlit",
    "KHR_materials_variants",
    "KHR_mesh_quantization",
    "KHR_texture_basisu",
    "KHR_texture_transform",
];

/// A document that has been read: its JSON, its file, and the binary chunk in that file.
pub(crate) struct Opened {
    pub(crate) root: json::Root,
    pub(crate) file: File,
    pub(crate) chunk: Option<Chunk>,
}

/// Reads the document of `path`. Its text lies in `scratch` only meanwhile.
pub(crate) fn open(
    path: &Path,
    limits: &LoadLimits,
    progress: &Progress,
    scratch: &mut Scope<'_>,
) -> Result<Opened, AssetError> {
    let (mut file, file_bytes) = open_file(path)?;
    if file_bytes == 0 {
        return Err(Fault::Empty.into());
    }
    let mut head = [0; 12];
    let head = head.get_mut(..file_bytes.min(12) as usize).unwrap_or_default();
    read_at(&mut file, 0, head).map_err(|error| AssetError::io(path, error))?;
    let (json, chunk) = if head.starts_with(b"glTF") {
        chunks(file_bytes, |at, out| read_at(&mut file, at, out).map_err(|error| AssetError::io(path, error)))?
    } else {
        let whole = Chunk { offset: 0, length: file_bytes };
        (whole, None)
    };
    if json.length > limits.json_bytes_max {
        return Err(AssetError::limit("bytes of JSON", json.length, limits.json_bytes_max, "json_bytes_max"));
    }
    progress.expect_bytes(json.length);
    let temp = scratch.temp();
    let text = temp.tagged(Tag::STAGING).try_alloc_zeroed::<u8>(json.length as usize)?;
    read_at(&mut file, json.offset, text).map_err(|error| AssetError::io(path, error))?;
    let root = parse(text, limits)?;
    drop(temp);
    progress.advance(json.length)?;
    accept(&root)?;
    Ok(Opened { root, file, chunk })
}

/// Checks a document that is in memory as a whole, without its buffers and images.
pub(crate) fn check(bytes: &[u8], limits: &LoadLimits) -> Result<json::Root, AssetError> {
    if bytes.is_empty() {
        return Err(Fault::Empty.into());
    }
    let part = |at: u64, length: u64| {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        bytes.get(start..end).unwrap_or_default()
    };
    let text = if bytes.starts_with(b"glTF") {
        let (json, _) = chunks(bytes.len() as u64, |at, out| {
            out.copy_from_slice(part(at, out.len() as u64));
            Ok(())
        })?;
        part(json.offset, json.length)
    } else {
        bytes
    };
    let root = parse(text, limits)?;
    accept(&root)?;
    Ok(root)
}

/// The JSON chunk and the binary chunk of a .glb (glTF 2.0, 4).
fn chunks(
    file_bytes: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> Result<(), AssetError>,
) -> Result<(Chunk, Option<Chunk>), AssetError> {
    let truncated = |what, needs| AssetError::from(Fault::Truncated { what, has: file_bytes, needs });
    let mut word = |at: u64| -> Result<u32, AssetError> {
        let mut bytes = [0; 4];
        if at + 4 > file_bytes {
            return Err(truncated("the header of a .glb", at + 4));
        }
        read(at, &mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    };
    let version = word(4)?;
    if version != 2 {
        return Err(Fault::Version { version: words(version) }.into());
    }
    let total = u64::from(word(8)?);
    if total > file_bytes {
        return Err(truncated("this .glb", total));
    }
    let mut at = 12;
    let mut found: [Option<Chunk>; 2] = [None; 2];
    // Two chunks are defined; clients must ignore others (glTF 2.0, 4.4.3.1), and nothing is behind the second.
    for (slot, magic, what) in [(0, *b"JSON", "the JSON chunk"), (1, *b"BIN\0", "the binary chunk")] {
        if at + 8 > total {
            break;
        }
        let length = u64::from(word(at)?);
        let kind = word(at + 4)?;
        if kind != u32::from_le_bytes(magic) {
            break;
        }
        let end = at + 8 + length;
        if end > total {
            return Err(truncated(what, end));
        }
        if let Some(chunk) = found.get_mut(slot) {
            *chunk = Some(Chunk { offset: at + 8, length });
        }
        at = end.next_multiple_of(4);
    }
    match found {
        [Some(json), binary] => Ok((json, binary)),
        [None, _] => Err(Fault::NotGltf { reason: "its first chunk is not JSON" }.into()),
    }
}

fn parse(text: &[u8], limits: &LoadLimits) -> Result<json::Root, AssetError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let end = text.iter().rposition(|&byte| byte != 0).map_or(0, |at| at + 1);
    let text = text.get(..end).unwrap_or_default();
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[') => {
            return Err(Fault::NotGltf { reason: "it is JSON, but not an object" }.into());
        }
        _ => {
            return Err(Fault::NotGltf { reason: "it has neither the mark of a .glb nor a JSON object" }.into());
        }
    }
    for (mark, what, limit, option) in [
        (b'{', "JSON objects", limits.json_objects_max, "json_objects_max"),
        (b',', "commas in its JSON", limits.json_commas_max, "json_commas_max"),
    ] {
        let count = text.iter().filter(|&&byte| byte == mark).count() as u64;
        if count > limit {
            return Err(AssetError::limit(what, count, limit, option));
        }
    }
    let _foreign = heap_scope(Tag::FOREIGN);
    match json::deserialize::from_slice::<json::Root>(text) {
        Ok(root) => Ok(root),
        Err(error) if error.is_data() && !has_asset(text) => {
            Err(Fault::NotGltf { reason: "it is JSON without an \"asset\" object" }.into())
        }
        Err(error) => {
            Err(Fault::Json { line: error.line(), column: error.column(), message: parser_words(&error) }.into())
        }
    }
}

/// The parser's words without the place, which the message has already.
fn parser_words(error: &json::Error) -> Words {
    let text = words(error);
    match text.rfind(" at line ") {
        Some(end) => shown(text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn has_asset(text: &[u8]) -> bool {
    text.windows(7).any(|part| part == b"\"asset\"")
}

/// Refuses documents that this loader would show wrong.
fn accept(root: &json::Root) -> Result<(), AssetError> {
    let version = root.asset.version.as_str();
    let needs = root.asset.min_version.as_deref().unwrap_or("2.0");
    for version in [version, needs] {
        if version.split('.').next() != Some("2") {
            return Err(Fault::Version { version: shown(version) }.into());
        }
    }
    for name in &root.extensions_required {
        if !EXTENSIONS.contains(&name.as_str()) {
            return Err(Fault::Extension { name: shown(name) }.into());
        }
    }
    Ok(())
}
