//! Procedural textures of the sample, painted in sRGB and packed as PNG.
//!
//! # Invariants
//! 1. Every texture tiles in both directions, except the leaf, which stands alone.
//! 2. Colours are rounded to steps that the eye can't see but PNG's filters can: files stay small.

use std::f32::consts::TAU;
use std::io;

use super::vector::{Portable, Vec3, fractal, hash, noise, smoothstep, square, vec3};

/// Pixels, row by row from the top, 3 or 4 bytes each.
pub(super) struct Texture {
    pub(super) name: &'static str,
    width: usize,
    height: usize,
    channels: usize,
    /// Whether each repeat is the mirror image of the one before.
    pub(super) mirrored: bool,
    bytes: Vec<u8>,
}

/// A colour as designers write it: 0xRRGGBB, sRGB.
pub(super) fn hex(rgb: u32) -> Vec3 {
    let channel = |shift: u32| ((rgb >> shift) & 255) as f32 / 255.0;
    vec3(channel(16), channel(8), channel(0))
}

/// The linear value of an sRGB colour (IEC 61966-2-1), which glTF's factors ask for.
pub(super) fn linear(color: Vec3) -> [f32; 3] {
    color.array().map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).power(2.4) })
}

impl Texture {
    fn paint(name: &'static str, [width, height]: [usize; 2], color: impl Fn(f32, f32) -> Vec3) -> Texture {
        Texture::paint_with(name, [width, height], 3, 3, |u, v| (color(u, v), 1.0))
    }

    fn paint_with(
        name: &'static str,
        [width, height]: [usize; 2],
        channels: usize,
        step: u32,
        color: impl Fn(f32, f32) -> (Vec3, f32),
    ) -> Texture {
        let mut bytes = Vec::with_capacity(width * height * channels);
        for y in 0..height {
            for x in 0..width {
                let (rgb, alpha) = color((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / height as f32);
                let byte = |value: f32| {
                    let steps = (value.clamp(0.0, 1.0) * 255.0 / step as f32).round();
                    (steps * step as f32).min(255.0) as u8
                };
                bytes.extend_from_slice(&[byte(rgb.x), byte(rgb.y), byte(rgb.z)]);
                if channels == 4 {
                    bytes.push((alpha.clamp(0.0, 1.0) * 255.0).round() as u8);
                }
            }
        }
        Texture { name, width, height, channels, mirrored: false, bytes }
    }

    /// The PNG file.
    pub(super) fn png(&self) -> io::Result<Vec<u8>> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(if self.channels == 4 { png::ColorType::Rgba } else { png::ColorType::Rgb });
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.bytes)).map_err(io::Error::other)?;
        Ok(file)
    }
}

fn mix(a: Vec3, b: Vec3, t: f32) -> Vec3 {
    a.lerp(b, t.clamp(0.0, 1.0))
}

/// How far `x` is from the nearest whole number, 0..0.5.
fn from_line(x: f32) -> f32 {
    (x - x.round()).abs()
}

/// Four boards, their grain along u.
pub(super) fn planks() -> Texture {
    let (dark, light) = (hex(0x6A4024), hex(0xB98150));
    Texture::paint("planks", [512, 512], |u, v| {
        let board = (v * 4.0).floor();
        let id = board as i32;
        let (shift, across) = (hash(id, 3, 21), v * 4.0 - board);
        let along = (u + shift).rem_euclid(1.0);
        // rings cut lengthwise: distance from a wandering core, folded into bands
        let wander = fractal(along, v, [3, 4], 3, 40 + id as u32) - 0.5;
        let core = (across - 0.3 - 0.4 * hash(id, 9, 5)) * 5.0 + wander * 3.4;
        let bands = 0.5 + 0.5 * (core.abs() * 4.2).sine();
        let fibre = fractal(along, v, [6, 128], 2, 77);
        let pore = smoothstep(0.66, 0.8, noise(along * 24.0, v * 256.0, [24, 256], 91));
        let tone = 0.30 + 0.30 * bands + 0.42 * (fibre - 0.35) + 0.22 * (hash(id, 1, 8) - 0.5);
        let wood = mix(dark, light, tone) * (1.0 - 0.16 * pore);
        let seam = smoothstep(0.0, 0.035, from_line(v * 4.0));
        wood * (0.42 + 0.58 * seam)
    })
}

/// Four by four stone tiles in two warm tones, worn at the edges.
pub(super) fn tiles() -> Texture {
    let (cream, rose, grout) = (hex(0xD9CBB2), hex(0xC4A188), hex(0x877A6B));
    Texture::paint("tiles", [512, 512], |u, v| {
        let wobble = (fractal(u, v, [16, 16], 2, 5) - 0.5) * 0.03;
        let (x, y) = (u * 4.0 + wobble, v * 4.0 + wobble * 0.7);
        let (column, row) = ((x.floor() as i32).rem_euclid(4), (y.floor() as i32).rem_euclid(4));
        let base = if (column + row) % 2 == 0 { cream } else { rose };
        let own = hash(column, row, 31) - 0.5;
        let cloud = fractal(u, v, [5, 5], 4, 60 + (column + 4 * row) as u32) - 0.5;
        let speckle = smoothstep(0.74, 0.9, noise(u * 128.0, v * 128.0, [128, 128], 7));
        let stone = base * (1.0 + 0.16 * own + 0.26 * cloud - 0.05 * speckle);
        let edge = from_line(x).min(from_line(y));
        let worn = stone * (0.82 + 0.18 * smoothstep(0.02, 0.10, edge));
        mix(grout * (0.9 + 0.4 * cloud), worn, smoothstep(0.012, 0.030, edge))
    })
}

/// Pale limestone with slow clouds and a few veins.
pub(super) fn limestone() -> Texture {
    let (pale, warm, vein) = (hex(0xE6DECF), hex(0xCDBDA2), hex(0xA08C74));
    Texture::paint("limestone", [256, 256], |u, v| {
        let cloud = fractal(u, v, [3, 3], 4, 11);
        let bent = fractal(u, v, [4, 4], 3, 23);
        let line = (bent - 0.5).abs() * 9.0;
        let thin = (1.0 - smoothstep(0.0, 0.28, line)) * smoothstep(0.4, 0.7, fractal(u, v, [2, 2], 2, 3));
        let pit = smoothstep(0.78, 0.9, noise(u * 64.0, v * 64.0, [64, 64], 12));
        mix(mix(pale, warm, (cloud - 0.25) * 1.6), vein, 0.55 * thin + 0.22 * pit)
    })
}

/// Running bond of bricks, four courses of two.
pub(super) fn bricks() -> Texture {
    let (clay, pale, mortar) = (hex(0xA9583C), hex(0xC98A67), hex(0xC9BBA4));
    Texture::paint("bricks", [256, 256], |u, v| {
        let wobble = (fractal(u, v, [12, 12], 3, 51) - 0.5) * 0.06;
        let y = v * 8.0 + wobble;
        let course = y.floor() as i32;
        let x = u * 4.0 + wobble + if course.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
        let id = [(x.floor() as i32).rem_euclid(4), course.rem_euclid(8)];
        let own = hash(id[0], id[1], 71);
        let rough = fractal(u, v, [10, 10], 4, 90) - 0.5;
        let brick =
            mix(clay, pale, own * 0.8 + rough * 0.5) * (0.92 + 0.35 * rough + 0.12 * (hash(id[0], id[1], 4) - 0.5));
        let edge = (from_line(x) * 2.0).min(from_line(y));
        let shaded = brick * (0.80 + 0.20 * smoothstep(0.06, 0.16, edge));
        mix(mortar * (0.86 + 0.3 * rough), shaded, smoothstep(0.045, 0.085, edge))
    })
}

/// The amphora's coat: teal glaze, cream bands and a running key pattern; u around, v down.
pub(super) fn amphora() -> Texture {
    let (glaze, deep, cream, clay) = (hex(0x2C7A78), hex(0x174A50), hex(0xEADFC6), hex(0xB9633F));
    Texture::paint("amphora", [512, 512], |u, v| {
        let pooled = fractal(u, v, [4, 3], 4, 19);
        let mut color = mix(deep, glaze, 0.35 + 0.9 * pooled);
        let within = |from: f32, to: f32| v > from && v < to;
        if within(0.475, 0.605) {
            color = cream * (0.93 + 0.12 * pooled);
            // one turn of the key on a grid of 8 by 8: a squared spiral between two rails
            let cell = [(u * 12.0 * 8.0) as i32 % 8, ((v - 0.475) / 0.13 * 10.0) as i32];
            const KEY: [u8; 10] =
                [0, 0b1111_1111, 0b0000_0001, 0b0111_1101, 0b0100_0101, 0b0101_1101, 0b0100_0001, 0b1111_1111, 0, 0];
            if KEY[cell[1].clamp(0, 9) as usize] >> cell[0] & 1 == 1 {
                color = deep * 0.9;
            }
        }
        for (at, half, ink) in [
            (0.455, 0.007, clay),
            (0.475, 0.006, cream),
            (0.625, 0.007, clay),
            (0.605, 0.006, cream),
            (0.30, 0.005, cream),
            (0.325, 0.010, clay),
            (0.86, 0.006, cream),
        ] {
            if (v - at).abs() < half {
                color = ink * (0.95 + 0.1 * pooled);
            }
        }
        // petals that rise from the foot
        if v > 0.70 && v < 0.86 {
            let across = from_line(u * 18.0 + 0.5) * 2.0;
            let height = (0.86 - v) / 0.16;
            let petal = (1.0 - height).max(0.0).sqrt();
            if across > 1.0 - petal * 0.86 && across < 1.0 {
                color = mix(cream, clay, smoothstep(0.2, 0.9, height)) * (0.95 + 0.1 * pooled);
            }
        }
        // raw clay at the very foot, where glaze is wiped off
        mix(color, clay * (0.9 + 0.2 * pooled), smoothstep(0.925, 0.935, v))
    })
}

/// Porcelain with a fine blue rim and sprigs; u around, v down.
pub(super) fn porcelain() -> Texture {
    let (white, blue) = (hex(0xF3EFE6), hex(0x31508C));
    Texture::paint("porcelain", [512, 256], |u, v| {
        let mut ink: f32 = 0.0;
        for (at, half) in [(0.075, 0.012), (0.115, 0.004), (0.80, 0.005), (0.83, 0.010)] {
            ink = ink.max(1.0 - smoothstep(half, half + 0.008, (v - at).abs()));
        }
        // a garland: a waving stem with leaves to both sides
        let stem = 0.46 + 0.07 * (u * TAU * 6.0).sine();
        ink = ink.max(1.0 - smoothstep(0.006, 0.014, (v - stem).abs()));
        for sprig in 0..36 {
            let at = (sprig as f32 + 0.5) / 36.0;
            let side = if sprig % 2 == 0 { 1.0 } else { -1.0 };
            let root = 0.46 + 0.07 * (at * TAU * 6.0).sine();
            let (across, down) = ((u - at) * 2.0 * 3.2, v - (root + side * 0.062));
            let lean = across - side * down * 0.9;
            let leaf = square(lean / 0.042) + square(down / 0.055);
            ink = ink.max((1.0 - smoothstep(0.55, 1.0, leaf)) * 0.85);
        }
        mix(white, blue, ink * (0.75 + 0.3 * fractal(u, v, [8, 8], 2, 2)))
    })
}

/// A quarter of a woven round rug, its middle at u = v = 0; mirrored twice it is whole.
pub(super) fn rug() -> Texture {
    let (indigo, cream, brick, ochre) = (hex(0x2B3A5C), hex(0xE3D5B8), hex(0xA4452F), hex(0xCE9A45));
    let quarter = Texture::paint("rug", [384, 384], |x, y| {
        let knot = 0.94 + 0.12 * noise(x * 24.0, y * 24.0, [24, 24], 8);
        let thread = 0.96 + 0.04 * ((x * 48.0 * TAU).sine() * (y * 48.0 * TAU).sine()).signum();
        // around the rug, 16 repeats in all; and from its hem inwards
        let (u, v) = (x.angle_over(y) / TAU * 16.0, 1.0 - (x * x + y * y).sqrt());
        let saw = from_line(u * 2.0) * 2.0;
        let color = match v {
            v if v < 0.05 => cream,
            v if v < 0.10 => indigo,
            v if v < 0.24 => {
                if (v - 0.10) / 0.14 < saw {
                    brick
                } else {
                    cream
                }
            }
            v if v < 0.27 => ochre,
            v if v < 0.42 => {
                let diamond = (from_line(u * 2.0 + 0.5) * 2.0) + ((v - 0.345) / 0.075).abs();
                if diamond < 0.45 {
                    ochre
                } else if diamond < 0.85 {
                    cream
                } else {
                    indigo
                }
            }
            v if v < 0.45 => ochre,
            v if v < 0.60 => {
                if (0.60 - v) / 0.15 < saw {
                    brick
                } else {
                    indigo
                }
            }
            v if v < 0.63 => cream,
            _ => brick,
        };
        color * (knot * thread)
    });
    Texture { mirrored: true, ..quarter }
}

/// One leaf on nothing, stem below; alpha is its outline.
pub(super) fn leaf() -> Texture {
    let (young, old, rib) = (hex(0x86A94F), hex(0x3E6B33), hex(0xB9CC86));
    Texture::paint_with("leaf", [256, 256], 4, 3, |u, v| {
        let (across, along) = ((u - 0.5).abs() * 2.0, 1.0 - v);
        // the half width along the leaf: round at the base, drawn out at the tip
        let outline = 0.92 * (along * 1.02).max(0.0).power(0.55) * (1.0 - along).max(0.0).power(0.75) * 1.55;
        let serrated = outline * (0.96 + 0.04 * (along * 70.0).sine());
        let side = (from_line((along - across * 0.42) * 9.0) * 2.0 - 0.0).abs();
        let veins = (1.0 - smoothstep(0.02, 0.16, side)) * (1.0 - smoothstep(0.3, 0.8, across));
        let midrib = 1.0 - smoothstep(0.012, 0.035, across);
        let cloud = fractal(u, v, [4, 4], 3, 14);
        let tone = 0.25 + 0.5 * along + 0.5 * (cloud - 0.5) + 0.25 * smoothstep(0.6, 1.0, across / serrated.max(0.01));
        let green = mix(mix(old, young, tone), rib, 0.45 * veins + 0.75 * midrib);
        let stem = if along < 0.10 { 0.035 } else { 0.0 };
        let alpha = smoothstep(-0.012, 0.012, serrated.max(stem) - across);
        let alpha = if v < 0.004 || !(0.004..=0.996).contains(&u) { 0.0 } else { alpha };
        // nothing is painted where nothing is seen
        (if alpha > 0.0 { green } else { old }, alpha)
    })
}

/// A leather ball in eight gores.
pub(super) fn ball() -> Texture {
    let (cream, coral, teal, ochre) = (hex(0xEEE3CC), hex(0xC8553D), hex(0x2F7F7B), hex(0xD9A441));
    Texture::paint("ball", [256, 256], |u, v| {
        let gore = (u * 8.0) as i32 % 8;
        let base = if gore % 2 == 0 { cream } else { [coral, teal, coral, ochre][gore as usize / 2] };
        let worn = 0.90 + 0.2 * fractal(u, v, [8, 8], 3, 33);
        let seam = smoothstep(0.01, 0.045, from_line(u * 8.0));
        let cap = smoothstep(0.055, 0.065, v.min(1.0 - v));
        mix(teal, base * (0.55 + 0.45 * seam), cap) * worn
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_linear_where_the_standard_says() {
        let [grey, ..] = linear(hex(0x80_80_80));
        assert!((grey - 0.2159).abs() < 1e-4, "{grey}");
        assert_eq!(linear(Vec3::ONE), [1.0; 3]);
    }

    #[test]
    fn a_texture_is_a_png_of_its_size() {
        let texture = leaf();
        let file = texture.png().unwrap();
        let reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        assert_eq!(reader.info().size(), (256, 256));
        assert_eq!(reader.info().color_type, png::ColorType::Rgba);
    }

    #[test]
    fn the_leaf_is_cut_out() {
        let texture = leaf();
        let alpha = |x: usize, y: usize| texture.bytes[(y * texture.width + x) * 4 + 3];
        assert_eq!((alpha(128, 128), alpha(2, 128), alpha(253, 20)), (255, 0, 0));
    }
}
