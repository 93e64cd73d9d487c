//! Pictures in tests: compared with what is kept.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the files and words of tests"
)]
#![allow(clippy::panic, reason = "tests fail loudly")]

use std::path::{Path, PathBuf};
use voltrum_render::{Pixels, Tolerance, compare, difference_into};

/// Fails where a picture is not the one that is kept in the PNG `golden`. The picture and its difference, eight times as
/// strong, are then left in the target folder's `tmp`, where the message says. With `VOLTRUM_GOLDEN=write` in the environment
/// the picture is kept instead: look at it before you commit it.
///
/// ```no_run
/// # fn test(pixels: &voltrum::render::Pixels<'_>) {
/// use voltrum::render::Tolerance;
///
/// voltrum::testing::assert_picture(pixels, "tests/golden/lamp.png", Tolerance::default());
/// # }
/// ```
///
/// # Panics
/// When the pictures differ by more than `tolerance` allows or in size, or a file can't be read or written.
#[track_caller]
pub fn assert_picture(actual: &Pixels<'_>, golden: impl AsRef<Path>, tolerance: Tolerance) {
    let golden = golden.as_ref();
    let name = golden.file_stem().unwrap_or_default().to_string_lossy();
    if std::env::var_os("VOLTRUM_GOLDEN").is_some_and(|word| word == "write") {
        write_picture(golden, actual.size, actual.rgba);
        return;
    }
    let (size, expected) = read_picture(golden);
    assert_eq!(actual.size, size, "{name}: another size than {}", golden.display());
    let found = compare(actual.rgba, &expected, tolerance);
    if found.is_within {
        return;
    }
    let folder = target_folder();
    let mut difference = vec![0; expected.len()];
    difference_into(actual.rgba, &expected, &mut difference);
    let picture = folder.join(format!("{name}.png"));
    let differs = folder.join(format!("{name}-difference.png"));
    write_picture(&picture, size, actual.rgba);
    write_picture(&differs, size, &difference);
    let (odd, pixels, worst) = (found.odd, found.pixels, found.worst);
    panic!("{name}: {odd} of {pixels} pixels differ, the worst by {worst}; see {}", differs.display());
}

/// Reads a PNG: its size, and four bytes a pixel.
///
/// # Panics
/// When it can't be read.
#[track_caller]
pub fn read_picture(path: &Path) -> ([u32; 2], Vec<u8>) {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let broken = |error: png::DecodingError| -> ! { panic!("{}: {error}", path.display()) };
    let mut reader = decoder.read_info().unwrap_or_else(|error| broken(error));
    let mut bytes = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let info = reader.next_frame(&mut bytes).unwrap_or_else(|error| broken(error));
    let read = &bytes[..info.buffer_size()];
    let rgba = match info.color_type {
        png::ColorType::Rgba => read.to_vec(),
        png::ColorType::GrayscaleAlpha => read.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
        png::ColorType::Grayscale => read.iter().flat_map(|&grey| [grey, grey, grey, u8::MAX]).collect(),
        _ => read.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], u8::MAX]).collect(),
    };
    ([info.width, info.height], rgba)
}

/// Writes a PNG of four bytes a pixel; folders on the way are made.
///
/// # Panics
/// When it can't be written.
#[track_caller]
pub fn write_picture(path: &Path, size: [u32; 2], rgba: &[u8]) {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = made.and_then(|()| std::fs::File::create(path)).map_err(png::EncodingError::from).and_then(|file| {
        let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), size[0], size[1]);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::High);
        encoder.write_header()?.write_image_data(rgba)
    });
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Where failed pictures go: `tmp` of the target folder that the test runs from, or the system's.
fn target_folder() -> PathBuf {
    let binary = std::env::current_exe().unwrap_or_default();
    let target = binary.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.map_or_else(std::env::temp_dir, |target| target.join("tmp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn another_picture_or_another_size_fails_and_the_same_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let golden = folder.path().join("a/assert-picture.png");
        let kept: Vec<u8> = (0..64).collect();
        write_picture(&golden, [4, 4], &kept);
        assert_eq!(read_picture(&golden), ([4, 4], kept.clone()));
        let failed = |size, rgba: &[u8]| {
            let (mut rgba, golden) = (rgba.to_vec(), golden.clone());
            let compared = catch_unwind(move || {
                assert_picture(&Pixels { size, rgba: &mut rgba }, golden, Tolerance::default());
            });
            compared.err().map(|words| *words.downcast::<String>().unwrap())
        };
        assert_eq!(failed([4, 4], &kept), None);
        let inverted: Vec<u8> = kept.iter().map(|part| 255 - part).collect();
        let words = failed([4, 4], &inverted).unwrap();
        assert!(words.contains("16 of 16 pixels differ") && words.contains("assert-picture-difference.png"), "{words}");
        assert!(failed([8, 2], &kept).unwrap().contains("another size"));
    }
}
