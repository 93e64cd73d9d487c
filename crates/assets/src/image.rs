//! PNG, JPEG and KTX2: what a file is, from its first bytes, and its pixels straight into the memory they are wanted in.
//! Radiance `.hdr` pictures, for environments, have functions of their own in [`hdr`].
//!
//! # Invariants
//! 1. The size is read from the header by this file, without allocating, and compared with the limit before a decoder sees the bytes.
//! 2. A decoder writes into the caller's slice; what it needs besides is a few rows (PNG, baseline JPEG) or the
//!    coefficients of the picture (progressive JPEG). Mip levels that a file lacks are made behind the picture.
//! 3. Between any two stretches of the file that are read, a load that was asked to stop ends.
//!
//! # Deliberately absent
//! Colour profiles, EXIF orientation (glTF says to ignore both), animation, Basis Universal, other formats.

pub mod hdr;
mod ktx;
mod watched;

use std::cell::Cell;
use std::io::{BufRead, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use voltrum_memory::{Tag, heap_scope};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use voltrum_render::{ImageFormat, mips};

use crate::Progress;
use crate::words::{Words, words};
use watched::Watched;

/// The image formats that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// Khronos texture 2.0: pixels as the device wants them, with mip levels.
    Ktx2,
}

/// What the header of an image file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageInfo {
    /// Its format.
    pub kind: ImageKind,
    /// Its width and height in pixels, as stated; neither is 0.
    pub size: [u32; 2],
    /// What its pixels become.
    pub format: ImageFormat,
    /// How many mip levels it has, or is to have.
    pub levels: u32,
}

impl ImageInfo {
    fn rgba(kind: ImageKind, size: [u32; 2]) -> Self {
        Self { kind, size, format: ImageFormat::Rgba8Srgb, levels: 1 }
    }

    /// Bytes of the decoded picture with all its levels, when that is a number at all.
    pub fn bytes(&self) -> Option<usize> {
        // Blocks of sixteen bytes for this many pixels are still a number.
        if self.size.iter().any(|side| *side > 1 << 28) {
            return None;
        }
        let levels = 0..self.levels.min(32);
        let total = levels.map(|level| self.format.level_bytes(self.size, level)).try_fold(0_u64, u64::checked_add);
        usize::try_from(total?).ok()
    }

    /// The same picture, meant as colours (sRGB) or as data (linear).
    #[must_use]
    pub fn meant(self, color: bool) -> Self {
        use ImageFormat::{Bc1Srgb, Bc1Unorm, Bc3Srgb, Bc3Unorm, Bc7Srgb, Bc7Unorm, Rgba8Srgb, Rgba8Unorm};
        let pick = |srgb, linear| if color { srgb } else { linear };
        let format = match self.format {
            Rgba8Srgb | Rgba8Unorm => pick(Rgba8Srgb, Rgba8Unorm),
            Bc1Srgb | Bc1Unorm => pick(Bc1Srgb, Bc1Unorm),
            Bc3Srgb | Bc3Unorm => pick(Bc3Srgb, Bc3Unorm),
            Bc7Srgb | Bc7Unorm => pick(Bc7Srgb, Bc7Unorm),
            other => other,
        };
        Self { format, ..self }
    }

    /// The same picture with the mip levels that it lacks, which decoding makes; not in every format can they be made.
    #[must_use]
    pub fn with_all_levels(self) -> Self {
        if self.levels == 1 { Self { levels: mips::levels(self.format, self.size), ..self } } else { self }
    }
}

/// Reads the header of an image. The size is what the file claims: compare it with a limit before you allocate.
///
/// # Errors
/// What is wrong with the bytes, to go into a message.
///
/// # Examples
/// ```
/// assert!(voltrum_assets::image::probe(b"GIF89a").is_err());
/// ```
pub fn probe(bytes: &[u8]) -> Result<ImageInfo, &'static str> {
    let info = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        probe_png(bytes)?
    } else if bytes.starts_with(b"\xff\xd8") {
        probe_jpeg(bytes)?
    } else if bytes.starts_with(&ktx::MAGIC) {
        ktx::probe(bytes)?
    } else if bytes.is_empty() {
        return Err("it is empty");
    } else {
        return Err("it is neither PNG nor JPEG nor KTX2");
    };
    if info.size.contains(&0) {
        return Err("its width or height is 0");
    }
    Ok(info)
}

/// Decodes `bytes` as [`ImageInfo::format`] says, rows tight and top first, the largest level first, into `out`, which has
/// [`ImageInfo::bytes`]. What has been read is counted in `progress`: all of `bytes` when it succeeds.
///
/// # Errors
/// What is wrong with the bytes, to go into a message; when `progress` was cancelled, that it was.
pub fn decode(bytes: &[u8], info: ImageInfo, out: &mut [u8], progress: &Progress) -> Result<(), Words> {
    if info.bytes() != Some(out.len()) {
        return Err(words("there is no room for its pixels"));
    }
    let mut file = Watched::new(bytes, progress);
    let _foreign = heap_scope(Tag::FOREIGN);
    let largest = usize::try_from(info.format.level_bytes(info.size, 0)).unwrap_or(usize::MAX);
    // A decoder that panics over a damaged file (one of them can) has met a bad file, which is no reason to end.
    DECODES.set(true);
    let decoded = catch_unwind(AssertUnwindSafe(|| match info.kind {
        ImageKind::Ktx2 => ktx::decode(&mut file, info, out),
        ImageKind::Png => decode_png(&mut file, info.size, out.get_mut(..largest).unwrap_or_default()).map(|()| 1),
        ImageKind::Jpeg => decode_jpeg(&mut file, info.size, out.get_mut(..largest).unwrap_or_default()).map(|()| 1),
    }));
    DECODES.set(false);
    let decoded = decoded.unwrap_or_else(|_| Err(words("it is damaged in a way that its decoder can't describe")));
    // Some decoders make the best of a file that can't be read to its end.
    let stored = decoded.and_then(|levels| file.finish().map(|()| levels).map_err(words))?;
    if stored < info.levels {
        mips::fill(info.format, info.size, out);
    }
    Ok(())
}

thread_local! {
    static DECODES: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in a decoder, where a panic becomes an error: a program's panic hook has nothing to say of it then.
pub fn is_decoding() -> bool {
    DECODES.get()
}

fn decode_png(file: &mut Watched<'_>, size: [u32; 2], out: &mut [u8]) -> Result<(), Words> {
    let mut decoder = png::Decoder::new(file);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::STRIP_16 | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(words)?;
    if reader.output_buffer_size().is_none_or(|needed| needed > out.len()) {
        return Err(words("its rows are longer than its header says"));
    }
    let is_gray = reader.output_color_type() == (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight);
    if is_gray && !reader.info().interlaced && [reader.info().width, reader.info().height] == size {
        return decode_gray(&mut reader, size, out);
    }
    let frame = reader.next_frame(out).map_err(words)?;
    if [frame.width, frame.height] != size || frame.bit_depth != png::BitDepth::Eight {
        return Err(words("its first frame does not cover the picture"));
    }
    match frame.color_type {
        png::ColorType::Rgba => Ok(()),
        png::ColorType::GrayscaleAlpha => {
            spread_gray(out);
            Ok(())
        }
        _ => Err(words("its colour type is not supported")),
    }
}

/// Rows of grey and alpha pairs become RGBA.
fn decode_gray<R: BufRead + Seek>(reader: &mut png::Reader<R>, size: [u32; 2], out: &mut [u8]) -> Result<(), Words> {
    for out in out.chunks_exact_mut(size[0] as usize * 4) {
        let Some(row) = reader.next_row().map_err(words)? else {
            return Err(words("its first frame does not cover the picture"));
        };
        for (rgba, pair) in out.chunks_exact_mut(4).zip(row.data().chunks_exact(2)) {
            if let &[gray, alpha] = pair {
                rgba.copy_from_slice(&[gray, gray, gray, alpha]);
            }
        }
    }
    Ok(())
}

/// Grey and alpha pairs in the first half of `out` become RGBA in all of it. From the end, so that nothing is overwritten unread.
fn spread_gray(out: &mut [u8]) {
    for pixel in (0..out.len() / 4).rev() {
        let (Some(&gray), Some(&alpha)) = (out.get(pixel * 2), out.get(pixel * 2 + 1)) else {
            return;
        };
        if let Some(rgba) = out.get_mut(pixel * 4..pixel * 4 + 4) {
            rgba.copy_from_slice(&[gray, gray, gray, alpha]);
        }
    }
}

fn decode_jpeg(file: &mut Watched<'_>, size: [u32; 2], out: &mut [u8]) -> Result<(), Words> {
    // The decoder paints what it has of a file that was cut off; a picture with a grey half is a broken picture.
    if !file.whole().windows(2).rev().any(|pair| pair == [0xff, 0xd9]) {
        return Err(words("it ends before its end mark, the file is cut off"));
    }
    let options = DecoderOptions::default()
        .set_max_width(size[0] as usize)
        .set_max_height(size[1] as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(file, options);
    decoder.decode_headers().map_err(words)?;
    if decoder.dimensions() != Some((size[0] as usize, size[1] as usize)) {
        return Err(words("it states two sizes"));
    }
    if decoder.output_buffer_size() != Some(out.len()) {
        return Err(words("its colours can't be made RGBA"));
    }
    decoder.decode_into(out).map_err(words)
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(two.try_into().ok()?))
}

/// PNG specification, 11.2.2: the header chunk comes first.
fn probe_png(bytes: &[u8]) -> Result<ImageInfo, &'static str> {
    if bytes.get(12..16) != Some(b"IHDR") {
        return Err("its header chunk is missing, the file is cut off or damaged");
    }
    match (be32(bytes, 16), be32(bytes, 20)) {
        (Some(width), Some(height)) => Ok(ImageInfo::rgba(ImageKind::Png, [width, height])),
        _ => Err("it ends inside its header"),
    }
}

/// ITU-T T.81, annex B: segments until the frame header.
fn probe_jpeg(bytes: &[u8]) -> Result<ImageInfo, &'static str> {
    const CUT: &str = "it ends before its frame header";
    let mut at = 2_usize;
    loop {
        let mark = *bytes.get(at).ok_or(CUT)?;
        let kind = *bytes.get(at + 1).ok_or(CUT)?;
        if mark != 0xff {
            return Err("its segments are damaged");
        }
        match kind {
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xd9 | 0xda => return Err("it has no frame header"),
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                let (Some(height), Some(width)) = (be16(bytes, at + 5), be16(bytes, at + 7)) else {
                    return Err(CUT);
                };
                return Ok(ImageInfo::rgba(ImageKind::Jpeg, [u32::from(width), u32::from(height)]));
            }
            _ => {
                let length = usize::from(be16(bytes, at + 2).ok_or(CUT)?);
                at = at.saturating_add(2).saturating_add(length.max(2));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(size: [u32; 2], color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(pixels).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn rgba(bytes: &[u8]) -> Vec<u8> {
        let info = probe(bytes).unwrap();
        let mut out = vec![0; info.bytes().unwrap()];
        decode(bytes, info, &mut out, &Progress::new()).unwrap();
        out
    }

    #[test]
    fn levels_that_a_file_lacks_are_made() {
        let bytes = png([2, 2], png::ColorType::Grayscale, &[0, 255, 255, 0]);
        let info = probe(&bytes).unwrap().meant(false).with_all_levels();
        let mut out = vec![0; info.bytes().unwrap()];
        decode(&bytes, info, &mut out, &Progress::new()).unwrap();
        assert_eq!((info.levels, &out[16..]), (2, &[128, 128, 128, 255][..]));
    }

    #[test]
    fn every_png_colour_type_becomes_rgba() {
        let rgb = png([2, 1], png::ColorType::Rgb, &[1, 2, 3, 4, 5, 6]);
        assert_eq!(rgba(&rgb), [1, 2, 3, 255, 4, 5, 6, 255]);
        let gray = png([2, 1], png::ColorType::Grayscale, &[7, 9]);
        assert_eq!(rgba(&gray), [7, 7, 7, 255, 9, 9, 9, 255]);
        let alpha = png([1, 2], png::ColorType::GrayscaleAlpha, &[7, 8, 9, 10]);
        assert_eq!(rgba(&alpha), [7, 7, 7, 8, 9, 9, 9, 10]);
        let four = png([1, 1], png::ColorType::Rgba, &[1, 2, 3, 4]);
        assert_eq!(rgba(&four), [1, 2, 3, 4]);
    }

    #[test]
    fn headers_are_read_and_anything_else_is_refused() {
        let good = png([3, 2], png::ColorType::Grayscale, &[0; 6]);
        assert_eq!(probe(&good), Ok(ImageInfo::rgba(ImageKind::Png, [3, 2])));
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01";
        assert_eq!(probe(jpeg), Ok(ImageInfo::rgba(ImageKind::Jpeg, [32, 16])));
        for bytes in [&b""[..], b"GIF89a", &good[..20], b"\xff\xd8", b"\xff\xd8\xff\xda\x00\x02", b"\xff\xd8\x00\x00"] {
            assert!(probe(bytes).is_err());
        }
    }

    #[test]
    fn a_size_that_no_number_of_bytes_holds_is_told_and_decodes_to_nothing() {
        let mut wide = png([1, 1], png::ColorType::Rgba, &[0; 4]);
        wide[16..24].fill(0xff);
        let info = probe(&wide).unwrap();
        assert_eq!((info.size, info.bytes()), ([u32::MAX; 2], None));
        assert!(decode(&wide, info, &mut [], &Progress::new()).is_err());
    }

    #[test]
    fn a_cut_png_is_an_error() {
        let good = png([16, 16], png::ColorType::Rgb, &[5; 768]);
        let info = probe(&good).unwrap();
        let mut out = vec![0; info.bytes().unwrap()];
        assert!(decode(&good[..good.len() / 2], info, &mut out, &Progress::new()).is_err());
    }

    /// 16 x 8 pixels of one colour, as two encoders' settings write them.
    const BASELINE_200_100_50: &str = "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c\
        0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffdb00430103040405040509050509140d0b0d\
        1414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414ffc00011\
        080008001003011100021101031101ffc4001500010100000000000000000000000000000004ffc40014100100000000000000000000\
        000000000000ffc400160101010100000000000000000000000000000708ffc40014110100000000000000000000000000000000ffda\
        000c03010002110311003f00910f69001fffd9";
    const PROGRESSIVE_GRAY_120: &str = "ffd8ffe000104a46494600010100000100010000ffdb004300030202020202030202020303030304060404040404080606050609080a\
        0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffc2000b080008001001011100ffc400150001\
        0100000000000000000000000000000004ffda000801010000000191ffc40014100100000000000000000000000000000010ffda0008\
        0101000105023fffc40014100100000000000000000000000000000010ffda0008010100063f023fffc4001410010000000000000000\
        0000000000000010ffda0008010100013f213fffda0008010100000010ff00ffc40014100100000000000000000000000000000010ff\
        da0008010100013f103fffd9";

    fn bytes_of(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn baseline_and_progressive_jpegs_become_rgba() {
        for (hex, color) in [(BASELINE_200_100_50, [200_u8, 100, 50]), (PROGRESSIVE_GRAY_120, [120; 3])] {
            let bytes = bytes_of(hex);
            let expected = ImageInfo::rgba(ImageKind::Jpeg, [16, 8]);
            assert_eq!(probe(&bytes), Ok(expected));
            for pixel in rgba(&bytes).chunks_exact(4) {
                assert_eq!(pixel[3], 255);
                assert!(pixel.iter().zip(color).all(|(is, wanted)| is.abs_diff(wanted) <= 3), "{pixel:?}");
            }
        }
    }

    #[test]
    fn a_cut_jpeg_is_an_error_wherever_it_is_cut() {
        let bytes = bytes_of(BASELINE_200_100_50);
        for length in 0..bytes.len() - 1 {
            let cut = &bytes[..length];
            let mut out = vec![0; 16 * 8 * 4];
            assert!(
                probe(cut).is_err() || decode(cut, probe(cut).unwrap(), &mut out, &Progress::new()).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn changed_images_decode_or_fail_without_a_panic() {
        let gray = png([16, 16], png::ColorType::GrayscaleAlpha, &[9; 512]);
        let mut number = 7_u32;
        for good in [bytes_of(BASELINE_200_100_50), bytes_of(PROGRESSIVE_GRAY_120), gray] {
            for _ in 0..3_000 {
                let mut bytes = good.clone();
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (number >> 8) as usize % bytes.len();
                bytes[at] ^= (number >> 3) as u8 | 1;
                let Ok(info) = probe(&bytes) else { continue };
                if info.size.iter().any(|side| *side > 512) {
                    continue;
                }
                let mut out = vec![0; info.bytes().unwrap()];
                let _ = decode(&bytes, info, &mut out, &Progress::new());
            }
        }
    }
}
