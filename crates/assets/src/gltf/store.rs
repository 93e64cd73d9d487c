//! Where the parts of a scene that stay are put: a child of the scene arena, as large as the document can need.
//!
//! # Invariants
//! 1. Everything handed out lies in the scene arena's own address range and lives as long as the scene.
//! 2. Names are at most [`NAME_BYTES_MAX`] long and hold no control characters: they go to terminals and status lines.

use core::fmt::{self, Write};

use ::gltf::json;
use voltrum_memory::{MemoryError, Scope, Tag, Tagged};

use super::cameras::light_values;
use super::nodes::targets;
use super::variants::{names_max, variants_max};
use crate::LoadLimits;
use crate::staged::{
    StagedCamera, StagedCounts, StagedImage, StagedLight, StagedMaterial, StagedMesh, StagedNode, StagedPrimitive,
    StagedSource, StagedTexture, StagedVariant,
};

/// The longest name that is kept.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// The longest note that is kept.
const NOTE_BYTES_MAX: usize = 320;

/// Memory for what stays, and the notes.
pub(crate) struct Store<'s> {
    memory: Tagged<'s>,
    notes: &'s mut [&'s str],
    notes_len: usize,
    notes_dropped: u64,
    /// How much there is of what.
    pub(crate) counts: StagedCounts,
}

impl<'s> Store<'s> {
    /// Carves the memory out of the scene arena. `I` and `B` are the names of images and buffers.
    pub(crate) fn carve<I, B>(root: &json::Root, limits: &LoadLimits, scene: &Scope<'s>) -> Result<Self, MemoryError> {
        let bytes = room::<I, B>(root, limits);
        let memory = scene.try_child("model", bytes)?.into_tagged(Tag::SCENE);
        let notes = memory.try_alloc_slice_fill_with(limits.notes_max as usize + 1, |_| "")?;
        Ok(Self { memory, notes, notes_len: 0, notes_dropped: 0, counts: StagedCounts::default() })
    }

    /// The memory, charged to `tag`.
    pub(crate) fn tagged(&self, tag: Tag) -> Tagged<'s> {
        self.memory.with_tag(tag)
    }

    /// Keeps a name, cleaned and cut.
    pub(crate) fn name(&self, tag: Tag, name: Option<&str>) -> Result<&'s str, MemoryError> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Ok("");
        };
        let mut line = Line::<NAME_BYTES_MAX>::new();
        // A full line drops the rest, which is what is wanted.
        let _ = line.write_str(name);
        Ok(self.tagged(tag).try_alloc_str(line.as_str())?)
    }

    /// Keeps a note for the user, unless there are too many or the same one is there.
    pub(crate) fn note(&mut self, note: core::fmt::Arguments<'_>) -> Result<(), MemoryError> {
        let room = self.notes.len().saturating_sub(1);
        if self.notes_len >= room {
            self.notes_dropped += 1;
            return Ok(());
        }
        let mut line = Line::<NOTE_BYTES_MAX>::new();
        let _ = line.write_fmt(note);
        let known = self.notes.get(..self.notes_len).unwrap_or_default();
        if known.contains(&line.as_str()) {
            return Ok(());
        }
        let text: &'s str = self.memory.try_alloc_str(line.as_str())?;
        if let Some(slot) = self.notes.get_mut(self.notes_len) {
            *slot = text;
            self.notes_len += 1;
        }
        Ok(())
    }

    /// All notes, with a last one about those that there was no place for.
    pub(crate) fn into_notes(self) -> Result<&'s [&'s str], MemoryError> {
        let Self { memory, notes, mut notes_len, notes_dropped, .. } = self;
        if notes_dropped > 0 {
            let text = memory.try_alloc_fmt(format_args!("{notes_dropped} more notes were left out"))?;
            if let Some(slot) = notes.get_mut(notes_len) {
                *slot = text;
                notes_len += 1;
            }
        }
        let notes: &'s [&'s str] = notes;
        Ok(notes.get(..notes_len).unwrap_or_default())
    }
}

/// A line of text of at most `N` bytes without control characters.
struct Line<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Line<N> {
    fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl<const N: usize> Write for Line<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            let c = if c.is_control() { '?' } else { c };
            let end = self.length + c.len_utf8();
            let place = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
            c.encode_utf8(place);
            self.length = end;
        }
        Ok(())
    }
}

/// The most that a document's parts can take, from its own counts; address space, committed as it is used.
fn room<I, B>(root: &json::Root, limits: &LoadLimits) -> usize {
    fn slots<T>(count: usize) -> usize {
        count.saturating_mul(size_of::<T>() + 8)
    }
    fn named(name: Option<&str>) -> usize {
        name.map_or(0, |name| name.len().min(NAME_BYTES_MAX) + 8)
    }
    fn file(uri: Option<&str>) -> usize {
        uri.filter(|uri| !uri.starts_with("data:")).map_or(0, |uri| uri.len() + 8)
    }
    let primitives: usize = root.meshes.iter().map(|mesh| mesh.primitives.len()).sum();
    let names = [
        root.nodes.iter().map(|node| named(node.name.as_deref())).sum::<usize>(),
        root.meshes.iter().map(|mesh| named(mesh.name.as_deref())).sum(),
        root.materials.iter().map(|material| named(material.name.as_deref())).sum(),
        root.cameras.iter().map(|camera| named(camera.name.as_deref())).sum(),
        root.images.iter().map(|image| 2 * named(image.name.as_deref()).max(named(image.uri.as_deref()))).sum(),
        root.scenes.iter().map(|scene| 2 * named(scene.name.as_deref())).sum(),
        root.buffers.iter().map(|buffer| file(buffer.uri.as_deref())).sum(),
        root.images.iter().map(|image| file(image.uri.as_deref())).sum(),
        light_values(root).iter().map(|light| named(light.get("name").and_then(json::Value::as_str))).sum(),
        names_max(root).iter().map(|variant| named(variant.get("name").and_then(json::Value::as_str))).sum(),
    ];
    let slots = [
        // Instances are checked once there are notes to write; address space is all that a wrong count costs.
        slots::<StagedNode<'_>>(root.nodes.len().saturating_add(instances_max(root, limits))),
        root.nodes.iter().fold(0, |sum: usize, node| sum.saturating_add(weights_max(root, node))),
        slots::<StagedLight<'_>>(light_values(root).len()),
        slots::<&str>(root.scenes.len() + names_max(root).len()),
        slots::<StagedVariant>(variants_max(root)),
        slots::<StagedMesh<'_>>(root.meshes.len()),
        slots::<StagedPrimitive<B>>(primitives),
        slots::<StagedMaterial<'_>>(root.materials.len()),
        slots::<StagedTexture>(root.textures.len() * 2),
        slots::<StagedImage<'_, I>>(root.images.len() * 2),
        slots::<StagedCamera<'_>>(root.cameras.len()),
        slots::<StagedSource<'_>>(root.buffers.len() + root.images.len() + 1),
        (limits.notes_max as usize + 2).saturating_mul(2 * NOTE_BYTES_MAX),
    ];
    let total = names.iter().chain(&slots).fold(0_usize, |sum, part| sum.saturating_add(*part));
    total.saturating_add(16 * 1024)
}

fn instances_max(root: &json::Root, limits: &LoadLimits) -> usize {
    let count = |node: &json::Node| {
        let attributes =
            node.extensions.as_ref()?.others.get("EXT_mesh_gpu_instancing")?.get("attributes")?.as_object()?;
        let counts = attributes.values().filter_map(|index| root.accessors.get(index.as_u64()? as usize));
        counts.map(|accessor| accessor.count.0).max()
    };
    let total = root.nodes.iter().filter_map(count).fold(0_u64, u64::saturating_add);
    total.min(u64::from(limits.nodes_max)) as usize
}

fn weights_max(root: &json::Root, node: &json::Node) -> usize {
    let mesh = node.mesh.and_then(|mesh| root.meshes.get(mesh.value()));
    mesh.map_or(0, |mesh| targets(mesh).saturating_mul(size_of::<f32>()) + 8)
}
