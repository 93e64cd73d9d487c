// From radiance to what a screen shows, still linear.

// Khronos PBR Neutral (Khronos ToneMapping repository, 2024).
fn neutral(radiance: vec3<f32>) -> vec3<f32> {
    let start = 0.8 - 0.04;
    let x = min(radiance.r, min(radiance.g, radiance.b));
    let offset = select(0.04, x - 6.25 * x * x, x < 0.08);
    let color = radiance - offset;
    let peak = max(color.r, max(color.g, color.b));
    if peak < start {
        return color;
    }
    let d = 1.0 - start;
    let lowered = 1.0 - d * d / (peak + d - start);
    let g = 1.0 - 1.0 / (0.15 * (peak - lowered) + 1.0);
    return mix(color * (lowered / peak), vec3<f32>(lowered), g);
}

// Stephen Hill's fit of the ACES reference and output transforms (BakingLab, 2016).
fn aces(radiance: vec3<f32>) -> vec3<f32> {
    let to_fit = mat3x3<f32>(
        vec3<f32>(0.59719, 0.07600, 0.02840),
        vec3<f32>(0.35458, 0.90834, 0.13383),
        vec3<f32>(0.04823, 0.01566, 0.83777),
    );
    let from_fit = mat3x3<f32>(
        vec3<f32>(1.60475, -0.10208, -0.00327),
        vec3<f32>(-0.53108, 1.10813, -0.07276),
        vec3<f32>(-0.07367, -0.00605, 1.07602),
    );
    let v = to_fit * (radiance / 0.6);
    let fitted = (v * (v + 0.0245786) - 0.000090537) / (v * (0.983729 * v + 0.4329510) + 0.238081);
    return clamp(from_fit * fitted, vec3<f32>(0.0), vec3<f32>(1.0));
}

// AgX with Benjamin Wrensch's polynomial for its curve (2023), without a look.
fn agx(radiance: vec3<f32>) -> vec3<f32> {
    let inset = mat3x3<f32>(
        vec3<f32>(0.842479062253094, 0.0423282422610123, 0.0423756549057051),
        vec3<f32>(0.0784335999999992, 0.878468636469772, 0.0784336),
        vec3<f32>(0.0792237451477643, 0.0791661274605434, 0.879142973793104),
    );
    let outset = mat3x3<f32>(
        vec3<f32>(1.19687900512017, -0.0528968517574562, -0.0529716355144438),
        vec3<f32>(-0.0980208811401368, 1.15190312990417, -0.0980434501171241),
        vec3<f32>(-0.0990297440797205, -0.0989611768448433, 1.15107367264116),
    );
    let low = -12.47393;
    let high = 4.026069;
    let logs = log2(max(inset * radiance, vec3<f32>(1e-10)));
    let x = clamp((logs - low) / (high - low), vec3<f32>(0.0), vec3<f32>(1.0));
    let x2 = x * x;
    let x4 = x2 * x2;
    let curve = 15.5 * x4 * x2 - 40.14 * x4 * x + 31.96 * x4 - 6.868 * x2 * x + 0.4298 * x2 + 0.1191 * x - 0.00232;
    let shown = clamp(outset * curve, vec3<f32>(0.0), vec3<f32>(1.0));
    // The curve gives display values; the target encodes by itself.
    return pow(shown, vec3<f32>(2.2));
}

fn tone_map(radiance: vec3<f32>) -> vec3<f32> {
    let exposed = max(radiance * view.camera_position.w, vec3<f32>(0.0));
    switch u32(view.ambient.w) {
        case 1u: { return neutral(exposed); }
        case 2u: { return aces(exposed); }
        case 3u: { return agx(exposed); }
        default: { return exposed; }
    }
}
