//! Mode 0: each byte of an element as its difference from the same byte of the element before, in groups of sixteen.

use super::{Bytes, CUT};

const HEADER: u8 = 0xa0;
const GROUP: usize = 16;
const BLOCK_MAX: usize = 256;
const STRIDE_MAX: usize = 256;
const TAIL_MIN: usize = 32;

/// Unpacks elements of `stride` bytes, at most [`STRIDE_MAX`], until `out` is full.
pub(super) fn decode(data: &[u8], stride: usize, out: &mut [u8]) -> Result<(), &'static str> {
    let mut bytes = Bytes(data);
    if bytes.byte()? != HEADER {
        return Err("has compressed attributes of an unknown version");
    }
    let tail = stride.max(TAIL_MIN);
    let body = bytes.0.len().checked_sub(tail).ok_or(CUT)?;
    let (body, tail) = bytes.0.split_at_checked(body).ok_or(CUT)?;
    let baseline = tail.len().checked_sub(stride).and_then(|start| tail.get(start..)).ok_or(CUT)?;
    let mut last = [0; STRIDE_MAX];
    let last = last.get_mut(..stride).ok_or("has compressed attributes that are too wide")?;
    last.copy_from_slice(baseline);

    let mut bytes = Bytes(body);
    let block_max = (8192 / stride / GROUP * GROUP).min(BLOCK_MAX);
    for block in out.chunks_mut(block_max * stride) {
        let count = block.len() / stride;
        for (at, last) in last.iter_mut().enumerate() {
            let mut deltas = [0; BLOCK_MAX];
            deltas_of(&mut bytes, count.div_ceil(GROUP), &mut deltas)?;
            let column = block.iter_mut().skip(at).step_by(stride);
            for (slot, delta) in column.zip(deltas) {
                // zigzag: the lowest bit is the sign
                let delta = if delta & 1 == 0 { delta >> 1 } else { !(delta >> 1) };
                *last = last.wrapping_add(delta);
                *slot = *last;
            }
        }
    }
    if bytes.0.is_empty() { Ok(()) } else { Err("has compressed attributes that go on behind their end") }
}

/// The differences of one byte of all elements of a block.
fn deltas_of(bytes: &mut Bytes<'_>, groups: usize, deltas: &mut [u8; BLOCK_MAX]) -> Result<(), &'static str> {
    let heads = bytes.take(groups.div_ceil(4))?;
    for (at, group) in deltas.chunks_exact_mut(GROUP).enumerate().take(groups) {
        let head = heads.get(at / 4).copied().unwrap_or(0);
        match head >> (at % 4 * 2) & 3 {
            0 => group.fill(0),
            1 => packed(bytes, 2, group)?,
            2 => packed(bytes, 4, group)?,
            _ => group.copy_from_slice(bytes.take(GROUP)?),
        }
    }
    Ok(())
}

/// Sixteen values of a few bits each, the first in the highest bits; those of all ones stand behind as whole bytes.
fn packed(bytes: &mut Bytes<'_>, bits: usize, group: &mut [u8]) -> Result<(), &'static str> {
    let (per_byte, sentinel) = (8 / bits, (1_u8 << bits) - 1);
    let small = bytes.take(GROUP / per_byte)?;
    for (at, slot) in group.iter_mut().enumerate() {
        let shift = 8 - bits - at % per_byte * bits;
        let value = small.get(at / per_byte).copied().unwrap_or(0) >> shift & sentinel;
        *slot = if value == sentinel { bytes.byte()? } else { value };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs elements with whole bytes or nothing per group, as an encoder that doesn't try hard would.
    pub(crate) fn encode(data: &[u8], stride: usize) -> Vec<u8> {
        let mut out = vec![HEADER];
        let mut last = data[..stride].to_vec();
        let block_max = (8192 / stride / GROUP * GROUP).min(BLOCK_MAX);
        for block in data.chunks(block_max * stride) {
            let count = block.len() / stride;
            for at in 0..stride {
                let mut deltas = vec![0; count.div_ceil(GROUP) * GROUP];
                for element in 0..count {
                    let value = block[element * stride + at];
                    let delta = value.wrapping_sub(last[at]);
                    deltas[element] = if delta & 0x80 == 0 { delta << 1 } else { !(delta << 1) };
                    last[at] = value;
                }
                let groups: Vec<&[u8]> = deltas.chunks(GROUP).collect();
                for four in groups.chunks(4) {
                    let bits = four.iter().map(|group| if group.iter().any(|delta| *delta != 0) { 3 } else { 0 });
                    out.push(bits.enumerate().fold(0, |head, (at, bits)| head | bits << (at * 2)));
                }
                groups
                    .iter()
                    .filter(|group| group.iter().any(|delta| *delta != 0))
                    .for_each(|group| out.extend(*group));
            }
        }
        out.resize(out.len() + TAIL_MIN.saturating_sub(stride), 0);
        out.extend_from_slice(&data[..stride]);
        out
    }

    #[test]
    fn what_was_packed_comes_out_again_for_many_strides_and_counts() {
        for stride in [4, 12, 16, 36, 64, 256] {
            for count in [1, 15, 16, 17, 255, 256, 257, 700] {
                let data: Vec<u8> = (0..stride * count).map(|at| (at * at / 7 + at / stride) as u8).collect();
                let mut out = vec![0; data.len()];
                decode(&encode(&data, stride), stride, &mut out).unwrap();
                assert_eq!(out, data, "{stride} {count}");
            }
        }
    }

    #[test]
    fn the_extensions_example_of_four_bits_unpacks_to_its_differences() {
        let stream = [0x17, 0x5f, 0xf0, 0xbc, 0x77, 0xa9, 0x21, 0x00, 0x34, 0xb5];
        let (mut group, mut bytes) = ([0; 16], Bytes(&stream));
        packed(&mut bytes, 4, &mut group).unwrap();
        let signed = group.map(|delta| (if delta & 1 == 0 { delta >> 1 } else { !(delta >> 1) }).cast_signed());
        assert_eq!(signed, [-1, -4, -3, 26, -91, 0, -6, 6, -4, -4, 5, -5, 1, -1, 0, 0]);
        assert!(bytes.0.is_empty());
    }

    #[test]
    fn two_bits_have_the_first_value_on_top() {
        let stream = [0b00_01_10_11, 0, 0, 0b11_00_00_01, 77, 88];
        let (mut group, mut bytes) = ([9; 16], Bytes(&stream));
        packed(&mut bytes, 2, &mut group).unwrap();
        assert_eq!(group, [0, 1, 2, 77, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0, 0, 1]);
    }

    #[test]
    fn a_stream_that_is_cut_or_goes_on_is_refused() {
        let data: Vec<u8> = (0..20 * 12).map(|at| at as u8 ^ 0x5a).collect();
        let good = encode(&data, 12);
        let mut out = vec![0; data.len()];
        for length in 0..good.len() {
            assert!(decode(&good[..length], 12, &mut out).is_err(), "{length}");
        }
        assert!(decode(&[&good[..], &[0]].concat(), 12, &mut out).is_err());
        assert!(decode(&[&[0xa1][..], &good[1..]].concat(), 12, &mut out).is_err());
    }
}
