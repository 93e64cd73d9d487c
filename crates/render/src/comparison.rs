//! Pictures next to each other: how far one is from what is expected. For tests, here and in programs.

/// How far a picture may be from another: drivers round differently, and at edges a sample may fall on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// A pixel is odd when one of its channels is off by more than this.
    pub channel: u8,
    /// So many pixels of a thousand may be odd.
    pub odd_per_mille: u32,
    /// No channel may be off by more than this, but for one pixel in a thousand.
    pub worst: u8,
}

impl Default for Tolerance {
    /// 6 of 255 in a channel, five pixels in a thousand beyond, 24 at the most.
    fn default() -> Self {
        Tolerance { channel: 6, odd_per_mille: 5, worst: 24 }
    }
}

impl Tolerance {
    /// Every byte the same.
    pub const EXACT: Tolerance = Tolerance { channel: 0, odd_per_mille: 0, worst: 0 };
}

/// What differs between two pictures of one size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Pixels in all.
    pub pixels: usize,
    /// Pixels that are off by more than the tolerance's `channel`.
    pub odd: usize,
    /// How far the worst channel of all is off.
    pub worst: u8,
    /// Whether the tolerance allows it.
    pub is_within: bool,
}

/// Compares two pictures of the same size, four bytes a pixel.
///
/// ```
/// use voltrum_render::{Tolerance, compare};
///
/// let (one, other) = ([10, 20, 30, 255, 0, 0, 0, 255], [10, 22, 30, 255, 0, 0, 0, 255]);
/// assert!(compare(&one, &other, Tolerance::default()).is_within);
/// assert!(!compare(&one, &other, Tolerance::EXACT).is_within);
/// ```
pub fn compare(actual: &[u8], expected: &[u8], tolerance: Tolerance) -> Comparison {
    let mut found = Comparison::default();
    for (one, other) in actual.chunks_exact(4).zip(expected.chunks_exact(4)) {
        let off = one.iter().zip(other).map(|(one, other)| one.abs_diff(*other)).max().unwrap_or(0);
        found.pixels += 1;
        found.odd += usize::from(off > tolerance.channel);
        found.worst = found.worst.max(off);
    }
    let is_few = found.odd * 1_000 <= found.pixels * tolerance.odd_per_mille as usize;
    let is_near = found.worst <= tolerance.worst || found.odd * 1_000 <= found.pixels;
    found.is_within = is_few && is_near && actual.len() == expected.len();
    found
}

/// Makes a picture of the differences of two others, eight times as strong, opaque.
///
/// # Panics
/// When `out` is not as long as the pictures.
pub fn difference_into(actual: &[u8], expected: &[u8], out: &mut [u8]) {
    assert_eq!((actual.len(), expected.len()), (out.len(), out.len()), "pictures of one size");
    for ((one, other), out) in actual.chunks_exact(4).zip(expected.chunks_exact(4)).zip(out.chunks_exact_mut(4)) {
        for channel in 0..3 {
            out[channel] = one[channel].abs_diff(other[channel]).saturating_mul(8);
        }
        out[3] = u8::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_odd_pixels_pass_and_many_or_far_ones_do_not() {
        let grey = vec![100; 4 * 1_000];
        let off = |count: usize, by: u8| {
            let mut other = grey.clone();
            other.chunks_exact_mut(4).take(count).for_each(|pixel| pixel[1] += by);
            compare(&other, &grey, Tolerance::default())
        };
        assert!(off(1_000, 6).is_within && off(5, 7).is_within && off(1, 90).is_within);
        assert!(!off(6, 7).is_within && !off(2, 25).is_within);
        assert_eq!((off(6, 7).odd, off(6, 7).worst, off(6, 7).pixels), (6, 7, 1_000));
        assert!(!compare(&grey, &grey[..8], Tolerance::default()).is_within);
    }

    #[test]
    fn differences_are_shown_eightfold() {
        let mut out = [0; 4];
        difference_into(&[10, 50, 0, 255], &[12, 10, 0, 0], &mut out);
        assert_eq!(out, [16, 255, 0, 255]);
    }
}
