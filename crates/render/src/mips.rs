//! Mip levels, made where images are decoded: each half as large as the one before, each texel the mean of four.
//!
//! # Deliberately absent
//! Making them on the GPU: not every device can scale every format, and a software driver compiles code for it that takes
//! longer than the work. Formats with blocks or floats: their files bring levels of their own.

use crate::image_format::{ImageFormat, level_size};

/// Steps of linear light that are told apart while colours are averaged.
const STEPS: usize = 4_096;
/// A byte's linear light, so that four of them add up to sixteen times as many steps.
const LINEAR_MAX: f32 = (STEPS * 4 - 1) as f32;

/// How many levels an image of this format and size has down to one pixel; 1 for a format whose levels can't be made.
///
/// ```
/// # use voltrum_render::{ImageFormat, mips};
/// assert_eq!(mips::levels(ImageFormat::Rgba8Srgb, [640, 480]), 10);
/// assert_eq!(mips::levels(ImageFormat::Bc7Srgb, [640, 480]), 1);
/// ```
pub const fn levels(format: ImageFormat, [width, height]: [u32; 2]) -> u32 {
    match format {
        ImageFormat::Rgba8Srgb | ImageFormat::Rgba8Unorm | ImageFormat::R8Unorm | ImageFormat::Rg8Unorm => {
            let side = if width > height { width } else { height };
            if side == 0 { 1 } else { side.ilog2() + 1 }
        }
        _ => 1,
    }
}

/// Makes all levels behind the first, which is there. `texels` has all of them, the largest first, rows tight; what it is
/// too short for is left out. Colours are averaged in linear light, alpha and data as they are.
pub fn fill(format: ImageFormat, size: [u32; 2], texels: &mut [u8]) {
    let count = levels(format, size);
    if count == 1 {
        return;
    }
    let curve = if format.is_srgb() { Some(Curve::new()) } else { None };
    let mut rest = texels;
    for level in 1..count {
        let [from, to] = [level - 1, level].map(|level| format.level_bytes(size, level) as usize);
        if rest.len() < from + to {
            return;
        }
        let (source, smaller) = rest.split_at_mut(from);
        let width = level_size(size, level - 1)[0] as usize;
        let across = level_size(size, level)[0] as usize;
        let into = &mut smaller[..to];
        match (format, &curve) {
            (ImageFormat::R8Unorm, _) => halve::<1>(source, width, into, across, |_, four| mean(four)),
            (ImageFormat::Rg8Unorm, _) => halve::<2>(source, width, into, across, |_, four| mean(four)),
            (_, None) => halve::<4>(source, width, into, across, |_, four| mean(four)),
            (_, Some(curve)) => {
                halve::<4>(
                    source,
                    width,
                    into,
                    across,
                    |channel, four| {
                        if channel == 3 { mean(four) } else { curve.mean(four) }
                    },
                )
            }
        }
        rest = smaller;
    }
}

fn mean(four: [u8; 4]) -> u8 {
    let sum: u16 = four.iter().map(|&byte| u16::from(byte)).sum();
    ((sum + 2) / 4) as u8
}

/// Halves rows of `width` texels of `C` bytes each, and their number; of an odd number the last is left out, a single one
/// counts twice.
#[inline]
fn halve<const C: usize>(
    source: &[u8],
    width: usize,
    into: &mut [u8],
    across: usize,
    mean: impl Fn(usize, [u8; 4]) -> u8,
) {
    let rows = source.len() / (width * C);
    let beside = if width > 1 { C } else { 0 };
    for (y, row) in into.chunks_exact_mut(across * C).enumerate() {
        let [upper, lower] = [2 * y, (2 * y + 1).min(rows - 1)].map(|y| &source[y * width * C..(y + 1) * width * C]);
        let pairs = upper.chunks_exact(C + beside).zip(lower.chunks_exact(C + beside));
        for (texel, (upper, lower)) in row.chunks_exact_mut(C).zip(pairs) {
            for (channel, byte) in texel.iter_mut().enumerate() {
                let right = channel + beside;
                *byte = mean(channel, [upper[channel], upper[right], lower[channel], lower[right]]);
            }
        }
    }
}

/// The sRGB curve and back (IEC 61966-2-1), as tables.
struct Curve {
    linear: [u16; 256],
    encoded: [u8; STEPS],
}

impl Curve {
    fn new() -> Curve {
        let linear = std::array::from_fn(|byte| (decoded(byte as f32) * LINEAR_MAX + 0.5) as u16);
        let mut encoded = [255; STEPS];
        let mut at = 0;
        for byte in 0..255 {
            // up to the light that is as far from this byte as from the next
            let end = (decoded(f32::from(byte) + 0.5) * STEPS as f32 - 0.5).ceil() as usize;
            let end = end.clamp(at, STEPS);
            encoded[at..end].fill(byte);
            at = end;
        }
        Curve { linear, encoded }
    }

    fn mean(&self, four: [u8; 4]) -> u8 {
        let sum: usize = four.iter().map(|&byte| usize::from(self.linear[usize::from(byte)])).sum();
        self.encoded[(sum / 16).min(STEPS - 1)]
    }
}

fn decoded(byte: f32) -> f32 {
    let part = byte / 255.0;
    if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All levels of an image.
    fn pyramid(format: ImageFormat, size: [u32; 2], first: &[u8]) -> Vec<u8> {
        let bytes: u64 = (0..levels(format, size)).map(|level| format.level_bytes(size, level)).sum();
        let mut texels = first.to_vec();
        texels.resize(bytes as usize, 0);
        fill(format, size, &mut texels);
        texels
    }

    #[test]
    fn one_colour_stays_what_it_is() {
        for byte in 0..=255 {
            let texels = pyramid(ImageFormat::Rgba8Srgb, [5, 3], &[byte; 5 * 3 * 4]);
            assert!(texels.iter().all(|&there| there == byte), "{byte}: {texels:?}");
        }
    }

    #[test]
    fn colours_mix_in_linear_light_and_alpha_and_data_as_they_are() {
        let two = [[255, 255, 255, 255], [0, 0, 0, 0]].concat();
        assert_eq!(pyramid(ImageFormat::Rgba8Srgb, [2, 1], &two)[8..], [187, 187, 187, 128]);
        assert_eq!(pyramid(ImageFormat::Rgba8Unorm, [1, 2], &two)[8..], [128; 4]);
        assert_eq!(pyramid(ImageFormat::Rg8Unorm, [2, 2], &[0, 10, 4, 10, 8, 20, 12, 20])[8..], [6, 15]);
    }

    #[test]
    fn every_size_ends_in_one_texel() {
        for size in [[1, 1], [7, 1], [1, 7], [6, 5], [16, 2]] {
            let first = vec![90; (size[0] * size[1]) as usize];
            let texels = pyramid(ImageFormat::R8Unorm, size, &first);
            assert!(texels.iter().all(|&texel| texel == 90), "{size:?}: {texels:?}");
        }
    }
}
