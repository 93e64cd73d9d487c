//! Radiance pictures (`.hdr`): linear colours that go far beyond 1, for environments.
//!
//! Source: Greg Ward, *Real Pixels* (Graphics Gems II), and the picture format of the Radiance distribution.
//!
//! # Invariants
//! 1. A picture is at most [`SIDE_MAX`] pixels along either side; what it takes follows from its header, before its pixels
//!    are read.
//! 2. Every number that comes out is finite and not negative.
//!
//! # Deliberately absent
//! Pictures that are not stored from the upper left, CIE XYZ colours, exposure and colour correction lines (they are read
//! over, as viewers do).

/// The most pixels along either side.
pub const SIDE_MAX: u32 = 16_384;

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HdrInfo {
    /// Width and height in pixels.
    pub size: [u32; 2],
    data: usize,
}

impl HdrInfo {
    /// How many pixels it has.
    pub fn pixels(&self) -> usize {
        self.size[0] as usize * self.size[1] as usize
    }
}

/// Reads the header.
///
/// # Errors
/// What is wrong with the bytes, to go into a message.
///
/// # Examples
/// ```
/// let file = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x80\x80\x80\x81";
/// let info = voltrum_assets::image::hdr::probe(file)?;
/// let mut pixels = [[0.0; 4]; 1];
/// voltrum_assets::image::hdr::decode(file, info, &mut pixels)?;
/// assert_eq!((info.size, pixels[0]), ([1, 1], [1.0, 1.0, 1.0, 1.0]));
/// # Ok::<(), &'static str>(())
/// ```
pub fn probe(bytes: &[u8]) -> Result<HdrInfo, &'static str> {
    const CUT: &str = "it ends inside its header";
    if !bytes.starts_with(b"#?") {
        return Err("it is no Radiance picture: its first line doesn't say so");
    }
    let mut at = 0;
    let mut line = || -> Result<&[u8], &'static str> {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().take(4096).position(|byte| *byte == b'\n').ok_or(CUT)?;
        at += length + 1;
        let line = rest.get(..length).unwrap_or_default();
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    };
    for lines in 0.. {
        let line = line()?;
        if line.is_empty() {
            break;
        }
        if let Some(format) = line.strip_prefix(b"FORMAT=")
            && format != b"32-bit_rle_rgbe"
        {
            return Err("its colours are not RGBE");
        }
        if lines > 256 {
            return Err("its header has no end");
        }
    }
    let line = core::str::from_utf8(line()?).map_err(|_| "its size is no text")?;
    let mut words = line.split_ascii_whitespace();
    let words = [words.next(), words.next(), words.next(), words.next(), words.next()];
    let [Some("-Y"), Some(height), Some("+X"), Some(width), None] = words else {
        return Err("it is not stored from its upper left, row by row");
    };
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=SIDE_MAX).contains(side));
    match (side(width), side(height)) {
        (Some(width), Some(height)) => Ok(HdrInfo { size: [width, height], data: at }),
        _ => Err("its width or height is 0 or more than 16,384"),
    }
}

/// Decodes a picture as linear RGBA, top row first, into `out`, which has [`HdrInfo::pixels`].
///
/// # Errors
/// What is wrong with the bytes, to go into a message.
pub fn decode(bytes: &[u8], info: HdrInfo, out: &mut [[f32; 4]]) -> Result<(), &'static str> {
    const CUT: &str = "it is cut off";
    if out.len() != info.pixels() {
        return Err("there is no room for its pixels");
    }
    let mut rest = bytes.get(info.data..).unwrap_or_default();
    let width = info.size[0] as usize;
    for row in out.chunks_exact_mut(width) {
        let packed = match *rest {
            [2, 2, high, low, ..] => high < 128 && usize::from(u16::from_be_bytes([high, low])) == width,
            _ => false,
        };
        if packed && (8..32_768).contains(&width) {
            rest = rest.get(4..).ok_or(CUT)?;
            for channel in 0..4 {
                rest = unpack(rest, row, channel)?;
            }
        } else {
            rest = flat(rest, row)?;
        }
        for pixel in row {
            *pixel = color(*pixel);
        }
    }
    Ok(())
}

/// One channel of a row: runs and stretches. Bytes are kept as numbers until the row is whole.
fn unpack<'b>(mut rest: &'b [u8], row: &mut [[f32; 4]], channel: usize) -> Result<&'b [u8], &'static str> {
    const CUT: &str = "it is cut off";
    let mut pixels = row.iter_mut();
    while pixels.len() > 0 {
        let (&count, later) = rest.split_first().ok_or(CUT)?;
        let length = usize::from(if count > 128 { count - 128 } else { count });
        if length == 0 || length > pixels.len() {
            return Err("a run of it is longer than its row");
        }
        let used = if count > 128 { 1 } else { length };
        let values = later.get(..used).ok_or(CUT)?;
        for (value, pixel) in values.iter().cycle().zip(pixels.by_ref().take(length)) {
            if let Some(slot) = pixel.get_mut(channel) {
                *slot = f32::from(*value);
            }
        }
        rest = later.get(used..).unwrap_or_default();
    }
    Ok(rest)
}

/// Pixels of four bytes, with the old kind of runs: (1, 1, 1, n) repeats the pixel before.
fn flat<'b>(mut rest: &'b [u8], row: &mut [[f32; 4]]) -> Result<&'b [u8], &'static str> {
    let (mut at, mut shift) = (0_usize, 0);
    let mut last = [0.0; 4];
    while at < row.len() {
        let (pixel, later) = rest.split_at_checked(4).ok_or("it is cut off")?;
        rest = later;
        let count = match *pixel {
            [1, 1, 1, count] => {
                let count = usize::from(count) << shift;
                shift = (shift + 8).min(24);
                count
            }
            [red, green, blue, exponent] => {
                last = [red, green, blue, exponent].map(f32::from);
                shift = 0;
                1
            }
            _ => 0,
        };
        let end = at.saturating_add(count);
        row.get_mut(at..end).ok_or("a run of it is longer than its row")?.fill(last);
        at = end;
    }
    Ok(rest)
}

/// Three mantissas and their exponent as a linear colour.
fn color([red, green, blue, exponent]: [f32; 4]) -> [f32; 4] {
    if exponent == 0.0 {
        return [0.0, 0.0, 0.0, 1.0];
    }
    // The mantissa 128 of 256 with the exponent 129 is 1.
    let scale = (exponent - 136.0).exp2();
    [red * scale, green * scale, blue * scale, 1.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(size: [u32; 2], data: &[u8]) -> Vec<u8> {
        let mut bytes = format!(
            "#?RADIANCE\n# made by a test\nEXPOSURE=1\nFORMAT=32-bit_rle_rgbe\n\n-Y {} +X {}\n",
            size[1], size[0]
        );
        let mut bytes = core::mem::take(&mut bytes).into_bytes();
        bytes.extend_from_slice(data);
        bytes
    }

    fn pixels(bytes: &[u8]) -> Result<Vec<[f32; 4]>, &'static str> {
        let info = probe(bytes)?;
        let mut out = vec![[0.0; 4]; info.pixels()];
        decode(bytes, info, &mut out)?;
        Ok(out)
    }

    #[test]
    fn packed_rows_runs_and_stretches_come_out_as_colours() {
        let mut data = vec![2, 2, 0, 8];
        data.extend_from_slice(&[128 + 8, 128]); // red: eight times 128
        data.extend_from_slice(&[4, 0, 64, 128, 255, 128 + 4, 0]); // green: four values, then zeros
        data.extend_from_slice(&[128 + 8, 0]);
        data.extend_from_slice(&[128 + 8, 130]); // exponent: 128 is 2
        let out = pixels(&picture([8, 1], &data)).unwrap();
        assert_eq!(out[0], [2.0, 0.0, 0.0, 1.0]);
        assert_eq!((out[2], out[3][1]), ([2.0, 2.0, 0.0, 1.0], 255.0 / 64.0));
        assert_eq!(out[7], [2.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn flat_pixels_and_old_runs_come_out_as_colours() {
        let out = pixels(&picture([3, 1], &[128, 0, 0, 129, 1, 1, 1, 2])).unwrap();
        assert_eq!(out, [[1.0, 0.0, 0.0, 1.0]; 3]);
        assert_eq!(pixels(&picture([1, 1], &[9, 9, 9, 0])).unwrap(), [[0.0, 0.0, 0.0, 1.0]]);
    }

    #[test]
    fn broken_pictures_are_errors() {
        let good = picture([8, 1], &[2, 2, 0, 8, 136, 1, 136, 1, 136, 1, 136, 130]);
        assert!(pixels(&good).is_ok());
        for length in 0..good.len() {
            assert!(pixels(&good[..length]).is_err(), "{length}");
        }
        assert!(pixels(&picture([8, 1], &[2, 2, 0, 8, 255, 1])).is_err());
        assert!(pixels(&picture([8, 1], &[2, 2, 0, 8, 0, 1])).is_err());
        assert!(probe(&picture([0, 1], &[])).is_err());
        assert!(probe(&picture([16_385, 1], &[])).is_err());
        assert!(probe(b"#?RADIANCE\nFORMAT=32-bit_rle_xyze\n\n-Y 1 +X 1\n").is_err());
        assert!(probe(b"#?RADIANCE\n\n+Y 1 +X 1\n").is_err());
    }
}
