//! Turntables: pictures around the scene, at one height.

use crate::cli::RenderArgs;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use voltrum::render::Camera;
use voltrum::render::glam::{Mat4, Vec3};
use voltrum::scene::Bounds;

/// The camera of one of `count` pictures: `first` moved around the vertical line through `middle`, counter-clockwise as seen
/// from above.
pub(super) fn turned(first: &Camera, middle: Vec3, index: u32, count: u32) -> Camera {
    let turn = Mat4::from_rotation_y(index as f32 / count.max(1) as f32 * std::f32::consts::TAU);
    let around = Mat4::from_translation(middle) * turn * Mat4::from_translation(-middle);
    Camera { view: first.view * around.inverse(), position: around.transform_point3(first.position), ..*first }
}

/// A box that holds another one however that is turned around the vertical line through its middle.
pub(super) fn turned_bounds(bounds: &Bounds) -> Bounds {
    let (middle, half) = (bounds.center(), (bounds.max - bounds.min) * 0.5);
    let radius = half.x.hypot(half.z);
    let half = Vec3::new(radius, half.y, radius);
    Bounds { min: middle - half, max: middle + half }
}

/// Where a picture goes, counted from 1. `%d` and `%04d` in the path become its number; without them, the number stands
/// before the ending.
pub(super) fn path(args: &RenderArgs, index: u32) -> PathBuf {
    match args.turntable {
        None => args.output.clone(),
        Some(_) => numbered(&args.output, index + 1),
    }
}

fn numbered(output: &Path, number: u32) -> PathBuf {
    let name = output.file_name().unwrap_or_default();
    let mut named = OsString::new();
    if let Some((before, width, after)) = split_pattern(name) {
        named.push(before);
        named.push(format!("{number:0width$}"));
        named.push(after);
    } else {
        named.push(output.file_stem().unwrap_or_default());
        named.push(format!("-{number:04}."));
        named.push(output.extension().unwrap_or(OsStr::new("png")));
    }
    output.with_file_name(named)
}

/// What stands before and after `%d` or `%0Nd`, and N.
fn split_pattern(name: &OsStr) -> Option<(&OsStr, usize, &OsStr)> {
    let bytes = name.as_encoded_bytes();
    let at = bytes.iter().position(|byte| *byte == b'%')?;
    let digits = bytes.get(at + 1..)?;
    let digits = digits.get(..digits.iter().position(|byte| *byte == b'd')?)?;
    let width = match str::from_utf8(digits).ok()? {
        "" => 0,
        digits => digits.parse().ok().filter(|width| *width <= 9)?,
    };
    let (before, after) = split(name, at, at + digits.len() + 2)?;
    Some((before, width, after))
}

/// What stands before one place of a name and from another on.
#[cfg(unix)]
fn split(name: &OsStr, end: usize, start: usize) -> Option<(&OsStr, &OsStr)> {
    use std::os::unix::ffi::OsStrExt;
    let bytes = name.as_bytes();
    Some((OsStr::from_bytes(bytes.get(..end)?), OsStr::from_bytes(bytes.get(start..)?)))
}

/// As there, where only text can be taken apart.
#[cfg(not(unix))]
fn split(name: &OsStr, end: usize, start: usize) -> Option<(&OsStr, &OsStr)> {
    let text = name.to_str()?;
    Some((OsStr::new(text.get(..end)?), OsStr::new(text.get(start..)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_where_the_pattern_says_or_before_the_ending() {
        for (output, expected) in [
            ("frames/%04d.png", "frames/0007.png"),
            ("a/turn-%d-b.png", "a/turn-7-b.png"),
            ("a/lamp.png", "a/lamp-0007.png"),
            ("lamp", "lamp-0007.png"),
            ("100%.png", "100%-0007.png"),
            ("a.b.png", "a.b-0007.png"),
            ("é%03dü.png", "é007ü.png"),
            ("%12d.png", "%12d-0007.png"),
        ] {
            assert_eq!(numbered(Path::new(output), 7), Path::new(expected), "{output}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_what_they_are() {
        use std::os::unix::ffi::OsStrExt;
        for (output, expected) in [
            (&b"a/\xff-%02d\xfe.png"[..], &b"a/\xff-07\xfe.png"[..]),
            (b"\xff.\xfe", b"\xff-0007.\xfe"),
            (b"%\xffd", b"%\xffd-0007.png"),
        ] {
            let [output, expected] = [output, expected].map(|name| Path::new(OsStr::from_bytes(name)));
            assert_eq!(numbered(output, 7), expected);
        }
    }

    #[test]
    fn a_quarter_turn_goes_from_the_front_to_the_right_at_the_same_height() {
        let middle = Vec3::new(1.0, 2.0, 3.0);
        let eye = middle + Vec3::new(0.0, 1.5, 4.0);
        let first = crate::camera::placed_camera(eye, middle, 1.0);
        let quarter = turned(&first, middle, 1, 4);
        assert!(quarter.position.abs_diff_eq(middle + Vec3::new(4.0, 1.5, 0.0), 1e-4), "{}", quarter.position);
        assert!(quarter.view.transform_point3(quarter.position).length() < 1e-4);
        let seen = |camera: &Camera| camera.view.transform_point3(middle);
        assert!(seen(&quarter).abs_diff_eq(seen(&first), 1e-4));
        assert!(turned(&first, middle, 4, 4).position.abs_diff_eq(eye, 1e-4));
    }
}
