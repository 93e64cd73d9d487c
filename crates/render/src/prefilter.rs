//! Prefiltering of environments: what rough surfaces mirror, and what matt ones receive.
//!
//! Pure arithmetic over slices: the build script runs it on the built-in sky, the renderer on `.hdr` pictures. A
//! picture is equirectangular: its middle column looks along -Z, its upper edge up.

use std::f32::consts::PI;

/// Bytes of a filtered texel: four half floats.
pub(crate) const TEXEL_BYTES: usize = 8;

/// Where the point (`u`, `v`) of an equirectangular picture looks.
pub(crate) fn direction(u: f32, v: f32) -> [f32; 3] {
    let (sin_phi, cos_phi) = ((u - 0.5) * 2.0 * PI).sin_cos();
    let (sin_theta, cos_theta) = (v * PI).sin_cos();
    [sin_theta * sin_phi, cos_theta, -sin_theta * cos_phi]
}

/// Fills one level, `size` texels of half floats. `radiance` is asked for a direction and for the solid angle that
/// its answer should be the average of. `samples` counts directions per texel; roughness 0 takes one.
pub(crate) fn fill_level(
    size: [u32; 2],
    roughness: f32,
    samples: u32,
    radiance: impl Fn([f32; 3], f32) -> [f32; 3],
    texels: &mut [u8],
) {
    let [width, height] = size;
    let texel_angle = 4.0 * PI / (width as f32 * height as f32);
    for (index, texel) in texels.chunks_exact_mut(TEXEL_BYTES).enumerate() {
        let (x, y) = (index as u32 % width, index as u32 / width);
        let n = direction((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / height as f32);
        let [red, green, blue] =
            if roughness == 0.0 { radiance(n, texel_angle) } else { mirrored(n, roughness, samples, &radiance) };
        for (place, channel) in texel.chunks_exact_mut(2).zip([red, green, blue, 1.0]) {
            place.copy_from_slice(&half(channel).to_le_bytes());
        }
    }
}

/// The radiance that a surface facing the camera mirrors, by samples distributed as its microfacets are (Karis,
/// "Real Shading in Unreal Engine 4", 2013), each as wide as its share (Colbert and Křivánek, 2007).
fn mirrored(n: [f32; 3], roughness: f32, samples: u32, radiance: &impl Fn([f32; 3], f32) -> [f32; 3]) -> [f32; 3] {
    let alpha2 = roughness.powi(4);
    let (t, b) = frame(n);
    let mut sum = [0.0; 3];
    let mut weights = 0.0;
    for index in 0..samples {
        let (across, along) = ((index as f32 + 0.5) / samples as f32, radical_inverse(index));
        let cos_theta = ((1.0 - across) / (1.0 + (alpha2 - 1.0) * across)).sqrt();
        let sin_theta = (1.0 - cos_theta * cos_theta).max(0.0).sqrt();
        let (sin_phi, cos_phi) = (2.0 * PI * along).sin_cos();
        let h: [f32; 3] = std::array::from_fn(|axis| {
            t[axis] * sin_theta * cos_phi + b[axis] * sin_theta * sin_phi + n[axis] * cos_theta
        });
        let to_light: [f32; 3] = std::array::from_fn(|axis| 2.0 * cos_theta * h[axis] - n[axis]);
        let n_dot_l = 2.0 * cos_theta * cos_theta - 1.0;
        if n_dot_l <= 0.0 {
            continue;
        }
        let spread = cos_theta * cos_theta * (alpha2 - 1.0) + 1.0;
        let density = alpha2 / (PI * spread * spread) / 4.0;
        let seen = radiance(to_light, 1.0 / (samples as f32 * density.max(1e-6)));
        for (sum, seen) in sum.iter_mut().zip(seen) {
            *sum += seen * n_dot_l;
        }
        weights += n_dot_l;
    }
    sum.map(|channel| channel / weights.max(1e-6))
}

/// Irradiance over pi as nine coefficients of spherical harmonics (Ramamoorthi and Hanrahan, 2001), in the order and
/// with the factors that shaders/parts/environment.wgsl wants. `size` says how densely `radiance` is asked.
pub(crate) fn harmonics(size: [u32; 2], radiance: impl Fn([f32; 3], f32) -> [f32; 3]) -> [[f32; 4]; 9] {
    // The basis' factor squared, times the cosine lobe's share of each band.
    const FACTORS: [f32; 9] = [
        0.079_577_47,
        0.159_154_94,
        0.159_154_94,
        0.159_154_94,
        0.298_415_5,
        0.298_415_5,
        0.024_867_96,
        0.298_415_5,
        0.074_603_88,
    ];
    let [width, height] = size;
    let mut sums = [[0.0; 4]; 9];
    for y in 0..height {
        let v = (y as f32 + 0.5) / height as f32;
        let angle = 2.0 * PI / width as f32 * PI / height as f32 * (v * PI).sin();
        for x in 0..width {
            let n = direction((x as f32 + 0.5) / width as f32, v);
            let seen = radiance(n, angle);
            let [x, y, z] = n;
            let basis = [1.0, y, z, x, x * y, y * z, 3.0 * z * z - 1.0, x * z, x * x - y * y];
            for (sum, (basis, factor)) in sums.iter_mut().zip(basis.into_iter().zip(FACTORS)) {
                for (channel, seen) in sum.iter_mut().zip(seen) {
                    *channel += seen * basis * factor * angle;
                }
            }
        }
    }
    sums
}

/// A half float, rounded to the nearest, without infinities: the greatest stands in for what is beyond it.
pub(crate) fn half(value: f32) -> u16 {
    // NaN becomes 0; radiance is never negative.
    let value = if value > 0.0 { value.min(65504.0) } else { 0.0 };
    if value < 6.103_515_6e-5 {
        return (value * 16_777_216.0).round() as u16;
    }
    let bits = value.to_bits() + 0xFFF + ((value.to_bits() >> 13) & 1);
    ((bits >> 13) - (112 << 10)) as u16
}

/// Two directions at right angles to a unit vector and to each other (Duff et al., 2017).
fn frame([x, y, z]: [f32; 3]) -> ([f32; 3], [f32; 3]) {
    let sign = 1f32.copysign(z);
    let a = -1.0 / (sign + z);
    let c = x * y * a;
    ([1.0 + sign * x * x * a, sign * c, -sign * x], [c, sign + y * y * a, -y])
}

/// Van der Corput's sequence in base 2.
fn radical_inverse(index: u32) -> f32 {
    index.reverse_bits() as f32 * 2.328_306_4e-10
}
