//! KTX2: mip levels of pixels as the device wants them, plain or compressed with Zstandard.
//!
//! Source: Khronos, *KTX File Format Specification 2.0*.
//!
//! # Deliberately absent
//! Basis Universal (ETC1S and UASTC), which no pure decoder in Rust reads; ASTC and ETC2, which desktop devices lack; arrays,
//! cubes and volumes.

use std::io::Read;

use ktx2::{Format, Reader, SupercompressionScheme};
use ruzstd::decoding::StreamingDecoder;
use voltrum_memory::{Tag, heap_scope};
use voltrum_render::ImageFormat;

use super::watched::Watched;
use super::{ImageInfo, ImageKind};
use crate::words::{Words, words};

pub(super) const MAGIC: [u8; 12] = ktx2::MAGIC;

/// The largest window of a compressed level: more memory than that is not taken for decoding.
const WINDOW_BYTES_MAX: u64 = 64 << 20;

/// Pixels are written in parts of so many bytes.
const PART_BYTES: usize = 16 << 10;

fn open(bytes: &[u8]) -> Result<Reader<&[u8]>, &'static str> {
    let damaged = "its header is damaged or its levels are cut off";
    if has_block_of_256(bytes) {
        return Err(damaged);
    }
    Reader::new(bytes).map_err(|_| damaged)
}

/// Whether a description of the format has texel blocks with
/// 256 on a side, over which ktx2 0.5 panics; no format has.
fn has_block_of_256(file: &[u8]) -> bool {
    let word = |at: usize| Some(u32::from_le_bytes(*file.get(at..)?.first_chunk()?) as usize);
    let walk = || {
        let mut blocks = file.get(word(48)?..)?.get(..word(52)?)?.get(4..)?;
        // vendor and type, version, size; of a basic one: model, primaries, transfer, flags, the sides less one
        while let Some(&[a, b, c, d, _, _, low, high]) = blocks.first_chunk() {
            if [a, b, c, d] == [0; 4] && blocks.get(12..16)?.contains(&u8::MAX) {
                return Some(true);
            }
            blocks = match u16::from_le_bytes([low, high]) {
                0 => return None,
                size => blocks.get(usize::from(size)..)?,
            };
        }
        None
    };
    walk().unwrap_or(false)
}

/// What the header says; all of the file is there.
pub(super) fn probe(bytes: &[u8]) -> Result<ImageInfo, &'static str> {
    let _foreign = heap_scope(Tag::FOREIGN);
    let reader = open(bytes)?;
    let header = reader.header();
    if header.pixel_depth > 1 || header.layer_count > 1 || header.face_count != 1 || header.pixel_height == 0 {
        return Err("it is an array, a cube, a volume or a line, only flat pictures are read");
    }
    match header.supercompression_scheme {
        None | Some(SupercompressionScheme::Zstandard) => {}
        Some(SupercompressionScheme::BasisLZ) => return Err("it is Basis Universal (ETC1S), which is not supported"),
        Some(_) => return Err("it is compressed in a way that is not supported, only Zstandard is"),
    }
    let Some(format) = header.format else {
        return Err("it is Basis Universal (UASTC), which is not supported");
    };
    let layout = Layout::of(format).ok_or("its pixel format is not supported")?;
    let size = [header.pixel_width, header.pixel_height];
    let largest = u32::BITS - size[0].max(size[1]).leading_zeros();
    if header.level_count > largest {
        return Err("it has more levels than its size allows");
    }
    Ok(ImageInfo { kind: ImageKind::Ktx2, size, format: layout.format, levels: header.level_count.max(1) })
}

/// How a format of the file becomes one of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    format: ImageFormat,
    /// Components of one byte that a pixel of the file has, where others are added; 0 for bytes as they are.
    widened_from: usize,
    /// Whether red and blue change places.
    swapped: bool,
}

impl Layout {
    fn of(format: Format) -> Option<Self> {
        let plain = |format| Some(Self { format, widened_from: 0, swapped: false });
        let widened = |widened_from, swapped| Some(Self { format: ImageFormat::Rgba8Srgb, widened_from, swapped });
        match format {
            Format::R8G8B8A8_SRGB | Format::R8G8B8A8_UNORM => plain(ImageFormat::Rgba8Srgb),
            Format::B8G8R8A8_SRGB | Format::B8G8R8A8_UNORM => widened(4, true),
            Format::R8G8B8_SRGB | Format::R8G8B8_UNORM => widened(3, false),
            Format::B8G8R8_SRGB | Format::B8G8R8_UNORM => widened(3, true),
            Format::R8G8_SRGB => widened(2, false),
            Format::R8_SRGB => widened(1, false),
            Format::R8_UNORM => plain(ImageFormat::R8Unorm),
            Format::R8G8_UNORM => plain(ImageFormat::Rg8Unorm),
            Format::R16G16B16A16_SFLOAT => plain(ImageFormat::Rgba16Float),
            Format::R32G32B32A32_SFLOAT => plain(ImageFormat::Rgba32Float),
            Format::BC1_RGBA_SRGB_BLOCK
            | Format::BC1_RGBA_UNORM_BLOCK
            | Format::BC1_RGB_SRGB_BLOCK
            | Format::BC1_RGB_UNORM_BLOCK => plain(ImageFormat::Bc1Srgb),
            Format::BC3_SRGB_BLOCK | Format::BC3_UNORM_BLOCK => plain(ImageFormat::Bc3Srgb),
            Format::BC4_UNORM_BLOCK => plain(ImageFormat::Bc4Unorm),
            Format::BC5_UNORM_BLOCK => plain(ImageFormat::Bc5Unorm),
            Format::BC6H_UFLOAT_BLOCK => plain(ImageFormat::Bc6hFloat),
            Format::BC7_SRGB_BLOCK | Format::BC7_UNORM_BLOCK => plain(ImageFormat::Bc7Srgb),
            _ => None,
        }
    }
}

/// Writes all levels that the file has, the largest first, and says how many.
pub(super) fn decode(file: &mut Watched<'_>, info: ImageInfo, out: &mut [u8]) -> Result<u32, Words> {
    let bytes = file.whole();
    let reader = open(bytes).map_err(words)?;
    let header = reader.header();
    let layout = header.format.and_then(Layout::of).ok_or_else(|| words("its pixel format is not supported"))?;
    if [header.pixel_width, header.pixel_height] != info.size {
        return Err(words("it states two sizes"));
    }
    let own = ImageInfo { levels: header.level_count.max(1), ..info };
    if info.levels != own.levels && info != own.with_all_levels() {
        return Err(words("it has other levels than its header said"));
    }
    let mut rest = out;
    let levels = reader.levels().take(own.levels as usize);
    if levels.len() != own.levels as usize {
        return Err(words("it has fewer levels than its header says"));
    }
    for (level, stored) in (0..own.levels).zip(levels) {
        let bytes = info.format.level_bytes(info.size, level) as usize;
        let Some((now, later)) = core::mem::take(&mut rest).split_at_mut_checked(bytes) else {
            return Err(words("there is no room for its levels"));
        };
        rest = later;
        let mut data = stored.data;
        match header.supercompression_scheme {
            None if data.len() < layout.stored_bytes(bytes) => {
                return Err(words("a level of it is shorter than its size needs"));
            }
            None => layout.write(&mut data, now, file)?,
            Some(SupercompressionScheme::Zstandard) => {
                let decoder = StreamingDecoder::new_with_max_window_size(data, WINDOW_BYTES_MAX);
                layout.write(&mut decoder.map_err(words)?, now, file)?;
            }
            Some(_) => return Err(words("it is compressed in a way that is not supported")),
        }
    }
    Ok(own.levels)
}

impl Layout {
    /// Bytes in the file for so many on the device.
    fn stored_bytes(self, bytes: usize) -> usize {
        if self.widened_from == 0 { bytes } else { bytes / 4 * self.widened_from }
    }

    /// Writes a level, front to back and never read.
    fn write(self, stored: &mut dyn Read, out: &mut [u8], file: &mut Watched<'_>) -> Result<(), Words> {
        if self.widened_from == 0 {
            for part in out.chunks_mut(PART_BYTES) {
                file.count(0).map_err(words)?;
                stored.read_exact(part).map_err(words)?;
            }
            return Ok(());
        }
        let mut narrow = [0; PART_BYTES];
        for part in out.chunks_mut(PART_BYTES) {
            file.count(0).map_err(words)?;
            let narrow = narrow.get_mut(..self.stored_bytes(part.len())).unwrap_or_default();
            stored.read_exact(narrow).map_err(words)?;
            for (out, pixel) in part.chunks_exact_mut(4).zip(narrow.chunks_exact(self.widened_from)) {
                let mut rgba = [0, 0, 0, 255];
                rgba.iter_mut().zip(pixel).for_each(|(slot, byte)| *slot = *byte);
                if self.swapped {
                    rgba.swap(0, 2);
                }
                out.copy_from_slice(&rgba);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::{decode, probe};
    use super::*;
    use crate::Progress;

    /// A KTX2 file of these levels, largest first.
    pub(crate) fn ktx2(format: Option<u32>, size: [u32; 2], scheme: u32, levels: &[&[u8]]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let words = [format.unwrap_or(0), 1, size[0], size[1], 0, 0, 1, levels.len() as u32, scheme];
        words.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        let start = 80 + levels.len() * 24;
        // A descriptor with nothing but its own length.
        let index = [start as u32, 4, 0, 0];
        index.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        bytes.extend_from_slice(&[0; 16]);
        let mut at = start + 16;
        for level in levels {
            for word in [at as u64, level.len() as u64, level.len() as u64] {
                bytes.extend_from_slice(&word.to_le_bytes());
            }
            at += level.len();
        }
        bytes.extend_from_slice(&4_u32.to_le_bytes());
        bytes.resize(start + 16, 0);
        levels.iter().for_each(|level| bytes.extend_from_slice(level));
        bytes
    }

    fn pixels(bytes: &[u8]) -> Vec<u8> {
        let info = probe(bytes).unwrap();
        let mut out = vec![0; info.bytes().unwrap()];
        decode(bytes, info, &mut out, &Progress::new()).unwrap();
        out
    }

    #[test]
    fn texel_blocks_of_256_are_refused() {
        let good = ktx2(Some(Format::R8G8B8A8_SRGB.value()), [1, 1], 0, &[&[1, 2, 3, 4]]);
        let with_sides = |sides: [u8; 4]| {
            let mut bytes = good.clone();
            let start = bytes.len() as u32;
            bytes[48..56].copy_from_slice(&[start.to_le_bytes(), 28_u32.to_le_bytes()].concat());
            bytes.extend([28, 0, 0, 0, 0, 0, 0, 0, 2, 0, 24, 0, 1, 1, 2, 0]);
            // a byte behind it, since it must not end the file
            bytes.extend(sides.into_iter().chain([0; 9]));
            probe(&bytes)
        };
        assert!(with_sides([0; 4]).is_ok());
        for side in 0..4 {
            let mut sides = [0; 4];
            sides[side] = 255;
            assert!(with_sides(sides).unwrap_err().contains("damaged"), "side {side}");
        }
        for length in 0..4_u32 {
            let mut bytes = good.clone();
            bytes[52..56].copy_from_slice(&length.to_le_bytes());
            assert!(probe(&bytes).is_err(), "a description of {length} bytes");
        }
    }

    #[test]
    fn levels_come_out_as_they_are_largest_first() {
        let (large, small) = ([1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12]);
        let bytes = ktx2(Some(Format::R8G8B8A8_SRGB.value()), [2, 1], 0, &[&large, &small]);
        let info = probe(&bytes).unwrap();
        assert_eq!((info.size, info.levels, info.format), ([2, 1], 2, ImageFormat::Rgba8Srgb));
        assert_eq!(pixels(&bytes), [&large[..], &small].concat());
        assert_eq!(info.meant(false).format, ImageFormat::Rgba8Unorm);
    }

    #[test]
    fn three_bytes_become_four_and_blue_first_becomes_red_first() {
        let rgb = ktx2(Some(Format::R8G8B8_SRGB.value()), [2, 1], 0, &[&[1, 2, 3, 4, 5, 6]]);
        assert_eq!(pixels(&rgb), [1, 2, 3, 255, 4, 5, 6, 255]);
        let bgra = ktx2(Some(Format::B8G8R8A8_UNORM.value()), [1, 1], 0, &[&[1, 2, 3, 4]]);
        assert_eq!(pixels(&bgra), [3, 2, 1, 4]);
    }

    #[test]
    fn blocks_are_kept_as_blocks() {
        let bytes = ktx2(Some(Format::BC7_SRGB_BLOCK.value()), [5, 3], 0, &[&[7; 32]]);
        assert_eq!(probe(&bytes).unwrap().format, ImageFormat::Bc7Srgb);
        assert_eq!(pixels(&bytes), [7; 32]);
    }

    #[test]
    fn a_level_compressed_with_zstandard_is_unpacked() {
        // A frame of one raw block of eight bytes, as RFC 8878 has it.
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, 8, 8 << 3 | 1, 0, 0];
        frame.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
        let bytes = ktx2(Some(Format::R8G8B8A8_UNORM.value()), [2, 1], 2, &[&frame]);
        assert_eq!(pixels(&bytes), [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn what_is_not_supported_says_what_it_is() {
        let basis = ktx2(None, [4, 4], 1, &[&[0; 16]]);
        assert!(probe(&basis).unwrap_err().contains("ETC1S"));
        let uastc = ktx2(None, [4, 4], 0, &[&[0; 16]]);
        assert!(probe(&uastc).unwrap_err().contains("UASTC"));
        let astc = ktx2(Some(Format::ASTC_4x4_SRGB_BLOCK.value()), [4, 4], 0, &[&[0; 16]]);
        assert!(probe(&astc).unwrap_err().contains("format"));
        let levels = ktx2(Some(Format::R8_UNORM.value()), [1, 1], 0, &[&[0], &[0]]);
        assert!(probe(&levels).unwrap_err().contains("levels"));
    }

    #[test]
    fn a_cut_or_short_file_is_an_error() {
        let good = ktx2(Some(Format::R8G8B8A8_SRGB.value()), [2, 2], 0, &[&[5; 16]]);
        for length in 0..good.len() {
            assert!(probe(&good[..length]).is_err(), "{length}");
        }
        let short = ktx2(Some(Format::R8G8B8A8_SRGB.value()), [2, 2], 0, &[&[5; 12]]);
        let info = probe(&short).unwrap();
        assert!(decode(&short, info, &mut [0; 16], &Progress::new()).is_err());
        let broken = ktx2(Some(Format::R8G8B8A8_SRGB.value()), [2, 2], 2, &[&[5; 12]]);
        assert!(decode(&broken, probe(&broken).unwrap(), &mut [0; 16], &Progress::new()).is_err());
    }
}
