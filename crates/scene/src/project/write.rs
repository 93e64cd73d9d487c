//! A project document as text: the same document gives the same bytes, and each entity has a line of its own.
//!
//! # Invariants
//! 1. What is written can be read again under the same limits; what couldn't is refused before it replaces anything.
//! 2. Known fields come first, in one order; then those that were kept, in theirs.

use core::fmt::{self, Write};
use std::path::Path;

use glam::{Quat, Vec3};
use voltrum_assets::Lens;

use voltrum_assets::words::{shown_path, words};

use super::document::{Document, EntityEntry, FileEntry, SCHEMA, UnknownField, View};
use super::error::ProjectError;
use super::key::EntityKey;
use super::limits::ProjectLimits;
use super::reference::check_reference;
use crate::components::Camera;
use crate::light::{Light, LightKind};
use crate::transform::Local;

/// Writes a document, piece by piece, into `sink`; `path` is for messages only.
///
/// # Errors
/// [`ProjectError::Unsavable`], [`ProjectError::Limit`] and [`ProjectError::Reference`] for what couldn't be read again;
/// what `sink` says. Some of the text may have been written then.
pub fn write(
    document: &Document<'_>,
    path: &Path,
    limits: &ProjectLimits,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ProjectError>,
) -> Result<(), ProjectError> {
    check(document, path, limits)?;
    let mut out = Out { sink, failure: None };
    match write_document(&mut out, document) {
        Ok(()) => Ok(()),
        // `fmt` has no room for reasons; without one it was a formatter that gave up, and none of these does
        Err(fmt::Error) => out.failure.map_or(Ok(()), Err),
    }
}

/// What a reader would refuse.
fn check(document: &Document<'_>, path: &Path, limits: &ProjectLimits) -> Result<(), ProjectError> {
    let count = document.entities.len().max(document.removed.len()).max(document.files.len());
    if count > limits.entries_max {
        let (path, count, limit) = (shown_path(path), count as u64, limits.entries_max as u64);
        return Err(ProjectError::Limit { path, what: "entries", count, limit, option: "entries_max" });
    }
    for file in document.files {
        let too_long = (file.path.len() > limits.name_bytes_max).then_some("it is longer than `name_bytes_max`");
        if let Some(reason) = too_long.or(check_reference(file.path).err()) {
            return Err(ProjectError::Reference { path: shown_path(path), file: words(file.path), reason });
        }
    }
    for entity in document.entities {
        let wrong = if entity.name.is_some_and(|name| name.len() > limits.name_bytes_max) {
            "a name longer than `name_bytes_max`"
        } else if !is_finite(entity) {
            "a number that isn't finite"
        } else {
            continue;
        };
        return Err(ProjectError::Unsavable { path: shown_path(path), key: entity.key, what: wrong });
    }
    Ok(())
}

fn is_finite(entity: &EntityEntry<'_>) -> bool {
    let local = match entity.local {
        Some(Local::Parts(parts)) => {
            parts.translation.is_finite() && parts.rotation.is_finite() && parts.scale.is_finite()
        }
        Some(Local::Matrix(matrix)) => matrix.is_finite(),
        None => true,
    };
    let camera = entity.camera.flatten().is_none_or(|camera| match camera.lens {
        Lens::Perspective { fov_y, aspect, near, far } => {
            [fov_y, aspect.unwrap_or(0.0), near, far.unwrap_or(0.0)].iter().all(|number| number.is_finite())
        }
        Lens::Orthographic { half_width, half_height, near, far } => {
            [half_width, half_height, near, far].iter().all(|number| number.is_finite())
        }
    });
    let light = entity.light.flatten().is_none_or(|light| {
        let [inner, outer] = match light.kind {
            LightKind::Spot { inner, outer } => [inner, outer],
            _ => [0.0; 2],
        };
        let [red, green, blue] = light.color;
        let numbers = [red, green, blue, light.intensity, light.range.unwrap_or(0.0), inner, outer];
        numbers.iter().all(|number| number.is_finite())
    });
    local && camera && light
}

struct Out<'x> {
    sink: &'x mut dyn FnMut(&[u8]) -> Result<(), ProjectError>,
    failure: Option<ProjectError>,
}

impl Write for Out<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        (self.sink)(text.as_bytes()).map_err(|error| {
            self.failure = Some(error);
            fmt::Error
        })
    }
}

fn write_document(out: &mut Out<'_>, document: &Document<'_>) -> fmt::Result {
    write!(out, "{{\n  \"schema\": {SCHEMA},\n  \"next_id\": {}", document.next_number)?;
    write_list(out, "files", document.files, write_file)?;
    write_list(out, "entities", document.entities, write_entity)?;
    write_list(out, "removed", document.removed, |out, key| write!(out, "\"{key}\""))?;
    out.write_str(",\n  \"view\": ")?;
    write_view(out, &document.view)?;
    for field in document.unknown {
        write!(out, ",\n  {}: {}", Text(field.name), field.value)?;
    }
    out.write_str("\n}\n")
}

fn write_list<T>(
    out: &mut Out<'_>,
    name: &str,
    list: &[T],
    mut each: impl FnMut(&mut Out<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    write!(out, ",\n  \"{name}\": [")?;
    for (at, element) in list.iter().enumerate() {
        out.write_str(if at == 0 { "\n    " } else { ",\n    " })?;
        each(out, element)?;
    }
    out.write_str(if list.is_empty() { "]" } else { "\n  ]" })
}

fn write_file(out: &mut Out<'_>, file: &FileEntry<'_>) -> fmt::Result {
    write!(out, "{{ \"id\": {}, \"path\": {}", file.id, Text(file.path))?;
    if let Some(scene) = file.scene {
        write!(out, ", \"scene\": {scene}")?;
    }
    write_unknown(out, file.unknown)?;
    out.write_str(" }")
}

fn write_entity(out: &mut Out<'_>, entity: &EntityEntry<'_>) -> fmt::Result {
    let is_node = entity.key.file().is_some();
    write!(out, "{{ \"id\": {}", Key(entity.key))?;
    if let Some(name) = entity.name {
        write!(out, ", \"name\": {}", Text(name))?;
    }
    if let Some(place) = entity.place {
        match place.parent {
            Some(parent) => write!(out, ", \"parent\": {}", Key(parent))?,
            None if is_node => out.write_str(", \"parent\": null")?,
            None => {}
        }
        if let Some(before) = place.before {
            write!(out, ", \"before\": {}", Key(before))?;
        }
    }
    match entity.local {
        Some(Local::Parts(parts)) => {
            // a node's place is told even where it is the origin, because without it the file's would hold
            if is_node || !is_same(&parts.translation.to_array(), &Vec3::ZERO.to_array()) {
                write!(out, ", \"translation\": {}", Numbers(&parts.translation.to_array()))?;
            }
            if !is_same(&parts.rotation.to_array(), &Quat::IDENTITY.to_array()) {
                write!(out, ", \"rotation\": {}", Numbers(&parts.rotation.to_array()))?;
            }
            if !is_same(&parts.scale.to_array(), &Vec3::ONE.to_array()) {
                write!(out, ", \"scale\": {}", Numbers(&parts.scale.to_array()))?;
            }
        }
        Some(Local::Matrix(matrix)) => write!(out, ", \"matrix\": {}", Numbers(&matrix.to_cols_array()))?,
        None => {}
    }
    if let Some(visible) = entity.visible {
        write!(out, ", \"visible\": {visible}")?;
    }
    match entity.mesh {
        Some(Some(mesh)) => write!(out, ", \"mesh\": \"{mesh}\"")?,
        Some(None) => out.write_str(", \"mesh\": null")?,
        None => {}
    }
    match entity.camera {
        Some(Some(camera)) => write_camera(out, &camera, entity.camera_unknown)?,
        Some(None) => out.write_str(", \"camera\": null")?,
        None => {}
    }
    match entity.light {
        Some(Some(light)) => write_light(out, &light, entity.light_unknown)?,
        Some(None) => out.write_str(", \"light\": null")?,
        None => {}
    }
    for (at, component) in entity.components.iter().enumerate() {
        out.write_str(if at == 0 { ", \"components\": { " } else { ", " })?;
        write!(out, "{}: \"", Text(component.column))?;
        component.bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
        out.write_str("\"")?;
    }
    if !entity.components.is_empty() {
        out.write_str(" }")?;
    }
    write_unknown(out, entity.unknown)?;
    out.write_str(" }")
}

fn write_camera(out: &mut Out<'_>, camera: &Camera, unknown: &[UnknownField<'_>]) -> fmt::Result {
    match camera.lens {
        Lens::Perspective { fov_y, aspect, near, far } => {
            write!(out, ", \"camera\": {{ \"kind\": \"perspective\", \"fov_y\": {fov_y:?}")?;
            aspect.map_or(Ok(()), |aspect| write!(out, ", \"aspect\": {aspect:?}"))?;
            write!(out, ", \"near\": {near:?}")?;
            far.map_or(Ok(()), |far| write!(out, ", \"far\": {far:?}"))?;
        }
        Lens::Orthographic { half_width, half_height, near, far } => write!(
            out,
            ", \"camera\": {{ \"kind\": \"orthographic\", \"half_width\": {half_width:?}, \
             \"half_height\": {half_height:?}, \"near\": {near:?}, \"far\": {far:?}"
        )?,
    }
    write_unknown(out, unknown)?;
    out.write_str(" }")
}

fn write_light(out: &mut Out<'_>, light: &Light, unknown: &[UnknownField<'_>]) -> fmt::Result {
    let kind = match light.kind {
        LightKind::Directional => "directional",
        LightKind::Point => "point",
        LightKind::Spot { .. } => "spot",
    };
    write!(out, ", \"light\": {{ \"kind\": \"{kind}\", \"color\": {}", Numbers(&light.color))?;
    write!(out, ", \"intensity\": {:?}", light.intensity)?;
    light.range.map_or(Ok(()), |range| write!(out, ", \"range\": {range:?}"))?;
    if let LightKind::Spot { inner, outer } = light.kind {
        write!(out, ", \"inner\": {inner:?}, \"outer\": {outer:?}")?;
    }
    write_unknown(out, unknown)?;
    out.write_str(" }")
}

fn write_view(out: &mut Out<'_>, view: &View<'_>) -> fmt::Result {
    let finite = |place: Option<Vec3>| place.filter(|place| place.is_finite());
    let mut between = "{ ";
    let mut field = |out: &mut Out<'_>, name: &str, value: fmt::Arguments<'_>| {
        let before = core::mem::replace(&mut between, ", ");
        write!(out, "{before}{}: {value}", Text(name))
    };
    if let Some(eye) = finite(view.eye) {
        field(out, "eye", format_args!("{}", Numbers(&eye.to_array())))?;
    }
    if let Some(target) = finite(view.target) {
        field(out, "target", format_args!("{}", Numbers(&target.to_array())))?;
    }
    if let Some(camera) = view.camera {
        field(out, "camera", format_args!("{}", Key(camera)))?;
    }
    if let Some(grid) = view.grid {
        field(out, "grid", format_args!("{grid}"))?;
    }
    for unknown in view.unknown {
        field(out, unknown.name, format_args!("{}", unknown.value))?;
    }
    out.write_str(if between == "{ " { "{}" } else { " }" })
}

fn write_unknown(out: &mut Out<'_>, fields: &[UnknownField<'_>]) -> fmt::Result {
    fields.iter().try_for_each(|field| write!(out, ", {}: {}", Text(field.name), field.value))
}

/// Bit for bit: -0 is not 0, because what is saved comes back as it was.
fn is_same(one: &[f32], other: &[f32]) -> bool {
    one.iter().map(|number| number.to_bits()).eq(other.iter().map(|number| number.to_bits()))
}

/// A key: a number for the project's own, a text for a file's node.
struct Key(EntityKey);

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.file() {
            Some(_) => write!(out, "\"{}\"", self.0),
            None => write!(out, "{}", self.0),
        }
    }
}

/// Numbers in their shortest form that reads back the same.
struct Numbers<'n>(&'n [f32]);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.0.iter().enumerate() {
            write!(out, "{}{number:?}", if at == 0 { "[" } else { ", " })?;
        }
        out.write_str("]")
    }
}

/// A text between quotes, escaped as RFC 8259 (section 7) asks.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        let mut rest = self.0;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, from) = rest.split_at(at);
            out.write_str(plain)?;
            let mut chars = from.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => write!(out, "\\{c}")?,
                Some('\n') => out.write_str("\\n")?,
                Some('\t') => out.write_str("\\t")?,
                Some(c) => write!(out, "\\u{:04x}", c as u32)?,
                None => {}
            }
            rest = chars.as_str();
        }
        out.write_str(rest)?;
        out.write_char('"')
    }
}
