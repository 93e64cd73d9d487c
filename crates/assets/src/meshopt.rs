//! Decoding EXT_meshopt_compression: attributes, triangles and indices, and the filters behind them.
//!
//! Source: Khronos, *EXT_meshopt_compression*, appendix A (bitstream) and B (filters).
//!
//! # Invariants
//! 1. Decoding writes to the caller's slice only, allocates nothing, and ends after as many steps as the slice has elements.
//! 2. A stream is read to its last byte, or refused.

mod attributes;
mod filters;
mod indices;

/// How a stream is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Attributes,
    Triangles,
    Indices,
}

/// What is done with attributes once they are unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    None,
    Octahedral,
    Quaternion,
    Exponential,
}

/// A stream's shape: `count` elements of `stride` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) count: usize,
    pub(crate) stride: usize,
    pub(crate) mode: Mode,
    pub(crate) filter: Filter,
}

impl Shape {
    /// What is wrong with it, if anything.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let Self { count, stride, mode, filter } = *self;
        let good = match mode {
            Mode::Attributes => stride > 0 && stride <= 256 && stride.is_multiple_of(4),
            Mode::Triangles => matches!(stride, 2 | 4) && count.is_multiple_of(3) && filter == Filter::None,
            Mode::Indices => matches!(stride, 2 | 4) && filter == Filter::None,
        };
        let filtered = match filter {
            Filter::None | Filter::Exponential => true,
            Filter::Octahedral => matches!(stride, 4 | 8),
            Filter::Quaternion => stride == 8,
        };
        if good && filtered {
            Ok(())
        } else {
            Err("is compressed with a stride or count that its mode or filter forbids")
        }
    }
}

/// Unpacks `data` into `out`, which has `count` times `stride` bytes.
pub(crate) fn decode(data: &[u8], shape: Shape, out: &mut [u8]) -> Result<(), &'static str> {
    shape.check()?;
    if shape.count.checked_mul(shape.stride) != Some(out.len()) {
        return Err("is compressed with a count and a stride that are not its length");
    }
    match shape.mode {
        Mode::Attributes => attributes::decode(data, shape.stride, out)?,
        Mode::Triangles => indices::triangles(data, shape.stride, out)?,
        Mode::Indices => indices::sequence(data, shape.stride, out)?,
    }
    match shape.filter {
        Filter::None => {}
        Filter::Octahedral if shape.stride == 4 => filters::octahedral_8(out),
        Filter::Octahedral => filters::octahedral_16(out),
        Filter::Quaternion => filters::quaternion(out),
        Filter::Exponential => filters::exponential(out),
    }
    Ok(())
}

/// What a stream that ends too early gets.
const CUT: &str = "has compressed data that is cut off";

/// Bytes of a stream, from its front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], &'static str> {
        let (now, later) = self.0.split_at_checked(count).ok_or(CUT)?;
        self.0 = later;
        Ok(now)
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        let (&byte, later) = self.0.split_first().ok_or(CUT)?;
        self.0 = later;
        Ok(byte)
    }

    /// Seven bits at a time, the low ones first.
    fn varint(&mut self) -> Result<u32, &'static str> {
        let mut value = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u32::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err("has a compressed number that is too long")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_the_extension_forbids_are_refused() {
        let shape = |mode, filter, stride, count| Shape { count, stride, mode, filter }.check();
        assert!(shape(Mode::Attributes, Filter::None, 16, 5).is_ok());
        assert!(shape(Mode::Attributes, Filter::Exponential, 12, 5).is_ok());
        assert!(shape(Mode::Triangles, Filter::None, 2, 6).is_ok());
        for (mode, filter, stride, count) in [
            (Mode::Attributes, Filter::None, 0, 5),
            (Mode::Attributes, Filter::None, 6, 5),
            (Mode::Attributes, Filter::None, 260, 5),
            (Mode::Attributes, Filter::Octahedral, 12, 5),
            (Mode::Attributes, Filter::Quaternion, 4, 5),
            (Mode::Triangles, Filter::None, 2, 5),
            (Mode::Triangles, Filter::None, 1, 6),
            (Mode::Indices, Filter::Exponential, 4, 6),
        ] {
            assert!(shape(mode, filter, stride, count).is_err(), "{mode:?} {filter:?} {stride} {count}");
        }
    }

    #[test]
    fn changed_and_cut_streams_decode_or_fail_without_a_panic() {
        let mut number = 1_u32;
        let mut next = || {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            number >> 8
        };
        let (mut good, mut out) = (0, [0; 16 * 40]);
        for round in 0..60_000 {
            let length = next() as usize % 96;
            let mut data: Vec<u8> = (0..length).map(|_| next() as u8 & [0xff, 0x0f, 0x03][round % 3]).collect();
            let (mode, head) =
                [(Mode::Attributes, 0xa0), (Mode::Triangles, 0xe1), (Mode::Indices, 0xd1)][round / 3 % 3];
            if let Some(first) = data.first_mut() {
                *first = head;
            }
            let (stride, count) = if mode == Mode::Attributes { (16, 40) } else { (4, 6) };
            let shape = Shape { count, stride, mode, filter: Filter::None };
            good += u32::from(decode(&data, shape, &mut out[..stride * count]).is_ok());
        }
        assert!(good > 0 && good < 30_000, "{good}");
    }
}
