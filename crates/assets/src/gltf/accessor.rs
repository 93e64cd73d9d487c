//! Accessors: which bytes of which buffer are element n, checked once, then read in blocks.
//!
//! # Invariants
//! 1. A [`Span`] lies inside its buffer view and that inside its buffer's `byteLength`; all of it is checked arithmetic in u64.
//! 2. A [`Reader`] reads forward, at most [`BLOCK_BYTES`] at a time, whatever the file says.
//! 3. Sparse positions rise strictly and are smaller than the accessor's count.

use ::gltf::json;
use json::accessor::{ComponentType, Type};
use json::validation::Checked;

use super::compression::is_packed;
use super::source::Sources;
use crate::fault::{Fault, Place};
use crate::{AssetError, LoadLimits};
use voltrum_memory::Tagged;

/// The most bytes that are read from a buffer at once.
pub(crate) const BLOCK_BYTES: usize = 32 * 1024;

/// The largest distance between elements that the format allows (glTF 2.0, 5.11.4).
const STRIDE_MAX: u64 = 252;

/// Elements at a fixed distance inside a buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    buffer: usize,
    offset: u64,
    stride: u64,
}

/// Replacements for some elements.
#[derive(Clone, Copy, Debug)]
struct Sparse {
    count: usize,
    index_component: ComponentType,
    indices: Span,
    values: Span,
}

/// A checked accessor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accessor {
    place: Place,
    pub(crate) count: usize,
    pub(crate) component: ComponentType,
    pub(crate) lanes: usize,
    layout: Layout,
    pub(crate) normalized: bool,
    data: Option<Span>,
    sparse: Option<Sparse>,
}

impl Accessor {
    /// Checks accessor `index`, to which `from` refers.
    pub(crate) fn check(root: &json::Root, limits: &LoadLimits, index: usize, from: Place) -> Result<Self, AssetError> {
        let Some(accessor) = root.accessors.get(index) else {
            return Err(Fault::Reference {
                from,
                to: "accessor",
                index: index as u64,
                count: root.accessors.len() as u64,
            }
            .into());
        };
        let place = Place::new("accessor", index);
        let invalid = |problem| Fault::Invalid { place, problem };
        let Checked::Valid(component) = accessor.component_type else {
            return Err(invalid("has an unknown componentType").into());
        };
        let Checked::Valid(shape) = accessor.type_ else {
            return Err(invalid("has an unknown type").into());
        };
        let (component, lanes) = (component.0, shape.multiplicity());
        let layout = Layout::of(component, shape);
        let element_bytes = layout.bytes as u64;
        let count = accessor.count.0;
        if count > u64::from(limits.vertices_max) {
            return Err(AssetError::limit(
                "vertices or indices in one accessor",
                count,
                u64::from(limits.vertices_max),
                "vertices_max",
            ));
        }
        let data = match accessor.buffer_view {
            Some(view) => Some(Span::check(
                root,
                view.value(),
                accessor.byte_offset.map_or(0, |offset| offset.0),
                element_bytes,
                count,
                place,
                true,
            )?),
            None => None,
        };
        let sparse = match &accessor.sparse {
            Some(sparse) => Some(Sparse::check(root, sparse, element_bytes, count, place)?),
            None => None,
        };
        Ok(Self {
            place,
            count: count as usize,
            component,
            lanes,
            layout,
            normalized: accessor.normalized,
            data,
            sparse,
        })
    }

    /// Bytes of one element.
    pub(crate) fn element_bytes(&self) -> usize {
        self.layout.bytes
    }
}

/// Where the components of an element are: matrices have columns that begin at multiples of four (glTF 2.0, 3.6.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    /// Bytes of an element.
    bytes: usize,
    /// Components of a column.
    rows: usize,
    /// Bytes from one column to the next.
    column_bytes: usize,
}

impl Layout {
    fn of(component: ComponentType, shape: Type) -> Self {
        let (rows, columns) = match shape {
            Type::Mat2 => (2, 2),
            Type::Mat3 => (3, 3),
            Type::Mat4 => (4, 4),
            vector => (vector.multiplicity(), 1),
        };
        let bytes = component.size() * rows;
        let column_bytes = if columns > 1 { bytes.next_multiple_of(4) } else { bytes };
        Self { bytes: column_bytes * columns, rows, column_bytes }
    }
}

impl Span {
    fn check(
        root: &json::Root,
        view_index: usize,
        offset: u64,
        element_bytes: u64,
        count: u64,
        from: Place,
        may_stride: bool,
    ) -> Result<Self, Fault> {
        let view = View::check(root, view_index, from)?;
        let view_place = Place::new("bufferView", view_index);
        let stride = match view.stride {
            None | Some(0) => element_bytes,
            Some(_) if !may_stride => element_bytes,
            Some(stride) if stride > STRIDE_MAX => {
                return Err(Fault::Number {
                    place: view_place,
                    what: "byteStride",
                    value: stride,
                    rule: "at most 252 is allowed",
                });
            }
            Some(stride) if stride < element_bytes => {
                return Err(Fault::Number {
                    place: view_place,
                    what: "byteStride",
                    value: stride,
                    rule: "which is less than one element of its accessor",
                });
            }
            Some(stride) => stride,
        };
        if count > 0 {
            let end = (count - 1)
                .checked_mul(stride)
                .and_then(|last| last.checked_add(element_bytes))
                .and_then(|bytes| bytes.checked_add(offset));
            if end.is_none_or(|end| end > view.length) {
                return Err(Fault::Range {
                    inner: from,
                    outer: view_place,
                    end: end.unwrap_or(u64::MAX),
                    length: view.length,
                });
            }
        }
        Ok(Self { buffer: view.buffer, offset: view.offset + offset.min(view.length), stride })
    }
}

impl Sparse {
    fn check(
        root: &json::Root,
        sparse: &json::accessor::sparse::Sparse,
        element_bytes: u64,
        accessor_count: u64,
        place: Place,
    ) -> Result<Self, Fault> {
        let count = sparse.count.0;
        if count > accessor_count {
            return Err(Fault::Number {
                place,
                what: "a sparse count of",
                value: count,
                rule: "which is more than it has elements",
            });
        }
        let Checked::Valid(component) = sparse.indices.component_type else {
            return Err(Fault::Invalid { place, problem: "has sparse indices of an unknown componentType" });
        };
        Ok(Self {
            count: count as usize,
            index_component: component.0,
            indices: Span::check(
                root,
                sparse.indices.buffer_view.value(),
                sparse.indices.byte_offset.0,
                component.0.size() as u64,
                count,
                place,
                false,
            )?,
            values: Span::check(
                root,
                sparse.values.buffer_view.value(),
                sparse.values.byte_offset.0,
                element_bytes,
                count,
                place,
                false,
            )?,
        })
    }
}

/// A buffer view that lies inside its buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) buffer: usize,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    stride: Option<u64>,
}

impl View {
    /// Checks buffer view `index`, to which `from` refers.
    pub(crate) fn check(root: &json::Root, index: usize, from: Place) -> Result<Self, Fault> {
        let view = root.buffer_views.get(index).ok_or(Fault::Reference {
            from,
            to: "bufferView",
            index: index as u64,
            count: root.buffer_views.len() as u64,
        })?;
        let stride = view.byte_stride.map(|stride| stride.0 as u64);
        if is_packed(view) {
            // The sources keep it unpacked, behind the buffers.
            return Ok(Self { buffer: root.buffers.len() + index, offset: 0, length: view.byte_length.0, stride });
        }
        let place = Place::new("bufferView", index);
        let buffer_index = view.buffer.value();
        let buffer = root.buffers.get(buffer_index).ok_or(Fault::Reference {
            from: place,
            to: "buffer",
            index: buffer_index as u64,
            count: root.buffers.len() as u64,
        })?;
        let offset = view.byte_offset.map_or(0, |offset| offset.0);
        let end = offset.checked_add(view.byte_length.0);
        if end.is_none_or(|end| end > buffer.byte_length.0) {
            return Err(Fault::Range {
                inner: place,
                outer: Place::new("buffer", buffer_index),
                end: end.unwrap_or(u64::MAX),
                length: buffer.byte_length.0,
            });
        }
        Ok(Self { buffer: buffer_index, offset, length: view.byte_length.0, stride })
    }
}

/// Reads an accessor from its first element to its last.
pub(crate) struct Reader<'x> {
    accessor: Accessor,
    next: usize,
    /// The first element in the block, and how many there are.
    first: usize,
    held: usize,
    block: &'x mut [u8],
    sparse_indices: &'x [u32],
    sparse_values: &'x [u8],
    sparse_next: usize,
}

impl<'x> Reader<'x> {
    /// A reader whose block, and the sparse values if there are any, lie in `scratch`.
    pub(crate) fn open(accessor: Accessor, sources: &mut Sources<'_>, scratch: Tagged<'x>) -> Result<Self, AssetError> {
        let (mut sparse_indices, mut sparse_values): (&[u32], &[u8]) = (&[], &[]);
        if let Some(sparse) = accessor.sparse {
            let width = sparse.index_component.size();
            let raw = scratch.try_alloc_zeroed::<u8>(sparse.count * width)?;
            sources.read(sparse.indices.buffer, sparse.indices.offset, raw)?;
            let mut previous = None;
            let indices = scratch.try_alloc_zeroed::<u32>(sparse.count)?;
            for (index, bytes) in indices.iter_mut().zip(raw.chunks_exact(width)) {
                *index = integer(bytes, sparse.index_component);
                if *index as usize >= accessor.count || previous.is_some_and(|previous| previous >= *index) {
                    return Err(Fault::Number {
                        place: accessor.place,
                        what: "a sparse index",
                        value: u64::from(*index),
                        rule: "which does not rise or is past the end",
                    }
                    .into());
                }
                previous = Some(*index);
            }
            let values = scratch.try_alloc_zeroed::<u8>(sparse.count * accessor.element_bytes())?;
            sources.read(sparse.values.buffer, sparse.values.offset, values)?;
            (sparse_indices, sparse_values) = (indices, values);
        }
        let stride = accessor.data.map_or(accessor.element_bytes() as u64, |span| span.stride) as usize;
        let wanted = stride.saturating_mul(accessor.count).clamp(1, BLOCK_BYTES);
        Ok(Self {
            accessor,
            next: 0,
            first: 0,
            held: 0,
            block: scratch.try_alloc_zeroed::<u8>(wanted)?,
            sparse_indices,
            sparse_values,
            sparse_next: 0,
        })
    }

    /// How many elements have been read.
    pub(crate) fn position(&self) -> usize {
        self.next
    }

    /// Reads the next elements as floats into `out`, one per element; lanes that the file hasn't got keep `rest`.
    pub(crate) fn floats<const N: usize>(
        &mut self,
        sources: &mut Sources<'_>,
        rest: [f32; N],
        out: &mut [[f32; N]],
    ) -> Result<(), AssetError> {
        let (component, normalized) = (self.accessor.component, self.accessor.normalized);
        let lanes = self.accessor.lanes.min(N);
        let (width, layout) = (component.size(), self.accessor.layout);
        if component == ComponentType::F32 && lanes == N && layout.rows == N {
            // Most of what a file has; the loop below looks at each component.
            return self.elements(sources, out, |element, bytes| {
                for (lane, bytes) in element.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *lane = f32::from_le_bytes(*bytes);
                }
            });
        }
        self.elements(sources, out, |element, bytes| {
            *element = rest;
            let columns = bytes.chunks_exact(layout.column_bytes.max(1));
            let parts = columns.flat_map(|column| column.chunks_exact(width).take(layout.rows));
            for (lane, bytes) in element.iter_mut().zip(parts).take(lanes) {
                *lane = float(bytes, component, normalized);
            }
        })
    }

    /// Reads the next elements as whole numbers into `out`.
    pub(crate) fn integers(&mut self, sources: &mut Sources<'_>, out: &mut [u32]) -> Result<(), AssetError> {
        let component = self.accessor.component;
        self.elements(sources, out, |element, bytes| *element = integer(bytes, component))
    }

    fn elements<T>(
        &mut self,
        sources: &mut Sources<'_>,
        out: &mut [T],
        convert: impl Fn(&mut T, &[u8]),
    ) -> Result<(), AssetError> {
        let element_bytes = self.accessor.element_bytes();
        let stride = self.accessor.data.map_or(element_bytes, |span| span.stride as usize).max(1);
        let mut out = out;
        while !out.is_empty() {
            if self.next >= self.first + self.held {
                self.fill(sources, stride)?;
            }
            let at = self.next - self.first;
            let count = out.len().min(self.held.saturating_sub(at));
            if count == 0 {
                return Ok(());
            }
            let (now, later) = core::mem::take(&mut out).split_at_mut(count);
            let block = self.block.get(at * stride..).unwrap_or_default();
            for (element, bytes) in now.iter_mut().zip(block.chunks(stride)) {
                convert(element, bytes.get(..element_bytes).unwrap_or_default());
            }
            self.next += count;
            out = later;
        }
        Ok(())
    }

    /// Reads as many elements as the block holds, from the next one on.
    fn fill(&mut self, sources: &mut Sources<'_>, stride: usize) -> Result<(), AssetError> {
        let element_bytes = self.accessor.element_bytes();
        let fits = (self.block.len().saturating_sub(element_bytes) / stride) + 1;
        let count = fits.min(self.accessor.count.saturating_sub(self.next));
        (self.first, self.held) = (self.next, count);
        if count == 0 {
            return Ok(());
        }
        let block = self.block.get_mut(..(count - 1) * stride + element_bytes).unwrap_or_default();
        match self.accessor.data {
            Some(span) => {
                let offset = span.offset + self.next as u64 * span.stride;
                sources.read(span.buffer, offset, block)?;
            }
            None => block.fill(0),
        }
        while let Some(&index) = self.sparse_indices.get(self.sparse_next) {
            let at = (index as usize).wrapping_sub(self.next);
            if at >= count {
                break;
            }
            let from = self.sparse_next * element_bytes;
            if let (Some(target), Some(value)) = (
                block.get_mut(at * stride..at * stride + element_bytes),
                self.sparse_values.get(from..from + element_bytes),
            ) {
                target.copy_from_slice(value);
            }
            self.sparse_next += 1;
        }
        Ok(())
    }
}

/// One component as a float (glTF 2.0, 3.11 for the normalised ones).
fn float(bytes: &[u8], component: ComponentType, normalized: bool) -> f32 {
    match (component, bytes) {
        (ComponentType::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
        (ComponentType::U8, &[a]) if normalized => f32::from(a) / 255.0,
        (ComponentType::U8, &[a]) => f32::from(a),
        (ComponentType::I8, &[a]) if normalized => (f32::from(a.cast_signed()) / 127.0).max(-1.0),
        (ComponentType::I8, &[a]) => f32::from(a.cast_signed()),
        (ComponentType::U16, &[a, b]) if normalized => f32::from(u16::from_le_bytes([a, b])) / 65535.0,
        (ComponentType::U16, &[a, b]) => f32::from(u16::from_le_bytes([a, b])),
        (ComponentType::I16, &[a, b]) if normalized => (f32::from(i16::from_le_bytes([a, b])) / 32767.0).max(-1.0),
        (ComponentType::I16, &[a, b]) => f32::from(i16::from_le_bytes([a, b])),
        (ComponentType::U32, &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]) as f32,
        _ => 0.0,
    }
}

/// One component as a whole number; only the unsigned types reach this.
fn integer(bytes: &[u8], component: ComponentType) -> u32 {
    match (component, bytes) {
        (ComponentType::U8, &[a]) => u32::from(a),
        (ComponentType::U16, &[a, b]) => u32::from(u16::from_le_bytes([a, b])),
        (ComponentType::U32, &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalised_components_cover_their_whole_range() {
        assert_eq!(float(&[255], ComponentType::U8, true), 1.0);
        assert_eq!(float(&[0x80], ComponentType::I8, true), -1.0);
        assert_eq!(float(&[0x7f], ComponentType::I8, true), 1.0);
        assert_eq!(float(&[0xff, 0xff], ComponentType::U16, true), 1.0);
        assert_eq!(float(&[0x00, 0x80], ComponentType::I16, true), -1.0);
        assert_eq!(float(&[0x00, 0x80], ComponentType::I16, false), -32768.0);
    }
}
