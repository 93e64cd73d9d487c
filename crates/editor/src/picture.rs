//! A picture as a PNG.

use std::io::{self, Write};

/// Writes pixels (rows from the top, sRGB bytes with straight alpha) as a PNG that says it is sRGB.
///
/// A picture without a transparent pixel is written without alpha: it is smaller, and no viewer blends it with anything.
///
/// # Errors
/// What `out` returns; a size that doesn't fit the bytes as [`io::ErrorKind::InvalidInput`].
pub fn write_png(out: &mut dyn Write, size: [u32; 2], rgba: &[u8]) -> io::Result<()> {
    let is_opaque = rgba.chunks_exact(4).all(|pixel| pixel[3] == u8::MAX);
    write_png_by_rows(out, size, is_opaque, |put| put(rgba))
}

/// As [`write_png`], of whole rows that `draw` puts one after the other; where the picture is opaque, without their alpha.
///
/// # Errors
/// As [`write_png`], and what `draw` returns.
pub fn write_png_by_rows(
    out: &mut dyn Write,
    size: [u32; 2],
    is_opaque: bool,
    draw: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>,
) -> io::Result<()> {
    let mut encoder = png::Encoder::new(out, size[0], size[1]);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    // The usual compression takes as long as drawing does, for files that are a little smaller.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_color(if is_opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
    let mut writer = encoder.write_header().map_err(io_error)?;
    let mut stream = writer.stream_writer().map_err(io_error)?;
    let mut row = vec![0; if is_opaque { size[0] as usize * 3 } else { 0 }];
    draw(&mut |rgba| {
        if !is_opaque {
            return stream.write_all(rgba);
        }
        for pixels in rgba.chunks_exact(size[0] as usize * 4) {
            for (to, from) in row.chunks_exact_mut(3).zip(pixels.chunks_exact(4)) {
                to.copy_from_slice(&from[..3]);
            }
            stream.write_all(&row)?;
        }
        Ok(())
    })?;
    stream.finish().map_err(io_error)?;
    writer.finish().map_err(io_error)
}

fn io_error(error: png::EncodingError) -> io::Error {
    match error {
        png::EncodingError::IoError(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidInput, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(size: [u32; 2], rgba: &[u8]) -> (png::ColorType, Vec<u8>, bool) {
        let mut bytes = Vec::new();
        write_png(&mut bytes, size, rgba).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        pixels.truncate(info.buffer_size());
        (info.color_type, pixels, reader.info().srgb.is_some())
    }

    #[test]
    fn an_opaque_picture_comes_back_without_alpha_and_says_srgb() {
        let rgba = [1, 2, 3, 255, 4, 5, 6, 255];
        assert_eq!(written([2, 1], &rgba), (png::ColorType::Rgb, vec![1, 2, 3, 4, 5, 6], true));
        assert_eq!(written([1, 2], &rgba).1, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_transparent_pixel_keeps_its_alpha() {
        let rgba = [1, 2, 3, 0, 4, 5, 6, 255];
        assert_eq!(written([2, 1], &rgba), (png::ColorType::Rgba, rgba.to_vec(), true));
    }

    #[test]
    fn bytes_that_do_not_fit_the_size_are_an_error() {
        assert!(write_png(&mut Vec::new(), [2, 2], &[255; 4]).is_err());
    }
}
