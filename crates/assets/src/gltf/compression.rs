//! Buffer views with EXT_meshopt_compression, checked: which bytes they are packed in, and how.

use ::gltf::json::{self, Value};

use crate::fault::{Fault, Place};
use crate::meshopt::{Filter, Mode, Shape};

const MESHOPT: &str = "EXT_meshopt_compression";

/// A view that is packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed {
    pub(crate) place: Place,
    pub(crate) buffer: usize,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) shape: Shape,
}

fn object(view: &json::buffer::View) -> Option<&Value> {
    view.extensions.as_ref()?.others.get(MESHOPT)
}

/// Whether any view is packed.
pub(crate) fn is_used(root: &json::Root) -> bool {
    root.buffer_views.iter().any(|view| object(view).is_some())
}

/// Whether a view is packed.
pub(crate) fn is_packed(view: &json::buffer::View) -> bool {
    object(view).is_some()
}

/// Whether a buffer only stands for what packed views become: nothing else may refer to it.
pub(crate) fn is_fallback(root: &json::Root, index: usize) -> bool {
    let value = root.buffers.get(index).and_then(|buffer| buffer.extensions.as_ref()?.others.get(MESHOPT));
    if value.and_then(|value| value.get("fallback")).and_then(Value::as_bool) == Some(true) {
        return true;
    }
    let mut views = root.buffer_views.iter().filter(|view| view.buffer.value() == index).peekable();
    let is_source = |view: &json::buffer::View| {
        object(view).and_then(|object| object.get("buffer")).and_then(Value::as_u64) == Some(index as u64)
    };
    views.peek().is_some() && views.all(is_packed) && !root.buffer_views.iter().any(is_source)
}

/// How a view is packed, if it is.
pub(crate) fn packed(root: &json::Root, index: usize) -> Result<Option<Packed>, Fault> {
    let Some(view) = root.buffer_views.get(index) else {
        return Ok(None);
    };
    let Some(value) = object(view) else {
        return Ok(None);
    };
    let place = Place::new("bufferView", index);
    let invalid = |problem| Fault::Invalid { place, problem };
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    let (Some(buffer), Some(length), Some(stride), Some(count)) =
        (number("buffer"), number("byteLength"), number("byteStride"), number("count"))
    else {
        return Err(invalid("is compressed, but not all of buffer, byteLength, byteStride and count are numbers"));
    };
    let mode = match value.get("mode").and_then(Value::as_str) {
        Some("ATTRIBUTES") => Mode::Attributes,
        Some("TRIANGLES") => Mode::Triangles,
        Some("INDICES") => Mode::Indices,
        _ => return Err(invalid("is compressed in an unknown mode")),
    };
    let filter = match value.get("filter").map(Value::as_str) {
        None | Some(Some("NONE")) => Filter::None,
        Some(Some("OCTAHEDRAL")) => Filter::Octahedral,
        Some(Some("QUATERNION")) => Filter::Quaternion,
        Some(Some("EXPONENTIAL")) => Filter::Exponential,
        Some(_) => return Err(invalid("is compressed with an unknown filter")),
    };
    if stride > 256 || count.checked_mul(stride) != Some(view.byte_length.0) {
        return Err(invalid("is compressed with a count and a stride that are not its length"));
    }
    let shape = Shape { count: count as usize, stride: stride as usize, mode, filter };
    shape.check().map_err(invalid)?;
    let offset = number("byteOffset").unwrap_or(0);
    let whole = root.buffers.get(buffer as usize).ok_or(Fault::Reference {
        from: place,
        to: "buffer",
        index: buffer,
        count: root.buffers.len() as u64,
    })?;
    let end = offset.checked_add(length);
    if end.is_none_or(|end| end > whole.byte_length.0) {
        return Err(Fault::Range {
            inner: place,
            outer: Place::new("buffer", buffer as usize),
            end: end.unwrap_or(u64::MAX),
            length: whole.byte_length.0,
        });
    }
    Ok(Some(Packed { place, buffer: buffer as usize, offset, length, shape }))
}
