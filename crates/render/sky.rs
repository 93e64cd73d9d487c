//! The built-in environment: a studio of our own making. A pale sky over a darker floor, one large soft light, one
//! small rim light and a strip, so that shiny things have something to mirror.

/// Texels of the sharpest level.
pub(crate) const SIZE: [u32; 2] = [128, 64];
/// Levels, from a mirror to roughness 1.
pub(crate) const LEVELS: u32 = 5;

/// Radiance from a direction.
pub(crate) fn radiance([x, y, z]: [f32; 3]) -> [f32; 3] {
    let sky = mix([0.62, 0.64, 0.66], [0.78, 0.84, 0.94], smooth(0.0, 1.0, y));
    let floor = mix([0.36, 0.345, 0.33], [0.2, 0.19, 0.18], smooth(0.0, 0.8, -y));
    let mut seen = mix(floor, sky, smooth(-0.06, 0.06, y));
    let mut add = |center: [f32; 3], inner: f32, outer: f32, color: [f32; 3]| {
        let length = center.iter().map(|part| part * part).sum::<f32>().sqrt();
        let along = (x * center[0] + y * center[1] + z * center[2]) / length;
        let share = smooth(outer.cos(), inner.cos(), along);
        for (seen, color) in seen.iter_mut().zip(color) {
            *seen += color * share;
        }
    };
    add([0.55, 0.75, 0.65], 0.28, 0.42, [3.4, 3.3, 3.1]);
    add([-0.9, 0.45, 0.2], 0.12, 0.26, [2.0, 2.15, 2.4]);
    add([-0.1, 0.35, -1.0], 0.2, 0.5, [0.9, 0.9, 1.0]);
    seen
}

fn smooth(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn mix(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|channel| a[channel] + (b[channel] - a[channel]) * share)
}
